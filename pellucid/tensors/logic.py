"""Questions: comparisons, logic, bits, and which numbers are numbers. The answers are bool; none has a slope."""

import math
from collections.abc import Callable

import numpy as np

from pellucid.errors import DtypeError
from pellucid.ops import (
    And,
    BitAnd,
    BitNot,
    BitOr,
    BitXor,
    Equal,
    Greater,
    GreaterEqual,
    Not,
    NotEqual,
    Or,
    ShiftLeft,
    ShiftRight,
    SignBit,
)
from pellucid.tensors.free import free
from pellucid.tensors.functions import both, floats_together, no_operand, where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import (
    BOOL,
    as_float,
    as_tensor,
    cast,
    constant,
    kind_of,
    meet,
    meet_shapes,
    only_numbers,
    operand,
)


class LogicMixin(Operators):
    """The methods of Tensor that answer a question for each element, and work on bits."""

    abs: Callable  # PointwiseMixin has it

    # ---- operators: on bool logic, on integers bits

    def __and__(self, other):
        return bits(And(), BitAnd(), self, other)

    def __or__(self, other):
        return bits(Or(), BitOr(), self, other)

    def __xor__(self, other):
        return bits(NotEqual(), BitXor(), self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self):
        if self.array.dtype == BOOL:
            return Not()(self)
        if kind_of(self.array.dtype) == 2:
            raise no_bits(BitNot(), self.dtype)
        return BitNot()(self)

    def __lshift__(self, other):
        return bits(None, ShiftLeft(), self, other)

    def __rshift__(self, other):
        return bits(None, ShiftRight(), self, other)

    def __rlshift__(self, other):
        return operand(other, self) << self

    def __rrshift__(self, other):
        return operand(other, self) >> self

    # ---- comparisons

    def eq(self, other):
        """x == other, element by element.

        >>> import pellucid as pc
        >>> pc.eq(pc.tensor([1, 2]), 2)
        tensor([False,  True])
        """
        return both(Equal(), self, other)

    def ne(self, other):
        """x != other, element by element.

        >>> import pellucid as pc
        >>> pc.ne(pc.tensor([1, 2]), 2)
        tensor([ True, False])
        """
        return both(NotEqual(), self, other)

    def gt(self, other):
        """x > other, element by element.

        >>> import pellucid as pc
        >>> pc.gt(pc.tensor([1, 2]), 1)
        tensor([False,  True])
        """
        return both(Greater(), self, other)

    def ge(self, other):
        """x >= other, element by element.

        >>> import pellucid as pc
        >>> pc.ge(pc.tensor([1, 2]), 1)
        tensor([ True,  True])
        """
        return both(GreaterEqual(), self, other)

    def lt(self, other):
        """x < other, element by element.

        >>> import pellucid as pc
        >>> pc.lt(pc.tensor([1, 2]), 2)
        tensor([ True, False])
        """
        return compared(self.__lt__(other), other)

    def le(self, other):
        """x <= other, element by element.

        >>> import pellucid as pc
        >>> pc.le(pc.tensor([1, 2]), 1)
        tensor([ True, False])
        """
        return compared(self.__le__(other), other)

    not_equal, greater, greater_equal, less, less_equal = ne, gt, ge, lt, le

    # ---- logic: what is not 0 is true

    def logical_and(self, other):
        """Are both true? What is not 0 is true.

        >>> import pellucid as pc
        >>> pc.logical_and(pc.tensor([0, 1]), pc.tensor([1, 1]))
        tensor([False,  True])
        """
        return logical(And(), self, other)

    def logical_or(self, other):
        """Is one of them true, or both?

        >>> import pellucid as pc
        >>> pc.logical_or(pc.tensor([0, 0]), pc.tensor([0, 1]))
        tensor([False,  True])
        """
        return logical(Or(), self, other)

    def logical_xor(self, other):
        """Is exactly one of them true?

        >>> import pellucid as pc
        >>> pc.logical_xor(pc.tensor([0, 1]), pc.tensor([1, 1]))
        tensor([ True, False])
        """
        return logical(NotEqual(), self, other)

    def logical_not(self):
        """Is x 0, that is false?

        >>> import pellucid as pc
        >>> pc.logical_not(pc.tensor([0, 1]))
        tensor([ True, False])
        """
        return Not()(cast(self, BOOL))

    # ---- bits of integers; of bool logic. Floats are a DtypeError.

    def bitwise_and(self, other):
        """The bits that are 1 in both: x & other. DtypeError for floats, here and below.

        >>> import pellucid as pc
        >>> pc.bitwise_and(pc.tensor([6, 5]), 3)
        tensor([2, 1])
        """
        return compared(self.__and__(other), other)

    def bitwise_or(self, other):
        """The bits that are 1 in one of them at least: x | other.

        >>> import pellucid as pc
        >>> pc.bitwise_or(pc.tensor([6, 5]), 3)
        tensor([7, 7])
        """
        return compared(self.__or__(other), other)

    def bitwise_xor(self, other):
        """The bits that differ: x ^ other.

        >>> import pellucid as pc
        >>> pc.bitwise_xor(pc.tensor([6, 5]), 3)
        tensor([5, 6])
        """
        return compared(self.__xor__(other), other)

    def bitwise_not(self):
        """Every bit turned round, ~x: of integers with a sign -1 - x.

        >>> import pellucid as pc
        >>> pc.bitwise_not(pc.tensor([6, -1]))
        tensor([-7,  0])
        """
        return ~self

    def bitwise_left_shift(self, other):
        """x 2^other: the bits of x moved up; 0 if `other` is negative or at least the number of bits.

        >>> import pellucid as pc
        >>> pc.bitwise_left_shift(pc.tensor([1, 3]), 2)
        tensor([ 4, 12])
        """
        return compared(self.__lshift__(other), other)

    def bitwise_right_shift(self, other):
        """floor(x / 2^other): the bits of x moved down.

        >>> import pellucid as pc
        >>> pc.bitwise_right_shift(pc.tensor([7, -7]), 1)
        tensor([ 3, -4])
        """
        return compared(self.__rshift__(other), other)

    # ---- which numbers are numbers

    def isnan(self):
        """Is it NaN, not a number?

        >>> import pellucid as pc
        >>> pc.isnan(pc.tensor([1.0, float("nan")]))
        tensor([False,  True])
        """
        return NotEqual()(self, self)  # nothing else differs from itself

    def isinf(self):
        """Is it infinite?

        >>> import pellucid as pc
        >>> pc.isinf(pc.tensor([1.0, float("-inf")]))
        tensor([False,  True])
        """
        return self.abs() == math.inf if self.array.dtype.kind == "f" else NotEqual()(self, self)

    def isfinite(self):
        """Is it neither infinite nor NaN?

        >>> import pellucid as pc
        >>> pc.isfinite(pc.tensor([1.0, float("nan")]))
        tensor([ True, False])
        """
        return self.abs() < math.inf if self.array.dtype.kind == "f" else Equal()(self, self)

    def isposinf(self):
        """Is it infinite and positive?

        >>> import pellucid as pc
        >>> pc.isposinf(pc.tensor([float("inf"), float("-inf")]))
        tensor([ True, False])
        """
        return self == math.inf

    def isneginf(self):
        """Is it infinite and negative?

        >>> import pellucid as pc
        >>> pc.isneginf(pc.tensor([float("inf"), float("-inf")]))
        tensor([False,  True])
        """
        return self == -math.inf

    def signbit(self):
        """Is the sign bit set? It is for negative numbers and -0.

        >>> import pellucid as pc
        >>> pc.signbit(pc.tensor([1.0, -0.0]))
        tensor([False,  True])
        """
        return SignBit()(self) if self.array.dtype.kind == "f" else self < 0

    def copysign(self, other):
        """|x| with the sign of `other`. The slope is that of |x|, turned round where the sign is negative.

        >>> import pellucid as pc
        >>> pc.copysign(pc.tensor([1.0, -2.0]), pc.tensor([-0.0, 3.0]))
        tensor([-1.,  2.])
        """
        x, other = floats_together("copysign", self, other)
        size = x.abs()
        if only_numbers(size) and only_numbers(other):
            return constant(np.copysign(size.array, other.array))
        return where(other.detach().signbit(), -size, size)

    # ---- nearly the same

    def isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        """Is |x - other| <= atol + rtol |other|? Equal infinities are close; NaN is to NaN with `equal_nan` only.

        >>> import pellucid as pc
        >>> pc.isclose(pc.tensor([1.0, 2.0]), pc.tensor([1.000001, 2.1]))
        tensor([ True, False])
        """
        a, b = self.detach(), as_tensor(other).detach()
        if a.dtype != b.dtype:
            raise DtypeError(f"isclose compares tensors of one dtype, not {a.dtype} and {b.dtype}.")
        a, b = meet_shapes(a, b)
        close = a == b
        if equal_nan and a.dtype.kind == "f":
            close = close | ((a != a) & (b != b))
        if rtol == 0 and atol == 0:
            return close
        apart = as_float(a - b if a.dtype != BOOL else a ^ b).abs()
        return close | ((apart < math.inf) & (apart <= as_float(b).abs() * rtol + atol))

    def allclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        """Are all elements close, as `isclose` says? True or False, so not within a recording.

        >>> import pellucid as pc
        >>> pc.allclose(pc.tensor([1.0, 2.0]), pc.tensor([1.000001, 2.0]))
        True
        """
        return bool(self.isclose(other, rtol, atol, equal_nan).all())

    def equal(self, other):
        """Have both the same shape and the same elements? True or False, so not within a recording.

        >>> import pellucid as pc
        >>> pc.equal(pc.tensor([1, 2]), pc.tensor([1, 2]))
        True
        """
        a, b = self.known("equal()"), as_tensor(other).known("equal()")
        return a.shape == b.shape and bool(np.count_nonzero(a != b) == 0)


def logical(op, a, b):
    """and, or, xor: both sides as bool."""
    other = operand(b, a)
    if other is None:
        raise no_operand(op, b)
    return op(*meet_shapes(cast(a, BOOL), cast(other, BOOL)))


def bits(on_bool, on_integers, a, b):
    """An operator on bits: of integers, and of bool if there is one for it; not of floats."""
    pair = meet(a, b)
    if pair is None:
        return NotImplemented
    dtype = pair[0].array.dtype
    if kind_of(dtype) == 2:
        raise no_bits(on_integers, dtype)
    if dtype != BOOL:
        return on_integers(*pair)
    if on_bool is None:
        raise DtypeError(f"{type(on_integers).__name__} takes integers, not bool.", remedy="Convert them: x.long()")
    return on_bool(*pair)


def no_bits(op, dtype):
    return DtypeError(f"{type(op).__name__} takes integers and bool, not {dtype}.", remedy="Ask first: (x > 0)")


def compared(y, other):
    """What an operator gave; an error for an operand it did not take."""
    if y is NotImplemented:
        raise DtypeError(f"a tensor stands beside tensors, arrays and numbers, not {type(other).__name__}.")
    return y


allclose = free(LogicMixin.allclose)
bitwise_and = free(LogicMixin.bitwise_and)
bitwise_left_shift = free(LogicMixin.bitwise_left_shift)
bitwise_not = free(LogicMixin.bitwise_not)
bitwise_or = free(LogicMixin.bitwise_or)
bitwise_right_shift = free(LogicMixin.bitwise_right_shift)
bitwise_xor = free(LogicMixin.bitwise_xor)
copysign = free(LogicMixin.copysign)
eq = free(LogicMixin.eq)
equal = free(LogicMixin.equal)
ge = greater_equal = free(LogicMixin.ge)
gt = greater = free(LogicMixin.gt)
isclose = free(LogicMixin.isclose)
isfinite = free(LogicMixin.isfinite)
isinf = free(LogicMixin.isinf)
isnan = free(LogicMixin.isnan)
isneginf = free(LogicMixin.isneginf)
isposinf = free(LogicMixin.isposinf)
le = less_equal = free(LogicMixin.le)
logical_and = free(LogicMixin.logical_and)
logical_not = free(LogicMixin.logical_not)
logical_or = free(LogicMixin.logical_or)
logical_xor = free(LogicMixin.logical_xor)
lt = less = free(LogicMixin.lt)
ne = not_equal = free(LogicMixin.ne)
signbit = free(LogicMixin.signbit)
