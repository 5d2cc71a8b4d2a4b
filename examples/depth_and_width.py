"""Ten units in five layers make 32 straight pieces; a single layer needs at least 31 units for them.

    python examples/depth_and_width.py --picture depth_and_width.png

A layer of two ReLU units folds the interval from 0 to 1 at its middle:

    fold(x) = 2 relu(x) - 4 relu(x - 1/2)        0 at 0, 1 at 1/2, 0 at 1

Folding what is folded doubles it: k layers, 2 k units, make a sawtooth of 2^k straight pieces. In a single layer each
unit adds one bend, so n pieces need n - 1 units at least (and this sawtooth n, one more for its first slope). Depth
pays by multiplying, width only by adding.
(Telgarsky, "Benefits of depth in neural networks", 2016; Montufar et al., "On the number of linear regions", 2014.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy


def set_to(layer, weight, bias):
    """The layer with the weights and biases that are given."""
    layer.load_state_dict({"weight": pc.tensor(weight, dtype=pc.float32), "bias": pc.tensor(bias, dtype=pc.float32)})
    return layer


def folded(k):
    """k layers of two units, and an output."""
    layers = [set_to(nn.Linear(1, 2), [[1.0], [1.0]], [0.0, -0.5]), nn.ReLU()]
    for _ in range(k - 1):  # 2 a1 - 4 a2 is the fold so far: it goes into both units of the next layer
        layers += [set_to(nn.Linear(2, 2), [[2.0, -4.0], [2.0, -4.0]], [0.0, -0.5]), nn.ReLU()]
    return nn.Sequential(*layers, set_to(nn.Linear(2, 1), [[2.0, -4.0]], [0.0]))


def flat(k):
    """The same sawtooth by one hidden layer: a unit begins at each bend, and one at 0."""
    pieces = np.arange(2**k)
    turns = 2**k * np.diff((-1.0) ** pieces, prepend=0)  # by how much the slope, up and down in turn, changes there
    hidden = set_to(nn.Linear(1, 2**k), np.ones((2**k, 1)), -pieces / 2**k)
    return nn.Sequential(hidden, nn.ReLU(), set_to(nn.Linear(2**k, 1), turns[None], [0.0]))


def pieces(model, places):
    """How many straight pieces: one more than there are changes of the slope on a fine grid."""
    y = model(pc.linspace(0, 1, places + 1).reshape(-1, 1)).double().numpy()[:, 0]
    slopes = np.diff(y) * places
    changes = np.abs(np.diff(slopes)) > 1e-2 * np.abs(slopes).max()
    return 1 + int((changes[1:] & ~changes[:-1]).sum() + changes[0])  # a bend inside a cell changes two slopes


def most_pieces(units, tries):
    """The most pieces among random networks of one hidden layer, whose bends all lie between 0 and 1."""
    most = 0
    for _ in range(tries):
        W, places = pc.randn(units, 1), pc.rand(units)
        hidden = set_to(nn.Linear(1, units), W, -W[:, 0] * places)
        most = max(most, pieces(nn.Sequential(hidden, nn.ReLU(), nn.Linear(units, 1)), 4096))
    return most


def best_of_trained(units, k, seeds, steps):
    """The mean absolute error of one hidden layer that learns the sawtooth of k folds; the best of several seeds."""
    X = pc.linspace(0, 1, 2 ** (k + 3) + 1).reshape(-1, 1)
    Y = folded(k)(X).detach()
    errors = []
    for seed in range(seeds):
        pc.manual_seed(seed)
        model = nn.Sequential(nn.Linear(1, units), nn.ReLU(), nn.Linear(units, 1))
        set_to(model[0], pc.ones(units, 1), -pc.rand(units))  # all bends between 0 and 1
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        for _ in range(steps):
            J = F.mse_loss(model(X), Y)
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
        errors.append(F.l1_loss(model(X), Y).item())
    return min(errors)


def draw(path):
    """Sawtooths of 1, 2 and 4 layers, and how many units deep and flat networks need."""
    figure = new_figure(10, 3)
    *teeth, last = figure.subplots(1, 4)
    x = np.linspace(0, 1, 1025, dtype=np.float32)
    for axes, k in zip(teeth, (1, 2, 4), strict=True):
        axes.plot(x, folded(k)(pc.tensor(x[:, None])).detach().numpy()[:, 0], color=BLUE)
        axes.set(title=f"{k} layer{'s' * (k > 1)}, {2 * k} units", xlabel="$x$")
    folds = np.arange(1, 11)
    last.plot(2**folds, 2**folds - 1, "o--", color=VERMILLION, label="one layer, at least")
    last.plot(2**folds, 2 * folds, "s-", color=BLUE, label="layers of two")
    last.set(xscale="log", yscale="log", xlabel="pieces", ylabel="hidden units")
    last.legend(frameon=False, fontsize=8, labelcolor=INK)
    for axes in figure.axes:
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    print("layers  units   pieces   one layer, least  and with 2^k units its largest difference is")
    for k in (1, 2, 3, 5, 8):
        x = pc.linspace(0, 1, 2 ** (k + 3) + 1).reshape(-1, 1)
        difference = (folded(k)(x) - flat(k)(x)).abs().max().item()
        print(f"{k:6}  {2 * k:5}   {pieces(folded(k), 2 ** (k + 3)):6}   {2**k - 1:16}  {difference:.1e}")
    for units in (4, 10):
        most = most_pieces(units, 50)
        print(f"one layer of {units} units at random: {most} pieces at most, {units + 1} are possible")
    seeds, steps = (2, 300) if arguments.fast else (5, 5000)
    said = f"{best_of_trained(10, 5, seeds, steps):.3f} in one, trained; the constant 1/2 has 0.250"
    print(f"10 units: mean error on 32 pieces by construction 0 in five layers, {said}")
    if arguments.picture:
        draw(arguments.picture)


if __name__ == "__main__":
    main()
