"""How well scores put the samples of a class before all others, whatever the threshold: ROC and average precision."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.metrics.classes import checked_classes
from pellucid.metrics.metric import Metric, averaged, numbers, over_batches, require_labels, require_same_shape


class Ranking(Metric):
    """An area of a curve over all thresholds: needs all scores, so those of batches are kept until the end."""

    def __init__(self, average="macro"):
        if average not in ("macro", "weighted", None):
            raise ArgumentError(f'average is "macro", "weighted" or None, not {average!r}.')
        self.average = average

    def collect(self, scores, labels):
        """Scores in the first columns, the label in the last: float64 (N, C + 1), with C = 1 for two classes."""
        scores, labels = numbers(scores, labels)
        require_labels(labels)
        if scores.ndim == labels.ndim + 1 == 2 and scores.shape[1] > 1:
            require_same_shape(scores[:, 0], labels)
        else:
            require_same_shape(scores, labels)
            scores, labels = scores.reshape(-1, 1), labels.reshape(-1)
        scores = scores.astype(np.float64)
        if scores.shape[1] == 2:  # of two scores their difference counts; of equal ones it is 0, infinite ones too
            one, two = scores[:, :1], scores[:, 1:]
            scores = np.subtract(two, one, out=np.zeros_like(one), where=one != two)
        if np.isnan(scores).any():
            raise ArgumentError("a score is NaN, which is neither before nor after any other.")
        classes = checked_classes(type(self).__name__, "label", labels, max(2, scores.shape[1]))
        return np.column_stack([scores, classes])

    def merge(self, one, other):
        return np.concatenate([one, other])

    def figure(self, part):
        """The area; of several classes each against the rest, and their mean."""
        scores, labels = part[:, :-1], part[:, -1]
        if scores.shape[1] == 1:
            return float(self.area(scores[:, 0], labels == 1, "class 1"))
        of_class = [labels == i for i in range(scores.shape[1])]
        areas = [self.area(scores[:, i], there, f"class {i}") for i, there in enumerate(of_class)]
        return averaged(np.array(areas), np.array([there.sum() for there in of_class], np.float64), self.average)

    def area(self, scores, there, name):
        """The area for yes and no."""
        raise NotImplementedError(f"{type(self).__name__} has no area method.")


class RocAuc(Ranking):
    def area(self, scores, there, name):
        false, true, _ = curve(scores, there, name)
        return np.trapezoid(true / true[-1], false / false[-1])


class AveragePrecision(Ranking):
    def area(self, scores, there, name):
        false, true, _ = curve(scores, there, name, both=False)
        precision, recall = true[1:] / (true + false)[1:], true / true[-1]
        return (np.diff(recall) * precision).sum()


def curve(scores, there, name, both=True):
    """How many false and true yes there are at each threshold, from the largest score down; both begin with 0."""
    if not there.any() or (both and there.all()):
        which = "no sample is" if not there.any() else "all samples are"
        raise ArgumentError(
            f"{which} of {name}: how well it is told from the others cannot be said.",
            remedy="Measure on more samples, or on data split by class (stratified).",
        )
    order = np.argsort(-scores, kind="stable")
    scores, there = scores[order], there[order]
    last = np.append(
        np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1
    )  # equal scores cross a threshold together
    true = np.cumsum(there)[last]
    false = 1 + last - true
    return np.append(0, false), np.append(0, true), np.append(np.inf, scores[last])


def roc_curve(scores, labels):
    """The ROC curve: (share of false yes, share of true yes, thresholds), three arrays, from no yes to all yes.

    A score means yes from the threshold on. All thresholds are kept: scikit-learn's `drop_intermediate=False`.

    Shapes: scores and labels (N,), labels 0 or 1; or scores (N, 2). Raises ArgumentError if all labels are the same or
    a score is NaN, ShapeError, LabelError.

    Source: Fawcett, "An introduction to ROC analysis" (2006).

    >>> false, true, thresholds = roc_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    >>> false, true
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))
    """
    part = RocAuc().collect(scores, labels)
    if part.shape[1] != 2:
        raise ShapeError(f"roc_curve is for yes and no, not for scores of {part.shape[1] - 1} classes.")
    false, true, thresholds = curve(part[:, 0], part[:, 1] == 1, "class 1")
    return false / false[-1], true / true[-1], thresholds


@over_batches(RocAuc)
def roc_auc(scores, labels, average="macro"):
    """The area under the ROC curve: the chance that a sample of the class has a larger score than one of the rest.

    0.5 is guessing, 1 is perfect; of equal scores each counts half.

    Args:
        scores: one for each sample (N,), the larger the more likely class 1; or one for each class (N, C). Of two
            scores the difference counts. For three and more, each class is told from the rest by its own column, so
            give probabilities, not logits.
        labels: the true classes (N,).
        average: of several classes, "macro" for their mean, "weighted" by their numbers of labels, None for all.

    Raises ArgumentError if a class has no samples or all of them, or a score is NaN; ShapeError, LabelError.

    Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve" (1982).

    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.75
    """
    return RocAuc(average)(scores, labels)


@over_batches(AveragePrecision)
def average_precision(scores, labels, average="macro"):
    """The area under precision over recall, in steps: sum of (R_n - R_(n-1)) P_n over the thresholds.

    Arguments and errors as for `roc_auc`; all samples may be of the class.

    >>> average_precision(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.8333333333333333
    """
    return AveragePrecision(average)(scores, labels)
