"""Pooling as modules; the formulas are in pellucid/functional/pooling.py and adaptive.py."""

from pellucid.functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
    stochastic_pool2d,
)
from pellucid.functional.windows import sizes
from pellucid.nn.formula import Formula


class Maximum(Formula):
    """What max pooling shares: its arguments."""

    shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        return_indices=False,
        ceil_mode=False,
    ):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def settings(self):
        """The arguments of the function, in its order."""
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices


class Average(Formula):
    """What average pooling of images and volumes shares: its arguments."""

    shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding: int | tuple[int, ...] = 0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def settings(self):
        """The arguments of the function, in its order."""
        counting = (self.ceil_mode, self.count_include_pad, self.divisor_override)
        return self.kernel_size, self.stride, self.padding, *counting


class PowerAverage(Formula):
    """What lp pooling shares: its arguments."""

    shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def settings(self):
        """The arguments of the function, in its order."""
        return self.norm_type, self.kernel_size, self.stride, self.ceil_mode


class AdaptiveAverage(Formula):
    """What adaptive average pooling shares: how many results there are."""

    shown = ("output_size",)

    def __init__(self, output_size):
        self.output_size = output_size


class AdaptiveMaximum(AdaptiveAverage):
    """What adaptive max pooling shares."""

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size)
        self.return_indices = return_indices


class Unpooling(Formula):
    """What unpooling shares: the arguments of the max pooling that it undoes."""

    shown = ("kernel_size", "stride", "padding")
    axes = 0

    def __init__(self, kernel_size, stride=None, padding: int | tuple[int, ...] = 0):
        who = type(self).__name__
        self.kernel_size = sizes(who, "kernel_size", kernel_size, self.axes)
        self.stride = self.kernel_size if stride is None else sizes(who, "stride", stride, self.axes)
        self.padding = sizes(who, "padding", padding, self.axes, least=0)

    def settings(self):
        """The arguments of the function, in its order."""
        return self.kernel_size, self.stride, self.padding


class MaxPool1d(Maximum):
    """The largest number of each window of signals, x (N, C, L) or (C, L): see F.max_pool1d.

    With return_indices the result is (values, indices).

    >>> import pellucid as pc
    >>> MaxPool1d(2)(pc.ones(1, 2, 4)).shape
    (1, 2, 2)
    """

    def forward(self, x):
        return max_pool1d(x, *self.settings())


class MaxPool2d(Maximum):
    """The largest number of each window of images, x (N, C, H, W) or (C, H, W): see F.max_pool2d.

    With return_indices the result is (values, indices).

    >>> import pellucid as pc
    >>> MaxPool2d(2)(pc.ones(1, 2, 4, 4)).shape
    (1, 2, 2, 2)
    """

    def forward(self, x):
        return max_pool2d(x, *self.settings())


class MaxPool3d(Maximum):
    """The largest number of each window of volumes, x (N, C, D, H, W) or (C, D, H, W): see F.max_pool3d.

    With return_indices the result is (values, indices).

    >>> import pellucid as pc
    >>> MaxPool3d(2)(pc.ones(1, 2, 4, 4, 4)).shape
    (1, 2, 2, 2, 2)
    """

    def forward(self, x):
        return max_pool3d(x, *self.settings())


class AvgPool1d(Average):
    """The mean of each window of signals, x (N, C, L) or (C, L): see F.avg_pool1d.

    >>> import pellucid as pc
    >>> AvgPool1d(2)(pc.ones(1, 2, 4)).shape
    (1, 2, 2)
    """

    def __init__(
        self, kernel_size, stride=None, padding: int | tuple[int, ...] = 0, ceil_mode=False, count_include_pad=True
    ):
        kernel_size = sizes("AvgPool1d", "kernel_size", kernel_size, 1)
        stride = kernel_size if stride is None else sizes("AvgPool1d", "stride", stride, 1)
        padding = sizes("AvgPool1d", "padding", padding, 1, least=0)
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)

    def forward(self, x):
        return avg_pool1d(x, *self.settings()[:-1])


class AvgPool2d(Average):
    """The mean of each window of images, x (N, C, H, W) or (C, H, W): see F.avg_pool2d.

    >>> import pellucid as pc
    >>> AvgPool2d(2)(pc.ones(1, 2, 4, 4)).shape
    (1, 2, 2, 2)
    """

    def forward(self, x):
        return avg_pool2d(x, *self.settings())


class AvgPool3d(Average):
    """The mean of each window of volumes, x (N, C, D, H, W) or (C, D, H, W): see F.avg_pool3d.

    >>> import pellucid as pc
    >>> AvgPool3d(2)(pc.ones(1, 2, 4, 4, 4)).shape
    (1, 2, 2, 2, 2)
    """

    def forward(self, x):
        return avg_pool3d(x, *self.settings())


class LPPool1d(PowerAverage):
    """(sum of x^p over each window)^(1/p) of signals, x (N, C, L) or (C, L): see F.lp_pool1d.

    >>> import pellucid as pc
    >>> LPPool1d(2, 2)(pc.ones(1, 2, 4)).shape
    (1, 2, 2)
    """

    def forward(self, x):
        return lp_pool1d(x, *self.settings())


class LPPool2d(PowerAverage):
    """(sum of x^p over each window)^(1/p) of images, x (N, C, H, W) or (C, H, W): see F.lp_pool2d.

    >>> import pellucid as pc
    >>> LPPool2d(2, 2)(pc.ones(1, 2, 4, 4)).shape
    (1, 2, 2, 2)
    """

    def forward(self, x):
        return lp_pool2d(x, *self.settings())


class LPPool3d(PowerAverage):
    """(sum of x^p over each window)^(1/p) of volumes, x (N, C, D, H, W) or (C, D, H, W): see F.lp_pool3d.

    >>> import pellucid as pc
    >>> LPPool3d(2, 2)(pc.ones(1, 2, 4, 4, 4)).shape
    (1, 2, 2, 2, 2)
    """

    def forward(self, x):
        return lp_pool3d(x, *self.settings())


class AdaptiveAvgPool1d(AdaptiveAverage):
    """The means of output_size windows along each axis of signals: see F.adaptive_avg_pool1d.

    AdaptiveAvgPool1d(1) is global average pooling: whatever the size of x, one number for each channel.

    >>> import pellucid as pc
    >>> AdaptiveAvgPool1d(2)(pc.ones(1, 2, 5)).shape
    (1, 2, 2)
    """

    def forward(self, x):
        return adaptive_avg_pool1d(x, self.output_size)


class AdaptiveAvgPool2d(AdaptiveAverage):
    """The means of output_size windows along each axis of images: see F.adaptive_avg_pool2d.

    AdaptiveAvgPool2d(1) is global average pooling: whatever the size of x, one number for each channel.

    >>> import pellucid as pc
    >>> AdaptiveAvgPool2d(2)(pc.ones(1, 2, 5, 5)).shape
    (1, 2, 2, 2)
    """

    def forward(self, x):
        return adaptive_avg_pool2d(x, self.output_size)


class AdaptiveAvgPool3d(AdaptiveAverage):
    """The means of output_size windows along each axis of volumes: see F.adaptive_avg_pool3d.

    AdaptiveAvgPool3d(1) is global average pooling: whatever the size of x, one number for each channel.

    >>> import pellucid as pc
    >>> AdaptiveAvgPool3d(2)(pc.ones(1, 2, 5, 5, 5)).shape
    (1, 2, 2, 2, 2)
    """

    def forward(self, x):
        return adaptive_avg_pool3d(x, self.output_size)


class AdaptiveMaxPool1d(AdaptiveMaximum):
    """The largest numbers of output_size windows along each axis of signals: see F.adaptive_max_pool1d.

    >>> import pellucid as pc
    >>> AdaptiveMaxPool1d(2)(pc.ones(1, 2, 5)).shape
    (1, 2, 2)
    """

    def forward(self, x):
        return adaptive_max_pool1d(x, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(AdaptiveMaximum):
    """The largest numbers of output_size windows along each axis of images: see F.adaptive_max_pool2d.

    >>> import pellucid as pc
    >>> AdaptiveMaxPool2d(2)(pc.ones(1, 2, 5, 5)).shape
    (1, 2, 2, 2)
    """

    def forward(self, x):
        return adaptive_max_pool2d(x, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(AdaptiveMaximum):
    """The largest numbers of output_size windows along each axis of volumes: see F.adaptive_max_pool3d.

    >>> import pellucid as pc
    >>> AdaptiveMaxPool3d(2)(pc.ones(1, 2, 5, 5, 5)).shape
    (1, 2, 2, 2, 2)
    """

    def forward(self, x):
        return adaptive_max_pool3d(x, self.output_size, self.return_indices)


class MaxUnpool1d(Unpooling):
    """The numbers of MaxPool1d put back where they were found, zeros elsewhere: see F.max_unpool1d.

    >>> import pellucid as pc
    >>> y, indices = MaxPool1d(2, return_indices=True)(pc.ones(1, 2, 4))
    >>> MaxUnpool1d(2)(y, indices).shape
    (1, 2, 4)
    """

    axes = 1

    def forward(self, x, indices, output_size=None):
        return max_unpool1d(x, indices, *self.settings(), output_size)


class MaxUnpool2d(Unpooling):
    """The numbers of MaxPool2d put back where they were found, zeros elsewhere: see F.max_unpool2d.

    >>> import pellucid as pc
    >>> y, indices = MaxPool2d(2, return_indices=True)(pc.ones(1, 2, 4, 4))
    >>> MaxUnpool2d(2)(y, indices).shape
    (1, 2, 4, 4)
    """

    axes = 2

    def forward(self, x, indices, output_size=None):
        return max_unpool2d(x, indices, *self.settings(), output_size)


class MaxUnpool3d(Unpooling):
    """The numbers of MaxPool3d put back where they were found, zeros elsewhere: see F.max_unpool3d.

    >>> import pellucid as pc
    >>> y, indices = MaxPool3d(2, return_indices=True)(pc.ones(1, 2, 4, 4, 4))
    >>> MaxUnpool3d(2)(y, indices).shape
    (1, 2, 4, 4, 4)
    """

    axes = 3

    def forward(self, x, indices, output_size=None):
        return max_unpool3d(x, indices, *self.settings(), output_size)


class StochasticPool2d(Formula):
    """In training one number of each window by chance, in evaluation their weighted mean: see F.stochastic_pool2d.

    Source: Zeiler and Fergus, "Stochastic pooling for regularization of deep convolutional neural networks" (2013).

    >>> import pellucid as pc
    >>> StochasticPool2d(2)(pc.ones(1, 2, 4, 4)).shape
    (1, 2, 2, 2)
    """

    shown = ("kernel_size", "stride")

    def __init__(self, kernel_size, stride=None):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride

    def forward(self, x):
        return stochastic_pool2d(x, self.kernel_size, self.stride, self.training)
