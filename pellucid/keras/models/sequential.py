"""Sequential: layers in a row."""

from pellucid.errors import ArgumentError
from pellucid.keras.layers import InputLayer, KerasTensor, Layer
from pellucid.keras.layers.symbolic import output_shape
from pellucid.keras.models.model import Model


class Sequential(Model):
    """Layers one after the other: Sequential([layer, layer]), or `add` for each.

    If the first is told its input (Input((784,)), or input_shape=(784,)) all weights are made at once; otherwise when
    the first data come.

    >>> from pellucid.keras import Input, layers
    >>> model = Sequential(name="net")
    >>> for layer in [Input((784,)), layers.Dense(512, "relu", name="hidden"), layers.Dense(10, name="scores")]:
    ...     model.add(layer)
    >>> model.summary()
    Model: "net"
    -------------------------------------
    Layer (type)    Output Shape  Param #
    -------------------------------------
    hidden (Dense)  (None, 512)   401,920
    scores (Dense)  (None, 10)      5,130
    -------------------------------------
    Total params: 407,050 (1.63 MB)
    Trainable params: 407,050 (1.63 MB)
    Non-trainable params: 0 (0 B)
    """

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(name=name, trainable=trainable)
        self.stack = []
        self.shape = None  # of what the last layer gives, as far as it is known
        for layer in layers or []:
            self.add(layer)

    def add(self, layer):
        """Put a layer at the end."""
        if isinstance(layer, KerasTensor):
            layer = InputLayer(layer.shape[1:])
        if not isinstance(layer, Layer):
            what = f"the class {layer.__name__}" if isinstance(layer, type) else type(layer).__name__
            raise ArgumentError(
                f"Sequential takes layers of pellucid.keras, not {what}.",
                remedy="Make one, with brackets: layers.Dense(10). For modules of pellucid.nn there is nn.Sequential.",
            )
        asked = getattr(layer, "asked_shape", None)
        if not self.stack and asked is not None:
            self.input_shape = self.shape = (None, *asked)
        if isinstance(layer, InputLayer):
            if self.stack:
                raise ArgumentError("an input stands at the beginning of Sequential only.")
            return
        if not self.stack and self.shape is None and layer.input_shape is not None:  # a model that has its weights
            self.input_shape = self.shape = layer.input_shape
        self.stack = [*self.stack, layer]
        if self.shape is not None:
            self.shape = self.through(layer, self.shape)

    def through(self, layer, shape):
        """The shape behind a layer, whose weights are made."""
        self.output_shape = layer.output_shape = layer.compute_output_shape(shape)
        if self.frozen:
            layer.freeze()
        return self.output_shape

    def pop(self, rebuild=True):
        """Take the last layer away, and return it."""
        if not self.stack:
            raise ArgumentError("Sequential has no layer to take away.")
        *rest, last = self.stack
        self.stack = rest
        self.shape = self.output_shape = rest[-1].output_shape if rest else self.input_shape
        return last

    def build(self, input_shape=None):
        """Make the weights for inputs of this shape (None, ...)."""
        if self.shape is None and input_shape is not None:
            self.input_shape = self.shape = tuple(input_shape)
            for layer in self.stack:
                self.shape = self.through(layer, self.shape)

    def build_for(self, inputs):
        """Make the weights when the first data come."""
        if self.shape is None:
            self.ensure_built((None, *inputs.shape[1:]))

    def ensure_built(self, shape):
        """The same, when only the shape is known."""
        self.build(shape)
        self.built = True

    def compute_output_shape(self, input_shape):
        """The shape of what it gives for inputs of this shape."""
        self.ensure_built(input_shape)
        return output_shape(self, input_shape)

    def call(self, inputs, *more, **named):
        """Run the layers."""
        x = inputs
        for layer in self.stack:
            x = layer(x)
        return x
