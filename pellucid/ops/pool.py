"""Pooling: what a window sees while it slides over the last axes of x. Each op's gradient is another one of them.

Windows lie over the last axes; what stands in front of those (N and C, or C alone) is free. Along an axis of length n,
a window of k places, `dilation` apart, makes one result for each step of length `stride`:

    results = (n + before + after - dilation (k - 1) - 1) // stride + 1        padding = (before, after)

Place i of window j looks at x[j stride + i dilation - before]. `views` says this once, as slices: for one place of the
window, which results look at which elements. So each op here is a loop over the places of a window, not over windows.
(After "How convolutional arithmetic works", Dumoulin and Visin, 2016.)
"""

import functools
import itertools
import math

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, ShapeError
from pellucid.ops.index import FEW


class Views:
    """How windows lie along one axis.

    `count` is how many there are. `places[i]` is a pair of slices: the results whose place i lies inside of x, and the
    elements of x that they see there. It is None if place i of every window lies in the padding.
    """

    def __init__(self, length, kernel, stride, padding, dilation):
        before, after = padding
        self.count = (length + before + after - dilation * (kernel - 1) - 1) // stride + 1
        self.places = [self.place(length, stride, i * dilation - before) for i in range(kernel)]
        seen = np.zeros(max(self.count, 0), bool)
        for results, _ in filter(None, self.places):
            seen[results] = True
        self.see_something = bool(seen.all())  # does no window lie wholly in the padding?
        self.others = [place for place in self.places if place is not None]
        if self.count == 1 and self.others:
            self.all_seen = slice(self.others[0][1].start, self.others[-1][1].start + 1, dilation)
        # Sums and maxima begin with a place that lies inside for all results, if there is one.
        whole = [place for place in self.others if place[0] == slice(0, self.count)]
        self.whole = whole[0][1] if whole else None
        if whole:
            self.others.remove(whole[0])
        self.kept = {}  # by `steps`

    def steps(self, behind):
        """What a sum or maximum begins with, and what it goes on with, as indices of arrays with axes behind this one.

        None stands for all results, which need no index.
        """
        if behind not in self.kept:
            after, every = (slice(None),) * behind, slice(0, self.count)
            first = None if self.whole is None else (..., self.whole, *after)
            self.kept[behind] = (
                first,
                [
                    (None if results == every else (..., results, *after), (..., seen, *after))
                    for results, seen in self.others
                ],
            )
        return self.kept[behind]

    def place(self, length, stride, start):
        """Result j sees x[start + j stride], if that is inside: 0 <= start + j stride < length."""
        first = max(0, -(start // stride))
        last = min(self.count - 1, (length - 1 - start) // stride)
        if first > last:
            return None
        return slice(first, last + 1), slice(start + first * stride, start + last * stride + 1, stride)


@functools.lru_cache(maxsize=1000)
def views(size, kernel_size, stride, padding, dilation):
    """The Views along each axis, found once."""
    axes = [Views(*settings) for settings in zip(size, kernel_size, stride, padding, dilation, strict=True)]
    if any(axis.count < 1 for axis in axes):
        raise ValueError("do not fit into it")  # NumPy would give an empty array; infer knows the whole message
    return axes


@functools.lru_cache(maxsize=100)
def looked_at(op, size):
    """Which positions of a plane each window looks at, in row-major order: (windows, places).

    And where in this table each window begins. A place in the padding looks at the first one inside once more, which
    changes neither the largest nor which of several equal ones comes first.
    """
    axes = op.views(size)
    results = tuple([axis.count for axis in axes])
    inside = np.zeros((*results, math.prod(op.kernel_size)), bool)
    for number, places in enumerate(itertools.product(*[axis.places for axis in axes])):
        if None not in places:
            inside[(*[place[0] for place in places], number)] = True
    inside = inside.reshape(-1, inside.shape[-1])
    positions = (op.corners(size, results)[..., None] + op.offsets(size)).reshape(inside.shape)
    places = np.where(inside, positions, np.take_along_axis(positions, inside.argmax(1)[:, None], 1))
    return places, np.arange(0, places.size, places.shape[1])


class Pool(Op):
    """The settings and the shape rule of this family. `padding` holds a pair (before, after) for each axis."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]

    def views(self, size):
        """The Views along each axis of an x whose last axes have lengths `size`. ValueError if it does not fit."""
        dilation = getattr(self, "dilation", None) or (1,) * len(self.kernel_size)
        return views(size, self.kernel_size, self.stride, self.padding, dilation)

    def last(self, shape):
        """The lengths of the axes over which windows slide."""
        return shape[len(shape) - len(self.kernel_size) :]

    def infer(self, x):
        rank = len(self.kernel_size)
        if x.ndim < rank:
            raise ShapeError(f"{type(self).__name__} cannot slide windows of {rank} axes over {x}.")
        try:
            axes = self.views(self.last(x.shape))
        except ValueError as error:
            raise ShapeError(
                f"{type(self).__name__} cannot take {x}: windows of {self.kernel_size} {error}, "
                f"with padding {self.padding}.",
                remedy="Take a smaller kernel_size, or pool fewer times.",
            ) from None
        return Spec((*x.shape[: x.ndim - rank], *[axis.count for axis in axes]), x.dtype)


def pooled(x, axes, join, start):
    """Join what each window sees. The largest of a box is the largest of its rows' largest, and so for sums.

    So it is done along one axis after the other: a window of k by k places takes 2 k steps instead of k k.
    """
    for number, axis in enumerate(axes, -len(axes)):
        first, others = axis.steps(-number - 1)
        if first is None:
            y = np.full((*x.shape[:number], axis.count, *x.shape[x.ndim + number + 1 :]), start, x.dtype)
        else:
            y = x[first]
        fresh = first is None  # else y is a part of x yet, and the first sum or maximum takes new memory
        for results, seen in others:
            if results is None:
                y = join(y, x[seen], out=y if fresh else None)
            else:
                y = y if fresh else y.copy()
                part = y[results]
                join(part, x[seen], out=part)
            fresh = True
        x = y if fresh else y.copy()
    return x


# ---- the largest of each window


class MaxPool(Pool):
    """y[j] = the largest of what window j sees. The padding counts as -inf; if there is a NaN, the result is NaN.

    (N, C, *D) -> (N, C, *results); floats or whole numbers. Each window must see an element: padding alone has no
    largest. A result changes as its largest element does, and all others may move a little without any effect. So the
    gradient is g, put where each window found its largest: MaxPoolSpread.
    """

    reads_output = False

    dilation: tuple[int, ...]

    def views(self, size):
        axes = super().views(size)
        if not all(axis.see_something for axis in axes):
            raise ValueError("see nothing but padding at some place")  # infer knows the whole message
        return axes

    def infer(self, x):
        if x.dtype.kind not in "fiu":
            raise DtypeError(f"{type(self).__name__} cannot take {x}: it needs numbers.", remedy="Use x.float().")
        return super().infer(x)

    def forward(self, x):
        axes = self.views(self.last(x.shape))
        if all([axis.count == 1 for axis in axes]):  # noqa: C419  a generator is slower
            seen = (..., *[axis.all_seen for axis in axes])
            return np.maximum.reduce(x[seen], tuple(range(-len(axes), 0)), keepdims=True)
        lowest = -math.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        return pooled(x, axes, np.maximum, lowest)

    def gradient(self, g, y, x):
        return MaxPoolSpread(self.kernel_size, self.stride, self.padding, self.dilation)(x, g)

    def found(self, x, in_plane=False):
        """The position of each window's largest among all elements of x, counted in row-major order.

        With `in_plane` it is counted among those of the last axes, over which windows slide.

        It is counted how many places of the window come before it: of those, none equals the largest. The first NaN is
        where the count ends for a result that is NaN, which equals nothing.
        """
        size = self.last(x.shape)
        axes = self.views(size)
        if x.size <= FEW:
            places, first = looked_at(self, size)
            planes = x.reshape(-1, math.prod(size))
            which = planes.take(places, 1).argmax(-1)
            which += first
            found = places.reshape(-1).take(which)
            if not in_plane:
                found += np.arange(0, x.size, planes.shape[1])[:, None]
            return found.reshape(*x.shape[: -len(size)], *[axis.count for axis in axes])
        y = MaxPool.forward(self, x)
        nan = y.dtype.kind == "f" and bool(np.isnan(y).any())
        waiting = np.ones(y.shape, bool)  # for these results it has not come yet
        before = np.zeros(y.shape, np.min_scalar_type(math.prod(self.kernel_size)))
        for places in itertools.product(*[axis.places for axis in axes]):
            other = np.ones(y.shape, bool)
            inside = [place for place in places if place is not None]
            if len(inside) == len(places):
                results = (..., *[place[0] for place in inside])
                seen = x[(..., *[place[1] for place in inside])]
                np.not_equal(seen, y[results], out=other[results])
                if nan:
                    other[results] &= seen == seen
            waiting &= other
            before += waiting
        return self.corners(size if in_plane else x.shape, y.shape) + self.offsets(size)[before]

    def corners(self, shape, results):
        """Where in an x of `shape` the first place of each window would be (it may be in the padding)."""
        size, rank = self.last(shape), len(self.kernel_size)
        planes = np.arange(math.prod(shape[:-rank])).reshape(*shape[:-rank], *[1] * rank)
        corner = planes * math.prod(size)
        for axis, length in enumerate(results[-rank:]):
            starts = np.arange(length) * self.stride[axis] - self.padding[axis][0]
            corner = corner + (starts * math.prod(size[axis + 1 :])).reshape(-1, *[1] * (rank - axis - 1))
        return corner

    def offsets(self, size):
        """How far from the first place each place of a window lies, in row-major order."""
        offset = np.zeros(1, np.int64)
        for length, kernel, dilation in zip(size, self.kernel_size, self.dilation, strict=True):
            offset = (offset[:, None] * length + np.arange(kernel) * dilation).reshape(-1)
        return offset


class MaxPoolPick(MaxPool):
    """Of v, which is shaped like x, the element at the place where x has its largest, for each window.

    (x, v) -> results of v's dtype, which may be any (positions are whole numbers). Of equal elements of x it is the
    first in row-major order, as in PyTorch, and the first NaN if there is one (PyTorch takes the last). What was picked
    gets its g back (MaxPoolSpread); x only says where, so it is owed nothing.
    """

    def infer(self, x, v):
        if x.shape != v.shape:
            raise ShapeError(f"MaxPoolPick cannot pick from {v} where {x} is largest: it needs one shape.")
        return Spec(super().infer(x).shape, v.dtype)

    def forward(self, x, v):
        if x.shape != v.shape:
            raise ValueError  # infer knows the message
        return v.reshape(-1)[self.found(x)]

    def gradient(self, g, y, x, v):
        return None, MaxPoolSpread(self.kernel_size, self.stride, self.padding, self.dilation)(x, g)


class MaxPoolSpread(MaxPool):
    """Zeros like x, and each g added at the place where its window has the largest x: the way back of MaxPoolPick.

    (x, g) -> shaped like x. Windows that overlap may have found the same element: it gets the sum. Each g went to one
    place, so it is owed what comes down there (MaxPoolPick); x only says where.
    """

    def infer(self, x, g):
        y = super().infer(x)
        if g.shape != y.shape:
            raise ShapeError(f"MaxPoolSpread cannot take {x} and {g}: there are windows for {Spec(y.shape, g.dtype)}.")
        return Spec(x.shape, g.dtype)

    def forward(self, x, g):
        found = self.found(x)
        if g.shape != found.shape:
            raise ValueError  # infer knows the message
        y = np.zeros(x.size, g.dtype)
        np.add.at(y, found.reshape(-1), g.reshape(-1))
        return y.reshape(x.shape)

    def gradient(self, g, y, x, given):
        return None, MaxPoolPick(self.kernel_size, self.stride, self.padding, self.dilation)(x, g)


# ---- the sum of each window


class SumPool(Pool):
    """y[j] = the sum of what window j sees; zeros outside. (N, C, *D) -> (N, C, *results).

    An element is in the sums of all the windows that see it, so it is owed the sum of their gradients: SumPoolSpread.
    An average is this times 1 / (number of places).
    """

    reads_inputs = False
    reads_output = False

    def infer(self, x):
        require_floats(self, x)
        return super().infer(x)

    def forward(self, x):
        return pooled(x, self.views(self.last(x.shape)), np.add, 0)

    def gradient(self, g, y, x):
        return SumPoolSpread(self.kernel_size, self.stride, self.padding, self.last(x.shape))(g)


class SumPoolSpread(Pool):
    """Each window's g added to all the elements that it sees; `size` is what the windows slide over: the way back.

    (N, C, *results) -> (N, C, *size). A g was added to all places of its window, so it is owed their sum: SumPool.
    """

    reads_inputs = False
    reads_output = False

    size: tuple[int, ...]

    def infer(self, g):
        require_floats(self, g)
        made = super().infer(Spec((*g.shape[: max(0, g.ndim - len(self.size))], *self.size), g.dtype))
        if made.shape != g.shape:
            raise ShapeError(f"SumPoolSpread cannot take {g}: there are windows for {made}.")
        return Spec((*g.shape[: g.ndim - len(self.size)], *self.size), g.dtype)

    def forward(self, g):
        axes = self.views(self.size)
        if self.last(g.shape) != tuple([axis.count for axis in axes]):
            raise ValueError  # infer knows the message
        for number, (axis, length) in enumerate(zip(axes, self.size, strict=True), -len(axes)):
            behind = (slice(None),) * (-number - 1)
            y = np.zeros((*g.shape[:number], length, *g.shape[g.ndim + number + 1 :]), g.dtype)
            for results, seen in filter(None, axis.places):
                y[(..., seen, *behind)] += g[(..., results, *behind)]
            g = y
        return g

    def gradient(self, g, y, x):
        return SumPool(self.kernel_size, self.stride, self.padding)(g)


def require_floats(op, x):
    """Sums of windows are for floats."""
    if x.dtype.kind != "f":
        raise DtypeError(f"{type(op).__name__} cannot take {x}: it needs floats.", remedy="Use x.float().")
