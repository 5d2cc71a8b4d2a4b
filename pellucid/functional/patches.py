"""Patches of images as columns, and the way back."""

import typing

import numpy as np

from pellucid.errors import ShapeError
from pellucid.functional.conv import numbers
from pellucid.functional.pad import pad
from pellucid.functional.windows import kept
from pellucid.tensors import as_tensor, zeros
from pellucid.tensors.promote import constant, only_numbers


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """All patches of the images, each a column: what a convolution multiplies its kernels with.

    Shapes: input (N, C, H, W) or (C, H, W); the result (N, C K L, places) or (C K L, places), where K and L are the
    kernel's sizes, and places is how many there are, row by row (the sizes of conv2d's result, multiplied).

    ShapeError for other shapes or a kernel that does not fit, ArgumentError for numbers below 1 (padding: below 0).

    >>> import pellucid as pc
    >>> unfold(pc.arange(6.0).reshape(1, 2, 3), (2, 2))
    tensor([[0., 1.],
            [1., 2.],
            [3., 4.],
            [4., 5.]])
    """
    input = as_tensor(input)
    if input.ndim not in (3, 4):
        raise ShapeError(f"unfold needs (N, C, H, W) or (C, H, W), not {input.shape}.")
    *leading, height, width = input.shape
    positions, sides = places("unfold", (height, width), kernel_size, dilation, padding, stride)
    x = pad(input, sides) if any(sides) else input
    x = x.reshape(*leading, x.shape[-2] * x.shape[-1]).index_select(-1, constant(positions.reshape(-1)))
    return x.reshape(*leading[:-1], leading[-1] * positions.shape[0], positions.shape[1])


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Put columns back as patches into an image of output_size (H, W), and add up where patches overlap.

    It is the transpose of unfold, not its inverse: fold(unfold(x)) is x times the number of patches at each place.

    Shapes: input (N, C K L, places) or (C K L, places); the result (N, C, H, W) or (C, H, W). Errors as unfold.

    >>> import pellucid as pc
    >>> fold(pc.ones(4, 2), (2, 3), (2, 2))
    tensor([[[1., 2., 1.],
             [1., 2., 1.]]])
    """
    input = as_tensor(input)
    height, width = numbers("fold", "output_size", output_size, 2)
    positions, (left, right, top, bottom) = places("fold", (height, width), kernel_size, dilation, padding, stride)
    in_kernel, count = positions.shape
    if input.ndim not in (2, 3) or input.shape[-1] != count or input.shape[-2] % in_kernel:
        raise ShapeError(
            f"fold needs (N, C {in_kernel}, {count}) or (C {in_kernel}, {count}) for images of {height} x {width}, "
            f"not {input.shape}."
        )
    *leading, rows, _ = input.shape
    leading = [*leading, rows // in_kernel]
    tall, wide = top + height + bottom, left + width + right
    at = positions.reshape(-1)
    if only_numbers(input):
        y = np.zeros((*leading, tall * wide), input.dtype)
        along: typing.Any = (..., at)
        np.add.at(y, along, input.array.reshape(*leading, at.size))
        x = constant(y)
    else:
        x = zeros(*leading, tall * wide, dtype=input.dtype)
        x = x.index_add(-1, constant(at), input.reshape(*leading, at.size))
    x = x.reshape(*leading, tall, wide)
    return pad(x, (-left, -right, -top, -bottom)) if any((left, right, top, bottom)) else x


@kept
def places(who, size, kernel_size, dilation, padding, stride):
    """Where in the padded image, its rows one behind the other, each element of each patch is; and F.pad's padding.

    The positions are (elements of the kernel, places).
    """
    kernel, stride = numbers(who, "kernel_size", kernel_size, 2), numbers(who, "stride", stride, 2)
    dilation, padding = numbers(who, "dilation", dilation, 2), numbers(who, "padding", padding, 2, 0)
    along = []
    for n, k, d, p, s in zip(size, kernel, dilation, padding, stride, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        if room < 0:
            raise ShapeError(f"{who}: patches of {kernel} do not fit into {size} with padding {padding}.")
        along.append(d * np.arange(k)[:, None] + s * np.arange(room // s + 1))  # (kernel, places)
    rows, columns = along
    positions = rows[:, None, :, None] * (size[1] + 2 * padding[1]) + columns[None, :, None, :]
    return positions.reshape(kernel[0] * kernel[1], -1), (padding[1], padding[1], padding[0], padding[0])
