"""Lengths of vectors and matrices: PyTorch's `norm` and `dist`, and the norms of `pellucid.linalg`."""

import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import as_float, as_tensor, cast, constant, dtype_of, only_numbers
from pellucid.tensors.shape import axes_of, axis_of
from pellucid.tensors.statistics import root


class NormsMixin(Operators):
    """The methods of Tensor that measure lengths."""

    def norm(self, p="fro", dim=None, keepdim=False, dtype=None):
        """The length (sum of |x|^p)^(1/p) of all elements, or along `dim`: p = 2 for "fro".

        p = inf is the largest |x|, -inf the smallest, 0 how many are not 0. Slopes where the length is 0 are 0.

        >>> import pellucid as pc
        >>> pc.norm(pc.tensor([3.0, -4.0])), pc.norm(pc.tensor([3.0, -4.0]), p=1)
        (tensor(5.), tensor(7.))
        """
        if p == "nuc":
            raise no_singular_values("norm")
        return vector_norm(self, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)

    def dist(self, other, p=2):
        """The length of x - other, which broadcast: `norm` with this p.

        >>> import pellucid as pc
        >>> pc.dist(pc.tensor([1.0, 1.0]), pc.tensor([4.0, 5.0]))
        tensor(5.)
        """
        return vector_norm(self - other, p)


def vector_norm(x, ord: float | str = 2, dim=None, keepdim=False, *, dtype=None):
    """(sum of |x|^ord)^(1/ord) of all elements, or along `dim`; inf: largest |x|; -inf: smallest; 0: how many not 0.

    >>> import pellucid as pc
    >>> pc.linalg.vector_norm(pc.tensor([3.0, -4.0]), ord=float("inf"))
    tensor(4.)
    """
    if isinstance(ord, str):
        raise ArgumentError(f"vector_norm takes a number as ord, not {ord!r}.")
    x = as_tensor(x)
    x = as_float(x) if dtype is None else cast(x, dtype_of(dtype))
    dim = None if dim in ((), []) else dim
    if ord == 2:
        return length(x, axes_of(x, dim), keepdim)
    if ord == 0:
        return x.abs().sign().sum(dim, keepdim)  # so it has a slope, which is 0
    size = x.abs()
    if ord == 1:
        return size.sum(dim, keepdim)
    if math.isinf(ord):
        if ord > 0 and any(x.shape[axis] == 0 for axis in axes_of(x, dim)):
            raise ShapeError(f"the largest of no elements was asked of a tensor of shape {x.shape}.")
        return size.amax(dim, keepdim) if ord > 0 else size.amin(dim, keepdim)
    if ord < 1 and x.requires_grad:  # the slope of a root at 0 would be infinite: it is taken as 0
        there = size != 0.0
        total = where(there, where(there, size, 1.0) ** ord, 0.0 if ord > 0 else math.inf).sum(dim, keepdim)
    else:
        total = (size**ord).sum(dim, keepdim)
    if not total.requires_grad:
        return total ** (1.0 / ord)
    there = total != 0.0
    return where(there, where(there, total, 1.0) ** (1.0 / ord), 0.0)


def length(x, axes, keepdim):
    """sqrt(sum of x^2) along the axes."""
    if only_numbers(x) and axes:
        return constant(np.asarray(np.sqrt(np.add.reduce(x.array * x.array, axes, keepdims=keepdim))))
    return root((x * x).sum(axes, keepdim))


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The length of each matrix of two axes: "fro" sqrt(sum of x^2); 1 and inf the largest sum of a column, of a row.

    -1 and -inf are the smallest ones. 2, -2 and "nuc", which need singular values, are an UnsupportedError.

    >>> import pellucid as pc
    >>> pc.linalg.matrix_norm(pc.tensor([[1.0, -2.0], [3.0, 4.0]]), ord=1)
    tensor(6.)
    """
    x = as_tensor(A)
    x = as_float(x) if dtype is None else cast(x, dtype_of(dtype))
    if x.ndim < 2 or not isinstance(dim, (tuple, list)) or len(dim) != 2:
        raise ShapeError(f"matrix_norm takes two axes of a matrix, not dim={dim} of shape {x.shape}.")
    rows, columns = axis_of(x, dim[0]), axis_of(x, dim[1])
    if rows == columns:
        raise ArgumentError(f"matrix_norm needs two axes that differ, not {tuple(dim)}.")
    if ord == "fro":
        return length(x, (rows, columns), keepdim)
    if ord in (2, -2, "nuc"):
        raise no_singular_values("matrix_norm")
    if isinstance(ord, str) or ord not in (1, -1, math.inf, -math.inf):
        raise ArgumentError(f'matrix_norm: ord is "fro", 1, -1, inf or -inf, not {ord!r}.')
    added, chosen = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = x.abs().sum(added, keepdim=True)
    y = sums.amax(chosen, keepdim=True) if ord > 0 else sums.amin(chosen, keepdim=True)
    return y if keepdim else y.reshape([n for axis, n in enumerate(y.shape) if axis not in (rows, columns)])


def no_singular_values(what):
    return UnsupportedError(f"{what} has no norms made of singular values.", remedy="numpy.linalg.norm(x.numpy(), ...)")


dist = free(NormsMixin.dist)
norm = free(NormsMixin.norm)
