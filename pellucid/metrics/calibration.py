"""Do probabilities mean what they say? Of answers given with 80 % certainty, 80 % should be right."""

from typing import Any, NamedTuple

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.metrics.classes import checked_classes
from pellucid.metrics.metric import Metric, divided, numbers, over_batches, require_labels, require_same_shape

SLACK = 1e-4  # how far the probabilities of a sample may be from the sum 1: they are rounded


class CalibrationCurve(NamedTuple):
    """For each of the bins of equal width from 0 to 1: how many answers fell in, how certain, how many of them right.

    `confidence` and `accuracy` are means over the bin; NaN where it is empty. `calibration_curve` makes it.

    >>> calibration_curve(np.array([[0.75, 0.25]]), np.array([0]), bins=2).count.tolist()
    [0, 1]
    """

    count: Any
    confidence: Any
    accuracy: Any


class Calibration(Metric):
    """Collects, for each bin: the number of answers, the sum of their certainty, the number of right ones."""

    def __init__(self, bins=15):
        if not isinstance(bins, (int, np.integer)) or isinstance(bins, bool) or bins < 1:
            raise ArgumentError(f"bins is a whole number of at least 1, not {bins!r}.")
        self.bins = int(bins)

    def collect(self, scores, labels):
        scores, labels = numbers(scores, labels)
        if scores.ndim != 2 or labels.ndim != 1:
            raise ShapeError(
                f"probabilities of shape {scores.shape} and labels of shape {labels.shape} do not fit: "
                "(N, C) and (N,) are needed."
            )
        require_same_shape(scores[:, 0], labels)
        require_labels(labels)
        scores = scores.astype(np.float64)
        require_probabilities(scores)
        labels = checked_classes("calibration", "label", labels, scores.shape[1])
        certainty, right = scores.max(axis=1), scores.argmax(axis=1) == labels
        edges = np.linspace(0, 1, self.bins + 1)
        place = np.searchsorted(edges[1:-1], certainty)  # a bin has its upper edge and not its lower
        each = [np.bincount(place, weights, self.bins) for weights in (None, certainty, right)]
        return np.stack(each).astype(np.float64)

    def figure(self, part):
        count, certainty, right = part
        return float(abs(right - certainty).sum() / count.sum())


def require_probabilities(p):
    """ArgumentError unless each row of p, (N, C), is at least 0 and has the sum 1, but for rounding."""
    if not (p >= -SLACK).all() or not (abs(p.sum(axis=1) - 1) <= SLACK * 10).all():
        raise ArgumentError(
            "these are no probabilities: those of a sample are at least 0, and their sum is 1.",
            remedy="Scores become probabilities by pc.softmax(scores, 1).",
        )


def calibration_curve(probabilities, labels, bins=15):
    """How often answers are right, for each degree of certainty: a CalibrationCurve (count, confidence, accuracy).

    The certainty of an answer is the largest probability of its row. Bins are the `bins` equal parts of [0, 1], each
    with its upper edge. Drawn as accuracy over confidence this is the reliability diagram: on the diagonal a
    probability means what it says, below it the network is too sure of itself (over-confident).

    Shapes: probabilities (N, C), rows of sum 1; labels (N,). Raises ShapeError, ArgumentError for what are no
    probabilities, LabelError for a class that does not exist.

    Source: DeGroot and Fienberg, "The comparison and evaluation of forecasters" (1983).

    >>> curve = calibration_curve(np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]]), np.array([0, 1, 1]), bins=2)
    >>> curve.count.tolist(), round(float(curve.confidence[1]), 3), round(float(curve.accuracy[1]), 3)
    ([0, 3], 0.767, 0.667)
    """
    count, certainty, right = Calibration(bins).collect(probabilities, labels)
    return CalibrationCurve(count.astype(np.int64), divided(certainty, count, np.nan), divided(right, count, np.nan))


@over_batches(Calibration)
def expected_calibration_error(probabilities, labels, bins=15):
    """How far certainty is from being right, on average: sum over bins n_b / N |accuracy_b - confidence_b|.

    0 means that of the answers given with 80 % certainty 80 % are right, and so on. All else as in `calibration_curve`.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (2015); for
    networks: Guo et al., "On calibration of modern neural networks" (2017).

    >>> p = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    >>> round(expected_calibration_error(p, np.array([0, 0, 1, 0])), 3)  # half of |1 - 0.9|, half of |0.5 - 0.6|
    0.1
    """
    return Calibration(bins)(probabilities, labels)
