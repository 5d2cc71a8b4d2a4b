"""Layers that are random while a model trains, and do nothing when it is used."""

import pellucid.functional as F
from pellucid.errors import ArgumentError
from pellucid.keras.layers.base import Layer, as_floats
from pellucid.keras.layers.images import channels_first, channels_last, check_format, element_by_element
from pellucid.tensors import randn_like


class Dropout(Layer):
    """In training each number is 0 with probability `rate`, and the others grow by 1 / (1 - rate).

    All layers draw from the same generator: `seed` is taken and has no effect, utils.set_random_seed has.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    >>> import pellucid as pc
    >>> Dropout(0.5)(pc.ones(1, 2), training=False)
    tensor([[1., 1.]])
    """

    def __init__(self, rate, noise_shape=None, seed=None, **named):
        super().__init__(**named)
        require_rate("Dropout", rate)
        if noise_shape is not None:
            raise ArgumentError("Dropout drops single numbers.", remedy="SpatialDropout2D drops whole channels.")
        self.rate = rate

    def call(self, inputs):
        return element_by_element(lambda x: F.dropout(x, self.rate, self.training), as_floats(inputs))


class SpatialDropout2D(Layer):
    """Dropout of whole channels, images (batch, height, width, channels).

    >>> import pellucid as pc
    >>> SpatialDropout2D(0.5)(pc.ones(1, 2, 2, 3), training=False).shape
    (1, 2, 2, 3)
    """

    def __init__(self, rate, data_format=None, seed=None, **named):
        super().__init__(**named)
        require_rate("SpatialDropout2D", rate)
        check_format("SpatialDropout2D", "valid", data_format)
        self.rate = rate

    def call(self, inputs):
        x = channels_first(as_floats(inputs), "SpatialDropout2D")
        return channels_last(F.dropout2d(x, self.rate, self.training))


class GaussianNoise(Layer):
    """In training, numbers from the normal distribution with this deviation are added.

    >>> import pellucid as pc
    >>> GaussianNoise(0.5)(pc.ones(1, 2), training=False)
    tensor([[1., 1.]])
    """

    def __init__(self, stddev, seed=None, **named):
        super().__init__(**named)
        self.stddev = stddev

    def call(self, inputs):
        inputs = as_floats(inputs)
        return inputs + self.stddev * randn_like(inputs) if self.training else inputs


def require_rate(who, rate):
    """The share that is dropped is a probability."""
    if not 0.0 <= rate <= 1.0:
        raise ArgumentError(f"{who}: rate lies from 0 to 1, and {rate} came.")
