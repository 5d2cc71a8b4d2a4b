"""Cutting a piece out of each picture: a random one, or the middle."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.data.folders import height_and_width
from pellucid.data.shuffle import whole_number
from pellucid.data.transforms.transform import Transform, one_or_more, per_channel
from pellucid.errors import ArgumentError, ShapeError

PADDING_MODES = ("constant", "edge", "reflect", "symmetric")  # NumPy's names, and torchvision's


@dataclass(frozen=True)
class RandomCrop(Transform):
    """A piece of `size` from a random place of each picture, which first gets a margin of `padding` pixels.

    y[c, i, j] = padded[c, top + i, left + j], top and left equally likely among all that fit: with size 32 and padding
    4 on 32 x 32 pixels, the picture moves by up to 4 pixels each way.

    Args:
        size: (height, width), or one number for both.
        padding: pixels added on all sides; (left and right, top and bottom); or (left, top, right, bottom).
        fill: the value of added pixels for "constant": one number, or one for each channel.
        padding_mode: "constant"; "edge" repeats the outermost pixel; "reflect" mirrors the picture without
            repeating it; "symmetric" mirrors it with.

    ShapeError if the piece is larger than the padded picture. Source: Krizhevsky, Sutskever and Hinton, "ImageNet
    classification with deep convolutional neural networks" (2012); with a margin of 4: Lee et al.,
    "Deeply-supervised nets" (2014).

    >>> x = np.arange(1, 10, dtype=np.uint8).reshape(1, 1, 3, 3)
    >>> RandomCrop(3, padding=1)(x, seed=6)[0, 0]
    array([[0, 4, 5],
           [0, 7, 8],
           [0, 0, 0]], dtype=uint8)
    """

    size: int | tuple[int, int]
    padding: int | tuple[int, ...] = 0
    fill: float | tuple[float, ...] = 0
    padding_mode: str = "constant"

    def __post_init__(self):
        height_and_width(self.size)
        margins(self.padding)
        one_or_more(self.name, "fill", self.fill)
        if self.padding_mode not in PADDING_MODES:
            raise ArgumentError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, not {self.padding_mode!r}.")

    def change(self, images, draws):
        """A view of all pieces of all pictures, from which one of each is picked."""
        height, width = height_and_width(self.size)
        padded = self.padded(images)
        check_fits("RandomCrop", (height, width), padded)
        pieces = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
        top, left = draws.integers(pieces.shape[2]), draws.integers(pieces.shape[3])
        return pieces[np.arange(len(images)), :, top, left]

    def padded(self, images):
        """The pictures with their margins."""
        left, top, right, bottom = margins(self.padding)
        if not any((left, top, right, bottom)):
            return images
        n, channels, height, width = images.shape
        if self.padding_mode == "constant":  # four times as quick as np.pad
            fill = per_channel("RandomCrop", "fill", self.fill, channels).astype(images.dtype)
            shape = (n, channels, top + height + bottom, left + width + right)
            y = np.full(shape, fill.item() if fill.size == 1 else fill, images.dtype)
            y[:, :, top : top + height, left : left + width] = images
            return y
        how: Any = self.padding_mode
        return np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)), how)


@dataclass(frozen=True)
class CenterCrop(Transform):
    """The piece of `size` in the middle of each picture; if the margins are odd, one pixel further left and up.

    ShapeError if the piece is larger than the picture (torchvision adds black margins).

    >>> CenterCrop(1)(np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)).tolist()
    [[[[4]]]]
    """

    size: int | tuple[int, int]

    def __post_init__(self):
        height_and_width(self.size)

    def change(self, images, draws):
        """The same piece of all."""
        height, width = height_and_width(self.size)
        check_fits("CenterCrop", (height, width), images)
        top, left = (images.shape[2] - height) // 2, (images.shape[3] - width) // 2
        return images[:, :, top : top + height, left : left + width].copy()


def check_fits(who, size, images):
    """Refuse a piece that is larger than the pictures."""
    if size[0] > images.shape[2] or size[1] > images.shape[3]:
        raise ShapeError(
            f"{who}: a piece of {size[0]} x {size[1]} pixels does not fit into {images.shape[2]} x {images.shape[3]}.",
            remedy="Resize the pictures first, or RandomCrop(size, padding=...).",
        )


def margins(padding):
    """(left, top, right, bottom) of one number, (left and right, top and bottom), or all four."""
    numbers = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,)
    if len(numbers) not in (1, 2, 4):
        raise ArgumentError(f"padding must be 1, 2 or 4 numbers, not {padding!r}.")
    numbers = [whole_number(n, "padding") for n in numbers]
    return tuple(numbers * (4 // len(numbers)))
