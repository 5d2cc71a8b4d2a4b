"""Which metric is meant by a name."""

import functools

from pellucid import metrics
from pellucid.errors import ArgumentError
from pellucid.keras.losses.get import FUNCTIONS, SHORT, kind_of
from pellucid.keras.metrics import accuracy, errors
from pellucid.keras.metrics.errors import OfLoss
from pellucid.keras.metrics.metric import MeanMetricWrapper, Metric, OfPellucid
from pellucid.keras.names import look_up, snake
from pellucid.train.measures import name_of, whole

KINDS = (
    accuracy.Accuracy,
    accuracy.BinaryAccuracy,
    accuracy.CategoricalAccuracy,
    accuracy.Precision,
    accuracy.Recall,
    accuracy.SparseCategoricalAccuracy,
    accuracy.SparseTopKCategoricalAccuracy,
    accuracy.TopKCategoricalAccuracy,
    errors.BinaryCrossentropy,
    errors.CategoricalCrossentropy,
    errors.MeanAbsoluteError,
    errors.MeanAbsolutePercentageError,
    errors.MeanSquaredError,
    errors.RootMeanSquaredError,
    errors.SparseCategoricalCrossentropy,
)
CLASSES = {snake(kind.__name__): kind for kind in KINDS}
PLAIN = {name: functools.partial(OfLoss, function) for name, function in FUNCTIONS.items() if name not in CLASSES}
KNOWN = (
    PLAIN
    | CLASSES
    | {short: (CLASSES | PLAIN)[name] for short, name in SHORT.items()}
    | {"rmse": CLASSES["root_mean_squared_error"]}
)


def get(identifier):
    """The metric of a name ("mae", "categorical_accuracy"); an object as it is; the mean of a function.

    A function takes (y_true, y_pred); those of `pellucid.metrics` are known to take (scores, labels).

    >>> get("mae").name, get(lambda y_true, y_pred: 0.0).name
    ('mean_absolute_error', '<lambda>')
    """
    if isinstance(identifier, str):
        return look_up("metric", identifier, KNOWN)()
    if isinstance(identifier, (Metric, metrics.Metric)):
        named = snake(type(identifier).__name__)
        return identifier if isinstance(identifier, Metric) else OfPellucid(identifier, named)
    if isinstance(identifier, type) or not callable(identifier):
        raise ArgumentError(
            f"a metric is a name, a function of (y_true, y_pred) or an object, not {identifier!r}.",
            remedy="Make an object of a class, with brackets: metrics.Precision()",
        )
    function = getattr(identifier, "func", identifier)  # of a functools.partial
    if getattr(function, "__module__", "").startswith("pellucid.metrics"):
        return OfPellucid(whole(identifier), name_of(identifier))
    return (OfLoss if identifier in FUNCTIONS.values() else MeanMetricWrapper)(identifier)


def metric_object(identifier, y_shape, y_pred_shape) -> Metric:
    """The Metric that `compile(metrics=[...])` means, for targets and predictions of these shapes, with its name."""
    found = identifier
    if identifier in ("accuracy", "acc"):
        kind = kind_of(y_shape, y_pred_shape)
        found = f"{kind}_accuracy"
    metric = get(found)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric
