"""Convolutional layers; the formulas are in pellucid/functional/conv.py."""

import math

from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.functional import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    pad,
)
from pellucid.functional.conv import numbers, zeros_around
from pellucid.nn import init
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensors import zeros
from pellucid.tensors.promote import FLOAT32

MODES = ("zeros", "reflect", "replicate", "circular")


class Kernels(Module):
    """What all share: the kernels, their settings, and how they begin."""

    axes = 0  # how many spatial axes
    transposed = False

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        dilation,
        output_padding,
        groups,
        bias,
        padding_mode,
        dtype,
    ):
        who = type(self).__name__
        self.in_channels = numbers(who, "in_channels", in_channels, 1)[0]
        self.out_channels = numbers(who, "out_channels", out_channels, 1)[0]
        self.kernel_size = numbers(who, "kernel_size", kernel_size, self.axes)
        self.stride = numbers(who, "stride", stride, self.axes)
        self.padding = padding if isinstance(padding, str) else numbers(who, "padding", padding, self.axes, 0)
        self.dilation = numbers(who, "dilation", dilation, self.axes)
        self.output_padding = numbers(who, "output_padding", output_padding, self.axes, 0)
        self.groups = numbers(who, "groups", groups, 1)[0]
        self.padding_mode = padding_mode
        if padding_mode not in MODES:
            raise ArgumentError(f"{who}: padding_mode is one of {', '.join(MODES)}, not {padding_mode!r}.")
        if in_channels % groups or out_channels % groups:
            raise ArgumentError(
                f"{who}: {groups} groups must divide both numbers of channels, {in_channels} and {out_channels}."
            )
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(zeros(first, second // groups, *self.kernel_size, dtype=dtype))
        self.bias = Parameter(zeros(out_channels, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5.0))
        if self.bias is not None:
            bound = 1.0 / math.sqrt(init.fans(self.weight)[0])
            init.uniform_(self.bias, -bound, bound)

    def describe(self):
        size = "x".join(map(str, self.kernel_size))
        return f"{type(self).__name__}({self.in_channels} -> {self.out_channels}, {size})"

    def extra_repr(self):
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        defaults = {"padding": 0, "dilation": 1, "output_padding": 0}
        parts += [
            f"{name}={getattr(self, name)}" for name, n in defaults.items() if getattr(self, name) != (n,) * self.axes
        ]
        parts += [f"groups={self.groups}"] * (self.groups != 1) + ["bias=False"] * (self.bias is None)
        return ", ".join(parts + [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros"))


class Convolution(Kernels):
    """What Conv1d, 2d and 3d share."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] | str = 0,
        dilation: int | tuple[int, ...] = 1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        dtype=FLOAT32,
    ):
        sizes = (in_channels, out_channels, kernel_size, stride, padding, dilation, 0)
        super().__init__(*sizes, groups, bias, padding_mode, dtype)
        who = type(self).__name__
        self.sides = zeros_around(who, padding, self.axes, self.kernel_size, self.stride, self.dilation)

    def arguments(self, x):
        """What the function is called with; other padding than zeros is put around x beforehand."""
        padding = self.padding
        if self.padding_mode != "zeros":
            x = pad(x, [n for before_and_after in reversed(self.sides) for n in before_and_after], self.padding_mode)
            padding = 0
        return x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups


class Conv1d(Convolution):
    """Convolution over one axis, x (N, in_channels, L) or (in_channels, L): see Conv2d.

    >>> import pellucid as pc
    >>> Conv1d(3, 8, 5, padding="same")(pc.ones(2, 3, 20)).shape
    (2, 8, 20)
    """

    axes = 1

    def forward(self, x):
        return conv1d(*self.arguments(x))


class Conv2d(Convolution):
    """Each of out_channels kernels slides over the images, and gives one channel of the result: see F.conv2d.

    `kernel_size`, `stride`, `padding` and `dilation` are one number, or one for each axis; padding="same" keeps the
    size. `padding_mode` says what the padding is: "zeros", or as F.pad names it "reflect", "replicate" or "circular".

    The weight (out_channels, in_channels / groups, *kernel_size) and bias (out_channels,) begin as uniform random
    numbers between -1/sqrt(n) and 1/sqrt(n), n = in_channels / groups x the kernel's sizes, as in PyTorch. So there are
    out_channels (n + 1) numbers to learn, whatever the size of the images: each kernel is used at every place.

    Shapes: x (N, in_channels, H, W) or (in_channels, H, W); the result (N, out_channels, H', W') or (out_channels, H',
    W'), H' = (H + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1.

    ArgumentError for settings that make no sense; when called, ShapeError for an x that does not fit.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989).

    >>> import pellucid as pc
    >>> layer = Conv2d(3, 8, 3, stride=2, padding=1)
    >>> layer(pc.ones(5, 3, 32, 32)).shape
    (5, 8, 16, 16)
    >>> layer
    Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    """

    axes = 2

    def forward(self, x):
        return conv2d(*self.arguments(x))


class Conv3d(Convolution):
    """Convolution over three axes, x (N, in_channels, D, H, W) or (in_channels, D, H, W): see Conv2d.

    A video is (N, channels, frames, height, width).

    >>> import pellucid as pc
    >>> Conv3d(3, 8, 3, padding=1)(pc.ones(1, 3, 4, 6, 6)).shape
    (1, 8, 4, 6, 6)
    """

    axes = 3

    def forward(self, x):
        return conv3d(*self.arguments(x))


class TransposedConvolution(Kernels):
    """What ConvTranspose1d, 2d and 3d share."""

    transposed = True

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        output_padding: int | tuple[int, ...] = 0,
        groups=1,
        bias=True,
        dilation: int | tuple[int, ...] = 1,
        padding_mode="zeros",
        dtype=FLOAT32,
    ):
        if padding_mode != "zeros":
            raise UnsupportedError(
                f'{type(self).__name__}: padding_mode is "zeros", not {padding_mode!r}: its padding takes away.'
            )
        sizes = (in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding)
        super().__init__(*sizes, groups, bias, padding_mode, dtype)

    def arguments(self, x, output_size):
        """What the function is called with."""
        more = self.output_padding if output_size is None else self.padding_for(x, tuple(output_size))
        return x, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation

    def padding_for(self, x, output_size):
        """The output_padding with which the result has these spatial sizes."""
        wanted, axes = output_size[-self.axes :], range(self.axes)
        least = [
            (x.shape[i - self.axes] - 1) * self.stride[i]
            - 2 * self.padding[i]
            + self.dilation[i] * (self.kernel_size[i] - 1)
            + 1
            for i in axes
        ]
        if len(wanted) < self.axes or any(not 0 <= wanted[i] - least[i] < self.stride[i] for i in axes):
            most = [least[i] + self.stride[i] - 1 for i in axes]
            raise ShapeError(
                f"{self.describe()} makes sizes from {tuple(least)} to {tuple(most)} of {x.shape}, not {output_size}."
            )
        return tuple([wanted[i] - least[i] for i in axes])


class ConvTranspose1d(TransposedConvolution):
    """Transposed convolution over one axis, x (N, in_channels, L) or (in_channels, L): see ConvTranspose2d.

    >>> import pellucid as pc
    >>> ConvTranspose1d(3, 8, 4, stride=2, padding=1)(pc.ones(2, 3, 10)).shape
    (2, 8, 20)
    """

    axes = 1

    def forward(self, x, output_size=None):
        return conv_transpose1d(*self.arguments(x, output_size))


class ConvTranspose2d(TransposedConvolution):
    """Each element of x puts a kernel, times itself, into the result: see F.conv_transpose2d. It makes images larger.

    The layer undoes the shapes (not the numbers) of a Conv2d with the same settings. Where that gives one size for
    several, `output_padding` says which is meant, or, when called, `output_size`: layer(x, output_size=(9, 9)).

    The weight (in_channels, out_channels / groups, *kernel_size) and bias (out_channels,) begin as in PyTorch: uniform
    between -1/sqrt(n) and 1/sqrt(n), n = out_channels / groups x the kernel's sizes.

    Shapes: x (N, in_channels, H, W) or (in_channels, H, W); the result (N, out_channels, H', W') or (out_channels, H',
    W'), H' = (H - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.

    ArgumentError for settings that make no sense, UnsupportedError for another padding_mode than "zeros"; when called,
    ShapeError for an x or an output_size that does not fit.

    Source: Zeiler et al., "Deconvolutional networks" (2010).

    >>> import pellucid as pc
    >>> ConvTranspose2d(8, 3, 4, stride=2, padding=1)(pc.ones(5, 8, 16, 16)).shape
    (5, 3, 32, 32)
    """

    axes = 2

    def forward(self, x, output_size=None):
        return conv_transpose2d(*self.arguments(x, output_size))


class ConvTranspose3d(TransposedConvolution):
    """Transposed convolution over three axes, x (N, in_channels, D, H, W): see ConvTranspose2d.

    >>> import pellucid as pc
    >>> ConvTranspose3d(3, 8, 2, stride=2)(pc.ones(1, 3, 2, 3, 3)).shape
    (1, 8, 4, 6, 6)
    """

    axes = 3

    def forward(self, x, output_size=None):
        return conv_transpose3d(*self.arguments(x, output_size))
