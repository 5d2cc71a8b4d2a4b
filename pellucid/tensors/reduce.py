"""Reductions: one number out of many. `dim` is one axis, several, or None for all; `keepdim` keeps them as 1."""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from pellucid.engine import Value
from pellucid.errors import ArgumentError, DtypeError
from pellucid.ops import ArgMax, CumulativeProduct, Equal, Gather, Max, Not, NotEqual, Reshape, Slice, Sum
from pellucid.tensors.functions import where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import BOOL, FLOAT32, INT64, as_float, cast, constant, dtype_of, kind_of, only_numbers
from pellucid.tensors.shape import axes_of, axis_of, no_axes


class ValuesAndIndices(NamedTuple):
    """Elements that were chosen along an axis, and at which positions they stand."""

    values: Any
    indices: Any


class Range(NamedTuple):
    """The smallest and the largest elements."""

    min: Any
    max: Any


class ReduceMixin(Operators):
    """The methods of Tensor that reduce."""

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
        if self.array.dtype.kind != "f":
            return self.sum(dim, keepdim, dtype)
        if only_numbers(self):
            nan = self.array != self.array
            return (constant(np.where(nan, 0, self.array)) if np.count_nonzero(nan) else self).sum(dim, keepdim, dtype)
        return where(NotEqual()(self, self), 0, self).sum(dim, keepdim, dtype)

    def mean(self, dim=None, keepdim=False, dtype=None):
        """The mean; of floats only, as in PyTorch, unless `dtype` converts first. Of no elements: NaN.

        >>> import pellucid as pc
        >>> pc.mean(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([1.5, 3.5])
        """
        x = self if dtype is None else cast(self, dtype_of(dtype))
        require_float(x, "mean")
        if dim is None and not keepdim and only_numbers(x):
            x = x.array
            return constant(np.asarray(np.add.reduce(x, None, x.dtype) / x.dtype.type(x.size)))
        shape = x.array.shape
        axes = axes_of(x, dim)
        return x.sum(axes, keepdim) / float(math.prod([shape[axis] for axis in axes]))

    def nanmean(self, dim=None, keepdim=False, dtype=None):
        """The mean of what is not NaN.

        >>> import pellucid as pc
        >>> pc.nanmean(pc.tensor([1.0, float("nan"), 2.0]))
        tensor(1.5)
        """
        x = self if dtype is None else cast(self, dtype_of(dtype))
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
        if dim is None or x.ndim == 0:
            axes_of(x, dim)
            if only_numbers(x) and x.array.size and not keepdim:
                return constant(np.asarray(np.multiply.accumulate(x.array.ravel())[-1]))
            y = x.reshape(-1).prod(0)
            return y.reshape((1,) * self.ndim) if keepdim else y
        axis = axis_of(x, dim)
        last = last_along(x.array.shape, axis)
        y = last(CumulativeProduct(axis, False)(x)) if x.array.shape[axis] else x.sum(axis, keepdim=True) + 1
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
        if dim is None and not keepdim and only_numbers(self) and self.array.size:
            return constant(np.asarray(self.array.reshape(-1)[self.array.argmax()]))  # in a third of the time of max
        axes = axes_of(self, dim)
        y = Max(axes)(self) if axes else self
        return y if keepdim else without(y, axes)

    def amin(self, dim=None, keepdim=False):
        """The smallest elements. Equal ones share the gradient. ShapeError if there are none.

        >>> import pellucid as pc
        >>> pc.amin(pc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([1., 2.])
        """
        if dim is None and not keepdim and only_numbers(self) and self.array.size:
            return constant(np.asarray(self.array.reshape(-1)[self.array.argmin()]))
        if only_numbers(self) and self.array.size and self.array.ndim:
            return constant(np.asarray(np.minimum.reduce(self.array, axes_of(self, dim), keepdims=keepdim)))
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
        ValuesAndIndices(values=tensor([5., 4.]), indices=tensor([1, 0]))
        """
        if isinstance(dim, Value):
            return self.maximum(dim)
        if keepdim and dim is None:
            raise keeps_nothing("max")
        return extreme(self, self.argmax(dim, True), dim, keepdim, self.amax) if dim is not None else self.amax()

    def min(self, dim=None, keepdim=False):
        """The smallest element; with `dim`, the pair (values, indices) along it, the first of equal ones.

        Beside another tensor: `minimum`, element by element.

        >>> import pellucid as pc
        >>> pc.min(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        ValuesAndIndices(values=tensor([1., 2.]), indices=tensor([0, 1]))
        """
        if isinstance(dim, Value):
            return self.minimum(dim)
        if keepdim and dim is None:
            raise keeps_nothing("min")
        return extreme(self, self.argmin(dim, True), dim, keepdim, self.amin) if dim is not None else self.amin()

    def argmax(self, dim=None, keepdim=False):
        """The position of the largest element along `dim`, the first of equal ones; without dim, in the flat tensor.

        >>> import pellucid as pc
        >>> pc.argmax(pc.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
        tensor([1, 0])
        """
        if dim is None and not keepdim and only_numbers(self) and self.array.size:
            return constant(np.asarray(self.array.argmax()))
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
        if dim is None and not keepdim and only_numbers(self) and self.array.size:
            return constant(np.asarray(self.array.argmin()))
        return turned(self).argmax(dim, keepdim)

    def any(self, dim=None, keepdim=False):
        """Is any element true (not 0)? Of no elements: no.

        >>> import pellucid as pc
        >>> pc.any(pc.tensor([[0, 1], [0, 0]]), dim=1)
        tensor([ True, False])
        """
        return any_of(cast(self, BOOL), dim, keepdim)

    def all(self, dim=None, keepdim=False):
        """Are all elements true (not 0)? Of no elements: yes.

        >>> import pellucid as pc
        >>> pc.all(pc.tensor([[1, 1], [1, 0]]), dim=1)
        tensor([ True, False])
        """
        return Not()(any_of(Not()(cast(self, BOOL)), dim, keepdim))

    def count_nonzero(self, dim=None):
        """How many elements are not 0.

        >>> import pellucid as pc
        >>> pc.count_nonzero(pc.tensor([0.0, 2.0, -1.0]))
        tensor(2)
        """
        if dim is None and only_numbers(self):
            return constant(np.asarray(np.count_nonzero(self.array)))
        return cast(self, BOOL).sum(dim)


def any_of(x, dim, keepdim):
    """Is any true? A sum of bool is bool: or."""
    axes = () if no_axes(dim) else axes_of(x, dim)  # of no axes each element is asked alone, as in PyTorch
    y = Sum(axes)(x) if axes else x
    return y if keepdim else without(y, axes)


def summed(x, dtype):
    """x in the dtype in which it is added up or multiplied: integers and bool in int64."""
    if dtype is not None:
        return cast(x, dtype_of(dtype))
    return x if x.array.dtype.kind == "f" else cast(x, INT64)


def turned(x):
    """x with its order reversed. Integers exactly: -x of the smallest one would be that one again."""
    return -x if kind_of(x.dtype) == 2 else -1 - cast(x, INT64)


def without(y, axes):
    """Drop the reduced axes, which an op leaves with length 1."""
    return shorter(y.array.shape, axes)(y) if axes else y


@functools.lru_cache(4096)
def shorter(shape, axes):
    """The Reshape that drops these axes of a shape."""
    return Reshape(tuple([n for axis, n in enumerate(shape) if axis not in axes]))


@functools.lru_cache(4096)
def last_along(shape, axis):
    """The Slice of the last element along an axis."""
    starts = tuple([length - 1 if i == axis else 0 for i, length in enumerate(shape)])
    return Slice(starts, (*shape[:axis], 1, *shape[axis + 1 :]), (1,) * len(shape))


def extreme(x, indices, dim, keepdim, values_of):
    """The values at the indices, and the indices. Where no gradient asks at which index, `values_of` is faster."""
    if x.ndim == 0:
        return ValuesAndIndices(x, indices)
    axes = (axis_of(x, dim),)
    values = Gather(axes[0])(x, indices) if x.step is not None else values_of(dim, True)
    return (
        ValuesAndIndices(values, indices)
        if keepdim
        else ValuesAndIndices(without(values, axes), without(indices, axes))
    )


def keeps_nothing(name):
    """The error for keepdim without dim, as PyTorch has one."""
    return ArgumentError(f"{name}: keepdim=True needs dim.", remedy=f"x.a{name}(keepdim=True) keeps every axis.")


def require_float(x, what):
    if kind_of(x.dtype) != 2:
        raise DtypeError(f"{what} needs floats, not {x.dtype}.", remedy=f"Convert first: x.float().{what}()")
