"""compile, fit, evaluate and predict: Keras' way to say what `pellucid.train` does."""

from typing import Any, cast

import numpy as np

from pellucid import train
from pellucid.compile import compile as compile_step
from pellucid.data import DataLoader
from pellucid.engine import no_grad
from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.keras import optimizers
from pellucid.keras.callbacks.history import History
from pellucid.keras.callbacks.progress import ProgressLines
from pellucid.keras.layers.base import tensors
from pellucid.keras.models.batches import Packing, Samples, as_arrays, weights_of_classes
from pellucid.keras.models.compiled import Objective, collected, flat
from pellucid.keras.models.listener import Listener
from pellucid.nn import Module
from pellucid.tensors import randint
from pellucid.train.loop import measure
from pellucid.train.training import Means


class Trained:
    """What can be done with a model once it is compiled."""

    optimizer: Any = None
    stop_training = False  # callbacks set it
    ready: Any = None  # what the last training needed
    steps_compiled: Any = "auto"

    def compile(
        self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None, weighted_metrics=None,
        run_eagerly=False, steps_per_execution=1, jit_compile="auto", auto_scale_loss=True,
    ):  # fmt: skip
        """Say how to train: an optimizer, a loss and metrics, by names or as objects.

        "accuracy" among the metrics is the kind that fits the targets: binary, categorical, or of class numbers. A
        step is compiled where that saves time; with jit_compile=True always, with run_eagerly never.
        """
        if loss_weights is not None:
            raise UnsupportedError("a model has one output and one loss here.", "Leave loss_weights out.")
        self.optimizer = optimizers.get(optimizer)
        self.chosen_loss = loss
        self.chosen_metrics = flat(metrics, "metrics")
        self.chosen_weighted = flat(weighted_metrics, "weighted_metrics")
        self.steps_compiled = False if run_eagerly else jit_compile
        self.ready = None

    def fit(
        self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0,
        validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0,
        steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1,
    ) -> History:  # fmt: skip
        """Train for `epochs` rounds through the data, in batches of `batch_size` (32). Returns a History.

        Args:
            x: an array, or a list of arrays for a model with several inputs.
            y: what is right for each sample.
            batch_size: samples in a step.
            epochs: the number of the last epoch; the first is initial_epoch + 1.
            verbose: 0 for silence, 1 or "auto" for a line that moves, 2 for one line an epoch.
            callbacks: objects of pellucid.keras.callbacks.
            validation_split: the share of samples at the end, before shuffling, that is only looked at.
            validation_data: (x, y) or (x, y, sample_weight) to look at after each epoch instead.
            shuffle: whether each epoch has an order of its own.
            class_weight: a dict of class and weight: how much the samples of a class count.
            sample_weight: the weight of each sample.
            initial_epoch: how many epochs were done before.
            steps_per_epoch, validation_steps, validation_freq: refused, unless they change nothing.
            validation_batch_size: samples looked at together.

        Training ends with AnomalyError when the loss is no longer finite, and after the batch at hand at Ctrl-C.
        """
        refuse_options(steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        if validation_freq != 1:
            raise UnsupportedError("validation data are looked at after each epoch.", "Leave validation_freq out.")
        samples, validation = self.samples_of(x, y, sample_weight, class_weight, validation_split, validation_data)
        batch_size = batch_size or 32
        ready = self.prepared(samples, validation)
        loader = ready.loader(samples, batch_size, shuffle)
        checked = None if validation is None else ready.loader(validation, validation_batch_size or batch_size)
        history = History()
        lines = [ProgressLines(verbose)] if verbose not in (0, False) else []
        listener = Listener(self, [*lines, *(callbacks or []), history], epochs, initial_epoch, len(loader))
        self.history = history
        self.stop_training = False
        train.fit(
            ready.model,
            loader,
            loss=ready.objective,
            optimizer=self.optimizer.bound,
            epochs=epochs - initial_epoch,
            validation=checked,
            metrics=ready.metrics,
            callbacks=[listener],
            compile=self.steps_compiled,
            progress=False,
        )
        return history

    def evaluate(
        self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None,
        return_dict=False, **named,
    ) -> Any:  # fmt: skip
        """The loss, and the metrics behind it in a list, on data that nothing is learned from.

        With return_dict they come as a dict by their names.
        """
        refuse_options(steps=steps)
        samples = Samples(x, y, sample_weight)
        ready = self.prepared(samples)
        figures = train.evaluate(
            ready.model, ready.loader(samples, batch_size or 32), loss=ready.objective, metrics=ready.metrics
        )
        if verbose not in (0, False):
            print(" - ".join(f"{name}: {value:.4f}" for name, value in figures.items()))
        return shown(figures, return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """What the model gives for these inputs, as an array."""
        refuse_options(steps=steps)
        arrays = as_arrays(x)
        size = batch_size or 32
        parts = [
            self.predict_on_batch([array[start : start + size] for array in arrays])
            for start in range(0, len(arrays[0]), size)
        ]
        if not parts:
            raise ArgumentError("there is not a single sample to predict for.")
        return np.concatenate(parts)

    @property
    def metrics_names(self):
        """What evaluate gives, by name: "loss" and the metrics. Known once there have been data."""
        return ["loss", *({} if self.ready is None else self.ready.metrics)]

    # ---- single steps

    def predict_on_batch(self, x):
        """What the model gives for one batch, as an array."""
        arrays, model = as_arrays(x), cast(Any, self)
        with no_grad():
            return model(tensors(arrays if len(arrays) > 1 else arrays[0]), training=False).numpy()

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False) -> Any:
        """One step. Returns the loss and the metrics of this batch, as evaluate does."""
        samples, _ = self.samples_of(x, y, sample_weight, class_weight, 0.0, None)
        ready = self.prepared(samples)
        self.train()
        inputs, targets = ready.batch(samples)
        cost, predictions = ready.step(inputs, targets)
        self.optimizer.stepped()
        return shown(ready.figures(cost, predictions, targets), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False) -> Any:
        """The loss and the metrics of one batch, without learning from it."""
        samples = Samples(x, y, sample_weight)
        ready = self.prepared(samples)
        self.eval()
        with no_grad():
            inputs, targets = ready.batch(samples)
            predictions = ready.model(inputs)
            cost = ready.objective(predictions, targets)
        return shown(ready.figures(cost, predictions, targets), return_dict)

    def reset_metrics(self):
        """Nothing: the figures of train_on_batch are those of its batch."""

    # ---- parts

    def samples_of(self, x, y, sample_weight, class_weight, validation_split, validation_data):
        """The samples to learn from, and those to look at or None."""
        if isinstance(x, DataLoader) or hasattr(x, "__next__"):
            raise UnsupportedError(
                f"fit takes arrays, not a {type(x).__name__}.", "pellucid.train.fit(model, loader, ...) takes loaders."
            )
        samples = Samples(x, y, sample_weight)
        validation = None
        if validation_data is not None:
            validation = Samples(*validation_data)
        elif validation_split:
            samples, validation = samples.split(validation_split)
        if class_weight is not None:
            if sample_weight is not None:
                raise ArgumentError("samples are weighted by class_weight or by sample_weight, and both came.")
            samples.weight = weights_of_classes(samples.y, class_weight)
        return samples, validation

    def prepared(self, samples, validation=None):
        """All that training needs, for samples of this kind: made at the first call, and when they change."""
        if self.optimizer is None:
            raise ArgumentError(f"{self.name} is not compiled.", 'model.compile(optimizer="adam", loss="mse")')
        if self.chosen_loss is None:
            raise ArgumentError(f"{self.name} was compiled without a loss.", 'model.compile(..., loss="mse")')
        weighted = samples.weight is not None or (validation is not None and validation.weight is not None)
        kind = Ready.kind_of(samples, weighted)
        if self.ready is None or self.ready.kind != kind:
            self.ready = Ready(self, samples, weighted)
        return self.ready


class Ready:
    """A model made ready for samples of one kind: how batches are packed, the loss, the metrics, the compiled step."""

    def __init__(self, model, samples, weighted):
        self.kind = self.kind_of(samples, weighted)
        self.weighted = weighted
        first = samples.rows(slice(0, 2))
        shape = model.predict_on_batch(first.x).shape  # which makes the weights, if there are none
        self.inputs = Packing(samples.x)
        self.targets = Packing(self.parts(samples))
        self.model = model if self.inputs.single else Unpacked(model, self.inputs)
        self.objective = Objective(model, self.targets, samples.y.shape, shape)
        self.metrics = collected(model, self.targets, samples.y.shape, shape)
        self.optimizer = model.optimizer.build(model.parameters())
        self.step = compile_step(self.one_step) if model.steps_compiled else self.one_step

    @staticmethod
    def kind_of(samples, weighted):
        """What must be the same for two sets of samples, so that they fit one another."""
        arrays = [*samples.x, samples.y]
        return weighted, *[(array.shape[1:], array.dtype) for array in arrays]

    def parts(self, samples):
        """What is right, and the weights if any part of the data has some."""
        if not self.weighted:
            return [samples.y]
        weight = np.ones(len(samples), np.float32) if samples.weight is None else samples.weight
        return [samples.y, weight]

    def loader(self, samples, batch_size, shuffle=False):
        """Batches for pellucid.train; the order of a shuffled one follows from utils.set_random_seed."""
        arrays = self.inputs.pack(samples.x), self.targets.pack(self.parts(samples))
        seed = int(randint(0, 2**31 - 1, (1,)).item()) if shuffle else 0
        return DataLoader(arrays, batch_size, bool(shuffle), seed=seed)

    def batch(self, samples):
        """All samples as one batch of tensors."""
        return tensors(self.inputs.pack(samples.x)), tensors(self.targets.pack(self.parts(samples)))

    def one_step(self, x, y):
        """Forward, loss, backward, step."""
        predictions = self.model(x)
        cost = self.objective(predictions, y)
        self.optimizer.zero_grad()
        cost.backward()
        self.optimizer.step()
        return cost, predictions

    def figures(self, cost, predictions, targets):
        """The loss and the metrics of a batch, by name."""
        means = Means(self.metrics)
        means.add(measure(cost, predictions, targets, self.metrics), len(targets))
        return means.values()


class Unpacked(Module):
    """A model with several inputs, which takes them side by side as one."""

    def __init__(self, model, inputs):
        self.model = model
        self.inputs = inputs

    def forward(self, x):
        return self.model(self.inputs.unpack(x))


def shown(figures, return_dict):
    """A dict, or the numbers alone: a single one as it is."""
    if return_dict:
        return figures
    numbers = list(figures.values())
    return numbers if len(numbers) > 1 else numbers[0]


def refuse_options(**options):
    """Refuse what changes how much of the data is looked at."""
    for name, value in options.items():
        if value is not None:
            raise UnsupportedError(f"{name} is not here: an epoch goes through all data.", "Pass fewer rows: x[:1000].")
