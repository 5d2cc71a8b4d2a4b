"""Dropout: while training, let units fall out at random."""

import math

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional.activations import refuse_inplace
from pellucid.functional.smooth import SELU_ALPHA, SELU_SCALE
from pellucid.tensors import rand


def dropout(input, p=0.5, training=True, inplace=False):
    """Each element becomes 0 with probability p; the others are divided by 1 - p. Without `training`: x itself.

    The division keeps the expected value, so nothing needs to change when all units are there again. The mask
    is drawn from the default generator: `pc.manual_seed` repeats it.

    ArgumentError for a p outside of 0 to 1, UnsupportedError for inplace=True.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    >>> import pellucid as pc
    >>> dropout(pc.ones(3), training=False)
    tensor([1., 1., 1.])
    """
    return dropped("dropout", input, p, training, inplace, input.shape)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """dropout of whole channels: all numbers of one become 0 together.

    Neighbours in a channel tell nearly the same, so that dropping single ones takes hardly anything away. Shapes:
    input (N, C, L), or (C, L) without samples; the result the same. ShapeError for others.

    Source: Tompson et al., "Efficient object localization using convolutional networks" (2015).

    >>> import pellucid as pc
    >>> dropout1d(pc.ones(1, 2, 3), training=False).shape
    (1, 2, 3)
    """
    return dropped("dropout1d", input, p, training, inplace, channels("dropout1d", input, 1))


def dropout2d(input, p=0.5, training=True, inplace=False):
    """dropout of whole channels of images: input (N, C, H, W), or (N, C, L). See dropout1d.

    >>> import pellucid as pc
    >>> dropout2d(pc.ones(1, 2, 3, 3), training=False).shape
    (1, 2, 3, 3)
    """
    shape = (*input.shape[:2], 1) if input.ndim == 3 else channels("dropout2d", input, 2)  # PyTorch's reading
    return dropped("dropout2d", input, p, training, inplace, shape)


def dropout3d(input, p=0.5, training=True, inplace=False):
    """dropout of whole channels of volumes: input (N, C, D, H, W), or (C, D, H, W). See dropout1d.

    >>> import pellucid as pc
    >>> dropout3d(pc.ones(1, 2, 3, 3, 3), training=False).shape
    (1, 2, 3, 3, 3)
    """
    return dropped("dropout3d", input, p, training, inplace, channels("dropout3d", input, 3))


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """dropout for selu: dropped elements become selu's lower end, and mean and variance stay 0 and 1.

    y = a x + b, x being -1.7581 where it was dropped, a = 1 / sqrt((1 - p) (1 + p 1.7581^2)) and b = 1.7581 a p.

    Source: Klambauer et al., "Self-normalizing neural networks" (2017).

    >>> import pellucid as pc
    >>> alpha_dropout(pc.ones(3))
    tensor([1., 1., 1.])
    """
    if not training:
        return dropped("alpha_dropout", input, p, False, inplace, input.shape)
    return alpha_dropped("alpha_dropout", input, p, inplace, input.shape)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """alpha_dropout of whole channels: input (N, C, ...).

    >>> import pellucid as pc
    >>> feature_alpha_dropout(pc.ones(1, 3, 2)).shape
    (1, 3, 2)
    """
    if not training:
        return dropped("feature_alpha_dropout", input, p, False, inplace, input.shape)
    if input.ndim < 2:
        raise ShapeError(f"feature_alpha_dropout needs (N, C, ...), but the input has shape {input.shape}.")
    shape = (*input.shape[:2], *[1] * (input.ndim - 2))
    return alpha_dropped("feature_alpha_dropout", input, p, inplace, shape)


def dropped(who, input, p, training, inplace, shape):
    """The input times a mask of `shape`, which broadcasts."""
    require_probability(who, p, inplace)
    if not training or p == 0.0:
        return input
    if p == 1.0:
        return input * 0.0
    kept = rand(shape) >= p
    return (input * (1.0 / (1.0 - p))).where(kept, 0.0)


def alpha_dropped(who, input, p, inplace, shape):
    """The same for alpha dropout."""
    require_probability(who, p, inplace)
    if p == 0.0:
        return input
    if p == 1.0:
        return input * 0.0
    low = SELU_ALPHA * SELU_SCALE
    a = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * low**2))
    kept = rand(shape) >= p
    return (input * a).where(kept, -low * a) + low * a * p


def channels(who, input, axes):
    """The shape with one number for each channel: the last `axes` axes lie inside of it."""
    if input.ndim not in (axes + 1, axes + 2):
        needed = ", ".join("DHW"[3 - axes :] if axes > 1 else "L")
        raise ShapeError(f"{who} needs (N, C, {needed}) or (C, {needed}), but the input has shape {input.shape}.")
    return (*input.shape[: input.ndim - axes], *[1] * axes)


def require_probability(who, p, inplace):
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"{who}: p is a probability, from 0 to 1, not {p}.", remedy="Write 0.5 for 50 percent.")
    if inplace:
        refuse_inplace(who)
