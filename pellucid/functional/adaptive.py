"""Adaptive pooling: the number of results is given, and windows are made that fit. One result: global pooling."""

import functools
import math

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.functional.pad import pad
from pellucid.functional.pooling import positions
from pellucid.functional.windows import require_floats, require_samples
from pellucid.ops import MaxPool, MaxPoolPick, SumPool
from pellucid.tensors.promote import constant, only_numbers


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
    if results == (1,) * rank:
        return input.mean(tuple(range(-rank, 0)), keepdim=True)
    kernel, table, places, counts = uneven(tuple(input.shape[-rank:]), results, input.dtype)
    if table is not None and only_numbers(input):
        y = joined(input.array, results, places, np.add)
        return constant(np.divide(y, counts, y))
    if table is not None:
        input = taken(pad(input.flatten(-rank), (0, 1)), table, kernel, results)  # the zero behind the end
    total = SumPool(kernel, kernel, ((0, 0),) * rank)(input)
    return total / (counts if table is None else constant(counts))


def adaptive_max(who, input, rank, output_size, return_indices):
    results = wanted(who, input, rank, output_size)
    kernel, table, places, _ = uneven(tuple(input.shape[-rank:]), results, None)
    if table is not None and not return_indices and only_numbers(input):
        return constant(joined(input.array, results, places, np.maximum))
    at = positions(input, rank) if return_indices else None
    if table is not None:
        input = taken(input.flatten(-rank), table, kernel, results)
        at = None if at is None else taken(at.flatten(-rank), table, kernel, results)
    settings = (kernel, kernel, ((0, 0),) * rank, (1,) * rank)
    y = MaxPool(*settings)(input)
    return y if at is None else (y, MaxPoolPick(*settings)(input.detach(), at))


def wanted(who, input, rank, output_size):
    """How many results there are along each axis."""
    require_samples(who, input, rank)
    if type(output_size) is int and output_size >= 1:
        return (output_size,) * rank
    several = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * rank
    if len(several) != rank or any(m is not None and (not isinstance(m, int) or m < 1) for m in several):
        raise ArgumentError(
            f"{who}: output_size is a whole number of at least 1, or {rank} of them, or None to keep an axis; "
            f"{output_size!r} came."
        )
    return tuple([n if m is None else m for n, m in zip(input.shape[-rank:], several, strict=True)])


@functools.lru_cache(maxsize=100)
def uneven(size, results, dtype):
    """Windows of uneven lengths, laid side by side and made as long as the longest.

    Gives that length along each axis; a table of the positions to take, counted in row-major order (None if the windows
    lie side by side already); the same for `joined`; and how many places each window has, as numbers of `dtype`. What a
    shorter one lacks is, for sums, what stands behind all elements; and for maxima, which have no `dtype`, its last
    element again, which changes none.
    """
    kernel, places, inside, counts = [], [], [], []
    for n, m in zip(size, results, strict=True):
        i = np.arange(m)
        start, end = i * n // m, -((i + 1) * n // -m)
        longest = int((end - start).max())
        place = start[:, None] + np.arange(longest)
        kernel.append(longest)
        counts.append(end - start)
        inside.append((place < end[:, None]).reshape(-1).astype(int))  # np.ix_ takes booleans for something else
        places.append(np.minimum(place, end[:, None] - 1).reshape(-1))
    kernel = tuple(kernel)
    if tuple([k * m for k, m in zip(kernel, results, strict=True)]) == size:
        return kernel, None, None, math.prod(kernel)
    table = np.ravel_multi_index(np.ix_(*places), size)
    if dtype is not None:
        table = np.where(math.prod(np.ix_(*inside)), table, math.prod(size))
    by_place = kernel, places_first(table, kernel, results)
    return kernel, table.reshape(-1), by_place, math.prod(np.ix_(*counts)).astype(dtype)


def places_first(table, kernel, results):
    """The axes (results, places of a window, results, places, ...) with all places in front of all results, flat."""
    pairs = table.reshape([n for pair in zip(results, kernel, strict=True) for n in pair])
    return pairs.transpose(*range(1, pairs.ndim, 2), *range(0, pairs.ndim, 2)).reshape(-1)


def taken(flat, table, kernel, results):
    """The elements of the table, in a row for each axis of the windows."""
    rows = [k * m for k, m in zip(kernel, results, strict=True)]
    return flat.index_select(-1, constant(table)).reshape(*flat.shape[:-1], *rows)


def joined(x, results, places, join):
    """Sums or maxima of uneven windows, in NumPy at once: added up in the order in which SumPool does it.

    The planes stand last meanwhile, so that what is added lies side by side.
    """
    kernel, table = places
    front, end = x.shape[: -len(kernel)], math.prod(x.shape[-len(kernel) :])
    planes = math.prod(front)
    rows = np.zeros((end + 1, planes), x.dtype)  # with the zero behind the end
    rows[:end] = x.reshape(planes, end).T
    y = rows.take(table, 0)
    for count in kernel:
        y = functools.reduce(join, y.reshape(count, y.size // count))
    return y.reshape(math.prod(results), planes).T.reshape(*front, *results)
