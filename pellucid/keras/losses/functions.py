"""The losses of Keras as functions (y_true, y_pred): what is right comes first, and each sample keeps its own loss.

Where Keras has the formula of `pellucid.functional`, that is called. The others are written out: probabilities are kept
within EPSILON and 1 - EPSILON before a logarithm, which bounds the loss and its slope elsewhere than F.nll_loss and
F.binary_cross_entropy do. With `from_logits=True` y_pred are scores before softmax or sigmoid, and nothing needs to be
kept within anything.
"""

import math

import pellucid.functional as F
from pellucid.errors import ArgumentError, TargetError
from pellucid.tensors import Tensor, as_tensor

EPSILON = 1e-7


def mean_squared_error(y_true, y_pred):
    """The mean over the last axis of (y_true - y_pred)^2.

    >>> import pellucid as pc
    >>> mean_squared_error(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor([2.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    return (error * error).mean(-1)


def mean_absolute_error(y_true, y_pred):
    """The mean over the last axis of |y_true - y_pred|.

    >>> import pellucid as pc
    >>> mean_absolute_error(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor([1.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return (y_pred - y_true).abs().mean(-1)


def mean_absolute_percentage_error(y_true, y_pred):
    """100 times the mean of |y_true - y_pred| / |y_true|.

    >>> import pellucid as pc
    >>> mean_absolute_percentage_error(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor([50.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return 100.0 * ((y_true - y_pred).abs() / y_true.abs().clamp(min=EPSILON)).mean(-1)


def mean_squared_logarithmic_error(y_true, y_pred):
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2: how far off by factors. Below 0 counts as 0.

    >>> import pellucid as pc
    >>> mean_squared_logarithmic_error(pc.tensor([[0.0]]), pc.tensor([[math.e - 1.0]]))
    tensor([1.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = (y_pred.clamp(min=EPSILON) + 1.0).log() - (y_true.clamp(min=EPSILON) + 1.0).log()
    return (error * error).mean(-1)


def huber(y_true, y_pred, delta=1.0):
    """Squared like error^2 / 2 up to delta, straight beyond: large errors count less. Source: Huber (1964).

    >>> import pellucid as pc
    >>> huber(pc.tensor([[0.0, 0.0]]), pc.tensor([[0.5, 3.0]]))
    tensor([1.3125])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return F.huber_loss(y_pred, y_true, delta=delta, reduction="none").mean(-1)


def log_cosh(y_true, y_pred):
    """The mean of log(cosh(y_pred - y_true)): squared for small errors, absolute for large ones.

    >>> import pellucid as pc
    >>> log_cosh(pc.tensor([[0.0]]), pc.tensor([[1.0]]))
    tensor([0.4338])
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    return (error + F.softplus(-2.0 * error) - math.log(2.0)).mean(-1)


def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """-(t log p + (1 - t) log(1 - p)), as a mean over the last axis: for yes (1) or no (0).

    >>> import pellucid as pc
    >>> binary_crossentropy(pc.tensor([[1.0]]), pc.tensor([[0.5]]))
    tensor([0.6931])
    """
    y_true, y_pred = pair(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        losses = -y_true * F.logsigmoid(y_pred) - (1.0 - y_true) * F.logsigmoid(-y_pred)
    else:
        p = y_pred.clamp(EPSILON, 1.0 - EPSILON)
        losses = -(y_true * p.log() + (1.0 - y_true) * (1.0 - p).log())
    return losses.mean(axis)


def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """-(sum of t log p) over the classes, where t is one-hot or any probabilities.

    With label_smoothing e, t becomes (1 - e) t + e / classes.

    >>> import pellucid as pc
    >>> categorical_crossentropy(pc.tensor([[0.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor([0.6931])
    """
    y_true, y_pred = tensors(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise TargetError(
            f"categorical_crossentropy compares {y_true.shape} with predictions {y_pred.shape}: one number a class.",
            remedy="utils.to_categorical makes one-hot rows of labels; sparse_categorical_crossentropy takes labels.",
        )
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[-1]
    return -(y_true * log_of(y_pred, from_logits, axis)).sum(axis)


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """-log p of the right class, where y_true has its number: as categorical_crossentropy, without one-hot rows.

    Labels that are ignore_class have the loss 0.

    >>> import pellucid as pc
    >>> sparse_categorical_crossentropy(pc.tensor([1]), pc.tensor([[0.25, 0.75]]))
    tensor([0.2877])
    """
    if axis not in (-1, len(y_pred.shape) - 1):
        raise ArgumentError(f"sparse_categorical_crossentropy: the classes are on the last axis, not on axis {axis}.")
    labels, y_pred = as_tensor(y_true), as_tensor(y_pred)
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = labels.squeeze(-1)
    if labels.shape != y_pred.shape[:-1]:
        raise TargetError(
            f"sparse_categorical_crossentropy needs a class number for each row of predictions {y_pred.shape}, "
            f"but labels {labels.shape} came.",
            remedy="For one-hot rows use categorical_crossentropy.",
        )
    classes = y_pred.shape[-1]
    rows, flat = y_pred.reshape(-1, classes), labels.long().reshape(-1)
    if ignore_class is not None:
        counts = flat != ignore_class
        flat = flat.where(counts, 0)
    if from_logits:
        losses = F.cross_entropy(rows, flat, reduction="none")
    else:
        losses = F.nll_loss(log_of(rows, False, -1), flat, reduction="none")
    if ignore_class is not None:
        losses = losses.where(counts, 0.0)
    return losses.reshape(labels.shape)


def hinge(y_true, y_pred):
    """The mean of max(0, 1 - t y), t = -1 or 1 (labels 0 and 1 become those).

    >>> import pellucid as pc
    >>> hinge(pc.tensor([[-1.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor([1.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return (1.0 - signs(y_true) * y_pred).clamp(min=0.0).mean(-1)


def squared_hinge(y_true, y_pred):
    """The mean of max(0, 1 - t y)^2, t = -1 or 1 (labels 0 and 1 become those).

    >>> import pellucid as pc
    >>> squared_hinge(pc.tensor([[-1.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor([1.25])
    """
    y_true, y_pred = pair(y_true, y_pred)
    margin = (1.0 - signs(y_true) * y_pred).clamp(min=0.0)
    return (margin * margin).mean(-1)


def categorical_hinge(y_true, y_pred):
    """max(0, 1 + best wrong score - right score), for one-hot y_true.

    >>> import pellucid as pc
    >>> categorical_hinge(pc.tensor([[0.0, 1.0]]), pc.tensor([[0.5, 0.75]]))
    tensor([0.75])
    """
    y_true, y_pred = pair(y_true, y_pred)
    right, wrong = (y_true * y_pred).sum(-1), ((1.0 - y_true) * y_pred).amax(-1)
    return (wrong - right + 1.0).clamp(min=0.0)


def kl_divergence(y_true, y_pred):
    """The sum of t log(t / p): how much longer messages are in the code of p. Source: Kullback and Leibler (1951).

    >>> import pellucid as pc
    >>> kl_divergence(pc.tensor([[0.5, 0.5]]), pc.tensor([[0.25, 0.75]]))
    tensor([0.1438])
    """
    y_true, y_pred = (y.clamp(EPSILON, 1.0) for y in pair(y_true, y_pred))
    return (y_true * (y_true / y_pred).log()).sum(-1)


def poisson(y_true, y_pred):
    """The mean of y_pred - y_true log(y_pred): for counts.

    >>> import pellucid as pc
    >>> poisson(pc.tensor([[2.0]]), pc.tensor([[1.0]]))
    tensor([1.])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return F.poisson_nll_loss(y_pred, y_true, log_input=False, eps=EPSILON, reduction="none").mean(-1)


def cosine_similarity(y_true, y_pred, axis=-1):
    """Minus the cosine of the angle between both: -1 if they point the same way.

    >>> import pellucid as pc
    >>> cosine_similarity(pc.tensor([[0.0, 2.0]]), pc.tensor([[3.0, 4.0]]))
    tensor([-0.8])
    """
    y_true, y_pred = pair(y_true, y_pred)
    return -F.cosine_similarity(y_true, y_pred, axis, eps=1e-6)


# ---- parts


def tensors(y_true, y_pred) -> tuple[Tensor, Tensor]:
    """Both as tensors, y_true in the dtype of y_pred."""
    y_pred = as_tensor(y_pred)
    return as_tensor(y_true).to(y_pred.dtype), y_pred


def pair(y_true, y_pred) -> tuple[Tensor, Tensor]:
    """Both as tensors of one shape: labels (n,) become (n, 1) beside predictions (n, 1), and the other way round."""
    y_true, y_pred = tensors(y_true, y_pred)
    if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        y_true = y_true.unsqueeze(-1)
    elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        y_pred = y_pred.unsqueeze(-1)
    if y_true.shape != y_pred.shape:
        raise TargetError(
            f"targets of shape {y_true.shape} do not fit predictions of shape {y_pred.shape}.",
            remedy="The last layer has as many units as a target has numbers.",
        )
    return y_true, y_pred


def log_of(y_pred, from_logits, axis):
    """log p of scores, or of probabilities that are made to sum to 1."""
    if from_logits:
        return F.log_softmax(y_pred, axis)
    return (y_pred / y_pred.sum(axis, keepdim=True)).clamp(EPSILON, 1.0 - EPSILON).log()


def signs(y_true):
    """Labels 0 and 1 as -1 and 1; those that are -1 and 1 as they are."""
    binary = ((y_true == 0.0) | (y_true == 1.0)).all()
    return (2.0 * y_true - 1.0).where(binary, y_true)
