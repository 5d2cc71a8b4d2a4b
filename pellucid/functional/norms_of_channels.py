"""Normalisation beside batch and layer norm: over groups of channels, single channels, sizes, neighbours."""

import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional.norms import batch_norm, move, require_per_channel, standardized
from pellucid.functional.pad import pad
from pellucid.tensors.create import shape_of


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, over each group of channels of each sample.

    The channels (axis 1) are divided into num_groups of equal size; mean and variance are taken over the channels
    of a group and all positions. One group: layer norm without the axes of weight; C groups: instance norm.

    Shapes: input (N, C, ...), weight and bias (C,); y as the input. ShapeError if they do not fit, or if C is no
    multiple of num_groups.

    Source: Wu and He, "Group normalization" (2018).

    >>> import pellucid as pc
    >>> group_norm(pc.tensor([[1.0, 3.0, 10.0, 30.0]]), 2)
    tensor([[-1.,  1., -1.,  1.]])
    """
    require_per_channel("group_norm", input, weight=weight, bias=bias)
    channels = input.shape[1]
    if num_groups < 1 or channels % num_groups:
        raise ShapeError(f"group_norm cannot divide {channels} channels into {num_groups} groups of equal size.")
    rows = input.reshape(input.shape[0], num_groups, math.prod(input.shape[1:]) // num_groups)
    return scaled(standardized(rows, (-1,), eps).reshape(*input.shape), weight, bias)


def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-5,
):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, over each channel of each sample by itself.

    With use_input_stats, mean and variance (divided by n) are those of the sample, and running ones, if given,
    move towards their mean over the samples, as in batch_norm (the variance divided by n - 1). Without it the
    running ones are used.

    Shapes: input (N, C, L, ...), all others (C,); y as the input. ShapeError if they do not fit, or for a single
    position: its variance is 0. ArgumentError for running ones that are missing.

    Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast stylization"
    (2016).

    >>> import pellucid as pc
    >>> instance_norm(pc.tensor([[[1.0, 3.0], [10.0, 30.0]]]))
    tensor([[[-1.,  1.],
             [-1.,  1.]]])
    """
    require_per_channel(
        "instance_norm", input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias
    )
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    axes = tuple(range(2, input.ndim))
    count = math.prod(input.shape[2:])
    if count < 2:
        raise ShapeError(
            f"instance_norm needs more than one value per channel of a sample, but the input has shape {input.shape}."
        )
    mean = input.mean(axes, keepdim=True)  # (N, C, 1, ...)
    centred = input - mean
    variance = (centred * centred).mean(axes, keepdim=True)
    if running_mean is not None:
        move(running_mean, mean.mean(0), momentum)
    if running_var is not None:
        move(running_var, variance.mean(0) * (count / (count - 1)), momentum)
    return scaled(centred * (1.0 / (variance + eps).sqrt()), weight, bias)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """y = x / sqrt(mean of x^2 + eps) * weight: layer norm without the mean, and nearly as good.

    The mean is taken over the last axes, those of `normalized_shape`. eps is the distance from 1 to the next
    number of the dtype (1.2e-7 for float32) unless given.

    Shapes: input (..., *normalized_shape), weight (normalized_shape); y as the input. ShapeError if they do not
    fit, ArgumentError for no axes at all.

    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019).

    >>> import pellucid as pc
    >>> rms_norm(pc.tensor([3.0, 4.0]), 2)
    tensor([0.8485, 1.1314])
    """
    shape = shape_of(normalized_shape)
    if not shape:
        raise ArgumentError("rms_norm needs the axes to normalise over, but normalized_shape is empty.")
    if input.shape[-len(shape) :] != shape:
        raise ShapeError(f"rms_norm over the axes {shape} needs them last, but the input has shape {input.shape}.")
    if weight is not None and weight.shape != shape:
        raise ShapeError(f"rms_norm needs a weight of shape {shape}, not {weight.shape}.")
    if eps is None:
        eps = float(np.finfo(input.dtype).eps)
    square = (input * input).mean(tuple(range(-len(shape), 0)), keepdim=True)
    y = input * (1.0 / (square + eps).sqrt())
    return y if weight is None else y * weight


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """y = x / (k + alpha m)^beta, where m is the mean of x^2 over `size` channels around each channel.

    Beyond the first and last channel there are zeros. Shapes: input (N, C, L, ...), y the same. ShapeError for
    fewer axes, ArgumentError for a size below 1.

    Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks"
    (2012), with the sum divided by size.

    >>> import pellucid as pc
    >>> local_response_norm(pc.ones(1, 2, 1), 2, alpha=2.0, beta=1.0)
    tensor([[[0.5   ],
             [0.3333]]])
    """
    if input.ndim < 3:
        raise ShapeError(f"local_response_norm needs (N, C, L, ...), but the input has shape {input.shape}.")
    if size < 1:
        raise ArgumentError(f"local_response_norm: size is at least 1, but {size} came.")
    channels = input.shape[1]
    square = input * input
    wide = pad(square, (*[0] * 2 * (input.ndim - 2), size // 2, (size - 1) // 2))
    total = wide[:, :channels]
    for start in range(1, size):
        total = total + wide[:, start : start + channels]
    return input / (total * (alpha / size) + k) ** beta


def scaled(y, weight, bias):
    """y * weight + bias for each channel (axis 1), as far as there are any."""
    per_channel = (1, -1, *[1] * (y.ndim - 2))
    if weight is not None:
        y = y * weight.reshape(per_channel)
    return y if bias is None else y + bias.reshape(per_channel)
