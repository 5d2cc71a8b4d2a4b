"""Activations as modules, to stand in a Sequential."""

from pellucid.functional import gelu, log_softmax, relu, sigmoid, softmax, tanh
from pellucid.nn.module import Module


class ReLU(Module):
    """max(x, 0). `inplace` is accepted for the sake of PyTorch's programs, and changes nothing."""

    def __init__(self, inplace=False):
        self.inplace = inplace

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
