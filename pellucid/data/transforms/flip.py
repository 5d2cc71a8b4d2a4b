"""Mirroring some of the pictures."""

from dataclasses import dataclass

from pellucid.data.transforms.transform import Transform, probability


@dataclass(frozen=True)
class RandomHorizontalFlip(Transform):
    """Left and right exchanged, with probability p for each picture: y[c, i, j] = x[c, i, width - 1 - j].

    Not for digits and letters, whose mirror images are other signs or none. Source: Krizhevsky, Sutskever and Hinton,
    "ImageNet classification with deep convolutional neural networks" (2012).

    >>> import numpy as np
    >>> RandomHorizontalFlip(p=1.0)(np.array([[[[1, 2, 3]]]], np.uint8)).tolist()
    [[[[3, 2, 1]]]]
    """

    p: float = 0.5

    def __post_init__(self):
        probability(self.name, self.p)

    def change(self, images, draws):
        """Rows of pixels backwards."""
        chosen = draws.chance(self.p)
        y = images.copy()
        y[chosen] = images[chosen, :, :, ::-1]
        return y


@dataclass(frozen=True)
class RandomVerticalFlip(Transform):
    """Top and bottom exchanged, with probability p for each picture: y[c, i, j] = x[c, height - 1 - i, j].

    For pictures without an up and down, such as those that a microscope or a satellite takes.

    >>> import numpy as np
    >>> RandomVerticalFlip(p=1.0)(np.array([[[[1], [2]]]], np.uint8)).tolist()
    [[[[2], [1]]]]
    """

    p: float = 0.5

    def __post_init__(self):
        probability(self.name, self.p)

    def change(self, images, draws):
        """Columns of pixels upside down."""
        chosen = draws.chance(self.p)
        y = images.copy()
        y[chosen] = images[chosen, :, ::-1]
        return y
