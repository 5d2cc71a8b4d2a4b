"""Pooling of images (batch, height, width, channels), and of sequences (batch, steps, features)."""

import math

import pellucid.functional as F
from pellucid.keras.layers.base import Layer, as_floats
from pellucid.keras.layers.images import channels_first, channels_last, check_format, padded, two
from pellucid.tensors import ones


class Pooling2D(Layer):
    """What both poolings share."""

    def __init__(self, pool_size=(2, 2), strides=None, padding="valid", data_format=None, **named):
        super().__init__(**named)
        who = type(self).__name__
        check_format(who, padding, data_format)
        self.pool_size = two(who, "pool_size", pool_size)
        self.strides = self.pool_size if strides is None else two(who, "strides", strides)
        self.padding = padding


class MaxPooling2D(Pooling2D):
    """The largest number of each window of an image.

    >>> import pellucid as pc
    >>> MaxPooling2D(2)(pc.arange(16.0).reshape(1, 4, 4, 1)).flatten()
    tensor([ 5.,  7., 13., 15.])
    """

    def call(self, inputs):
        x = channels_first(as_floats(inputs), "MaxPooling2D")
        x = padded(x, self.pool_size, self.strides, self.padding, value=-math.inf)
        return channels_last(F.max_pool2d(x, self.pool_size, self.strides))


class AveragePooling2D(Pooling2D):
    """The mean of each window of an image; what padding="same" puts around does not count.

    >>> import pellucid as pc
    >>> AveragePooling2D(2)(pc.arange(16.0).reshape(1, 4, 4, 1)).flatten()
    tensor([ 2.5,  4.5, 10.5, 12.5])
    """

    def call(self, inputs):
        x = channels_first(as_floats(inputs), "AveragePooling2D")
        wide = padded(x, self.pool_size, self.strides, self.padding)
        y = F.avg_pool2d(wide, self.pool_size, self.strides)
        if wide.shape != x.shape:
            y = y * self.made_up_for(x.shape[2:])
        return channels_last(y)

    def made_up_for(self, size):
        """How much larger a mean becomes without the zeros around: window / numbers in it that count."""
        counts = F.avg_pool2d(
            padded(ones(1, 1, *size), self.pool_size, self.strides, self.padding), self.pool_size, self.strides
        )
        return 1.0 / counts


class GlobalPooling(Layer):
    """What the global poolings share."""

    def __init__(self, data_format=None, keepdims=False, **named):
        super().__init__(**named)
        check_format(type(self).__name__, "valid", data_format)
        self.keepdims = keepdims


class GlobalMaxPooling2D(GlobalPooling):
    """The largest number of each channel of an image: (batch, height, width, channels) gives (batch, channels).

    >>> import pellucid as pc
    >>> GlobalMaxPooling2D()(pc.arange(8.0).reshape(1, 2, 2, 2))
    tensor([[6., 7.]])
    """

    def call(self, inputs):
        return as_floats(inputs).amax((1, 2), keepdim=self.keepdims)


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel of an image: (batch, height, width, channels) gives (batch, channels).

    >>> import pellucid as pc
    >>> GlobalAveragePooling2D()(pc.arange(8.0).reshape(1, 2, 2, 2))
    tensor([[3., 4.]])
    """

    def call(self, inputs):
        return as_floats(inputs).mean((1, 2), keepdim=self.keepdims)


class GlobalAveragePooling1D(GlobalPooling):
    """The mean over the steps of a sequence: (batch, steps, features) gives (batch, features).

    >>> import pellucid as pc
    >>> GlobalAveragePooling1D()(pc.arange(4.0).reshape(1, 2, 2))
    tensor([[1., 2.]])
    """

    def call(self, inputs):
        return as_floats(inputs).mean(1, keepdim=self.keepdims)
