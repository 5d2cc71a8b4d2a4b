"""Metrics: how well a model does, as plain Python numbers. They take tensors and NumPy arrays alike."""

import numpy as np

from pellucid.errors import ArgumentError, LabelError, ShapeError


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
    scores, labels = np.asarray(scores), np.asarray(labels)
    require_same_shape(scores, labels)  # accuracy would take scores (N, 1) for one class each
    return accuracy(scores >= threshold, labels > 0.5)


def confusion_matrix(scores, labels, num_classes):
    """Entry [i, j] counts the samples of class i that were taken for class j: int64 (num_classes, num_classes).

    `scores` and `labels` are as for `accuracy`, and so are the errors; LabelError for a class that does not exist.

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), num_classes=2)
    array([[1, 1],
           [0, 1]])
    """
    answers, labels = classes_of(scores, labels)
    for name, numbers in (("answer", answers), ("label", labels)):
        wrong = numbers[(numbers < 0) | (numbers >= num_classes)]
        if wrong.size:
            raise LabelError(f"confusion_matrix: the {name} {wrong[0]} is outside of 0 to {num_classes - 1}.")
    counts = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def classes_of(scores, labels):
    """Answers and labels as arrays of one shape, with at least one element."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim == labels.ndim + 1 and scores.shape[-1] != 1:
        scores = scores.argmax(axis=1 if scores.ndim > 1 else 0)
    elif scores.dtype.kind == "f":
        raise ArgumentError(
            f"scores of shape {scores.shape} are floats, one for each label: it is not clear what they answer.",
            remedy="Give class numbers, or one score per class (N, C); for yes or no, use binary_accuracy.",
        )
    require_same_shape(scores, labels)
    if labels.size == 0:
        raise ArgumentError("there are no labels to compare with.")
    return scores, labels


def require_same_shape(scores, labels):
    if scores.shape != labels.shape:
        remedy = "There is one label for each row of scores."
        if 1 in (*scores.shape, *labels.shape):
            remedy = "An axis of length 1 goes away with squeeze(-1)."
        raise ShapeError(f"answers of shape {scores.shape} do not fit labels of shape {labels.shape}.", remedy)
