"""The multilayer perceptron: linear layers with a bend between them."""

from itertools import pairwise

from pellucid import nn
from pellucid.errors import ArgumentError


def mlp(*sizes, dropout=0.0):
    """Linear layers of these sizes, with ReLU (and dropout, if asked for) between them; images are flattened first.

    mlp(64, 128, 10) maps x (N, 64) or (N, 8, 8) to max(x W1^T + b1, 0) W2^T + b2, ten scores per row, by 128 hidden
    units. A network with one hidden layer can come as near as one likes to any continuous function on a bounded
    region, if it is wide enough (Cybenko, 1989, for sigmoids; Leshno et al., 1993, for ReLU as well).

    Raises ArgumentError for fewer than two sizes, negative sizes and a dropout outside of 0 to 1.

    >>> import pellucid as pc
    >>> mlp(64, 128, 10)(pc.ones(5, 8, 8)).shape
    (5, 10)
    """
    if len(sizes) < 2:
        raise ArgumentError(
            f"mlp needs the size of the input and of the output at least, not {sizes}.", remedy="mlp(784, 128, 10)"
        )
    layers: list[nn.Module] = [nn.Flatten()]
    for entering, leaving in pairwise(sizes[:-1]):
        layers += [nn.Linear(entering, leaving), nn.ReLU()]
        if dropout:
            layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))
