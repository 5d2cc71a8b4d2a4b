"""Reductions: one number out of many. `dim` is one axis, several, or None for all; `keepdim` keeps them as 1."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from pellucid.engine import Value
from pellucid.errors import DtypeError
from pellucid.ops import ArgMax, CumulativeProduct, Equal, Gather, Max, Not, NotEqual, Reshape, Slice, Sum
from pellucid.tensors.functions import where
from pellucid.tensors.promote import BOOL, FLOAT32, INT64, as_float, cast, kind_of
from pellucid.tensors.shape import axes_of, axis_of


class Extreme(NamedTuple):
    """The largest or smallest elements along an axis, and at which positions they stand."""

    values: Any
    indices: Any


class Range(NamedTuple):
    """The smallest and the largest elements."""

    min: Any
    max: Any


class ReduceMixin:
    """The methods of Tensor that reduce."""

    __add__: Callable  # Tensor and other mixins have them
    __mul__: Callable
    __neg__: Callable
    __rsub__: Callable
    detach: Callable
    maximum: Callable
    minimum: Callable

    def sum(self, dim=None, keepdim=False, dtype=None):
        """The sum. Integers and bool are added as int64; `dtype` converts first.

        >>> import pellucid as pc
        >>> pc.sum(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([4., 6.])
        """
        x = summed(self, dtype)
        axes = axes_of(x, dim)
        y = Sum(axes)(x) if axes else x * 1
        return y if keepdim else without(y, axes)

    def nansum(self, dim=None, keepdim=False, dtype=None):
        """The sum of what is not NaN.

        >>> import pellucid as pc
        >>> pc.nansum(pc.tensor([1.0, float("nan"), 2.0]))
        tensor(3.)
        """
        return (where(NotEqual()(self, self), 0, self) if kind_of(self.dtype) == 2 else self).sum(dim, keepdim, dtype)

    def mean(self, dim=None, keepdim=False, dtype=None):
        """The mean; of floats only, as in PyTorch, unless `dtype` converts first. Of no elements: NaN.

        >>> import pellucid as pc
        >>> pc.mean(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([1.5, 3.5])
        """
        x = self if dtype is None else cast(self, np.dtype(dtype))
        require_float(x, "mean")
        shape = x.array.shape
        axes = axes_of(x, dim)
        return x.sum(axes, keepdim) / float(math.prod([shape[axis] for axis in axes]))

    def nanmean(self, dim=None, keepdim=False, dtype=None):
        """The mean of what is not NaN.

        >>> import pellucid as pc
        >>> pc.nanmean(pc.tensor([1.0, float("nan"), 2.0]))
        tensor(1.5)
        """
        x = self if dtype is None else cast(self, np.dtype(dtype))
        require_float(x, "nanmean")
        there = Equal()(x, x)
        return where(there, x, 0.0).sum(dim, keepdim) / cast(there, x.dtype).sum(dim, keepdim)

    def prod(self, dim=None, keepdim=False, dtype=None):
        """The product along one axis, or of all elements. Of none it is 1; integers are multiplied as int64.

        The gradient divides by nothing, so it is right where factors are 0.

        >>> import pellucid as pc
        >>> pc.prod(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([ 2., 12.])
        """
        x = summed(self, dtype)
        if dim is None:
            return x.reshape(-1).prod(0).reshape((1,) * self.ndim if keepdim else ())
        if x.ndim == 0:
            return x.reshape(1).prod(dim).reshape(())
        axis, shape = axis_of(x, dim), x.shape
        kept = (*shape[:axis], 1, *shape[axis + 1 :])
        if shape[axis] == 0:
            y = x.sum(axis, keepdim=True) + 1
        else:
            starts = tuple([length - 1 if i == axis else 0 for i, length in enumerate(shape)])
            y = Slice(starts, kept, (1,) * len(shape))(CumulativeProduct(axis, False)(x))
        return y if keepdim else without(y, (axis,))

    def logsumexp(self, dim=None, keepdim=False):
        """log(sum of exp(x)), without an exp that overflows: the largest element is subtracted first.

        >>> import pellucid as pc
        >>> pc.logsumexp(pc.tensor([1000.0, 1000.0]), dim=0)
        tensor(1000.6932)
        """
        x = as_float(self)
        axes = axes_of(x, dim)
        if any(x.array.shape[axis] == 0 for axis in axes):
            return x.exp().sum(dim, keepdim).log()
        largest = (x.detach() if x.requires_grad else x).amax(dim, keepdim=True)
        largest = where(largest.abs() < math.inf, largest, 0.0)  # infinities would give NaN: inf - inf
        y = (x - largest).exp().sum(dim, keepdim=True).log() + largest
        return y if keepdim else without(y, axes)

    def amax(self, dim=None, keepdim=False):
        """The largest elements. Equal ones share the gradient. ShapeError if there are none.

        >>> import pellucid as pc
        >>> pc.amax(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([3., 4.])
        """
        axes = axes_of(self, dim if dim != () else None)
        y = Max(axes)(self) if axes else self
        return y if keepdim else without(y, axes)

    def amin(self, dim=None, keepdim=False):
        """The smallest elements. Equal ones share the gradient. ShapeError if there are none.

        >>> import pellucid as pc
        >>> pc.amin(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([1., 2.])
        """
        return cast(turned(turned(self).amax(dim, keepdim)), self.dtype)

    def aminmax(self, *, dim=None, keepdim=False):
        """The pair (min, max).

        >>> import pellucid as pc
        >>> pc.aminmax(pc.tensor([1.0, 3.0, 2.0]))
        Range(min=tensor(1.), max=tensor(3.))
        """
        return Range(self.amin(dim, keepdim), self.amax(dim, keepdim))

    def max(self, dim=None, keepdim=False):
        """The largest element; with `dim`, the pair (values, indices) along it, the first of equal ones.

        Beside another tensor: `maximum`, element by element.

        >>> import pellucid as pc
        >>> pc.max(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        Extreme(values=tensor([5., 4.]), indices=tensor([1, 0]))
        """
        if isinstance(dim, Value):
            return self.maximum(dim)
        return extreme(self, self.argmax(dim, True), dim, keepdim) if dim is not None else self.amax()

    def min(self, dim=None, keepdim=False):
        """The smallest element; with `dim`, the pair (values, indices) along it, the first of equal ones.

        Beside another tensor: `minimum`, element by element.

        >>> import pellucid as pc
        >>> pc.min(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        Extreme(values=tensor([1., 2.]), indices=tensor([0, 1]))
        """
        if isinstance(dim, Value):
            return self.minimum(dim)
        return extreme(self, self.argmin(dim, True), dim, keepdim) if dim is not None else self.amin()

    def argmax(self, dim=None, keepdim=False):
        """The position of the largest element along `dim`, the first of equal ones; without dim, in the flat tensor.

        >>> import pellucid as pc
        >>> pc.argmax(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        tensor([1, 0])
        """
        x = cast(self, FLOAT32) if self.dtype == BOOL else self
        if dim is None:
            x, dim = x.reshape(-1), 0
            return without(ArgMax(0)(x), (0,)).reshape((1,) * self.ndim if keepdim else ())
        if x.ndim == 0:
            axis_of(x, dim)
            return ArgMax(0)(x.reshape(1)).reshape(())
        axis = axis_of(x, dim)
        y = ArgMax(axis)(x)
        return y if keepdim else without(y, (axis,))

    def argmin(self, dim=None, keepdim=False):
        """The position of the smallest element, the first of equal ones.

        >>> import pellucid as pc
        >>> pc.argmin(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        tensor([0, 1])
        """
        return turned(self).argmax(dim, keepdim)

    def any(self, dim=None, keepdim=False):
        """Is any element true (not 0)? Of no elements: no.

        >>> import pellucid as pc
        >>> pc.any(pc.tensor([[0, 1], [0, 0]]), dim=1)
        tensor([ True, False])
        """
        return (cast(self, BOOL).sum(dim, keepdim)) > 0

    def all(self, dim=None, keepdim=False):
        """Are all elements true (not 0)? Of no elements: yes.

        >>> import pellucid as pc
        >>> pc.all(pc.tensor([[1, 1], [1, 0]]), dim=1)
        tensor([ True, False])
        """
        return (Not()(cast(self, BOOL)).sum(dim, keepdim)) == 0

    def count_nonzero(self, dim=None):
        """How many elements are not 0.

        >>> import pellucid as pc
        >>> pc.count_nonzero(pc.tensor([0.0, 2.0, -1.0]))
        tensor(2)
        """
        return cast(self, BOOL).sum(dim)


def summed(x, dtype):
    """x in the dtype in which it is added up or multiplied: integers and bool in int64."""
    if dtype is not None:
        return cast(x, np.dtype(dtype))
    return x if x.array.dtype.kind == "f" else cast(x, INT64)


def turned(x):
    """x with its order reversed. Integers exactly: -x of the smallest one would be that one again."""
    return -x if kind_of(x.dtype) == 2 else -1 - cast(x, INT64)


def without(y, axes):
    """Drop the reduced axes, which an op leaves with length 1."""
    if not axes:
        return y
    return Reshape(tuple([n for axis, n in enumerate(y.array.shape) if axis not in axes]))(y)


def extreme(x, indices, dim, keepdim):
    """The values at the indices, and the indices."""
    if x.ndim == 0:
        return Extreme(x, indices)
    axes = (axis_of(x, dim),)
    values = Gather(axes[0])(x, indices)
    return Extreme(values, indices) if keepdim else Extreme(without(values, axes), without(indices, axes))


def require_float(x, what):
    if kind_of(x.dtype) != 2:
        raise DtypeError(f"{what} needs floats, not {x.dtype}.", remedy=f"Convert first: x.float().{what}()")
