"""Metrics: how well a model does, as plain Python numbers. They take tensors and NumPy arrays alike."""

import numpy as np

from pellucid.errors import ArgumentError, LabelError, ShapeError


def accuracy(scores, labels):
    """The share of right answers, from 0 to 1.

    `scores` are either one score for each class, (N, C), of which the largest is the answer, or the answers
    themselves: integers or bool of the shape of `labels`, (N,).

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    answers, labels = classes_of(scores, labels)
    return float((answers == labels).mean())


def binary_accuracy(scores, labels, threshold=0.5):
    """The share of right answers if a score of at least `threshold` means yes (1): 0.5 for probabilities, 0 for logits.

    >>> binary_accuracy(np.array([0.9, 0.2]), np.array([1, 1]))
    0.5
    """
    return accuracy(np.asarray(scores) >= threshold, np.asarray(labels) > 0.5)


def confusion_matrix(scores, labels, num_classes):
    """Entry [i, j] counts the samples of class i that were taken for class j (int64).

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
    if scores.ndim == labels.ndim + 1:
        scores = scores.argmax(axis=1 if scores.ndim > 1 else 0)
    elif scores.dtype.kind == "f":
        raise ArgumentError(
            f"scores of shape {scores.shape} are floats, one for each label: it is not clear what they answer.",
            remedy="Give class numbers, or one score per class (N, C); for yes or no, use binary_accuracy.",
        )
    if scores.shape != labels.shape:
        raise ShapeError(f"answers of shape {scores.shape} do not fit labels of shape {labels.shape}.")
    if labels.size == 0:
        raise ArgumentError("there are no labels to compare with.")
    return scores, labels
