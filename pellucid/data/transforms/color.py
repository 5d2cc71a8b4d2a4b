"""Other light: brightness, contrast, saturation, hue; and gray."""

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.resize import rounded
from pellucid.data.transforms.transform import Transform, interval, is_number
from pellucid.errors import ArgumentError, ShapeError

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # how bright red, green and blue look: ITU-R BT.601 (1982)


@dataclass(frozen=True)
class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue of each picture changed at random, in this order.

        brightness   x = f x
        contrast     x = f x + (1 - f) m      m: the mean of the picture's gray values
        saturation   x = f x + (1 - f) gray   gray: of each pixel, see Grayscale
        hue          the color of each pixel is turned by a share of the color circle

    After each of them x is cut to 0 .. 255; it is rounded once, at the end. Each is one number b, for a factor f from
    max(0, 1 - b) to 1 + b, or a pair (least, most); the hue's number b, at most 0.5, is for shares from -b to b. Gray
    pictures (one channel) have no saturation and no hue to change.

    torchvision shuffles the order of the four. Source: Howard, "Some improvements on deep convolutional neural network
    based image classification" (2013); hue: Smith, "Color gamut transform pairs" (1978).

    >>> x = np.array([[[[100]], [[50]], [[0]]]], np.uint8)  # orange
    >>> ColorJitter(brightness=(2, 2))(x).ravel().tolist()
    [200, 100, 0]
    >>> ColorJitter(hue=(0.5, 0.5))(x).ravel().tolist()  # the other side of the circle: blue
    [0, 50, 100]
    """

    brightness: float | tuple[float, float] = 0
    contrast: float | tuple[float, float] = 0
    saturation: float | tuple[float, float] = 0
    hue: float | tuple[float, float] = 0

    takes_floats = False

    def __post_init__(self):
        for name in ("brightness", "contrast", "saturation"):
            factors(name, getattr(self, name))
        shares(self.hue)

    def change(self, images, draws):
        """Four draws for each picture; only those settings that change something are computed."""
        require_colors(self.name, images, (1, 3))
        x = images.astype(np.float32)
        colors = images.shape[1] == 3
        f = column(draws.uniform(*factors("brightness", self.brightness)))
        if self.brightness:
            x = cut(x * f)
        f = column(draws.uniform(*factors("contrast", self.contrast)))
        if self.contrast:
            means = gray(x).mean(axis=(1, 2, 3), keepdims=True)
            x = cut(x * f + (1 - f) * means)
        f = column(draws.uniform(*factors("saturation", self.saturation)))
        if self.saturation and colors:
            x = cut(x * f + (1 - f) * gray(x))
        turn = draws.uniform(*shares(self.hue)).astype(np.float32)
        if self.hue and colors:
            x = turned(x, turn[:, np.newaxis, np.newaxis])
        return rounded(x)


@dataclass(frozen=True)
class Grayscale(Transform):
    """gray = 0.299 red + 0.587 green + 0.114 blue, as one channel or as three equal ones.

    >>> Grayscale()(np.array([[[[255, 0]], [[255, 0]], [[255, 200]]]], np.uint8)).tolist()
    [[[[255, 23]]]]
    """

    num_output_channels: int = 1

    takes_floats = False

    def __post_init__(self):
        if self.num_output_channels not in (1, 3):
            raise ArgumentError(f"Grayscale makes 1 or 3 channels, not {self.num_output_channels!r}.")

    def change(self, images, draws):
        """No draw."""
        require_colors(self.name, images, (1, 3))
        y = rounded(gray(images.astype(np.float32)))
        return np.repeat(y, self.num_output_channels, axis=1)


def gray(x):
    """How bright each pixel is: (n, 1, height, width)."""
    if x.shape[1] == 1:
        return x.copy()
    y = x[:, 0] * LUMA[0]
    y += x[:, 1] * LUMA[1]
    y += x[:, 2] * LUMA[2]
    return y[:, np.newaxis]


def turned(x, turn):
    """The colors turned by shares of the circle, through hue, saturation and value (the largest of the three).

    The hue h, from 0 to 6, is where the largest, middle and smallest of the three colors stand. Back again, each color
    is value - chroma max(0, min(k, 4 - k, 1)) with k = (n + h) mod 6, n = 5 for red, 3 for green, 1 for blue.
    """
    red, green, blue = x[:, 0], x[:, 1], x[:, 2]
    value = np.maximum(np.maximum(red, green), blue)
    chroma = value - np.minimum(np.minimum(red, green), blue)
    divisor = np.where(chroma > 0, chroma, 1)
    h = np.where(
        value == red,
        (green - blue) / divisor,
        np.where(value == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor),
    )
    h += 6 * turn
    y = np.empty_like(x)
    for channel, n in enumerate((5, 3, 1)):
        k = h + n
        k -= 6 * np.floor(k / 6)  # k mod 6; np.mod takes five times as long
        y[:, channel] = value - chroma * np.clip(np.minimum(k, 4 - k), 0, 1)
    return y


def column(factor):
    """One number for each picture, to be multiplied with pictures."""
    return factor.astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]


def cut(x):
    """At least 0 and at most 255; x is overwritten."""
    return np.clip(x, 0, 255, out=x)


def factors(name, value):
    """(least, most) of a factor."""
    if isinstance(value, (tuple, list)):
        return interval("ColorJitter", name, value, least=0)
    if not is_number(value) or not 0 <= value < np.inf:
        raise ArgumentError(f"ColorJitter: {name} is a number of at least 0 or a pair (least, most), not {value!r}.")
    return max(0.0, 1 - value), 1 + value


def shares(value):
    """(least, most) of the turn of the hue."""
    pair = value if isinstance(value, (tuple, list)) else (-value, value) if is_number(value) else (value,)
    pair = interval("ColorJitter", "hue", pair)
    if not -0.5 <= pair[0] <= pair[1] <= 0.5:
        raise ArgumentError(f"ColorJitter: hue lies from -0.5 to 0.5, half of the color circle, but is {value!r}.")
    return pair


def require_colors(who, images, channels):
    """Refuse pictures that are neither gray nor red, green, blue."""
    if images.shape[1] not in channels:
        raise ShapeError(f"{who} takes gray pictures or red, green, blue, not {images.shape[1]} channels.")
