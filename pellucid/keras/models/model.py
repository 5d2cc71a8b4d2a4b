"""Model: layers that belong together, which can be trained, tried and saved."""

from typing import Any

import numpy as np

from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.keras.layers.base import Layer
from pellucid.keras.models.plan import Plan
from pellucid.keras.models.summary import table
from pellucid.keras.models.training import Trained

FOREIGN = (".h5", ".hdf5", ".keras")


class Model(Trained, Layer):
    """A model: Model(inputs, outputs) of what Input() and layers gave, or a subclass with `call(x)`.

    It is compiled with an optimizer, a loss and metrics, and then has fit, evaluate and predict: see their pages. It is
    an nn.Module too, so pellucid.train, pc.save and pc.compile take it.

    >>> from pellucid.keras import Input, layers
    >>> x = Input((4,))
    >>> y = layers.Dense(8, activation="relu")(x)
    >>> model = Model(x, layers.Add()([y, layers.Dense(8)(x)]))
    >>> model.predict(np.ones((3, 4)), verbose=0).shape
    (3, 8)
    """

    plan: Plan | None = None

    def __init__(self, inputs=None, outputs=None, *, name=None, trainable=True, **named):
        super().__init__(name=name, trainable=trainable, **named)
        if (inputs is None) != (outputs is None):
            raise ArgumentError("Model(inputs, outputs) needs both; a subclass with call(x) needs neither.")
        if inputs is not None:
            self.plan = Plan(inputs, outputs)
            self.stack = list(self.plan.layers)  # found here by their names: stack.0, stack.1 ...
            shapes = [tensor.shape for tensor in self.plan.inputs]
            self.input_shape = shapes if len(shapes) > 1 else shapes[0]
            self.output_shape = self.plan.output.shape
            self.built = True
            if self.frozen:
                self.freeze()

    def call(self, inputs, *more, **named) -> Any:
        """Run the layers."""
        if self.plan is None:
            raise UnsupportedError(f"{type(self).__name__} has no call method.", "Write def call(self, inputs): ...")
        return self.plan.run(self.stack, inputs if isinstance(inputs, list) else [inputs])

    def build_for(self, inputs):
        """A subclass is built by its first call: its layers make their weights one after the other."""
        self.built = True

    def ensure_built(self, shape):
        """The same, when only the shape is known."""
        self.built = True

    def build(self, input_shape=None):
        """Make the weights for inputs of this shape (None, ...)."""
        if input_shape is not None:
            self.output_shape = self.compute_output_shape(tuple(input_shape))

    # ---- what it is made of

    @property
    def layers(self):
        """Its layers, in their order."""
        return self.inner_layers()

    @property
    def inputs(self):
        """What stands for its inputs."""
        return [] if self.plan is None else self.plan.inputs

    @property
    def input(self):
        """What stands for its only input."""
        return self.inputs[0]

    @property
    def output(self):
        """What stands for its output."""
        if self.plan is None:
            raise ArgumentError(f"{self.name} was not made of Input() and layers, so nothing stands for its output.")
        return self.plan.output

    def get_layer(self, name=None, index=None):
        """The layer of that name, or at that place."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ArgumentError(
            f"{self.name} has no layer {name!r}.", f"It has {', '.join(layer.name for layer in self.layers)}."
        )

    def summary(self, *examples, line_length=None, positions=None, print_fn=None, **named):
        """Print a table of the layers; with `print_fn` it is called with the text instead."""
        (print_fn or print)(table(self, self.layers))

    # ---- files

    def save_weights(self, filepath, overwrite=True):
        """Write all weights to a safetensors file, which `pc.load` reads too. ArgumentError for .h5 and .keras."""
        from pathlib import Path

        from pellucid.train import save

        refuse_foreign(filepath)
        if not overwrite and Path(filepath).exists():
            raise ArgumentError(f"{filepath} is there already.", "overwrite=True replaces it.")
        if not self.weights:
            raise ArgumentError(
                f"{self.name} has no weights yet.", "Call it once, or give the first layer input_shape."
            )
        save({f"{number}.{w.name}": np.ascontiguousarray(w.numpy()) for number, w in enumerate(self.weights)}, filepath)

    def load_weights(self, filepath, **named):
        """Read weights that save_weights wrote, of a model with the same layers. ShapeError if they do not fit."""
        from pellucid.train import load

        refuse_foreign(filepath)
        saved = load(filepath)
        names = sorted(saved, key=lambda name: int(name.partition(".")[0]) if name[:1].isdigit() else -1)
        self.set_weights([saved[name].numpy() for name in names])

    def save(self, filepath, overwrite=True, **named):
        """Refused: see save_weights."""
        raise UnsupportedError(
            "a model is code, and no file holds it here; its weights are numbers, and a file holds those.",
            remedy='model.save_weights("net.safetensors"), and load_weights into a model made by the same lines.',
        )

    def get_config(self):
        """The name of the model, and the settings of its layers."""
        return {"name": self.name, "layers": [layer.get_config() for layer in self.layers]}


def refuse_foreign(path):
    """Weights are written as safetensors, and files are called what they are."""
    if str(path).endswith(FOREIGN):
        better = str(path)
        for ending in (".weights.h5", *FOREIGN):
            better = better.removesuffix(ending)
        raise ArgumentError(
            f"weights are kept as safetensors here, and {path} is named like a file of Keras.",
            remedy=f"Name it {better}.safetensors. Arrays of Keras' own get_weights() go into set_weights().",
        )
