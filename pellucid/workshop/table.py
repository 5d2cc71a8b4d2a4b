"""The table of pieces, in the order in which they are met. Everything about a piece is made from its line here."""

import functools
from importlib import import_module

HOME = "pellucid.workshop.pieces"  # where each has a file of its own
NAMES = (
    "gates",
    "perceptron",
    "sigmoid",
    "value",
    "backward",
    "matmul_gradient",
    "broadcast_gradient",
    "walk",
    "softmax",
    "cross_entropy",
    "sgd",
    "adam",
)


@functools.cache
def piece(name):
    """The Piece of this name."""
    return import_module(f"{HOME}.{name}").PIECE


def pieces():
    """All pieces."""
    return [piece(name) for name in NAMES]


def ancestors(name):
    """The names of the pieces that a piece needs, and those that they need, in the order of the table."""
    found, stack = set(), list(piece(name).needs)
    while stack:
        each = stack.pop()
        if each not in found:
            found.add(each)
            stack.extend(piece(each).needs)
    return [each for each in NAMES if each in found]
