"""Linear layers one after the other are a single linear layer; a ReLU between them makes more of them.

    python examples/linear_layers.py --picture linear_layers.png

Each layer computes A W^T + B. Put one into the next, and the products multiply out:

    (X W1^T + B1) W2^T + B2  =  X (W2 W1)^T + (B1 W2^T + B2)

So three layers without anything between them are one layer, whose matrix is W3 W2 W1: they cost more and can do
nothing more. With relu(z) = max(z, 0) between them no matrix does it: even the best one, by least squares, leaves a
part of the answers unexplained. (Goodfellow, Bengio and Courville, "Deep learning", 2016, section 6.1.)
"""

from itertools import pairwise

import numpy as np
from common import options

import pellucid as pc
from pellucid import nn
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

FEATURES, WIDTH, OUTPUTS = 4, 16, 3


def stack(depth, bend):
    """`depth` linear layers, with a ReLU between them if `bend`."""
    sizes = [FEATURES, *[WIDTH] * (depth - 1), OUTPUTS]
    layers = []
    for entering, leaving in pairwise(sizes):
        layers += [nn.Linear(entering, leaving)] + [nn.ReLU()] * bend
    return nn.Sequential(*(layers[:-1] if bend else layers))


def product(model):
    """The one matrix and the one bias that a stack of linear layers amounts to."""
    W, B = pc.eye(FEATURES), pc.zeros(FEATURES)
    for layer in model:
        if isinstance(layer, nn.Linear):
            W, B = layer.weight @ W, B @ layer.weight.mT + layer.bias
    return W, B


def unexplained(X, answers):
    """What the best single layer cannot say: the size of its errors as a part of the spread of the answers."""
    inputs = np.concatenate([X, np.ones((len(X), 1))], axis=1)
    best = np.linalg.lstsq(inputs, answers, rcond=None)[0]
    return np.linalg.norm(answers - inputs @ best) / np.linalg.norm(answers - answers.mean(axis=0))


def draw(models, path):
    """The first answer along a straight way through the inputs: a line, and a line with bends."""
    figure = new_figure(6, 3.6)
    axes = figure.add_subplot()
    t = np.linspace(-4, 4, 400)
    way = (t[:, None] * np.ones(FEATURES)).astype(np.float32)
    for bend, color, line in ((False, BLUE, "-"), (True, VERMILLION, "--")):
        answers = models[bend](pc.tensor(way)).detach().numpy()[:, 0]
        answers = (answers - answers.mean()) / answers.std()
        axes.plot(t, answers, line, color=color, label="with ReLU between" if bend else "linear layers only")
    axes.set(xlabel="$t$, where the input is $(t, t, t, t)$", ylabel="first answer, scaled to spread 1")
    axes.legend(frameon=False)
    tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    X = pc.randn(500 if arguments.fast else 5000, FEATURES)
    one = (FEATURES + 1) * OUTPUTS
    print(
        f"layers   numbers   (one layer {one})   stack - product of matrices   unexplained by one matrix: linear, ReLU"
    )
    models = {}
    for depth in (2, 3, 5):
        models = {bend: stack(depth, bend) for bend in (False, True)}
        numbers = sum(parameter.numel() for parameter in models[False].parameters())
        W, B = product(models[False])
        difference = (models[False](X) - (X @ W.mT + B)).abs().max().item()
        left = [unexplained(X.double().numpy(), models[bend](X).detach().double().numpy()) for bend in (False, True)]
        print(f"{depth:6}   {numbers:7}   {'':14}   {difference:27.1e}   {left[0]:33.1e}, {left[1]:.2f}")
    if arguments.picture:
        draw(models, arguments.picture)


if __name__ == "__main__":
    main()
