"""LeNet-5 on pictures of 28 x 28 points: the first convolutional network of most courses."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload, linear_weights, noisy_labels
from bench.workloads.mnist_mlp import pictures

LR = 0.05
MOMENTUM = 0.9
BATCH = 256
# Multiplications for one picture, layer by layer.
FORWARD = {"0": 28 * 28 * 6 * 25, "3": 10 * 10 * 16 * 150, "7": 400 * 120, "9": 120 * 84, "11": 84 * 10}


class Lenet(Workload):
    """Two convolutions with max pooling, three linear layers, cross entropy, batch 256, SGD with momentum."""

    name = "lenet"
    goal = 5.0
    title = "LeNet-5 (6 and 16 channels, relu, max pooling), cross entropy, batch 256, SGD with momentum"
    flops = 2.0 * BATCH * (3 * sum(FORWARD.values()) - FORWARD["0"])  # the pictures need no gradient
    left_out = {"keras": "its images and kernels have another layout"}  # noqa: RUF012

    def weights(self, random):
        return lenet_weights(random)

    def batches(self, random):
        typical = pictures(random, 10)
        sets = []
        for _ in range(4):
            y = random.integers(0, 10, BATCH)
            x = np.where(random.random((BATCH, 784)) < 0.7, typical[y], pictures(random, BATCH))
            sets.append((x.reshape(BATCH, 1, 28, 28), y))
        return [(x, noisy_labels(random, y, 10)) for _ in range(4) for x, y in sets]

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
        return steps.pellucid_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, **steps.torch_fused(setting))
        return steps.torch_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import sgd

        def convolved(x, w, bias, padding):
            y = jax.lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2)
            y = jax.nn.relu(y + bias[:, None, None])
            return jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

        def loss_of(w, x, y):
            x = convolved(x, w["0.weight"], w["0.bias"], 2)
            x = convolved(x, w["3.weight"], w["3.bias"], 0).reshape(len(x), -1)
            for name in ("7", "9"):
                x = jax.nn.relu(x @ w[f"{name}.weight"] + w[f"{name}.bias"])
            log_p = jax.nn.log_softmax(x @ w["11.weight"] + w["11.bias"])
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1))

        turned = ("7.weight", "9.weight", "11.weight")
        return steps.jax_session(loss_of, sgd(LR, MOMENTUM), steps.jax_weights(weights, turned))


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
