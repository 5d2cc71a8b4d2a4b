"""The functional way: layers are called with what stands for a tensor, and note down what they were called with."""

from typing import Any

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, PellucidError, ShapeError
from pellucid.graph import record
from pellucid.tensors import Tensor, zeros
from pellucid.tensors.promote import FLOAT32
from pellucid.train.look import looking


class KerasTensor:
    """What a layer will give: its shape, with None for the batch, and where it comes from.

    >>> from pellucid.keras import Input, layers
    >>> layers.Dense(3, name="scores")(Input((5,)))
    <KerasTensor (None, 3) of scores>
    """

    def __init__(self, shape, layer=None, inputs=(), name=None):
        self.shape = tuple(shape)
        self.layer = layer  # None for an Input
        self.inputs = inputs
        self.name = name or (layer.name if layer is not None else "input")

    @property
    def ndim(self):
        """How many axes, with the batch."""
        return len(self.shape)

    def __repr__(self):
        return f"<KerasTensor {self.shape} of {self.name}>"

    def __bool__(self):
        raise ArgumentError(
            "a KerasTensor has no numbers: it stands for what a layer will give.",
            remedy="Put computations into layers: layers.Add(), layers.Lambda(function).",
        )

    def combined(self, other, kind):
        """Both through a layer that joins them."""
        from pellucid.keras import layers

        if isinstance(other, KerasTensor):
            return getattr(layers, kind)()([self, other])
        return layers.Lambda(lambda x: getattr(x, OPERATORS[kind])(other))(self)

    def __add__(self, other):
        return self.combined(other, "Add")

    def __sub__(self, other):
        return self.combined(other, "Subtract")

    def __mul__(self, other):
        return self.combined(other, "Multiply")


OPERATORS = {"Add": "__add__", "Subtract": "__sub__", "Multiply": "__mul__"}


def is_symbolic(inputs):
    """Does this stand for a tensor, or for several?"""
    if isinstance(inputs, (list, tuple)):
        return any(isinstance(part, KerasTensor) for part in inputs)
    return isinstance(inputs, KerasTensor)


def applied(layer, inputs):
    """What stands for layer(inputs). The layer makes its weights."""
    several = isinstance(inputs, (list, tuple))
    shape = [part.shape for part in inputs] if several else inputs.shape
    output = layer.compute_output_shape(shape)
    if layer.output_shape is None:
        layer.output_shape = output
    return KerasTensor(output, layer, tuple(inputs) if several else (inputs,))


class Probing:
    """While a layer is asked for its shape, nothing that is recorded will ever run."""

    depth = 0

    def __enter__(self):
        Probing.depth += 1

    def __exit__(self, *error):
        Probing.depth -= 1


def probing():
    """Is a layer being asked for its shape?"""
    return Probing.depth > 0


def output_shape(layer, shape) -> Any:
    """The shape that a layer gives for inputs of this shape: it is recorded, so hardly anything is computed.

    Lengths that are not known (None) are tried with two numbers; where the results differ they are not known either.
    """
    if has_unknown(shape):
        one, other = tried(layer, shape, 8), tried(layer, shape, 9)
        rest = tuple([a if a == b else None for a, b in zip(one[1:], other[1:], strict=True)])
    else:
        rest = tried(layer, shape, 8)[1:]
    return (None, *rest)


def has_unknown(shape):
    """Is a length unknown that is not the batch?"""
    return any(map(has_unknown, shape)) if isinstance(shape, list) else None in shape[1:]


def tried(layer, shape, unknown):
    """The shape for a batch of two, with this number for each unknown length."""
    shapes = shape if isinstance(shape, list) else [shape]
    full = [(2, *[unknown if n is None else n for n in one[1:]]) for one in shapes]
    specs = [(f"x{number}", Spec(one, FLOAT32)) for number, one in enumerate(full)]
    seen = []

    def call(*values):
        y = layer(list(values) if isinstance(shape, list) else values[0])
        if not isinstance(y, Tensor):
            raise ArgumentError(f"{layer.name} gives {type(y).__name__}, and one tensor is needed.")
        seen.append(y.shape)
        return y

    try:
        with Probing(), looking(layer):
            if layer.inner_layers():  # they may have no weights yet, and none can be made while recording
                call(*[zeros(one) for one in full])
            else:
                record(call, specs, Tensor, lambda values: (values, {}))
    except PellucidError as error:
        if isinstance(error, ShapeError):
            raise ShapeError(
                f"{layer.name} does not fit an input of shape {shape}: {error.message}", error.remedy
            ) from None
        raise
    return seen[0]


def Input(shape=None, batch_size=None, dtype=None, name=None):  # noqa: N802  Keras' name
    """What goes into a model: the shape of one sample. `Model(inputs, outputs)` begins with it, and so may Sequential.

    >>> Input((784,))
    <KerasTensor (None, 784) of input>
    """
    if shape is None:
        raise ArgumentError("Input needs the shape of one sample.", remedy="Input((784,)), or Input((28, 28, 1))")
    return KerasTensor((None, *((shape,) if isinstance(shape, int) else shape)), name=name)
