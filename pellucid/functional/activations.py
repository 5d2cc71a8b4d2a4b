"""Activations: what stands between two linear layers, and turns scores into probabilities."""

import math

from pellucid.errors import ArgumentError


def relu(input):
    """max(x, 0), element by element; the slope at 0 is 0.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    >>> import pellucid as pc
    >>> relu(pc.tensor([-2.0, 3.0]))
    tensor([0., 3.])
    """
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


def softplus(input):
    """log(1 + exp(x)), element by element: a smooth relu, whose slope is the sigmoid.

    Computed as max(x, 0) + log(1 + exp(-|x|)), so that no x is too large for exp; a threshold, which
    PyTorch has here, is not needed. Both absolute value and maximum are written as choices, because the
    slopes of each side are right at 0 too.

    Source: Dugas et al., "Incorporating second-order functional knowledge for better option pricing" (2001).

    >>> import pellucid as pc
    >>> softplus(pc.tensor([-1000.0, 0.0, 1000.0]))
    tensor([   0.    ,    0.6931, 1000.    ])
    """
    positive = input > 0.0
    return input.where(positive, 0.0) + (-input).where(positive, input).exp().log1p()


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


def softmax(input, dim):
    """exp(x_i) / (sum over j of exp(x_j)) along `dim`: scores become probabilities, which sum to 1.

    Adding one number to all scores changes nothing, so the largest is subtracted first: then no exp is too
    large. For that subtraction the largest score is a mere number and needs no gradient.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990).

    >>> import pellucid as pc
    >>> softmax(pc.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5, 0.5])
    """
    largest = (input.detach() if input.requires_grad else input).amax(dim, keepdim=True)
    exps = (input - largest).exp()
    return exps / exps.sum(dim, keepdim=True)


def log_softmax(input, dim):
    """log(softmax(x)) along `dim`, computed as x_i - log(sum over j of exp(x_j)).

    The logarithm of a softmax that has rounded to 0 would be -infinity; this form stays exact. As in softmax
    the largest score is subtracted first.

    >>> import pellucid as pc
    >>> log_softmax(pc.tensor([0.0, -1000.0]), dim=0)
    tensor([    0., -1000.])
    """
    shifted = input - input.detach().amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()
