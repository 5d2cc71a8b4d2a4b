"""LearningRateScheduler, and figures in a file."""

import csv
from typing import Any

from pellucid.errors import ArgumentError
from pellucid.keras.callbacks.callback import Callback


class LearningRateScheduler(Callback):
    """Before each epoch the learning rate becomes schedule(epoch, learning rate), or schedule(epoch).

    >>> LearningRateScheduler(lambda epoch, rate: rate * 0.9).schedule(0, 1.0)
    0.9
    """

    def __init__(self, schedule, verbose=0):
        super().__init__()
        if not callable(schedule):
            raise ArgumentError(
                f"LearningRateScheduler takes a function of (epoch, learning rate), not {schedule!r}.",
                remedy="A schedule that counts steps goes into the optimizer: SGD(learning_rate=schedule).",
            )
        self.schedule: Any = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        try:
            new = self.schedule(epoch, rate)
        except TypeError:  # a function of the epoch alone
            new = self.schedule(epoch)
        self.model.optimizer.learning_rate = float(new)
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate becomes {float(new):g}.")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


class CSVLogger(Callback):
    """The figures of each epoch as lines of a table: epoch, then the figures in the order of their names.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "log.csv")
    ...     logger = CSVLogger(path)
    ...     logger.on_train_begin()
    ...     logger.on_epoch_end(0, {"loss": 0.5})
    ...     logger.on_train_end()
    ...     path.read_text(encoding="utf-8").split()
    ['epoch,loss', '0,0.5']
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename = filename
        self.separator = separator
        self.append = append
        self.file: Any = None
        self.names: list[str] | None = None

    def on_train_begin(self, logs=None):
        self.file = open(self.filename, "a" if self.append else "w", encoding="utf-8", newline="")  # noqa: SIM115
        self.names = None

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        writer = csv.writer(self.file, delimiter=self.separator, lineterminator="\n")
        if self.names is None:
            self.names = sorted(logs)
            if self.file.tell() == 0:
                writer.writerow(["epoch", *self.names])
        writer.writerow([epoch, *[logs.get(name) for name in self.names]])
        self.file.flush()

    def on_train_end(self, logs=None):
        self.file.close()
