"""Pooling: one number for all that a window sees; and the way back from largest numbers to their places."""

import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional.windows import fitted, kept, require_floats, require_samples, settings, sizes
from pellucid.ops import MaxPool, MaxPoolPick, SumPool
from pellucid.ops.pool import pooled
from pellucid.tensors import arange, rand, zeros
from pellucid.tensors.promote import constant, only_numbers


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest number of each window along the last axis: (N, C, L) -> (N, C, results). See max_pool2d.

    >>> import pellucid as pc
    >>> max_pool1d(pc.tensor([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2)
    tensor([[3., 2.]])
    """
    return max_pool("max_pool1d", input, 1, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest number of each window: y[i, j] = max of x[i s + k d - p, j s + l d - p] over k, l = 0 ... K - 1.

    K is kernel_size, s stride (K if none is given), p padding, d dilation: a number, or one for each axis. The padding
    counts as -inf; NaN wins. Along an axis of length n there are

        results = floor((n + 2 p - d (K - 1) - 1) / s) + 1

    and with ceil_mode one more if something is left over, if that window begins inside of the input or in the padding
    in front. With return_indices also where each was found (int64): h W + w, in x as it came without padding; of equal
    ones the first. The gradient goes to the places that were found, all others get 0.

    Shapes: input (N, C, H, W) or (C, H, W), the result the same with the results in place of H and W; also whole
    numbers. ShapeError for others, or if a window does not fit; ArgumentError for a padding of more than half a window.

    Source: Weng, Ahuja and Huang, "Cresceptron: a self-organizing neural network which grows adaptively" (1992).

    >>> import pellucid as pc
    >>> x = pc.tensor([[[1.0, 5.0, 2.0, 1.0], [3.0, 2.0, 4.0, 0.0]]])
    >>> max_pool2d(x, 2)
    tensor([[[5., 4.]]])
    >>> max_pool2d(x, 2, return_indices=True)[1]
    tensor([[[1, 6]]])
    """
    return max_pool("max_pool2d", input, 2, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest number of each window of volumes: (N, C, D, H, W) -> the same with results. See max_pool2d.

    >>> import pellucid as pc
    >>> max_pool3d(pc.arange(8.0).reshape(1, 2, 2, 2), 2)
    tensor([[[[7.]]]])
    """
    return max_pool("max_pool3d", input, 3, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool(who, input, rank, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    windows = settings(who, input, rank, kernel_size, stride, padding, dilation, ceil_mode)
    op = MaxPool(*windows)
    y = op(input)
    if not return_indices:
        return y
    plain = input.detach()
    if only_numbers(plain):
        return y, constant(op.found(plain.array, in_plane=True))
    return y, MaxPoolPick(*windows)(plain, positions(input, rank))


def positions(input, rank):
    """Each element's place among the last axes, in row-major order."""
    size = tuple(input.shape[-rank:])
    return arange(math.prod(size)).reshape(*size).expand(input.shape)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window along the last axis: (N, C, L) -> (N, C, results). See avg_pool2d.

    >>> import pellucid as pc
    >>> avg_pool1d(pc.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
    tensor([[2., 1.]])
    """
    return avg_pool("avg_pool1d", input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window: y[i, j] = (sum of x[i s + k - p, j s + l - p] over k, l = 0 ... K - 1) / count.

    K, s, p and the number of results are max_pool2d's. The padding counts as zeros. `count` is the number of places of
    the window, with the padding and without what ceil_mode adds behind; without count_include_pad only those inside of
    the input are counted; divisor_override takes its place. Of the gradient g of a window each of its places gets
    g / count.

    Shapes: floats (N, C, H, W) or (C, H, W), the result the same with the results in place of H and W. ShapeError for
    others, or if a window does not fit; ArgumentError for a padding of more than half a window.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989) and "Handwritten digit
    recognition with a back-propagation network" (1990), where such layers follow the convolutions.

    >>> import pellucid as pc
    >>> avg_pool2d(pc.tensor([[[1.0, 5.0, 2.0, 1.0], [3.0, 2.0, 4.0, 0.0]]]), 2)
    tensor([[[2.75, 1.75]]])
    """
    return avg_pool(
        "avg_pool2d", input, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window of volumes: (N, C, D, H, W) -> the same with results. See avg_pool2d.

    >>> import pellucid as pc
    >>> avg_pool3d(pc.arange(8.0).reshape(1, 2, 2, 2), 2)
    tensor([[[[3.5]]]])
    """
    return avg_pool(
        "avg_pool3d", input, 3, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool(who, input, rank, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor):
    require_samples(who, input, rank)
    asked = (kernel_size, stride, padding, bool(ceil_mode), bool(count_include_pad))
    op, axes, count = averages(who, input.shape, input.dtype, rank, *asked)
    require_floats(who, input)
    if divisor is not None:
        if divisor == 0:
            raise ArgumentError(f"{who}: divisor_override is not 0.")
        return op(input) / divisor
    if only_numbers(input):
        total = pooled(input.array, axes, np.add, 0)
        return constant(np.divide(total, count, total))
    return op(input) / (constant(count) if count.ndim else int(count))


@kept
def averages(who, shape, dtype, rank, kernel_size, stride, padding, ceil_mode, with_padding):
    """The op that gives the sums, how its windows lie, and how many places of each count."""
    kernel_size, stride, pairs, _ = fitted(who, shape, rank, kernel_size, stride, padding, 1, ceil_mode)
    op, lengths = SumPool(kernel_size, stride, pairs), shape[-rank:]
    axes = op.views(lengths)
    results = tuple([axis.count for axis in axes])
    count = places_counted(lengths, results, kernel_size, stride, pairs, with_padding)
    return op, axes, np.asarray(count, dtype)


def places_counted(lengths, results, kernel_size, stride, pairs, with_padding):
    """How many places of each window count: one number, if it is the same for all."""
    counts = []
    for length, many, kernel, step, (pad, _) in zip(lengths, results, kernel_size, stride, pairs, strict=True):
        counted = pad if with_padding else 0
        start = np.arange(many) * step - pad
        counts.append(np.minimum(start + kernel, length + counted) - np.maximum(start, -counted))
    if all((count == kernel).all() for count, kernel in zip(counts, kernel_size, strict=True)):
        return math.prod(kernel_size)
    return math.prod(np.ix_(*counts))


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """y = (sum of x^p over a window)^(1/p), p = norm_type, along the last axis. See lp_pool2d.

    >>> import pellucid as pc
    >>> lp_pool1d(pc.tensor([[3.0, 4.0, 6.0, 8.0]]), 2, 2)
    tensor([[ 5., 10.]])
    """
    return lp_pool("lp_pool1d", input, 1, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """y = (sum of x^p over a window)^(1/p), p = norm_type: between the sum (p = 1) and, for a large p, the largest.

    Where the sum is not positive, y is 0, and the gradient there is NaN, for it is infinitely steep (both as in
    PyTorch). A window that ceil_mode lets reach beyond the end counts as if it were full of the mean of what it sees.

    Shapes as for avg_pool2d. ArgumentError for a norm_type of 0.

    Source: Sermanet, Chintala and LeCun, "Convolutional neural networks applied to house numbers digit classification"
    (2012).

    >>> import pellucid as pc
    >>> lp_pool2d(pc.tensor([[[1.0, 1.0], [1.0, 1.0]]]), 2, 2)
    tensor([[[2.]]])
    """
    return lp_pool("lp_pool2d", input, 2, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """y = (sum of x^p over a window)^(1/p), p = norm_type, for volumes. See lp_pool2d.

    >>> import pellucid as pc
    >>> lp_pool3d(pc.ones(1, 2, 2, 2), 3, 2)
    tensor([[[[2.]]]])
    """
    return lp_pool("lp_pool3d", input, 3, norm_type, kernel_size, stride, ceil_mode)


def lp_pool(who, input, rank, norm_type, kernel_size, stride, ceil_mode):
    if norm_type == 0:
        raise ArgumentError(f"{who} takes the root of degree norm_type, which is not 0.")
    require_samples(who, input, rank)
    count = math.prod(sizes(who, "kernel_size", kernel_size, rank))
    mean = avg_pool(who, input**norm_type, rank, kernel_size, stride, 0, ceil_mode, True, None)
    return (mean.sign() * mean.abs().relu() * count) ** (1.0 / norm_type)


def stochastic_pool2d(input, kernel_size, stride=None, training=True):
    """While training, one number of each window by chance, each with probability x / (sum of the window).

    Without `training` the mean with these probabilities: sum of x^2 / sum of x. It is for numbers that are not
    negative, as relu gives them; negative ones have probability 0, and a window of zeros gives 0. The strongest is
    chosen most often, as in max pooling, and others have a chance, which keeps a large net from learning its images by
    heart. The gradient goes to the number that was chosen.

    Each number draws a waiting time E / x, E = -log(u), and the first one is chosen: exponential clocks ring first with
    probabilities in proportion to their rates. Windows that overlap look at the same clocks.

    Shapes as for avg_pool2d. Source: Zeiler and Fergus, "Stochastic pooling for regularization of deep convolutional
    neural networks" (2013).

    >>> import pellucid as pc
    >>> stochastic_pool2d(pc.tensor([[[0.0, 0.0], [0.0, 7.0]]]), 2)
    tensor([[[7.]]])
    >>> stochastic_pool2d(pc.tensor([[[0.0, 0.0], [1.0, 3.0]]]), 2, training=False)
    tensor([[[2.5]]])
    """
    windows = settings("stochastic_pool2d", input, 2, kernel_size, stride, 0, 1, False)
    require_floats("stochastic_pool2d", input)
    strength = input.relu()
    if training:
        waiting = -(1.0 - rand(input.shape, dtype=input.dtype)).log()  # u from above 0 to 1
        return MaxPoolPick(*windows)((strength / waiting).where(strength > 0.0, 0.0).detach(), strength)
    total = SumPool(*windows[:3])(strength)
    return SumPool(*windows[:3])(strength * strength) / total.where(total > 0.0, 1.0)


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The numbers of max_pool1d put back where they were found, zeros elsewhere. See max_unpool2d.

    >>> import pellucid as pc
    >>> y, at = max_pool1d(pc.tensor([[1.0, 3.0, 2.0, 0.0]]), 2, return_indices=True)
    >>> max_unpool1d(y, at, 2)
    tensor([[0., 3., 2., 0.]])
    """
    return max_unpool("max_unpool1d", input, indices, 1, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The numbers of max_pool2d put back where they were found, zeros elsewhere.

    Several lengths are pooled to the same one, so `output_size` (the last axes of what was pooled, or its whole shape)
    says which; without it, (n - 1) stride - 2 padding + kernel_size. Of two that were found at one place the last
    stays.

    Shapes: input and indices (N, C, H, W) or (C, H, W). ShapeError if they differ, ArgumentError for an output_size
    that pooling would not bring to them, LabelError for an index outside of it.

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2013).

    >>> import pellucid as pc
    >>> y, at = max_pool2d(pc.tensor([[[1.0, 5.0, 2.0, 1.0], [3.0, 2.0, 4.0, 0.0]]]), 2, return_indices=True)
    >>> max_unpool2d(y, at, 2)
    tensor([[[0., 5., 0., 0.],
             [0., 0., 4., 0.]]])
    """
    return max_unpool("max_unpool2d", input, indices, 2, kernel_size, stride, padding, output_size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The numbers of max_pool3d put back where they were found, zeros elsewhere. See max_unpool2d.

    >>> import pellucid as pc
    >>> y, at = max_pool3d(pc.arange(8.0).reshape(1, 2, 2, 2), 2, return_indices=True)
    >>> max_unpool3d(y, at, 2).flatten()
    tensor([0., 0., 0., 0., 0., 0., 0., 7.])
    """
    return max_unpool("max_unpool3d", input, indices, 3, kernel_size, stride, padding, output_size)


def max_unpool(who, input, indices, rank, kernel_size, stride, padding, output_size):
    require_samples(who, input, rank)
    if indices.shape != input.shape:
        raise ShapeError(f"{who} needs an index for each number: {input.shape} and {indices.shape} came.")
    kernel_size = sizes(who, "kernel_size", kernel_size, rank)
    stride = kernel_size if stride is None or stride == () else sizes(who, "stride", stride, rank)
    padding = sizes(who, "padding", padding, rank, least=0)
    axes = zip(input.shape[-rank:], kernel_size, stride, padding, strict=True)
    usual = tuple([(n - 1) * step - 2 * pad + kernel for n, kernel, step, pad in axes])
    size = usual if output_size is None else tuple(output_size)[-rank:]
    if len(size) != rank or any(abs(n - m) >= step for n, m, step in zip(size, usual, stride, strict=True)):
        raise ArgumentError(
            f"{who}: output_size is {usual}, or less than a step of {stride} from it, not {output_size}."
        )
    planes, places = math.prod(input.shape[:-rank]), math.prod(size)
    rows = (planes, math.prod(input.shape[-rank:]))
    y = zeros(planes, places, dtype=input.dtype).scatter(1, indices.reshape(*rows), input.reshape(*rows))
    return y.reshape(*input.shape[:-rank], *size)
