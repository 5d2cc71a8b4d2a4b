"""Batch normalisation: the same network learns in fewer steps with it.

    python examples/batch_norm.py --picture batch_norm.png

Eight layers of 32 units read the digits that come with the package. Without batch norm each layer has to follow
whatever the layers below it have become; with it every unit's values keep mean 0 and standard deviation 1 over the batch
(before a weight and a bias of its own), so that steps may be large and gradients neither vanish nor explode. Which
learning rate is best differs between the two, so each may choose: the best of three, over three seeds.
(Ioffe and Szegedy, "Batch normalization: accelerating deep network training", 2015.)
"""

import argparse

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

RATES = (0.03, 0.1, 0.3)
SEEDS = 3
STEPS = 300


def make_model(normalized, layers=8, units=32):
    """64 pixels, eight layers of sigmoids with or without batch norm, 10 scores."""
    parts = []
    for number in range(layers):
        parts += [nn.Linear(units if number else 64, units), *([nn.BatchNorm1d(units)] if normalized else []), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *parts, nn.Linear(units, 10))


def train(normalized, lr, seed):
    """The loss of each step."""
    pc.manual_seed(seed)
    model = make_model(normalized)
    optimizer = optim.SGD(model.parameters(), lr=lr)

    @pc.compile
    def step(x, y):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    batches = data.DataLoader(data.digits(), 64, shuffle=True, drop_last=True, seed=seed)
    losses = []
    while len(losses) < STEPS:
        losses += [step(pc.from_numpy(x), pc.from_numpy(y)).item() for x, y in batches]
    return losses[:STEPS]
