"""Pictures of another size, by a product with a matrix for each of the two axes."""

from dataclasses import dataclass

import numpy as np

from pellucid.data.folders import height_and_width
from pellucid.data.transforms.transform import Transform
from pellucid.errors import ArgumentError


@dataclass(frozen=True)
class Resize(Transform):
    """Pictures of `size` = (height, width), or one number for both, without regard to their proportions.

    "bilinear": each new pixel is a weighted mean of old ones. The weights fall off linearly with the distance of the
    centers, to nothing at one pixel, or, when the picture shrinks by a factor s, at s pixels: so none of the old pixels
    is passed over (torchvision's antialias=True, and what Pillow does). "nearest" takes the old pixel that holds the
    center of the new one.

    The mean is y = A x B^T for each channel; A (new height, height) and B (new width, width) hold the weights.

    >>> Resize((1, 2))(np.array([[[[10, 20, 30, 40]]]], np.uint8)).tolist()
    [[[[17, 33]]]]
    """

    size: int | tuple[int, int]
    interpolation: str = "bilinear"

    takes_floats = False

    def __post_init__(self):
        height_and_width(self.size)
        check_interpolation("Resize", self.interpolation)

    def change(self, images, draws):
        """Rows first, then columns."""
        height, width = height_and_width(self.size)
        if self.interpolation == "nearest":
            rows, columns = nearest(images.shape[2], height), nearest(images.shape[3], width)
            return images[:, :, rows[:, np.newaxis], columns]
        x = weights(images.shape[2], height) @ images.astype(np.float32)
        return rounded(x @ weights(images.shape[3], width).T)


def nearest(old, new):
    """For each of `new` pixels the old one that holds its center."""
    return (np.arange(new) * 2 + 1) * old // (2 * new)


def weights(old, new):
    """float32 (new, old): how much each old pixel counts for each new one. Every row has the sum 1."""
    factor = old / new
    reach = max(factor, 1.0)
    centers = (np.arange(new) + 0.5) * factor
    distances = np.abs(np.arange(old) + 0.5 - centers[:, np.newaxis])
    w = np.maximum(1 - distances / reach, 0)
    return (w / w.sum(axis=1, keepdims=True)).astype(np.float32)


def rounded(x):
    """Floats from 0 to 255 as the nearest bytes; x is overwritten."""
    x += np.float32(0.5)
    return x.astype(np.uint8)


def check_interpolation(who, interpolation):
    """Refuse what is neither "nearest" nor "bilinear"."""
    if interpolation not in ("nearest", "bilinear"):
        raise ArgumentError(f'{who}: interpolation must be "nearest" or "bilinear", not {interpolation!r}.')
