"""Layer: a module whose weights are made when the shape of its input is known."""

import functools
import inspect
import math
from typing import Any, NamedTuple

import numpy as np

from pellucid.engine import mode, no_grad
from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.keras import initializers, regularizers
from pellucid.keras.layers import symbolic
from pellucid.keras.names import unique
from pellucid.nn import Module, Parameter
from pellucid.nn.modes import in_mode
from pellucid.tensors import State, Tensor, as_tensor, zeros


class Weight(NamedTuple):
    """A weight of a layer in Keras' layout: `numpy()`, `assign(array)`, `shape`, `name`.

    `state` is the Parameter or buffer behind it; its axes stand in the order of PyTorch, and `order` says which of them
    comes first, second ... in Keras: (1, 0) for the matrix of Dense.
    """

    name: str
    state: State
    order: tuple[int, ...] | None = None
    regularizer: Any = None

    @property
    def shape(self):
        """The shape in Keras' layout."""
        return self.state.shape if self.order is None else tuple([self.state.shape[axis] for axis in self.order])

    @property
    def trainable(self):
        """Is it learned?"""
        return self.state.requires_grad

    def tensor(self) -> Tensor:
        """Its numbers in Keras' layout, with gradient."""
        return self.state if self.order is None else self.state.permute(*self.order)

    def numpy(self):
        """A copy of its numbers."""
        return np.array(self.tensor().detach().numpy())

    def assign(self, value):
        """Write numbers, given in Keras' layout."""
        value = np.asarray(value)
        if value.shape != self.shape:
            raise ShapeError(f"the weight {self.name} has the shape {self.shape}; numbers of {value.shape} came.")
        turned = value if self.order is None else value.transpose(np.argsort(self.order))
        with no_grad():
            self.state.copy_(as_tensor(np.ascontiguousarray(turned)))

    def penalty(self):
        """What its regularizer adds to the loss."""
        return self.regularizer(self.state if getattr(self.regularizer, "elementwise", False) else self.tensor())


class Layer(Module):
    """What all layers are. A subclass makes its weights in `build(input_shape)`, and says in `call(x)` what it does.

    The shape has None for the batch. `add_weight` makes a weight; layers set as attributes are found. A layer of
    pellucid.nn can be used in `call` as well, for all are modules.

    >>> import pellucid as pc
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...
    ...     def call(self, x):
    ...         return x * self.factor
    >>> layer = Scale()
    >>> layer(pc.ones(2, 3)).shape, layer.count_params()
    ((2, 3), 3)
    """

    built = False
    input_shape: Any = None  # with None for the batch, once it is known
    output_shape: Any = None
    frozen = False

    def __init__(self, *, name=None, trainable=True, dtype=None, input_shape=None, input_dim=None, **unknown):
        if unknown:
            option = next(iter(unknown))
            raise ArgumentError(
                f"{type(self).__name__} has no option {option!r}.",
                remedy=f"help(layers.{type(self).__name__}) lists those that it has.",
            )
        if dtype not in (None, "float32", np.float32):
            raise UnsupportedError(f"layers compute in float32 here, and {dtype} was asked for.", "Leave dtype out.")
        self.name = name or unique(type(self).__name__)
        self.frozen = not trainable
        self.asked_shape = (input_dim,) if input_dim is not None else as_shape(input_shape)

    # ---- what a subclass writes

    def build(self, input_shape):
        """Make the weights for inputs of this shape, (None, ...)."""

    def call(self, inputs, *more, **named) -> Any:
        """What the layer computes."""
        raise UnsupportedError(f"{type(self).__name__} has no call method.", "Write def call(self, inputs): ...")

    def add_weight(
        self, shape=(), initializer="glorot_uniform", regularizer=None, trainable=True, name=None, dtype=None
    ):
        """A weight of this shape, to be set as an attribute in `build`: a Parameter, or a State if not trainable."""
        numbers = initializers.get(initializer)(as_shape(shape))
        state = Parameter(numbers) if trainable else State(numbers)
        added = vars(self).setdefault("_added", {})
        added[id(state)] = (name, regularizers.get(regularizer))
        return state

    # ---- calling

    def forward(self, *inputs, **named):
        if takes_training(type(self)):
            named["training"] = self.training
        return self.call(*inputs, **named)

    def __call__(self, inputs, *more, training=None, **named):
        if symbolic.is_symbolic(inputs):
            return symbolic.applied(self, inputs)
        inputs = tensors(inputs)
        self.build_for(inputs)
        if training is None or training == self.training:
            return super().__call__(inputs, *more, **named)
        with in_mode(self, training):
            return super().__call__(inputs, *more, **named)

    def build_for(self, inputs):
        """Make the weights, if that has not been done."""
        if not self.built:
            self.ensure_built(shapes_of(inputs))

    def ensure_built(self, shape):
        """Make the weights for inputs of this shape, unless they are there."""
        if self.built:
            return
        if mode.local.recording is not None and type(self).build is not Layer.build and not symbolic.probing():
            raise ArgumentError(
                f"{self.name} has no weights yet, and inside a compiled step none can be made.",
                remedy="Call the model once before, or give the first layer input_shape=...",
            )
        self.input_shape = shape
        self.build(shape)
        self.built = True
        if self.frozen:
            self.freeze()

    def compute_output_shape(self, input_shape):
        """The shape of what it gives for inputs of this shape, with None for the batch; the layer is built for it."""
        self.ensure_built(input_shape)
        return symbolic.output_shape(self, input_shape)

    # ---- weights

    def own_weights(self) -> list[Weight]:
        """Those that are made in this layer and not in one inside it."""
        added = vars(self).get("_added", {})
        found = []
        for name, state in vars(self).items():
            if isinstance(state, State):
                given, regularizer = added.get(id(state), (None, None))
                found.append(Weight(given or name, state, None, regularizer))
        return found

    @property
    def weights(self) -> list[Weight]:
        """All weights: learned ones before others, layer after layer."""
        own = self.own_weights()
        found = [weight for weight in own if isinstance(weight.state, Parameter)]
        found += [weight for weight in own if not isinstance(weight.state, Parameter)]
        for layer in self.inner_layers():
            found += layer.weights
        return found

    def inner_layers(self):
        """The layers inside this one."""
        return [child for child in self.children() if isinstance(child, Layer)]

    @property
    def trainable_weights(self) -> list[Weight]:
        """Those that are learned."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Weight]:
        """Those that are not: running means, and what is frozen."""
        return [weight for weight in self.weights if not weight.trainable]

    variables = weights
    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def get_weights(self):
        """Copies of all weights as arrays, in Keras' order and layout."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights):
        """Write all weights, as get_weights gives them. Nothing is written if one of them does not fit."""
        weights, own = [np.asarray(weight) for weight in weights], self.weights
        if [weight.shape for weight in weights] != [weight.shape for weight in own]:
            raise ShapeError(
                f"{self.name} has weights of the shapes {[w.shape for w in own]}, and those of "
                f"{[w.shape for w in weights]} came. Nothing was written.",
                remedy=None if own else "It has none before it is built: call it, or give it input_shape.",
            )
        for weight, value in zip(own, weights, strict=True):
            weight.assign(value)

    def count_params(self):
        """How many numbers its weights have."""
        return sum(math.prod(weight.shape) for weight in self.weights)

    @property
    def losses(self):
        """What the regularizers add to the loss: one tensor for each weight that has one."""
        return [weight.penalty() for weight in self.weights if weight.regularizer is not None]

    @property
    def trainable(self):
        """Is it learned? `layer.trainable = False` freezes it, and all layers inside it."""
        return not self.frozen

    @trainable.setter
    def trainable(self, value):
        self.frozen = not value
        for layer in self.inner_layers():
            layer.trainable = value
        for parameter in self.parameters():
            parameter.requires_grad_(bool(value))

    def freeze(self):
        """Let its weights be as they are."""
        self.trainable = False

    def get_config(self):
        """Its name and whether it is learned."""
        return {"name": self.name, "trainable": self.trainable}

    def describe(self):
        return f"{type(self).__name__} {self.name!r}"


def refuse_constraints(who, **options):
    """Refuse what Keras' layers can have, and these cannot."""
    for name, value in options.items():
        if value is not None:
            raise UnsupportedError(
                f"{who} has no {name} here.",
                remedy="For large weights there are kernel_regularizer and the optimizer's weight_decay and clipnorm.",
            )


@functools.cache
def takes_training(kind):
    """Does `call` of this class ask for `training`?"""
    return "training" in inspect.signature(kind.call).parameters


def as_shape(shape):
    """A shape as a tuple, without the batch; None if there is none."""
    if shape is None:
        return None
    return (shape,) if isinstance(shape, int) else tuple(shape)


def tensors(inputs):
    """Arrays and lists of numbers as tensors: floats become float32. A list of tensors or arrays stays a list."""
    if isinstance(inputs, Tensor):
        return inputs
    if isinstance(inputs, (list, tuple)) and inputs and hasattr(inputs[0], "shape"):
        return [tensors(part) for part in inputs]
    array = np.asarray(inputs)
    return as_tensor(array.astype(np.float32) if array.dtype.kind == "f" else array)


def shapes_of(inputs):
    """(None, ...) for a tensor, a list of those for several."""
    return [shapes_of(part) for part in inputs] if isinstance(inputs, list) else (None, *inputs.shape[1:])


def initialized(weight, initializer):
    """Let a weight begin as this initializer says."""
    numbers = initializers.get(initializer)(weight.shape)
    weight.assign(numbers.numpy() if isinstance(numbers, Tensor) else numbers)


def as_floats(x):
    """Pixels and counts, which are integers, as float32."""
    return x if x.dtype.kind == "f" else x.to(zeros(0).dtype)
