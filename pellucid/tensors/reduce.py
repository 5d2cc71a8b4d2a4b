"""Reductions: one number out of many. `dim` is one axis, several, or None for all; `keepdim` keeps them as 1."""

import math
from collections.abc import Callable

from pellucid.errors import DtypeError
from pellucid.ops import ArgMax, Gather, Max, Not, Reshape, Sum
from pellucid.tensors.promote import BOOL, FLOAT32, INT64, cast, kind_of
from pellucid.tensors.shape import axes_of, axis_of


class ReduceMixin:
    """The methods of Tensor that reduce."""

    __mul__: Callable  # Tensor has them
    __neg__: Callable
    __rsub__: Callable

    def sum(self, dim=None, keepdim=False):
        """The sum. Integers and bool are added as int64."""
        x = self if self.array.dtype.kind == "f" else cast(self, INT64)
        axes = axes_of(x, dim)
        y = Sum(axes)(x) if axes else x * 1
        return y if keepdim else without(y, axes)

    def mean(self, dim=None, keepdim=False):
        """The mean; of floats only, as in PyTorch."""
        require_float(self, "mean")
        count = math.prod([self.shape[axis] for axis in axes_of(self, dim)])
        return self.sum(dim, keepdim) / float(count)

    def var(self, dim=None, correction=1, keepdim=False):
        """The variance: mean squared distance from the mean, divided by n - correction (1: unbiased)."""
        require_float(self, "var")
        count = math.prod([self.shape[axis] for axis in axes_of(self, dim)])
        distance = self - self.mean(dim, keepdim=True)
        return (distance * distance).sum(dim, keepdim) / float(max(count - correction, 0))

    def std(self, dim=None, correction=1, keepdim=False):
        """The standard deviation, the square root of `var`."""
        return self.var(dim, correction, keepdim).sqrt()

    def amax(self, dim=None, keepdim=False):
        """The largest elements. Equal ones share the gradient."""
        axes = axes_of(self, dim)
        y = Max(axes)(self) if axes else self
        return y if keepdim else without(y, axes)

    def amin(self, dim=None, keepdim=False):
        """The smallest elements. Equal ones share the gradient."""
        return cast(turned(turned(self).amax(dim, keepdim)), self.dtype)

    def max(self, dim=None, keepdim=False):
        """The largest element; with `dim`, the pair (values, indices) along it, the first of equal ones."""
        return extreme(self, self.argmax(dim, True), dim, keepdim) if dim is not None else self.amax()

    def min(self, dim=None, keepdim=False):
        """The smallest element; with `dim`, the pair (values, indices) along it, the first of equal ones."""
        return extreme(self, self.argmin(dim, True), dim, keepdim) if dim is not None else self.amin()

    def argmax(self, dim=None, keepdim=False):
        """The position of the largest element along `dim`; without dim, in the flattened tensor."""
        x = cast(self, FLOAT32) if self.dtype == BOOL else self
        if dim is None:
            x, dim = x.reshape(-1), 0
            return without(ArgMax(0)(x), (0,)).reshape((1,) * self.ndim if keepdim else ())
        if x.ndim == 0:
            return ArgMax(0)(x.reshape(1)).reshape(())
        axis = axis_of(x, dim)
        y = ArgMax(axis)(x)
        return y if keepdim else without(y, (axis,))

    def argmin(self, dim=None, keepdim=False):
        """The position of the smallest element."""
        return turned(self).argmax(dim, keepdim)

    def any(self, dim=None, keepdim=False):
        """Is any element true (not 0)? Of no elements: no."""
        return (cast(self, BOOL).sum(dim, keepdim)) > 0

    def all(self, dim=None, keepdim=False):
        """Are all elements true (not 0)? Of no elements: yes."""
        return (Not()(cast(self, BOOL)).sum(dim, keepdim)) == 0


def turned(x):
    """x with its order reversed. Integers exactly: -x of the smallest one would be that one again."""
    return -x if kind_of(x.dtype) == 2 else -1 - cast(x, INT64)


def without(y, axes):
    """Drop the reduced axes, which an op leaves with length 1."""
    if not axes:
        return y
    return Reshape(tuple([n for axis, n in enumerate(y.shape) if axis not in axes]))(y)


def extreme(x, indices, dim, keepdim):
    """The values at the indices, and the indices."""
    axes = (axis_of(x, dim),)
    if x.ndim == 0:
        return x, indices
    values = Gather(axes[0])(x, indices)
    return (values, indices) if keepdim else (without(values, axes), without(indices, axes))


def require_float(x, what):
    if kind_of(x.dtype) != 2:
        raise DtypeError(f"{what} needs floats, not {x.dtype}.", remedy=f"Convert first: x.float().{what}()")
