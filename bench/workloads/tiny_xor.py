"""The smallest network that is worth training: XOR, 2-8-1 with sigmoids.

There is hardly any arithmetic in it: what is measured is all that a step costs besides.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload, linear_weights, mlp_flops

LR = 0.5


def network(nn):
    """The same words in Pellucid and PyTorch."""
    return nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())


class TinyXor(Workload):
    """2-8-1, squared error, batch 4, gradient descent."""

    name = "tiny_xor"
    goal = 8.0
    title = "2-8-1 with sigmoids, squared error, batch 4, SGD with learning rate 0.5, one call a step"
    kinds = ("train", "repeat")
    flops = mlp_flops(4, [2, 8, 1])

    def weights(self, random):
        return linear_weights(random, "0", 2, 8) | linear_weights(random, "2", 8, 1)

    def batches(self, random):
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        y = np.array([[0], [1], [1], [0]], np.float32)
        return [(x, y)]

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR)
        return steps.pellucid_session(lambda x, y: F.mse_loss(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR, **steps.torch_fused(setting))
        return steps.torch_session(lambda x, y: F.mse_loss(model(x), y), optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import sgd

        def loss_of(w, x, y):
            hidden = jax.nn.sigmoid(x @ w["0.weight"] + w["0.bias"])
            z = jax.nn.sigmoid(hidden @ w["2.weight"] + w["2.bias"])
            return jnp.mean((z - y) ** 2)

        return steps.jax_session(loss_of, sgd(LR), steps.jax_weights(weights, ("0.weight", "2.weight")))

    def keras(self, weights, setting):
        import keras

        layers = [keras.Input((2,)), *[keras.layers.Dense(size, activation="sigmoid") for size in (8, 1)]]
        model = steps.keras_model(layers, weights, ("0", "2"))
        return steps.keras_session(model, "mean_squared_error", keras.optimizers.SGD(LR))
