"""Small callbacks for `fit`. A callback is any object with some of the methods start, batch, epoch, end."""

from pellucid.errors import ArgumentError
from pellucid.optim import ReduceLROnPlateau

HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1", "roc_auc", "r2")


class EarlyStopping:
    """Stop when a figure has not improved for `patience` epochs.

    `monitor` is a name of the history: "val_loss", "val_accuracy". Accuracy and its like shall rise, everything
    else shall fall, unless `higher_is_better` says otherwise. It reads the history and remembers nothing, so a
    training that was interrupted stops where it would have stopped.

    Source: Prechelt, "Early stopping - but when?" (1998).
    """

    def __init__(self, monitor="val_loss", patience=5, higher_is_better=None):
        if patience < 1:
            raise ArgumentError(f"patience is a number of epochs of at least 1, not {patience}.")
        self.monitor = monitor
        self.patience = patience
        if higher_is_better is None:
            higher_is_better = monitor.endswith(HIGHER_IS_BETTER)  # val_binary_accuracy as well
        self.sign = 1 if higher_is_better else -1

    def start(self, training):
        """Look at the history of a training that goes on."""
        if training.history:
            self.epoch(training)

    def epoch(self, training):
        """Look whether the figure has improved lately."""
        watched("EarlyStopping", training.history[-1], self.monitor)
        values = [self.sign * epoch[self.monitor] for epoch in training.history]
        best = values.index(max(values))
        if len(values) - 1 - best >= self.patience:
            training.stopped = f"{self.monitor} has not improved for {self.patience} epochs"


class Schedule:
    """Step a schedule of `pellucid.optim` after each epoch: `Schedule(optim.StepLR(optimizer, step_size=10))`.

    With `every="batch"` it is stepped after each batch, for those that count steps: OneCycleLR, CyclicLR, a warm-up.
    ReduceLROnPlateau is given the figure `monitor` of the history, "val_loss" unless another is named, or "loss" if
    there are no validation data.

    The learning rate is State, so a compiled step follows it; where the schedule stands is kept in checkpoints.
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


def watched(name, figures, monitor):
    """The figure that a callback watches."""
    if monitor not in figures:
        raise ArgumentError(
            f"{name} watches {monitor!r}, and the history has {', '.join(figures)}.",
            remedy="Give validation= to fit, or watch another figure.",
        )
    return figures[monitor]
