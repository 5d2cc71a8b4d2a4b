"""Hiding a part of each picture, so that a network does not rely on one detail."""

import math
from dataclasses import dataclass

import numpy as np

from pellucid.data.shuffle import whole_number
from pellucid.data.transforms.affine import shares_and_ratios
from pellucid.data.transforms.transform import Transform, one_or_more, per_channel, probability
from pellucid.errors import ArgumentError


@dataclass(frozen=True)
class RandomErasing(Transform):
    """A rectangle of each picture painted over, with probability p.

    Its area is a share of the picture drawn from `scale`; height / width is drawn from `ratio`, evenly in its
    logarithm: height = round(sqrt(area ratio)), width = round(sqrt(area / ratio)), at most those of the picture
    (torchvision draws again instead). All places inside the picture are equally likely. `value` is one number, one for
    each channel, or "random": each pixel and channel of its own (from 0 to 255, so for bytes only).

    Source: Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation" (2017).

    >>> RandomErasing(p=1.0, scale=(0.25, 0.25), ratio=(1, 1), value=9)(np.zeros((1, 1, 4, 4), np.uint8), seed=3)[0, 0]
    array([[0, 0, 0, 0],
           [0, 9, 9, 0],
           [0, 9, 9, 0],
           [0, 0, 0, 0]], dtype=uint8)
    """

    p: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    value: float | tuple[float, ...] | str = 0

    def __post_init__(self):
        probability(self.name, self.p)
        shares_and_ratios(self.name, self.scale, self.ratio)
        check_value(self.name, self.value)

    def change(self, images, draws):
        """Five draws for each picture, and the noise."""
        height, width = images.shape[2:]
        chosen = draws.chance(self.p)
        area = np.sqrt(draws.uniform(*self.scale) * (height * width))
        root = np.exp(draws.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])) / 2)
        high = np.minimum(np.round(area * root), height).astype(np.int64) * chosen
        wide = np.minimum(np.round(area / root), width).astype(np.int64)
        top, left = draws.integers(height - high + 1), draws.integers(width - wide + 1)
        inside = rectangles((height, width), top, left, top + high, left + wide)
        return painted(self.name, images, inside, self.value, draws)


@dataclass(frozen=True)
class Cutout(Transform):
    """A square of `size` pixels painted over in each picture, around a pixel drawn from the whole picture.

    So a part of the square may lie outside, and few pictures are hidden most. `value` is as for RandomErasing.
    Source: DeVries and Taylor, "Improved regularization of convolutional neural networks with Cutout" (2017).

    >>> Cutout(2, value=9)(np.zeros((1, 1, 3, 4), np.uint8), seed=2)[0, 0]
    array([[0, 0, 0, 0],
           [0, 9, 9, 0],
           [0, 9, 9, 0]], dtype=uint8)
    """

    size: int
    value: float | tuple[float, ...] | str = 0

    def __post_init__(self):
        whole_number(self.size, "size", least=1)
        check_value(self.name, self.value)

    def change(self, images, draws):
        """Two draws for each picture."""
        height, width = images.shape[2:]
        top = draws.integers(height) - self.size // 2
        left = draws.integers(width) - self.size // 2
        inside = rectangles((height, width), top, left, top + self.size, left + self.size)
        return painted(self.name, images, inside, self.value, draws)


def check_value(who, value):
    """Refuse what is neither numbers nor "random"."""
    if not isinstance(value, str):
        one_or_more(who, "value", value)
    elif value != "random":
        raise ArgumentError(f'{who}: value is a number, one for each channel, or "random"; not {value!r}.')


def rectangles(size, top, left, bottom, right):
    """Which pixels lie inside: bool (n, 1, height, width), from four arrays (n,)."""
    rows, columns = np.arange(size[0]), np.arange(size[1])
    in_rows = (rows >= top[:, np.newaxis]) & (rows < bottom[:, np.newaxis])
    in_columns = (columns >= left[:, np.newaxis]) & (columns < right[:, np.newaxis])
    return (in_rows[:, :, np.newaxis] & in_columns[:, np.newaxis])[:, np.newaxis]


def painted(who, images, inside, value, draws):
    """The pictures with `value` where `inside` says so."""
    if isinstance(value, str):
        if images.dtype != np.uint8:
            raise ArgumentError(f'{who}: value="random" paints bytes.', remedy="Put it before Normalize or ToFloat.")
        new = draws.noise(images[0].size if len(images) else 0).reshape(images.shape)
    else:
        new = per_channel(who, "value", value, images.shape[1]).astype(images.dtype)
    return np.where(inside, new, images)
