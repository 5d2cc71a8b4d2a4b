"""Activations as modules, to stand in a Sequential."""

from pellucid.errors import ShapeError
from pellucid.functional import gelu, glu, log_softmax, relu, sigmoid, softmax, softmin, tanh
from pellucid.functional.activations import refuse_inplace
from pellucid.nn.formula import Formula
from pellucid.nn.module import Module


class ReLU(Module):
    """max(x, 0). UnsupportedError for inplace=True, here and in all activations."""

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("ReLU")

    def forward(self, x):
        return relu(x)


class GELU(Module):
    """x P(x), a smooth relu; P(x) is the probability that a normally distributed number is below x.

    approximate="tanh" replaces the erf in P by a tanh, which differs by less than 0.0005.
    """

    def __init__(self, approximate="none"):
        self.approximate = approximate

    def forward(self, x):
        return gelu(x, self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Sigmoid(Module):
    """1 / (1 + exp(-x))."""

    def forward(self, x):
        return sigmoid(x)


class Tanh(Module):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x))."""

    def forward(self, x):
        return tanh(x)


class Softmax(Module):
    """exp(x_i) / (sum over j of exp(x_j)) along `dim`. Not before CrossEntropyLoss, which does this itself."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        return softmax(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """log(softmax(x)) along `dim`, exact also for probabilities that would round to 0."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        return log_softmax(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(Formula):
    """softmax(-x) along `dim`: the smallest number gets the largest probability.

    >>> import pellucid as pc
    >>> Softmin(0)(pc.tensor([0.0, 1.0]))
    tensor([0.7311, 0.2689])
    """

    shown = ("dim",)

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        return softmin(x, self.dim)


class Softmax2d(Module):
    """softmax over the channels at each pixel: x (N, C, H, W) or (C, H, W).

    >>> import pellucid as pc
    >>> Softmax2d()(pc.zeros(1, 2, 1, 1)).flatten()
    tensor([0.5, 0.5])
    """

    def forward(self, x):
        if x.ndim not in (3, 4):
            raise ShapeError(f"Softmax2d needs (N, C, H, W) or (C, H, W), but the input has shape {x.shape}.")
        return softmax(x, -3)


class GLU(Formula):
    """a sigmoid(b), where a and b are the halves of x along `dim`: see F.glu.

    >>> import pellucid as pc
    >>> GLU()(pc.tensor([1.0, 2.0, 0.0, 1000.0]))
    tensor([0.5, 2. ])
    """

    shown = ("dim",)

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        return glu(x, self.dim)
