"""Two classes by tanh: with labels -1 and 1 and a loss to match it draws the line of the sigmoid, weights half as long.

    python examples/tanh_classifier.py --picture tanh_classifier.png

The answer of tanh runs from -1 to 1, so the labels are t = 2 y - 1, and (1 + a) / 2 is what can be read as the
probability of t = 1. The cross entropy of that probability p and of y = (1 + t) / 2 is the loss:

    J = -1/m sum [ (1 + t)/2 ln (1 + a)/2 + (1 - t)/2 ln (1 - a)/2 ].

With the derivative of tanh, da/dz = 1 - a^2 = (1 + a)(1 - a), its slope is simple again:

    dJ/dz = -1/m [ (1 + t)/2 (1 - a) - (1 - t)/2 (1 + a) ] = (a - t) / m.

Since tanh(z) = 2 sigmoid(2 z) - 1, tanh with the weights W is the sigmoid with 2 W. Descent keeps them so: the slope
a - t is twice that of the sigmoid, a - y, and the weights are to change by half as much; so its rate is a quarter.
(Data and question: microsoft/ai-edu, chapter 6, "tanh as a classifier".)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, INK, ORANGE, VERMILLION, new_figure, save, tidy


def two_classes():
    """200 points (200, 2) and their labels 0 or 1, (200, 1)."""
    found = samples("ch06")
    if found:
        return found
    X, Y = data.blobs(200, centers=2, noise=0.8)
    return X.astype(np.float64) / 4, Y.astype(np.float64).reshape(-1, 1)


def tanh_cross_entropy(a, t):
    """The loss of answers and labels between -1 and 1."""
    return -((1 + t) / 2 * ((1 + a) / 2).log() + (1 - t) / 2 * ((1 - a) / 2).log()).mean()


def learn(X, labels, activation, loss, rate, steps):
    """A neuron that begins at zero; yields it after each of the numbers of steps, with its loss."""
    neuron = nn.Linear(2, 1).double()
    nn.init.zeros_(neuron.weight)
    nn.init.zeros_(neuron.bias)
    optimizer = optim.SGD(neuron.parameters(), lr=rate)
    for step in range(max(steps) + 1):
        J = loss(activation(neuron(X)), labels)
        if step in steps:
            yield neuron, J.item()
        optimizer.zero_grad()
        J.backward()
        optimizer.step()


def draw(X, Y, sigmoid, tanh, path):
    """Both curves, and both lines."""
    figure = new_figure(9, 3.8)
    curves, plane = figure.subplots(1, 2)
    z = pc.linspace(-4, 4, 200)
    curves.plot(z.numpy(), z.tanh().numpy(), color=BLUE, label="tanh(z)")
    curves.plot(z.numpy(), z.sigmoid().numpy(), "--", color=VERMILLION, label="sigmoid(z)")
    curves.plot(z.numpy()[::8], (2 * (2 * z).sigmoid() - 1).numpy()[::8], ".", color=INK, label="2 sigmoid(2z) - 1")
    curves.set(xlabel="$z$", ylabel="answer $a$")
    for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
        plane.scatter(*X[Y[:, 0] == label].T, s=14, color=color, marker=marker, edgecolors=INK, linewidths=0.4)
    x = np.array([X[:, 0].min(), X[:, 0].max()])
    looks = ((sigmoid, VERMILLION, "--", 3.5, "sigmoid"), (tanh, INK, "-", 1.2, "tanh"))
    for neuron, color, line, width, name in looks:
        (w1, w2), b = neuron.weight[0].tolist(), neuron.bias.item()
        plane.plot(x, -(w1 * x + b) / w2, line, color=color, linewidth=width, label=name)
    plane.set(xlabel="$x_1$", ylabel="$x_2$", ylim=(X[:, 1].min() - 0.1, X[:, 1].max() + 0.1))
    for axes in (curves, plane):
        tidy(axes)
        axes.legend(frameon=True, fontsize=8, loc="lower right")
    save(figure, path)


def main():
    arguments = options(__doc__)
    X, Y = two_classes()
    x, y = pc.from_numpy(X), pc.from_numpy(Y)
    steps = (1, 10, 100, 1000) if arguments.fast else (1, 10, 100, 1000, 5000)
    by_sigmoid = learn(x, y, pc.sigmoid, F.binary_cross_entropy, 1.0, steps)
    by_tanh = learn(x, 2 * y - 1, pc.tanh, tanh_cross_entropy, 0.25, steps)
    print(" steps    loss           w1        w2         b  by sigmoid")
    print("          loss           w1        w2         b  by tanh, right")
    for step, (one, of_sigmoid), (two, of_tanh) in zip(steps, by_sigmoid, by_tanh, strict=True):
        for first, neuron, loss, last in ((step, one, of_sigmoid, ""), ("", two, of_tanh, right(two(x), Y))):
            w1, w2, b = *neuron.weight[0].tolist(), neuron.bias.item()
            print(f"{first:6}  {loss:.6f}  {w1:9.5f} {w2:9.5f} {b:9.5f}  {last}")
    if arguments.picture:
        draw(X, Y, one, two, arguments.picture)


def right(z, Y):
    """How many points lie on the right side of the line."""
    return f"{int(((z.detach().numpy() > 0) == Y).sum())} of {len(Y)}"


if __name__ == "__main__":
    main()
