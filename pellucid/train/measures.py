"""The metrics of a training, by the names that they have in the history."""

from pellucid.errors import ArgumentError
from pellucid.metrics import Metric


def by_name(metrics):
    """name -> function or Metric, of a list of metrics or of a dict that is such already."""
    pairs = metrics.items() if isinstance(metrics, dict) else [(name_of(metric), metric) for metric in metrics]
    found = {}
    for name, metric in pairs:
        if name in found or name == "loss":
            raise ArgumentError(
                f"two figures would be called {name!r} in the history.",
                remedy="Give a dict: metrics={'macro': functools.partial(metrics.f1, average='macro'), ...}.",
            )
        if isinstance(metric, type) or not callable(metric):
            remedy = (
                "Make one of the class, with brackets."
                if isinstance(metric, type)
                else "Pass the function itself, without quotes or brackets: metrics=[metrics.accuracy]"
            )
            raise ArgumentError(f"the metric {name} is no function of (predictions, y).", remedy)
        found[name] = whole(metric)
    return found


def whole(metric):
    """The Metric of a function that is no mean over batches, with the options of a functools.partial; else itself."""
    made = getattr(getattr(metric, "func", metric), "over_batches", None)
    return metric if made is None else made(*getattr(metric, "args", ()), **getattr(metric, "keywords", {}))


def collecting(metrics):
    """Those that are no means."""
    return {name: metric for name, metric in metrics.items() if isinstance(metric, Metric)}


def name_of(metric):
    """What a metric is called in the history; a functools.partial is called as the function inside it."""
    metric = getattr(metric, "func", metric)
    return getattr(metric, "__name__", type(metric).__name__)
