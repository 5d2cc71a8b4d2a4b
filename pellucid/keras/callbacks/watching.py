"""Callbacks that watch a figure: stop early, shorten the steps, save.

`pellucid.train` and `pellucid.optim` have such, and these cannot be made of them: Keras counts an epoch as waited for
before it looks, resets that count but not the best under a baseline, takes min_delta as a difference where PyTorch's
plateau takes a share, and shortens the steps one epoch sooner. Programs also read `wait`, `best` and `stopped_epoch`.
"""

import operator
import warnings

from pellucid.errors import ArgumentError
from pellucid.keras.callbacks.callback import Callback


class Watching(Callback):
    """What they share: the figure's name, which way is better, and the best so far."""

    def __init__(self, monitor, mode, min_delta=0.0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(f'mode is "auto", "min" or "max", not {mode!r}.')
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self.best = None

    def on_train_begin(self, logs=None):
        self.best = None

    def value(self, logs):
        """The figure of this epoch; None, with a warning, if there is none of that name."""
        if self.monitor in (logs or {}):
            return logs[self.monitor]
        warnings.warn(
            f"{type(self).__name__} watches {self.monitor}, and there is only {', '.join(logs or {}) or 'nothing'}.",
            stacklevel=2,
        )
        return None

    def improves(self, value, reference):
        """Is this better than the reference, by more than min_delta?"""
        if reference is None:
            return True
        better, sign = (operator.gt, 1.0) if self.higher_is_better() else (operator.lt, -1.0)
        return better(value - sign * self.min_delta, reference)

    def higher_is_better(self):
        """Losses and errors shall fall, accuracies rise; of other figures `mode` must say it."""
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        metric = self.model.ready.metrics.get(name)
        known = None if metric is None else metric.metric.higher_is_better
        if known is None:
            raise ArgumentError(
                f"{type(self).__name__}: it is not known whether {self.monitor} shall rise or fall.",
                remedy='Say mode="max" or mode="min".',
            )
        return known


class EarlyStopping(Watching):
    """Stop when a figure has not improved, by more than `min_delta`, for `patience` epochs.

    With restore_best_weights the model ends as it was at its best. Before `start_from_epoch` nothing counts; an epoch
    that is not better than `baseline` does not end the waiting.

    >>> EarlyStopping(monitor="val_loss", patience=3).patience
    3
    """

    def __init__(
        self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto", baseline=None,
        restore_best_weights=False, start_from_epoch=0,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights = None

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights = None

    def on_epoch_end(self, epoch, logs=None):
        value = self.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if self.improves(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                print(f"The weights of epoch {self.best_epoch + 1}, the best, are back.")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(Watching):
    """Multiply the learning rate by `factor` when a figure has not improved for `patience` epochs.

    Afterwards nothing counts for `cooldown` epochs; the rate does not fall below `min_lr`.

    >>> ReduceLROnPlateau(factor=0.5).factor
    0.5
    """

    def __init__(
        self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", min_delta=1e-4, cooldown=0,
        min_lr=0.0,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta)
        if factor >= 1.0:
            raise ArgumentError(f"ReduceLROnPlateau: factor is a number below 1, not {factor}.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.wait = self.cooling = 0

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.wait = self.cooling = 0

    def on_epoch_end(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        value = self.value(logs)
        if logs is not None:
            logs["learning_rate"] = rate
        if value is None:
            return
        if self.cooling:
            self.cooling -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooling:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                new = self.model.optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                self.cooling, self.wait = self.cooldown, 0
                if self.verbose:
                    print(f"Epoch {epoch + 1}: the learning rate becomes {new:g}.")


class ModelCheckpoint(Watching):
    """Save the weights after each epoch; with save_best_only, only when the figure `monitor` is better than before.

    `filepath` ends in .safetensors and may hold {epoch} and figures: "net-{epoch:02d}-{val_loss:.3f}.safetensors".
    `model.load_weights` reads them. A file appears in one move.

    >>> ModelCheckpoint("best.safetensors", save_best_only=True).monitor
    'val_loss'
    """

    def __init__(
        self, filepath, monitor="val_loss", verbose=0, save_best_only=False, save_weights_only=True, mode="auto",
        save_freq="epoch", initial_value_threshold=None,
    ):  # fmt: skip
        from pellucid.keras.models.model import refuse_foreign

        super().__init__(monitor, mode)
        refuse_foreign(filepath)
        if save_freq != "epoch":
            raise ArgumentError(f"ModelCheckpoint saves after epochs, not at save_freq={save_freq!r}.")
        self.filepath = str(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.threshold = initial_value_threshold

    def on_train_begin(self, logs=None):
        self.best = self.threshold if self.best is None else self.best  # a later fit goes on from the best

    def on_epoch_end(self, epoch, logs=None):
        if self.save_best_only:
            value = self.value(logs)
            if value is None or not self.improves(value, self.best):
                return
            self.best = value
        path = self.filepath.format(epoch=epoch + 1, **(logs or {}))
        self.model.save_weights(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: weights saved to {path}")
