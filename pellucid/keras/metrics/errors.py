"""Losses that are looked at as metrics: means over samples."""

import numpy as np

from pellucid.keras.losses import functions
from pellucid.keras.metrics.metric import MeanMetric, MeanMetricWrapper


class OfLoss(MeanMetricWrapper):
    """A loss as a metric: the smaller the better."""

    higher_is_better = False


class MeanSquaredError(OfLoss):
    """The mean of (y_true - y_pred)^2.

    >>> MeanSquaredError()(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]))
    2.0
    """

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(functions.mean_squared_error, name)


class RootMeanSquaredError(MeanMetric):
    """The root of the mean of (y_true - y_pred)^2: in the unit of what is predicted.

    >>> RootMeanSquaredError()(np.array([[1.0], [2.0]]), np.array([[4.0], [5.0]]))
    3.0
    """

    higher_is_better = False

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name, dtype)

    def values(self, y_true, y_pred):
        return functions.mean_squared_error(y_true, y_pred).numpy()

    def figure(self, part):
        return float(np.sqrt(super().figure(part)))


class MeanAbsoluteError(OfLoss):
    """The mean of |y_true - y_pred|.

    >>> MeanAbsoluteError()(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]))
    1.0
    """

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(functions.mean_absolute_error, name)


class MeanAbsolutePercentageError(OfLoss):
    """100 times the mean of |y_true - y_pred| / |y_true|.

    >>> MeanAbsolutePercentageError()(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]))
    50.0
    """

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(functions.mean_absolute_percentage_error, name)


class BinaryCrossentropy(OfLoss):
    """The mean of losses.binary_crossentropy.

    >>> round(BinaryCrossentropy()(np.array([[1.0]]), np.array([[0.5]])), 4)
    0.6931
    """

    def __init__(self, name="binary_crossentropy", dtype=None, from_logits=False, label_smoothing=0):
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(functions.binary_crossentropy, name, **options)


class CategoricalCrossentropy(OfLoss):
    """The mean of losses.categorical_crossentropy.

    >>> round(CategoricalCrossentropy()(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, name="categorical_crossentropy", dtype=None, from_logits=False, label_smoothing=0, axis=-1):
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(functions.categorical_crossentropy, name, **options)


class SparseCategoricalCrossentropy(OfLoss):
    """The mean of losses.sparse_categorical_crossentropy.

    >>> round(SparseCategoricalCrossentropy()(np.array([1]), np.array([[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, name="sparse_categorical_crossentropy", dtype=None, from_logits=False, axis=-1):
        super().__init__(functions.sparse_categorical_crossentropy, name, from_logits=from_logits, axis=axis)
