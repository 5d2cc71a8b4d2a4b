"""Operations that look elements up by number, and their gradients, which add up where the look-up read.

Indices are int64, count from 0 and are checked: a wrong one raises LabelError and changes nothing.
"""

import functools
import math

import numpy as np

from pellucid.engine import ManyInputs, Op, Spec, mode
from pellucid.errors import DtypeError, LabelError, ShapeError
from pellucid.ops.elementwise import Cast
from pellucid.ops.movement import Reshape
from pellucid.ops.reduce import Broadcast

UINT64 = np.dtype(np.uint64)
FEW = 4096  # of so many elements the places may be written down: NumPy adds faster at places counted in a flat array


def all_within(index, size):
    """Do all these int64 indices lie in 0 .. size - 1?"""
    # As a number without a sign, a negative one is the largest. To find where it is takes a third of the time of max.
    return not index.size or 0 <= index.item(index.view(UINT64).argmax()) < size


def check_indices(op, index, size):
    """Every index must lie in 0 .. size - 1."""
    if not all_within(index, size):
        low, high = int(index.min()), int(index.max())
        wrong = low if low < 0 else high
        raise LabelError(
            f"{type(op).__name__} was asked for number {wrong}, but there are {size}, counted from 0 to {size - 1}.",
            remedy="Do the labels count from 1, or has the last layer too few outputs?",
        )


def check_index_dtype(op, index):
    if index.dtype != np.int64:
        came = Spec(index.shape, index.dtype)
        raise DtypeError(f"{type(op).__name__} needs int64 indices, not {came}.", remedy="Convert them: index.long()")


class Gather(Op):
    """Along `axis`, y takes the element of x that `index` names: y[i, j] = x[i, index[i, j]] for axis 1.

    The index has the shape of y; all its axes but `axis` agree with x.
    """

    reads_output = False

    axis: int

    def infer(self, x, index):
        check_index_dtype(self, index)
        check_all_but_one(self, x, index, self.axis)
        return Spec(index.shape, x.dtype)

    def forward(self, x, index):
        check_index_dtype(self, index)
        check_all_but_one(self, x, index, self.axis)  # NumPy would broadcast here without a word
        check_indices(self, index, x.shape[self.axis])
        before, after = other_places(index.shape, self.axis)
        return x[(*before, index, *after)]

    def gradient(self, g, y, x, index):
        return ScatterAdd(self.axis, x.shape[self.axis])(index, g), None


class ScatterAdd(Op):
    """Zeros, `size` long along `axis`, into which each element of x is added at the place `index` names.

    y[i, index[i, j]] += x[i, j] for axis 1. The way back of Gather: an element read twice is owed twice.
    """

    reads_output = False

    axis: int
    size: int

    def infer(self, index, x):
        check_index_dtype(self, index)
        if index.shape != x.shape:
            raise ShapeError(f"scatter_add cannot take indices {index} for {x}: it needs one index for each element.")
        return Spec([self.size if axis == self.axis else n for axis, n in enumerate(x.shape)], x.dtype)

    def forward(self, index, x):
        if index.shape != x.shape or index.dtype != np.int64:
            raise ValueError  # infer knows the message
        check_indices(self, index, self.size)
        shape = (*x.shape[: self.axis], self.size, *x.shape[self.axis + 1 :])
        y = np.zeros(shape, x.dtype)
        if index.shape[self.axis] == 1:  # nothing can be added twice to one place
            np.put_along_axis(y, index, x, axis=self.axis)
        elif index.size <= FEW:
            np.add.at(y.reshape(-1), flat_places(index, self.axis, shape).reshape(-1), x.reshape(-1))
        else:
            before, after = other_places(x.shape, self.axis)
            np.add.at(y, (*before, index, *after), x)
        return y

    def gradient(self, g, y, index, x):
        return None, Gather(self.axis)(g, index)


@functools.lru_cache(64)
def other_places(shape, axis):
    """For each axis but one, the place of every element on it: NumPy's open grid. The axes before and those after."""
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(grid[:axis]), tuple(grid[axis + 1 :])


def flat_places(index, axis, shape):
    """Where in a flattened array of `shape` the elements lie that an index along an axis names."""
    step, others = others_of(axis, index.shape, shape)
    return index * step + others


@functools.lru_cache(256)
def others_of(axis, index_shape, shape):
    """How far apart elements are along the axis; and where in the flattened array the other axes put each index."""
    steps = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    where_others = np.zeros(index_shape, np.int64)
    for i, n in enumerate(index_shape):
        if i != axis:
            where_others += (np.arange(n) * steps[i]).reshape([-1 if k == i else 1 for k in range(len(shape))])
    return steps[axis], where_others


def check_all_but_one(op, x, index, axis):
    first, second = x.shape, index.shape
    if len(first) != len(second) or first[:axis] != second[:axis] or first[axis + 1 :] != second[axis + 1 :]:
        raise ShapeError(
            f"gather along axis {axis} cannot take {Spec(x.shape, x.dtype)} and indices of shape {index.shape}: "
            "all other axes must agree.",
            remedy="An index has as many axes as what it picks from: index.unsqueeze(-1), index[:, None].",
        )


class TakeRows(Op):
    """y[i] = x[index[i]]: the rows of x that the indices name, such as the vectors of words."""

    reads_output = False

    def infer(self, x, index):
        check_index_dtype(self, index)
        if x.ndim == 0:
            raise ShapeError(f"{x} has no rows to take.")
        return Spec((*index.shape, *x.shape[1:]), x.dtype)

    def forward(self, x, index):
        check_index_dtype(self, index)
        check_indices(self, index, x.shape[0])
        return x[index]

    def gradient(self, g, y, x, index):
        return AddRows(x.shape[0], len(index.shape))(index, g), None


class AddRows(Op):
    """Zeros of `rows` rows, to which each row of x is added at the row `index` names: the way back of TakeRows.

    `index_axes` says how many leading axes of x count rows.
    """

    reads_output = False

    rows: int
    index_axes: int

    def infer(self, index, x):
        check_index_dtype(self, index)
        if index.shape != x.shape[: self.index_axes]:
            raise ShapeError(f"AddRows cannot take indices {index} for {x}: it needs one index for each row.")
        return Spec((self.rows, *x.shape[self.index_axes :]), x.dtype)

    def forward(self, index, x):
        if index.shape != x.shape[: self.index_axes] or index.dtype != np.int64:
            raise ValueError  # infer knows the message
        check_indices(self, index, self.rows)
        y = np.zeros((self.rows, *x.shape[self.index_axes :]), x.dtype)
        if x.size <= FEW:
            row = math.prod(x.shape[self.index_axes :])
            places = index.reshape(-1, 1) * row + np.arange(row)
            np.add.at(y.reshape(-1), places.reshape(-1), x.reshape(-1))
        else:
            np.add.at(y, index, x)
        return y

    def gradient(self, g, y, index, x):
        return None, TakeRows()(g, index)


PUT = {"max": np.maximum, "min": np.minimum, "multiply": np.multiply}


def put_numbers(y, index, rows, how):
    """Put rows into y, or join them to what is there, one after the other."""
    if how == "set":
        y[index] = rows
    else:
        PUT[how].at(y, index, rows)


class PutRows(ManyInputs):
    """x, in which row index[i] is replaced by row i of `rows`; or becomes the max, min or product of both, by `how`.

    It goes by the order of the rows: if two are put into one place, the last one stays ("set"), or all of them count.
    """

    how: str  # "set", "max", "min" or "multiply"

    def infer(self, x, index, rows):
        check_index_dtype(self, index)
        if x.ndim == 0 or index.ndim != 1 or rows.shape != (*index.shape, *x.shape[1:]):
            raise ShapeError(f"PutRows cannot put {rows} into {x} at {index}: it needs one index for each row.")
        if x.dtype != rows.dtype:
            raise DtypeError(f"PutRows cannot put {rows} into {x}: it needs one dtype.")
        return Spec(x.shape, x.dtype)

    def forward(self, x, index, rows):
        if (
            index.ndim != 1
            or index.dtype != np.int64
            or rows.shape != index.shape + x.shape[1:]
            or rows.dtype != x.dtype
        ):
            raise ValueError  # NumPy would broadcast here without a word; infer knows the message
        check_indices(self, index, x.shape[0])
        y = np.array(x, order="C")
        put_numbers(y, index, rows, self.how)
        return y

    def gradient(self, g, y, x, index, rows):
        if self.how == "set":
            return self.gradient_of_set(g, x, index)
        if self.how == "multiply":
            return self.gradient_of_product(g, y, x, index, rows)
        # As for Max: those that are largest (or smallest) share.
        kept = Cast(g.dtype.name)(x == y)
        taken = Cast(g.dtype.name)(rows == TakeRows()(y, index))
        share = g / (kept + AddRows(x.shape[0], 1)(index, taken))
        return share * kept, None, TakeRows()(share, index) * taken

    def gradient_of_set(self, g, x, index):
        """A row of x is owed nothing if it was replaced, and so is a row that was replaced by a later one."""
        count = index.shape[0]
        numbers = known(np.arange(count))
        last = PutRows("set")(known(np.full(x.shape[0], -1)), index, numbers)  # which row lies there in the end
        stays = along_rows(last < 0, x.shape)
        wins = along_rows(TakeRows()(last, index) == numbers, (count, *x.shape[1:]))
        return g.where(stays, 0.0), None, TakeRows()(g, index).where(wins, 0.0)

    def gradient_of_product(self, g, y, x, index, rows):
        """The product of all others: of those that are not 0, if no other one is 0."""
        add = AddRows(x.shape[0], 1)
        zeros = Cast("int64")(x == 0.0) + add(index, Cast("int64")(rows == 0.0))
        filled_x, filled_rows = x.where(x != 0.0, 1.0), rows.where(rows != 0.0, 1.0)
        one, all_of = g.where(zeros == 1, 0.0) * self(filled_x, index, filled_rows), g * y
        for_x = (all_of / filled_x).where(x != 0.0, one)
        for_rows = (TakeRows()(all_of, index) / filled_rows).where(rows != 0.0, TakeRows()(one, index))
        return for_x, None, for_rows


def along_rows(flags, shape):
    """One flag for each row, repeated along the row."""
    flags = Reshape((shape[0], *[1] * (len(shape) - 1)))(flags)
    return Broadcast(shape)(flags) if len(shape) > 1 else flags


def known(array):
    """Numbers that a gradient needs, as a value."""
    y = mode.family()
    y.array = array
    return y
