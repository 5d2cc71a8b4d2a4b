"""The product of matrices: nearly all arithmetic of a network is done here."""

import functools

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, ShapeError
from pellucid.ops.movement import Transpose


class Matmul(Op):
    """y[..., i, j] = sum over k of a[..., i, k] b[..., k, j]. Leading axes count matrices, and are equal.

    With Y = A B, a small change dA changes Y by dA B, and the loss by <G, dA B> = <G B^T, dA>. So A is owed
    G B^T, and in the same way B is owed A^T G.
    """

    reads_output = False

    def infer(self, a, b):
        if a.ndim < 2 or b.ndim < 2 or a.shape[:-2] != b.shape[:-2] or a.shape[-1] != b.shape[-2]:
            raise ShapeError(
                f"matmul cannot take {a} and {b}: the shapes must read (..., i, k) and (..., k, j).",
                remedy=matmul_remedy(a, b),
            )
        if a.dtype != b.dtype:
            raise DtypeError(f"matmul cannot take {a} and {b}: it needs one dtype.")
        return Spec((*a.shape[:-1], b.shape[-1]), a.dtype)

    forward = np.matmul

    def gradient(self, g, y, a, b):
        return (g @ transposed(b) if a.requires_grad else None), (transposed(a) @ g if b.requires_grad else None)


def transposed(x):
    """Swap the last two axes. (`x.mT` would copy a parameter; here the result is used at once.)"""
    return swap_last(len(x.shape))(x)


@functools.cache
def swap_last(ndim):
    """The op that swaps the last two of `ndim` axes."""
    return Transpose((*range(ndim - 2), ndim - 1, ndim - 2))


def matmul_remedy(a, b):
    """Guess what was forgotten."""
    if a.ndim > 2 and b.ndim == 2 and np.prod(a.shape[1:]) == b.shape[0]:
        return "Images must be flattened first: x.flatten(1)"
    if a.ndim == b.ndim == 2 and a.shape[-1] == b.shape[-1]:
        return "The second factor may want to be transposed: a @ b.mT"
    if a.ndim == b.ndim == 2 and a.shape[0] == b.shape[0]:
        return "The first factor may want to be transposed: a.mT @ b"
    if not (a.ndim and b.ndim):
        return "A number multiplies without @: a * 3.0"
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] == b.shape[-2]:
        return None
    return f"The two k must be equal; for the rows that came here, a layer has in_features={a.shape[-1]}."
