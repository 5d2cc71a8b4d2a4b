"""How often the right class is found, and which classes are taken for which."""

import numpy as np

from pellucid.errors import ArgumentError, LabelError, ShapeError
from pellucid.metrics.metric import numbers, require_labels, require_same_shape


def accuracy(scores, labels):
    """The share of right answers, from 0 to 1.

    `scores` are either one score for each class, (N, C) with C of at least 2, of which the largest is the answer, or
    the answers themselves: integers or bool of the shape of `labels`, (N,).

    Raises ShapeError if scores and labels do not belong together, ArgumentError for one score a label (that is a yes
    or no: binary_accuracy) and for no labels at all.

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    answers, labels = classes_of(scores, labels)
    return float((answers == labels).mean())


def binary_accuracy(scores, labels, threshold=0.5):
    """The share of right answers if a score of at least `threshold` means yes (1): 0.5 for probabilities, 0 for logits.

    Shapes: scores and labels the same, any; ShapeError if they differ, ArgumentError if there are none.

    >>> binary_accuracy(np.array([0.9, 0.2]), np.array([1, 1]))
    0.5
    """
    scores, labels = numbers(scores, labels)
    require_same_shape(scores, labels)  # accuracy would take scores (N, 1) for one class each
    return accuracy(scores >= threshold, labels > 0.5)


def top_k_accuracy(scores, labels, k=5):
    """The share of samples whose class is among the k with the largest scores: at k = 1 the accuracy.

    Shapes: scores (N, C), or (N, C, ...) with labels (N, ...). Of equal scores the first class comes first, as in
    `argmax` (in scikit-learn the last one), and NaN counts as the largest. Raises ShapeError and ArgumentError as
    `accuracy`, ArgumentError for k below 1, LabelError for a class that does not exist.

    >>> top_k_accuracy(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2]), k=2)
    0.5
    """
    if not isinstance(k, (int, np.integer)) or k < 1:
        raise ArgumentError(f"top_k_accuracy: k is a whole number of at least 1, not {k!r}.")
    scores, labels = numbers(scores, labels)
    if scores.ndim != labels.ndim + 1 or scores.ndim < 2:
        raise ShapeError(f"scores of shape {scores.shape} are not one for each class, for labels of {labels.shape}.")
    scores = np.moveaxis(scores, 1, -1)
    require_same_shape(scores[..., 0], labels)
    require_labels(labels)
    labels = checked_classes("top_k_accuracy", "label", labels, scores.shape[-1])[..., None]
    own = np.take_along_axis(scores, labels, -1)
    before = np.arange(scores.shape[-1]) < labels
    nan, own_nan = np.isnan(scores), np.isnan(own)  # NaN is before all others, as in argmax
    better = (scores > own) | (nan & ~own_nan) | (((scores == own) | (nan & own_nan)) & before)
    return float((better.sum(-1) < k).mean())


def confusion_matrix(scores, labels, num_classes=None):
    """Entry [i, j] counts the samples of class i that were taken for class j: int64 (num_classes, num_classes).

    `scores` and `labels` are as for `accuracy`, and so are the errors; LabelError for a class that does not exist.
    Without `num_classes` there are as many as scores of a sample, or as the largest class asks for.

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), num_classes=2)
    array([[1, 1],
           [0, 1]])
    """
    scores = np.asarray(scores)
    answers, labels = classes_of(scores, labels)
    if num_classes is None:
        require_numbers("confusion_matrix", answers, labels)
        of_scores = scores.shape[min(1, scores.ndim - 1)] if scores.ndim > labels.ndim else 0
        num_classes = int(max(of_scores, answers.max() + 1, labels.max() + 1))
    answers = checked_classes("confusion_matrix", "answer", answers, num_classes)
    labels = checked_classes("confusion_matrix", "label", labels, num_classes)
    counts = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def require_numbers(name, *classes):
    """Refuse the names of classes; LabelError."""
    for array in classes:
        if array.dtype.kind not in "biuf":
            raise LabelError(
                f"{name} needs the numbers of classes, not {array.dtype}.",
                remedy="np.unique(names, return_inverse=True) numbers them.",
            )


def checked_classes(name, what, classes, num_classes):
    """Classes as int64; LabelError for one that does not exist."""
    require_numbers(name, classes)
    with np.errstate(invalid="ignore"):  # NaN becomes some number, which it does not equal
        whole = classes.astype(np.int64)
    wrong = classes[(whole != classes) | (whole < 0) | (whole >= num_classes)]
    if wrong.size:
        raise LabelError(f"{name}: the {what} {wrong[0]} is outside of 0 to {num_classes - 1}.")
    return whole


def classes_of(scores, labels):
    """Answers and labels as arrays of one shape, with at least one element."""
    scores, labels = numbers(scores, labels)
    if scores.ndim == labels.ndim + 1 and scores.shape[-1] != 1:
        scores = scores.argmax(axis=1 if scores.ndim > 1 else 0)
    elif scores.dtype.kind == "f":
        raise ArgumentError(
            f"scores of shape {scores.shape} are floats, one for each label: it is not clear what they answer.",
            remedy="Give class numbers, or one score per class (N, C); for yes or no, use binary_accuracy.",
        )
    require_same_shape(scores, labels)
    require_labels(labels)
    return scores, labels
