"""Angles and their functions, circular and hyperbolic, in radians. Integers and bool become float32."""

import functools
import math

import numpy as np

from pellucid.ops import Acos, Acosh, Asin, Asinh, Atan, Atan2, Atanh, Cos, Cosh, Hypot, Sin, Sinh, Tan, Tanh
from pellucid.tensors.free import free
from pellucid.tensors.functions import both_floats, where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import as_float, constant, only_numbers


class TrigonometryMixin(Operators):
    """The methods of Tensor that know angles."""

    def sin(self):
        """sin(x), x in radians.

        >>> import pellucid as pc
        >>> pc.sin(pc.tensor([0.0, 1.5707964]))
        tensor([0., 1.])
        """
        return Sin()(as_float(self))

    def cos(self):
        """cos(x), x in radians.

        >>> import pellucid as pc
        >>> pc.cos(pc.tensor([0.0, 3.1415927]))
        tensor([ 1., -1.])
        """
        return Cos()(as_float(self))

    def tan(self):
        """tan(x) = sin(x) / cos(x), x in radians.

        >>> import pellucid as pc
        >>> pc.tan(pc.tensor([0.0, 0.7853982]))
        tensor([0., 1.])
        """
        return Tan()(as_float(self))

    def asin(self):
        """The angle from -pi/2 to pi/2 whose sine is x; NaN outside of [-1, 1].

        >>> import pellucid as pc
        >>> pc.asin(pc.tensor([0.0, 1.0]))
        tensor([0.    , 1.5708])
        """
        return Asin()(as_float(self))

    arcsin = asin

    def acos(self):
        """The angle from 0 to pi whose cosine is x; NaN outside of [-1, 1].

        >>> import pellucid as pc
        >>> pc.acos(pc.tensor([1.0, -1.0]))
        tensor([0.    , 3.1416])
        """
        return Acos()(as_float(self))

    arccos = acos

    def atan(self):
        """The angle from -pi/2 to pi/2 whose tangent is x.

        >>> import pellucid as pc
        >>> pc.atan(pc.tensor([0.0, 1.0]))
        tensor([0.    , 0.7854])
        """
        return Atan()(as_float(self))

    arctan = atan

    def atan2(self, other):
        """The angle from -pi to pi of the point with height x and width `other`.

        >>> import pellucid as pc
        >>> pc.atan2(pc.tensor([1.0, -1.0]), pc.tensor([-1.0, 12.0]))
        tensor([ 2.3562, -0.0831])
        """
        return both_floats(Atan2(), self, other)

    arctan2 = atan2

    def sinh(self):
        """(exp(x) - exp(-x)) / 2.

        >>> import pellucid as pc
        >>> pc.sinh(pc.tensor([0.0, 1.0]))
        tensor([0.    , 1.1752])
        """
        return Sinh()(as_float(self))

    def cosh(self):
        """(exp(x) + exp(-x)) / 2.

        >>> import pellucid as pc
        >>> pc.cosh(pc.tensor([0.0, 1.0]))
        tensor([1.    , 1.5431])
        """
        return Cosh()(as_float(self))

    def tanh(self):
        """(exp(x) - exp(-x)) / (exp(x) + exp(-x)), between -1 and 1.

        >>> import pellucid as pc
        >>> pc.tanh(pc.tensor([0.0, 1.0]))
        tensor([0.    , 0.7616])
        """
        return Tanh()(as_float(self))

    def asinh(self):
        """log(x + sqrt(x^2 + 1)), what sinh turns into x.

        >>> import pellucid as pc
        >>> pc.asinh(pc.tensor([0.0, 1.0]))
        tensor([0.    , 0.8814])
        """
        return Asinh()(as_float(self))

    arcsinh = asinh

    def acosh(self):
        """log(x + sqrt(x^2 - 1)), what cosh turns into x; NaN below 1.

        >>> import pellucid as pc
        >>> pc.acosh(pc.tensor([1.0, 2.0]))
        tensor([0.   , 1.317])
        """
        return Acosh()(as_float(self))

    arccosh = acosh

    def atanh(self):
        """log((1 + x) / (1 - x)) / 2, what tanh turns into x; NaN outside of [-1, 1].

        >>> import pellucid as pc
        >>> pc.atanh(pc.tensor([0.0, 0.5]))
        tensor([0.    , 0.5493])
        """
        return Atanh()(as_float(self))

    arctanh = atanh

    def hypot(self, other):
        """sqrt(x^2 + other^2), without a square that overflows.

        >>> import pellucid as pc
        >>> pc.hypot(pc.tensor([3.0, 5.0]), pc.tensor([-1.0, 12.0]))
        tensor([ 3.1623, 13.    ])
        """
        return both_floats(Hypot(), self, other)

    def sinc(self):
        """sin(pi x) / (pi x), and 1 at 0, where the slope is 0.

        >>> import pellucid as pc
        >>> pc.sinc(pc.tensor([0.0, 0.5, 1.0]))
        tensor([ 1.    ,  0.6366, -0.    ])
        """
        x = as_float(self) * math.pi
        tiny = smallest(x.array.dtype)  # it is its own sine
        if only_numbers(x):
            x = x.array
            x = x if np.count_nonzero(x) == x.size else np.where(x == 0.0, tiny, x)
            return constant(np.sin(x) / x)
        x = where(x == 0.0, tiny, x)
        return Sin()(x) / x

    def deg2rad(self):
        """x pi / 180: degrees as radians.

        >>> import pellucid as pc
        >>> pc.deg2rad(pc.tensor([180.0, 90.0]))
        tensor([3.1416, 1.5708])
        """
        return self * (math.pi / 180.0)

    def rad2deg(self):
        """x 180 / pi: radians as degrees.

        >>> import pellucid as pc
        >>> pc.rad2deg(pc.tensor([3.1415927, 0.0]))
        tensor([180.,   0.])
        """
        return self * (180.0 / math.pi)


@functools.cache
def smallest(dtype):
    """The smallest number that has all its digits."""
    return float(np.finfo(dtype).tiny)


acos = arccos = free(TrigonometryMixin.acos)
acosh = arccosh = free(TrigonometryMixin.acosh)
asin = arcsin = free(TrigonometryMixin.asin)
asinh = arcsinh = free(TrigonometryMixin.asinh)
atan = arctan = free(TrigonometryMixin.atan)
atan2 = arctan2 = free(TrigonometryMixin.atan2)
atanh = arctanh = free(TrigonometryMixin.atanh)
cos = free(TrigonometryMixin.cos)
cosh = free(TrigonometryMixin.cosh)
deg2rad = free(TrigonometryMixin.deg2rad)
hypot = free(TrigonometryMixin.hypot)
rad2deg = free(TrigonometryMixin.rad2deg)
sin = free(TrigonometryMixin.sin)
sinc = free(TrigonometryMixin.sinc)
sinh = free(TrigonometryMixin.sinh)
tan = free(TrigonometryMixin.tan)
tanh = free(TrigonometryMixin.tanh)
