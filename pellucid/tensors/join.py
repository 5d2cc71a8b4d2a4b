"""Joining tensors, and taking them apart again."""

import functools
import itertools
import operator
from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec, Value
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import Concatenate, Pad, Reshape, Slice
from pellucid.tensors.free import free
from pellucid.tensors.promote import as_tensor, broadcast, cast, common_dtype, common_shape
from pellucid.tensors.shape import axis_of, kept, moved


class SplitMixin:
    """The methods of Tensor that take it apart."""

    shape: tuple
    ndim: int
    reshape: Callable

    def split(self, split_size, dim=0):
        """Pieces of `split_size` along `dim` (the last may be shorter), or of the sizes listed.

        >>> import pellucid as pc
        >>> pc.split(pc.arange(5), 2)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
        """
        axis = real_axis(self, dim, "split")
        length = self.shape[axis]
        if not isinstance(split_size, (tuple, list)):
            size = operator.index(split_size)
            if size < 0 or (size == 0 and length):
                raise ArgumentError(f"split: split_size is at least 1, not {size}.")
            split_size = [min(size, length - start) for start in range(0, length, size or 1)] or [0]
        return self.split_with_sizes(split_size, dim)

    def split_with_sizes(self, split_sizes, dim=0):
        """Pieces of these sizes along `dim`; together they make its length."""
        axis = real_axis(self, dim, "split_with_sizes")
        if sum(split_sizes) != self.shape[axis] or any(size < 0 for size in split_sizes):
            raise ShapeError(
                f"split: the sizes {list(split_sizes)} do not add up to {self.shape[axis]}, the length of axis {dim}."
            )
        stops = [0, *itertools.accumulate(split_sizes)]
        return tuple([part(self, axis, start, stop) for start, stop in itertools.pairwise(stops)])

    def chunk(self, chunks, dim=0):
        """At most `chunks` pieces of equal length along `dim`; the last may be shorter.

        >>> import pellucid as pc
        >>> pc.chunk(pc.arange(5), 2)
        (tensor([0, 1, 2]), tensor([3, 4]))
        """
        if chunks < 1:
            raise ArgumentError(f"chunk makes at least 1 piece, not {chunks}.")
        length = self.shape[real_axis(self, dim, "chunk")]
        if length == 0:
            return (self,) * chunks
        return self.split(-(-length // chunks), dim)

    def tensor_split(self, indices_or_sections, dim=0):
        """So many pieces along `dim`, the first ones longer by 1 if need be; or pieces that end at these positions.

        >>> import pellucid as pc
        >>> pc.tensor_split(pc.arange(5), 2)
        (tensor([0, 1, 2]), tensor([3, 4]))
        >>> pc.tensor_split(pc.arange(5), (1, 4))
        (tensor([0]), tensor([1, 2, 3]), tensor([4]))
        """
        axis = real_axis(self, dim, "tensor_split")
        length, places = self.shape[axis], indices_or_sections
        if isinstance(places, Value):
            places = places.tolist()
        if isinstance(places, (tuple, list)):
            bounds = [slice(0, place).indices(length)[1] for place in places]
        else:
            if places < 1:
                raise ArgumentError(f"tensor_split makes at least 1 piece, not {places}.")
            short, longer = divmod(length, places)
            bounds = [short * i + min(i, longer) for i in range(1, places)]
        pairs = itertools.pairwise([0, *bounds, length])
        return tuple([part(self, axis, start, max(start, stop)) for start, stop in pairs])

    def hsplit(self, indices_or_sections):
        """`tensor_split` along the columns: axis 1, or axis 0 of a vector. A number must divide the length."""
        return even_split(self, indices_or_sections, 0 if self.ndim == 1 else 1, "hsplit", 1)

    def vsplit(self, indices_or_sections):
        """`tensor_split` along the rows, axis 0, of two axes or more. A number must divide the length."""
        return even_split(self, indices_or_sections, 0, "vsplit", 2)

    def dsplit(self, indices_or_sections):
        """`tensor_split` along axis 2, of three axes or more. A number must divide the length."""
        return even_split(self, indices_or_sections, 2, "dsplit", 3)

    def unbind(self, dim=0):
        """The slices along `dim`, without that axis.

        >>> import pellucid as pc
        >>> pc.unbind(pc.tensor([[1, 2], [3, 4]]))
        (tensor([1, 2]), tensor([3, 4]))
        """
        axis = real_axis(self, dim, "unbind")
        drop = Reshape((*self.shape[:axis], *self.shape[axis + 1 :]))
        return tuple([drop(part(self, axis, i, i + 1)) for i in range(self.shape[axis])])


def real_axis(x, dim, name):
    """An axis from 0, of a tensor that has axes."""
    if x.ndim == 0:
        raise ShapeError(f"{name} goes along an axis, and a single number has none.")
    return axis_of(x, dim)


def part(x, axis, start, stop):
    """The elements from start to before stop along an axis."""
    return moved(x, cut(x.array.shape, axis, start, stop))


@functools.lru_cache(4096)
def cut(shape, axis, start, stop):
    """The Slice that takes them out of a tensor of this shape."""
    starts = tuple([start if i == axis else 0 for i in range(len(shape))])
    return Slice(starts, (*shape[:axis], stop - start, *shape[axis + 1 :]), (1,) * len(shape))


def even_split(x, places, axis, name, least):
    """tensor_split, for names that ask for pieces of one length."""
    if x.ndim < least:
        raise ShapeError(f"{name} needs at least {least} axes, not {Spec(x.shape, x.dtype)}.")
    if not isinstance(places, (tuple, list)) and (places < 1 or x.shape[axis] % places):
        raise ShapeError(f"{name} cannot make {places} pieces of one length out of {x.shape[axis]}.")
    return x.tensor_split(places, axis)


def one_dtype(tensors, name):
    """A list of tensors in the dtype in which they meet."""
    if isinstance(tensors, Value):
        tensors = tensors.unbind()
    tensors = [as_tensor(x) for x in tensors]
    if not tensors:
        raise ArgumentError(f"{name} needs at least one tensor.")
    dtype = tensors[0].array.dtype
    if all([x.array.dtype == dtype for x in tensors]):  # noqa: C419  a generator is slower
        return tensors
    for x in tensors[1:]:
        dtype = common_dtype(dtype, False, x.dtype, False)
    return [cast(x, dtype) for x in tensors]


def in_a_list(tensors, dim, name):
    """The tensors in one dtype, unless they came one by one: then the second of them stands where `dim` is."""
    if isinstance(dim, Value):
        raise ArgumentError(f"{name} takes a list of tensors, and single ones came.", remedy=f"{name}([a, b])")
    return one_dtype(tensors, name)


def cat(tensors, dim=0):
    """Join tensors along an existing axis; all other axes agree. Tensors of shape (0,) may stand among them.

    >>> import pellucid as pc
    >>> pc.cat([pc.tensor([1, 2]), pc.tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = in_a_list(tensors, dim, "cat")
    if any(x.array.ndim == 0 for x in tensors):
        raise ShapeError("cat joins along an axis, and a single number has none.", remedy="Use stack.")
    full = [x for x in tensors if x.array.shape != (0,)]
    return Concatenate(axis_of(full[0], dim))(*full) if full else tensors[0]


def concat(tensors, dim=0):
    """Another name of `cat`."""
    return cat(tensors, dim)


def concatenate(tensors, dim=0):
    """`cat` under NumPy's name."""
    return cat(tensors, dim)


def stack(tensors, dim=0):
    """Join tensors of one shape along a new axis.

    >>> import pellucid as pc
    >>> pc.stack([pc.tensor([1, 2]), pc.tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    tensors = in_a_list(tensors, dim, "stack")
    if any([x.array.shape != tensors[0].array.shape for x in tensors]):  # noqa: C419  a generator is slower
        raise ShapeError(
            f"stack needs tensors of one shape, and {', '.join(str(x.shape) for x in tensors)} came.",
            remedy="Bring them to one length; cat joins along an axis that they have, where they may differ.",
        )
    if not isinstance(dim, int) or not -tensors[0].ndim - 1 <= dim <= tensors[0].ndim:
        tensors[0].unsqueeze(dim)  # which knows the message
    shape, axis = tensors[0].array.shape, dim % (tensors[0].array.ndim + 1)
    widen = Reshape((*shape[:axis], 1, *shape[axis:]))
    return Concatenate(axis)(*[kept(x, widen(x)) for x in tensors])


def atleast_1d(*tensors):
    """Each tensor, or, if it is a single number, as one of shape (1,). Several may come, or a list of them."""
    return each(tensors, lambda x: x.reshape(1) if x.ndim == 0 else x)


def atleast_2d(*tensors):
    """Each tensor with two axes at least: a vector becomes a row."""
    return each(tensors, lambda x: x.reshape(1, -1) if x.ndim < 2 else x)


def atleast_3d(*tensors):
    """Each tensor with three axes at least: (n) becomes (1, n, 1), and (n, m) becomes (n, m, 1)."""
    return each(tensors, lambda x: x.reshape(1, -1, 1) if x.ndim < 2 else x.unsqueeze(2) if x.ndim == 2 else x)


def each(tensors, change):
    """One tensor changed, or a tuple of them."""
    if len(tensors) == 1 and not isinstance(tensors[0], (tuple, list)):
        return change(as_tensor(tensors[0]))
    many = tensors[0] if len(tensors) == 1 else tensors
    return tuple([change(as_tensor(x)) for x in many])


def hstack(tensors):
    """Join side by side: along axis 1, vectors along axis 0."""
    tensors = atleast_1d(list(tensors))
    return cat(tensors, 0 if tensors and tensors[0].ndim == 1 else 1)


def vstack(tensors):
    """Join one below the other, along axis 0; a vector is a row."""
    return cat(atleast_2d(list(tensors)), 0)


def row_stack(tensors):
    """Another name of `vstack`."""
    return vstack(tensors)


def dstack(tensors):
    """Join one behind the other, along axis 2."""
    return cat(atleast_3d(list(tensors)), 2)


def column_stack(tensors):
    """Join side by side; a vector is a column."""
    return hstack([x.reshape(-1, 1) if x.ndim < 2 else x for x in map(as_tensor, tensors)])


def block_diag(*tensors):
    """Matrices along the diagonal of a larger one, zeros elsewhere. A vector is a row.

    >>> import pellucid as pc
    >>> pc.block_diag(pc.tensor([[1, 2]]), pc.tensor([3]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    blocks = [*atleast_2d(list(one_dtype(tensors, "block_diag")))]
    if any(x.ndim != 2 for x in blocks):
        raise ShapeError(f"block_diag takes matrices, vectors and numbers, not {[x.shape for x in blocks]}.")
    width, rows, left = sum(x.shape[1] for x in blocks), [], 0
    for x in blocks:
        rows.append(padded(x, (x.shape[0], width), (0, left)))
        left += x.shape[1]
    return cat(rows)


def padded(x, shape, starts):
    """x within zeros of a shape."""
    return Pad(starts, shape, (1,) * x.ndim)(x)


def broadcast_tensors(*tensors):
    """All tensors repeated to their common shape."""
    tensors = [as_tensor(x) for x in (tensors[0] if isinstance(tensors[0], (tuple, list)) else tensors)]
    shape = common_shape(*[x.shape for x in tensors])
    return tuple([broadcast(x, shape) for x in tensors])


def broadcast_shapes(*shapes):
    """The shape to which tensors of these shapes broadcast.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    return common_shape(*[shape if isinstance(shape, (tuple, list)) else (shape,) for shape in shapes])


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of a grid: for vectors of lengths n, m, ... tensors of shape (n, m, ...).

    With `indexing="xy"` the first two axes are swapped, as for pictures: rows are y.

    >>> import pellucid as pc
    >>> pc.meshgrid(pc.tensor([1, 2]), pc.tensor([3, 4, 5]))[0]
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    if indexing not in ("ij", "xy"):
        raise ArgumentError(f'meshgrid: indexing is "ij" or "xy", not {indexing!r}.')
    vectors = [as_tensor(x) for x in (tensors[0] if isinstance(tensors[0], (tuple, list)) else tensors)]
    if any(x.ndim > 1 for x in vectors):
        raise ShapeError(f"meshgrid takes vectors, not shapes {[x.shape for x in vectors]}.")
    if len({x.dtype for x in vectors}) > 1:
        raise DtypeError(f"meshgrid needs one dtype, not {[str(x.dtype) for x in vectors]}.")
    shape, count = tuple([x.numel() for x in vectors]), len(vectors)
    grids = [broadcast(x.reshape([-1 if i == at else 1 for i in range(count)]), shape) for at, x in enumerate(vectors)]
    return tuple([grid.transpose(0, 1) for grid in grids] if indexing == "xy" and count > 1 else grids)


def cartesian_prod(*tensors):
    """All combinations of one element of each vector, a row for each; of one vector, that vector.

    >>> import pellucid as pc
    >>> pc.cartesian_prod(pc.tensor([1, 2]), pc.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    if len(tensors) == 1:
        return as_tensor(tensors[0])
    return stack([grid.reshape(-1) for grid in meshgrid(*tensors)], 1)


def combinations(input, r=2, with_replacement=False):
    """All choices of r elements of a vector, in order, a row for each (Python's itertools.combinations)."""
    x = as_tensor(input)
    if x.ndim != 1 or r < 0:
        raise ArgumentError(f"combinations takes a vector and r of at least 0, not shape {x.shape} and r = {r}.")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = [list(row) for row in choose(range(x.numel()), r)]
    if not rows or r == 0:
        return x[:0].reshape(0, r) if r else x[:0]
    return x[np.array(rows)]


chunk = free(SplitMixin.chunk)
dsplit = free(SplitMixin.dsplit)
hsplit = free(SplitMixin.hsplit)
split = free(SplitMixin.split)
split_with_sizes = free(SplitMixin.split_with_sizes)
tensor_split = free(SplitMixin.tensor_split)
unbind = free(SplitMixin.unbind)
vsplit = free(SplitMixin.vsplit)
