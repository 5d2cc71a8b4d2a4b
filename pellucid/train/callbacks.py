"""Callbacks for `fit` that steer a training: stopping early, keeping the best weights, schedules, saving.

A callback is any object with some of the methods start, batch, epoch, end; each is called with the Training. One that
has `state_dict` and `load_state_dict` as well is kept in checkpoints, and goes on where it was.
"""

import math
import re
from pathlib import Path

from pellucid.errors import ArgumentError
from pellucid.optim import ReduceLROnPlateau
from pellucid.train.checkpoint import save

HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1", "roc_auc", "r2")


class Watching:
    """What the callbacks share that watch a figure of the history: its name, and which way is better."""

    def __init__(self, monitor, higher_is_better):
        if not isinstance(monitor, str):
            raise ArgumentError(
                f"{type(self).__name__} watches a figure by its name, not {monitor!r}.",
                remedy=f'Name it first: {type(self).__name__}("val_loss", ...)',
            )
        self.monitor = monitor
        if higher_is_better is None:
            higher_is_better = monitor.endswith(HIGHER_IS_BETTER)  # val_binary_accuracy as well
        self.sign = 1 if higher_is_better else -1

    def figures(self, training):
        """The figure after each epoch, with its sign changed if lower is better."""
        watched(type(self).__name__, training.history[-1], self.monitor)
        return [self.sign * epoch[self.monitor] for epoch in training.history]


class EarlyStopping(Watching):
    """Stop when a figure has not improved, by more than `min_delta`, for `patience` epochs.

    `monitor` is a name of the history: "val_loss", "val_accuracy". Accuracy and its like shall rise, everything
    else shall fall, unless `higher_is_better` says otherwise. It reads the history and remembers nothing, so a
    training that was interrupted stops where it would have stopped. With BestWeights beside it the model ends as
    it was at its best. Raises ArgumentError for a patience below 1 and a figure that the history lacks.

    Source: Prechelt, "Early stopping - but when?" (1998).

    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=1e-9)  # hardly learns: there is nothing to wait for
    >>> points = data.xor()
    >>> history = train.fit(
    ...     model, points, loss=F.cross_entropy, optimizer=optimizer, epochs=50, validation=points, progress=False,
    ...     callbacks=[EarlyStopping(patience=3, min_delta=0.01)],
    ... )  # fmt: skip
    >>> len(history)
    4
    """

    def __init__(self, monitor="val_loss", patience=5, higher_is_better=None, min_delta=0.0):
        if patience < 1:
            raise ArgumentError(f"patience is a number of epochs of at least 1, not {patience}.")
        if min_delta < 0:
            raise ArgumentError(f"min_delta is an improvement, a number not below 0, and not {min_delta}.")
        super().__init__(monitor, higher_is_better)
        self.patience = patience
        self.min_delta = min_delta

    def start(self, training):
        """Look at the history of a training that goes on."""
        if training.history:
            self.epoch(training)

    def epoch(self, training):
        """Look whether the figure has improved lately."""
        best, waited = -float("inf"), 0
        for value in self.figures(training):
            if value > best + self.min_delta:
                best, waited = value, 0
            else:
                waited += 1
        if waited >= self.patience:
            training.stopped = f"{self.monitor} has not improved for {self.patience} epochs"


class BestWeights(Watching):
    """Keep the weights of the best epoch, and put them back when training ends.

    `monitor` and `higher_is_better` are as for EarlyStopping; of equally good epochs the first counts, and any
    number is better than NaN. A training that was interrupted keeps its latest weights, with which it goes on;
    `best.restore(model)` puts the best ones back at any time. `best.epoch_number` says from which epoch they are,
    `best.state` are the weights by name.

    >>> import pellucid as pc
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> generator = pc.manual_seed(0)
    >>> model, points = models.mlp(2, 4, 2), data.xor()
    >>> optimizer = optim.SGD(model.parameters(), lr=30.0)  # far too large: it jumps about
    >>> best = BestWeights("val_loss")
    >>> history = train.fit(
    ...     model, points, loss=F.cross_entropy, optimizer=optimizer, epochs=9, validation=points, progress=False,
    ...     callbacks=[best],
    ... )  # fmt: skip
    >>> losses = [epoch["val_loss"] for epoch in history]
    >>> losses[best.epoch_number - 1] == min(losses) == train.evaluate(model, points, loss=F.cross_entropy)["loss"]
    True
    """

    def __init__(self, monitor="val_loss", higher_is_better=None):
        super().__init__(monitor, higher_is_better)
        self.epoch_number = 0
        self.state = {}

    def epoch(self, training):
        """Keep the weights if they are better than all before."""
        *before, now = self.figures(training)
        known = [value for value in before if not math.isnan(value)]
        if (all(now > value for value in known) and not math.isnan(now)) or not self.state:
            self.epoch_number = training.epoch
            self.state = training.model.state_dict()

    def restore(self, model):
        """Put the best weights into the model. Nothing happens before the first epoch is done."""
        if self.state:
            model.load_state_dict(self.state)

    def end(self, training):
        """Put the best weights back, unless training will go on."""
        if not training.interrupted and training.error is None:
            self.restore(training.model)

    def state_dict(self):
        """The best weights so far, and their epoch."""
        return {"epoch": self.epoch_number, "state": dict(self.state)}

    def load_state_dict(self, state_dict):
        """Go on with the best weights of the part that is done."""
        self.epoch_number, self.state = state_dict["epoch"], state_dict["state"]


class Schedule:
    """Step a schedule of `pellucid.optim` after each epoch: `Schedule(optim.StepLR(optimizer, step_size=10))`.

    With `every="batch"` it is stepped after each batch, for those that count steps: OneCycleLR, CyclicLR, a warm-up.
    ReduceLROnPlateau is given the figure `monitor` of the history, "val_loss" unless another is named, or "loss" if
    there are no validation data.

    The learning rate is State, so a compiled step follows it; where the schedule stands is kept in checkpoints.

    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.8)
    >>> schedule = Schedule(optim.StepLR(optimizer, step_size=1, gamma=0.5))
    >>> history = train.fit(
    ...     model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=3, progress=False, callbacks=[schedule]
    ... )
    >>> optimizer.param_groups[0]["lr"]
    0.1
    """

    def __init__(self, schedule, every="epoch", monitor=None):
        if every not in ("epoch", "batch"):
            raise ArgumentError(f'Schedule: every is "epoch" or "batch", not {every!r}.')
        self.plateau = isinstance(schedule, ReduceLROnPlateau)
        if monitor is not None and not self.plateau:
            raise ArgumentError(f"{type(schedule).__name__} looks at no figure, so there is none to monitor.")
        if self.plateau and every == "batch":
            raise ArgumentError(
                "ReduceLROnPlateau looks at figures of whole epochs.", remedy='Leave out every="batch".'
            )
        self.schedule = schedule
        self.every = every
        self.monitor = monitor

    def batch(self, training):
        """Set the learning rate of the next batch."""
        if self.every == "batch":
            self.schedule.step()

    def epoch(self, training):
        """Set the learning rate of the next epoch."""
        if self.plateau:
            figures = training.history[-1]
            monitor = self.monitor or ("val_loss" if "val_loss" in figures else "loss")
            self.schedule.step(watched("ReduceLROnPlateau", figures, monitor))
        elif self.every == "epoch":
            self.schedule.step()

    def state_dict(self):
        """Where the schedule stands."""
        return self.schedule.state_dict()

    def load_state_dict(self, state_dict):
        """Go on where it stood."""
        self.schedule.load_state_dict(state_dict)


class SaveWeights:
    """Save the weights every so many epochs, as FOLDER/epoch-0001.safetensors and so on; keep the last few.

    `every` counts epochs; the weights at the end are saved in any case. With `keep` only so many files stay, the
    latest. Files of other names are never touched. `pc.load` reads them. To go on with a training that was interrupted,
    give `run=` to fit, which keeps more than weights. Raises ArgumentError for numbers below 1.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saving = SaveWeights(folder, every=2, keep=2)
    ...     history = train.fit(
    ...         model,
    ...         data.xor(),
    ...         loss=F.cross_entropy,
    ...         optimizer=optimizer,
    ...         epochs=7,
    ...         callbacks=[saving],
    ...         progress=False,
    ...     )
    ...     sorted(os.listdir(folder))
    ['epoch-0006.safetensors', 'epoch-0007.safetensors']
    """

    def __init__(self, folder, every=1, keep=None):
        for name, number in (("every", every), ("keep", keep)):
            if number is not None and (type(number) is not int or number < 1):
                raise ArgumentError(f"{name} of SaveWeights is a whole number of at least 1, not {number!r}.")
        self.folder = Path(folder)
        self.every = every
        self.keep = keep

    def epoch(self, training):
        """Save, if it is time."""
        if training.epoch % self.every == 0:
            self.write(training)

    def end(self, training):
        """Save the weights of the last epoch, if that has not been done."""
        if training.error is None and training.epoch and training.epoch % self.every:
            self.write(training)

    def write(self, training):
        """Write one file, then delete those that are too many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        notes = {"epoch": training.epoch, **training.history[-1]}
        save(training.model, self.folder / f"epoch-{training.epoch:04d}.safetensors", {"kind": "weights", **notes})
        if self.keep is not None:
            for path in self.files(training.epoch)[: -self.keep]:
                path.unlink()

    def files(self, last):
        """The files of epochs up to `last`, by epoch. Later ones are of another training, and none of ours."""
        found = [(re.fullmatch(r"epoch-(\d{4,})\.safetensors", path.name), path) for path in self.folder.iterdir()]
        return [path for epoch, path in sorted([(int(m[1]), path) for m, path in found if m]) if epoch <= last]


def watched(name, figures, monitor):
    """The figure that a callback watches."""
    if monitor not in figures:
        raise ArgumentError(
            f"{name} watches {monitor!r}, and the history has {', '.join(figures)}.",
            remedy="Give validation= to fit for those that begin with val_, metrics= for accuracy and the like.",
        )
    return figures[monitor]
