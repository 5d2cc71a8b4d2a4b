"""Arithmetic by name: what the operators say, with PyTorch's further arguments; quotients, remainders and powers.

Operands broadcast, and meet in the dtype that PyTorch gives the result (`tensors/promote.py`). What is neither tensor,
array nor number is a DtypeError; shapes that do not meet are a ShapeError.
"""

from collections.abc import Callable

import numpy as np

from pellucid.errors import ArgumentError, DtypeError
from pellucid.ops import Divide, FloorDivide, Fmod, Maximum, Minimum, Remainder, Trunc
from pellucid.tensors.free import free
from pellucid.tensors.functions import both, where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import BOOL, as_tensor, cast, constant, kind_of, meet, only_numbers, operand


class ArithmeticMixin(Operators):
    """The methods of Tensor that compute with two operands."""

    sqrt: Callable  # PointwiseMixin has it

    def __floordiv__(self, other):
        return no_bool(FloorDivide(), self, other)

    def __rfloordiv__(self, other):
        return turned_round(FloorDivide(), self, other)

    def __mod__(self, other):
        return no_bool(Remainder(), self, other)

    def __rmod__(self, other):
        return turned_round(Remainder(), self, other)

    def add(self, other, *, alpha=1):
        """x + alpha other.

        >>> import pellucid as pc
        >>> pc.add(pc.tensor([1.0, 2.0]), 10.0, alpha=2)
        tensor([21., 22.])
        """
        return known_operand(self.__add__(scaled(other, alpha, self)))

    def sub(self, other, *, alpha=1):
        """x - alpha other.

        >>> import pellucid as pc
        >>> pc.sub(pc.tensor([1.0, 2.0]), pc.tensor([1.0, 1.0]))
        tensor([0., 1.])
        """
        return known_operand(self.__sub__(scaled(other, alpha, self)))

    def rsub(self, other, *, alpha=1):
        """other - alpha x.

        >>> import pellucid as pc
        >>> pc.rsub(pc.tensor([1.0, 2.0]), 1.0)
        tensor([ 0., -1.])
        """
        return known_operand(scaled(self, alpha, self).__rsub__(other))

    def mul(self, other):
        """x other, element by element.

        >>> import pellucid as pc
        >>> pc.mul(pc.tensor([1.0, 2.0]), pc.tensor([[3.0], [4.0]]))
        tensor([[3., 6.],
                [4., 8.]])
        """
        return known_operand(self.__mul__(other))

    def div(self, other, *, rounding_mode=None):
        """x / other; integers are divided as float32.

        With rounding_mode="floor" the largest whole number that is at most the quotient, with "trunc" the quotient
        without its fraction; integers stay integers then, and divided by 0 give 0. ArgumentError for other modes.

        >>> import pellucid as pc
        >>> pc.div(pc.tensor([7, -7]), 2), pc.div(pc.tensor([7, -7]), 2, rounding_mode="trunc")
        (tensor([ 3.5, -3.5]), tensor([ 3, -3]))
        """
        if rounding_mode is None:
            return known_operand(self.__truediv__(other))
        if rounding_mode == "floor":
            return known_operand(self.__floordiv__(other))
        if rounding_mode != "trunc":
            raise ArgumentError(f'div: rounding_mode is None, "trunc" or "floor", not {rounding_mode!r}.')
        a, b = known_operand(meet(self, other) or NotImplemented)
        if kind_of(a.dtype) == 2:
            return Trunc()(Divide()(a, b))
        return no_bool(FloorDivide(), a - no_bool(Fmod(), a, b), b)

    def floor_divide(self, other):
        """The largest whole number that is at most x / other: Python's //. Its slope is 0.

        >>> import pellucid as pc
        >>> pc.floor_divide(pc.tensor([7, -7]), 2)
        tensor([ 3, -4])
        """
        return known_operand(self.__floordiv__(other))

    def remainder(self, other):
        """x - other floor(x / other): what is left, with the sign of `other`: Python's %. NaN for a float `other` = 0.

        >>> import pellucid as pc
        >>> pc.remainder(pc.tensor([7.0, -7.0]), 3.0)
        tensor([1., 2.])
        """
        return known_operand(self.__mod__(other))

    def fmod(self, other):
        """x - other trunc(x / other): what is left, with the sign of x, as C's fmod has it.

        >>> import pellucid as pc
        >>> pc.fmod(pc.tensor([7.0, -7.0]), 3.0)
        tensor([ 1., -1.])
        """
        return known_operand(no_bool(Fmod(), self, other))

    def pow(self, exponent):
        """x to the power of `exponent`. Integers have no negative powers: ArgumentError.

        >>> import pellucid as pc
        >>> pc.pow(pc.tensor([1.0, 2.0, 3.0]), 2)
        tensor([1., 4., 9.])
        """
        return known_operand(self.__pow__(exponent))

    def float_power(self, exponent):
        """x to the power of `exponent`, both in float64.

        >>> import pellucid as pc
        >>> pc.float_power(pc.tensor([2, 4]), -1)
        tensor([0.5 , 0.25], dtype=float64)
        """
        exponent = operand(exponent, self)
        return known_operand(NotImplemented if exponent is None else double(self) ** double(exponent))

    def maximum(self, other):
        """The larger of both, NaN if one is NaN. The larger one has the slope; equal ones have half each.

        >>> import pellucid as pc
        >>> pc.maximum(pc.tensor([1.0, 5.0]), pc.tensor([3.0, 2.0]))
        tensor([3., 5.])
        """
        return both(Maximum(), self, other)

    def minimum(self, other):
        """The smaller of both, NaN if one is NaN. The smaller one has the slope; equal ones have half each.

        >>> import pellucid as pc
        >>> pc.minimum(pc.tensor([1.0, 5.0]), pc.tensor([3.0, 2.0]))
        tensor([1., 2.])
        """
        return both(Minimum(), self, other)

    def fmax(self, other):
        """The larger of both; if one is NaN, the other one. Of equal ones the first has the slope.

        >>> import pellucid as pc
        >>> pc.fmax(pc.tensor([1.0, float("nan")]), pc.tensor([3.0, 2.0]))
        tensor([3., 2.])
        """
        a, b = known_operand(meet(self, other) or NotImplemented)
        if only_numbers(a) and only_numbers(b):
            return constant(np.fmax(a.array, b.array))
        return where((a >= b) | (b != b), a, b)

    def fmin(self, other):
        """The smaller of both; if one is NaN, the other one. Of equal ones the first has the slope.

        >>> import pellucid as pc
        >>> pc.fmin(pc.tensor([1.0, float("nan")]), pc.tensor([3.0, 2.0]))
        tensor([1., 2.])
        """
        a, b = known_operand(meet(self, other) or NotImplemented)
        if only_numbers(a) and only_numbers(b):
            return constant(np.fmin(a.array, b.array))
        return where((a <= b) | (b != b), a, b)

    def lerp(self, end, weight):
        """x + weight (end - x): the way from x to `end`, of which `weight` has been gone. Both may be tensors.

        >>> import pellucid as pc
        >>> pc.lerp(pc.tensor([0.0, 10.0]), pc.tensor([10.0, 20.0]), 0.25)
        tensor([ 2.5, 12.5])
        """
        return self + (end - self) * weight

    def addcmul(self, tensor1, tensor2, *, value=1):
        """x + value tensor1 tensor2.

        >>> import pellucid as pc
        >>> pc.addcmul(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([3.0]), value=0.5)
        tensor([4.])
        """
        return self + scaled(tensor1 * tensor2, value, self)

    def addcdiv(self, tensor1, tensor2, *, value=1):
        """x + value tensor1 / tensor2. DtypeError if both are integers: a quotient is a float.

        >>> import pellucid as pc
        >>> pc.addcdiv(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([4.0]))
        tensor([1.5])
        """
        if kind_of(tensor1.dtype) < 2 and kind_of(tensor2.dtype) < 2:
            raise DtypeError(f"addcdiv divides floats, not {tensor1.dtype} by {tensor2.dtype}.", remedy="x.float()")
        return self + scaled(tensor1 / tensor2, value, self)

    subtract, multiply, divide = sub, mul, div

    def true_divide(self, other):
        """x / other; integers are divided as float32.

        >>> import pellucid as pc
        >>> pc.true_divide(pc.tensor([7, -7]), 2)
        tensor([ 3.5, -3.5])
        """
        return known_operand(self.__truediv__(other))


def scaled(x, factor, beside):
    """x times a number: x itself for 1."""
    if isinstance(factor, (int, float)) and factor == 1:
        return x
    if isinstance(factor, float) and kind_of(as_tensor(x).dtype) < 2 and kind_of(beside.dtype) < 2:
        raise DtypeError(f"integers cannot be scaled by the float {factor}.", remedy="Convert first: x.float()")
    return x * factor


def known_operand(y):
    """The result of an operator called by name: what cannot stand beside a tensor is an error of ours."""
    if y is NotImplemented:
        raise DtypeError("arithmetic is for tensors, arrays and numbers: an operand is something else.")
    return y


def no_bool(op, a, b):
    """op(a, b) of integers or floats; bool has no remainders."""
    pair = meet(a, b)
    if pair is None:
        return NotImplemented
    if pair[0].array.dtype == BOOL:
        raise DtypeError(f"{type(op).__name__} takes floats and integers, not bool.", remedy="Convert first: x.long()")
    return op(*pair)


def turned_round(op, a, b):
    """op(b, a): for operators whose left side was not a tensor."""
    b = operand(b, a)
    return NotImplemented if b is None else no_bool(op, b, a)


def double(x):
    """x in float64."""
    return cast(as_tensor(x), np.dtype(np.float64))


add = free(ArithmeticMixin.add)
addcdiv = free(ArithmeticMixin.addcdiv)
addcmul = free(ArithmeticMixin.addcmul)
div = divide = free(ArithmeticMixin.div)
float_power = free(ArithmeticMixin.float_power)
floor_divide = free(ArithmeticMixin.floor_divide)
fmax = free(ArithmeticMixin.fmax)
fmin = free(ArithmeticMixin.fmin)
fmod = free(ArithmeticMixin.fmod)
lerp = free(ArithmeticMixin.lerp)
maximum = free(ArithmeticMixin.maximum)
minimum = free(ArithmeticMixin.minimum)
mul = multiply = free(ArithmeticMixin.mul)
pow = free(ArithmeticMixin.pow)
remainder = free(ArithmeticMixin.remainder)
rsub = free(ArithmeticMixin.rsub)
sub = subtract = free(ArithmeticMixin.sub)
true_divide = free(ArithmeticMixin.true_divide)
