"""Activations: what stands between two linear layers, and turns scores into probabilities."""

import math

from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.functional import at_once
from pellucid.tensors import where
from pellucid.tensors.shape import axis_of


def relu(input, inplace=False):
    """max(x, 0), element by element; the slope at 0 is 0.

    UnsupportedError for inplace=True, here and in all activations.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    >>> import pellucid as pc
    >>> relu(pc.tensor([-2.0, 3.0]))
    tensor([0., 3.])
    """
    if inplace:
        refuse_inplace("relu")
    return input.relu()


def sigmoid(input):
    """1 / (1 + exp(-x)), element by element: any number becomes one between 0 and 1.

    Source: Verhulst (1845), the logistic curve.

    >>> import pellucid as pc
    >>> sigmoid(pc.tensor([0.0]))
    tensor([0.5])
    """
    return input.sigmoid()


def tanh(input):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)), element by element: between -1 and 1.

    >>> import pellucid as pc
    >>> tanh(pc.tensor([0.0]))
    tensor([0.])
    """
    return input.tanh()


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + exp(beta x)) / beta, element by element: a smooth relu, whose slope is the sigmoid of beta x.

    Where beta x is above the threshold, x itself: there the difference is below exp(-20) / beta, and exp would
    sooner or later be too large.

    Source: Dugas et al., "Incorporating second-order functional knowledge for better option pricing" (2001).

    >>> import pellucid as pc
    >>> softplus(pc.tensor([-1000.0, 0.0, 1000.0]))
    tensor([   0.    ,    0.6931, 1000.    ])
    """
    if at_once.possible(input):
        return at_once.softplus(input, beta, threshold)
    scaled = input if beta == 1 else input * beta
    straight = scaled > threshold
    curved = where(straight, 0.0, scaled).exp().log1p()  # 0 where exp would be too large
    return input.where(straight, curved if beta == 1 else curved / beta)


def gelu(input, approximate="none"):
    """x P(x), element by element, where P(x) = (1 + erf(x / sqrt(2))) / 2: a smooth relu.

    P(x) is the probability that a normally distributed number is below x: a large x passes, a small one is held
    back, and in between x passes in part. With approximate="tanh" the older form, which needs no erf:
    P(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, which differs by less than 0.0005.

    ArgumentError for another word than "none" or "tanh".

    Source: Hendrycks and Gimpel, "Gaussian error linear units (GELUs)" (2016).

    >>> import pellucid as pc
    >>> gelu(pc.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.    ,  0.8413])
    """
    if approximate == "none":
        return input * 0.5 * (1.0 + (input * math.sqrt(0.5)).erf())
    if approximate == "tanh":
        inner = math.sqrt(2.0 / math.pi) * (input + 0.044715 * (input * input * input))
        return input * 0.5 * (1.0 + inner.tanh())
    raise ArgumentError(f'gelu: approximate is "none" or "tanh", not {approximate!r}.')


def softmax(input, dim, *, dtype=None):
    """exp(x_i) / (sum over j of exp(x_j)) along `dim`: scores become probabilities, which sum to 1.

    Adding one number to all scores changes nothing, so the largest is subtracted first: then no exp is too
    large. For that subtraction the largest score is a mere number and needs no gradient. With `dtype`, the
    scores are converted first.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990).

    >>> import pellucid as pc
    >>> softmax(pc.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5, 0.5])
    """
    if dtype is not None:
        input = input.to(dtype)
    if at_once.possible(input) and input.array.size:
        return input.softmax(dim)
    if 0 in input.shape:
        return without_elements(input, dim)
    largest = (input.detach() if input.requires_grad else input).amax(dim, keepdim=True)
    exps = (input - largest).exp()
    return exps / exps.sum(dim, keepdim=True)


def log_softmax(input, dim, *, dtype=None):
    """log(softmax(x)) along `dim`, computed as x_i - log(sum over j of exp(x_j)).

    The logarithm of a softmax that has rounded to 0 would be -infinity; this form stays exact. As in softmax
    the largest score is subtracted first.

    >>> import pellucid as pc
    >>> log_softmax(pc.tensor([0.0, -1000.0]), dim=0)
    tensor([    0., -1000.])
    """
    if dtype is not None:
        input = input.to(dtype)
    if at_once.possible(input) and input.array.size:
        return input.log_softmax(dim)
    if 0 in input.shape:
        return without_elements(input, dim)
    shifted = input - input.detach().amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


def without_elements(x, dim):
    """The softmax of a tensor that has no elements; `dim` must be an axis all the same."""
    axis_of(x, dim)
    return x * 1.0


def refuse_inplace(who):
    """Say why no activation overwrites its input."""
    raise UnsupportedError(
        f"{who}: inplace=True is not supported. It would change a tensor that other names and gradients still use.",
        remedy="Leave it out: a compiled step reuses memory by itself, wherever nobody needs the old numbers.",
    )
