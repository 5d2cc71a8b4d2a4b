"""What all transforms share: how they are called, what pictures they take, and how several follow each other."""

import numbers
from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.draws import Draws
from pellucid.errors import ArgumentError, DtypeError, ShapeError

USUAL_CHANNELS = (1, 3, 4)  # gray; red, green, blue; with transparency


class Transform:
    """A change of a whole batch of pictures; what is random in it is a pure function of (seed, epoch, row).

    `transform(images)` gives new pictures, `transform(images, labels)` a pair. Pictures are arrays (n, channels,
    height, width), uint8 from 0 to 255 as files have them; the transforms that do not compute with the pixels' values
    take floats as well. What was passed is never written to.

    `seed`, `epoch` and `rows` (the numbers of the pictures in their data set; 0, 1, 2 ... if they are left out) say
    which random numbers are used. A DataLoader passes them: `DataLoader(dataset, transform=transform)`.

    One of your own: a subclass that defines `change(images, draws)`, or, if it changes labels too,
    `apply(images, labels, draws)`. `draws` has a random number for each picture: `uniform(low, high)`,
    `integers(count)`, `chance(p)`.

    Raises ShapeError for arrays that are no batch of pictures, DtypeError for pixels of another dtype.

    >>> class Darker(Transform):
    ...     def change(self, images, draws):
    ...         return (images * draws.uniform(0.5, 1.0)[:, None, None, None]).astype(np.uint8)
    >>> Darker()(np.full((2, 1, 1, 1), 100, np.uint8), seed=1).ravel().tolist()
    [54, 94]
    """

    takes_floats = True

    def __call__(self, images, labels=None, *, seed=0, epoch=0, rows=None):
        images = self.checked(images)
        draws = Draws(seed, epoch, np.arange(len(images)) if rows is None else rows)
        if len(draws.rows) != len(images):
            raise ShapeError(f"{self.name}: {len(draws.rows)} rows do not belong to {len(images)} pictures.")
        images, labels = self.apply(images, labels, draws)
        return images if labels is None else (images, labels)

    def apply(self, images, labels, draws):
        """The pictures changed, and the labels as they are."""
        return self.change(images, draws), labels

    def change(self, images, draws):
        """The new pictures."""
        raise NotImplementedError(f"{self.name} defines neither change nor apply.")

    def checked(self, images):
        """The images as an array, or an error that says what is wrong with them."""
        return check_images(self.name, images, self.takes_floats)

    @property
    def name(self):
        """What error messages call it."""
        return type(self).__name__


@dataclass(frozen=True)
class Compose(Transform):
    """Several transforms one after the other: y = last(... second(first(x))).

    Each has random numbers of its own. Whoever adds a transform to the list leaves the pictures of those before it as
    they were.

    >>> from pellucid.data import transforms
    >>> augment = transforms.Compose(
    ...     [
    ...         transforms.RandomCrop(32, padding=4),
    ...         transforms.RandomHorizontalFlip(),
    ...         transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25)),
    ...     ]
    ... )
    >>> y = augment(np.zeros((8, 3, 32, 32), np.uint8), seed=0, epoch=5)
    >>> y.shape, y.dtype
    ((8, 3, 32, 32), dtype('float32'))
    """

    transforms: tuple | list

    def __post_init__(self):
        if not isinstance(self.transforms, (tuple, list)):
            raise ArgumentError(f"Compose takes a list of transforms, not {self.transforms!r}.")
        for each in self.transforms:
            if not isinstance(each, Transform):
                raise ArgumentError(
                    f"Compose takes a list of transforms, not {each!r}.",
                    remedy="Make an object of a class: RandomHorizontalFlip(). A function of your own becomes a "
                    "subclass of Transform that defines change.",
                )

    def apply(self, images, labels, draws):
        """Each in its turn."""
        for each in self.transforms:
            images, labels = each.apply(each.checked(images), labels, draws)
        return images, labels


def check_images(who, images, takes_floats):
    """The images as an array (n, channels, height, width), or an error that says what is wrong with them."""
    images = np.asarray(images)
    if images.ndim != 4:
        remedies = {
            2: "images[None, None] makes a batch of one gray picture.",
            3: "Gray pictures (n, height, width) get their axis of channels by images[:, None]; a single picture "
            "(channels, height, width) becomes a batch by images[None].",
        }
        raise ShapeError(
            f"{who} got an array of shape {images.shape}; pictures are (n, channels, height, width).",
            remedy=remedies.get(images.ndim, ""),
        )
    if images.shape[1] not in USUAL_CHANNELS and images.shape[3] in USUAL_CHANNELS:
        raise ShapeError(
            f"{who} got pictures of shape {images.shape}: {images.shape[1]} channels. Channels come second, (n, "
            "channels, height, width); these seem to have them last.",
            remedy="images.transpose(0, 3, 1, 2) puts them in the second place.",
        )
    if min(images.shape[1:]) == 0:
        raise ShapeError(f"{who} got pictures without pixels: their shape is {images.shape}.")
    if images.dtype != np.uint8 and not (takes_floats and images.dtype.kind == "f"):
        needed = "uint8 or floats" if takes_floats else "uint8, whole numbers from 0 to 255"
        remedy = (
            "Scale pictures as the last step, by Normalize or ToFloat; ImageFolder(root, dtype='uint8') reads them."
        )
        if images.dtype.kind in "iu":
            remedy = "images.astype(np.uint8), if they lie from 0 to 255."
        raise DtypeError(f"{who} got pictures of dtype {images.dtype} and needs {needed}.", remedy=remedy)
    return images


def check_labels(who, images, labels):
    """The labels as an array with one for each picture."""
    if labels is None:
        raise ArgumentError(f"{who} mixes labels as well as pictures.", remedy="Pass both: transform(images, labels)")
    labels = np.asarray(labels)
    if labels.shape[:1] != images.shape[:1] or labels.ndim > 2:
        raise ShapeError(
            f"{who} got labels of shape {labels.shape} for {len(images)} pictures; it takes class numbers (n,) or "
            "probabilities (n, classes)."
        )
    return labels


def is_number(value):
    """Is it a plain real number?"""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def probability(who, p):
    """Refuse what is no probability."""
    if not is_number(p) or not 0 <= p <= 1:
        raise ArgumentError(f"{who}: p is a probability from 0 to 1, not {p!r}.")


def interval(who, name, value, least=-np.inf):
    """(low, high) of a pair of numbers in order, both at least `least`."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(pair) != 2 or not all(map(is_number, pair)) or not least <= pair[0] <= pair[1] < np.inf:
        bound = "" if least == -np.inf else f", at least {least:g}"
        raise ArgumentError(f"{who}: {name} is a pair (least, most){bound}, not {value!r}.")
    return pair


def per_channel(who, name, value, channels):
    """One number, or one for each channel, as float32 (1 or channels, 1, 1)."""
    given = one_or_more(who, name, value)
    if len(given) not in (1, channels):
        raise ShapeError(
            f"{who}: {name} has {len(given)} numbers, and the pictures have {channels} channels.",
            remedy="Give one number for all channels, or one for each.",
        )
    return given[:, np.newaxis, np.newaxis]


def one_or_more(who, name, value):
    """One number, or a few, as float32 (count,)."""
    given = list(value) if isinstance(value, (tuple, list, np.ndarray)) else [value]
    if not given or not all(map(is_number, given)):
        raise ArgumentError(f"{who}: {name} is one number, or one for each channel, not {value!r}.")
    return np.array(given, np.float32)
