"""What the layers of images share: channels come last at this face, and first inside."""

import pellucid.functional as F
from pellucid.errors import ArgumentError, ShapeError, UnsupportedError


def channels_first(x, who):
    """(batch, height, width, channels) as (batch, channels, height, width).

    If x is what another layer has just turned round, it is what that layer had, and nothing is turned twice.
    """
    before, versions = getattr(x, "turned", (None, None))
    if before is not None and versions == (before.changed, x.changed):
        return before
    if x.ndim != 4:
        raise ShapeError(
            f"{who} needs images (batch, height, width, channels), but {x.shape} came.",
            remedy="Grey images get an axis of one channel: x.reshape(-1, 28, 28, 1)",
        )
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    """And back. The result remembers x for the next layer, as long as neither is changed in place."""
    y = x.permute(0, 2, 3, 1)
    y.turned = (x, (x.changed, y.changed))
    return y


def two(who, name, value):
    """A number for both axes, or one for each."""
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or not all(isinstance(number, int) and number > 0 for number in pair):
        raise ArgumentError(f"{who}: {name} is a whole number of at least 1, or two of them, not {value!r}.")
    return pair


def check_format(who, padding, data_format):
    """padding is "valid" or "same", and channels come last."""
    if padding not in ("valid", "same"):
        raise ArgumentError(f'{who}: padding is "valid" or "same", not {padding!r}.')
    if data_format not in (None, "channels_last"):
        raise UnsupportedError(
            f"{who} takes images with channels last here, not {data_format}.",
            remedy="pellucid.nn takes them with channels first.",
        )


def padded(x, lengths, strides, padding, value=0.0, dilation=(1, 1)):
    """x (batch, channels, height, width) with what padding="same" puts around: ceil(n / stride) windows fit then.

    If the number of rows to add is odd, the larger half goes below, and so to the right.
    """
    if padding == "valid":
        return x
    sides = []
    for n, length, stride, step in zip(x.shape[2:], lengths, strides, dilation, strict=True):
        reach = (length - 1) * step + 1
        total = max((-(-n // stride) - 1) * stride + reach - n, 0)
        sides.append((total // 2, total - total // 2))
    (top, bottom), (left, right) = sides
    return F.pad(x, (left, right, top, bottom), value=value) if any(map(any, sides)) else x
