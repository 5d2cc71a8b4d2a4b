"""Adaptive pooling: the number of results is given, and windows are made that fit. One result: global pooling."""

import math

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.functional.pad import pad
from pellucid.functional.pooling import positions
from pellucid.functional.windows import require_floats, require_samples
from pellucid.ops import MaxPool, MaxPoolPick, SumPool
from pellucid.tensors import tensor


def adaptive_avg_pool1d(input, output_size):
    """The means of `output_size` windows along the last axis: (N, C, L) -> (N, C, output_size).

    See adaptive_avg_pool2d.

    >>> import pellucid as pc
    >>> adaptive_avg_pool1d(pc.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
    tensor([[2., 4.]])
    """
    return adaptive_avg("adaptive_avg_pool1d", input, 1, output_size)


def adaptive_avg_pool2d(input, output_size):
    """The means of as many windows as are asked for: (N, C, H, W) -> (N, C, *output_size).

    Window i of m, along an axis of length n, goes from floor(i n / m) up to ceil((i + 1) n / m), without that: windows
    overlap by an element where n is no multiple of m. `output_size` is a number for both axes or one for each; None
    keeps an axis as it is. 1 is global average pooling: the mean of each channel, whatever the size of the images.

    Shapes: floats (N, C, H, W) or (C, H, W). ShapeError for others; ArgumentError for an output_size below 1.

    Source: Lin, Chen and Yan, "Network in network" (2013), for global average pooling.

    >>> import pellucid as pc
    >>> adaptive_avg_pool2d(pc.arange(12.0).reshape(1, 3, 4), 1)
    tensor([[[5.5]]])
    """
    return adaptive_avg("adaptive_avg_pool2d", input, 2, output_size)


def adaptive_avg_pool3d(input, output_size):
    """The means of as many windows as are asked for, for volumes (N, C, D, H, W). See adaptive_avg_pool2d.

    >>> import pellucid as pc
    >>> adaptive_avg_pool3d(pc.arange(8.0).reshape(1, 2, 2, 2), (1, 1, 2))
    tensor([[[[3., 4.]]]])
    """
    return adaptive_avg("adaptive_avg_pool3d", input, 3, output_size)


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest numbers of `output_size` windows along the last axis: (N, C, L) -> (N, C, output_size).

    See adaptive_max_pool2d.

    >>> import pellucid as pc
    >>> adaptive_max_pool1d(pc.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
    tensor([[3., 5.]])
    """
    return adaptive_max("adaptive_max_pool1d", input, 1, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The largest numbers of as many windows as are asked for: (N, C, H, W) -> (N, C, *output_size).

    The windows are those of adaptive_avg_pool2d, the indices those of max_pool2d.

    Shapes: (N, C, H, W) or (C, H, W). ShapeError for others; ArgumentError for an output_size below 1.

    >>> import pellucid as pc
    >>> adaptive_max_pool2d(pc.arange(12.0).reshape(1, 3, 4), (1, 2))
    tensor([[[ 9., 11.]]])
    """
    return adaptive_max("adaptive_max_pool2d", input, 2, output_size, return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """The largest numbers of as many windows as are asked for, for volumes. See adaptive_max_pool2d.

    >>> import pellucid as pc
    >>> adaptive_max_pool3d(pc.arange(8.0).reshape(1, 2, 2, 2), (1, 1, 2))
    tensor([[[[6., 7.]]]])
    """
    return adaptive_max("adaptive_max_pool3d", input, 3, output_size, return_indices)


def adaptive_avg(who, input, rank, output_size):
    results = wanted(who, input, rank, output_size)
    require_floats(who, input)
    if all(m == 1 for m in results):
        return input.mean(tuple(range(-rank, 0)), keepdim=True)
    counts = []
    for axis, m in enumerate(results, -rank):
        start, end = bounds(input.shape[axis], m)
        counts.append(end - start)
        input = side_by_side(input, axis, start, end, zeros=True)
    total = SumPool(*windows_of(input, results))(input)
    return total / tensor(math.prod(np.ix_(*counts)).astype(input.dtype))


def adaptive_max(who, input, rank, output_size, return_indices):
    results = wanted(who, input, rank, output_size)
    places = positions(input, rank) if return_indices else None
    for axis, m in enumerate(results, -rank):
        start, end = bounds(input.shape[axis], m)
        input = side_by_side(input, axis, start, end)
        places = None if places is None else side_by_side(places, axis, start, end)
    settings = (*windows_of(input, results), (1,) * rank)
    y = MaxPool(*settings)(input)
    return y if places is None else (y, MaxPoolPick(*settings)(input.detach(), places))


def wanted(who, input, rank, output_size):
    """How many results there are along each axis."""
    require_samples(who, input, rank)
    several = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * rank
    if len(several) != rank or any(m is not None and (not isinstance(m, int) or m < 1) for m in several):
        raise ArgumentError(
            f"{who}: output_size is a whole number of at least 1, or {rank} of them, or None to keep an axis; "
            f"{output_size!r} came."
        )
    return tuple([n if m is None else m for n, m in zip(input.shape[-rank:], several, strict=True)])


def bounds(n, m):
    """Where m windows along an axis of length n begin and end."""
    i = np.arange(m)
    return i * n // m, -((i + 1) * n // -m)


def side_by_side(x, axis, start, end, zeros=False):
    """The windows along an axis one after the other, each as long as the longest.

    What is missing of a shorter one is its last element again, which changes no maximum; or `zeros`, for sums.
    """
    longest = int((end - start).max())
    if (start[1:] == end[:-1]).all() and (end - start == longest).all():
        return x  # they lie so already
    place = start[:, None] + np.arange(longest)
    if zeros:
        n = x.shape[axis]
        x = pad(x, (*[0, 0] * (-axis - 1), 0, 1))  # the zero behind the end
        place = np.where(place < end[:, None], place, n)
    else:
        place = np.minimum(place, end[:, None] - 1)
    return x.index_select(axis, tensor(place.reshape(-1)))


def windows_of(x, results):
    """kernel_size, stride and padding of the windows that lie side by side."""
    kernel = tuple([n // m for n, m in zip(x.shape[-len(results) :], results, strict=True)])
    return kernel, kernel, ((0, 0),) * len(kernel)
