"""Operations that look elements up by number, and their gradients, which add up where the look-up read.

Indices are int64, count from 0 and are checked: a wrong one raises LabelError and changes nothing.
"""

import functools

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, LabelError, ShapeError


def check_indices(op, index, size):
    """Every index must lie in 0 .. size - 1."""
    if index.size == 0:
        return
    if index.view(np.uint64).max() >= size:  # as a number without a sign, a negative one is huge
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
        shape = self.infer(Spec(index.shape, index.dtype), Spec(x.shape, x.dtype)).shape
        check_indices(self, index, self.size)
        y = np.zeros(shape, x.dtype)
        if index.shape[self.axis] == 1:  # nothing can be added twice to one place
            np.put_along_axis(y, index, x, axis=self.axis)
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


def check_all_but_one(op, x, index, axis):
    agree = x.ndim == index.ndim and all(
        n == m for i, (n, m) in enumerate(zip(x.shape, index.shape, strict=True)) if i != axis
    )
    if not agree:
        raise ShapeError(
            f"gather along axis {axis} cannot take {Spec(x.shape, x.dtype)} and indices of shape {index.shape}: "
            "all other axes must agree."
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
        shape = self.infer(Spec(index.shape, index.dtype), Spec(x.shape, x.dtype)).shape
        check_indices(self, index, self.rows)
        y = np.zeros(shape, x.dtype)
        np.add.at(y, index, x)
        return y

    def gradient(self, g, y, index, x):
        return None, TakeRows()(g, index)
