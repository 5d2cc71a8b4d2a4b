"""The bowls of two losses; softmax of scores of 1000 without NaN; and why a loss is a mean.

    python examples/losses.py --picture losses.png

What is minimised is the empirical risk, the mean of the loss of each sample over the set:

    mean squared error, for numbers     z = w x + b                      J = 1/n sum (z - y)^2
    binary cross entropy, for classes   p = 1 / (1 + exp(-(w x + b)))    J = -1/n sum (y log p + (1 - y) log(1 - p))
    cross entropy, for many classes     p = softmax(Z)                   J = -1/n sum log p_y

Over w and b the first two are bowls: from anywhere, downhill leads to the one lowest place. The last one has the slope
p - y with regard to the scores, and exp(1000) is no number any more: so softmax takes the largest score off first,
which changes nothing, for it stands above and below the line. (Vapnik, "Principles of risk minimization", 1991;
Bridle, 1990; Bishop, 2006, section 4.3.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, optim
from pellucid.view.canvas import INK, VERMILLION, new_figure, save, tidy


def linear_data():
    """Numbers x and y = 2 x + 1 + noise: each (n,)."""
    points, y = data.line(n=100, slope=2.0, intercept=1.0, noise=0.5)
    return pc.tensor(points).reshape(-1), pc.tensor(y).reshape(-1)


def class_data():
    """Numbers x, of class 0 around -1 and of class 1 around 1: both (n,)."""
    points, labels = data.blobs(100, [[-1.0], [1.0]], noise=1.0)
    return pc.tensor(points).reshape(-1), pc.tensor(labels).float()


LOSSES = {  # name: (loss, data)
    "mean squared error": (F.mse_loss, linear_data()),
    "binary cross entropy": (F.binary_cross_entropy_with_logits, class_data()),
}


def descend(loss, x, y, begin, steps, lr=0.8):
    """The way of (w, b) downhill."""
    w, b = [pc.tensor(number, requires_grad=True) for number in begin]
    optimizer = optim.SGD([w, b], lr=lr)
    way = []
    for _ in range(steps):
        way.append((w.item(), b.item()))
        J = loss(w * x + b, y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return np.array([*way, (w.item(), b.item())])


def draw(ways, path):
    """Lines of equal loss over w and b, and the ways from two beginnings."""
    figure = new_figure(9, 4)
    w, b = np.meshgrid(np.linspace(-3, 7, 60), np.linspace(-4, 6, 60))
    for axes, (name, (loss, (x, y))) in zip(figure.subplots(1, 2), LOSSES.items(), strict=True):
        heights = [loss(wi * x + bi, y).item() for wi, bi in zip(w.flat, b.flat, strict=True)]
        heights = np.array(heights).reshape(w.shape)
        lines = axes.contour(w, b, heights, np.geomspace(heights.min() * 1.01, heights.max(), 12), cmap="Blues_r")
        axes.clabel(lines, fontsize=7, fmt="%.2g", colors=INK)
        for way, mark in zip(ways[name], "os", strict=True):
            axes.plot(*way.T, mark + "-", color=VERMILLION, markersize=2.5, linewidth=1, clip_on=True)
            axes.plot(*way[0], mark, color=INK, markerfacecolor="white", markersize=8)
        axes.set(title=name, xlabel="$w$", ylabel="$b$")
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    ways = {}
    for name, (loss, (x, y)) in LOSSES.items():
        ways[name] = [
            descend(loss, x, y, begin, 500 if arguments.fast else 1000) for begin in ((-2.0, 4.0), (6.0, -3.0))
        ]
        ends = ", ".join(f"({w:.3f}, {b:.3f})" for w, b in [way[-1] for way in ways[name]])
        print(f"{name}: (w, b) from both sides arrives at {ends}")
    x, y = LOSSES["mean squared error"][1]
    w, b = np.polyfit(x.numpy().astype(float), y.numpy().astype(float), 1)
    print(f"closed form of the first: ({w:.3f}, {b:.3f})")

    Z = pc.tensor([[1000.0, 999.0, 0.0], [-1000.0, 0.0, 1000.0]], requires_grad=True)
    labels = pc.tensor([0, 1])
    J = F.cross_entropy(Z, labels, reduction="sum")
    J.backward()
    wanted = F.softmax(Z.detach(), dim=1) - F.one_hot(labels, 3).float()
    print(
        f"scores of 1000: cross entropy {J.item():.4f}; by hand log(1 + 1/e) + 1000 = {np.log1p(np.exp(-1)) + 1000:.4f}"
    )
    print(
        f"its slope - (p - y): {(Z.grad - wanted).abs().max().item():.0e} at most; NaN? {Z.grad.isnan().any().item()}"
    )
    with np.errstate(all="ignore"):
        plain = np.exp(Z.detach().numpy()) / np.exp(Z.detach().numpy()).sum(axis=1, keepdims=True)
    print(f"exp without taking off the largest: {plain[0].tolist()}")

    x, y = LOSSES["binary cross entropy"][1]
    each = F.binary_cross_entropy_with_logits(x, y, reduction="none")
    means = [each[i : i + 25].mean().item() for i in range(0, 100, 25)]
    print(f"risk: mean of 100 losses {each.mean().item():.6f}; mean of the means of four quarters {np.mean(means):.6f}")
    if arguments.picture:
        draw(ways, arguments.picture)


if __name__ == "__main__":
    main()
