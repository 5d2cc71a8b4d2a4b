"""Indexing: x[1], x[2:5], x[..., None], x[rows], x[rows, columns], x[mask]; gather and scatter_add.

Numbers and slices become one Slice and one Reshape. Index tensors become TakeRows and Gather, which check
them. A mask is asked where it is true, so its result has a shape that depends on numbers; a recording
cannot have that.
"""

import numpy as np

from pellucid.engine import Spec, has_no_numbers, mode
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import Gather, Reshape, ScatterAdd, Slice, TakeRows
from pellucid.tensors.promote import INT64, broadcast, cast, common_shape, constant, kind_of
from pellucid.tensors.shape import axis_of, moved


class IndexMixin:
    """The methods of Tensor that choose elements."""

    def __getitem__(self, index):
        parts = spelled_out(self, index if isinstance(index, tuple) else (index,))
        if not any(is_array(part) for part in parts):
            return basic(self, parts)
        return advanced(self, parts)

    def gather(self, dim, index):
        """y[i, j] = x[i, index[i, j]] for dim 1: along `dim` take the elements that `index` (int64) names."""
        return Gather(axis_of(self, dim))(self, index)

    def scatter_add(self, dim, index, src):
        """x with src[i, j] added at [i, index[i, j]] for dim 1. Indices may repeat; x itself stays."""
        axis = axis_of(self, dim)
        return self + ScatterAdd(axis, self.shape[axis])(index, src)

    def index_select(self, dim, index):
        """The slices along `dim` that the one-dimensional `index` names."""
        axis = axis_of(self, dim)
        if axis == 0:
            return TakeRows()(self, index)
        return TakeRows()(self.transpose(0, axis), index).transpose(0, axis)

    def nonzero(self):
        """The positions of the elements that are not 0, one row (int64) for each."""
        return constant(np.argwhere(self.known("nonzero()")))

    def unique(self):
        """The different elements, sorted."""
        return constant(np.unique(self.known("unique()")))


def is_array(part):
    """Is this part of an index a list, array or tensor (and not a number, slice, None)?"""
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
            spelled.extend(index_arrays(x, part))
    given = sum(part is not None and part is not Ellipsis for part in spelled)
    if given > x.ndim:
        raise ShapeError(f"{given} indices for a tensor with {x.ndim} axes, of shape {x.shape}.")
    if sum(part is Ellipsis for part in spelled) > 1:
        raise ArgumentError("an index may have one `...` only.")
    if not any(part is Ellipsis for part in spelled):
        spelled.append(Ellipsis)
    at = next(i for i, part in enumerate(spelled) if part is Ellipsis)
    return spelled[:at] + [slice(None)] * (x.ndim - given) + spelled[at + 1 :]


def index_arrays(x, part):
    """An index tensor as a list of one; a bool mask as one index array for each of its axes."""
    if not hasattr(part, "array"):
        part = constant(np.asarray(part))
        if part.array.size == 0:
            part = cast(part, INT64)
    if kind_of(part.dtype) == 2:
        raise DtypeError(f"an index is made of integers or bool, not {part.dtype}.", remedy="Convert it: index.long()")
    if part.dtype != bool:
        return [cast(part, INT64)]
    if type(part.array) is Spec or (part.is_state and mode.local.recording is not None):
        raise has_no_numbers("x[mask], whose shape depends on the numbers of the mask,")
    return [constant(positions) for positions in np.nonzero(part.array)]


def basic(x, parts):
    """Numbers, slices and None only: a Slice, then a Reshape that drops and adds axes."""
    starts, sizes, steps, shape = [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        length = x.shape[axis]
        if isinstance(part, slice):
            start, stop, step = part.indices(length)
            if step < 1:
                raise ArgumentError(
                    f"a slice goes forward: step {step} came.",
                    remedy="Name the positions to turn around: x[[2, 1, 0]].",
                )
            size = max(0, -(-(stop - start) // step))
            shape.append(size)
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
    y = x
    if tuple(sizes) != x.shape:
        y = moved(y, Slice(tuple(starts), tuple(sizes), tuple(steps)))
    if tuple(shape) != y.shape or (y is x and x.is_state):
        y = moved(y, Reshape(tuple(shape)))
    return y if y is not x else x.reshape(*x.shape)


def advanced(x, parts):
    """Index arrays: rows by the first, then within each row by the next. Slices may stand around them."""
    first = next(i for i, part in enumerate(parts) if is_array(part))
    count = sum(is_array(part) for part in parts)
    if not all(is_array(part) for part in parts[first : first + count]):
        raise ArgumentError(
            "index arrays must stand side by side: x[:, rows, columns] works, x[rows, :, columns] does not."
        )
    x = basic(x, [slice(None) if is_array(part) else part for part in parts])
    front = sum(not isinstance(part, int) for part in parts[:first])  # axes before the index arrays that remain
    order = (*range(front, front + count), *range(front), *range(front + count, x.ndim))
    x = x if front == 0 else x.permute(order)
    arrays = [counted_from_front(part, x.shape[i]) for i, part in enumerate(parts[first : first + count])]
    shape = common_shape(*[index.shape for index in arrays])
    arrays = [broadcast(index, shape) for index in arrays]
    y = TakeRows()(x, arrays[0])  # (*shape, the other axes)
    for index in arrays[1:]:
        one = len(shape)
        wide = (*shape, 1, *y.shape[one + 1 :])
        y = Gather(one)(y, broadcast(index.reshape(*shape, *[1] * (y.ndim - one)), wide))
        y = y.reshape(*shape, *y.shape[one + 1 :])
    if front:
        n = len(shape)
        y = y.permute((*range(n, n + front), *range(n), *range(n + front, y.ndim)))
    return y


def counted_from_front(index, length):
    """-1 means the last: add the length to negative indices."""
    if type(index.array) is not Spec and not (index.is_state or (index.array < 0).any()):
        return index
    return (index + length).where(index < 0, index)
