"""Small callbacks for `fit`. A callback is any object with some of the methods start, batch, epoch, end."""

from pellucid.errors import ArgumentError

HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1", "r2")


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
        if self.monitor not in training.history[-1]:
            raise ArgumentError(
                f"EarlyStopping watches {self.monitor!r}, and the history has {', '.join(training.history[-1])}.",
                remedy="Give validation= to fit, or watch another figure.",
            )
        values = [self.sign * epoch[self.monitor] for epoch in training.history]
        best = values.index(max(values))
        if len(values) - 1 - best >= self.patience:
            training.stopped = f"{self.monitor} has not improved for {self.patience} epochs"


class Schedule:
    """Step a schedule of `pellucid.optim` after each epoch: `Schedule(optim.StepLR(optimizer, step_size=10))`.

    The learning rate is State, so a compiled step follows it; where the schedule stands is kept in checkpoints.
    """

    def __init__(self, schedule):
        self.schedule = schedule

    def epoch(self, training):
        """Set the learning rate of the next epoch."""
        self.schedule.step()

    def state_dict(self):
        """Where the schedule stands."""
        return self.schedule.state_dict()

    def load_state_dict(self, state_dict):
        """Go on where it stood."""
        self.schedule.load_state_dict(state_dict)
