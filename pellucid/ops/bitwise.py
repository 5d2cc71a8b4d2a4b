"""Operations on the bits of whole numbers (of bool: and, or), and the sign bit of floats. None has a slope."""

import numpy as np

from pellucid.ops.elementwise import Comparison, Elementwise


class Bitwise(Elementwise):
    """One bit of the result depends on bits of the operands."""

    differentiable = False


class BitAnd(Bitwise):
    """The bits that are 1 in both."""

    forward = np.bitwise_and


class BitOr(Bitwise):
    """The bits that are 1 in one of them at least."""

    forward = np.bitwise_or


class BitXor(Bitwise):
    """The bits that differ."""

    forward = np.bitwise_xor


class BitNot(Bitwise):
    """Every bit turned round: of integers with a sign -1 - x."""

    forward = np.invert


class ShiftLeft(Bitwise):
    """a 2^b, wrapping around. All bits are shifted out if b is negative or at least their number."""

    forward = np.left_shift


class ShiftRight(Bitwise):
    """floor(a / 2^b); 0, or -1 for negative a, if b is negative or at least the number of bits."""

    forward = np.right_shift


class SignBit(Comparison):
    """Is the sign bit 1? So for negative numbers and -0."""

    forward = np.signbit
