"""Convolution and transposed convolution over 1, 2 or 3 spatial axes."""

import numpy as np

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.functional.pad import pad
from pellucid.functional.windows import kept
from pellucid.ops import Convolve, ConvolveInput
from pellucid.tensors import as_tensor

INPUTS = {1: ("(N, C, L)", "(C, L)"), 2: ("(N, C, H, W)", "(C, H, W)"), 3: ("(N, C, D, H, W)", "(C, D, H, W)")}


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution over one axis, as over time: see conv2d.

    Shapes: input (N, C, L) or (C, L), weight (O, C / groups, K), bias (O,).

    >>> import pellucid as pc
    >>> conv1d(pc.tensor([[1.0, 4.0, 9.0, 16.0]]), pc.tensor([[[-1.0, 1.0]]]))
    tensor([[3., 5., 7.]])
    """
    return convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Each kernel slides over the images; at each place it gives the sum of the products with what lies under it.

        y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l] input[n, c, s i + d k - p, s j + d l - p]

    where s is the stride, from place to place; d the dilation, from element to element of the kernel; p the padding,
    how many zeros are put around. Each is a number, or one for each axis. padding="same" puts as many zeros as keep the
    size (with stride 1 only), "valid" none. With groups, the channels of input and result are cut into that many
    groups, and each group of results sees its group of the input only; with groups = C each channel is alone
    ("depthwise").

    Shapes: input (N, C, H, W) or (C, H, W), weight (O, C / groups, K, L), bias (O,); the result (N, O, H', W') or
    (O, H', W'), where H' = (H + 2 p - d (K - 1) - 1) // s + 1.

    ShapeError for shapes that do not fit, DtypeError for other dtypes than one of floats, ArgumentError for a stride,
    dilation or groups below 1 or a negative padding. docs/convolution.md explains it with numbers worked by hand.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989).

    >>> import pellucid as pc
    >>> conv2d(pc.arange(9.0).reshape(1, 3, 3), pc.tensor([[[[1.0, 0.0], [0.0, -1.0]]]]))
    tensor([[[-4., -4.],
             [-4., -4.]]])
    """
    return convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution over three axes, as over the frames of a video, heights and widths: see conv2d.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), weight (O, C / groups, K, L, M), bias (O,).

    >>> import pellucid as pc
    >>> conv3d(pc.ones(1, 3, 4, 4, 4), pc.ones(2, 3, 2, 2, 2)).shape
    (1, 2, 3, 3, 3)
    """
    return convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Transposed convolution over one axis: see conv_transpose2d. Shapes: input (N, C, L) or (C, L).

    >>> import pellucid as pc
    >>> conv_transpose1d(pc.tensor([[1.0, 10.0]]), pc.tensor([[[1.0, 2.0, 3.0]]]), stride=2)
    tensor([[ 1.,  2., 13., 20., 30.]])
    """
    return transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Each element of the input puts the kernel, times itself, into the result, `stride` apart; what meets is added up.

    As a matrix it is the transpose of conv2d with the same arguments, whose gradient to its input it computes; so it
    makes images larger where conv2d makes them smaller. `padding` cuts so much off each side, and `output_padding` adds
    so much at the end of each axis: with a stride, conv2d gives the same size for several sizes of its input, and this
    says which of them is meant.

    Shapes: input (N, C, H, W) or (C, H, W), weight (C, O / groups, K, L), bias (O,); the result (N, O, H', W') or
    (O, H', W'), where H' = (H - 1) s - 2 p + d (K - 1) + output_padding + 1, with stride s, padding p and dilation d.

    Errors as conv2d; ArgumentError too for an output_padding that is neither less than stride nor than dilation.

    Source: Zeiler et al., "Deconvolutional networks" (2010); Dumoulin and Visin (2016).

    >>> import pellucid as pc
    >>> conv_transpose2d(pc.tensor([[[1.0, 2.0]]]), pc.ones(1, 1, 2, 2), stride=2)
    tensor([[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]])
    """
    return transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Transposed convolution over three axes: see conv_transpose2d. Shapes: input (N, C, D, H, W) or (C, D, H, W).

    >>> import pellucid as pc
    >>> conv_transpose3d(pc.ones(1, 3, 2, 2, 2), pc.ones(3, 4, 2, 2, 2), stride=2).shape
    (1, 4, 4, 4, 4)
    """
    return transposed("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def convolution(who, axes, input, weight, bias, stride, padding, dilation, groups):
    """conv1d, conv2d and conv3d."""
    input, weight = as_tensor(input), as_tensor(weight)
    op = checked(who, axes, spec_of(input), spec_of(weight), stride, padding, dilation, groups)
    require_bias(who, bias, weight.shape[0], weight.dtype)
    return applied(op, axes, input, weight, bias)


@kept
def checked(who, axes, input, weight, stride, padding, dilation, groups):
    """The op for an input and a weight of which these are the Specs."""
    stride, dilation = numbers(who, "stride", stride, axes), numbers(who, "dilation", dilation, axes)
    groups = numbers(who, "groups", groups, 1)[0]
    require_axes(who, axes, input, weight, "(O, C / groups, *K)")
    if weight.shape[0] % groups:
        raise ShapeError(
            f"{who}: {groups} groups do not divide the {weight.shape[0]} kernels of weight {weight.shape}."
        )
    require_channels(who, axes, input, weight, weight.shape[1] * groups, groups)
    sides = zeros_around(who, padding, axes, weight.shape[2:], stride, dilation)
    return Convolve(stride, sides, dilation, groups)


def transposed(who, axes, input, weight, bias, stride, padding, output_padding, groups, dilation):
    """conv_transpose1d, 2d and 3d: the gradient of a convolution to its input, of which `input` is the result."""
    input, weight = as_tensor(input), as_tensor(weight)
    asked = (stride, padding, output_padding, groups, dilation)
    op, behind = checked_transposed(who, axes, spec_of(input), spec_of(weight), *asked)
    require_bias(who, bias, weight.shape[1] * op.groups, weight.dtype)
    return applied(op, axes, input, weight, bias, behind)


@kept
def checked_transposed(who, axes, input, weight, stride, padding, output_padding, groups, dilation):
    """The op for an input and a weight of which these are the Specs, and how many zeros come after each axis."""
    stride, dilation = numbers(who, "stride", stride, axes), numbers(who, "dilation", dilation, axes)
    padding, more = numbers(who, "padding", padding, axes, 0), numbers(who, "output_padding", output_padding, axes, 0)
    groups = numbers(who, "groups", groups, 1)[0]
    require_axes(who, axes, input, weight, "(C, O / groups, *K)")
    if weight.shape[0] % groups:
        raise ShapeError(
            f"{who}: {groups} groups do not divide the {weight.shape[0]} channels of weight {weight.shape}."
        )
    require_channels(who, axes, input, weight, weight.shape[0], groups)
    if any(extra >= max(s, d) for extra, s, d in zip(more, stride, dilation, strict=True)):
        raise ArgumentError(f"{who}: output_padding {more} must be less than stride {stride} or dilation {dilation}.")
    per_axis = zip(input.shape[-axes:], stride, dilation, weight.shape[2:], strict=True)
    full = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in per_axis]
    size = tuple([n - 2 * p + extra for n, p, extra in zip(full, padding, more, strict=True)])
    if min(size) < 1:
        raise ShapeError(f"{who}: padding {padding} leaves nothing of the sizes {tuple(full)}: {size} would come out.")
    sides, behind = tuple([(p, p) for p in padding]), ()
    if any(extra >= s for extra, s in zip(more, stride, strict=True)):
        # No convolution leaves out so many elements at the end: less is cut off there, and beyond the last kernel
        # there are zeros.
        sides = tuple([(p, max(p - extra, 0)) for p, extra in zip(padding, more, strict=True)])
        behind = tuple([max(extra - p, 0) for p, extra in zip(padding, more, strict=True)])
        size = tuple([n - extra for n, extra in zip(size, behind, strict=True)])
    return ConvolveInput(stride, sides, dilation, groups, size), behind


def applied(op, axes, input, weight, bias, behind=()):
    """The result of the op, `behind` zeros after each axis, and the bias; one sample is a batch of one meanwhile."""
    alone = input.ndim == axes + 1
    y = op(input.unsqueeze(0) if alone else input, weight)
    if any(behind):
        y = pad(y, [n for extra in reversed(behind) for n in (0, extra)])
    if bias is not None:
        y = y + as_tensor(bias).reshape(y.shape[1], *(1,) * axes)
    return y.squeeze(0) if alone else y


# ---- arguments


def spec_of(x):
    return Spec(x.array.shape, x.array.dtype)


def numbers(who, name, value, count, least=1):
    """A whole number for each axis: one stands for all."""
    if type(value) is int and value >= least:
        return (value,) * count
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    values = values * count if len(values) == 1 else values
    if len(values) != count or any(isinstance(n, bool) or not isinstance(n, (int, np.integer)) for n in values):
        kind = "a whole number" if count == 1 else f"a whole number, or {count} of them"
        raise ArgumentError(f"{who}: {name} is {kind}, not {value!r}.")
    if min(values) < least:
        raise ArgumentError(f"{who}: {name} is at least {least}, not {value!r}.")
    return tuple(map(int, values))


def zeros_around(who, padding, axes, kernel_size, stride, dilation):
    """How many zeros stand before and after each axis."""
    if padding == "same":
        if max(stride) > 1:
            raise ArgumentError(
                f'{who}: padding="same" needs a stride of 1, not {stride}.',
                remedy="For half the size, with an odd kernel: padding=dilation * (kernel_size - 1) // 2",
            )
        wide = [d * (k - 1) for d, k in zip(dilation, kernel_size, strict=True)]
        return tuple([(n // 2, n - n // 2) for n in wide])
    if isinstance(padding, str) and padding != "valid":
        raise ArgumentError(f'{who}: padding is "same", "valid", or numbers, not {padding!r}.')
    padding = (0,) * axes if padding == "valid" else numbers(who, "padding", padding, axes, 0)
    return tuple([(n, n) for n in padding])


def require_axes(who, axes, input, weight, form):
    batched, alone = INPUTS[axes]
    if weight.ndim != axes + 2:
        raise ShapeError(f"{who} needs a weight {form} with {axes + 2} axes, not {weight.shape}.")
    if input.ndim not in (axes + 1, axes + 2):
        remedy = None
        if input.ndim == axes:
            remedy = "If it is one sample with one channel: x.unsqueeze(0)"
        raise ShapeError(f"{who} needs an input {batched} or {alone}, not {input.shape}.", remedy)
    if input.dtype.kind != "f" or input.dtype != weight.dtype:
        other = "weight.to(x.dtype)" if weight.dtype.kind == "f" and input.dtype.kind == "f" else "x.to(weight.dtype)"
        raise DtypeError(
            f"{who} needs input and weight of one floating-point dtype, not {input.dtype} and {weight.dtype}.",
            remedy=f"Convert it: {other}",
        )


def require_channels(who, axes, input, weight, channels, groups):
    """ShapeError, with a likely reason, if the input has another number of channels."""
    batched = input.ndim == axes + 2
    came = input.shape[1 if batched else 0]
    if came == channels:
        return
    remedy = f"The layer before must put out {channels} channels, or this one take {came}."
    if input.shape[-1] == channels:
        order = (0, axes + 1, *range(1, axes + 1)) if batched else (axes, *range(axes))
        remedy = f"Channels come {'second' if batched else 'first'}: x.permute{order}"
    elif channels == 1 and not batched:
        remedy = "A batch of samples with one channel has an axis for it: x.unsqueeze(1)"
    in_groups = f" in {groups} groups" if groups > 1 else ""
    raise ShapeError(
        f"{who} needs an input of {channels} channels, as its weight {weight.shape} takes{in_groups}, "
        f"but {input.shape} has {came}.",
        remedy,
    )


def require_bias(who, bias, channels, dtype):
    if bias is None:
        return
    shape, came = as_tensor(bias).shape, as_tensor(bias).dtype
    if shape != (channels,):
        raise ShapeError(f"{who} needs a bias of shape ({channels},), one for each output channel, not {shape}.")
    if came != dtype:
        raise DtypeError(
            f"{who} needs a bias of its input's {dtype}, not {came}.", remedy="Convert it: bias.to(x.dtype)"
        )
