"""Angles and their functions, circular and hyperbolic. In radians."""

import numpy as np

from pellucid.ops.elementwise import Elementwise, Sqrt


class Tan(Elementwise):
    """y = tan(x). Slope 1 + y^2."""

    reads_inputs = False
    forward = np.tan

    def gradient(self, g, y, x):
        return g * (y * y + 1.0)


class Asin(Elementwise):
    """y = the angle from -pi/2 to pi/2 whose sine is x. Slope 1 / sqrt(1 - x^2)."""

    reads_output = False
    forward = np.arcsin

    def gradient(self, g, y, x):
        return g / Sqrt()(1.0 - x * x)


class Acos(Elementwise):
    """y = the angle from 0 to pi whose cosine is x. Slope -1 / sqrt(1 - x^2)."""

    reads_output = False
    forward = np.arccos

    def gradient(self, g, y, x):
        return -g / Sqrt()(1.0 - x * x)


class Atan(Elementwise):
    """y = the angle from -pi/2 to pi/2 whose tangent is x. Slope 1 / (1 + x^2)."""

    reads_output = False
    forward = np.arctan

    def gradient(self, g, y, x):
        return g / (x * x + 1.0)


class Atan2(Elementwise):
    """y = the angle from -pi to pi of the point with height a and width b. Slopes: b / r^2 along a, -a / r^2 along b.

    r^2 = a^2 + b^2; at the point 0, which has no angle, the slopes are 0.
    """

    reads_output = False
    forward = np.arctan2

    def gradient(self, g, y, a, b):
        square = a * a + b * b
        share = (g / square).where(square != 0.0, 0.0)
        return (share * b if a.requires_grad else None), (share * -a if b.requires_grad else None)


class Hypot(Elementwise):
    """y = sqrt(a^2 + b^2), without a square that overflows. Slopes: a / y along a, b / y along b."""

    forward = np.hypot

    def gradient(self, g, y, a, b):
        return (g * (a / y) if a.requires_grad else None), (g * (b / y) if b.requires_grad else None)


class Sinh(Elementwise):
    """y = (exp(x) - exp(-x)) / 2. Slope cosh(x)."""

    reads_output = False
    forward = np.sinh

    def gradient(self, g, y, x):
        return g * Cosh()(x)


class Cosh(Elementwise):
    """y = (exp(x) + exp(-x)) / 2. Slope sinh(x)."""

    reads_output = False
    forward = np.cosh

    def gradient(self, g, y, x):
        return g * Sinh()(x)


class Asinh(Elementwise):
    """y = log(x + sqrt(x^2 + 1)), what sinh turns into x. Slope 1 / sqrt(x^2 + 1)."""

    reads_output = False
    forward = np.arcsinh

    def gradient(self, g, y, x):
        return g / Sqrt()(x * x + 1.0)


class Acosh(Elementwise):
    """y = log(x + sqrt(x^2 - 1)), what cosh turns into x >= 1. Slope 1 / sqrt(x^2 - 1)."""

    reads_output = False
    forward = np.arccosh

    def gradient(self, g, y, x):
        return g / Sqrt()(x * x - 1.0)


class Atanh(Elementwise):
    """y = log((1 + x) / (1 - x)) / 2, what tanh turns into x. Slope 1 / (1 - x^2)."""

    reads_output = False
    forward = np.arctanh

    def gradient(self, g, y, x):
        return g / (1.0 - x * x)
