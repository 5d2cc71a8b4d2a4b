"""Batch normalisation: the same network learns in fewer steps with it.

    python examples/batch_norm.py --picture batch_norm.png

Eight layers of 32 units read the digits that come with the package. In small steps both networks learn alike. In large
ones the plain network loses its way, for each layer has to follow what all layers below it have become meanwhile; with
batch norm the values of each unit keep mean 0 and standard deviation 1 over the batch (before a weight and a bias of
its own), and large steps are the fast ones. Each network may have the learning rate that is best for it.
(Ioffe and Szegedy, "Batch normalization: accelerating deep network training", 2015.)
"""

import argparse

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, GREEN, SKY, VERMILLION, new_figure, save, tidy

RATES = (0.01, 0.03, 0.1, 0.3)
SEEDS = 3
STEPS = 300
MEAN_OF = 10  # steps, for a point of a curve


def make_model(normalized):
    """64 pixels, eight layers of 32 units with or without batch norm, 10 scores."""
    parts = [nn.Flatten()]
    for number in range(8):
        linear = nn.Linear(32 if number else 64, 32)
        nn.init.kaiming_normal_(
            linear.weight, nonlinearity="relu"
        )  # without it the plain network would not learn at all
        parts += [linear, nn.BatchNorm1d(32), nn.ReLU()] if normalized else [linear, nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(32, 10))


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


def draw(curves, path):
    """Without batch norm to the left, with it to the right; means over a few steps."""
    figure = new_figure(8.4, 3.6)
    for axes, normalized in zip(figure.subplots(1, 2, sharey=True), (False, True), strict=True):
        for rate, color, line in zip(RATES, (SKY, GREEN, BLUE, VERMILLION), (":", "-.", "--", "-"), strict=True):
            means = curves[normalized, rate].reshape(-1, MEAN_OF).mean(axis=1)
            axes.plot(np.arange(1, len(means) + 1) * MEAN_OF, means, line, color=color, label=f"rate {rate}")
        axes.set_title("with batch norm" if normalized else "without")
        axes.set_xlabel("step")
        tidy(axes)
        axes.set_ylim(0, 3)
        axes.legend(frameon=False, loc="upper right", ncols=2)
    figure.axes[0].set_ylabel("training loss")
    save(figure, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw the losses into a PNG file")
    arguments = parser.parse_args()

    curves = {}
    for normalized in (False, True):
        for rate in RATES:
            losses = curves[normalized, rate] = np.mean(
                [train(normalized, rate, seed) for seed in range(SEEDS)], axis=0
            )
            name = "batch norm" if normalized else "without"
            print(f"{name:10}  rate {rate:<4}  loss {losses[-30:].mean():.2f} in the last 30 of {STEPS} steps")
    if arguments.picture:
        draw(curves, arguments.picture)


if __name__ == "__main__":
    main()
