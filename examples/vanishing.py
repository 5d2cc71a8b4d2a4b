"""Gradients on their way back through 2 to 50 layers: they vanish, keep their size, or explode; and who made the NaN.

    python examples/vanishing.py --picture vanishing.png

Back through a layer A = f(A_before W^T) a gradient is multiplied by f'(Z) and by W. With n units and weights of
standard deviation s each layer multiplies its size by about

    sqrt(n s^2 E[f'(Z)^2]):    sigmoid, n s^2 = 1   0.236, for f' is at most 1/4
                               ReLU, half of He     0.5   f' is 0 or 1, each half of the time; n s^2 = 2 / 4
                               ReLU, He             1
                               ReLU, twice He       2

so that through 49 layers it becomes 10^-31, 10^-15, 1 or 10^15 times as large. Where numbers burst, the first infinity
or NaN spreads to all the others; detect_anomaly stops at the op that made it, on the way forward or back.
(Hochreiter, 1991; Bengio, Simard and Frasconi, "Learning long-term dependencies with gradient descent is difficult",
1994; He et al., 2015.)
"""

from math import sqrt

import numpy as np
from common import options

import pellucid as pc
from pellucid.errors import AnomalyError
from pellucid.view.canvas import BLUE, GREEN, PURPLE, VERMILLION, new_figure, save, tidy

UNITS = 128
DEPTHS = (2, 5, 10, 20, 50)
NETS = {  # activation, standard deviation of the weights, factor of a layer by the formula
    "sigmoid": (pc.sigmoid, sqrt(1 / UNITS), 0.236),
    "ReLU, half of He": (pc.relu, 0.5 * sqrt(2 / UNITS), 0.5),
    "ReLU, He": (pc.relu, sqrt(2 / UNITS), 1.0),
    "ReLU, twice He": (pc.relu, 2 * sqrt(2 / UNITS), 2.0),
}


def sizes_by_layer(activation, deviation, depth, seed=0):
    """|dJ/dA| of each layer, as a part of what it is in the last one."""
    pc.manual_seed(seed)
    A = pc.randn(32, UNITS, requires_grad=True)
    layers = []
    for _ in range(depth):
        A = activation(A @ (deviation * pc.randn(UNITS, UNITS)))
        layers.append(A)
    J = (A * pc.randn(32, UNITS)).sum()  # any loss would do: it gives the last layer gradients of size 1
    gradients = pc.autograd.grad(J, layers)
    norms = np.array([np.linalg.norm(gradient.numpy().astype(np.float64)) for gradient in gradients])
    return norms / norms[-1]


def careless_loss(Z):
    """Cross-entropy with class 0 as its formula stands: exp(1000) is beyond all floats."""
    powers = Z.exp()
    shares = powers / powers.sum(1, keepdim=True)
    return -shares[:, 0].log().mean()


def length(Z):
    """A length of 0 has no slope: the derivative of a root at 0 is 1/0."""
    return (Z * Z).sum().sqrt()


def who_made_it(function, Z):
    """What detect_anomaly says of this function and its gradient."""
    try:
        with pc.detect_anomaly():
            function(Z.requires_grad_()).backward()
    except AnomalyError as error:
        return str(error).splitlines()[0]
    return "all numbers are finite"


def draw(found, path):
    """By layer in the deepest nets, and by depth in the first layer."""
    figure = new_figure(9, 3.6)
    left, right = figure.subplots(1, 2, sharey=True)
    for (name, ratios), color, mark in zip(found.items(), (PURPLE, BLUE, GREEN, VERMILLION), "ovs^", strict=True):
        deepest = ratios[DEPTHS[-1]]
        left.semilogy(range(1, len(deepest) + 1), deepest, color=color, marker=mark, markersize=3, label=name)
        right.semilogy(DEPTHS, [ratios[depth][0] for depth in DEPTHS], mark, color=color, label=name)
        right.semilogy(DEPTHS, [NETS[name][2] ** (depth - 1) for depth in DEPTHS], color=color, linewidth=0.8)
    left.set(xlabel="layer of 50", ylabel="gradient, as a part of the last layer's")
    right.set(xlabel="depth of the network", title="in the first layer (lines: by the formula)")
    left.set_title("on the way back")
    for axes in (left, right):
        tidy(axes)
    left.legend(frameon=False, fontsize=8)
    save(figure, path)


def main():
    chosen = options(__doc__)
    found = {}
    print("gradient in the first layer, as a part of the last layer's; below it the factor of a layer to that power")
    print("depth               " + "".join(f"{depth:>10}" for depth in DEPTHS))
    for name, (activation, deviation, factor) in NETS.items():
        found[name] = {depth: sizes_by_layer(activation, deviation, depth) for depth in DEPTHS}
        print(f"{name:20}" + "".join(f"{found[name][depth][0]:10.1e}" for depth in DEPTHS))
        print(f"  {factor:<5g} to its power" + "".join(f"{factor ** (depth - 1):10.1e}" for depth in DEPTHS))
    print("forward: ", who_made_it(careless_loss, pc.tensor([[0.0, 1000.0]])))
    print("backward:", who_made_it(length, pc.zeros(1, 2)))
    if chosen.picture:
        draw(found, chosen.picture)


if __name__ == "__main__":
    main()
