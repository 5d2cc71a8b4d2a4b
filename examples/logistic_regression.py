"""Logistic regression: one sigmoid neuron divides two classes by a line, and says how sure it is.

    python examples/logistic_regression.py --picture logistic_regression.png

The answer a = sigmoid(w x + b) is read as the probability that x belongs to class 1; on the line w x + b = 0 it is one
half. The loss is the cross entropy, which is minus the mean logarithm of the probability that the neuron gave to what
was true:

    J = -1/m sum [ y ln a + (1 - y) ln(1 - a) ],    with the slope dJ/dw = 1/m sum (a - y) x.

Two sets of points. The cities of two camps do not overlap: any line between them will do, and the weights grow without
end, since longer ones make the neuron surer. The second set is made by chance from known weights: there is a best
answer, close to them, and "0.8" means that eight of ten such points belong to class 1. (Cox, "The regression analysis
of binary sequences", 1958. Cities: microsoft/ai-edu, chapter 6.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

LAW = (2.0, -1.0, 0.5)  # w1, w2, b of the second set
ASKED = pc.tensor([[0.58, 0.92], [0.62, 0.55], [0.39, 0.29]])  # which camp holds these cities?


def cities():
    """200 places, float32 (200, 2), and their camps 0 or 1, (200, 1); or points of the same kind."""
    found = samples("ch06")
    if found:
        return tuple(array.astype(np.float32) for array in found)
    X = np.random.default_rng(0).random((400, 2), dtype=np.float32)
    z = X @ np.array([[-1.0], [1.0]], np.float32)
    X, z = X[abs(z[:, 0]) > 0.05], z[abs(z[:, 0]) > 0.05]
    return X[:200], (z[:200] < 0).astype(np.float32)


def by_chance(count, seed):
    """Points (count, 2), each of class 1 with the probability sigmoid(2 x1 - x2 + 0.5)."""
    random = np.random.default_rng(seed)
    X = random.standard_normal((count, 2))
    p = 1 / (1 + np.exp(-(X @ LAW[:2] + LAW[2])))
    return X.astype(np.float32), (random.random(count) < p).astype(np.float32).reshape(-1, 1)


def learn(X, Y, rate, steps):
    """A neuron that went down the slope of the cross entropy, over all samples at once."""
    pc.manual_seed(0)
    neuron = nn.Linear(2, 1)
    optimizer = optim.SGD(neuron.parameters(), lr=rate)
    x, y = pc.from_numpy(X), pc.from_numpy(Y)
    for _ in range(steps):
        J = F.binary_cross_entropy_with_logits(neuron(x), y)  # the sigmoid is inside
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return neuron


def probability(neuron, X):
    """What the neuron answers, as an array of the shape of X without its last axis."""
    return neuron(pc.from_numpy(X)).sigmoid()[..., 0].detach().numpy()


def draw(sets, path):
    """Points, and the probability of class 1 beneath them; the line is where it is one half."""
    figure = new_figure(9.4, 4)
    for axes, (title, (X, Y, neuron)) in zip(figure.subplots(1, 2), sets.items(), strict=True):
        edges = [np.linspace(low, high, 100) for low, high in zip(X.min(0) - 0.1, X.max(0) + 0.1, strict=True)]
        grid = np.stack(np.meshgrid(*edges), axis=-1).astype(np.float32)
        p = probability(neuron, grid)
        tints = axes.contourf(*grid.transpose(2, 0, 1), p, levels=np.linspace(0, 1, 11), cmap="Greys", alpha=0.6)
        axes.contour(*grid.transpose(2, 0, 1), p, levels=[0.5], colors=INK)
        for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
            axes.scatter(*X[Y[:, 0] == label].T, s=14, color=color, marker=marker, edgecolors=INK, linewidths=0.4)
        axes.set(title=title, xlabel="$x_1$", ylabel="$x_2$")
        tidy(axes)
        axes.grid(visible=False)
    figure.colorbar(tints, ax=figure.axes, label="probability of class 1 (orange)")
    save(figure, path)


def main():
    arguments = options(__doc__)
    X, Y = cities()
    for steps in (500, 2000) if arguments.fast else (500, 5000):
        neuron = learn(X, Y, 2.0, steps)
        right = ((probability(neuron, X) > 0.5) == Y[:, 0]).sum()
        w, b = neuron.weight[0].tolist(), neuron.bias.item()
        print(f"cities, {steps:4} steps: w {w[0]:.2f} {w[1]:.2f}  b {b:.2f}  {right} of {len(X)} right")
    for place, p in zip(ASKED.tolist(), neuron(ASKED).sigmoid().flatten().tolist(), strict=True):
        print(f"the city at {place[0]:.2f}, {place[1]:.2f} belongs to camp 1 with probability {p:.4f}")

    points, labels = by_chance(5000, seed=0)
    best = learn(points, labels, 1.0, 500)
    print("by chance          w1       w2        b")
    print("true law   ", *(f"{number:8.4f}" for number in LAW))
    print("learned    ", *(f"{number:8.4f}" for number in (*best.weight[0].tolist(), best.bias.item())))
    news, true = by_chance(20000, seed=1)
    p = probability(best, news)
    for low in (0.15, 0.45, 0.75):
        chosen = (p >= low) & (p < low + 0.1)
        share = f"{true[chosen].mean():.3f} of them are"
        print(f"{chosen.sum():4} new points of probability {p[chosen].mean():.3f}: {share} of class 1")
    if arguments.picture:
        draw(
            {"cities of two camps": (X, Y, neuron), "by chance": (points[:300], labels[:300], best)}, arguments.picture
        )


if __name__ == "__main__":
    main()
