"""Two moons, the classic picture of a curved boundary: 2-64-64-2."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from itertools import pairwise

import numpy as np

from bench import steps
from bench.workload import Workload, linear_weights, mlp_flops, noisy_labels

LR = 1e-3
EPSILON = 1e-9  # Keras' epsilon stands for PyTorch's 1e-8 sqrt(1 - 0.999^t), which is this at about the 10th step
BATCH = 64
SIZES = [2, 64, 64, 2]
LAYERS = ("0", "2", "4")


def network(nn):
    """The same words in Pellucid and PyTorch."""
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


class Moons(Workload):
    """2-64-64-2, cross entropy, batch 64, Adam."""

    name = "moons"
    goal = 3.0
    title = "2-64-64-2 with relu, cross entropy, batch 64, Adam"
    kinds = ("train", "repeat")
    flops = mlp_flops(BATCH, SIZES)

    def weights(self, random):
        parts = [linear_weights(random, name, *sizes) for name, sizes in zip(LAYERS, pairwise(SIZES), strict=True)]
        return parts[0] | parts[1] | parts[2]

    def batches(self, random):
        sets = [moons(random) for _ in range(4)]
        return [(x, noisy_labels(random, y, 2)) for _ in range(4) for x, y in sets]

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR)
        return steps.pellucid_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR, **steps.torch_fused(setting))
        return steps.torch_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import adam

        def loss_of(w, x, y):
            for name in ("0", "2"):
                x = jax.nn.relu(x @ w[f"{name}.weight"] + w[f"{name}.bias"])
            log_p = jax.nn.log_softmax(x @ w["4.weight"] + w["4.bias"])
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1))

        return steps.jax_session(loss_of, adam(LR), steps.jax_weights(weights, [f"{n}.weight" for n in LAYERS]))

    def keras(self, weights, setting):
        import keras

        hidden = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
        model = steps.keras_model([keras.Input((2,)), *hidden, keras.layers.Dense(2)], weights, LAYERS)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return steps.keras_session(model, loss, keras.optimizers.Adam(LR, epsilon=EPSILON))


def moons(random):
    """Points (64, 2) on two half circles that reach into each other, and which of the two each is on."""
    y = random.integers(0, 2, BATCH)
    angle = random.uniform(0, np.pi, BATCH)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    x = np.where(y[:, None] == 0, upper, [1.0, 0.5] - upper) + random.normal(0, 0.2, (BATCH, 2))
    return x.astype(np.float32), y
