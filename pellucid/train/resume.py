"""Checkpoints during training, and the way back: a training that was killed goes on with identical bits.

A checkpoint holds all that the rest of the training depends on: parameters and buffers, the slots and hyper-parameters
of the optimizer, the random key, the numbers of the epoch and the batch, the sums of the epoch so far, and the
`state_dict()` of callbacks that have one. The order of the batches depends on the seed and the epoch only, so it need
not be held.
"""

import time
from typing import Any

import numpy as np

from pellucid.errors import ArgumentError, DataFileError
from pellucid.tensors import default_generator
from pellucid.train.checkpoint import load_with_metadata, save
from pellucid.train.packing import pack, unpack
from pellucid.train.training import Means


class Checkpoint:
    """Keep a run's files up to date while it trains, and continue from its checkpoint at the start if there is one.

    A checkpoint is written inside an epoch when `seconds` have passed since the last, or every `batches` batches
    if given; at the end of an epoch unless the last is younger than `gap` seconds; and when training ends.
    `fit` brings its own for `run=`.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = train.Run.create("gates", folder=os.path.join(folder, "run"))
    ...     keeping = Checkpoint(run, batches=1)
    ...     history = train.fit(
    ...         model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=1, progress=False,
    ...         callbacks=[keeping],
    ...     )  # fmt: skip
    ...     sorted(os.listdir(run.folder))
    ['checkpoint.safetensors', 'config.json', 'metrics.jsonl', 'model.safetensors']
    """

    def __init__(self, run, seconds=10.0, batches=None, gap=1.0):
        self.run = run
        self.seconds = seconds
        self.batches = batches
        self.gap = gap
        self.last = time.monotonic()

    def resume(self, training):
        """Move the training to where the checkpoint was written, if there is one."""
        if self.run.checkpoint.exists():
            restore(training, self.run.checkpoint)

    def start(self, training):
        """Note in the run folder how it trains, and write the first checkpoint."""
        self.run.begin(training)
        if training.epoch == training.batch == 0:
            self.write(training)

    def batch(self, training):
        """Write a checkpoint if it is time."""
        due = time.monotonic() - self.last >= self.seconds
        if due or (self.batches and training.batch % self.batches == 0):
            self.write(training)

    def epoch(self, training):
        """Add the line of the epoch, and write a checkpoint unless there was one just now."""
        self.run.append(training.history[-1])
        if self.batches or time.monotonic() - self.last >= self.gap:
            self.write(training)

    def end(self, training):
        """Write the last checkpoint and the model, unless an error ended the training."""
        self.run.interrupted = training.interrupted
        if training.error is None:
            self.write(training)
            self.run.save_model(training.model)

    def write(self, training):
        """Write the checkpoint, unless the weights have gone astray: the last good one stays."""
        for name, parameter in training.model.named_parameters():
            if not np.isfinite(parameter.numpy()).all():
                place = f"in epoch {training.epoch + 1}, after batch {training.batch}"
                raise training.astray(f"the parameter {name} is no longer finite {place}")
        tensors, notes = {}, {}
        for part, state in parts(training).items():
            notes[part] = pack(state, part, tensors)
        notes["batches"] = batches_of(training.loader)
        save(tensors, self.run.checkpoint, {"kind": "checkpoint", **notes})
        self.last = time.monotonic()


def parts(training):
    """Everything that the rest of a training depends on, by name."""
    return {
        "model": dict(training.model.state_dict()),
        "optimizer": training.optimizer.state_dict(),
        "random": default_generator.key,
        "place": {"epoch": training.epoch, "batch": training.batch},
        "means": {"sums": training.means.sums, "count": training.means.count},
        "history": training.history,
        "callbacks": [callback.state_dict() for callback in keeping(training)],
    }


def keeping(training):
    """The callbacks that have something to keep, in their order."""
    return [callback for callback in training.callbacks if hasattr(callback, "state_dict")]


def restore(training, path):
    """Bring a training to where its checkpoint was written."""
    tensors, notes = load_with_metadata(path)
    if not isinstance(notes, dict) or notes.get("kind") != "checkpoint":
        raise DataFileError(f"{path} holds tensors, but is no checkpoint of a training.")
    if notes["batches"] != batches_of(training.loader):
        raise ArgumentError(
            f"{path} was written in a training with {said(notes['batches'])}; "
            f"this one has {said(batches_of(training.loader))}.",
            remedy="Resume with the arguments of the first part, or begin a new run.",
        )
    state: dict[str, Any] = {
        part: unpack(packed, tensors) for part, packed in notes.items() if part not in ("kind", "batches")
    }
    callbacks = keeping(training)
    if len(callbacks) != len(state["callbacks"]):
        raise ArgumentError(
            f"{path} keeps what {len(state['callbacks'])} callbacks had noted, and this training has {len(callbacks)} "
            "callbacks that note something.",
            remedy="Resume with the callbacks of the first part, in their order.",
        )
    training.model.load_state_dict(state["model"])
    training.optimizer.load_state_dict(state["optimizer"])
    default_generator.key.assign(state["random"])
    training.epoch, training.batch = state["place"]["epoch"], state["place"]["batch"]
    training.means = Means(training.means.metrics, **state["means"])
    training.history = state["history"]
    for callback, saved in zip(callbacks, state["callbacks"], strict=True):
        callback.load_state_dict(saved)


def batches_of(loader):
    """What the order of the batches depends on."""
    return {
        "samples": len(loader.dataset),
        "batch_size": loader.batch_size,
        "shuffle": loader.shuffle,
        "drop_last": loader.drop_last,
        "seed": loader.seed,
    }


def said(values):
    return ", ".join([f"{name} {value}" for name, value in values.items()])
