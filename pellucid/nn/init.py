"""Initialisation: the numbers with which learning begins. Each function fills a tensor in place and returns it.

A layer adds up fan_in products. For its outputs to be as large as its inputs, weights must be about
1/sqrt(fan_in); for gradients on the way back, about 1/sqrt(fan_out). `gain` makes up for what the activation
takes away. Where a fan is needed, the tensor has two axes or more: ShapeError otherwise.
"""

import math

import numpy as np

from pellucid import blame
from pellucid.engine import no_grad
from pellucid.errors import ArgumentError, ShapeError
from pellucid.tensors import eye, from_numpy, rand, randn


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


def eye_(tensor):
    """1 on the diagonal of a matrix, 0 beside it. ShapeError if it is none."""
    with no_grad():
        return tensor.copy_(eye(*matrix("eye_", tensor).shape))


def calculate_gain(nonlinearity, param=None):
    """How much larger weights should be before this activation: 1, for tanh 5/3, for relu sqrt(2), for selu 3/4.

    For "leaky_relu", `param` is its slope below 0 (0.01 if not given) and the gain sqrt(2 / (1 + param^2)).
    ArgumentError for other names.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1.0 + slope**2))
    if nonlinearity in GAINS:
        return GAINS[nonlinearity]
    raise ArgumentError(
        f"calculate_gain knows leaky_relu, {', '.join(GAINS)}, not {nonlinearity!r}.",
        remedy="Pass a gain of your own choice.",
    )


LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid")
GAINS = {**dict.fromkeys(LINEAR, 1.0), "tanh": 5.0 / 3.0, "relu": math.sqrt(2.0), "selu": 3.0 / 4.0}


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


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Numbers from the normal distribution, none of them outside of [a, b]: those are drawn again.

    ArgumentError if no number could ever be inside.
    """
    low, high = (a - mean) / std, (b - mean) / std
    inside = (math.erf(high / math.sqrt(2.0)) - math.erf(low / math.sqrt(2.0))) / 2.0
    if inside < 1e-3:
        raise ArgumentError(f"trunc_normal_: [{a}, {b}] holds next to nothing of mean {mean} and deviation {std}.")
    count = math.prod(tensor.shape)
    found = np.empty(0)
    while len(found) < count:
        drawn = randn(int(count / inside * 1.1) + 10, dtype=np.float64, generator=generator).numpy()
        found = np.concatenate([found, drawn[(drawn >= low) & (drawn <= high)]])
    with no_grad():
        return tensor.copy_(from_numpy(found[:count].reshape(tensor.shape) * std + mean))


def orthogonal_(tensor, gain=1.0, generator=None):
    """gain times an orthogonal matrix, each equally likely.

    Its rows (or its columns, if they are fewer) have length 1 and stand at right angles. A tensor (out, in, ...)
    counts as (out, in * ...). A layer then changes no length at all, however many stand in a row.

    Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks" (2013); the signs: Mezzadri (2007).
    """
    fans(tensor)  # refuses what has no two axes
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    drawn = randn(max(rows, columns), min(rows, columns), dtype=np.float64, generator=generator).numpy()
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diagonal(r))  # without this, not every orthogonal matrix would be equally likely
    with no_grad():
        return tensor.copy_(from_numpy((q.T if rows < columns else q).reshape(tensor.shape) * gain))


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Numbers from the normal distribution, but in each column of a matrix a share `sparsity` of them is 0.

    ShapeError if it is no matrix. Source: Martens, "Deep learning via Hessian-free optimization" (2010).
    """
    rows, columns = matrix("sparse_", tensor).shape
    zero = math.ceil(sparsity * rows)
    order = np.argsort(rand(rows, columns, dtype=np.float64, generator=generator).numpy(), axis=0)
    numbers = randn(rows, columns, dtype=np.float64, generator=generator).numpy() * std
    np.put_along_axis(numbers, order[:zero], 0.0, axis=0)
    with no_grad():
        return tensor.copy_(from_numpy(numbers))


def matrix(who, tensor):
    """The tensor, if it has two axes."""
    if len(tensor.shape) != 2:
        raise ShapeError(f"{who} fills matrices, not a tensor of shape {tensor.shape}.")
    return tensor


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


blame.answer_for(globals())
