"""Padding as modules; the formula is in pellucid/functional/pad.py."""

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import pad
from pellucid.nn.module import Module


class Padding(Module):
    """What they share: `padding` is one number for all sides, or (left, right, top, bottom, front, back)."""

    axes = 0  # how many axes are padded
    mode = "constant"

    def __init__(self, padding):
        sides = 2 * self.axes
        self.padding = (padding,) * sides if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != sides:
            raise ArgumentError(f"{type(self).__name__} needs one number or {sides}, not {self.padding}.")

    def forward(self, x):
        if x.ndim not in (self.axes + 1, self.axes + 2):
            raise ShapeError(
                f"{type(self).__name__} pads the last {self.axes} axes, behind channels and perhaps samples, "
                f"but the input has shape {x.shape}."
            )
        return pad(x, self.padding, self.mode, getattr(self, "value", None))

    def extra_repr(self):
        return f"{self.padding}"


class ConstantPadding(Padding):
    """Padding with a number of one's own."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPadding):
    """Put `value` around x, (N, C, L) or (C, L): see F.pad.

    >>> import pellucid as pc
    >>> ConstantPad1d(1, 9.0)(pc.tensor([[1.0, 2.0, 3.0]]))
    tensor([[9., 1., 2., 3., 9.]])
    """

    axes = 1


class ConstantPad2d(ConstantPadding):
    """Put `value` around x, images (N, C, H, W) or (C, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ConstantPad2d(1, 9.0)(pc.ones(1, 1, 3, 3)).shape
    (1, 1, 5, 5)
    """

    axes = 2


class ConstantPad3d(ConstantPadding):
    """Put `value` around x, volumes (N, C, D, H, W) or (C, D, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ConstantPad3d(1, 9.0)(pc.ones(1, 1, 3, 3, 3)).shape
    (1, 1, 5, 5, 5)
    """

    axes = 3


class ZeroPad1d(Padding):
    """Put zeros around x, (N, C, L) or (C, L): see F.pad.

    >>> import pellucid as pc
    >>> ZeroPad1d(1)(pc.tensor([[1.0, 2.0, 3.0]]))
    tensor([[0., 1., 2., 3., 0.]])
    """

    axes = 1


class ZeroPad2d(Padding):
    """Put zeros around x, images (N, C, H, W) or (C, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ZeroPad2d(1)(pc.ones(1, 1, 3, 3)).shape
    (1, 1, 5, 5)
    """

    axes = 2


class ZeroPad3d(Padding):
    """Put zeros around x, volumes (N, C, D, H, W) or (C, D, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ZeroPad3d(1)(pc.ones(1, 1, 3, 3, 3)).shape
    (1, 1, 5, 5, 5)
    """

    axes = 3


class ReflectionPad1d(Padding):
    """Put the mirrored elements around x, (N, C, L) or (C, L): see F.pad.

    >>> import pellucid as pc
    >>> ReflectionPad1d(1)(pc.tensor([[1.0, 2.0, 3.0]]))
    tensor([[2., 1., 2., 3., 2.]])
    """

    axes = 1
    mode = "reflect"


class ReflectionPad2d(Padding):
    """Put the mirrored elements around x, images (N, C, H, W) or (C, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ReflectionPad2d(1)(pc.ones(1, 1, 3, 3)).shape
    (1, 1, 5, 5)
    """

    axes = 2
    mode = "reflect"


class ReflectionPad3d(Padding):
    """Put the mirrored elements around x, volumes (N, C, D, H, W) or (C, D, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ReflectionPad3d(1)(pc.ones(1, 1, 3, 3, 3)).shape
    (1, 1, 5, 5, 5)
    """

    axes = 3
    mode = "reflect"


class ReplicationPad1d(Padding):
    """Put the outermost elements around x, (N, C, L) or (C, L): see F.pad.

    >>> import pellucid as pc
    >>> ReplicationPad1d(1)(pc.tensor([[1.0, 2.0, 3.0]]))
    tensor([[1., 1., 2., 3., 3.]])
    """

    axes = 1
    mode = "replicate"


class ReplicationPad2d(Padding):
    """Put the outermost elements around x, images (N, C, H, W) or (C, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ReplicationPad2d(1)(pc.ones(1, 1, 3, 3)).shape
    (1, 1, 5, 5)
    """

    axes = 2
    mode = "replicate"


class ReplicationPad3d(Padding):
    """Put the outermost elements around x, volumes (N, C, D, H, W) or (C, D, H, W): see F.pad.

    >>> import pellucid as pc
    >>> ReplicationPad3d(1)(pc.ones(1, 1, 3, 3, 3)).shape
    (1, 1, 5, 5, 5)
    """

    axes = 3
    mode = "replicate"


class CircularPad1d(Padding):
    """Put the elements of the other end around x, (N, C, L) or (C, L): see F.pad.

    >>> import pellucid as pc
    >>> CircularPad1d(1)(pc.tensor([[1.0, 2.0, 3.0]]))
    tensor([[3., 1., 2., 3., 1.]])
    """

    axes = 1
    mode = "circular"


class CircularPad2d(Padding):
    """Put the elements of the other end around x, images (N, C, H, W) or (C, H, W): see F.pad.

    >>> import pellucid as pc
    >>> CircularPad2d(1)(pc.ones(1, 1, 3, 3)).shape
    (1, 1, 5, 5)
    """

    axes = 2
    mode = "circular"


class CircularPad3d(Padding):
    """Put the elements of the other end around x, volumes (N, C, D, H, W) or (C, D, H, W): see F.pad.

    >>> import pellucid as pc
    >>> CircularPad3d(1)(pc.ones(1, 1, 3, 3, 3)).shape
    (1, 1, 5, 5, 5)
    """

    axes = 3
    mode = "circular"
