"""Whole numbers out of others, numbers kept within bounds, and choices between two."""

import math
import operator

import numpy as np

from pellucid.engine import Value
from pellucid.errors import ArgumentError, DtypeError
from pellucid.ops import Ceil, Floor, Round, Trunc
from pellucid.tensors.free import free
from pellucid.tensors.functions import brought_together, where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import BOOL, as_tensor, cast, constant, kind_of, only_numbers


class RoundingMixin(Operators):
    """The methods of Tensor that round, bound and choose."""

    def floor(self):
        """The largest whole number that is at most x. The slope is 0; integers stay as they are.

        >>> import pellucid as pc
        >>> pc.floor(pc.tensor([1.5, -1.5]))
        tensor([ 1., -2.])
        """
        return rounded(Floor(), self)

    def ceil(self):
        """The smallest whole number that is at least x. The slope is 0; integers stay as they are.

        >>> import pellucid as pc
        >>> pc.ceil(pc.tensor([1.5, -1.5]))
        tensor([ 2., -1.])
        """
        return rounded(Ceil(), self)

    def trunc(self):
        """x without its fraction. The slope is 0; integers stay as they are.

        >>> import pellucid as pc
        >>> pc.trunc(pc.tensor([1.5, -1.5]))
        tensor([ 1., -1.])
        """
        return rounded(Trunc(), self)

    fix = trunc

    def frac(self):
        """x - trunc(x): the fraction, with the sign of x.

        >>> import pellucid as pc
        >>> pc.frac(pc.tensor([1.5, -1.25]))
        tensor([ 0.5 , -0.25])
        """
        return self - rounded(Trunc(), self)

    def round(self, *, decimals=0):
        """The nearest whole number; from the middle between two to the even one. The slope is 0.

        With `decimals` so many digits after the point are kept; negative ones round to tens, hundreds, ...

        >>> import pellucid as pc
        >>> pc.round(pc.tensor([0.5, 1.5, 2.7])), pc.round(pc.tensor([1.2345]), decimals=2)
        (tensor([0., 2., 3.]), tensor([1.23]))
        """
        if decimals == 0 or self.array.dtype.kind != "f":
            return rounded(Round(), self)
        scale = 10.0 ** abs(decimals)
        return Round()(self * scale) / scale if decimals > 0 else Round()(self / scale) * scale

    def clamp(self, min=None, max=None):
        """The nearest number within [min, max]; if min > max, it is max; NaN if a bound is. Bounds may be tensors.

        The slope is 1 within, the ends included, and 0 outside. ArgumentError if both are missing.

        >>> import pellucid as pc
        >>> pc.clamp(pc.tensor([-2.0, 0.5, 3.0]), min=0.0, max=1.0)
        tensor([0. , 0.5, 1. ])
        """
        if min is None and max is None:
            raise ArgumentError("clamp needs min, max or both.")
        y = self if min is None else limited(self, min, operator.lt)
        return y if max is None else limited(y, max, operator.gt)

    clip = clamp

    def clamp_min(self, min):
        """The larger of x and min. Where x is min, x has the slope.

        >>> import pellucid as pc
        >>> pc.clamp_min(pc.tensor([-2.0, 0.5]), 0.0)
        tensor([0. , 0.5])
        """
        return limited(self, min, operator.lt)

    def clamp_max(self, max):
        """The smaller of x and max. Where x is max, x has the slope.

        >>> import pellucid as pc
        >>> pc.clamp_max(pc.tensor([2.0, 0.5]), 1.0)
        tensor([1. , 0.5])
        """
        return limited(self, max, operator.gt)

    def nan_to_num(self, nan=0.0, posinf=None, neginf=None):
        """x with numbers in place of NaN and the infinities; for these, if not given, the ends of the dtype's range.

        >>> import pellucid as pc
        >>> pc.nan_to_num(pc.tensor([float("nan"), float("inf"), 1.0]), nan=0.0, posinf=9.0)
        tensor([0., 9., 1.])
        """
        if self.array.dtype.kind != "f":
            return self
        ends = np.finfo(self.dtype)
        posinf = float(ends.max) if posinf is None else posinf
        neginf = float(ends.min) if neginf is None else neginf
        if only_numbers(self) and np.isfinite(self.array).all():
            return constant(self.array.copy())
        y = where(self == math.inf, posinf, where(self == -math.inf, neginf, self))
        return where(y != y, 0.0 if nan is None else nan, y)

    def heaviside(self, values):
        """The step: 0 for negative x, 1 for positive x, and `values` where x is 0. It has no slope.

        >>> import pellucid as pc
        >>> pc.heaviside(pc.tensor([-2.0, 0.0, 3.0]), pc.tensor(0.5))
        tensor([0. , 0.5, 1. ])
        """
        values = as_tensor(values)
        if values.dtype != self.dtype:
            raise DtypeError(f"heaviside takes two tensors of one dtype, not {self.dtype} and {values.dtype}.")
        if only_numbers(self) and only_numbers(values):
            return constant(np.where(self.array == 0, values.array, self.array > 0).astype(self.dtype, copy=False))
        step = cast(self > 0, self.dtype)
        return where(self == 0, values.detach(), step)

    def where(self, condition, other):
        """x where the condition holds, else other: `x.where(x > 0, 0.0)`."""
        return where(condition, self, other)

    def masked_fill(self, mask, value):
        """x with `value` where the mask (bool) holds; both broadcast. The result has the dtype of x.

        >>> import pellucid as pc
        >>> pc.masked_fill(pc.tensor([1.0, 2.0]), pc.tensor([True, False]), 0.0)
        tensor([0., 2.])
        """
        dtype = self.array.dtype
        if mask.dtype != BOOL:
            raise DtypeError(f"masked_fill needs a bool mask, not {mask.dtype}.", remedy="Ask: mask != 0")
        if isinstance(value, Value):
            if value.ndim:
                raise ArgumentError(f"masked_fill takes one value, not {value.shape}.", remedy="pc.where(mask, v, x)")
            if kind_of(value.dtype) > kind_of(dtype):
                raise DtypeError(f"masked_fill cannot put {value.dtype} into {dtype}.")
            return where(mask, cast(value, dtype), self)
        if kind_of(np.asarray(value).dtype) > kind_of(dtype):
            raise DtypeError(f"masked_fill cannot put {value!r} into {dtype}.")
        return where(mask, value, self)


def limited(x, bound, beyond):
    """The bound where x is `beyond` it (operator.lt or gt), else x. A bound that is NaN makes NaN."""
    number = isinstance(bound, (int, float)) and bound == bound
    x, bound = brought_together("clamp", x, bound)
    if only_numbers(x) and only_numbers(bound):
        if not number:  # the larger or smaller of both, or NaN
            return constant(np.asarray((np.maximum if beyond is operator.lt else np.minimum)(x.array, bound.array)))
        return constant(np.where(beyond(x.array, bound.array), bound.array, x.array))
    return where(beyond(x, bound) if number else beyond(x, bound) | (bound != bound), bound, x)


def rounded(op, x):
    """op(x) of floats; whole numbers stay as they are."""
    return op(x) if x.array.dtype.kind == "f" else x


ceil = free(RoundingMixin.ceil)
clamp = clip = free(RoundingMixin.clamp)
clamp_max = free(RoundingMixin.clamp_max)
clamp_min = free(RoundingMixin.clamp_min)
floor = free(RoundingMixin.floor)
frac = free(RoundingMixin.frac)
heaviside = free(RoundingMixin.heaviside)
masked_fill = free(RoundingMixin.masked_fill)
nan_to_num = free(RoundingMixin.nan_to_num)
round = free(RoundingMixin.round)
trunc = fix = free(RoundingMixin.trunc)
