"""Two pictures in one, with labels in proportion. cross_entropy takes such labels: F.cross_entropy(scores, mixed)."""

import functools
from dataclasses import dataclass

import numpy as np

from pellucid.data.shuffle import whole_number
from pellucid.data.transforms.erase import rectangles
from pellucid.data.transforms.resize import rounded
from pellucid.data.transforms.transform import Transform, check_labels, is_number
from pellucid.errors import ArgumentError, LabelError, ShapeError


@dataclass(frozen=True)
class MixUp(Transform):
    """Each picture blended with another one of its batch, and their labels alike.

        x = l x_i + (1 - l) x_j        y = l y_i + (1 - l) y_j        l drawn from Beta(alpha, alpha)

    Labels are class numbers (n,), which become vectors of `num_classes` probabilities, or such vectors already. The
    loss is cross_entropy(scores, y) = -(sum over classes of y log p) = l times the loss for y_i plus 1 - l times the
    one for y_j. Every picture has an l of its own (torchvision: one for the batch). Bytes are rounded.

    LabelError for labels outside of 0 .. num_classes - 1. Source: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond
    empirical risk minimization" (2017).

    >>> x, y = np.array([0, 200], np.uint8).reshape(2, 1, 1, 1), np.array([0, 1])
    >>> mixed, labels = MixUp(num_classes=2)(x, y, seed=3)
    >>> mixed.ravel().tolist(), [[round(p, 2) for p in row] for row in labels.tolist()]
    ([31, 187], [[0.85, 0.15], [0.06, 0.94]])
    """

    alpha: float = 1.0
    num_classes: int | None = None

    def __post_init__(self):
        check_settings(self)

    def apply(self, images, labels, draws):
        """Two draws: a partner and a share for each picture."""
        labels = as_probabilities(self, check_labels(self.name, images, labels))
        partner, share = draws.partners(), beta(self.alpha, draws.uniform())
        own = share.astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
        x = images * own
        x += (1 - own) * images[partner]
        mixed = rounded(x) if images.dtype == np.uint8 else x.astype(images.dtype, copy=False)
        return mixed, blended_labels(labels, partner, share)


@dataclass(frozen=True)
class CutMix(Transform):
    """A rectangle of each picture replaced by that of another one of its batch; labels in proportion to their areas.

    Its sides are sqrt(1 - l) of the picture's, l drawn from Beta(alpha, alpha), around a pixel drawn from the whole
    picture; what lies outside is cut, and then the share of the first label is the share of its pixels that are left.
    Labels and errors are those of MixUp. Source: Yun, Han, Oh, Chun, Choe and Yoo, "CutMix: Regularization strategy to
    train strong classifiers with localizable features" (2019).

    >>> x, y = np.arange(2, dtype=np.uint8).repeat(16).reshape(2, 1, 4, 4), np.array([0, 1])
    >>> mixed, labels = CutMix(num_classes=2)(x, y, seed=4)
    >>> mixed[0, 0]
    array([[1, 1, 0, 0],
           [1, 1, 0, 0],
           [0, 0, 0, 0],
           [0, 0, 0, 0]], dtype=uint8)
    >>> labels[0]
    array([0.75, 0.25], dtype=float32)
    """

    alpha: float = 1.0
    num_classes: int | None = None

    def __post_init__(self):
        check_settings(self)

    def apply(self, images, labels, draws):
        """Four draws for each picture."""
        labels = as_probabilities(self, check_labels(self.name, images, labels))
        height, width = images.shape[2:]
        partner, side = draws.partners(), np.sqrt(1 - beta(self.alpha, draws.uniform()))
        y, x = draws.integers(height), draws.integers(width)
        half_height, half_width = (side * height).astype(np.int64) // 2, (side * width).astype(np.int64) // 2
        inside = rectangles((height, width), y - half_height, x - half_width, y + half_height, x + half_width)
        share = 1 - inside.mean(axis=(1, 2, 3))
        return np.where(inside, images[partner], images), blended_labels(labels, partner, share)


def check_settings(transform):
    """Refuse an alpha that is not above 0 and a number of classes that is none."""
    if not is_number(transform.alpha) or not 0 < transform.alpha < np.inf:
        raise ArgumentError(f"{transform.name}: alpha must be above 0, not {transform.alpha!r}.")
    if transform.num_classes is not None:
        whole_number(transform.num_classes, "num_classes", least=1)


def as_probabilities(transform, labels):
    """Class numbers as vectors with a single 1: float32 (n, num_classes)."""
    classes = transform.num_classes
    if labels.ndim == 2:
        if classes not in (None, labels.shape[1]):
            raise ShapeError(f"{transform.name}: labels of {labels.shape[1]} classes came, but num_classes={classes}.")
        return labels.astype(np.float32, copy=False)
    if classes is None:
        raise ArgumentError(
            f"{transform.name} turns class numbers into probabilities and must know how many classes there are.",
            remedy=f"{transform.name}(num_classes=10)",
        )
    if labels.dtype.kind not in "iu" or (labels.size and not 0 <= labels.min() <= labels.max() < classes):
        raise LabelError(f"{transform.name}: labels must be whole numbers from 0 to {classes - 1}; {labels!r} came.")
    return np.eye(classes, dtype=np.float32)[labels]


def blended_labels(labels, partner, share):
    """share y_i + (1 - share) y_j."""
    share = share.astype(np.float32)[:, np.newaxis]
    return share * labels + (1 - share) * labels[partner]


def beta(alpha, u):
    """Numbers of the distribution Beta(alpha, alpha), made of evenly distributed ones: its quantiles u."""
    areas, places = table(alpha)
    lower = np.interp(np.minimum(u, 1 - u), areas, places) ** (1 / min(alpha, 1))
    return np.where(u < 0.5, lower, 1 - lower)


@functools.lru_cache(16)
def table(alpha):
    """The lower half of the distribution: areas from 0 to 1/2, and the places s up to which they reach.

    The density x^(alpha - 1) (1 - x)^(alpha - 1) is infinite at 0 for alpha below 1. So the places are s = x^e with
    e = min(alpha, 1), where it becomes x^(alpha - e) (1 - x)^(alpha - 1), which is finite; it is summed by the
    trapezoidal rule.
    """
    e = min(alpha, 1)
    places = np.linspace(0, 0.5**e, 4097)
    x = places ** (1 / e)
    density = x ** (alpha - e) * (1 - x) ** (alpha - 1)
    areas = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return areas * (0.5 / areas[-1]), places
