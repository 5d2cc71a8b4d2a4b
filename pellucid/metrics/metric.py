"""Metric: a figure over many batches that is no mean over batches."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError


class Metric:
    """F1, an area under a curve, R2: the mean of such figures over batches is not the figure of all samples.

    So it is made in two steps. `collect` takes from a batch what the figure needs, as an array; `merge` puts together
    what two batches gave; `figure` makes the number, at the end of an epoch. Then it is the same for every size of
    batch. For one batch alone, call it like a function.

    `fit` and `evaluate` take Metrics in `metrics=`. The functions of `pellucid.metrics` that are no means name
    theirs, so that `metrics=[metrics.f1]` and `functools.partial(metrics.f1, average="macro")` are right as well.

    >>> class Spread(Metric):
    ...     "The largest error of all samples."
    ...
    ...     def collect(self, scores, labels):
    ...         return abs(np.asarray(scores) - np.asarray(labels)).max()
    ...
    ...     def merge(self, one, other):
    ...         return np.maximum(one, other)
    ...
    ...     def figure(self, part):
    ...         return float(part)
    >>> Spread()(np.array([1.0, 2.0]), np.array([1.5, 4.0]))
    2.0
    """

    def collect(self, scores, labels):
        """What the figure needs of these samples: an array."""
        raise NotImplementedError(f"{type(self).__name__} has no collect method.")

    def merge(self, one, other):
        """What the figure needs of both: their sum, unless a subclass says otherwise."""
        return one + other

    def figure(self, part):
        """The figure of all samples of which this was collected."""
        raise NotImplementedError(f"{type(self).__name__} has no figure method.")

    def __call__(self, scores, labels):
        """The figure of these samples alone."""
        return self.figure(self.collect(scores, labels))


def over_batches(metric):
    """A decorator for a function: over several batches it is this Metric, made with the function's options."""

    def attach(function):
        function.over_batches = metric
        return function

    return attach


def numbers(scores, labels):
    """Both as arrays; ArgumentError for what is none, such as None or rows of several lengths."""
    arrays = np.asarray(scores), np.asarray(labels)
    for what, given, array in zip(("predictions", "labels"), (scores, labels), arrays, strict=True):
        if array.dtype.kind == "O":
            raise ArgumentError(
                f"the {what} are {given!r:.50}, of which no array of numbers can be made.",
                remedy="Pass arrays, tensors or lists of numbers, as in metrics.accuracy(scores, labels).",
            )
    return arrays


def require_same_shape(scores, labels):
    """Refuse answers and labels that do not belong together."""
    if scores.shape != labels.shape:
        remedy = "There is one label for each row of scores."
        if 1 in (*scores.shape, *labels.shape):
            remedy = "An axis of length 1 goes away with squeeze(-1)."
        raise ShapeError(f"answers of shape {scores.shape} do not fit labels of shape {labels.shape}.", remedy)


def require_labels(labels):
    """Refuse what has no samples."""
    if labels.size == 0:
        raise ArgumentError("there are no labels to compare with.")


def divided(a, b, otherwise):
    """a / b, and `otherwise` where b is 0."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.where(b == 0, otherwise, a / np.where(b == 0, 1.0, b))


def averaged(values, weights, average):
    """One number for several classes: each alike ("macro") or by its weight ("weighted"); None gives them all.

    NaN, which zero_division may be, does not count. If no class that counts has a weight, they count alike.
    """
    if average is None:
        return values
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    alike = average == "macro" or weights[known].sum() == 0
    return float(np.average(values[known], weights=None if alike else weights[known]))
