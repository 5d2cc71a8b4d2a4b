"""Numerical differentiation: the same gradient as back-propagation, at a price that grows with the net.

    python examples/numeric_gradient.py --picture numeric_gradient.png

To learn how the loss J follows one weight w, compute it twice, a little above and a little below:

    dJ/dw = (J(w + e) - J(w - e)) / (2 e)        with e = 1e-5, in float64

That needs no calculus, and two forward passes for each weight: a net with P weights asks for 2 P of them.
Back-propagation finds all P numbers in one pass forward and one backward, so the ratio of the times grows like P.
(Back-propagation: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.)
"""

import time

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import nn
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

STEP = 1e-5


def by_differences(model, loss):
    """The gradient of all parameters as one vector: two losses for each number."""
    slopes = []
    with pc.no_grad():
        for parameter in model.parameters():
            for place in np.ndindex(tuple(parameter.shape)):
                number = parameter[place].item()
                parameter[place] = number + STEP
                above = loss().item()
                parameter[place] = number - STEP
                below = loss().item()
                parameter[place] = number
                slopes.append((above - below) / (2 * STEP))
    return np.array(slopes)


def by_back_propagation(model, loss):
    """The same vector from one walk back."""
    model.zero_grad()
    loss().backward()
    return np.concatenate([np.asarray(parameter.grad).ravel() for parameter in model.parameters()])


def timed(function, *arguments, repeats=1):
    """What comes out, and the shortest of some times."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function(*arguments)
        times.append(time.perf_counter() - start)
    return result, min(times)


def compare(width):
    """Parameters of a net with this hidden width, both times, and the largest difference of the gradients."""
    pc.manual_seed(width)
    model = nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 3)).double()
    X, Y = pc.randn(32, 4, dtype=pc.float64), pc.randn(32, 3, dtype=pc.float64)

    def loss():
        return F.mse_loss(model(X), Y)

    numeric, slow = timed(by_differences, model, loss)
    exact, quick = timed(by_back_propagation, model, loss, repeats=5)
    return len(exact), slow, quick, np.abs(numeric - exact).max()


def draw(rows, path):
    count, slow, quick, _ = zip(*rows, strict=True)
    figure = new_figure(6.4, 3.6)
    axes = figure.add_subplot()
    axes.loglog(count, np.array(slow) * 1000, "o-", color=VERMILLION, label="two losses for each parameter")
    axes.loglog(count, np.array(quick) * 1000, "s--", color=BLUE, label="back-propagation")
    axes.set(xlabel="parameters", ylabel="milliseconds for one gradient")
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    rows = [compare(width) for width in ((2, 8, 32, 128) if arguments.fast else (2, 8, 32, 128, 512))]
    print("parameters   differences   back-propagation   ratio   largest difference")
    for count, slow, quick, off in rows:
        print(f"{count:10} {slow * 1000:10.1f} ms {quick * 1000:15.2f} ms {slow / quick:9.0f}   {off:.1e}")
    if arguments.picture:
        draw(rows, arguments.picture)


if __name__ == "__main__":
    main()
