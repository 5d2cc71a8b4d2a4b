"""From bytes to the floats that a network computes with."""

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.transform import Transform, one_or_more, per_channel
from pellucid.errors import ArgumentError


@dataclass(frozen=True)
class Normalize(Transform):
    """y = (x - mean) / std for each channel, float32; bytes are divided by 255 first, so x lies from 0 to 1.

    `mean` and `std` are one number, or one for each channel, of pictures from 0 to 1; those of the training pictures
    make each channel's mean 0 and its standard deviation 1. It takes bytes, so ToFloat need not come before it.

    ArgumentError if a std is not above 0 or a mean is no value of pictures from 0 to 1. Source: LeCun, Bottou, Orr and
    Müller, "Efficient BackProp" (1998).

    >>> Normalize(mean=0.5, std=0.5)(np.array([[[[0, 255]]]], np.uint8)).tolist()
    [[[[-1.0, 1.0]]]]
    """

    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]

    def __post_init__(self):
        mean, std = one_or_more(self.name, "mean", self.mean), one_or_more(self.name, "std", self.std)
        if not (std > 0).all():
            raise ArgumentError(f"Normalize divides by std, which must be above 0, not {self.std!r}.")
        if not ((mean >= 0) & (mean <= 1)).all():
            raise ArgumentError(
                f"Normalize: mean belongs to pictures from 0 to 1, and is {self.mean!r}.",
                remedy="Divide the mean and the std of bytes by 255.",
            )

    def change(self, images, draws):
        """One product and one sum for each pixel: x * scale + shift."""
        std = per_channel("Normalize", "std", self.std, images.shape[1])
        mean = per_channel("Normalize", "mean", self.mean, images.shape[1])
        scale = 1 / (std * np.float32(255 if images.dtype == np.uint8 else 1))
        y = np.multiply(images, scale, dtype=np.float32)
        y -= mean / std
        return y


@dataclass(frozen=True)
class ToFloat(Transform):
    """y = x / 255, float32 from 0 to 1; floats stay as they are.

    >>> ToFloat()(np.array([[[[0, 51, 255]]]], np.uint8))
    array([[[[0. , 0.2, 1. ]]]], dtype=float32)
    """

    def change(self, images, draws):
        """Divided, not multiplied by 1/255, so that 255 becomes exactly 1."""
        if images.dtype != np.uint8:
            return images.astype(np.float32)
        return np.divide(images, np.float32(255), dtype=np.float32)
