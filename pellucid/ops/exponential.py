"""Powers and logarithms to other bases, and forms of exp, log and erf that keep more digits."""

import math

import numpy as np

from pellucid.ops.elementwise import Elementwise, Sigmoid
from pellucid.ops.error_function import erfc


class Exp2(Elementwise):
    """y = 2^x. Slope y log(2)."""

    reads_inputs = False
    forward = np.exp2

    def gradient(self, g, y, x):
        return g * (y * math.log(2.0))


class Expm1(Elementwise):
    """y = exp(x) - 1, exact also for tiny x. Slope y + 1."""

    reads_inputs = False
    forward = np.expm1

    def gradient(self, g, y, x):
        return g * (y + 1.0)


class Log2(Elementwise):
    """y = the logarithm to base 2. Slope 1 / (x log(2))."""

    reads_output = False
    forward = np.log2

    def gradient(self, g, y, x):
        return g / (x * math.log(2.0))


class Log10(Elementwise):
    """y = the logarithm to base 10. Slope 1 / (x log(10))."""

    reads_output = False
    forward = np.log10

    def gradient(self, g, y, x):
        return g / (x * math.log(10.0))


class LogAddExp(Elementwise):
    """y = log(exp(a) + exp(b)), without an exp that overflows. Slopes: what exp(a) and exp(b) are of their sum."""

    reads_output = False
    forward = np.logaddexp

    def gradient(self, g, y, a, b):
        return (g * Sigmoid()(a - b) if a.requires_grad else None), (g * Sigmoid()(b - a) if b.requires_grad else None)


class Erfc(Elementwise):
    """y = 1 - erf(x), exact also for large x, where erf(x) rounds to 1. Slope -2/sqrt(pi) exp(-x^2)."""

    reads_output = False

    def forward(self, x):
        return erfc(x)

    def gradient(self, g, y, x):
        return g * ((x * -x).exp() * (-2.0 / math.sqrt(math.pi)))
