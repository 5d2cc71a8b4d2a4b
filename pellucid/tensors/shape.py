"""Shapes: looking at the same elements under another shape.

A result shares the memory of an ordinary tensor. Of a State it is a copy: a State changes later, and what was
read from it must not (a recorded program keeps the old value too).
"""

import math
import operator

import numpy as np

from pellucid.engine import mode
from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.ops import Reshape, Transpose
from pellucid.tensors.free import free
from pellucid.tensors.promote import broadcast


class ShapeMixin:
    """The methods of Tensor that move elements about."""

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

    def view(self, *shape):
        """The same elements under another shape, as `reshape`; a dtype instead of a shape is refused."""
        if len(shape) == 1 and isinstance(shape[0], (str, type, np.dtype)):
            raise UnsupportedError(
                "view(dtype) would read the bits of the numbers as other numbers.", remedy="Convert them: x.to(dtype)."
            )
        return self.reshape(*shape)

    def reshape_as(self, other):
        """The same elements under the shape of `other`."""
        return self.reshape(*other.shape)

    def view_as(self, other):
        """The same elements under the shape of `other`."""
        return self.reshape(*other.shape)

    def ravel(self):
        """All elements along one axis."""
        return self.reshape(-1)

    def unflatten(self, dim, sizes):
        """The axis `dim` as several of these lengths, of which one may be -1: what `flatten` undoes."""
        axis = axis_of(self, dim)
        sizes, length = flat_arguments((sizes,)), self.shape[axis]
        if -1 in sizes and (known := -math.prod(sizes)) > 0:
            sizes = tuple([length // known if n == -1 else n for n in sizes])
        if math.prod(sizes) != length or not sizes:
            raise ShapeError(f"unflatten: the sizes {sizes} do not make {length}, the length of axis {dim}.")
        return self.reshape(*self.shape[:axis], *sizes, *self.shape[axis + 1 :])

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
        axes = () if no_axes(dim) else axes_of(self, dim)
        return self.reshape(*[n for axis, n in enumerate(self.shape) if n != 1 or axis not in axes])

    def unsqueeze(self, dim):
        """A new axis of length 1 at position `dim`."""
        if type(dim) is not int and not isinstance(dim, np.integer):
            axis_of(self, dim)  # which knows the message
        if not -self.ndim - 1 <= dim <= self.ndim:
            raise ShapeError(
                f"unsqueeze: dim {dim} is outside of -{self.ndim + 1} .. {self.ndim}.",
                remedy="dim=0 puts the new axis first, dim=-1 last.",
            )
        shape, at = self.array.shape, dim % (self.ndim + 1)
        return moved(self, Reshape((*shape[:at], 1, *shape[at:])))

    def permute(self, dims, *others):
        """Reorder the axes: axis `dims[i]` becomes axis i."""
        return moved(self, Transpose(tuple([axis_of(self, axis) for axis in flat_arguments((dims, *others))])))

    def transpose(self, dim0, dim1):
        """Swap two axes."""
        if self.ndim == 0:
            return self
        order = list(range(self.ndim))
        first, second = axis_of(self, dim0), axis_of(self, dim1)
        order[first], order[second] = second, first
        return moved(self, Transpose(tuple(order)))

    def swapaxes(self, axis0, axis1):
        """Swap two axes: `transpose` under NumPy's name."""
        return self.transpose(axis0, axis1)

    def swapdims(self, dim0, dim1):
        """Swap two axes: another name of `transpose`."""
        return self.transpose(dim0, dim1)

    def movedim(self, source, destination):
        """Put the axis `source` (or several) to the place `destination`; the others keep their order."""
        sources, places = axes_in_order(self, source), axes_in_order(self, destination)
        if len(sources) != len(places):
            raise ArgumentError(f"movedim needs as many places as axes, not {source} and {destination}.")
        rest = iter([axis for axis in range(self.ndim) if axis not in sources])
        put = dict(zip(places, sources, strict=True))
        return moved(self, Transpose(tuple([put[at] if at in put else next(rest) for at in range(self.ndim)])))

    def moveaxis(self, source, destination):
        """`movedim` under NumPy's name."""
        return self.movedim(source, destination)

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

    def expand(self, *size):
        """Repeat along axes of length 1 until the shape is reached; -1 keeps a length."""
        shape = flat_arguments(size)
        if -1 in shape and -1 in shape[: max(len(shape) - self.ndim, 0)]:
            raise ShapeError(
                f"expand: -1 keeps a length, and in {shape} it stands for an axis that {self.shape} lacks."
            )
        kept = (1,) * (len(shape) - self.ndim) + self.shape
        if -1 in shape and len(kept) == len(shape):
            shape = tuple([m if n == -1 else n for n, m in zip(shape, kept, strict=True)])
        return broadcast(self, shape)  # which refuses too few axes

    def expand_as(self, other):
        """Repeat along axes of length 1 until the shape of `other` is reached."""
        return self.expand(other.shape)

    def broadcast_to(self, size, *others):
        """Repeat along axes of length 1 until the shape is reached; -1 keeps a length."""
        return self.expand(size, *others)

    def contiguous(self):
        """The tensor itself: memory order is not visible here."""
        return self

    def clone(self):
        """The same numbers in memory of their own. Gradients pass through."""
        y = Reshape(self.shape)(self)
        if mode.local.recording is None:
            y.array = np.array(y.array)
        else:
            y.node = mode.local.recording.in_order(y.node)
        return y


def moved(x, op):
    """Apply a movement op; what is read from a State is a copy, because the State will change."""
    return kept(x, op(x))


def kept(x, y):
    """y, of which some op of movement was made from x: as a copy, if x is a State."""
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
    try:
        return tuple([operator.index(n) for n in arguments])
    except TypeError:
        raise ArgumentError(f"a shape or an order of axes is made of whole numbers, not of {arguments}.") from None


def axis_of(x, dim):
    """An axis as a number from 0: -1 is the last."""
    ndim = x.array.ndim or 1
    if type(dim) is not int and not isinstance(dim, np.integer):
        raise ArgumentError(f"dim is a whole number, not {dim!r}.", remedy="dim=-1 is the last axis, dim=0 the first.")
    if not -ndim <= dim < ndim:
        raise ShapeError(
            f"dim {dim} is outside of -{ndim} .. {ndim - 1}, the axes of a tensor of shape {x.shape}.",
            remedy=f"Axes count from 0; dim=-1 is the last, here {ndim - 1}.",
        )
    return int(dim) % ndim


def axes_in_order(x, dims):
    """One axis or several as numbers from 0, in the order given."""
    if type(dims) is int:
        return [axis_of(x, dims)]
    axes = [axis_of(x, dim) for dim in (dims if isinstance(dims, (tuple, list)) else [dims])]
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"{dims} names an axis twice.")
    return axes


def no_axes(dim):
    """Is this an empty tuple or list?"""
    return isinstance(dim, (tuple, list)) and not dim


def axes_of(x, dim):
    """One axis, several, or all (None; () as well, as in PyTorch) as a sorted tuple of numbers from 0."""
    ndim = x.array.ndim
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    if dim is None or no_axes(dim):
        return tuple(range(x.ndim))
    if isinstance(dim, (tuple, list)):
        axes = tuple(sorted({axis_of(x, d) for d in dim}))
        if len(axes) != len(dim):
            raise ArgumentError(f"dim {tuple(dim)} names an axis twice.")
        return axes if x.ndim else ()
    axis = axis_of(x, dim)
    return (axis,) if x.ndim else ()


broadcast_to = free(ShapeMixin.broadcast_to)
clone = free(ShapeMixin.clone)
flatten = free(ShapeMixin.flatten)
moveaxis = free(ShapeMixin.moveaxis)
movedim = free(ShapeMixin.movedim)
numel = free(ShapeMixin.numel)
permute = free(ShapeMixin.permute)
ravel = free(ShapeMixin.ravel)
reshape = free(ShapeMixin.reshape)
squeeze = free(ShapeMixin.squeeze)
swapaxes = free(ShapeMixin.swapaxes)
swapdims = free(ShapeMixin.swapdims)
t = free(ShapeMixin.t)
transpose = free(ShapeMixin.transpose)
unflatten = free(ShapeMixin.unflatten)
unsqueeze = free(ShapeMixin.unsqueeze)
