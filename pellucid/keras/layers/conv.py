"""Convolution of images (batch, height, width, channels)."""

from pellucid import nn
from pellucid.errors import ArgumentError
from pellucid.keras import activations
from pellucid.keras.layers.base import as_floats, refuse_constraints
from pellucid.keras.layers.dense import WithKernel
from pellucid.keras.layers.images import channels_first, channels_last, check_format, padded, two


class Conv2D(WithKernel):
    """`filters` kernels slide over the images; at each place each gives the sum of the products with what is under it.

    Shapes: x (batch, height, width, channels), the kernel (height, width, channels / groups, filters). padding="valid"
    puts nothing around, "same" as many zeros as keep the size if the stride is 1. nn.Conv2d holds the weights, with
    channels first. ShapeError for other inputs.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989).

    >>> import pellucid as pc
    >>> layer = Conv2D(8, 3, padding="same", activation="relu")
    >>> layer(pc.ones(2, 28, 28, 1)).shape, layer.kernel.shape
    ((2, 28, 28, 8), (3, 3, 1, 8))
    """

    order = (2, 3, 1, 0)

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1, groups=1,
        activation=None, use_bias=True, kernel_initializer="glorot_uniform", bias_initializer="zeros",
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **named,
    ):  # fmt: skip
        super().__init__(**named)
        refuse_constraints(
            "Conv2D", activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )  # fmt: skip
        check_format("Conv2D", padding, data_format)
        if not isinstance(filters, int) or filters < 1:
            raise ArgumentError(f"Conv2D: filters is a whole number of at least 1, not {filters!r}.")
        self.filters = filters
        self.kernel_size = two("Conv2D", "kernel_size", kernel_size)
        self.strides = two("Conv2D", "strides", strides)
        self.dilation = two("Conv2D", "dilation_rate", dilation_rate)
        self.padding = padding
        self.groups = groups
        self.set_options(
            activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer
        )

    def build(self, input_shape):
        alike = self.strides == (1, 1) and all(size % 2 for size in self.kernel_size)  # as much on both sides
        self.by_module = self.padding == "same" and alike  # nn.Conv2d puts it around by itself
        around = [size // 2 * step for size, step in zip(self.kernel_size, self.dilation, strict=True)]
        module = nn.Conv2d(
            input_shape[-1], self.filters, self.kernel_size, self.strides, tuple(around) if self.by_module else 0,
            self.dilation, self.groups, self.use_bias,
        )  # fmt: skip
        self.hold(module)

    def call(self, inputs):
        x = channels_first(as_floats(inputs), "Conv2D")
        if not self.by_module:
            x = padded(x, self.kernel_size, self.strides, self.padding, dilation=self.dilation)
        y = self.inner(x)
        if self.activation in activations.ELEMENTWISE:  # it does not matter where the channels are
            return channels_last(self.activation(y))
        return self.activation(channels_last(y))
