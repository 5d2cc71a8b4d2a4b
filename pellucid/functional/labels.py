"""Class labels: one-hot vectors, and what losses check of their targets."""

import numpy as np

from pellucid.engine import Spec, mode
from pellucid.errors import ArgumentError, DtypeError, LabelError, PellucidError, ShapeError, TargetError
from pellucid.functional import at_once
from pellucid.ops import Gather, Reshape, ScatterAdd, TakeRows
from pellucid.tensors import as_tensor, ones_like, where


def one_hot(labels, num_classes=-1):
    """Each label becomes a vector of zeros with a 1 at the label's place (int64).

    Shapes: labels (...), integers from 0 to num_classes - 1; the result is (..., num_classes). With -1 the
    number of classes is the largest label + 1 (not while recording). LabelError for a label out of range,
    DtypeError for labels that are no integers, ArgumentError for a number of classes that cannot be.

    >>> import pellucid as pc
    >>> one_hot(pc.tensor([0, 2]), num_classes=3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    labels = as_tensor(labels)
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"one_hot needs integer labels, not {labels.dtype}.", remedy="Convert them: labels.long()")
    if num_classes == -1:
        if labels.numel() == 0:
            raise ArgumentError(
                "one_hot cannot guess the number of classes from no labels.", remedy="Pass num_classes=."
            )
        num_classes = labels.max().item() + 1
    if num_classes < 1:
        raise ArgumentError(f"one_hot needs at least one class, and num_classes is {num_classes}.")
    places = labels.long().unsqueeze(-1)
    try:
        return ScatterAdd(labels.ndim, num_classes)(places, ones_like(places))
    except LabelError as error:
        raise label_error("one_hot", labels, num_classes) from error


def class_axis(scores):
    """The axis that counts classes: the second, or the only one."""
    if scores.ndim == 0:
        raise ShapeError("scores have an axis that counts classes, but a single number came.")
    return 1 if scores.ndim > 1 else 0


def pick(loss, scores, labels):
    """The score of each label's class: scores (N, C, ...) and labels (N, ...) give (N, ...)."""
    axis = class_axis(scores)
    few = at_once.picked(scores, labels)
    if few is not None:
        return few
    labels = class_indices(loss, scores, labels)
    places = Reshape((*labels.shape[:axis], 1, *labels.shape[axis:]))(labels)
    try:
        return Reshape(labels.shape)(Gather(axis)(scores, places))
    except LabelError as error:
        raise label_error(loss, labels, scores.shape[axis]) from error


def pick_weighted(loss, scores, labels, weight, ignore_index):
    """The score of each label's class times the weight of that class, and the weights: the pair of two (N, ...).

    A label that is `ignore_index` has score and weight 0. Without `weight`, all others have weight 1.
    """
    labels = class_indices(loss, scores, labels)
    counts = None
    if ignore_index is not None:
        counts = labels != ignore_index
        labels = where(counts, labels, 0)
    picked = pick(loss, scores, labels)
    weights = ones_like(picked) if weight is None else pick_weights(weight, labels)
    if counts is not None:
        picked, weights = picked.where(counts, 0.0), weights.where(counts, 0.0)
    return picked * weights, weights


def pick_weights(weight, labels):
    """The weight of each label's class. The labels are known to be in range."""
    return TakeRows()(weight, labels)


def class_weights(loss, scores, weight):
    """The weights of the classes as a tensor of the dtype of the scores: one for each class."""
    weight = as_tensor(weight)
    classes = scores.shape[class_axis(scores)]
    if weight.shape != (classes,):
        raise ShapeError(f"{loss} needs one weight for each of the {classes} classes, not weights {weight.shape}.")
    return weight.to(scores.dtype)


def along_classes(scores, weight):
    """The weights (C,) in a shape that meets scores (N, C, ...) at the axis of classes."""
    return weight.reshape(-1, *[1] * (scores.ndim - 1 - class_axis(scores)))


def class_indices(loss, scores, target):
    """The target as int64 indices of classes, if it can be meant so."""
    axis = class_axis(scores)
    wanted = scores.shape[:axis] + scores.shape[axis + 1 :]
    came = Spec(target.shape, target.dtype)
    if target.shape != wanted:
        remedy = f"Class indices have shape {wanted} here; probabilities have {scores.shape}."
        if target.shape == (*wanted, 1):
            remedy = "The target has an axis of length 1 too many: target.squeeze(-1)"
        raise TargetError(
            f"{loss} cannot compare scores {Spec(scores.shape, scores.dtype)} with a target {came}.", remedy
        )
    if target.dtype.kind not in "iu":
        raise TargetError(
            f"{loss} needs class indices as integers (int64), but the target is {came}.",
            remedy="Convert them: target.long()",
        )
    return target.long()


def label_error(who, labels, classes):
    """The error that names the first label that is out of range."""
    numbers = np.ravel(labels.array)
    wrong = numbers[(numbers < 0) | (numbers >= classes)][0]
    remedy = "Do the labels count from 1, or has the last layer too few outputs?"
    if wrong < 0:
        remedy = f"Does {wrong} mean that there is no label? ignore_index={wrong} leaves such elements out."
    return LabelError(
        f"{who} was given the label {wrong}, but there are {classes} classes, which count from 0 to {classes - 1}.",
        remedy,
    )


def require_same_shape(loss, x, target):
    """Shapes that merely broadcast would compare everything with everything: a frequent, silent mistake."""
    if x.shape == target.shape:
        return
    remedy = "Both need one shape."
    if target.shape == x.shape[:-1]:
        remedy = "For one number each: target.unsqueeze(-1), or squeeze the predictions. For classes: F.one_hot."
    elif x.shape == target.shape[:-1]:
        remedy = "The target has an axis too many: target.squeeze(-1), or unsqueeze the predictions."
    came, given = Spec(x.shape, x.dtype), Spec(target.shape, target.dtype)
    raise TargetError(f"{loss} cannot compare predictions {came} with a target {given}.", remedy)


def require_broadcast(who, name, x, shape):
    """x can be repeated to `shape`: it has no axis too many, and none of another length but 1."""
    lengths = zip(x.shape[::-1], shape[::-1], strict=False)
    if x.ndim > len(shape) or any(n not in (1, m) for n, m in lengths):
        raise ShapeError(f"{who} needs a {name} that broadcasts to {shape}, not {x.shape}.")


def require_signs(loss, target):
    """All labels are 1 or -1. In a recording there are none yet, so nothing is checked."""
    if mode.local.recording is None and not (abs(target.array) == 1).all():
        other = target.array[abs(target.array) != 1].flat[0]
        remedy = "Yes and no as 1 and 0 become 1 and -1 by 2 * target - 1."
        raise TargetError(f"{loss} needs targets that are 1 or -1, but {other} came.", remedy)


def require_probabilities(loss, what, x, remedy, error: type[PellucidError] = TargetError):
    """All numbers lie from 0 to 1. In a recording there are none yet, so nothing is checked."""
    if mode.local.recording is not None or x.numel() == 0:
        return
    low, high = x.array.min(), x.array.max()
    if low < 0 or high > 1:
        raise error(f"{loss} needs {what} from 0 to 1, but {low if low < 0 else high:.6g} came.", remedy)
