"""Callbacks for `fit` that write down what happened: CSV, TensorBoard, and the learning rate.

They write what the history holds when they are told of an epoch, so a callback that adds figures stands before them.
"""

import csv
import io
from pathlib import Path

from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.train.files import write_bytes


class LearningRate:
    """Note in the history the learning rate with which an epoch ended: "lr", or "lr_0", "lr_1", ... for several groups.

    Files (CSVLog, TensorBoard, the metrics of a run) have it too if they stand after it.

    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.8)
    >>> schedule = train.Schedule(optim.StepLR(optimizer, step_size=1, gamma=0.5))
    >>> history = train.fit(
    ...     model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=3, progress=False,
    ...     callbacks=[LearningRate(), schedule],
    ... )  # fmt: skip
    >>> [epoch["lr"] for epoch in history]
    [0.8, 0.4, 0.2]
    """

    def __init__(self):
        self.rates = []

    def batch(self, training):
        """Remember the rates of this batch: schedules change them when the epoch is over."""
        self.rates = [group["lr"] for group in training.optimizer.param_groups]

    def epoch(self, training):
        """Note them."""
        names = ["lr"] if len(self.rates) == 1 else [f"lr_{number}" for number in range(len(self.rates))]
        training.history[-1].update(zip(names, self.rates, strict=True))


class CSVLog:
    """Write the history to a CSV file, one line for each epoch, as soon as it is done.

    The columns are those of the history. The file is written anew from the history each time, in one move, so it is
    always whole, and a training that is resumed has the lines of its first part too. A file of that name that is no
    CSV of a history is not written over: ArgumentError.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "history.csv")
    ...     history = train.fit(
    ...         model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=2, callbacks=[CSVLog(path)],
    ...         progress=False,
    ...     )  # fmt: skip
    ...     [len(row) for row in csv.reader(Path(path).read_text(encoding="utf-8").splitlines())]
    [3, 3, 3]
    """

    def __init__(self, path):
        self.path = Path(path)

    def start(self, training):
        """Look whether the file may be written."""
        if self.path.exists() and self.path.read_bytes()[:6] not in (b"", b"epoch,"):
            raise ArgumentError(
                f"{self.path} exists and is no history of a training: CSVLog does not write over it.",
                remedy="Choose another name.",
            )

    def epoch(self, training):
        """Write the history."""
        columns = list(dict.fromkeys(name for epoch in training.history for name in epoch))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(training.history)
        write_bytes(self.path, text.getvalue().encode("utf-8"))


class TensorBoard:
    """Write event files that TensorBoard shows: the curves of a training, while it runs.

    Each figure of the history becomes a curve over epochs: "loss" and "val_loss" as loss/train and loss/validation, so
    that both stand in one picture. `folder` is what `tensorboard --logdir` is given, or a folder in it for each run.
    A training that is resumed draws the curves of its first part again, in a new file that takes back the old.
    Raises UnsupportedError if tensorboardX is not installed.

    Source of the format: TensorFlow, event.proto (2015); written by tensorboardX.

    >>> TensorBoard("runs/first").folder.name
    'first'
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.writer = None

    def start(self, training):
        """Open a file. What was still on its way to the last one when a training was killed is in the history."""
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise UnsupportedError(
                "train.TensorBoard needs the package tensorboardX, which is not installed.",
                remedy='python -m pip install "pellucid[tensorboard]", or write a CSV file: train.CSVLog.',
            ) from None
        self.writer = SummaryWriter(str(self.folder), purge_step=1 if training.history else None)
        for figures in training.history:
            self.write(figures)

    def epoch(self, training):
        """Write the figures of an epoch."""
        self.write(training.history[-1])

    def write(self, figures):
        """One point of each curve."""
        for name, value in figures.items():
            if name != "epoch":
                self.writer.add_scalar(curve_of(name, figures), value, figures["epoch"])
        self.writer.flush()

    def end(self, training):
        """Close the file."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def curve_of(name, figures):
    """The name of a curve: what belongs into one picture has one name before the stroke."""
    if name.startswith("val_"):
        return f"{name.removeprefix('val_')}/validation"
    return f"{name}/train" if f"val_{name}" in figures else name
