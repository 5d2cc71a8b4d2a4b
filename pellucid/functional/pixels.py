"""Channels become pixels, and pixels channels."""

from pellucid.errors import ArgumentError, ShapeError


def pixel_shuffle(input, upscale_factor):
    """r^2 channels become r by r pixels of one: (..., C r^2, H, W) gives (..., C, H r, W r), r = upscale_factor.

    ShapeError for other shapes, ArgumentError for an r below 1.

    Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network" (2016).

    >>> import pellucid as pc
    >>> pixel_shuffle(pc.arange(4).reshape(4, 1, 1), 2)
    tensor([[[0, 1],
             [2, 3]]])
    """
    r = upscale_factor
    require_images("pixel_shuffle", input, "upscale_factor", r)
    *leading, channels, height, width = input.shape
    if channels % (r * r):
        raise ShapeError(f"pixel_shuffle by {r} needs a multiple of {r * r} channels, but the input has {input.shape}.")
    n = len(leading)
    x = input.reshape(*leading, channels // (r * r), r, r, height, width)
    x = x.permute(*range(n + 1), n + 3, n + 1, n + 4, n + 2)  # (..., C, H, r, W, r)
    return x.reshape(*leading, channels // (r * r), height * r, width * r)


def pixel_unshuffle(input, downscale_factor):
    """r by r pixels become r^2 channels: (..., C, H r, W r) gives (..., C r^2, H, W), r = downscale_factor.

    The way back of pixel_shuffle. ShapeError for other shapes, ArgumentError for an r below 1.

    >>> import pellucid as pc
    >>> pixel_unshuffle(pc.arange(4).reshape(1, 2, 2), 2).flatten()
    tensor([0, 1, 2, 3])
    """
    r = downscale_factor
    require_images("pixel_unshuffle", input, "downscale_factor", r)
    *leading, channels, height, width = input.shape
    if height % r or width % r:
        raise ShapeError(
            f"pixel_unshuffle by {r} needs sides that are multiples of {r}, but the input has {input.shape}."
        )
    n = len(leading)
    x = input.reshape(*leading, channels, height // r, r, width // r, r)
    x = x.permute(*range(n + 1), n + 2, n + 4, n + 1, n + 3)  # (..., C, r, r, H, W)
    return x.reshape(*leading, channels * r * r, height // r, width // r)


def channel_shuffle(input, groups):
    """Deal the channels out like cards: with g groups of m channels, channel i m + j becomes channel j g + i.

    Shapes: input (N, C, ...), the result the same. ShapeError if C is no multiple of groups.

    Source: Zhang et al., "ShuffleNet" (2017).

    >>> import pellucid as pc
    >>> channel_shuffle(pc.arange(4).reshape(1, 4, 1), 2).flatten()
    tensor([0, 2, 1, 3])
    """
    if groups < 1 or input.ndim < 3 or input.shape[1] % groups:
        raise ShapeError(f"channel_shuffle needs (N, C, ...), C a multiple of {groups} groups, not {input.shape}.")
    each = input.shape[1] // groups
    x = input.reshape(input.shape[0], groups, each, *input.shape[2:])
    return x.transpose(1, 2).reshape(*input.shape)


def require_images(who, input, name, r):
    if r < 1:
        raise ArgumentError(f"{who}: {name} is at least 1, but {r} came.")
    if input.ndim < 3:
        raise ShapeError(f"{who} needs (..., channels, height, width), but the input has shape {input.shape}.")
