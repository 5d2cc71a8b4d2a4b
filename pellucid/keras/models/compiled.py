"""What `compile` was told, made into what `pellucid.train` needs: a loss and metrics of a batch (predictions, y)."""

import numpy as np

from pellucid import metrics
from pellucid.errors import ArgumentError
from pellucid.keras.losses.get import loss_object
from pellucid.keras.metrics.get import metric_object


class Objective:
    """The loss of a batch: the one that was chosen, and what the regularizers add.

    `targets` takes y apart, into what is right and the weights of samples if there are any.
    """

    def __init__(self, model, targets, y_shape, y_pred_shape):
        self.model = model
        self.targets = targets
        self.loss = loss_object(model.chosen_loss, y_shape, y_pred_shape)

    def __call__(self, predictions, y):
        parts = self.targets.unpack(y)
        cost = self.loss(parts[0], predictions, *parts[1:])
        for penalty in self.model.losses:
            cost = cost + penalty
        return cost


class Collected(metrics.Metric):
    """A metric of Keras as one of pellucid.metrics: collected over batches, weighted if asked for."""

    def __init__(self, metric, targets, weighted):
        self.metric = metric
        self.targets = targets
        self.weighted = weighted

    def collect(self, scores, labels):
        y_true, *weight = self.targets.unpack(np.asarray(labels))
        return self.metric.measure(y_true, np.asarray(scores), *(weight if self.weighted else ()))

    def merge(self, one, other):
        return self.metric.merge(one, other)

    def figure(self, part):
        return self.metric.figure(part)


def collected(model, targets, y_shape, y_pred_shape):
    """name -> Metric, for all metrics of a model."""
    found = {}
    for weighted, chosen in ((False, model.chosen_metrics), (True, model.chosen_weighted)):
        for identifier in chosen:
            metric = metric_object(identifier, y_shape, y_pred_shape)
            found[free_name(metric.name, weighted, found)] = Collected(metric, targets, weighted)
    return found


def free_name(name, weighted, taken):
    """The name in the history: weighted_accuracy if accuracy is taken, and a number behind if that is, too."""
    if weighted and name in taken:
        name = f"weighted_{name}"
    found, number = name, 1
    while found in taken or found == "loss":
        found, number = f"{name}_{number}", number + 1
    return found


def flat(chosen, what):
    """The metrics as one list."""
    if chosen is None:
        return []
    if isinstance(chosen, (str, dict)) or not isinstance(chosen, (list, tuple)):
        raise ArgumentError(f"{what} is a list, and {chosen!r} came.", remedy=f'Write {what}=["accuracy"].')
    return [metric for part in chosen for metric in (part if isinstance(part, (list, tuple)) else [part])]
