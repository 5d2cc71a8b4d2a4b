"""A line through points: two formulas and three kinds of gradient descent come to the same one.

    python examples/linear_regression.py --picture linear_regression.png

The line z = w x + b has the mean squared error J = 1/m sum (z - y)^2. Where both derivatives of J are 0:

    w = sum (x - mean x) y / sum (x - mean x)^2,    b = mean y - w mean x        (least squares: Legendre 1805, Gauss)

The same for any number of features, with a column of ones for b: the normal equations (X^T X) W = X^T Y.
Gradient descent needs no formula for the answer, only the slope of J, taken over one sample, over a few (a mini-batch),
or over all. One sample's slope is a rough guess: its way is restless, and ends near the lowest point, not in it, unless
the steps become smaller. The way of all samples is smooth, and each step of it reads all data.
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, GREEN, INK, SKY, VERMILLION, new_figure, save, tidy

KINDS = {"one sample": (1, 0.02, 20), "mini-batch": (10, 0.1, 60), "full batch": (100, 0.5, 300)}  # size, rate, epochs


def points():
    """Temperatures y of 100 server rooms with x thousand machines; or points of the same law."""
    x, y = samples("ch04") or data.line(100, slope=2.0, intercept=3.0, noise=0.2)
    return x.astype(np.float32), y.astype(np.float32)


def least_squares(x, y):
    """w and b by the formula."""
    away = x - x.mean()
    w = (away * y).sum() / (away**2).sum()
    return w, y.mean() - w * x.mean()


def normal_equations(x, y):
    """w and b as the solution of (X^T X) W = X^T Y."""
    X = np.hstack([x, np.ones_like(x)])
    return np.linalg.solve(X.T @ X, X.T @ y).flatten()


def descend(x, y, size, rate, epochs):
    """All (w, b) on the way down, with the slope taken over `size` samples at a time."""
    neuron = nn.Linear(1, 1)
    nn.init.zeros_(neuron.weight)
    nn.init.zeros_(neuron.bias)
    optimizer = optim.SGD(neuron.parameters(), lr=rate)
    batches = data.DataLoader((x, y), size, shuffle=True, seed=0)
    way = [(0.0, 0.0)]
    for _ in range(epochs):
        for X, Y in batches:
            J = F.mse_loss(neuron(pc.from_numpy(X)), pc.from_numpy(Y))
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
            way.append((neuron.weight.item(), neuron.bias.item()))
    return way


def draw(x, y, ways, best, path):
    """The line, and the three ways down in the plane of w and b."""
    figure = new_figure(9.6, 4.2)
    line, plane = figure.subplots(1, 2)
    line.scatter(x, y, s=14, color=SKY, edgecolors=BLUE, linewidths=0.5)
    ends = np.array([x.min(), x.max()])
    line.plot(ends, best[0] * ends + best[1], color=INK)
    line.set(title=f"$z = {best[0]:.3f} x + {best[1]:.3f}$", xlabel="$x$", ylabel="$y$")
    w, b = np.meshgrid(np.linspace(1.2, 2.4, 90), np.linspace(2.5, 4.2, 90))
    J = ((w * x[:, :, np.newaxis] + b - y[:, :, np.newaxis]) ** 2).mean(axis=0)
    plane.contour(w, b, J, levels=J.min() + np.geomspace(0.001, 3, 14), colors="#999999", linewidths=0.6)
    for (name, way), color in zip(ways.items(), (VERMILLION, GREEN, BLUE), strict=True):
        plane.plot(*np.transpose(way), color=color, linewidth=1.2, label=name)
    plane.plot(*best, "*", color=INK, markersize=11, label="least squares", linestyle="none")
    plane.set(title="lines of equal loss, and three ways from (0, 0)", xlabel="$w$", ylabel="$b$")
    plane.set(xlim=(1.2, 2.4), ylim=(2.5, 4.2))
    for axes in figure.axes:
        tidy(axes)
    plane.legend(frameon=True, loc="upper right", fontsize=8)
    save(figure, path)


def main():
    arguments = options(__doc__)
    x, y = points()
    best = least_squares(x, y)
    library = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y, rcond=None)[0].flatten()
    print("                          w       b")
    found = {"numpy.linalg.lstsq": library, "least squares": best, "normal equations": normal_equations(x, y)}
    for name, (w, b) in found.items():
        print(f"{name:20} {w:7.4f} {b:7.4f}")
    ways = {}
    for name, (size, rate, epochs) in KINDS.items():
        way = ways[name] = descend(x, y, size, rate, epochs // 2 if arguments.fast and size < 100 else epochs)
        (w, b), late = way[-1], np.array(way[len(way) // 2 :])
        spread = np.linalg.norm(late - library, axis=1).mean()
        print(f"{name:20} {w:7.4f} {b:7.4f}   {len(way) - 1:4} steps, in their second half {spread:.4f} from lstsq")
    if arguments.picture:
        draw(x, y, ways, best, arguments.picture)


if __name__ == "__main__":
    main()
