"""Smooth activations beside sigmoid, tanh, softplus and gelu."""

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import at_once
from pellucid.functional.activations import refuse_inplace
from pellucid.ops import Slice
from pellucid.tensors import minimum, where
from pellucid.tensors.shape import axis_of

SELU_ALPHA = 1.6732632423543772848170429916717  # with these two, mean 0 and variance 1 of the inputs stay
SELU_SCALE = 1.0507009873554804934193349852946


def elu(input, alpha=1.0, inplace=False):
    """x where x > 0, else alpha (exp(x) - 1): a relu that goes on to -alpha, so that the mean can be 0.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
    units" (2015).

    >>> import pellucid as pc
    >>> elu(pc.tensor([-1000.0, -1.0, 2.0]))
    tensor([-1.    , -0.6321,  2.    ])
    """
    if inplace:
        refuse_inplace("elu")
    return exponential_linear(input, alpha)


def selu(input, inplace=False):
    """1.0507 elu(x, 1.6733): layers of it bring their outputs to mean 0 and variance 1 by themselves.

    Source: Klambauer et al., "Self-normalizing neural networks" (2017).

    >>> import pellucid as pc
    >>> selu(pc.tensor([-1000.0, 1.0]))
    tensor([-1.7581,  1.0507])
    """
    if inplace:
        refuse_inplace("selu")
    return exponential_linear(input, SELU_ALPHA, scale=SELU_SCALE)


def celu(input, alpha=1.0, inplace=False):
    """x where x > 0, else alpha (exp(x / alpha) - 1): an elu whose slope has no jump at 0.

    ArgumentError for alpha = 0.

    Source: Barron, "Continuously differentiable exponential linear units" (2017).

    >>> import pellucid as pc
    >>> celu(pc.tensor([-1000.0, 1.0]), 2.0)
    tensor([-2.,  1.])
    """
    if inplace:
        refuse_inplace("celu")
    if alpha == 0:
        raise ArgumentError("celu divides by alpha, which may not be 0.")
    return exponential_linear(input, alpha, 1.0 / alpha)


def exponential_linear(x, alpha, rate=1.0, scale=1.0):
    """(max(x, 0) + alpha (exp(rate min(x, 0)) - 1)) scale."""
    if at_once.possible(x):
        return at_once.exponential_linear(x, alpha, rate, scale)
    below = where(x > 0.0, 0.0, x)  # written as a choice: the slope at 0 is that of the left side
    below = (below if rate == 1 else below * rate).expm1()
    y = x.relu() + (below if alpha == 1 else below * alpha)
    return y if scale == 1 else y * scale


def silu(input, inplace=False):
    """x sigmoid(x), element by element: a smooth relu that dips below 0. Also called swish.

    Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units" (2017); Ramachandran et al. (2017).

    >>> import pellucid as pc
    >>> silu(pc.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.    ,  0.7311])
    """
    if inplace:
        refuse_inplace("silu")
    return input * input.sigmoid()


def mish(input, inplace=False):
    """x tanh(softplus(x)), element by element.

    With e = exp(x), tanh(log(1 + e)) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1) = n / (n + 2) for n = e (e + 2). From
    x = 20 on that rounds to 1, so a larger x is not needed for e.

    Source: Misra, "Mish: a self regularized non-monotonic activation function" (2019).

    >>> import pellucid as pc
    >>> mish(pc.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.    ,  0.8651])
    """
    if inplace:
        refuse_inplace("mish")
    if at_once.possible(input):
        return at_once.mish(input)
    e = minimum(input, 20.0).exp()
    n = e * (e + 2.0)
    return input * (n / (n + 2.0))


def softsign(input):
    """x / (1 + |x|), element by element: like tanh, but slower in reaching its ends.

    Source: Turian, Bergstra and Bengio, "Quadratic features and deep architectures for chunking" (2009).

    >>> import pellucid as pc
    >>> softsign(pc.tensor([-1.0, 0.0, 3.0]))
    tensor([-0.5 ,  0.  ,  0.75])
    """
    return input / (abs(input) + 1.0)


def tanhshrink(input):
    """x - tanh(x), element by element.

    >>> import pellucid as pc
    >>> tanhshrink(pc.tensor([0.0, 1.0]))
    tensor([0.    , 0.2384])
    """
    return input - input.tanh()


def logsigmoid(input):
    """log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|)), exact also where the sigmoid rounds to 0 or 1.

    >>> import pellucid as pc
    >>> logsigmoid(pc.tensor([-1000.0, 0.0]))
    tensor([-1000.    ,    -0.6931])
    """
    if at_once.possible(input):
        return at_once.logsigmoid(input)
    positive = input > 0.0  # min and |x| are written as choices: their slopes at 0 are right as well
    return where(positive, 0.0, input) - (-input).where(positive, input).exp().log1p()


def glu(input, dim=-1):
    """a sigmoid(b), where a and b are the halves of x along `dim`: a gate that one half holds before the other.

    ShapeError if the axis has an odd length.

    Source: Dauphin et al., "Language modeling with gated convolutional networks" (2016).

    >>> import pellucid as pc
    >>> glu(pc.tensor([1.0, 2.0, 0.0, 1000.0]))
    tensor([0.5, 2. ])
    """
    axis = axis_of(input, dim)
    if input.ndim == 0 or input.shape[axis] % 2:
        raise ShapeError(f"glu halves axis {dim}, which must have an even length, but the input has {input.shape}.")
    half = input.shape[axis] // 2
    sizes = tuple([half if i == axis else n for i, n in enumerate(input.shape)])
    starts, ones = [0] * input.ndim, (1,) * input.ndim
    a = Slice(tuple(starts), sizes, ones)(input)
    starts[axis] = half
    return a * Slice(tuple(starts), sizes, ones)(input).sigmoid()
