"""How large the first weights are decides whether a signal dies, bursts or keeps its size on its way through a network.

    python examples/initialisation.py --picture initialisation.png

Ten layers of n = 256 units, A = f(A_before W^T), without biases. A sum of n products of independent numbers has the
mean square n s^2 times that of the numbers, where s is the standard deviation of the weights, whose mean is 0. So:

    s = 0.01              n s^2 = 0.026     each layer makes the signal smaller: it dies
    s = 1                 n s^2 = 256       each layer makes it larger: it bursts, or sticks to the ends of tanh
    Xavier, s = sqrt(1/n) n s^2 = 1         keeps its size where f is nearly a straight line, as tanh is around 0
    He, s = sqrt(2/n)     n s^2 = 2         for ReLU, which takes away half of the mean square

With ReLU the size (root of the mean square) after l layers is sqrt(n s^2 / 2)^l times that of the input. With tanh the
mean square q becomes E[tanh(sqrt(n s^2 q) u)^2], u normal (Poole et al., 2016). Both stand below what is measured.
(Glorot and Bengio, 2010, where n is the mean of fan-in and fan-out; He et al., 2015.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid import nn, view
from pellucid.view.canvas import BLUE, new_figure, save, tidy

UNITS, LAYERS = 256, 10
SCHEMES = {
    "0.01": lambda weight: nn.init.normal_(weight, std=0.01),
    "1": lambda weight: nn.init.normal_(weight, std=1.0),
    "Xavier": nn.init.xavier_normal_,
    "He": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
}
VARIANCES = {"0.01": 1e-4, "1": 1.0, "Xavier": 1 / UNITS, "He": 2 / UNITS}
SHOWN = (1, 4, 7, 10)  # layers in the picture


def signals(fill, activation, rows):
    """What each of the ten layers puts out for normal numbers: a list of arrays (rows, UNITS)."""
    pc.manual_seed(0)
    parts = []
    for _ in range(LAYERS):
        linear = nn.Linear(UNITS, UNITS, bias=False)
        fill(linear.weight)
        parts += [linear, activation()]
    found = view.activations(nn.Sequential(*parts), pc.randn(rows, UNITS))
    return list(found.values())[1::2]  # every second module is an activation


def expected(activation, variance):
    """The size after each layer, by the formulas above."""
    u = np.random.default_rng(0).standard_normal(100_000)
    f = np.tanh if activation is nn.Tanh else lambda z: np.maximum(z, 0)
    q, sizes = 1.0, []
    for _ in range(LAYERS):
        q = np.mean(f(np.sqrt(UNITS * variance * q) * u) ** 2)
        sizes.append(np.sqrt(q))
    return sizes


def draw(found, path):
    """A row of histograms for each scheme and activation: four of the ten layers."""
    figure = new_figure(8.5, 9)
    rows = figure.subplots(len(found), len(SHOWN))
    for axes, layer in zip(rows[0], SHOWN, strict=True):
        axes.set_title(f"layer {layer}")
    for panels, ((activation, scheme), arrays) in zip(rows, found.items(), strict=True):
        for axes, layer in zip(panels, SHOWN, strict=True):
            numbers = arrays[layer - 1].ravel()
            if activation == "Tanh":
                axes.hist(numbers, bins=50, range=(-1, 1), histtype="stepfilled", color=BLUE)
            else:  # half of the numbers are 0: one bar that would hide the others
                axes.hist(numbers[numbers > 0], bins=50, histtype="stepfilled", color=BLUE)
                axes.set_xlim(0, None)
                axes.ticklabel_format(axis="x", scilimits=(-1, 2))
                axes.xaxis.offsetText.set_fontsize(7)
            axes.locator_params(axis="x", nbins=4)
            axes.set_yticks([])
            tidy(axes)
            axes.grid(visible=False)
            axes.tick_params(labelsize=7)
        panels[0].set_ylabel(f"{activation}\n{scheme}", rotation=0, ha="right", va="center")
    figure.supxlabel(
        "what the units put out (tanh on the scale from -1 to 1; ReLU on its own scale, zeros left out)", fontsize=10
    )
    save(figure, path)


def main():
    chosen = options(__doc__)
    found = {}
    print("size (root of the mean square) after layer   1        4        7        10")
    for activation in (nn.Tanh, nn.ReLU):
        for scheme, fill in SCHEMES.items():
            arrays = found[activation.__name__, scheme] = signals(fill, activation, 200 if chosen.fast else 1000)
            measured = [np.sqrt(np.mean(array.astype(np.float64) ** 2)) for array in arrays]
            formula = expected(activation, VARIANCES[scheme])
            for name, sizes in (("measured", measured), ("formula", formula)):
                told = "  ".join(f"{sizes[layer - 1]:7.2g}" for layer in SHOWN)
                print(f"{activation.__name__:5} {scheme:7} {name:9}           {told}")
    if chosen.picture:
        draw(found, chosen.picture)


if __name__ == "__main__":
    main()
