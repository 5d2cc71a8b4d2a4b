"""LeNet-5 on pictures of 28 x 28 points: the first convolutional network of most courses."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from bench import steps
from bench.workload import Workload, linear_weights
from bench.workloads.mnist_mlp import labelled_pictures

LR = 0.05
MOMENTUM = 0.9
BATCH = 256
# Multiplications for one picture, layer by layer.
FORWARD = {"0": 28 * 28 * 6 * 25, "3": 10 * 10 * 16 * 150, "7": 400 * 120, "9": 120 * 84, "11": 84 * 10}
TURNED = ("7.weight", "9.weight", "11.weight")  # the linear layers, whose weights JAX reads turned


class Lenet(Workload):
    """Two convolutions with max pooling, three linear layers, cross entropy, batch 256, SGD with momentum."""

    name = "lenet"
    goal = 5.0
    title = "LeNet-5 (6 and 16 channels, relu, max pooling), cross entropy, batch 256, SGD with momentum"
    flops = 2.0 * BATCH * (3 * sum(FORWARD.values()) - FORWARD["0"])  # the pictures need no gradient

    def weights(self, random):
        return lenet_weights(random)

    def batches(self, random):
        return [(x.reshape(BATCH, 1, 28, 28), y) for x, y in labelled_pictures(random, BATCH)]

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
        return steps.pellucid_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_images(steps.torch_module(network(nn), weights), setting)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, **steps.torch_fused(setting))
        return steps.torch_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import sgd

        def loss_of(w, x, y):
            log_p = jax.nn.log_softmax(jax_scores(w, x))
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1))

        return steps.jax_session(loss_of, sgd(LR, MOMENTUM), steps.jax_weights(weights, TURNED))

    def keras(self, weights, setting):
        import keras

        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return steps.keras_session(keras_network(weights), loss, keras.optimizers.SGD(LR, MOMENTUM))


def network(nn):
    """The same words in Pellucid and PyTorch."""
    convolutions = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
    linear = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*convolutions, nn.MaxPool2d(2), nn.Flatten(), *linear)


def lenet_weights(random):
    """The first weights, as PyTorch draws them."""
    weights = {}
    for name, outputs, inputs in (("0", 6, 1), ("3", 16, 6)):
        weights |= linear_weights(random, name, inputs * 25, outputs)
        weights[f"{name}.weight"] = weights[f"{name}.weight"].reshape(outputs, inputs, 5, 5)
    for name, inputs, outputs in (("7", 400, 120), ("9", 120, 84), ("11", 84, 10)):
        weights |= linear_weights(random, name, inputs, outputs)
    return weights


def jax_scores(w, x):
    """The network in JAX: pictures (N, 1, 28, 28) -> scores (N, 10)."""
    import jax

    from bench.jax_images import convolved, max_pooled

    for name, padding in (("0", 2), ("3", 0)):
        y = convolved(x, w[f"{name}.weight"], padding=padding) + w[f"{name}.bias"][:, None, None]
        x = max_pooled(jax.nn.relu(y))
    x = x.reshape(len(x), -1)
    for name in ("7", "9"):
        x = jax.nn.relu(x @ w[f"{name}.weight"] + w[f"{name}.bias"])
    return x @ w["11.weight"] + w["11.bias"]


def keras_network(weights):
    """The network in Keras. Its own layout of images has channels last; these come with channels first."""
    import keras
    from keras import layers

    first = "channels_first"
    parts = [
        keras.Input((1, 28, 28)),
        layers.Conv2D(6, 5, padding="same", activation="relu", data_format=first),
        layers.MaxPooling2D(2, data_format=first),
        layers.Conv2D(16, 5, activation="relu", data_format=first),
        layers.MaxPooling2D(2, data_format=first),
        layers.Reshape((400,)),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10),
    ]
    return steps.keras_model(parts, weights, FORWARD)
