"""Functions of one value at a time: signs, powers, exponentials and logarithms. Integers and bool become float32."""

import numpy as np

from pellucid.errors import ArgumentError, DtypeError
from pellucid.ops import (
    Abs,
    Erf,
    Erfc,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log1p,
    Log2,
    Log10,
    LogAddExp,
    Negative,
    Relu,
    Sigmoid,
    Sign,
    Sqrt,
)
from pellucid.tensors.at_once import largest_along, repeated
from pellucid.tensors.free import free
from pellucid.tensors.functions import both_floats, floats_together, where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import BOOL, INT64, as_float, cast, constant, kind_of, meet_shapes, only_numbers
from pellucid.tensors.shape import axis_of

LOG2 = 0.6931471805599453  # log(2)


class PointwiseMixin(Operators):
    """The methods of Tensor that look at one element at a time and know one formula for all."""

    # ---- signs

    def neg(self):
        """-x.

        >>> import pellucid as pc
        >>> pc.neg(pc.tensor([1.0, -2.0]))
        tensor([-1.,  2.])
        """
        return Negative()(self)

    negative = neg

    def positive(self):
        """x itself.

        >>> import pellucid as pc
        >>> pc.positive(pc.tensor([1.0, -2.0]))
        tensor([ 1., -2.])
        """
        return self

    def abs(self):
        """|x|. Its slope at 0 is 0.

        >>> import pellucid as pc
        >>> pc.abs(pc.tensor([1.0, -2.0]))
        tensor([1., 2.])
        """
        return Abs()(self)

    absolute = abs

    def sign(self):
        """-1, 0 or 1: the sign of x.

        >>> import pellucid as pc
        >>> pc.sign(pc.tensor([3.0, 0.0, -2.0]))
        tensor([ 1.,  0., -1.])
        """
        return Sign()(self) if self.array.dtype != BOOL else self

    sgn = sign  # they differ for complex numbers only

    # ---- powers and roots

    def square(self):
        """x x.

        >>> import pellucid as pc
        >>> pc.square(pc.tensor([3.0, -2.0]))
        tensor([9., 4.])
        """
        return self * self if kind_of(self.dtype) else cast(self, INT64)

    def sqrt(self):
        """The square root; NaN for negative numbers.

        >>> import pellucid as pc
        >>> pc.sqrt(pc.tensor([4.0, 9.0]))
        tensor([2., 3.])
        """
        return Sqrt()(as_float(self))

    def rsqrt(self):
        """1 / sqrt(x).

        >>> import pellucid as pc
        >>> pc.rsqrt(pc.tensor([4.0, 0.25]))
        tensor([0.5, 2. ])
        """
        return 1.0 / Sqrt()(as_float(self))

    def reciprocal(self):
        """1 / x.

        >>> import pellucid as pc
        >>> pc.reciprocal(pc.tensor([4.0, 0.5]))
        tensor([0.25, 2.  ])
        """
        return 1.0 / as_float(self)

    # ---- exponentials and logarithms

    def exp(self):
        """exp(x) = e^x.

        >>> import pellucid as pc
        >>> pc.exp(pc.tensor([0.0, 1.0]))
        tensor([1.    , 2.7183])
        """
        return Exp()(as_float(self))

    def exp2(self):
        """2^x.

        >>> import pellucid as pc
        >>> pc.exp2(pc.tensor([3.0, -1.0]))
        tensor([8. , 0.5])
        """
        return Exp2()(as_float(self))

    def expm1(self):
        """exp(x) - 1, exact also for tiny x, where exp(x) would round to 1.

        >>> import pellucid as pc
        >>> pc.expm1(pc.tensor([0.0, 1.0]))
        tensor([0.    , 1.7183])
        """
        return Expm1()(as_float(self))

    def log(self):
        """The natural logarithm: -inf for 0, NaN for negative numbers.

        >>> import pellucid as pc
        >>> pc.log(pc.tensor([1.0, 10.0]))
        tensor([0.    , 2.3026])
        """
        return Log()(as_float(self))

    def log2(self):
        """The logarithm to base 2.

        >>> import pellucid as pc
        >>> pc.log2(pc.tensor([8.0, 0.5]))
        tensor([ 3., -1.])
        """
        return Log2()(as_float(self))

    def log10(self):
        """The logarithm to base 10.

        >>> import pellucid as pc
        >>> pc.log10(pc.tensor([1000.0, 0.1]))
        tensor([ 3., -1.])
        """
        return Log10()(as_float(self))

    def log1p(self):
        """log(1 + x), exact also for tiny x, where 1 + x would round to 1.

        >>> import pellucid as pc
        >>> pc.log1p(pc.tensor([0.0, 1.0]))
        tensor([0.    , 0.6931])
        """
        return Log1p()(as_float(self))

    def logaddexp(self, other):
        """log(exp(x) + exp(other)), without an exp that overflows.

        >>> import pellucid as pc
        >>> pc.logaddexp(pc.tensor([1000.0]), pc.tensor([1000.0]))
        tensor([1000.6932])
        """
        return both_floats(LogAddExp(), self, other)

    def logaddexp2(self, other):
        """log2(2^x + 2^other), without a power that overflows.

        >>> import pellucid as pc
        >>> pc.logaddexp2(pc.tensor([3.0]), pc.tensor([3.0]))
        tensor([4.])
        """
        a, b = floats_together("logaddexp2", self, other)
        if only_numbers(a) and only_numbers(b):
            return constant(np.logaddexp(a.array * LOG2, b.array * LOG2) * (1.0 / LOG2))
        return LogAddExp()(*meet_shapes(a * LOG2, b * LOG2)) * (1.0 / LOG2)

    def xlogy(self, other):
        """x log(other), and 0 where x is 0, even if the logarithm is not finite: a term of an entropy.

        >>> import pellucid as pc
        >>> pc.xlogy(pc.tensor([0.0, 2.0]), pc.tensor([0.0, 1.0]))
        tensor([0., 0.])
        """
        a, b = floats_together("xlogy", self, other)
        if only_numbers(a) and only_numbers(b):
            a, b = a.array, b.array
            nothing = a == 0.0
            b = np.where(nothing & ((b <= 0.0) | (b == np.inf)), 1.0, b) if nothing.any() else b
            return constant(a * np.log(b))
        nothing = (a == 0.0) & ((b <= 0.0) | (b == np.inf))
        return a * where(nothing, 1.0, b).log()

    # ---- curves

    def sigmoid(self):
        """1 / (1 + exp(-x)), between 0 and 1.

        >>> import pellucid as pc
        >>> pc.sigmoid(pc.tensor([0.0]))
        tensor([0.5])
        """
        return Sigmoid()(as_float(self))

    expit = sigmoid

    def logit(self, eps=None):
        """log(x / (1 - x)), what sigmoid turns into x. With `eps`, x is first moved into [eps, 1 - eps].

        Without it the result is infinite at 0 and 1, and NaN outside of them.

        >>> import pellucid as pc
        >>> pc.logit(pc.tensor([0.5, 0.0]), eps=0.1)
        tensor([ 0.    , -2.1972])
        """
        x = as_float(self)
        if only_numbers(x):
            x = x.array if eps is None else np.minimum(np.maximum(x.array, eps), 1.0 - eps)
            return constant(np.log(x) - np.log(1.0 - x))
        x = x if eps is None else x.clamp(eps, 1.0 - eps)
        return Log()(x) - Log()(1.0 - x)  # so the slopes at 0 and 1 are infinite, as they should be

    def erf(self):
        """The error function, 2/sqrt(pi) times the integral of exp(-t^2) over t from 0 to x: between -1 and 1.

        >>> import pellucid as pc
        >>> pc.erf(pc.tensor([0.0, 1.0]))
        tensor([0.    , 0.8427])
        """
        return Erf()(as_float(self))

    def erfc(self):
        """1 - erf(x), exact also for large x, where erf(x) would round to 1.

        >>> import pellucid as pc
        >>> pc.erfc(pc.tensor([0.0, 1.0]))
        tensor([1.    , 0.1573])
        """
        return Erfc()(as_float(self))

    def relu(self):
        """max(x, 0). The slope at 0 is 0.

        >>> import pellucid as pc
        >>> pc.relu(pc.tensor([-2.0, 3.0]))
        tensor([0., 3.])
        """
        if self.array.dtype == BOOL:
            raise DtypeError("relu takes numbers, not bool.", remedy="Convert it: x.float()")
        return Relu()(self)

    def softmax(self, dim, dtype=None):
        """exp(x_i) / (sum over j of exp(x_j)) along `dim`: see `pellucid.functional.softmax`. `dtype` converts first.

        >>> import pellucid as pc
        >>> pc.softmax(pc.tensor([1000.0, 1000.0]), dim=0)
        tensor([0.5, 0.5])
        """
        x = scores("softmax", self, dim, dtype)
        if only_numbers(x) and x.array.size and x.array.ndim:
            axis, x = axis_of(x, dim), x.array
            y = x - repeated(largest_along(x, axis), x, axis)
            np.exp(y, y)
            y /= repeated(np.add.reduce(y, axis), y, axis)
            return constant(y)
        exps = (x - largest(x, dim)).exp()
        return exps / exps.sum(dim, keepdim=True)

    def log_softmax(self, dim, dtype=None):
        """log(softmax(x)) along `dim`, exact where softmax would round to 0. `dtype` converts first.

        >>> import pellucid as pc
        >>> pc.log_softmax(pc.tensor([0.0, -1000.0]), dim=0)
        tensor([    0., -1000.])
        """
        x = scores("log_softmax", self, dim, dtype)
        if only_numbers(x) and x.array.size and x.array.ndim:
            axis, x = axis_of(x, dim), x.array
            y = x - repeated(largest_along(x, axis), x, axis)
            y -= repeated(np.log(np.add.reduce(np.exp(y), axis)), y, axis)
            return constant(y)
        shifted = x - largest(x, dim)
        return shifted - shifted.exp().sum(dim, keepdim=True).log()


def scores(what, x, dim, dtype):
    """x as floats, if there is an axis to look along."""
    if dtype is None and dim is not None and x.array.dtype.kind == "f":
        return x
    if dim is None:
        raise ArgumentError(f"{what} needs dim, the axis along which the numbers belong together.", remedy="dim=-1")
    return as_float(x) if dtype is None else x.to(dtype)


def largest(x, dim):
    """The largest score, as a mere number: what is subtracted from all changes no softmax and needs no gradient."""
    if 0 in x.shape:
        return 0.0
    return (x.detach() if x.requires_grad else x).amax(dim, keepdim=True)


abs = absolute = free(PointwiseMixin.abs)
erf = free(PointwiseMixin.erf)
erfc = free(PointwiseMixin.erfc)
exp = free(PointwiseMixin.exp)
exp2 = free(PointwiseMixin.exp2)
expm1 = free(PointwiseMixin.expm1)
log = free(PointwiseMixin.log)
log1p = free(PointwiseMixin.log1p)
log2 = free(PointwiseMixin.log2)
log10 = free(PointwiseMixin.log10)
log_softmax = free(PointwiseMixin.log_softmax)
logaddexp = free(PointwiseMixin.logaddexp)
logaddexp2 = free(PointwiseMixin.logaddexp2)
logit = free(PointwiseMixin.logit)
neg = negative = free(PointwiseMixin.neg)
positive = free(PointwiseMixin.positive)
reciprocal = free(PointwiseMixin.reciprocal)
relu = free(PointwiseMixin.relu)
rsqrt = free(PointwiseMixin.rsqrt)
sigmoid = expit = free(PointwiseMixin.sigmoid)
sign = sgn = free(PointwiseMixin.sign)
softmax = free(PointwiseMixin.softmax)
sqrt = free(PointwiseMixin.sqrt)
square = free(PointwiseMixin.square)
xlogy = free(PointwiseMixin.xlogy)
