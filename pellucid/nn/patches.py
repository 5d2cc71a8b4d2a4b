"""Patches of images as modules; the formulas are in pellucid/functional/patches.py."""

from pellucid.functional import fold, unfold
from pellucid.nn.formula import Formula


class Unfold(Formula):
    """All patches of images (N, C, H, W) as columns: see F.unfold.

    >>> import pellucid as pc
    >>> Unfold((2, 3))(pc.ones(2, 5, 3, 4)).shape
    (2, 30, 4)
    """

    shown = ("kernel_size", "dilation", "padding", "stride")

    def __init__(
        self,
        kernel_size,
        dilation: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        stride: int | tuple[int, ...] = 1,
    ):
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x):
        return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Formula):
    """Columns put back as patches into images of output_size, and added up where they overlap: see F.fold.

    >>> import pellucid as pc
    >>> Fold((3, 4), (2, 3))(pc.ones(2, 30, 4)).shape
    (2, 5, 3, 4)
    """

    shown = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self,
        output_size,
        kernel_size,
        dilation: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        stride: int | tuple[int, ...] = 1,
    ):
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x):
        return fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
