"""Moving elements about: turned around, shifted, repeated, picked along a diagonal, blanked above or below one.

Nearly all is made of Reshape, Transpose, Slice, Pad and Broadcast, which in a compiled step cost nothing: they only
say where an element is read.
"""

import functools
from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import Broadcast, Concatenate, Pad, Reshape, Slice, Transpose
from pellucid.tensors.free import free
from pellucid.tensors.join import cut, part, real_axis
from pellucid.tensors.promote import broadcast, constant, dtype_of, kind_of, only_numbers
from pellucid.tensors.shape import axes_in_order, axis_of, flat_arguments, kept, moved


class MovementMixin:
    """The methods of Tensor that move elements about."""

    shape: tuple
    ndim: int
    reshape: Callable
    transpose: Callable
    index_select: Callable
    permute: Callable

    def flip(self, dims, *others):
        """Turn the order around along these axes.

        >>> import pellucid as pc
        >>> pc.flip(pc.tensor([[1, 2], [3, 4]]), 1)
        tensor([[2, 1],
                [4, 3]])
        """
        axes = axes_in_order(self, flat_arguments((dims, *others)))
        if self.ndim == 0:
            return self
        shape = self.shape
        starts = tuple([n - 1 if axis in axes and n else 0 for axis, n in enumerate(shape)])
        return moved(self, Slice(starts, shape, tuple([-1 if axis in axes else 1 for axis in range(len(shape))])))

    def fliplr(self):
        """Turn around left and right: axis 1."""
        return self.flip(real_axis_of("fliplr", self, 2) + 1)

    def flipud(self):
        """Turn around up and down: axis 0."""
        return self.flip(real_axis_of("flipud", self, 1))

    def roll(self, shifts, dims=None):
        """Shift by so many places along `dims`; what leaves at the end comes in at the beginning.

        Without dims, along the flattened tensor.

        >>> import pellucid as pc
        >>> pc.roll(pc.tensor([1, 2, 3, 4]), 1)
        tensor([4, 1, 2, 3])
        """
        if dims is None or (isinstance(dims, (tuple, list)) and not dims):
            if isinstance(shifts, (tuple, list)) and len(shifts) != 1:
                raise ArgumentError(f"roll needs an axis in dims for each of the shifts {shifts}.")
            return self.reshape(-1).roll(shifts, 0).reshape(self.shape)
        shifts = shifts if isinstance(shifts, (tuple, list)) else [shifts]
        dims = dims if isinstance(dims, (tuple, list)) else [dims]
        if len(shifts) != len(dims):
            raise ArgumentError(f"roll needs one shift for each axis, not {shifts} along {dims}.")
        y = self
        for shift, dim in zip(shifts, dims, strict=True):
            axis = axis_of(y, dim)
            length = y.shape[axis] if y.ndim else 1
            at = -shift % length if length else 0
            if at:
                y = Concatenate(axis)(part(y, axis, at, length), part(y, axis, 0, at))
        return y

    def rot90(self, k=1, dims=(0, 1)):
        """Turn by k right angles, from the first of the two axes towards the second."""
        if len(dims) != 2:
            raise ArgumentError(f"rot90 turns in the plane of two axes, not of {dims}.")
        first, second = axes_in_order(self, dims)
        turns = k % 4
        if turns == 2:
            return self.flip(first, second)
        if turns == 0:
            return self.clone()
        y = self.flip(second if turns == 1 else first)
        return y.transpose(first, second)

    def repeat(self, repeats, *others):
        """Whole copies side by side: so many along each axis; new axes come in front.

        >>> import pellucid as pc
        >>> pc.tensor([1, 2]).repeat(2, 2)
        tensor([[1, 2, 1, 2],
                [1, 2, 1, 2]])
        """
        repeats = flat_arguments((repeats, *others))
        if len(repeats) < self.ndim or any(n < 0 for n in repeats):
            raise ArgumentError(
                f"repeat needs a number of copies for each of {self.ndim} axes, not {repeats}.",
                remedy=f"Write 1 where nothing is repeated: x.repeat({', '.join(['1'] * (self.ndim - 1) + ['2'])})",
            )
        shape = (*[1] * (len(repeats) - self.ndim), *self.shape)
        apart = [length for n in shape for length in (1, n)]
        wide = tuple([length for n, times in zip(shape, repeats, strict=True) for length in (times, n)])
        whole = [n * times for n, times in zip(shape, repeats, strict=True)]
        return broadcast(self.reshape(apart), wide).reshape(whole)

    def tile(self, dims, *others):
        """Whole copies side by side, as NumPy's tile: missing numbers at the front count as 1."""
        dims = flat_arguments((dims, *others))
        return self.repeat((*[1] * (self.ndim - len(dims)), *dims))

    def repeat_interleave(self, repeats, dim=None, *, output_size=None):
        """Each element `repeats` times, one after the other: along `dim`, or of the flattened tensor.

        `repeats` is a number, or a tensor with one for each element. `output_size` is what they add up to.

        >>> import pellucid as pc
        >>> pc.repeat_interleave(pc.tensor([1, 2]), 2)
        tensor([1, 1, 2, 2])
        """
        if dim is None:
            return self.reshape(-1).repeat_interleave(repeats, 0, output_size=output_size)
        axis = real_axis(self, dim, "repeat_interleave")
        shape = self.shape
        if type(repeats) is int and repeats >= 0 and only_numbers(self):
            return constant(self.array.repeat(repeats, axis))
        times = repeats.known("repeat_interleave, whose shape depends on the numbers,") if is_many(repeats) else repeats
        if np.any(np.asarray(times) < 0):
            raise ArgumentError(f"repeat_interleave repeats at least 0 times, not {times} times.")
        if np.size(times) == 1:
            times = int(np.asarray(times).reshape(()))
            wide = Broadcast((*shape[: axis + 1], times, *shape[axis + 1 :]))
            return wide(self.reshape(*shape[: axis + 1], 1, *shape[axis + 1 :])).reshape(
                *shape[:axis], shape[axis] * times, *shape[axis + 1 :]
            )
        if np.shape(times) != (shape[axis],):
            raise ShapeError(f"repeat_interleave needs one number for each of {shape[axis]}, not {np.shape(times)}.")
        return self.index_select(axis, constant(np.repeat(np.arange(shape[axis]), times)))

    def narrow(self, dim, start, length):
        """`length` elements along `dim` from `start` on."""
        axis = real_axis(self, dim, "narrow")
        n, start = self.shape[axis], int(start)
        start = start + n if start < 0 else start
        if not 0 <= start <= start + length <= n:
            raise ShapeError(f"narrow: {length} elements from {start} on reach outside of axis {dim} of length {n}.")
        return part(self, axis, start, start + length)

    def select(self, dim, index):
        """The slice number `index` along `dim`, without that axis."""
        axis = real_axis(self, dim, "select")
        n, index = self.shape[axis], int(index)
        if not -n <= index < n:
            raise ShapeError(f"select: {index} is outside of axis {dim}, which has length {n}.")
        y = part(self, axis, index % n, index % n + 1)
        return y.reshape(*self.shape[:axis], *self.shape[axis + 1 :])

    def unfold(self, dimension, size, step):
        """Windows of `size` along an axis, one every `step`; a new last axis runs within a window.

        >>> import pellucid as pc
        >>> pc.arange(5).unfold(0, 3, 1)
        tensor([[0, 1, 2],
                [1, 2, 3],
                [2, 3, 4]])
        """
        x = self.reshape(1) if self.ndim == 0 else self
        axis = axis_of(x, dimension)
        length = x.shape[axis]
        if not 0 <= size <= length or step < 1:
            raise ArgumentError(f"unfold needs 0 <= size <= {length} and step > 0, not {size} and {step}.")
        count = (length - size) // step + 1
        starts = np.arange(count)[:, np.newaxis] * step + np.arange(size)
        y = x.index_select(axis, constant(starts.reshape(-1))).reshape(
            *x.shape[:axis], count, size, *x.shape[axis + 1 :]
        )
        y = y.movedim(axis + 1, -1)
        return y.reshape(size) if self.ndim == 0 else y

    # ---- diagonals

    def diagonal(self, offset=0, dim1=0, dim2=1):
        """The diagonal of the plane of two axes, as a new last axis; `offset` of 1 is the one above it, -1 below.

        In a matrix of m columns, row after row, its elements are m + 1 apart.

        >>> import pellucid as pc
        >>> pc.diagonal(pc.tensor([[1, 2], [3, 4]]))
        tensor([1, 4])
        """
        first, second = axes_in_order(self, (dim1, dim2))
        y = self
        for op in way_to_diagonal(self.array.shape, offset, first, second):
            y = op(y)
        return kept(self, y)

    def diag(self, diagonal=0):
        """The diagonal of a matrix; or, of a vector, the matrix with it on the diagonal."""
        if self.ndim == 1:
            return self.diag_embed(diagonal)
        if self.ndim != 2:
            raise ShapeError(f"diag takes a matrix or a vector, not {Spec(self.shape, self.dtype)}.")
        return self.diagonal(diagonal)

    def diag_embed(self, offset=0, dim1=-2, dim2=-1):
        """Matrices of zeros with the last axis of this tensor on their diagonal, in the plane of two axes.

        >>> import pellucid as pc
        >>> pc.diag_embed(pc.tensor([1, 2]))
        tensor([[1, 0],
                [0, 2]])
        """
        if self.ndim == 0:
            raise ShapeError("diag_embed needs an axis to put on a diagonal; a single number has none.")
        *rest, count = self.shape
        size, right, below = count + abs(offset), max(offset, 0), max(-offset, 0)
        zeros, ones = (0,) * len(rest), (1,) * len(rest)
        y = Pad((*zeros, right), (*rest, count * size), (*ones, size + 1))(self).reshape(*rest, count, size)
        if offset:
            y = Pad((*zeros, below, 0), (*rest, size, size), (*ones, 1, 1))(y)
        first, second = axes_in_order(y, (dim1, dim2))
        if (first, second) == (y.ndim - 2, y.ndim - 1):
            return y
        return y.movedim((-2, -1), (first, second))

    def diagflat(self, offset=0):
        """The matrix with all elements, in their order, on its diagonal."""
        return self.reshape(-1).diag_embed(offset)

    def tril(self, diagonal=0):
        """The lower triangle of each matrix, zeros above. `diagonal` of 1 keeps one more diagonal, -1 one less.

        >>> import pellucid as pc
        >>> pc.tril(pc.ones(2, 2))
        tensor([[1., 0.],
                [1., 1.]])
        """
        return triangle(self, diagonal, True, "tril")

    def triu(self, diagonal=0):
        """The upper triangle of each matrix, zeros below. `diagonal` of 1 keeps one diagonal less, -1 one more."""
        return triangle(self, diagonal - 1, False, "triu")


def is_many(repeats):
    """Is this a tensor of numbers?"""
    return hasattr(repeats, "known")


def real_axis_of(name, x, least):
    """0, if x has enough axes."""
    if x.ndim < least:
        raise ShapeError(f"{name} needs at least {least} axes, not {Spec(x.shape, x.dtype)}.")
    return 0


@functools.lru_cache(4096, typed=True)
def way_to_diagonal(shape, offset, first, second):
    """The ops that take the diagonals of a tensor of this shape."""
    others = [axis for axis in range(len(shape)) if axis not in (first, second)]
    order, rest, rows, columns = (*others, first, second), [shape[axis] for axis in others], shape[first], shape[second]
    below, right = max(-offset, 0), max(offset, 0)
    count = max(min(rows - below, columns - right), 0)
    turn = [Transpose(order)] if order != tuple(range(len(shape))) else []
    if count == 0:
        return (*turn, cut((*rest, rows, columns), len(rest) + 1, 0, 0), Reshape((*rest, 0)))
    shorten = [cut((*rest, rows, columns), len(rest), below, below + count)] if count < rows else []
    zeros, ones = (0,) * len(rest), (1,) * len(rest)
    every = Slice((*zeros, right), (*rest, count), (*ones, columns + 1))
    return (*turn, *shorten, Reshape((*rest, count * columns)), every)


def triangle(x, diagonal, lower, name):
    """x where it is on or below the diagonal (`lower`), or where it is above it; elsewhere 0."""
    real_axis_of(name, x, 2)
    mask, zero = below_diagonal(*x.array.shape[-2:], diagonal, lower), np.zeros((), x.array.dtype)
    if only_numbers(x):
        return constant(np.where(mask, x.array, zero))
    return x.where(constant(mask), constant(zero))


@functools.lru_cache(64, typed=True)
def below_diagonal(rows, columns, diagonal, lower):
    """Where a matrix is on or below the diagonal, or where it is not."""
    below = np.tri(rows, columns, diagonal, dtype=bool)
    return below if lower else ~below


def tril_indices(row, col, offset=0, *, dtype=np.int64):
    """The positions of the lower triangle of a matrix of `row` times `col`, as two rows: their rows, their columns."""
    return positions_of(below_diagonal(row, col, offset, True), dtype)


def triu_indices(row, col, offset=0, *, dtype=np.int64):
    """The positions of the upper triangle of a matrix of `row` times `col`, as two rows: their rows, their columns."""
    return positions_of(below_diagonal(row, col, offset - 1, False), dtype)


def positions_of(mask, dtype):
    dtype = dtype_of(dtype)
    if kind_of(dtype) != 1:
        raise DtypeError(f"positions are whole numbers, not {dtype}.")
    return constant(np.array(mask.nonzero(), dtype))


diag = free(MovementMixin.diag)
diag_embed = free(MovementMixin.diag_embed)
diagflat = free(MovementMixin.diagflat)
diagonal = free(MovementMixin.diagonal)
flip = free(MovementMixin.flip)
fliplr = free(MovementMixin.fliplr)
flipud = free(MovementMixin.flipud)
narrow = free(MovementMixin.narrow)
repeat_interleave = free(MovementMixin.repeat_interleave)
roll = free(MovementMixin.roll)
rot90 = free(MovementMixin.rot90)
select = free(MovementMixin.select)
tile = free(MovementMixin.tile)
tril = free(MovementMixin.tril)
triu = free(MovementMixin.triu)
