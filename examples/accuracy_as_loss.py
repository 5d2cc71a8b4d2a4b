"""Accuracy cannot be descended: it is a staircase, flat wherever one stands. Cross entropy is a slope.

    python examples/accuracy_as_loss.py --picture accuracy_as_loss.png

One weight w moves, z = w x1 + x2, and a point is called class 1 where z > 0. While w moves, the accuracy changes only
when the line z = 0 passes a point, at w = -x2 / x1: between two such places its slope is 0, at them it has none. The
cross entropy of p = sigmoid(z) changes with every step of w, and says in which direction things get better:

    dJ/dw = mean of (p - y) x1

So descent on accuracy stays where it begins, and descent on cross entropy arrives where the accuracy is high too.
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, optim
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

BEGIN = -1.6
LOW, HIGH = -3.0, 5.0

points, labels = data.blobs(60, [[-1.0, -0.5], [1.0, 0.5]], noise=0.9)
X, Y = pc.tensor(points), pc.tensor(labels).float()


def cross_entropy(w):
    """The smooth one."""
    return F.binary_cross_entropy_with_logits(w * X[:, 0] + X[:, 1], Y)


def error_rate(w):
    """1 - accuracy: the part of the points that is wrong."""
    called_1 = w * X[:, 0] + X[:, 1] > 0
    return (called_1.float() - Y).abs().mean()


def slope(J, w, h=1e-4):
    """The slope of J at w, by two values near it."""
    return (J(w + h).item() - J(w - h).item()) / (2 * h)


def descend(J, steps=200, lr=0.3):
    """Where w arrives; the slope is measured, for of a comparison there is no gradient to ask for."""
    w = pc.tensor(BEGIN, requires_grad=True)
    optimizer = optim.SGD([w], lr=lr)
    for _ in range(steps):
        w.grad = pc.tensor(slope(J, w.item()))
        optimizer.step()
    return w.item()


def draw(places, errors, losses, ends, path):
    """The staircase above, the smooth loss below, with where each descent began and ended."""
    figure = new_figure(6.4, 4.8)
    rows = figure.subplots(2, 1, sharex=True)
    names = ("part of points wrong", "cross entropy")
    for axes, heights, name, color, end in zip(rows, (errors, losses), names, (VERMILLION, BLUE), ends, strict=True):
        axes.plot(places, heights, color=color, drawstyle="steps-mid" if color == VERMILLION else "default")
        for w, marker, said in ((BEGIN, "o", "begin"), (end, "D", "after 200 steps of descent")):
            height = np.interp(w, places, heights)
            axes.plot(
                w, height, marker, color=INK, markerfacecolor="none", markersize=11 - 4 * (marker == "D"), label=said
            )
        axes.set_ylabel(name)
        axes.legend(frameon=False)
        tidy(axes)
    rows[1].set_xlabel("weight $w$")
    save(figure, path)


def main():
    arguments = options(__doc__)
    places = np.linspace(LOW, HIGH, 1001 if arguments.fast else 8001)
    errors = np.array([error_rate(w).item() for w in places])
    losses = np.array([cross_entropy(w).item() for w in places])
    flat = np.mean([slope(error_rate, w) == 0 for w in places[::10]])
    sloped = np.mean([slope(cross_entropy, w) != 0 for w in places[::10]])
    stairs = -points[:, 1] / points[:, 0]

    print(
        f"accuracy: {np.count_nonzero(np.diff(errors))} stairs seen, "
        f"{((stairs > LOW) & (stairs < HIGH)).sum()} places w = -x2 / x1"
    )
    print(f"slope is 0 at {flat:.1%} of places for accuracy, at {1 - sloped:.1%} for cross entropy")
    w = pc.tensor(BEGIN, requires_grad=True)
    cross_entropy(w).backward()
    p = 1 / (1 + np.exp(-(BEGIN * points[:, 0] + points[:, 1])))
    print(
        f"dJ/dw at {BEGIN:g}: backward {w.grad.item():.6f}, "
        f"mean of (p - y) x1 {np.mean((p - labels) * points[:, 0]):.6f}"
    )
    print(f"has accuracy a gradient? {error_rate(w).requires_grad}")
    ends = [descend(error_rate), descend(cross_entropy)]
    for name, end in zip(("accuracy", "cross entropy"), ends, strict=True):
        print(f"descent on {name:13}  from {BEGIN:g} to {end:.3f}   accuracy {1 - error_rate(end).item():.1%}")
    print(
        f"the best accuracy of all places is {1 - errors.min():.1%}; "
        f"cross entropy is least at {places[losses.argmin()]:.2f}"
    )
    if arguments.picture:
        draw(places, errors, losses, ends, arguments.picture)


if __name__ == "__main__":
    main()
