"""Metric: a figure of predictions, collected batch by batch."""

import numpy as np

from pellucid import metrics
from pellucid.errors import ArgumentError
from pellucid.keras.names import snake


class Metric:
    """What all metrics are. A subclass has `measure`, what a batch adds, and `figure`, the number made of the sum.

    Most are means: they are subclasses of MeanMetric, and say the value of each sample only. In a loop of one's own
    `update_state(y_true, y_pred)` takes in a batch, `result()` gives the figure so far, `reset_state()` begins anew.

    >>> class Largest(Metric):
    ...     def measure(self, y_true, y_pred, sample_weight=None):
    ...         return np.abs(y_true - y_pred).max()
    ...
    ...     def merge(self, one, other):
    ...         return np.maximum(one, other)
    ...
    ...     def figure(self, part):
    ...         return float(part)
    >>> metric = Largest()
    >>> metric.update_state(np.array([1.0, 2.0]), np.array([1.5, 4.0]))
    >>> metric.result()
    2.0
    """

    higher_is_better: bool | None = None  # for callbacks that watch it; None: they must be told

    def __init__(self, name=None, dtype=None):
        self.name = name or snake(type(self).__name__)
        self.part = None

    def measure(self, y_true, y_pred, sample_weight=None) -> np.ndarray:
        """What a batch of arrays adds."""
        raise NotImplementedError(f"{type(self).__name__} has no measure method.")

    def merge(self, one, other):
        """What two batches give together: their sum, unless a subclass says otherwise."""
        return one + other

    def figure(self, part):
        """The number for all that was measured."""
        raise NotImplementedError(f"{type(self).__name__} has no figure method.")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in a batch."""
        new = self.measure(np.asarray(y_true), np.asarray(y_pred), sample_weight)
        self.part = new if self.part is None else self.merge(self.part, new)

    def result(self):
        """The figure of all batches so far; 0 if there are none."""
        return 0.0 if self.part is None else self.figure(self.part)

    def reset_state(self):
        """Forget all batches."""
        self.part = None

    def __call__(self, y_true, y_pred, sample_weight=None):
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


class MeanMetric(Metric):
    """What the metrics share that are means: `values(y_true, y_pred)` gives one number for each sample (or more)."""

    def values(self, y_true, y_pred):
        """The value of each sample."""
        raise NotImplementedError(f"{type(self).__name__} has no values method.")

    def measure(self, y_true, y_pred, sample_weight=None):
        return weighted(self.values(y_true, y_pred), sample_weight)

    def figure(self, part):
        total, count = part
        return float(total / count) if count else 0.0


def weighted(values, sample_weight):
    """The sum of the values times their weights, and the sum of the weights: float64 (2,)."""
    values = np.asarray(values, np.float64)
    if sample_weight is None:
        return np.array([values.sum(), values.size])
    weight = np.asarray(sample_weight, np.float64).reshape(-1, *[1] * (values.ndim - 1))
    weight = np.broadcast_to(weight, values.shape)
    return np.array([(values * weight).sum(), weight.sum()])


class Mean(Metric):
    """The mean of numbers, weighted if asked for: of losses in a loop of one's own.

    >>> mean = Mean("loss")
    >>> mean.update_state([1.0, 3.0])
    >>> mean.update_state(5.0)
    >>> mean.result()
    3.0
    """

    def update_state(self, values, sample_weight=None):
        """Take in numbers."""
        new = weighted(np.atleast_1d(np.asarray(values)), sample_weight)
        self.part = new if self.part is None else self.part + new

    def figure(self, part):
        return float(part[0] / part[1])

    def __call__(self, values, sample_weight=None):
        self.update_state(values, sample_weight)
        return self.result()


class MeanMetricWrapper(MeanMetric):
    """The mean of a function of (y_true, y_pred), which gives one number for each sample or for all.

    >>> metric = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred), name="error")
    >>> metric(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.0
    """

    def __init__(self, fn, name=None, dtype=None, **options):
        super().__init__(name or getattr(fn, "__name__", "metric"), dtype)
        self.fn = fn
        self.options = options

    def values(self, y_true, y_pred):
        values = self.fn(y_true, y_pred, **self.options)
        return values.detach().numpy() if hasattr(values, "detach") else values


class OfPellucid(Metric):
    """A metric of pellucid.metrics, which takes (scores, labels): a function that gives a mean, or a Metric."""

    higher_is_better = True

    def __init__(self, metric, name):
        super().__init__(name)
        self.metric = metric
        if "error" in name or name == "perplexity":
            self.higher_is_better = False

    def measure(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            raise ArgumentError(f"{self.name} of pellucid.metrics takes no weights of samples.")
        if isinstance(self.metric, metrics.Metric):
            return self.metric.collect(y_pred, y_true)
        return np.array([self.metric(y_pred, y_true) * len(y_true), len(y_true)])

    def merge(self, one, other):
        return self.metric.merge(one, other) if isinstance(self.metric, metrics.Metric) else one + other

    def figure(self, part):
        return float(self.metric.figure(part) if isinstance(self.metric, metrics.Metric) else part[0] / part[1])
