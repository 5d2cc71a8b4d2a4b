"""Several features: without scaling, descent flies off or crawls; with it, it arrives in a hundred steps.

    python examples/multiple_regression.py --picture multiple_regression.png

The price of a flat from its distance to the centre (2 to 22 km) and its area (40 to 120 square metres). Areas are large
numbers, so the loss is steep along their weight, and flat along the bias: a bowl stretched some thousand times. Any
rate that the steep side bears is far too small for the flat side. Scaled to mean 0 and standard deviation 1,

    x' = (x - mean x) / s_x,    y' = (y - mean y) / s_y,

all features have a bowl of like width. The weights that are learned then belong to x' and y'. In the units of the
data they are

    w = w' s_y / s_x,    b = mean y + s_y b' - sum of w mean x,

and a new flat is asked about with the means and deviations of the training data. Both give the price that the normal
equations (X^T X) W = X^T Y give. (Data: microsoft/ai-edu, chapter 5.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

FLAT = np.array([[15.0, 93.0]])  # km from the centre, square metres: what does it cost?


def flats():
    """Distance and area, (1000, 2), and price in ten thousand yuan, (1000, 1); or flats of the same law."""
    found = samples("ch05")
    if found:
        return found
    random = np.random.default_rng(0)
    X = np.stack([random.uniform(2, 22, 1000), random.integers(40, 120, 1000)], axis=1)
    return X, X @ [[-2.0], [5.0]] + 46 + 28 * random.standard_normal((1000, 1))


def learn(X, Y, rate, steps):
    """Weights (1, 2), bias and all losses of full-batch descent from zero; ends early if the loss grows beyond all."""
    neuron = nn.Linear(2, 1).double()
    nn.init.zeros_(neuron.weight)
    nn.init.zeros_(neuron.bias)
    optimizer = optim.SGD(neuron.parameters(), lr=rate)
    losses = []
    while len(losses) < steps and (not losses or losses[-1] < 1e12):
        J = F.mse_loss(neuron(pc.from_numpy(X)), pc.from_numpy(Y))
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        losses.append(J.item())
    return neuron.weight.detach().numpy(), neuron.bias.item(), losses


def stretch(X):
    """How many times as steep the loss is in its steepest direction as in its flattest."""
    with_ones = np.hstack([X, np.ones((len(X), 1))])
    return np.linalg.cond(with_ones.T @ with_ones)


def draw(X, Y, curves, path):
    """The variables in pairs, and how the loss comes down to the lowest one."""
    figure = new_figure(8, 6.4)
    (a, b), (c, fall) = figure.subplots(2, 2)
    km, area, price = "distance (km)", "area (m²)", "price (10,000 yuan)"
    pairs = ((a, X[:, 0], Y, km, price), (b, X[:, 1], Y, area, price), (c, X[:, 0], X[:, 1], km, area))
    for axes, across, up, xlabel, ylabel in pairs:
        axes.scatter(across, up, s=4, color=BLUE, alpha=0.5)
        axes.set(xlabel=xlabel, ylabel=ylabel)
    for (name, losses), color, line in zip(curves.items(), (VERMILLION, BLUE, GREEN), (":", "--", "-"), strict=True):
        fall.plot(np.arange(1, len(losses) + 1), losses, line, color=color, label=name)
    fall.set(xlabel="step", ylabel="loss above the lowest possible", yscale="log", xscale="log", ylim=(1e-6, 1e9))
    for axes in figure.axes:
        tidy(axes)
    fall.legend(frameon=False, fontsize=8, loc="upper right")
    save(figure, path)


def main():
    arguments = options(__doc__)
    X, Y = flats()
    with_ones = np.hstack([X, np.ones((len(X), 1))])
    exact = np.linalg.solve(with_ones.T @ with_ones, with_ones.T @ Y).flatten()
    lowest = ((with_ones @ exact - Y[:, 0]) ** 2).mean()

    of_x, of_y = data.StandardScaler().fit(X), data.StandardScaler().fit(Y)
    print(f"the bowl is stretched {stretch(X):.0f} times; scaled, {stretch(of_x.transform(X)):.2f} times")
    curves = {}
    for name, rate in (("as it is, rate 0.001", 0.001), ("as it is, rate 0.0001", 0.0001)):
        *_, losses = learn(X, Y, rate, 500 if arguments.fast else 3000)
        curves[name] = np.array(losses) - lowest
        print(f"{name:22} loss {losses[-1]:.4g} after {len(losses)} steps (lowest possible: {lowest:.4g})")

    w, b, losses = learn(of_x.transform(X), of_y.transform(Y), 0.1, 100)
    s_y = of_y.scale_[0]
    curves["scaled, rate 0.1"] = np.array(losses) * s_y**2 - lowest
    print(f"{'scaled, rate 0.1':22} loss {losses[-1] * s_y**2:.4g} after {len(losses)} steps")

    w_back = w[0] * s_y / of_x.scale_
    b_back = of_y.mean_[0] + s_y * b - w_back @ of_x.mean_
    answer = of_y.inverse_transform(of_x.transform(FLAT) @ w.T + b).item()
    print("                       w of distance  w of area        b  price of a flat 15 km out, 93 m²")
    for name, (*w, b), price in (
        ("normal equations", exact, FLAT[0] @ exact[:2] + exact[2]),
        ("learned, scaled back", (*w_back, b_back), answer),
    ):
        print(f"{name:22} {w[0]:13.4f}  {w[1]:9.4f}  {b:7.3f}  {price:.3f}")
    if arguments.picture:
        draw(X, Y, curves, arguments.picture)


if __name__ == "__main__":
    main()
