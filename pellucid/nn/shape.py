"""Modules that compute nothing: Flatten, Unflatten, Identity, and channels that become pixels."""

import math

from pellucid.errors import ShapeError
from pellucid.functional import channel_shuffle, pixel_shuffle, pixel_unshuffle
from pellucid.nn.formula import Formula
from pellucid.nn.module import Module
from pellucid.tensors.shape import axis_of


class Flatten(Module):
    """Make one axis of the axes from start_dim to end_dim: images (N, 1, 28, 28) become rows (N, 784).

    ShapeError if x has no such axes.
    """

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x):
        return x.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Make several axes of the axis `dim`: what Flatten undoes. One of the lengths may be -1.

    ShapeError if the lengths do not make up that axis.

    >>> import pellucid as pc
    >>> Unflatten(1, (2, 3))(pc.ones(4, 6)).shape
    (4, 2, 3)
    """

    def __init__(self, dim, unflattened_size):
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, x):
        axis = axis_of(x, self.dim)
        known = math.prod([n for n in self.unflattened_size if n != -1])
        sizes = [x.shape[axis] // max(known, 1) if n == -1 else n for n in self.unflattened_size]
        if math.prod(sizes) != x.shape[axis] or self.unflattened_size.count(-1) > 1:
            raise ShapeError(f"Unflatten cannot make {self.unflattened_size} of axis {self.dim} of shape {x.shape}.")
        return x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class PixelShuffle(Formula):
    """r^2 channels become r by r pixels: see F.pixel_shuffle.

    >>> import pellucid as pc
    >>> PixelShuffle(2)(pc.ones(1, 4, 3, 3)).shape
    (1, 1, 6, 6)
    """

    shown = ("upscale_factor",)

    def __init__(self, upscale_factor):
        self.upscale_factor = upscale_factor

    def forward(self, x):
        return pixel_shuffle(x, self.upscale_factor)


class PixelUnshuffle(Formula):
    """r by r pixels become r^2 channels: see F.pixel_unshuffle.

    >>> import pellucid as pc
    >>> PixelUnshuffle(2)(pc.ones(1, 1, 6, 6)).shape
    (1, 4, 3, 3)
    """

    shown = ("downscale_factor",)

    def __init__(self, downscale_factor):
        self.downscale_factor = downscale_factor

    def forward(self, x):
        return pixel_unshuffle(x, self.downscale_factor)


class ChannelShuffle(Formula):
    """Deal the channels out like cards: see F.channel_shuffle.

    >>> import pellucid as pc
    >>> ChannelShuffle(2)(pc.arange(4).reshape(1, 4, 1)).flatten()
    tensor([0, 2, 1, 3])
    """

    shown = ("groups",)

    def __init__(self, groups):
        self.groups = groups

    def forward(self, x):
        return channel_shuffle(x, self.groups)


class Identity(Module):
    """x as it is: a place holder for a layer that was taken out. Arguments are accepted, and change nothing."""

    def __init__(self, *arguments, **named):
        pass

    def forward(self, x):
        return x
