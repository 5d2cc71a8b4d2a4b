"""Precision, recall and F1, of one class or of several."""

from typing import Any

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.metrics.classes import confusion_matrix
from pellucid.metrics.metric import Metric, averaged, divided, numbers, over_batches, require_labels, require_same_shape

AVERAGES = ("binary", "micro", "macro", "weighted", None)


class OfCounts(Metric):
    """A share made of a confusion matrix. The matrices of batches add up; the shares do not."""

    def __init__(self, average="binary", zero_division=0.0, threshold=None):
        if average not in AVERAGES:
            raise ArgumentError(f'average is "binary", "micro", "macro", "weighted" or None, not {average!r}.')
        self.average = average
        self.zero_division = zero_division
        self.threshold = threshold

    def collect(self, scores, labels):
        """The confusion matrix."""
        if self.threshold is None:
            return confusion_matrix(scores, labels)
        scores, labels = numbers(scores, labels)
        require_same_shape(scores, labels)
        require_labels(labels)
        return confusion_matrix((scores >= self.threshold).astype(np.int64), labels, 2)

    def merge(self, one, other):
        """Their sum; one batch may have seen more classes than another."""
        size = max(len(one), len(other))
        total = np.zeros((size, size), np.int64)
        for counts in (one, other):
            total[: len(counts), : len(counts)] += counts
        return total

    def figure(self, part):
        """The share, of one class, of all together, of each alike, by size, or one number for each class."""
        right, taken, there = np.diagonal(part), part.sum(0), part.sum(1)
        if self.average == "binary":
            if len(part) > 2:
                raise ArgumentError(
                    f'there are {len(part)} classes, and average="binary" is for yes (1) and no (0).',
                    remedy='average="macro" counts each class alike, "weighted" by its size; None gives one for each.',
                )
            yes = [counts[1:].sum() for counts in (right, taken, there)]  # there may be none
            return float(divided(*self.share(*yes), self.zero_division))
        if self.average == "micro":
            return float(divided(*self.share(right.sum(), taken.sum(), there.sum()), self.zero_division))
        shares = divided(*self.share(right, taken, there), self.zero_division)
        if self.average is None:
            return shares
        seen = taken + there > 0
        return averaged(shares[seen], there[seen], self.average)

    def share(self, right, taken, there) -> tuple[Any, Any]:
        """What is divided by what: `right` samples of those `taken` for the class, and of those that are `there`."""
        raise NotImplementedError(f"{type(self).__name__} has no share method.")


class Precision(OfCounts):
    def share(self, right, taken, there):
        return right, taken


class Recall(OfCounts):
    def share(self, right, taken, there):
        return right, there


class F1(OfCounts):
    def share(self, right, taken, there):
        return 2 * right, taken + there


@over_batches(Precision)
def precision(scores, labels, average="binary", zero_division=0.0, threshold=None):
    """How many of the samples that were taken for a class are of that class: right / taken.

    Args:
        scores: as for `accuracy`: one score for each class (N, C), or classes (N,); or, with `threshold`, one score for
            each label, which means yes (class 1) from the threshold on: 0.5 for probabilities, 0 for logits.
        labels: the true classes (N,).
        average: "binary" for class 1 of two; "micro" for all samples together; "macro" for the mean over the classes
            that occur; "weighted" for that mean weighted by the labels of each class; None for an array with one
            number for each class.
        zero_division: what 0 / 0 shall be, where nothing was taken for the class: 0, 1, or NaN, which no mean counts.

    Raises ArgumentError for more than two classes with "binary", else as `accuracy` and `confusion_matrix`.

    >>> precision(np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1]))
    0.6666666666666666
    """
    return Precision(average, zero_division, threshold)(scores, labels)


@over_batches(Recall)
def recall(scores, labels, average="binary", zero_division=0.0, threshold=None):
    """How many of the samples of a class were taken for it: right / there. Arguments and errors as for `precision`.

    >>> recall(np.array([1, 0, 0, 1]), np.array([1, 1, 0, 1]))
    0.6666666666666666
    """
    return Recall(average, zero_division, threshold)(scores, labels)


@over_batches(F1)
def f1(scores, labels, average="binary", zero_division=0.0, threshold=None):
    """The harmonic mean of precision and recall: 2 right / (taken + there). Arguments and errors as for `precision`.

    Source: van Rijsbergen, "Information retrieval" (1979).

    >>> f1(np.array([1, 0, 0, 1]), np.array([1, 1, 0, 1]))
    0.8
    >>> f1(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2]), average=None)
    array([1.        , 0.66666667, 0.66666667])
    """
    return F1(average, zero_division, threshold)(scores, labels)
