"""Activations made of straight pieces: cheap, with the slopes at the corners that PyTorch has.

All but softshrink and hardshrink are relu with another left or right end.
"""

import typing

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import at_once
from pellucid.functional.activations import refuse_inplace
from pellucid.tensors import rand, where


def relu6(input, inplace=False):
    """min(max(x, 0), 6): a relu that is bounded, which suits numbers of few bits; the slopes at 0 and 6 are 0.

    Source: Krizhevsky, "Convolutional deep belief networks on CIFAR-10" (2010).

    >>> import pellucid as pc
    >>> relu6(pc.tensor([-1.0, 3.0, 9.0]))
    tensor([0., 3., 6.])
    """
    if inplace:
        refuse_inplace("relu6")
    return up_to_6(input.relu())


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """The nearest number from min_val to max_val: a tanh of three straight pieces; the slopes at both ends are 0.

    ArgumentError if min_val is above max_val.

    Source: Collobert, "Large scale machine learning" (2004).

    >>> import pellucid as pc
    >>> hardtanh(pc.tensor([-3.0, 0.5, 3.0]))
    tensor([-1. ,  0.5,  1. ])
    """
    if inplace:
        refuse_inplace("hardtanh")
    if min_val > max_val:
        raise ArgumentError(f"hardtanh: min_val is not above max_val, but they are {min_val} and {max_val}.")
    return where(input <= min_val, min_val, where(input >= max_val, max_val, input))


def hardsigmoid(input, inplace=False):
    """min(max(x + 3, 0), 6) / 6: a sigmoid of three straight pieces, 0 up to -3 and 1 from 3 on.

    Source: Courbariaux, Bengio and David, "BinaryConnect" (2015).

    >>> import pellucid as pc
    >>> hardsigmoid(pc.tensor([-3.0, 0.0, 3.0]))
    tensor([0. , 0.5, 1. ])
    """
    if inplace:
        refuse_inplace("hardsigmoid")
    if at_once.possible(input):
        return at_once.hardsigmoid(input)
    return up_to_6((input + 3.0).relu()) / 6.0


def hardswish(input, inplace=False):
    """x min(max(x + 3, 0), 6) / 6 = x hardsigmoid(x): silu without an exp.

    Source: Howard et al., "Searching for MobileNetV3" (2019).

    >>> import pellucid as pc
    >>> hardswish(pc.tensor([-2.0, 1.0, 3.0]))
    tensor([-0.3333,  0.6667,  3.    ])
    """
    if inplace:
        refuse_inplace("hardswish")
    if at_once.possible(input):
        return at_once.hardswish(input)
    return input * up_to_6((input + 3.0).relu()) / 6.0


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where x > 0, else negative_slope x: a unit that is off still learns.

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).

    >>> import pellucid as pc
    >>> leaky_relu(pc.tensor([-2.0, 3.0]), 0.5)
    tensor([-1.,  3.])
    """
    if inplace:
        refuse_inplace("leaky_relu")
    return input.where(input > 0.0, input * negative_slope)


def prelu(input, weight):
    """leaky_relu with a slope that is learned: x where x > 0, else weight x.

    Shapes: input any; weight () or (1,), one slope for all, or (C,), one for each channel (axis 1). ShapeError
    for another weight.

    Source: He et al., "Delving deep into rectifiers" (2015).

    >>> import pellucid as pc
    >>> prelu(pc.tensor([[-2.0, -2.0]]), pc.tensor([0.5, 0.25]))
    tensor([[-1. , -0.5]])
    """
    if weight.ndim > 1 or (weight.numel() != 1 and (input.ndim < 2 or weight.shape[0] != input.shape[1])):
        raise ShapeError(
            f"prelu needs one slope, or one for each channel (axis 1) of its input {input.shape}, not {weight.shape}."
        )
    slopes = weight.reshape(1, -1, *[1] * (input.ndim - 2)) if weight.numel() > 1 else weight.reshape(())
    return input.where(input > 0.0, input * slopes)


def rrelu(input, lower=1.0 / 8.0, upper=1.0 / 3.0, training=False, inplace=False):
    """leaky_relu with a slope that is drawn anew for each element, uniformly from lower to upper.

    Outside of `training` the slope is (lower + upper) / 2. ArgumentError if lower is above upper.

    Source: Xu et al., "Empirical evaluation of rectified activations in convolutional network" (2015).

    >>> import pellucid as pc
    >>> rrelu(pc.tensor([-2.0, 3.0]), 0.0, 1.0)
    tensor([-1.,  3.])
    """
    if inplace:
        refuse_inplace("rrelu")
    if lower > upper:
        raise ArgumentError(f"rrelu: lower is not above upper, but they are {lower} and {upper}.")
    if not training:
        return leaky_relu(input, (lower + upper) / 2.0)
    slopes = rand(input.shape, dtype=input.dtype) * (upper - lower) + lower
    return input.where(input > 0.0, input * slopes)


def threshold(input, threshold, value, inplace=False):
    """x where x > threshold, else value.

    >>> import pellucid as pc
    >>> from pellucid.functional import threshold
    >>> threshold(pc.tensor([0.5, 2.0]), 1.0, 0.0)
    tensor([0., 2.])
    """
    if inplace:
        refuse_inplace("threshold")
    return where(input <= threshold, value, input)


def hardshrink(input, lambd=0.5):
    """0 where |x| <= lambd, else x: small numbers become exactly 0.

    Source: Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage" (1994).

    >>> import pellucid as pc
    >>> hardshrink(pc.tensor([-2.0, 0.3, 2.0]))
    tensor([-2.,  0.,  2.])
    """
    return where(abs(input) <= lambd, 0.0, input)


def softshrink(input, lambd=0.5):
    """x moved towards 0 by lambd, and 0 if it would pass it: what a penalty of lambd |x| does to x.

    ArgumentError for a negative lambd.

    Source: Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage" (1994).

    >>> import pellucid as pc
    >>> softshrink(pc.tensor([-2.0, 0.3, 2.0]))
    tensor([-1.5,  0. ,  1.5])
    """
    if lambd < 0:
        raise ArgumentError(f"softshrink: lambd is not negative, but {lambd} came.")
    if at_once.possible(input):
        return at_once.softshrink(input, lambd)
    return (input - lambd).relu() - (-input - lambd).relu()


def up_to_6(x) -> typing.Any:
    """min(x, 6), with slope 0 at 6."""
    return where(x >= 6.0, 6.0, x)
