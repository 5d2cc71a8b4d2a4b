"""Shapes: looking at the same elements under another shape, and joining tensors.

A result shares the memory of an ordinary tensor. Of a State it is a copy: a State changes later, and what was
read from it must not (a recorded program keeps the old value too).
"""

import math
from collections.abc import Callable

from pellucid.engine import mode
from pellucid.errors import ArgumentError, ShapeError
from pellucid.ops import Concatenate, Reshape, Transpose
from pellucid.tensors.promote import broadcast, cast, common_dtype


class ShapeMixin:
    """The methods of Tensor that move elements about."""

    __getitem__: Callable  # IndexMixin has it

    @property
    def shape(self):
        """The length of each axis, as a tuple."""
        return self.array.shape

    @property
    def ndim(self):
        """The number of axes: 0 for a single number, 2 for a matrix."""
        return self.array.ndim

    def dim(self):
        """The number of axes."""
        return self.array.ndim

    def size(self, dim=None):
        """The shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[axis_of(self, dim)]

    def numel(self):
        """The number of elements."""
        return math.prod(self.shape)

    def reshape(self, *shape):
        """The same elements in the same order under another shape; one length may be -1, and is worked out."""
        shape = flat_arguments(shape)
        if -1 in shape:
            known = -math.prod(shape)
            if shape.count(-1) > 1 or known == 0 or self.numel() % known:
                raise ShapeError(
                    f"reshape to {shape} is not possible for {self.shape} ({self.numel()} elements).",
                    remedy="Only one length may be -1, and the others must divide the number of elements.",
                )
            shape = tuple([self.numel() // known if n == -1 else n for n in shape])
        return self if shape == self.shape and not self.is_state else moved(self, Reshape(shape))

    view = reshape

    def flatten(self, start_dim=0, end_dim=-1):
        """Make one axis of the axes from start_dim to end_dim: `images.flatten(1)` gives one row for each image."""
        if self.ndim == 0:
            return self.reshape(1)
        start, end = axis_of(self, start_dim), axis_of(self, end_dim)
        if start > end:
            raise ArgumentError(f"flatten needs start_dim <= end_dim, not {start_dim} and {end_dim}.")
        middle = math.prod(self.shape[start : end + 1])
        return self.reshape(*self.shape[:start], middle, *self.shape[end + 1 :])

    def squeeze(self, dim=None):
        """Drop the axes of length 1, or only `dim` if it has length 1."""
        axes = axes_of(self, dim)
        return self.reshape(*[n for axis, n in enumerate(self.shape) if n != 1 or axis not in axes])

    def unsqueeze(self, dim):
        """A new axis of length 1 at position `dim`."""
        if not -self.ndim - 1 <= dim <= self.ndim:
            raise ShapeError(
                f"unsqueeze: dim {dim} is outside of -{self.ndim + 1} .. {self.ndim}.",
                remedy="dim=0 puts the new axis first, dim=-1 last.",
            )
        at = dim % (self.ndim + 1)
        return self.reshape(*self.shape[:at], 1, *self.shape[at:])

    def permute(self, *order):
        """Reorder the axes: axis `order[i]` becomes axis i."""
        return moved(self, Transpose(tuple([axis_of(self, axis) for axis in flat_arguments(order)])))

    def transpose(self, dim0, dim1):
        """Swap two axes."""
        order = list(range(self.ndim))
        first, second = axis_of(self, dim0), axis_of(self, dim1)
        order[first], order[second] = second, first
        return moved(self, Transpose(tuple(order)))

    @property
    def mT(self):  # noqa: N802  PyTorch's name
        """Each matrix of the last two axes transposed."""
        return self.transpose(-2, -1)

    @property
    def T(self):  # noqa: N802  PyTorch's name
        """The axes in reverse order: a matrix transposed."""
        return moved(self, Transpose(tuple(range(self.ndim))[::-1]))

    def t(self):
        """A matrix transposed."""
        if self.ndim > 2:
            raise ShapeError(f"t() transposes matrices, but this tensor has {self.ndim} axes.", remedy="Use x.mT.")
        return self.T

    def expand(self, *shape):
        """Repeat along axes of length 1 until the shape is reached; -1 keeps a length."""
        shape = flat_arguments(shape)
        kept = (1,) * (len(shape) - self.ndim) + self.shape
        if len(kept) == len(shape):
            shape = tuple([m if n == -1 else n for n, m in zip(shape, kept, strict=True)])
        return broadcast(self, shape)  # which refuses too few axes

    def broadcast_to(self, *shape):
        """Repeat along axes of length 1 until the shape is reached."""
        return broadcast(self, flat_arguments(shape))

    def contiguous(self):
        """The tensor itself: memory order is not visible here."""
        return self

    def split(self, split_size, dim=0):
        """Pieces of `split_size` along `dim` (the last may be shorter), or of the sizes listed."""
        axis = axis_of(self, dim)
        length = self.shape[axis]
        if isinstance(split_size, int):
            if split_size < 1:
                raise ArgumentError(f"split: split_size is at least 1, not {split_size}.")
            split_size = [min(split_size, length - start) for start in range(0, length, split_size)] or [0]
        if sum(split_size) != length:
            raise ShapeError(
                f"split: the sizes {list(split_size)} do not add up to {length}, the length of axis {dim}."
            )
        pieces, start = [], 0
        for size in split_size:
            pieces.append(self[(slice(None),) * axis + (slice(start, start + size),)])
            start += size
        return tuple(pieces)

    def chunk(self, chunks, dim=0):
        """At most `chunks` pieces of equal length along `dim`; the last may be shorter."""
        return self.split(max(1, -(-self.shape[axis_of(self, dim)] // chunks)), dim)


def moved(x, op):
    """Apply a movement op; what is read from a State is a copy, because the State will change."""
    y = op(x)
    if x.is_state:
        if mode.local.recording is None:
            y.array = y.array.copy()
        else:
            y.node = mode.local.recording.in_order(y.node)
    return y


def flat_arguments(arguments):
    """reshape(2, 3) and reshape((2, 3)) mean the same; lengths may be NumPy integers."""
    if len(arguments) == 1 and isinstance(arguments[0], (tuple, list)):
        arguments = arguments[0]
    return tuple([int(n) for n in arguments])


def axis_of(x, dim):
    """An axis as a number from 0: -1 is the last."""
    ndim = max(x.ndim, 1)
    if not -ndim <= dim < ndim:
        raise ShapeError(
            f"dim {dim} is outside of -{ndim} .. {ndim - 1}, the axes of a tensor of shape {x.shape}.",
            remedy=f"Axes count from 0; dim=-1 is the last, here {ndim - 1}.",
        )
    return int(dim) % ndim


def axes_of(x, dim):
    """One axis, several, or all (None) as a sorted tuple of numbers from 0."""
    ndim = x.array.ndim
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    if dim is None:
        return tuple(range(x.ndim))
    if isinstance(dim, (tuple, list)):
        axes = tuple(sorted({axis_of(x, d) for d in dim}))
        if len(axes) != len(dim):
            raise ArgumentError(f"dim {tuple(dim)} names an axis twice.")
        return axes if x.ndim else ()
    return (axis_of(x, dim),) if x.ndim else ()


def cat(tensors, dim=0):
    """Join tensors along an existing axis; all other axes agree.

    >>> import pellucid as pc
    >>> pc.cat([pc.tensor([1, 2]), pc.tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = list(tensors)
    if not tensors:
        raise ArgumentError("cat needs at least one tensor.")
    if any(x.ndim == 0 for x in tensors):
        raise ShapeError("cat joins along an axis, and a single number has none.", remedy="Use stack.")
    dtype = tensors[0].dtype
    for x in tensors[1:]:
        dtype = common_dtype(dtype, False, x.dtype, False)
    return Concatenate(axis_of(tensors[0], dim))(*[cast(x, dtype) for x in tensors])


def stack(tensors, dim=0):
    """Join tensors of one shape along a new axis."""
    return cat([x.unsqueeze(dim) for x in tensors], dim)
