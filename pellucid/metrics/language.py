"""How well a text is predicted."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.metrics.classes import checked_classes
from pellucid.metrics.metric import Metric, numbers, over_batches


class Perplexity(Metric):
    """Collects the sum of -log p, and of how many labels."""

    def __init__(self, ignore_index=-100):
        self.ignore_index = ignore_index

    def collect(self, scores, labels):
        scores, labels = numbers(scores, labels)
        if scores.ndim < 2 or scores[:, 0].shape != labels.shape:
            raise ShapeError(
                f"perplexity: scores of shape {scores.shape} do not fit labels of shape {labels.shape}.",
                remedy="Scores are (N, classes, ...), labels (N, ...); move the axis of the classes to place 1.",
            )
        scores = np.moveaxis(scores, 1, -1)[labels != self.ignore_index].astype(np.float64)
        labels = labels[labels != self.ignore_index]
        labels = checked_classes("perplexity", "label", labels, scores.shape[-1])
        scores = scores - scores.max(-1, keepdims=True)
        own = np.take_along_axis(scores, labels[:, None], -1)[:, 0]
        return np.array([(np.log(np.exp(scores).sum(-1)) - own).sum(), len(labels)])

    def figure(self, part):
        if part[1] == 0:
            raise ArgumentError("there are no labels to compare with.")
        return float(np.exp(part[0] / part[1]))


@over_batches(Perplexity)
def perplexity(scores, labels, ignore_index=-100):
    """exp of the mean of -log p: among how many words, all alike, the model seems to guess the next one.

    Shapes: scores are logits (or log-probabilities) (N, classes, ...), labels int (N, ...), as for F.cross_entropy;
    labels that are `ignore_index` do not count. Raises ShapeError, LabelError, ArgumentError if no label is left.

    Source: Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition tasks" (1977).

    >>> perplexity(np.zeros((3, 4)), np.array([0, 1, 2]))
    4.0
    """
    return Perplexity(ignore_index)(scores, labels)
