"""Listener: tells Keras' callbacks what happens in a training of `pellucid.train`."""

from pellucid.errors import ArgumentError
from pellucid.keras.callbacks.callback import Callback


class Listener:
    """A callback of pellucid.train that speaks to callbacks of Keras, and keeps the optimizer's count of steps."""

    def __init__(self, model, callbacks, epochs, initial_epoch, steps):
        self.model = model
        self.callbacks = callbacks
        self.initial = initial_epoch
        self.steps = steps
        for callback in callbacks:
            require_callback(callback)
            callback.set_params({"epochs": epochs, "steps": steps, "verbose": 1})
            callback.set_model(model)
        self.batches = [callback for callback in callbacks if listens_to_batches(callback)]

    def tell(self, event, *arguments):
        """Call a method of each callback."""
        for callback in self.callbacks:
            getattr(callback, event)(*arguments)

    def start(self, training):
        """Training begins."""
        self.tell("on_train_begin", {})
        self.begin_epoch(training)

    def begin_epoch(self, training):
        """An epoch begins, and its first batch."""
        self.tell("on_epoch_begin", self.initial + training.epoch, {})
        self.begin_batch(training)

    def begin_batch(self, training):
        """A batch begins."""
        for callback in self.batches:
            callback.on_train_batch_begin(training.batch, {})

    def batch(self, training):
        """A batch is done."""
        self.model.optimizer.stepped()
        if self.batches:
            figures = training.means.values()
            for callback in self.batches:
                callback.on_train_batch_end(training.batch - 1, figures)
            if training.batch < self.steps:
                self.begin_batch(training)
        self.stop_if_asked(training)

    def epoch(self, training):
        """An epoch is done."""
        figures = {name: value for name, value in training.history[-1].items() if name not in ("epoch", "seconds")}
        self.tell("on_epoch_end", self.initial + training.epoch - 1, figures)
        self.stop_if_asked(training)
        if training.epoch < training.epochs and not training.stopped:
            self.begin_epoch(training)

    def end(self, training):
        """Training is over."""
        if training.error is None:
            self.tell("on_train_end", {})

    def stop_if_asked(self, training):
        """A callback has set model.stop_training."""
        if self.model.stop_training:
            training.stopped = "a callback has stopped it"


def require_callback(callback):
    """Refuse classes, and callbacks of pellucid.train."""
    if not isinstance(callback, Callback):
        what = f"the class {callback.__name__}" if isinstance(callback, type) else f"a {type(callback).__name__}"
        raise ArgumentError(
            f"callbacks are objects of classes made from keras.callbacks.Callback, and {what} came.",
            remedy="Make an object, with brackets. Callbacks of pellucid.train are for pellucid.train.fit.",
        )


def listens_to_batches(callback):
    """Has its class methods of its own for batches?"""
    names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), name, None) is not getattr(Callback, name) for name in names)
