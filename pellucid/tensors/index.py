"""Indexing: x[1], x[2:5], x[..., None], x[rows], x[rows, :, columns], x[mask].

Numbers and slices become one Slice and one Reshape. Index tensors become one TakeRows: the axes that they name are
brought to the front and made one, along which a position is a sum of multiples. A mask is asked where it is true, so
its result has a shape that depends on numbers; a recording cannot have that.
"""

import contextlib
import functools
import math
import operator
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pellucid.engine import Spec, Value, has_no_numbers, mode
from pellucid.errors import ArgumentError, DtypeError, LabelError, ShapeError
from pellucid.ops import Reshape, Slice, TakeRows, Transpose
from pellucid.ops.index import all_within
from pellucid.tensors.free import free
from pellucid.tensors.promote import BOOL, INT64, all_numbers, broadcast, cast, common_shape, constant, kind_of
from pellucid.tensors.shape import axis_of, kept

OF_A_MASK = "x[mask], whose shape depends on the numbers of the mask,"


class OnNewAxis(NamedTuple):
    """A single True or False as an index: a new axis of length 1, or of length 0."""

    index: object


class IndexMixin:
    """The methods of Tensor that choose elements."""

    known: Callable
    transpose: Callable
    reshape: Callable
    shape: tuple

    def __getitem__(self, index):
        if type(index) is int and self.shape:  # the most frequent indices, by the shortest way
            return basic(self, (index, *[slice(None)] * (len(self.shape) - 1)))
        if isinstance(index, Value) and self.shape:
            if index.array.dtype == INT64:
                return TakeRows()(self, counted_from_front(index, self.shape[0]))
            if index.array.dtype == BOOL and index.shape and index.shape == self.shape[: index.ndim]:
                rows = self.reshape(index.numel(), *self.shape[index.ndim :])
                return TakeRows()(rows, constant(np.flatnonzero(index.known(OF_A_MASK))))
        parts = spelled_out(self, as_parts(index))
        if not any(is_array(part) for part in parts):
            return basic(self, parts)
        return advanced(self, parts)

    def index_select(self, dim, index):
        """The slices along `dim` that the one-dimensional `index` names.

        >>> import pellucid as pc
        >>> pc.index_select(pc.tensor([[1, 2, 3], [4, 5, 6]]), 1, pc.tensor([2, 0]))
        tensor([[3, 1],
                [6, 4]])
        """
        axis, index = axis_of(self, dim), positions(index, "index_select")
        if index.ndim > 1:
            raise ShapeError(f"index_select takes a vector of positions, not shape {index.shape}.")
        if not self.shape:
            return TakeRows()(self.reshape(1), index.reshape(-1)).reshape(())
        if all_numbers(self, index) and index.ndim and all_within(index.array, self.shape[axis]):
            return constant(self.array.take(index.array, axis))
        index = index.reshape(-1)
        if axis == 0:
            return TakeRows()(self, index)
        swap = Transpose((axis, *range(1, axis), 0, *range(axis + 1, len(self.shape))))
        return swap(TakeRows()(swap(self), index))

    def masked_select(self, mask):
        """The elements where the mask is true, in order; both broadcast.

        >>> import pellucid as pc
        >>> pc.masked_select(pc.tensor([1, 2, 3]), pc.tensor([True, False, True]))
        tensor([1, 3])
        """
        if mask.dtype != bool:
            raise DtypeError(
                f"masked_select needs a bool mask, not {mask.dtype}.", remedy="Ask: x.masked_select(x > 0)"
            )
        shape = common_shape(self.shape, mask.shape)
        return broadcast(self, shape)[broadcast(mask, shape)]

    def take(self, index):
        """The elements of the flattened tensor that `index` names, in the shape of `index`; -1 is the last."""
        index = positions(index, "take")
        if all_numbers(self, index) and all_within(index.array, self.array.size):
            return constant(np.asarray(self.array.take(index.array)))
        flat = self.reshape(-1)
        return TakeRows()(flat, counted_from_front(index, flat.shape[0]))

    def nonzero(self, *, as_tuple=False):
        """The positions of the elements that are not 0, one row (int64) for each; or a vector for each axis.

        >>> import pellucid as pc
        >>> pc.nonzero(pc.tensor([0, 7, 8]))
        tensor([[1],
                [2]])
        """
        array = self.known("nonzero()")
        if as_tuple:
            return tuple([constant(axis) for axis in np.nonzero(np.atleast_1d(array))])
        return constant(np.argwhere(array))

    def argwhere(self):
        """The positions of the elements that are not 0, one row (int64) for each."""
        return self.nonzero()


def as_parts(index):
    """The parts of an index. A list that holds more than numbers means a tuple, as in PyTorch: x[[rows, columns]]."""
    if isinstance(index, tuple):
        return index
    if (
        type(index) is list
        and len(index) < 32
        and not all(isinstance(part, (int, float, np.generic)) for part in index)
    ):
        return tuple(index)
    return (index,)


def positions(index, name):
    """An index of whole numbers as int64."""
    index = index if isinstance(index, Value) else constant(np.asarray(index))
    if index.array.dtype == INT64:
        return index
    if kind_of(index.dtype) != 1:
        came = Spec(index.shape, index.dtype)
        raise DtypeError(f"{name} needs int64 indices, not {came}.", remedy="Convert them: index.long()")
    return cast(index, INT64)


def is_array(part):
    """Is this part of an index an array (and not a number, slice, None)?"""
    return part is not None and not isinstance(part, (int, slice))


def spelled_out(x, parts):
    """One part for each axis: `...` becomes slices, lists become arrays, masks the positions where they hold."""
    spelled = []
    for part in parts:
        if part is Ellipsis or part is None or isinstance(part, slice):
            spelled.append(part)
        elif isinstance(part, (int, np.integer)) and not isinstance(part, bool):
            spelled.append(int(part))
        else:
            spelled.extend(index_arrays(part))
    given = sum(part is not None and part is not Ellipsis and type(part) is not OnNewAxis for part in spelled)
    if given > x.ndim:
        raise ShapeError(f"{given} indices for a tensor with {x.ndim} axes, of shape {x.shape}.")
    if sum(part is Ellipsis for part in spelled) > 1:
        raise ArgumentError("an index may have one `...` only.")
    if not any(part is Ellipsis for part in spelled):
        spelled.append(Ellipsis)
    at = next(i for i, part in enumerate(spelled) if part is Ellipsis)
    spelled[at : at + 1] = [slice(None)] * (x.ndim - given)
    axis = 0
    for part in spelled:
        mask = getattr(part, "mask_shape", ())
        if mask and x.shape[axis : axis + len(mask)] != mask:
            raise ShapeError(f"a mask of shape {mask} does not fit the axes from {axis} on of {x.shape}.")
        axis += part is not None and type(part) is not OnNewAxis
    return spelled


def index_arrays(part):
    """An index tensor as a list of one; a bool mask as one index array for each of its axes."""
    if not hasattr(part, "array"):
        part = constant(np.asarray(part))
        if part.array.size == 0 and part.array.dtype != bool:
            part = cast(part, INT64)
    if kind_of(part.dtype) == 2:
        raise DtypeError(
            f"an index is made of integers or bool, not {part.dtype}.",
            remedy="Positions: index.long(). A choice of 0 and 1 is a mask: x[index != 0].",
        )
    if part.dtype not in (bool, np.uint8):
        return [cast(part, INT64)]
    if type(part.array) is Spec or (part.is_state and mode.local.recording is not None):
        raise has_no_numbers(OF_A_MASK)
    if part.ndim == 0:
        return [OnNewAxis(constant(np.zeros(int(bool(part.array)), np.int64)))]
    arrays = [constant(where) for where in np.nonzero(part.array)]
    arrays[0].mask_shape = part.shape
    return arrays


def basic(x, parts):
    """Numbers, slices and None only: a Slice, then a Reshape that drops and adds axes."""
    y = x
    for op in plan(x.shape, tuple([part if type(part) is not slice else plain_slice(part) for part in parts])):
        y = op(y)
    if y is x:
        return x.reshape(x.shape)
    return kept(x, y)


def plain_slice(part):
    """A slice as a tuple of numbers: such a one can be looked up."""
    return tuple([n if n is None else operator.index(n) for n in (part.start, part.stop, part.step)])


@functools.lru_cache(4096)
def plan(shape, parts):
    """The ops that take the part of a tensor of this shape that numbers, slices (as tuples) and None name."""
    starts, sizes, steps, result = [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            result.append(1)
            continue
        length = shape[axis]
        if isinstance(part, tuple):
            start, stop, step = slice(*part).indices(length) if part[2] != 0 else (0, 0, 0)
            if step < 1:
                raise ArgumentError(f"a slice goes forward: step {step} came.", remedy="Turn around with flip.")
            size = max(0, -(-(stop - start) // step))
            start = start if size else 0
            result.append(size)
        else:
            if not -length <= part < length:
                raise ShapeError(
                    f"index {part} is outside of axis {axis}, which has length {length}.",
                    remedy=f"Positions count from 0 to {length - 1}; x[-1] is the last." if length else None,
                )
            start, size, step = part % length, 1, 1
        starts.append(start)
        sizes.append(size)
        steps.append(step)
        axis += 1
    sizes, result = tuple(sizes), tuple(result)
    cut = [Slice(tuple(starts), sizes, tuple(steps))] if sizes != shape or any(n != 1 for n in steps) else []
    return [*cut, *([Reshape(result)] if result != sizes else [])]


def advanced(x, parts):
    """Index arrays: the axes that they name become one, of which rows are taken.

    The axes of the arrays stand in the result where those stood, or in front if there is an axis between them. A
    single position as a tensor brings no axis, and as in PyTorch does not count.
    """
    rows, index, _, back = rows_named(x, parts)
    y = TakeRows()(rows, index)
    return turned(y, back)


def turned(x, order):
    """x with its axes in this order."""
    return x if order == tuple(range(x.ndim)) else kept(x, Transpose(order)(x))


def rows_named(x, parts):
    """(rows, index, order, back): the elements of an index with arrays are TakeRows()(rows, index), permuted by `back`.

    `rows` is x, after its numbers and slices, with the axes in `order` (those of the arrays first) and these as one.
    """
    x = basic(x, [None if type(part) is OnNewAxis else slice(None) if is_array(part) else part for part in parts])
    left = [part for part in parts if not isinstance(part, int)]  # one for each axis of x
    named = [axis for axis, part in enumerate(left) if is_array(part)]
    others = [axis for axis in range(x.ndim) if axis not in named]
    arrays = [left[axis].index if type(left[axis]) is OnNewAxis else left[axis] for axis in named]
    order = (*named, *others)
    rows = turned(x, order)
    lengths = [x.shape[axis] for axis in named]
    if len(named) > 1:
        rows = rows.reshape(math.prod(lengths), *rows.shape[len(named) :])
    index = one_position(arrays, lengths)
    bring = [axis for axis, array in zip(named, arrays, strict=True) if array.ndim] or named
    between = any(bring[0] < axis < bring[-1] for axis in others)
    front = 0 if between else sum(axis < bring[0] for axis in others)
    n = index.ndim
    back = (*range(n, n + front), *range(n), *range(n + front, n + len(others)))
    return rows, index, order, back


def one_position(arrays, lengths):
    """Positions along several axes as one along all of them, row after row; they broadcast."""
    if len(arrays) == 1:
        return counted_from_front(arrays[0], lengths[0])
    if mode.local.recording is None:
        with contextlib.suppress(ValueError):  # a negative position, or one that is too large: see below
            return constant(np.ravel_multi_index([index.array for index in arrays], lengths))
    shape = common_shape(*[index.shape for index in arrays])
    total, step = None, math.prod(lengths)
    for index, length in zip(arrays, lengths, strict=True):
        step //= max(length, 1)
        part = multiplied(broadcast(counted_from_front(index, length), shape), length, step)
        total = part if total is None else total + part
    return total


def multiplied(index, length, step):
    """step * index, and an error if the index is not in 0 .. length - 1: looked up in the table of multiples."""
    if type(index.array) is Spec:
        return TakeRows()(constant(np.arange(length) * step), index)
    if not all_within(index.array, length):
        wrong = index.array.max() if index.array.max() >= length else index.array.min()
        raise LabelError(
            f"index {wrong} is outside of an axis of length {length}.",
            remedy=f"Positions count from 0 to {length - 1}.",
        )
    return constant(index.array * step)


def counted_from_front(index, length):
    """-1 means the last: add the length to negative indices."""
    known = type(index.array) is not Spec and not (index.is_state and mode.local.recording is not None)
    if known and all_within(index.array, length):
        return index
    return (index + length).where(index < 0, index)


argwhere = free(IndexMixin.argwhere)
index_select = free(IndexMixin.index_select)
masked_select = free(IndexMixin.masked_select)
nonzero = free(IndexMixin.nonzero)
take = free(IndexMixin.take)
