"""Taking and putting elements by position along one axis: gather and scatter, and what is named after them.

Each gives a new tensor; the tensor itself stays. Along the axis a position comes from the index, along all others it
is that of the index itself. So a tensor flattened, and positions counted in it, reduce every kind of putting to one:
PutRows, or ScatterAdd for sums.
"""

import contextlib
import functools
import math
from collections.abc import Callable

import numpy as np

from pellucid.engine import Setting, Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import Add, AddRows, Broadcast, Gather, Pad, PutRows, Reshape, ScatterAdd, Slice
from pellucid.ops.index import FEW, all_within, flat_places, others_of
from pellucid.tensors import at_once
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.index import counted_from_front, is_array, multiplied, positions, spelled_out
from pellucid.tensors.inplace import in_place, is_index, put_rows, replaced
from pellucid.tensors.movement import MovementMixin
from pellucid.tensors.promote import (
    BOOL,
    all_numbers,
    as_tensor,
    broadcast,
    cast,
    common_shape,
    constant,
    kind_of,
    only_numbers,
)
from pellucid.tensors.shape import axis_of

ADD = Add()
REDUCE = {"sum": "add", "prod": "multiply", "amax": "max", "amin": "min", "mean": "add"}


class ScatterMixin:
    """The methods of Tensor that take and put by position."""

    shape: tuple
    dtype: np.dtype
    ndim: int
    reshape: Callable
    transpose: Callable
    permute: Callable
    __add__: Callable
    __getitem__: Callable

    def gather(self, dim, index):
        """y[i, j] = x[i, index[i, j]] for dim 1: along `dim` take the elements that `index` (int64) names.

        >>> import pellucid as pc
        >>> pc.gather(pc.tensor([[1, 2], [3, 4]]), 1, pc.tensor([[1], [0]]))
        tensor([[2],
                [3]])
        """
        index = positions(index, "gather")
        if index.numel() == 0:
            return self.reshape(-1)[:0].reshape(index.shape)
        if self.ndim == 0 or index.ndim == 0:
            return Gather(axis_of(self, dim))(self.reshape(-1), index.reshape(-1)).reshape(index.shape)
        axis = axis_of(self, dim)
        return Gather(axis)(cut_to(self, index.shape, axis, "gather"), index)

    def take_along_dim(self, indices, dim=None):
        """As `gather`, but x and `indices` broadcast along the other axes; without dim, out of the flattened tensor.

        What argsort or argmax(keepdim=True) found, picked: `x.take_along_dim(x.argsort(0), 0)`.
        """
        indices = positions(indices, "take_along_dim")
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        if indices.ndim != self.ndim:
            raise ShapeError(f"take_along_dim needs as many axes in both, not {self.shape} and {indices.shape}.")
        axis = axis_of(self, dim)
        shape = common_shape(without(self.shape, axis), without(indices.shape, axis))
        wide = broadcast(self, (*shape[:axis], self.shape[axis], *shape[axis:]))
        index = broadcast(indices, (*shape[:axis], indices.shape[axis], *shape[axis:]))
        return Gather(axis)(wide, counted_from_front(index, self.shape[axis]))

    def scatter(self, dim, index, src=None, *, value=None, reduce=None):
        """x with src[i, j] put to [i, index[i, j]] for dim 1. `src` is a tensor or a number.

        `reduce` "add" or "multiply" joins it with what is there. Of several elements for one place the last one stays.

        >>> import pellucid as pc
        >>> pc.scatter(pc.zeros(2, 3), 1, pc.tensor([[2], [0]]), 7.0)
        tensor([[0., 0., 7.],
                [7., 0., 0.]])
        """
        src = value if src is None else src
        if reduce not in (None, "add", "multiply"):
            raise ArgumentError(f'scatter: reduce is "add", "multiply" or None, not {reduce!r}.')
        return put_along(self, dim, index, src, reduce or "set", "scatter")

    def scatter_add(self, dim, index, src):
        """x with src[i, j] added at [i, index[i, j]] for dim 1. Indices may repeat; x itself stays.

        >>> import pellucid as pc
        >>> pc.scatter_add(pc.zeros(3), 0, pc.tensor([0, 2, 2]), pc.ones(3))
        tensor([1., 0., 2.])
        """
        return put_along(self, dim, index, src, "add", "scatter_add")

    def scatter_reduce(self, dim, index, src, reduce, *, include_self=True):
        """x with src[i, j] joined at [i, index[i, j]] for dim 1 by "sum", "prod", "mean", "amax" or "amin".

        Without `include_self` only the elements of src count at the places that any of them goes to.

        >>> import pellucid as pc
        >>> pc.scatter_reduce(pc.zeros(2), 0, pc.tensor([0, 0, 1]), pc.tensor([1.0, 3.0, 5.0]), "amax")
        tensor([3., 5.])
        """
        if reduce not in REDUCE:
            raise ArgumentError(f"scatter_reduce: reduce is one of {', '.join(REDUCE)}, not {reduce!r}.")
        index = positions(index, "scatter_reduce")
        x = self if include_self else put_along(self, dim, index, neutral(reduce, self.dtype), "set", "scatter_reduce")
        y = put_along(x, dim, index, src, REDUCE[reduce], "scatter_reduce")
        if reduce != "mean":
            return y
        none = constant(np.zeros(self.shape, np.int64))
        count = put_along(none, dim, index, 1, "add", "scatter_reduce")
        return divided(y, count, include_self)

    # ---- whole slices along an axis

    def index_add(self, dim, index, source, *, alpha=1):
        """x with alpha times the slices of `source` added to those along `dim` that `index` names.

        >>> import pellucid as pc
        >>> pc.index_add(pc.zeros(3), 0, pc.tensor([2, 2]), pc.ones(2))
        tensor([0., 0., 2.])
        """
        return put_slices(self, dim, index, source if alpha == 1 else source * alpha, "add", "index_add")

    def index_copy(self, dim, index, source):
        """x with the slices along `dim` that `index` names replaced by those of `source`."""
        return put_slices(self, dim, index, source, "set", "index_copy")

    def index_fill(self, dim, index, value):
        """x with `value` in the slices along `dim` that `index` names."""
        axis, index = axis_of(self, dim), positions(index, "index_fill").reshape(-1)
        value = value if hasattr(value, "array") else constant(np.asarray(value))
        if value.ndim:
            raise ShapeError(f"index_fill fills with one number, not with shape {value.shape}.")
        shape = self.shape or (1,)
        index = counted_from_front(index, shape[axis])
        plain = value.dtype.kind in "biuf" and all_numbers(self, index, value)
        if self.ndim and plain and all_within(index.array, shape[axis]):
            return at_once.put(self, (*[slice(None)] * axis, index.array), value.array, "set")
        source = Broadcast((*shape[:axis], *index.shape, *shape[axis + 1 :]))(
            Reshape((1,) * len(shape))(cast(value, self.dtype))
        )
        return put_slices(self, dim, index, source, "set", "index_fill")

    def index_reduce(self, dim, index, source, reduce, *, include_self=True):
        """x with the slices of `source` joined to those along `dim` by "prod", "mean", "amax" or "amin"."""
        if reduce not in REDUCE or reduce == "sum":
            raise ArgumentError(f"index_reduce: reduce is prod, mean, amax or amin, not {reduce!r}.")
        x = self if include_self else self.index_fill(dim, index, neutral(reduce, self.dtype))
        y = put_slices(x, dim, index, source, REDUCE[reduce], "index_reduce")
        if reduce != "mean":
            return y
        ones = constant(np.ones(as_tensor(source).shape, np.int64))
        none = constant(np.zeros(self.shape, np.int64))
        return divided(y, put_slices(none, dim, index, ones, "add", "index_reduce"), include_self)

    def index_put(self, indices, values, accumulate=False):
        """x with `values` at x[indices], a tuple of index tensors; with `accumulate` they are added.

        >>> import pellucid as pc
        >>> pc.index_put(pc.zeros(3), (pc.tensor([1, 1]),), pc.tensor(1.0), accumulate=True)
        tensor([0., 2., 0.])
        """
        values = as_tensor(values)
        if values.dtype != self.dtype:
            raise DtypeError(f"index_put needs values of dtype {self.dtype}, not {values.dtype}.")
        if (
            accumulate
            and only_numbers(self)
            and only_numbers(values)
            and all(is_index(i) and only_numbers(i) for i in indices)
        ):
            with contextlib.suppress(IndexError, ValueError):  # the way below knows the message
                return at_once.put(self, tuple([index.array for index in indices]), values.array, "add")
        if not accumulate and (only_numbers(self) or as_tensor(indices[0]).dtype == bool):
            return replaced(self, tuple(indices), values)
        parts = spelled_out(self, tuple(indices))
        if not any(is_array(part) for part in parts):
            return replaced(self, tuple(indices), self[tuple(indices)] + values if accumulate else values)
        return put_rows(self, parts, values, accumulate)

    def put(self, index, source, accumulate=False):
        """x with the elements of `source` at the positions `index` of the flattened tensor."""
        index = counted_from_front(positions(index, "put"), math.prod(self.shape)).reshape(-1)
        if source.numel() != index.numel():
            raise ShapeError(f"put needs one element for each index, not {source.numel()} for {index.numel()}.")
        places, same = index.array, source.dtype == self.dtype
        if same and not accumulate and all_numbers(self, index, source) and all_within(places, self.array.size):
            return at_once.put(self, places, source.array.reshape(-1), "set", flat=True)
        flat, source = self.reshape(-1), source.reshape(-1)
        if accumulate:
            return self + AddRows(flat.shape[0], 1)(index, source).reshape(self.shape)
        return PutRows("set")(flat, index, source).reshape(self.shape)

    def masked_scatter(self, mask, source):
        """x with the elements of `source`, in order, where the mask is true; the mask broadcasts."""
        mask, source = as_tensor(mask), as_tensor(source)
        if mask.dtype != BOOL:
            raise DtypeError(f"masked_scatter needs a bool mask, not {mask.dtype}.", remedy="Ask: x > 0")
        shape = common_shape(self.shape, mask.shape)
        mask = broadcast(mask, shape)
        places = mask.known("masked_scatter, which counts the places of the mask,").reshape(-1).nonzero()[0]
        if len(places) > source.numel():
            raise ShapeError(f"masked_scatter has {source.numel()} elements for {len(places)} places.")
        if all_numbers(self, source):
            taken = source.array.reshape(-1)[: len(places)]
            return at_once.put(broadcast(self, shape), places, taken, "set", flat=True)
        flat, taken = broadcast(self, shape).reshape(-1), source.reshape(-1)[: len(places)]
        return PutRows("set")(flat, constant(places), cast(taken, self.dtype)).reshape(shape)

    # ---- regular parts: what select, slices and diagonal take

    def select_scatter(self, src, dim, index):
        """x with `src` as its slice number `index` along `dim`."""
        return replaced_part(self, MovementMixin.select, (dim, index), src, "select_scatter")

    def slice_scatter(self, src, dim=0, start=None, end=None, step=1):
        """x with `src` as its slice start:end:step along `dim`."""
        return replaced_part(self, sliced, (axis_of(self, dim), start, end, step), src, "slice_scatter")

    def diagonal_scatter(self, src, offset=0, dim1=0, dim2=1):
        """x with `src` on its diagonal."""
        return replaced_part(self, MovementMixin.diagonal, (offset, dim1, dim2), src, "diagonal_scatter")

    # ---- the same, in place

    index_add_ = in_place(index_add)
    index_copy_ = in_place(index_copy)
    index_fill_ = in_place(index_fill)
    index_put_ = in_place(index_put)
    index_reduce_ = in_place(index_reduce)
    masked_scatter_ = in_place(masked_scatter)
    put_ = in_place(put)
    scatter_ = in_place(scatter)
    scatter_add_ = in_place(scatter_add)
    scatter_reduce_ = in_place(scatter_reduce)


def without(shape, axis):
    return (*shape[:axis], *shape[axis + 1 :])


def cut_to(x, shape, axis, name):
    """The part of x that an index of this shape reads or writes: along all other axes the first elements."""
    have = x.array.shape
    wanted = (*shape[:axis], have[axis], *shape[axis + 1 :])
    if wanted == have:
        return x
    if len(have) != len(shape) or any(n < m for n, m in zip(have, wanted, strict=True)):
        raise ShapeError(f"{name}: an index of shape {shape} does not fit into {Spec(x.shape, x.dtype)}.")
    return Slice((0,) * x.ndim, wanted, (1,) * x.ndim)(x)


def put_along(x, dim, index, src, how, name):
    """x with elements of src put along `dim` where the index says: set, added, multiplied, max or min."""
    index = positions(index, name)
    if x.ndim == 0:
        src = src.reshape(1) if hasattr(src, "array") else src
        return put_along(x.reshape(1), dim, index.reshape(-1), src, how, name).reshape(())
    axis = axis_of(x, dim)
    have, shape = x.array.shape, index.array.shape
    if len(shape) != len(have) and 0 not in shape:
        raise ShapeError(
            f"{name} needs an index with as many axes as x, not {shape} for {have}.",
            remedy="Give it the missing one: index.unsqueeze(0) for one row.",
        )
    if 0 in shape:
        return x * 1 if x.requires_grad else x.clone()
    if not hasattr(src, "array"):
        src = broadcast(constant(np.asarray(src, x.dtype)), shape)
    if src.array.dtype != x.array.dtype:
        raise DtypeError(f"{name} needs one dtype, not {x.dtype} and {src.dtype}.")
    if src.array.shape != shape:
        if src.ndim != len(shape) or any(n < m for n, m in zip(src.shape, shape, strict=True)):
            raise ShapeError(f"{name} needs an element of src for each index, not {src.shape} for {shape}.")
        src = Slice((0,) * src.ndim, shape, (1,) * src.ndim)(src)
    cut_to(x, shape, axis, name)
    few = math.prod(shape) <= FEW
    if few and all_numbers(x, index) and src.step is None and all_within(index.array, have[axis]):
        at, numbers = flat_places(index.array, axis, have).reshape(-1), src.array.reshape(-1)
        return at_once.put(x, at, numbers, how, flat=True)
    if how == "add":
        added = ScatterAdd(axis, x.shape[axis])(index, src)
        added = added if added.shape == x.shape else Pad((0,) * x.ndim, x.shape, (1,) * x.ndim)(added)
        return x + added
    n = Reshape((math.prod(index.shape),))
    flat = Reshape((math.prod(x.shape),))(x)
    return Reshape(x.shape)(PutRows(how)(flat, n(in_flat(index, axis, x.shape)), n(src)))


def in_flat(index, axis, shape):
    """The positions in the flattened tensor that an index along an axis names."""
    step, others = others_of(axis, index.shape, shape)
    return ADD(multiplied(index, shape[axis], step), constant(others))


def sliced(x, axis, start, end, step):
    """x[start:end:step] along an axis."""
    return x[(*[slice(None)] * axis, slice(start, end, step))]


def put_slices(x, dim, index, source, how, name):
    """x with slices of `source` put along `dim`."""
    index, source = positions(index, name).reshape(-1), as_tensor(source)
    if source.dtype != x.dtype:
        raise DtypeError(f"{name} needs one dtype, not {x.dtype} and {source.dtype}.")
    if x.ndim == 0:
        return put_slices(x.reshape(1), 0, index, source.reshape(-1), how, name).reshape(())
    axis = axis_of(x, dim)
    source = source.reshape(1) if source.ndim == 0 else source
    if source.shape != (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]):
        raise ShapeError(
            f"{name} along axis {axis} of shape {x.shape} cannot take {source.shape} for {index.numel()} indices."
        )
    if all_numbers(x, index, source) and all_within(index.array, x.shape[axis]):
        return at_once.put(x, (*[slice(None)] * axis, index.array), source.array, how)
    if axis:
        x, source = x.transpose(0, axis), source.transpose(0, axis)
    y = x + AddRows(x.shape[0], 1)(index, source) if how == "add" else PutRows(how)(x, index, source)
    return y.transpose(0, axis) if axis else y


def neutral(reduce, dtype):
    """The number that changes nothing."""
    if reduce in ("sum", "mean"):
        return np.zeros((), dtype)
    if reduce == "prod":
        return np.ones((), dtype)
    if kind_of(dtype) == 2:
        return np.asarray(-np.inf if reduce == "amax" else np.inf, dtype)
    info = np.iinfo(dtype)
    return np.asarray(info.min if reduce == "amax" else info.max, dtype)


def divided(total, count, include_self):
    """The mean: of whole numbers, rounded down."""
    count = count + 1 if include_self else where(count == 0, 1, count)
    if kind_of(total.dtype) == 2:
        return total / cast(count, total.dtype)
    lower = cast(cast(total, np.dtype("float64")) / cast(count, np.dtype("float64")), total.dtype)
    return lower - cast(lower * cast(count, total.dtype) > total, total.dtype)


@functools.lru_cache(256)
def places_taken(shape, take, arguments):
    """Where in the flattened tensor the elements lie that a method takes."""
    with Setting(tracer=None, recording=None):
        return take(constant(np.arange(math.prod(shape)).reshape(shape)), *arguments).array


def replaced_part(x, take, arguments, src, name):
    """x in which what the method `take` takes is `src`."""
    places = places_taken(x.shape, take, arguments)
    if src.shape != places.shape:
        raise ShapeError(f"{name} needs src of shape {places.shape}, not {src.shape}.")
    flat = cast(src, x.dtype).reshape(-1)
    if all_numbers(x, src):
        return at_once.put(x, places.reshape(-1), flat.array, "set", flat=True)
    return PutRows("set")(x.reshape(-1), constant(places.reshape(-1)), flat).reshape(x.shape)


diagonal_scatter = free(ScatterMixin.diagonal_scatter)
gather = free(ScatterMixin.gather)
index_add = free(ScatterMixin.index_add)
index_copy = free(ScatterMixin.index_copy)
index_fill = free(ScatterMixin.index_fill)
index_put = free(ScatterMixin.index_put)
index_reduce = free(ScatterMixin.index_reduce)
masked_scatter = free(ScatterMixin.masked_scatter)
put = free(ScatterMixin.put)
scatter = free(ScatterMixin.scatter)
scatter_add = free(ScatterMixin.scatter_add)
scatter_reduce = free(ScatterMixin.scatter_reduce)
select_scatter = free(ScatterMixin.select_scatter)
slice_scatter = free(ScatterMixin.slice_scatter)
take_along_dim = free(ScatterMixin.take_along_dim)
