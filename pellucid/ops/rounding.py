"""Operations that round, and the remainders of division. Flat almost everywhere, so what rounds owes zeros."""

import numpy as np

from pellucid.ops.elementwise import Elementwise


class Rounding(Elementwise):
    """A staircase: flat between its steps, so its gradient is zero, as PyTorch says at the steps too."""

    reads_inputs = False
    reads_output = False

    def gradient(self, g, y, x):
        return g * 0.0


class Floor(Rounding):
    """The largest whole number that is at most x."""

    forward = np.floor


class Ceil(Rounding):
    """The smallest whole number that is at least x."""

    forward = np.ceil


class Trunc(Rounding):
    """x without its fraction: the whole number next to it on the side of 0."""

    forward = np.trunc


class Round(Rounding):
    """The nearest whole number; from the middle between two to the even one (IEEE 754), so that no side is favoured."""

    forward = np.rint


class FloorDivide(Elementwise):
    """y = floor(a / b), of floats or integers; an integer divided by 0 gives 0. A staircase along both."""

    reads_inputs = False
    reads_output = False
    forward = np.floor_divide

    def gradient(self, g, y, a, b):
        return g * 0.0, g * 0.0


class Remainder(Elementwise):
    """y = a - b floor(a / b), with the sign of b: Python's %. Slopes: 1 along a, and -floor(a / b) along b."""

    reads_output = False
    forward = np.remainder

    def gradient(self, g, y, a, b):
        return g, (-(g * FloorDivide()(a, b)) if b.requires_grad else None)


class Fmod(Elementwise):
    """y = a - b trunc(a / b), with the sign of a: C's fmod. Slopes: 1 along a, and -trunc(a / b) along b."""

    reads_output = False
    forward = np.fmod

    def gradient(self, g, y, a, b):
        return g, (-(g * Trunc()(a / b)) if b.requires_grad else None)
