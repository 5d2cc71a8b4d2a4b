"""Dense and Embedding: the layers with a table of weights."""

from pellucid import nn
from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.keras import activations, initializers, regularizers
from pellucid.keras.layers.base import Layer, Weight, as_floats, initialized, refuse_constraints


class WithKernel(Layer):
    """What Dense and the convolutions share: a kernel, a bias and an activation.

    `inner` is the module of pellucid.nn that holds weight and bias; `order` says how its axes stand in Keras.
    """

    order: tuple[int, ...] = ()

    def set_options(self, activation, use_bias, initializer, bias_initializer, regularizer, bias_regularizer):
        """Keep the options that all of them have."""
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def hold(self, module):
        """Let this module hold the weights, and let them begin as the initializers say."""
        self.inner = module
        initialized(self.kernel, self.kernel_initializer)
        if self.use_bias:
            initialized(self.bias, self.bias_initializer)

    @property
    def kernel(self):
        """The weight in Keras' layout."""
        return Weight("kernel", self.inner.weight, self.order, self.kernel_regularizer)

    @property
    def bias(self):
        """The bias, or None."""
        return Weight("bias", self.inner.bias, None, self.bias_regularizer) if self.use_bias else None

    def own_weights(self):
        if not self.built:
            return []
        return [self.kernel, self.bias] if self.use_bias else [self.kernel]


class Dense(WithKernel):
    """y = activation(x W + b), over the last axis of x; W (inputs, units) begins as glorot_uniform, b as 0.

    The first layer of a Sequential may be told its input: input_shape=(784,), or input_dim=784. nn.Linear holds the
    weights, as (units, inputs). Raises ArgumentError for units below 1, ShapeError for an input without axes.

    >>> import pellucid as pc
    >>> layer = Dense(2, activation="relu", input_shape=(3,))
    >>> layer(pc.ones(5, 3)).shape, [weight.shape for weight in layer.get_weights()]
    ((5, 2), [(3, 2), (2,)])
    """

    order = (1, 0)

    def __init__(
        self, units, activation=None, use_bias=True, kernel_initializer="glorot_uniform", bias_initializer="zeros",
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, lora_rank=None, **named,
    ):  # fmt: skip
        super().__init__(**named)
        if not isinstance(units, int) or units < 1:
            raise ArgumentError(f"Dense: units is a whole number of at least 1, not {units!r}.")
        refuse_constraints(
            "Dense", activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint, lora_rank=lora_rank,
        )  # fmt: skip
        self.units = units
        self.set_options(
            activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer
        )

    def build(self, input_shape):
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ShapeError(f"Dense needs inputs (batch, ..., features), not {input_shape}.")
        self.hold(nn.Linear(input_shape[-1], self.units, bias=self.use_bias))

    def call(self, inputs):
        return self.activation(self.inner(as_floats(inputs)))

    def get_config(self):
        return {**super().get_config(), "units": self.units, "use_bias": self.use_bias}


class Embedding(WithKernel):
    """y = table[x]: each number from 0 to input_dim - 1 becomes a vector of output_dim numbers that are learned.

    The table (input_dim, output_dim) begins as random_uniform, from -0.05 to 0.05; nn.Embedding holds it. Shapes: x
    (batch, ...), whole numbers; y (batch, ..., output_dim). LabelError for a number out of range.

    >>> import numpy as np
    >>> Embedding(10, 4)(np.array([[1, 2, 4], [4, 3, 9]])).shape
    (2, 3, 4)
    """

    order = (0, 1)

    def __init__(
        self, input_dim, output_dim, embeddings_initializer="uniform", embeddings_regularizer=None,
        embeddings_constraint=None, mask_zero=False, weights=None, input_length=None, lora_rank=None, **named,
    ):  # fmt: skip
        if input_length is not None:
            named.setdefault("input_shape", (input_length,))
        super().__init__(**named)
        refuse_constraints("Embedding", embeddings_constraint=embeddings_constraint, lora_rank=lora_rank)
        if mask_zero:
            raise UnsupportedError("Embedding has no mask_zero here.", "Give the padding a row of its own.")
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.given = weights
        self.set_options(None, False, embeddings_initializer, "zeros", embeddings_regularizer, None)

    def build(self, input_shape):
        self.hold(nn.Embedding(self.input_dim, self.output_dim))
        if self.given is not None:
            table = self.given[0] if isinstance(self.given, (list, tuple)) else self.given
            self.kernel.assign(table)

    def own_weights(self):
        return [self.kernel._replace(name="embeddings")] if self.built else []

    def call(self, inputs):
        return self.inner(inputs.long())
