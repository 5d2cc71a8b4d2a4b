"""What activations and losses compute when nothing but numbers is asked for: NumPy at once, in the fewest calls.

On a few numbers, most of the time of a composition of tensor operations goes into noting what nobody will read. So the
functions that are used most ask `possible`, and then come here. What they mean, and what gradients and compiled
programs are made of, stands where they are defined; here are the same numbers, bit for bit (but for the sign of
zeros): tests/test_functions_compiled.py compares.
"""

import math

import numpy as np

from pellucid.engine import Value
from pellucid.ops.index import all_within
from pellucid.tensors.at_once import largest_along, repeated
from pellucid.tensors.promote import INT64, constant, only_numbers


def possible(x):
    """Is x a tensor of floats of which only the numbers matter?"""
    return isinstance(x, Value) and only_numbers(x) and x.array.dtype.kind == "f"


def softplus(x, beta, threshold):
    x = x.array
    scaled = x if beta == 1 else x * beta
    y = np.log1p(np.exp(np.minimum(scaled, threshold)))
    return constant(np.where(scaled > threshold, x, y if beta == 1 else y / beta))


def logsigmoid(x):
    x = x.array
    return constant(np.minimum(x, 0.0) - np.log1p(np.exp(-np.abs(x))))


def mish(x):
    x = x.array
    e = np.exp(np.minimum(x, 20.0))
    n = e * (e + 2.0)
    return constant(x * (n / (n + 2.0)))


def exponential_linear(x, alpha, rate, scale):
    x = x.array
    below = np.minimum(x, 0.0)
    below = np.expm1(below if rate == 1 else below * rate)
    y = np.maximum(x, 0.0) + (below if alpha == 1 else below * alpha)
    return constant(y if scale == 1 else y * scale)


def hardsigmoid(x):
    return constant(np.minimum(np.maximum(x.array + 3.0, 0.0), 6.0) / 6.0)


def hardswish(x):
    return constant(x.array * np.minimum(np.maximum(x.array + 3.0, 0.0), 6.0) / 6.0)


def softshrink(x, lambd):
    x = x.array
    return constant(np.maximum(x - lambd, 0.0) - np.maximum(-x - lambd, 0.0))


def standardized(x, axes, eps):
    """(x - mean) / sqrt(variance + eps) over the axes."""
    x = x.array
    count = np.asarray(math.prod([x.shape[axis] for axis in axes]), x.dtype)
    centred = x - np.add.reduce(x, axes, x.dtype, keepdims=True) / count
    variance = np.add.reduce(centred * centred, axes, x.dtype, keepdims=True) / count
    return constant(centred * (1.0 / np.sqrt(variance + eps)))


def picked(scores, labels):
    """The score of each label's class, for scores (N, C) and labels (N,), int64 and in range; None for all else."""
    if not possible(scores):
        return None
    scores, labels = scores.array, labels.array
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or labels.dtype != INT64 or not labels.size:
        return None
    if not all_within(labels, scores.shape[1]):
        return None
    return constant(scores[np.arange(len(labels)), labels])


def cross_entropies(scores, labels):
    """-log softmax(scores) at each label's class, for what `picked` takes; None for all else."""
    own = picked(scores, labels)
    if own is None:
        return None
    x, largest = scores.array, largest_along(scores.array, 1)
    sums = np.add.reduce(np.exp(x - repeated(largest, x, 1)), 1)
    return constant(np.log(sums) - (own.array - largest))


def bounded_log(p):
    return constant(np.maximum(np.log(p.array), -100.0))
