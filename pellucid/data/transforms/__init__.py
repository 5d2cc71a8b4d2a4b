"""Changes of whole batches of pictures while they are on their way to a network, each with its own random numbers.

Place: `RandomCrop`, `CenterCrop`, `RandomHorizontalFlip`, `RandomVerticalFlip`, `RandomRotation`, `RandomAffine`,
`RandomResizedCrop`, `Resize`. Light: `ColorJitter`, `Grayscale`. Parts: `RandomErasing`, `Cutout`. Two in one: `MixUp`,
`CutMix`. Numbers: `ToFloat`, `Normalize`. Several in a row: `Compose`. Your own: a subclass of `Transform`.

All of them take and give arrays (n, channels, height, width). A DataLoader applies them: see docs/pictures.md.
"""

from pellucid.data.transforms.affine import RandomAffine, RandomResizedCrop, RandomRotation
from pellucid.data.transforms.color import ColorJitter, Grayscale
from pellucid.data.transforms.crop import CenterCrop, RandomCrop
from pellucid.data.transforms.erase import Cutout, RandomErasing
from pellucid.data.transforms.flip import RandomHorizontalFlip, RandomVerticalFlip
from pellucid.data.transforms.mix import CutMix, MixUp
from pellucid.data.transforms.normalize import Normalize, ToFloat
from pellucid.data.transforms.resize import Resize
from pellucid.data.transforms.transform import Compose, Transform

__all__ = [
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "CutMix",
    "Cutout",
    "Grayscale",
    "MixUp",
    "Normalize",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomVerticalFlip",
    "Resize",
    "ToFloat",
    "Transform",
]
