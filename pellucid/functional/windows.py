"""The arguments of what slides windows: one number for all axes, or one for each; and where the last window begins."""

import functools
import operator

from pellucid.engine import Value
from pellucid.errors import ArgumentError, DtypeError, ShapeError

LAYOUTS = {1: "(N, C, L) or (C, L)", 2: "(N, C, H, W) or (C, H, W)", 3: "(N, C, D, H, W) or (C, D, H, W)"}


def kept(function):
    """The function, which remembers its answers: it is asked the same thing at every step. Lists it answers anew."""
    remembering = functools.lru_cache(maxsize=1000, typed=True)(function)

    def answer(*arguments):
        try:
            return remembering(*arguments)
        except TypeError:  # a list is no key
            return function(*arguments)

    return answer


def require_samples(who, input, rank):
    """The input is a tensor with `rank` axes for the windows, behind channels and perhaps samples."""
    if not isinstance(input, Value):
        raise DtypeError(f"{who} takes a tensor, not {type(input).__name__}.", remedy="pc.tensor(x) makes one of it.")
    shape = input.shape
    if len(shape) not in (rank + 1, rank + 2):
        raise ShapeError(
            f"{who} needs {LAYOUTS[rank]}, but the input has shape {input.shape}.",
            remedy="x.unsqueeze(0) puts an axis in front: for the channels, or for the samples.",
        )
    if 0 in shape[-rank:]:
        raise ShapeError(f"{who} needs an element along each axis of its windows, but the input has {input.shape}.")


def require_floats(who, input):
    if input.dtype.kind != "f":
        raise DtypeError(
            f"{who} computes averages, which need floats, but {input.dtype} came.", remedy="Use x.float()."
        )


def sizes(who, name, value, rank, least=1):
    """A whole number for each of `rank` axes, of one number or of as many."""
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(several) == 1:
        several *= rank
    try:
        several = tuple([operator.index(n) for n in several])
    except TypeError:
        raise ArgumentError(f"{who}: {name} is a whole number, or {rank} of them, not {value!r}.") from None
    if len(several) != rank:
        raise ArgumentError(f"{who}: {name} is one number or {rank}, one for each axis, not {value}.")
    if min(several) < least:
        raise ArgumentError(f"{who}: {name} is at least {least}, but {value} came.")
    return several


def settings(who, input, rank, kernel_size, stride, padding, dilation, ceil_mode):
    """kernel_size, stride, pairs of padding and dilation as the ops want them. The windows are known to fit.

    With ceil_mode the last step may go beyond the end, if its window still begins inside of the input or in the padding
    in front of it: the padding behind is made as long as that needs.
    """
    require_samples(who, input, rank)
    return fitted(who, input.shape, rank, kernel_size, stride, padding, dilation, bool(ceil_mode))


@kept
def fitted(who, shape, rank, kernel_size, stride, padding, dilation, ceil_mode):
    """The same for an input of this shape."""
    kernel_size = sizes(who, "kernel_size", kernel_size, rank)
    stride = kernel_size if stride is None or stride in ((), []) else sizes(who, "stride", stride, rank)
    padding = sizes(who, "padding", padding, rank, least=0)
    dilation = sizes(who, "dilation", dilation, rank)
    pairs = []
    for length, kernel, step, pad, apart in zip(shape[-rank:], kernel_size, stride, padding, dilation, strict=True):
        extent = apart * (kernel - 1) + 1
        if 2 * pad > extent:
            raise ArgumentError(
                f"{who}: padding is at most half of the window's extent, {extent}, but {pad} came: "
                "some windows would see nothing else."
            )
        room = length + 2 * pad - extent
        if room < 0 and not (ceil_mode and room > -step):
            raise ShapeError(
                f"{who} cannot slide windows of {kernel_size} over {shape} with padding {padding}: "
                f"an axis of {length} is too short.",
                remedy=remedy(shape, rank),
            )
        results = room // step + 1
        if ceil_mode and room % step and results * step < length + pad:
            results += 1
        if results < 1:
            raise ShapeError(f"{who}: no window of {kernel_size} begins inside of an input of shape {shape}.")
        pairs.append((pad, max(pad, (results - 1) * step + extent - length - pad)))
    return kernel_size, stride, tuple(pairs), dilation


def remedy(shape, rank):
    """A channel axis that is last is short."""
    if len(shape) == rank + 2 and shape[-1] <= 4 < shape[1]:
        order = (0, rank + 1, *range(1, rank + 1))
        return f"Channels come before the axes of the windows here: x.permute{order} takes them there from the end."
    return "Take a smaller kernel_size, more padding, or pool fewer times."
