"""The training loop: forward, loss, backward, step; batch after batch, epoch after epoch.

Everything that is not learning (progress, files, stopping early) is a callback, in a file of its own.
"""

from typing import Any

import numpy as np

from pellucid.data import DataLoader
from pellucid.errors import ArgumentError
from pellucid.metrics import Metric
from pellucid.tensors import from_numpy
from pellucid.train.decide import chosen
from pellucid.train.interrupt import Interruptible
from pellucid.train.look import Predictor, looking
from pellucid.train.measures import by_name, collecting
from pellucid.train.training import Means, Training, require_objects


def fit(
    model,
    data,
    *,
    loss,
    optimizer,
    epochs,
    validation=None,
    metrics=(),
    callbacks=(),
    compile: bool | str = "auto",
    run=None,
    progress=True,
) -> list[dict[str, Any]]:
    """Train a model. Returns the history: one dict per epoch with loss, metrics, val_loss and so on.

    Args:
        model: an nn.Module, called with one batch x.
        data: a DataLoader that gives pairs (x, y), or a pair of arrays (then: shuffled batches of 32).
        loss: a function of (predictions, y) that gives the mean over the batch, such as F.cross_entropy.
        optimizer: made of the model's parameters.
        epochs: how often to go through the data.
        validation: data that are only looked at, as for `data`; they are measured after each epoch.
        metrics: functions of (predictions, y) that give a mean over the batch, such as metrics.accuracy, or Metrics
            and the functions that name theirs, such as metrics.f1. A list, or a dict of names and functions.
        callbacks: objects with some of the methods start, batch, epoch and end, each called with the Training.
        compile: True records the step once and repeats the recording, in C if there is a compiler (pc.compile);
            False runs it line by line; "auto" compiles where that saves more time than the compiler takes, judged by
            the shapes and the number of steps. Predictions for `validation` are compiled where that saves time,
            unless it is False.
        run: a Run, the folder in which to keep figures and checkpoints. If it holds a checkpoint, training goes
            on from there. None keeps no files.
        progress: whether to show how far it is.

    Ctrl-C ends training after the batch at hand. Raises AnomalyError when the loss is no longer finite.

    >>> import pellucid.functional as F
    >>> from pellucid import data, metrics, models, optim
    >>> x, y = data.iris()
    >>> model = models.mlp(4, 16, 3)
    >>> optimizer = optim.Adam(model.parameters(), lr=0.02)
    >>> history = fit(
    ...     model,
    ...     (x, y),
    ...     loss=F.cross_entropy,
    ...     optimizer=optimizer,
    ...     epochs=20,
    ...     metrics=[metrics.accuracy],
    ...     progress=False,
    ... )
    >>> history[-1]["accuracy"] > 0.9
    True
    """
    require_objects(loss, callbacks)
    loader = as_loader(data, shuffle=True)
    validation = None if validation is None else as_loader(validation, batch_size=256)
    metrics = by_name(metrics)
    training = Training(model, loader, optimizer, epochs, collecting(metrics))
    tell = training.listeners(callbacks, run, progress)

    def step(x, y):
        predictions = model(x)
        cost = loss(predictions, y)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        return cost, predictions

    before = None if run is None else run.compiled
    one_step = chosen(step, compile, training, as_tensors(loader.batches(0)), before)
    looks = 0 if validation is None else epochs * len(validation)
    predictor = Predictor(model, looks, "auto" if compile else False)
    with Interruptible(training), tell:
        while training.epoch < epochs and not training.stopped:
            model.train()
            for x, y in as_tensors(loader.batches(training.epoch, start=training.batch)):
                cost, predictions = one_step(x, y)
                training.note_batch(measure(cost, predictions, y, metrics), len(x))
                tell("batch")
                if training.stopped:
                    break
            else:
                figures = {} if validation is None else measured(predictor, validation, loss, metrics)
                training.note_epoch(figures)
                tell("epoch")
    return training.history


def evaluate(model, data, *, loss, metrics=(), compile: bool | str = "auto") -> dict[str, Any]:
    """The loss and the metrics of a model on data, without learning from them: a dict of numbers.

    `data`, `loss`, `metrics` and `compile` are as for `fit`. The model is in evaluation mode meanwhile. Raises
    ArgumentError if there are no data.

    >>> import pellucid.functional as F
    >>> from pellucid import data, metrics, models
    >>> figures = evaluate(models.mlp(2, 4, 2), data.xor(), loss=F.cross_entropy, metrics=[metrics.accuracy])
    >>> list(figures)
    ['loss', 'accuracy']
    """
    loader = as_loader(data, batch_size=256)
    return measured(Predictor(model, len(loader), compile), loader, loss, by_name(metrics))


def measured(predictor, loader, loss, metrics):
    """The means of the figures over all batches."""
    means = Means(collecting(metrics))
    predict = predictor.ready(as_tensors(loader.batches(0)))
    with looking(predictor.model):
        for x, y in as_tensors(loader.batches(0)):
            predictions = predict(x)
            means.add(measure(loss(predictions, y), predictions, y, metrics), len(x))
    if means.count == 0:
        raise ArgumentError("there is not a single sample to evaluate the model on: the data are empty.")
    return means.values()


def measure(cost, predictions, y, metrics):
    """The figures of one batch by name: plain numbers, and what Metrics collect of it."""
    predictions, figures = predictions.detach(), {"loss": cost.item()}
    for name, metric in metrics.items():
        whole = isinstance(metric, Metric)
        figures[name] = metric.collect(predictions, y) if whole else float(metric(predictions, y))
    return figures


def as_tensors(batches):
    """Batches of pairs of arrays as batches of pairs of tensors."""
    for arrays in batches:
        if len(arrays) != 2:
            raise ArgumentError(f"a batch has {len(arrays)} arrays, but a pair (x, y) is needed.")
        yield [from_numpy(array) for array in arrays]  # they are new: nobody else has them


def as_loader(data, batch_size=32, shuffle=False):
    """A DataLoader as it is; a pair of arrays in batches."""
    if isinstance(data, DataLoader):
        return data
    if isinstance(data, (tuple, list)) and len(data) == 2:
        return DataLoader(tuple([np.asarray(array) for array in data]), batch_size, shuffle)
    raise ArgumentError(
        f"the data are a {type(data).__name__}; a DataLoader or a pair of arrays (x, y) is needed.",
        remedy="Pass inputs and answers together: fit(model, (x, y), ...)",
    )
