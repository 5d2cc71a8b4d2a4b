"""Initialisation: the numbers with which learning begins. Each function fills a tensor in place and returns it.

A layer adds up fan_in products. For its outputs to be as large as its inputs, weights must be about
1/sqrt(fan_in); for gradients on the way back, about 1/sqrt(fan_out). `gain` makes up for what the activation
takes away. Where a fan is needed, the tensor has two axes or more: ShapeError otherwise.
"""

import math

from pellucid.engine import no_grad
from pellucid.errors import ArgumentError, ShapeError
from pellucid.tensors import rand, randn


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Numbers from [a, b), each equally likely."""
    with no_grad():
        return tensor.copy_(rand(tensor.shape, dtype=tensor.dtype, generator=generator) * (b - a) + a)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Numbers from the normal distribution."""
    with no_grad():
        return tensor.copy_(randn(tensor.shape, dtype=tensor.dtype, generator=generator) * std + mean)


def constant_(tensor, val):
    """The number `val` everywhere."""
    with no_grad():
        return tensor.fill_(val)


def zeros_(tensor):
    """0 everywhere."""
    return constant_(tensor, 0.0)


def ones_(tensor):
    """1 everywhere."""
    return constant_(tensor, 1.0)


def calculate_gain(nonlinearity, param=None):
    """How much larger weights should be before this activation: 1, for tanh 5/3, for relu sqrt(2).

    For "leaky_relu", `param` is its slope below 0 (0.01 if not given) and the gain sqrt(2 / (1 + param^2)).
    """
    if nonlinearity in ("linear", "sigmoid"):
        return 1.0
    if nonlinearity == "tanh":
        return 5.0 / 3.0
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1.0 + slope**2))
    raise ArgumentError(
        f"calculate_gain knows linear, sigmoid, tanh, relu and leaky_relu, not {nonlinearity!r}.",
        remedy="Pass a gain of your own choice.",
    )


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Uniform on [-a, a), a = gain sqrt(6 / (fan_in + fan_out)).

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    """
    bound = gain * math.sqrt(6.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)). Source: Glorot and Bengio (2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)


def kaiming_uniform_(tensor, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Uniform on [-b, b), b = gain sqrt(3 / fan). Source: He et al., "Delving deep into rectifiers" (2015).

    `a` is the slope of leaky_relu below 0; `mode` says which fan: "fan_in" or "fan_out".
    """
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / chosen_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Normal with standard deviation gain / sqrt(fan). Source: He et al. (2015); arguments as kaiming_uniform_."""
    std = calculate_gain(nonlinearity, a) / math.sqrt(chosen_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def fans(tensor):
    """(fan_in, fan_out) of a weight (out, in) or (out, in, height, width): products per output and per input."""
    if len(tensor.shape) < 2:
        raise ShapeError(
            f"a fan needs a weight with two axes or more, not {tensor.shape}.", remedy="Use uniform_ or zeros_."
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def chosen_fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f'mode is "fan_in" or "fan_out", not {mode!r}.')
    return fans(tensor)[0 if mode == "fan_in" else 1]
