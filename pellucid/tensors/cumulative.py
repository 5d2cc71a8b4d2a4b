"""What runs along an axis: cumulative sums and the like, differences, areas below curves."""

import functools

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.ops import CumulativeLogSumExp, CumulativeMax, CumulativeProduct, CumulativeSum, Gather, NotEqual, Slice
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.join import cat
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import BOOL, INT64, as_float, as_tensor, cast, constant, only_numbers
from pellucid.tensors.reduce import ValuesAndIndices, summed, turned
from pellucid.tensors.shape import axis_of, moved


class CumulativeMixin(Operators):
    """The methods of Tensor that run along an axis."""

    def cumsum(self, dim, dtype=None):
        """y[i] = x[0] + ... + x[i] along `dim`. Integers and bool are added as int64; `dtype` converts first.

        >>> import pellucid as pc
        >>> pc.cumsum(pc.tensor([1.0, 2.0, 3.0]), dim=0)
        tensor([1., 3., 6.])
        """
        return along(CumulativeSum, summed(self, dtype), dim)

    def cumprod(self, dim, dtype=None):
        """y[i] = x[0] x[1] ... x[i] along `dim`. The gradient divides by nothing, so it is right where factors are 0.

        >>> import pellucid as pc
        >>> pc.cumprod(pc.tensor([1.0, 2.0, 3.0]), dim=0)
        tensor([1., 2., 6.])
        """
        return along(CumulativeProduct, summed(self, dtype), dim)

    def logcumsumexp(self, dim):
        """y[i] = log(exp(x[0]) + ... + exp(x[i])) along `dim`, without an exp that overflows.

        >>> import pellucid as pc
        >>> pc.logcumsumexp(pc.tensor([1000.0, 1000.0]), dim=0)
        tensor([1000.    , 1000.6932])
        """
        return along(CumulativeLogSumExp, as_float(self), dim)

    def cummax(self, dim):
        """The pair (values, indices): the largest of x[0] ... x[i] along `dim`, and its position, the last of equals.

        >>> import pellucid as pc
        >>> pc.cummax(pc.tensor([1.0, 3.0, 2.0]), dim=0)
        ValuesAndIndices(values=tensor([1., 3., 3.]), indices=tensor([0, 1, 1]))
        """
        return running_extreme(self, dim, smallest=False)

    def cummin(self, dim):
        """The pair (values, indices): the smallest of x[0] ... x[i] along `dim`, and its position, the last of equals.

        >>> import pellucid as pc
        >>> pc.cummin(pc.tensor([3.0, 1.0, 2.0]), dim=0)
        ValuesAndIndices(values=tensor([3., 1., 1.]), indices=tensor([0, 1, 1]))
        """
        return running_extreme(self, dim, smallest=True)

    def diff(self, n=1, dim=-1, prepend=None, append=None):
        """x[i + 1] - x[i] along `dim`, n times over; `prepend` and `append` are joined to x first. For bool, !=.

        >>> import pellucid as pc
        >>> pc.diff(pc.tensor([1.0, 3.0, 2.0]))
        tensor([ 2., -1.])
        """
        if self.ndim == 0:
            raise ShapeError("diff runs along an axis, and a single number has none.")
        if n < 0:
            raise ArgumentError(f"diff: n is 0 or more, not {n}.")
        parts = [part for part in (prepend, self, append) if part is not None]
        x, axis = (cat(parts, dim) if len(parts) > 1 and n else self), axis_of(self, dim)
        for _ in range(n):
            later, earlier = beside(x, axis)
            x = later != earlier if x.dtype == BOOL else later - earlier
        return x

    def trapezoid(self, x=None, *, dx=1.0, dim=-1):
        """The area below the points of y along `dim`: sum of (y[i] + y[i + 1]) / 2 times their distance.

        The distance is `dx`, or that of the positions `x`, which broadcast. (The trapezoidal rule.)

        >>> import pellucid as pc
        >>> pc.trapezoid(pc.tensor([1.0, 2.0, 3.0]))
        tensor(4.)
        """
        return areas(self, x, dx, dim).sum(axis_of(self, dim))

    def cumulative_trapezoid(self, x=None, *, dx=1.0, dim=-1):
        """The area from the first point to each later one, by the trapezoidal rule: see `trapezoid`.

        >>> import pellucid as pc
        >>> pc.cumulative_trapezoid(pc.tensor([1.0, 2.0, 3.0]))
        tensor([1.5, 4. ])
        """
        return areas(self, x, dx, dim).cumsum(axis_of(self, dim))


def along(kind, x, dim):
    """A cumulative op along `dim`. A single number is a row of one."""
    axis = axis_of(x, dim)
    return kind(axis, False)(x) if x.ndim else kind(0, False)(x.reshape(1)).reshape(())


def running_extreme(x, dim, smallest):
    """The largest elements so far along `dim`, or the smallest, and where they stand."""
    axis = axis_of(x, dim)
    if x.ndim == 0:
        return ValuesAndIndices(x, constant(np.zeros((), INT64)))
    if only_numbers(x):
        array = x.array
        best = (np.minimum if smallest else np.maximum).accumulate(array, axis)
        reached = array == best
        if array.dtype.kind == "f":
            reached |= array != array
        indices = np.maximum.accumulate(reached * positions(array.shape, axis), axis)
        return ValuesAndIndices(constant(best), constant(indices))
    order = turned(x.detach()) if smallest else x.detach()
    order = cast(order, INT64) if order.array.dtype == BOOL else order
    best = CumulativeMax(axis, False)(order)
    reached = order == best  # it is the largest so far, or
    if order.array.dtype.kind == "f":
        reached = reached | NotEqual()(order, order)  # NaN
    indices = CumulativeMax(axis, False)(where(reached, constant(positions(x.array.shape, axis)), 0))
    return ValuesAndIndices(Gather(axis)(x, indices), indices)


@functools.lru_cache(64)
def positions(shape, axis):
    """0, 1, 2, ... along an axis."""
    return np.arange(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])


def beside(x, axis):
    """Each element but the first along an axis, and its neighbour before it."""
    first, last = neighbours(x.array.shape, axis)
    return moved(x, last), moved(x, first)


@functools.lru_cache(4096)
def neighbours(shape, axis):
    """The Slices of all but the last, and of all but the first, along an axis."""
    sizes = tuple([max(0, n - 1) if i == axis else n for i, n in enumerate(shape)])
    there = tuple([min(1, n) if i == axis else 0 for i, n in enumerate(shape)])
    zeros, ones = (0,) * len(shape), (1,) * len(shape)
    return Slice(zeros, sizes, ones), Slice(there, sizes, ones)


def areas(y, x, dx, dim):
    """The area between each point and the next."""
    axis = axis_of(y, dim)
    later, earlier = beside(y, axis)
    if x is None:
        return (later + earlier) * (dx / 2.0)
    x = as_tensor(x)
    if x.ndim == 1:
        x = x.reshape([-1 if i == axis else 1 for i in range(y.ndim)])
    right, left = beside(x, axis_of(x, dim))
    return (right - left) * (later + earlier) / 2.0


cummax = free(CumulativeMixin.cummax)
cummin = free(CumulativeMixin.cummin)
cumprod = free(CumulativeMixin.cumprod)
cumsum = free(CumulativeMixin.cumsum)
cumulative_trapezoid = free(CumulativeMixin.cumulative_trapezoid)
diff = free(CumulativeMixin.diff)
logcumsumexp = free(CumulativeMixin.logcumsumexp)
trapezoid = free(CumulativeMixin.trapezoid)
