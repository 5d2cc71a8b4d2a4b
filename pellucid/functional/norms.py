"""Normalisation: bring activations to mean 0 and variance 1."""

import math

from pellucid.engine import no_grad
from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import at_once
from pellucid.tensors.create import shape_of


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each channel (axis 1) of x = input.

    When `training`, mean and variance are those of the batch (the variance divided by n), and the running
    ones move towards them: running = (1 - momentum) running + momentum new, where the new variance is the
    unbiased one (divided by n - 1). Otherwise the running ones are used. These may be None in training.

    Shapes: input (N, C) or (N, C, ...); all others (C,). ShapeError if they do not fit, or if a channel has one
    value only in training: its variance would be 0. ArgumentError for running ones that are missing.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training" (2015).
    """
    require_per_channel(
        "batch_norm", input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias
    )
    per_channel = (1, input.shape[1], *[1] * (input.ndim - 2))  # the shape in which (C,) meets the input
    if training:
        axes = (0, *range(2, input.ndim))
        count = math.prod([input.shape[axis] for axis in axes])
        if count < 2:
            raise ShapeError(
                f"batch_norm needs more than one value per channel in training, but the input has shape {input.shape}.",
                remedy="Use a larger batch (drop a last batch of one), or model.eval().",
            )
        mean = input.mean(axes, keepdim=True)
        centred = input - mean
        variance = (centred * centred).mean(axes, keepdim=True)
        move(running_mean, mean, momentum)
        move(running_var, variance * (count / (count - 1)), momentum)
    elif running_mean is None or running_var is None:
        raise ArgumentError("batch_norm needs running_mean and running_var outside of training.")
    else:
        mean, variance = running_mean.reshape(per_channel), running_var.reshape(per_channel)
        centred = input - mean
    scale = 1.0 / (variance + eps).sqrt()  # one number for each channel, and the weight into it: less work for x
    if weight is not None:
        scale = scale * weight.reshape(per_channel)
    y = centred * scale
    return y if bias is None else y + bias.reshape(per_channel)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each sample of x = input by itself.

    Mean and variance (divided by n) are taken over the last axes, those of `normalized_shape` (a number, for the
    last axis only, or several). Nothing depends on the other samples of the batch, so training and evaluation
    are the same.

    Shapes: input (..., *normalized_shape), weight and bias (normalized_shape); y as the input. ShapeError if they
    do not fit, ArgumentError for no axes at all.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016).

    >>> import pellucid as pc
    >>> layer_norm(pc.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), 3)
    tensor([[-1.2247,  0.    ,  1.2247],
            [-1.2247,  0.    ,  1.2247]])
    """
    shape = shape_of(normalized_shape)
    if not shape:
        raise ArgumentError("layer_norm needs the axes to normalise over, but normalized_shape is empty.")
    if input.shape[-len(shape) :] != shape:
        raise ShapeError(f"layer_norm over the axes {shape} needs them last, but the input has shape {input.shape}.")
    for name, x in {"weight": weight, "bias": bias}.items():
        if x is not None and x.shape != shape:
            raise ShapeError(f"layer_norm needs a {name} of shape {shape}, not {x.shape}.")
    axes = tuple(range(-len(shape), 0))
    y = standardized(input, axes, eps)
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias


def standardized(x, axes, eps):
    """(x - mean) / sqrt(variance + eps), where both are taken over the axes and the variance is divided by n."""
    if at_once.possible(x):
        return at_once.standardized(x, axes, eps)
    centred = x - x.mean(axes, keepdim=True)
    variance = (centred * centred).mean(axes, keepdim=True)
    return centred * (1.0 / (variance + eps).sqrt())  # one division for all that share a variance


def require_per_channel(who, input, **named):
    """Channels stand on axis 1, and each of the named tensors (or None) has one number for each."""
    if input.ndim < 2:
        raise ShapeError(f"{who} needs channels on axis 1, but the input has shape {input.shape}.")
    channels = input.shape[1:2]
    for name, x in named.items():
        if x is not None and x.shape != channels:
            raise ShapeError(f"{who} needs a {name} of shape {channels}, one for each channel, not {x.shape}.")


def move(running, new, momentum):
    """Let a running statistic (a State, or None) take a step towards the new one."""
    if running is None:
        return
    with no_grad():
        running.assign((1.0 - momentum) * running + momentum * new.reshape(running.shape))
