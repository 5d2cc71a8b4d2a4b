"""How often the answer is right, and how often "yes" is."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.keras.metrics.metric import MeanMetric, Metric


class Accuracy(MeanMetric):
    """The share of predictions that equal what is right: class numbers, no probabilities.

    >>> Accuracy()(np.array([1, 2, 3]), np.array([1, 2, 0])) == 2 / 3
    True
    """

    higher_is_better = True

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name, dtype)

    def values(self, y_true, y_pred):
        return y_true.reshape(y_pred.shape) == y_pred


class BinaryAccuracy(MeanMetric):
    """The share of right answers if a prediction above `threshold` means yes (1).

    >>> BinaryAccuracy()(np.array([1, 1]), np.array([[0.9], [0.2]]))
    0.5
    """

    higher_is_better = True

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(name, dtype)
        self.threshold = threshold

    def values(self, y_true, y_pred):
        return (y_pred > self.threshold) == alike(y_true, y_pred)


class CategoricalAccuracy(MeanMetric):
    """The share of samples whose largest prediction is that of the right class, for one-hot rows.

    >>> CategoricalAccuracy()(np.array([[0, 1], [1, 0]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    higher_is_better = True

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(name, dtype)

    def values(self, y_true, y_pred):
        return y_true.argmax(-1) == y_pred.argmax(-1)


class SparseCategoricalAccuracy(MeanMetric):
    """The share of samples whose largest prediction is that of the right class, for class numbers.

    >>> SparseCategoricalAccuracy()(np.array([1, 0]), np.array([[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    higher_is_better = True

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)

    def values(self, y_true, y_pred):
        return labels_of(y_true, y_pred) == y_pred.argmax(-1)


class TopKCategoricalAccuracy(MeanMetric):
    """The share of samples whose right class is among the k largest predictions, for one-hot rows.

    >>> TopKCategoricalAccuracy(k=2)(np.array([[0, 0, 1]]), np.array([[0.5, 0.1, 0.4]]))
    1.0
    """

    higher_is_better = True

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)
        self.k = k

    def values(self, y_true, y_pred):
        return among_largest(y_true.argmax(-1), y_pred, self.k)


class SparseTopKCategoricalAccuracy(MeanMetric):
    """The share of samples whose right class is among the k largest predictions, for class numbers.

    >>> SparseTopKCategoricalAccuracy(k=2)(np.array([2]), np.array([[0.5, 0.1, 0.4]]))
    1.0
    """

    higher_is_better = True

    def __init__(self, k=5, name="sparse_top_k_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)
        self.k = k

    def values(self, y_true, y_pred):
        return among_largest(labels_of(y_true, y_pred), y_pred, self.k)


class YesCounts(Metric):
    """What precision and recall share: true and false answers "yes", and how many are missing."""

    higher_is_better = True

    def __init__(self, name, thresholds, dtype=None):
        super().__init__(name, dtype)
        if thresholds is not None and not isinstance(thresholds, (int, float)):
            raise ArgumentError(f"{type(self).__name__} takes one threshold, not {thresholds!r}.")
        self.threshold = 0.5 if thresholds is None else thresholds

    def measure(self, y_true, y_pred, sample_weight=None):
        said, right = y_pred > self.threshold, alike(y_true, y_pred) > 0.5
        weight = np.ones(1) if sample_weight is None else np.asarray(sample_weight)
        weight = weight.reshape(-1, *[1] * (said.ndim - 1))
        return np.array([((said & right) * weight).sum(), (said * weight).sum(), (right * weight).sum()], np.float64)


class Precision(YesCounts):
    """Of all answers "yes", the share that is right; 0 if there are none.

    >>> Precision()(np.array([1, 0, 1, 1]), np.array([0.9, 0.8, 0.7, 0.1])) == 2 / 3
    True
    """

    def __init__(self, thresholds=None, name="precision", dtype=None):
        super().__init__(name, thresholds, dtype)

    def figure(self, part):
        found, said, _ = part
        return float(found / said) if said else 0.0


class Recall(YesCounts):
    """Of all that are "yes", the share that was found; 0 if there are none.

    >>> Recall()(np.array([1, 0, 1, 1]), np.array([0.9, 0.8, 0.7, 0.1])) == 2 / 3
    True
    """

    def __init__(self, thresholds=None, name="recall", dtype=None):
        super().__init__(name, thresholds, dtype)

    def figure(self, part):
        found, _, right = part
        return float(found / right) if right else 0.0


def alike(y_true, y_pred):
    """What is right, in the shape of the predictions: an axis of length 1 may be missing."""
    if y_true.size != y_pred.size:
        raise ShapeError(f"targets of shape {y_true.shape} do not fit predictions of shape {y_pred.shape}.")
    return y_true.reshape(y_pred.shape)


def labels_of(y_true, y_pred):
    """Class numbers without an axis of length 1 at the end."""
    return y_true[..., 0] if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true


def among_largest(labels, y_pred, k):
    """Is the prediction for the right class one of the k largest?"""
    own = np.take_along_axis(y_pred, labels[..., None].astype(np.int64), -1)
    return (y_pred > own).sum(-1) < k
