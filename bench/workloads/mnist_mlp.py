"""The first network of most courses: 784-512-10 on pictures of 28 x 28 points."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload, linear_weights, mlp_flops, noisy_labels

LR = 1e-3
BATCH = 128
SIZES = [784, 512, 10]
LAYERS = ("0", "2")


def network(nn):
    """The same words in Pellucid and PyTorch."""
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))


class MnistMlp(Workload):
    """784-512-10, cross entropy, batch 128, RMSprop."""

    name = "mnist_mlp"
    goal = 1.6
    title = "784-512-10 with relu, cross entropy, batch 128, RMSprop"
    flops = mlp_flops(BATCH, SIZES)

    def weights(self, random):
        return mlp_weights(random)

    def batches(self, random):
        return labelled_pictures(random, BATCH)

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.RMSprop(model.parameters(), lr=LR)
        return steps.pellucid_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn), weights)
        # There is no fused RMSprop: `foreach` handles all parameters in one call for each operation.
        optimizer = optim.RMSprop(model.parameters(), lr=LR, foreach=setting != "torch")
        return steps.torch_session(
            lambda x, y: F.cross_entropy(model(x), y), optimizer, setting, compile_optimizer=True
        )

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import rmsprop

        def loss_of(w, x, y):
            hidden = jax.nn.relu(x @ w["0.weight"] + w["0.bias"])
            log_p = jax.nn.log_softmax(hidden @ w["2.weight"] + w["2.bias"])
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1))

        return steps.jax_session(loss_of, rmsprop(LR), steps.jax_weights(weights, ("0.weight", "2.weight")))

    def keras(self, weights, setting):
        import keras

        layers = [keras.Input((784,)), keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10)]
        model = steps.keras_model(layers, weights, LAYERS)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return steps.keras_session(model, loss, pytorch_rmsprop(keras))


def pytorch_rmsprop(keras):
    """Keras adds epsilon to the mean square, PyTorch to its root, and the losses show it: so the latter for Keras."""

    class RMSprop(keras.optimizers.RMSprop):
        def update_step(self, gradient, variable, learning_rate):
            s = self._velocities[self._get_variable_index(variable)]
            self.assign(s, self.rho * s + (1 - self.rho) * gradient * gradient)
            self.assign_sub(variable, learning_rate * gradient / (keras.ops.sqrt(s) + self.epsilon))

    return RMSprop(LR, rho=0.99, epsilon=1e-8)


def mlp_weights(random):
    """The first weights of 784-512-10."""
    return linear_weights(random, "0", 784, 512) | linear_weights(random, "2", 512, 10)


def pictures(random, count):
    """(count, 784) numbers between 0 and 1, four fifths of them 0: about as much ink as a written digit has."""
    return (random.random((count, 784)) * (random.random((count, 784)) < 0.2)).astype(np.float32)


def labelled_pictures(random, batch):
    """Four sets of pictures, each like the typical one of its label, four times with other noise in the labels."""
    typical = pictures(random, 10)
    sets = []
    for _ in range(4):
        y = random.integers(0, 10, batch)
        sets.append((np.where(random.random((batch, 784)) < 0.7, typical[y], pictures(random, batch)), y))
    return [(x, noisy_labels(random, y, 10)) for _ in range(4) for x, y in sets]
