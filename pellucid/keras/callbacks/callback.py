"""Callback: an object that is told what happens in a training."""

from typing import Any


class Callback:
    """What all callbacks are. A subclass has some of these methods; `self.model` is the model, `logs` the figures.

    `self.model.stop_training = True` ends training; `self.model.optimizer.learning_rate` may be set.

    >>> class Tell(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch} is done")
    >>> Tell().on_epoch_end(0)
    epoch 0 is done
    """

    def __init__(self):
        self.model: Any = None
        self.params = {}

    def set_model(self, model):
        """The model that is trained."""
        self.model = model

    def set_params(self, params):
        """How long the training is: a dict with epochs and steps."""
        self.params = params

    def on_train_begin(self, logs=None):
        """Training begins."""

    def on_train_end(self, logs=None):
        """Training is over."""

    def on_epoch_begin(self, epoch, logs=None):
        """An epoch begins; the first is 0."""

    def on_epoch_end(self, epoch, logs=None):
        """An epoch is done: `logs` has its figures, those of validation data as val_..."""

    def on_train_batch_begin(self, batch, logs=None):
        """A batch begins; the first of each epoch is 0."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        """A batch is done: `logs` has the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch, logs=None):
        """The older name of on_train_batch_begin."""

    def on_batch_end(self, batch, logs=None):
        """The older name of on_train_batch_end."""


class LambdaCallback(Callback):
    """A callback of functions: LambdaCallback(on_epoch_end=lambda epoch, logs: ...).

    >>> LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch)).on_epoch_end(3, {})
    3
    """

    def __init__(
        self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None,
        on_train_batch_begin=None, on_train_batch_end=None,
    ):  # fmt: skip
        super().__init__()
        self.functions: dict[str, Any] = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }

    def told(self, event, *arguments):
        """Call the function of an event, if there is one."""
        if self.functions[event] is not None:
            self.functions[event](*arguments)

    def on_train_begin(self, logs=None):
        self.told("on_train_begin", logs)

    def on_train_end(self, logs=None):
        self.told("on_train_end", logs)

    def on_epoch_begin(self, epoch, logs=None):
        self.told("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self.told("on_epoch_end", epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        self.told("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self.told("on_train_batch_end", batch, logs)
