"""Polynomial regression is linear regression on the powers of x: least squares and descent find the same curve.

    python examples/polynomial.py --picture polynomial.png

The curve z = b + w1 x + w2 x^2 + ... + wd x^d bends, yet in its weights it is straight: the powers are features like
any others. So the formula of least squares holds, and descent has a bowl with one lowest place. The powers are much
alike, which makes the bowl long and narrow; x counted from the middle and columns scaled to mean 0 and deviation 1
make it rounder, though not round: the higher the degree, the more steps.

The points lie around a whole wave, y = sin(2 pi x) with noise. A line and a parabola cannot follow it; degree 3 bends
twice, degree 5 comes close to the noise. (Gergonne, "Application de la méthode des moindres quarrés à l'interpolation
des suites", 1815. Data and question: microsoft/ai-edu, chapters 8 and 9.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, new_figure, save, tidy

DEGREES = {1: (ORANGE, ":"), 2: (PURPLE, "-."), 3: (GREEN, "--"), 5: (VERMILLION, "-")}


def wave():
    """x (500, 1) from 0 to 1 and y (500, 1)."""
    found = samples("ch08.train")
    if found:
        return found
    random = np.random.default_rng(0)
    x = random.random((500, 1))
    return x, np.sin(2 * np.pi * x) + 0.05 * random.standard_normal((500, 1))


def powers(x, degree):
    """Columns t, t^2, ..., t^degree of t = 2 x - 1, which runs from -1 to 1."""
    return (2 * x - 1) ** np.arange(1, degree + 1)


def least_squares(x, y, degree):
    """The curve by numpy.linalg.lstsq on the powers and a column of ones."""

    def columns(x):
        return np.hstack([np.ones_like(x), powers(x, degree)])

    W = np.linalg.lstsq(columns(x), y, rcond=None)[0]
    return lambda x: columns(x) @ W


def descend(x, y, degree, steps):
    """The curve by gradient descent with momentum, over all points at once."""
    scaler = data.StandardScaler().fit(powers(x, degree))
    neuron = nn.Linear(degree, 1).double()
    optimizer = optim.SGD(neuron.parameters(), lr=0.1, momentum=0.95)
    X, Y = pc.from_numpy(scaler.transform(powers(x, degree))), pc.from_numpy(y)
    for _ in range(steps):
        J = F.mse_loss(neuron(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return lambda x: neuron(pc.from_numpy(scaler.transform(powers(x, degree)))).detach().numpy()


def draw(x, y, curves, path):
    """Points and the curve of each degree."""
    figure = new_figure(6.4, 4.2)
    axes = figure.add_subplot()
    axes.scatter(x, y, s=8, color=SKY)
    places = np.linspace(0, 1, 200).reshape(-1, 1)
    for (degree, curve), (color, line) in zip(curves.items(), DEGREES.values(), strict=True):
        axes.plot(places, curve(places), line, color=color, linewidth=2, label=f"degree {degree}")
    axes.plot(places, np.sin(2 * np.pi * places), color=INK, linewidth=0.8, label=r"$\sin 2\pi x$")
    axes.set(xlabel="$x$", ylabel="$y$")
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    x, y = wave()
    places = np.linspace(0, 1, 200).reshape(-1, 1)
    curves = {}
    print("        mean squared error           largest distance, from 0 to 1, to the curve of")
    print("degree  least squares  descent       polyfit: least squares  descent")
    for degree in DEGREES:
        exact, trained = least_squares(x, y, degree), descend(x, y, degree, 500 if arguments.fast else 3000)
        library = np.polyval(np.polyfit(x[:, 0], y[:, 0], degree), places)
        errors = [((curve(x) - y) ** 2).mean() for curve in (exact, trained)]
        away = [abs(curve(places) - library).max() for curve in (exact, trained)]
        print(f"{degree:6}  {errors[0]:13.6f}  {errors[1]:.6f}  {away[0]:22.1e}  {away[1]:12.1e}")
        curves[degree] = trained
    if arguments.picture:
        draw(x, y, curves, arguments.picture)


if __name__ == "__main__":
    main()
