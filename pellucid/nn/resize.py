"""Resizing as modules; the formulas are in pellucid/functional/resize.py."""

from pellucid.functional import interpolate
from pellucid.nn.module import Module


class Upsample(Module):
    """More (or fewer) elements along the last axes, to `size` or by `scale_factor`: see F.interpolate.

    >>> import pellucid as pc
    >>> Upsample(scale_factor=2)(pc.ones(1, 2, 3, 4)).shape
    (1, 2, 6, 8)
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        several = isinstance(scale_factor, (tuple, list))
        self.size = size
        self.scale_factor = tuple(map(float, scale_factor)) if several else scale_factor and float(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x):
        return interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)

    def extra_repr(self):
        to = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{to}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Upsample with mode="nearest", for images (N, C, H, W).

    >>> import pellucid as pc
    >>> UpsamplingNearest2d(size=4)(pc.ones(1, 2, 3, 3)).shape
    (1, 2, 4, 4)
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """Upsample with mode="bilinear" and align_corners=True, for images (N, C, H, W).

    >>> import pellucid as pc
    >>> UpsamplingBilinear2d(scale_factor=2)(pc.tensor([[[[0.0, 3.0]]]]))
    tensor([[[[0., 1., 2., 3.],
              [0., 1., 2., 3.]]]])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "bilinear", True)
