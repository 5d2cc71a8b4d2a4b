"""Layers without weights that change shapes, and the layers of functions."""

import math

from pellucid.errors import ShapeError
from pellucid.keras import activations
from pellucid.keras.layers.base import Layer, as_floats, as_shape


class InputLayer(Layer):
    """The input of a Sequential: its shape without the batch. `Input(shape)` makes one there too.

    >>> InputLayer((28, 28)).shape
    (28, 28)
    """

    def __init__(self, shape=None, batch_size=None, dtype=None, name=None, input_shape=None):
        super().__init__(name=name)
        self.shape = self.asked_shape = as_shape(shape if shape is not None else input_shape)

    def call(self, inputs):
        return inputs


class Flatten(Layer):
    """All axes but the batch as one.

    >>> import pellucid as pc
    >>> Flatten()(pc.ones(5, 28, 28)).shape
    (5, 784)
    """

    def call(self, inputs):
        return inputs.flatten(1) if inputs.ndim > 1 else inputs.unsqueeze(1)


class Reshape(Layer):
    """The numbers of each sample in another shape; -1 stands for the length that is left.

    >>> import pellucid as pc
    >>> Reshape((28, 28, 1))(pc.ones(5, 784)).shape
    (5, 28, 28, 1)
    """

    def __init__(self, target_shape, **named):
        super().__init__(**named)
        self.target_shape = as_shape(target_shape) or ()

    def call(self, inputs):
        count = math.prod(inputs.shape[1:])
        if -1 not in self.target_shape and math.prod(self.target_shape) != count:
            raise ShapeError(f"Reshape cannot make {self.target_shape} of the {count} numbers of a sample.")
        return inputs.reshape(inputs.shape[0], *self.target_shape)


class Permute(Layer):
    """The axes of each sample in another order; they count from 1, for 0 is the batch.

    >>> import pellucid as pc
    >>> Permute((2, 1))(pc.ones(5, 3, 4)).shape
    (5, 4, 3)
    """

    def __init__(self, dims, **named):
        super().__init__(**named)
        self.dims = tuple(dims)

    def call(self, inputs):
        return inputs.permute(0, *self.dims)


class Activation(Layer):
    """A function as a layer: Activation("relu").

    >>> import pellucid as pc
    >>> Activation("relu")(pc.tensor([[-1.0, 2.0]]))
    tensor([[0., 2.]])
    """

    def __init__(self, activation, **named):
        super().__init__(**named)
        self.activation = activations.get(activation)

    def call(self, inputs):
        return self.activation(as_floats(inputs))


class ReLU(Layer):
    """max(x, 0); see activations.relu for the options.

    >>> import pellucid as pc
    >>> ReLU(max_value=6.0)(pc.tensor([[-1.0, 8.0]]))
    tensor([[0., 6.]])
    """

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, **named):
        super().__init__(**named)
        self.options = (negative_slope, max_value, threshold)

    def call(self, inputs):
        return activations.relu(as_floats(inputs), *self.options)


class LeakyReLU(Layer):
    """x, and negative_slope x below 0.

    >>> import pellucid as pc
    >>> LeakyReLU()(pc.tensor([[-1.0, 2.0]]))
    tensor([[-0.3,  2. ]])
    """

    def __init__(self, negative_slope=0.3, **named):
        super().__init__(**named)
        self.negative_slope = negative_slope

    def call(self, inputs):
        return activations.leaky_relu(as_floats(inputs), self.negative_slope)


class ELU(Layer):
    """x, and alpha (exp(x) - 1) below 0.

    >>> import pellucid as pc
    >>> ELU()(pc.tensor([[-1.0, 2.0]]))
    tensor([[-0.6321,  2.    ]])
    """

    def __init__(self, alpha=1.0, **named):
        super().__init__(**named)
        self.alpha = alpha

    def call(self, inputs):
        return activations.elu(as_floats(inputs), self.alpha)


class Softmax(Layer):
    """exp(x) divided by its sum along `axis`.

    >>> import pellucid as pc
    >>> Softmax()(pc.tensor([[0.0, 0.0]]))
    tensor([[0.5, 0.5]])
    """

    def __init__(self, axis=-1, **named):
        super().__init__(**named)
        self.axis = axis

    def call(self, inputs):
        return activations.softmax(as_floats(inputs), self.axis)


class Lambda(Layer):
    """Any function of a tensor as a layer.

    >>> import pellucid as pc
    >>> Lambda(lambda x: x * 2.0)(pc.ones(1, 2))
    tensor([[2., 2.]])
    """

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **named):
        super().__init__(**named)
        self.function = function
        self.arguments = arguments or {}

    def call(self, inputs):
        return self.function(inputs, **self.arguments)


class Rescaling(Layer):
    """x scale + offset: Rescaling(1 / 255) makes numbers from 0 to 1 of pixels.

    >>> import pellucid as pc
    >>> Rescaling(0.5, offset=-1.0)(pc.tensor([[0, 4]]))
    tensor([[-1.,  1.]])
    """

    def __init__(self, scale, offset=0.0, **named):
        super().__init__(**named)
        self.scale = scale
        self.offset = offset

    def call(self, inputs):
        return as_floats(inputs) * self.scale + self.offset


class Identity(Layer):
    """The input itself.

    >>> import pellucid as pc
    >>> Identity()(pc.ones(1, 2))
    tensor([[1., 1.]])
    """

    def call(self, inputs):
        return inputs
