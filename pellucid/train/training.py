"""How far a training is: what callbacks look at, and what a checkpoint holds."""

import math
import time

import numpy as np

from pellucid.errors import AnomalyError, ArgumentError

EVENTS = ("start", "batch", "epoch", "end", "resume")  # what callbacks are told


class Means:
    """Means over samples, collected batch by batch; and the figures that are no means, by their Metrics."""

    def __init__(self, metrics=None, sums=None, count=0):
        self.metrics = metrics or {}  # name -> Metric
        self.sums = {name: as_sum(value) for name, value in (sums or {}).items()}
        self.count = count

    def add(self, figures, count):
        """Take in the means of a batch of `count` samples, and what Metrics have collected of it."""
        for name, value in figures.items():
            if name not in self.metrics:
                self.sums[name] = self.sums.get(name, 0.0) + value * count
            elif name in self.sums:
                self.sums[name] = self.metrics[name].merge(self.sums[name], value)
            else:
                self.sums[name] = value
        self.count += count

    def mean(self, name):
        """One of the means so far."""
        return self.sums[name] / self.count

    def values(self):
        """All figures so far."""
        return {
            name: as_number(name, self.metrics[name].figure(total)) if name in self.metrics else self.mean(name)
            for name, total in self.sums.items()
        }


def as_sum(value):
    """A sum as it was before it was saved: a file gives tensors back."""
    return np.asarray(value) if hasattr(value, "shape") else value


def as_number(name, figure):
    """A figure for the history: a single number."""
    if np.size(figure) != 1:
        raise ArgumentError(
            f"the metric {name} gives {np.size(figure)} numbers, and a history holds one.",
            remedy='Choose an average: functools.partial(metrics.f1, average="macro").',
        )
    return float(figure)


class Training:
    """A training under way.

    `epoch` and `batch` count what is done: epoch 2, batch 5 means two whole epochs and five batches of the
    third. `means` are the figures of the epoch so far, `history` those of the epochs that are done.
    `stopped` is None, or the reason why training ends before its time; a callback may set it.
    """

    def __init__(self, model, loader, optimizer, epochs, metrics=None):
        if type(epochs) is not int or epochs < 1:
            raise ArgumentError(f"epochs must be a whole number of at least 1, not {epochs!r}.")
        if len(loader) == 0:
            raise ArgumentError("there is not a single batch to learn from: the data are empty.")
        self.model = model
        self.loader = loader
        self.optimizer = optimizer
        self.epochs = epochs
        self.decision = None  # whether its steps are compiled: set before it starts
        self.epoch = 0
        self.batch = 0
        self.means = Means(metrics)
        self.history = []
        self.callbacks = []
        self.stopped = None
        self.interrupted = False
        self.error = None
        self.began = time.perf_counter()

    def listeners(self, callbacks, run, progress):
        """Everybody who is told of this training. The files come last, so that they hold what the others have done."""
        self.callbacks = list(callbacks)
        if progress:
            from pellucid.train.progress import Progress

            self.callbacks.append(Progress())
        if run is not None:
            from pellucid.train.resume import Checkpoint

            self.callbacks.append(Checkpoint(run))
        return Listeners(self)

    def note_batch(self, figures, count):
        """A batch has been learned from, with these figures as means over its `count` samples."""
        if not math.isfinite(figures["loss"]):
            batch = f"batch {self.batch + 1} of {len(self.loader)}"
            raise self.astray(f"the loss became {figures['loss']} in epoch {self.epoch + 1}, {batch}")
        self.means.add(figures, count)
        self.batch += 1

    def note_epoch(self, validation):
        """An epoch is done; `validation` has the figures of the data that are only looked at."""
        now = time.perf_counter()
        self.epoch += 1
        self.batch = 0
        figures = {"epoch": self.epoch, **self.means.values()}
        figures |= {f"val_{name}": value for name, value in validation.items()}
        self.means = Means(self.means.metrics)
        if not math.isfinite(figures.get("val_loss", 0.0)):
            raise self.astray(f"the loss on the validation data became {figures['val_loss']} after epoch {self.epoch}")
        self.history.append({**figures, "seconds": round(now - self.began, 3)})
        self.began = now

    def astray(self, what):
        """The error for a training whose numbers are no longer finite."""
        rates = ", ".join([f"{float(group['lr']):g}" for group in self.optimizer.param_groups])
        return AnomalyError(
            f"{what}: training was stopped.",
            remedy=(
                f"Try a smaller learning rate (it is {rates}; begin with a tenth of it), look for NaN or huge numbers "
                "in the data, or run under `with pc.detect_anomaly():`, which names the operation."
            ),
        )


def require_objects(loss, callbacks):
    """Refuse classes where objects are needed: `nn.CrossEntropyLoss` for `nn.CrossEntropyLoss()`."""
    if not hasattr(callbacks, "__iter__"):
        raise ArgumentError(
            f"callbacks is a list, and {type(callbacks).__name__} came.", remedy="Put it into one: callbacks=[callback]"
        )
    for what, thing in [("loss", loss), *[("a callback", callback) for callback in callbacks]]:
        if isinstance(thing, type):
            raise ArgumentError(
                f"fit was given the class {thing.__name__} as {what}, and needs an object of it.",
                remedy=f"Make one, with brackets: {thing.__name__}()",
            )
    for callback in callbacks:
        if not any(callable(getattr(callback, event, None)) for event in EVENTS):
            schedule = hasattr(callback, "optimizer") and hasattr(callback, "step")
            raise ArgumentError(
                f"the callback {type(callback).__name__} has none of the methods {', '.join(EVENTS)}.",
                remedy="A schedule is stepped by a callback: callbacks=[train.Schedule(schedule)]"
                if schedule
                else "Write a class with def epoch(self, training): and what to do after an epoch.",
            )
    if not callable(loss):
        raise ArgumentError(
            f"the loss is a {type(loss).__name__}, and a function of (predictions, y) is needed.",
            remedy="Pass the function itself, without quotes or brackets: loss=F.cross_entropy",
        )


class Listeners:
    """Tell callbacks what happens: start when the `with` block is entered, end when it is left, whatever happened.

    Before start comes resume, at which a checkpoint moves the training to where it was.
    """

    def __init__(self, training):
        self.training = training

    def __call__(self, event):
        for callback in self.training.callbacks:
            method = getattr(callback, event, None)
            if method is not None:
                method(self.training)

    def __enter__(self):
        try:
            self("resume")
            self("start")
        except BaseException as error:
            self.__exit__(type(error), error, None)  # whoever has started shall end: a bar holds the terminal
            raise
        return self

    def __exit__(self, kind, error, traceback):
        self.training.error = error
        self("end")
