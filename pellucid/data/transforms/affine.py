"""Turning, shifting, stretching and cutting: each new pixel is looked up at another place of the old picture."""

import math
from dataclasses import dataclass

import numpy as np

from pellucid.data.folders import height_and_width
from pellucid.data.transforms.resize import check_interpolation
from pellucid.data.transforms.sample import sample
from pellucid.data.transforms.transform import Transform, interval, is_number, one_or_more, per_channel
from pellucid.errors import ArgumentError


@dataclass(frozen=True)
class RandomAffine(Transform):
    """Each picture turned, stretched, sheared and shifted at random, around its center.

    The pixel at p (x to the right, y down, from the center) moves to A p + t, where

        A = s  [cos a, -sin a]  [      1, 0]  [1, -tan u]
               [sin a,  cos a]  [-tan v,  1]  [0,      1]

    The new picture is looked up backwards: its pixel at q is the old one at A^-1 (q - t).

    Args:
        degrees: the angle a is drawn from (-degrees, degrees), or from a pair (least, most); clockwise.
        translate: pair of shares; t is drawn from -share to share of the width and of the height, in whole pixels.
        scale: pair (least, most) of the factor s.
        shear: the angle u in degrees is drawn from (-shear, shear) or a pair; with four numbers v as well.
        interpolation: "nearest", or "bilinear": the weighted mean of four old pixels.
        fill: the value outside the old picture: one number, or one for each channel.

    ArgumentError for ranges out of order. Source: Simard, Steinkraus and Platt, "Best practices for convolutional
    neural networks applied to visual document analysis" (2003).

    >>> x = np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)
    >>> RandomAffine(degrees=(90, 90))(x)[0, 0]
    array([[6, 3, 0],
           [7, 4, 1],
           [8, 5, 2]], dtype=uint8)
    """

    degrees: float | tuple[float, float]
    translate: tuple[float, float] | None = None
    scale: tuple[float, float] | None = None
    shear: float | tuple[float, ...] | None = None
    interpolation: str = "nearest"
    fill: float | tuple[float, ...] = 0

    takes_floats = False

    def __post_init__(self):
        around_zero(self.name, "degrees", self.degrees)
        self.shears()
        if self.scale is not None and interval(self.name, "scale", self.scale)[0] <= 0:
            raise ArgumentError(f"{self.name}: scale must be above 0, not {self.scale!r}.")
        if self.translate is not None and not (
            isinstance(self.translate, (tuple, list))
            and len(self.translate) == 2
            and all(is_number(share) and 0 <= share <= 1 for share in self.translate)
        ):
            raise ArgumentError(
                f"{self.name}: translate is a pair of shares of width and height, from 0 to 1, not {self.translate!r}."
            )
        check_interpolation(self.name, self.interpolation)
        one_or_more(self.name, "fill", self.fill)

    def shears(self):
        """The ranges of u and v."""
        if isinstance(self.shear, (tuple, list)) and len(self.shear) == 4:
            return interval(self.name, "shear", self.shear[:2]), interval(self.name, "shear", self.shear[2:])
        return around_zero(self.name, "shear", self.shear or 0), (0, 0)

    def change(self, images, draws):
        """Five draws for each picture, asked for or not, so that one setting leaves what the others draw alone."""
        height, width = images.shape[2:]
        fill = per_channel(self.name, "fill", self.fill, images.shape[1])
        angle = np.radians(draws.uniform(*around_zero(self.name, "degrees", self.degrees)))
        shares = self.translate or (0, 0)
        shift = np.stack(
            [np.round(draws.uniform(-share, share) * n) for share, n in zip(shares, (width, height), strict=True)], -1
        )
        scale = draws.uniform(*(self.scale or (1, 1)))
        u, v = (np.radians(draws.uniform(*pair)) for pair in self.shears())
        backwards = np.linalg.inv(forwards(angle, scale, u, v))  # (n, 2, 2)
        centers = np.array([width / 2, height / 2]) - np.einsum("nij,nj->ni", backwards, shift)
        return sample(images, backwards, centers, (height, width), self.interpolation, fill)


@dataclass(frozen=True)
class RandomRotation(Transform):
    """Each picture turned around its center by an angle drawn from (-degrees, degrees) or a pair (least, most).

    Counterclockwise, in degrees, as in torchvision, and the corners that leave the picture are lost.
    `interpolation` and `fill` are those of RandomAffine.

    >>> x = np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)
    >>> RandomRotation(degrees=(90, 90))(x)[0, 0]
    array([[2, 5, 8],
           [1, 4, 7],
           [0, 3, 6]], dtype=uint8)
    """

    degrees: float | tuple[float, float]
    interpolation: str = "nearest"
    fill: float | tuple[float, ...] = 0

    takes_floats = False

    def __post_init__(self):
        around_zero(self.name, "degrees", self.degrees)
        check_interpolation(self.name, self.interpolation)
        one_or_more(self.name, "fill", self.fill)

    def change(self, images, draws):
        """One draw for each picture."""
        fill = per_channel(self.name, "fill", self.fill, images.shape[1])
        angle = np.radians(draws.uniform(*around_zero(self.name, "degrees", self.degrees)))
        height, width = images.shape[2:]
        centers = np.broadcast_to([width / 2, height / 2], (len(images), 2))
        one, none = np.ones(len(images)), np.zeros(len(images))
        return sample(images, forwards(angle, one, none, none), centers, (height, width), self.interpolation, fill)


@dataclass(frozen=True)
class RandomResizedCrop(Transform):
    """A piece of random area and proportions from a random place of each picture, stretched to `size`.

    The area is a share of the picture drawn from `scale`; width / height is drawn from `ratio`, evenly in its
    logarithm: height = sqrt(area / ratio), width = sqrt(area ratio), at most those of the picture. All places are
    equally likely, not only whole pixels. "bilinear" takes the mean of the four nearest pixels.

    torchvision draws again where a piece does not fit, and averages where a large piece shrinks. Source: Szegedy et
    al., "Going deeper with convolutions" (2014).

    >>> x = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    >>> RandomResizedCrop(2, scale=(0.25, 0.25), ratio=(1, 1), interpolation="nearest")(x, seed=2)[0, 0]
    array([[1, 2],
           [5, 6]], dtype=uint8)
    """

    size: int | tuple[int, int]
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    interpolation: str = "bilinear"

    takes_floats = False

    def __post_init__(self):
        height_and_width(self.size)
        shares_and_ratios(self.name, self.scale, self.ratio)
        check_interpolation(self.name, self.interpolation)

    def change(self, images, draws):
        """A piece is looked up through A = diag(its size / the new size) around its center."""
        height, width = height_and_width(self.size)
        new, old = np.array([width, height]), np.array(images.shape[3:1:-1])  # both (x, y)
        area = draws.uniform(*self.scale)
        root = np.exp(draws.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])) / 2)
        area = np.sqrt(area * old.prod())
        piece = np.minimum(np.stack([area * root, area / root], -1), old)  # (n, 2)
        room = old - piece
        centers = piece / 2 + room * np.stack([draws.uniform(), draws.uniform()], -1)
        backwards = (piece / new)[:, :, np.newaxis] * np.eye(2)
        return sample(images, backwards, centers, (height, width), self.interpolation, None)


def forwards(angle, scale, u, v):
    """The matrices A of RandomAffine, one for each picture: (n, 2, 2)."""
    turn = matrices([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    one, none = np.ones_like(angle), np.zeros_like(angle)
    lean_down, lean_right = matrices([[one, none], [-np.tan(v), one]]), matrices([[one, -np.tan(u)], [none, one]])
    return scale[:, np.newaxis, np.newaxis] * (turn @ lean_down @ lean_right)


def matrices(rows):
    """Arrays (n,) in two rows and columns as an array (n, 2, 2)."""
    return np.stack([np.stack(row, -1) for row in rows], -2)


def around_zero(who, name, value):
    """(-value, value) of one number; a pair (least, most) as it is."""
    if not isinstance(value, (tuple, list)):
        if not is_number(value) or not 0 <= value < np.inf:
            raise ArgumentError(f"{who}: {name} is a number of at least 0 or a pair (least, most), not {value!r}.")
        return -value, value
    return interval(who, name, value)


def shares_and_ratios(who, scale, ratio):
    """Refuse shares outside of (0, 1] and proportions that are not above 0."""
    if interval(who, "scale", scale)[0] <= 0 or scale[1] > 1:
        raise ArgumentError(f"{who}: scale is a share of the picture's area, above 0 and at most 1, not {scale!r}.")
    if interval(who, "ratio", ratio)[0] <= 0:
        raise ArgumentError(f"{who}: ratio must be above 0, not {ratio!r}.")
