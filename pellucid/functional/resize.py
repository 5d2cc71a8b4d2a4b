"""Resizing: images, signals and volumes with more or fewer elements along their last axes.

Along each axis every new element is a weighted sum of a few old ones. So all that differs between the modes is a table
of positions and a table of weights, one row for each of those few (`taps`).
"""

import functools
import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.functional.adaptive import adaptive_avg
from pellucid.functional.windows import require_floats, require_samples, sizes
from pellucid.tensors.promote import constant, only_numbers

SMOOTH = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}  # modes that compute, and for how many axes
MODES = ("nearest", "nearest-exact", "area", *SMOOTH)
CUBIC = -0.75  # the slope of the cubic kernel at 1


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Other lengths of the last axes: `size`, or the old ones times `scale_factor`, rounded down.

    With n old elements and m new ones along an axis, new element i lies at

        s = (i + 1/2) n/m - 1/2            elements are little squares, and the ends of the outermost ones meet
        s = i (n - 1)/(m - 1)              align_corners: elements are points, and the outermost ones meet

    (n/m is 1/scale_factor where that was given; recompute_scale_factor takes n/m all the same), and is

        nearest        element floor(i n/m)
        nearest-exact  element floor((i + 1/2) n/m)
        linear, bilinear, trilinear    (1 - t) x[k] + t x[k + 1], k = floor(s), t = s - k, for 1, 2, 3 axes
        bicubic        a sum of four, with the weights of a cubic convolution whose slope at 1 is -3/4
        area           adaptive_avg_pool: the mean of the elements it covers

    Beyond the ends the outermost elements go on. An old element is owed, for each new one it is part of, that one's
    gradient times its weight. There is no smoothing before elements are left out (antialias=True is refused).

    Shapes: input (N, C, L), (N, C, H, W) or (N, C, D, H, W). ShapeError for others; ArgumentError for size and
    scale_factor both or neither, another mode, one that is not for these axes, or align_corners with "nearest".

    Source: Keys, "Cubic convolution interpolation for digital image processing" (1981), for bicubic.

    >>> import pellucid as pc
    >>> interpolate(pc.tensor([[[1.0, 3.0]]]), scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    >>> interpolate(pc.tensor([[[1.0, 3.0]]]), size=5, mode="linear", align_corners=True)
    tensor([[[1. , 1.5, 2. , 2.5, 3. ]]])
    """
    rank = len(input.shape) - 2
    if rank not in (1, 2, 3):
        raise ShapeError(f"interpolate needs (N, C, L), (N, C, H, W) or (N, C, D, H, W), not {input.shape}.")
    require_samples("interpolate", input, rank)
    check_mode(rank, mode, align_corners, antialias)
    results, scales = lengths(input, rank, size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return adaptive_avg("interpolate", input, rank, results)
    if mode in SMOOTH:
        require_floats(f'interpolate with mode="{mode}"', input)
    for axis, (m, scale) in enumerate(zip(results, scales, strict=True), -rank):
        n = input.shape[axis]
        if n == m and (scale in (None, 1) or align_corners):
            continue
        ratio = n / m if scale is None else 1.0 / scale
        input = resampled(input, axis, kept_taps(n, m, ratio, mode, bool(align_corners), input.dtype, -axis - 1))
    return input


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The older name of interpolate.

    >>> import pellucid as pc
    >>> upsample(pc.tensor([[[1.0, 3.0]]]), size=3)
    tensor([[[1., 1., 3.]]])
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """interpolate with mode="nearest".

    >>> import pellucid as pc
    >>> upsample_nearest(pc.tensor([[[1.0, 3.0]]]), scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    """
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input, size=None, scale_factor=None):
    """interpolate with mode="bilinear" and align_corners=True: (N, C, H, W).

    >>> import pellucid as pc
    >>> upsample_bilinear(pc.tensor([[[[1.0, 3.0]]]]), size=(1, 3))
    tensor([[[[1., 2., 3.]]]])
    """
    return interpolate(input, size, scale_factor, "bilinear", True)


def check_mode(rank, mode, align_corners, antialias):
    if mode not in MODES:
        raise ArgumentError(f"interpolate: mode is one of {', '.join(MODES)}, not {mode!r}.")
    if SMOOTH.get(mode, rank) != rank:
        fitting = [name for name, axes in SMOOTH.items() if axes == rank]
        raise ArgumentError(
            f'interpolate: mode="{mode}" is for {SMOOTH[mode]} axes behind samples and channels, but there are {rank}.',
            remedy=f"Here {' and '.join(fitting)} fit.",
        )
    if align_corners is not None and mode not in SMOOTH:
        raise ArgumentError(f'interpolate: align_corners goes with {", ".join(SMOOTH)}, not with mode="{mode}".')
    if antialias:
        raise UnsupportedError(
            "interpolate: antialias=True is not there.", remedy='mode="area" takes means when it makes images smaller.'
        )


def lengths(input, rank, size, scale_factor, recompute):
    """How many elements there will be along each axis; and the scale factors, as far as they count."""
    if (size is None) == (scale_factor is None):
        raise ArgumentError("interpolate needs size or scale_factor, one of them.")
    if scale_factor is None:
        if recompute:
            raise ArgumentError("interpolate: recompute_scale_factor goes with scale_factor, not with size.")
        return sizes("interpolate", "size", size, rank), (None,) * rank
    scales = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * rank
    if len(scales) != rank or any(not scale > 0 for scale in scales):
        raise ArgumentError(f"interpolate: scale_factor is a positive number or {rank} of them, not {scale_factor!r}.")
    results = tuple([math.floor(n * scale) for n, scale in zip(input.shape[-rank:], scales, strict=True)])
    if min(results) < 1:
        raise ArgumentError(f"interpolate: scale_factor={scale_factor} leaves nothing of shape {tuple(input.shape)}.")
    return results, (None,) * rank if recompute else scales


def taps(n, m, ratio, mode, align_corners):
    """Tables of (taps, m) positions and weights: of which old elements each of the m new ones is made."""
    i = np.arange(m)
    if mode not in SMOOTH:
        half = 0.5 if mode == "nearest-exact" else 0.0
        exact = (i + np.float32(half)).astype(np.float32) * np.float32(ratio)  # PyTorch's precision, for its roundings
        return np.minimum(exact.astype(np.int64), n - 1)[None], None
    place = i * ((n - 1) / max(m - 1, 1)) if align_corners else (i + 0.5) * ratio - 0.5
    if mode != "bicubic":
        place = np.clip(place, 0.0, n - 1)
        left = np.floor(place).astype(np.int64)
        t = place - left
        return np.minimum(np.stack([left, left + 1]), n - 1), np.stack([1.0 - t, t])
    left = np.floor(place).astype(np.int64)
    t = place - left
    weights = np.stack([outer_cubic(1.0 + t), inner_cubic(t), inner_cubic(1.0 - t), outer_cubic(2.0 - t)])
    return np.clip(left + np.arange(-1, 3)[:, None], 0, n - 1), weights


def inner_cubic(t):
    """Keys' kernel for distances up to 1."""
    return ((CUBIC + 2.0) * t - (CUBIC + 3.0)) * t * t + 1.0


def outer_cubic(t):
    """Keys' kernel for distances from 1 to 2."""
    return CUBIC * (((t - 5.0) * t + 8.0) * t - 4.0)


@functools.lru_cache(maxsize=1000)  # the images of one program are mostly of one size
def kept_taps(n, m, ratio, mode, align_corners, dtype, behind):
    """Pairs of positions and weights, which stand beside a tensor of `dtype` with so many axes behind."""
    positions, weights = taps(n, m, ratio, mode, align_corners)
    if weights is None:
        return [(positions[0], None)]
    columns = weights.astype(dtype).reshape(len(weights), m, *[1] * behind)
    return list(zip(positions, columns, strict=True))


def resampled(x, axis, taps):
    """Sum over the taps of weights times x at positions, along an axis (counted from the end)."""
    total = None
    if only_numbers(x):
        for position, column in taps:
            part = x.array.take(position, axis)
            part = part if column is None else np.multiply(part, column, part)
            total = part if total is None else np.add(total, part, total)
        return constant(total)
    rows = x.transpose(0, axis)  # index_select would do it for each tap, and back
    for position, column in taps:
        part = rows.index_select(0, constant(position))
        part = part if column is None else part * constant(column.reshape(-1, *[1] * (x.ndim - 1)))
        total = part if total is None else total + part
    return total.transpose(0, axis)
