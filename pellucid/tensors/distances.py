"""Distances between all pairs of rows."""

import functools
import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.tensors import at_once
from pellucid.tensors.functions import where
from pellucid.tensors.promote import all_numbers, as_tensor, constant, only_numbers

MM = "use_mm_for_euclid_dist"
MODES = (f"{MM}_if_necessary", MM, f"donot_{MM}")


def cdist(x1, x2, p=2.0, compute_mode=MODES[0]):
    """The p-norm of every difference of a row of x1 (..., n, d) and one of x2 (..., m, d): (..., n, m).

    The differences are computed one by one: whatever PyTorch's `compute_mode` says, nothing is lost by a shorter way
    with products. Of equal rows the slope, which no number describes, is chosen to be 0, as in PyTorch.

    >>> import pellucid as pc
    >>> cdist(pc.tensor([[0.0, 0.0]]), pc.tensor([[3.0, 4.0], [0.0, 1.0]]))
    tensor([[5., 1.]])
    """
    if compute_mode not in MODES:
        raise ArgumentError(f"cdist: compute_mode is one of {', '.join(MODES)}, not {compute_mode!r}.")
    x1, x2 = as_tensor(x1), as_tensor(x2)
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"cdist needs shapes (..., n, d) and (..., m, d), not {x1.shape} and {x2.shape}.")
    if p == 2 and all_numbers(x1, x2) and x1.dtype == x2.dtype and x1.dtype.kind == "f":
        return at_once.lengths(x1.array[..., :, np.newaxis, :] - x2.array[..., np.newaxis, :, :])
    return length_of(x1.unsqueeze(-2) - x2.unsqueeze(-3), p)


def pdist(input, p=2.0):
    """The p-norms of the differences of all pairs of rows i < j of an (n, d) tensor, in order: n (n - 1) / 2 numbers.

    >>> import pellucid as pc
    >>> pdist(pc.tensor([[0.0], [1.0], [3.0]]))
    tensor([1., 3., 2.])
    """
    if input.ndim != 2:
        raise ShapeError(f"pdist takes the rows of a matrix, not shape {input.shape}.")
    first, second = pairs(input.shape[0])
    if p == 2 and only_numbers(input) and input.array.dtype.kind == "f":
        x = input.array
        return at_once.lengths(x.take(first, 0) - x.take(second, 0))
    return length_of(input.index_select(0, constant(first)) - input.index_select(0, constant(second)), p)


@functools.lru_cache(64)
def pairs(n):
    """The numbers i and j of all pairs i < j."""
    return np.triu_indices(n, 1)


def length_of(x, p):
    """(sum of |x|^p)^(1/p) along the last axis, with slope 0 where it is 0."""
    if p < 0:
        raise ArgumentError(f"a p-norm has p of at least 0, not {p}.")
    if p == 0:
        return abs(x.sign()).sum(-1)
    if p == 1:
        return abs(x).sum(-1)
    if p == math.inf:
        return abs(x).amax(-1) if x.shape[-1] else x.sum(-1)
    total = (x * x if p == 2 else abs(x) ** p).sum(-1)
    zero = total == 0.0
    root = where(zero, 1.0, total)
    return where(zero, 0.0, root.sqrt() if p == 2 else root ** (1.0 / p))
