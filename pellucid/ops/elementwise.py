"""Operations that look at one position at a time: y[i] depends on x[i] only.

Operands have one shape and one dtype, or are constants of shape () that need no gradient: Python numbers,
the learning rate. Bringing operands to one shape is the business of tensors/promote.py, so no rule here
mentions broadcasting. In `gradient`, g is the gradient of the loss with respect to y.
"""

import math
import operator

import numpy as np

from pellucid.engine import ManyInputs, Op, Spec
from pellucid.errors import DtypeError, ShapeError
from pellucid.ops.error_function import erf


class Elementwise(Op):
    """The shape rule of this family. `result` is the dtype of the result, None for that of the operands."""

    result = None

    def infer(self, *specs):
        shapes = {s.shape for s in specs if s.shape != ()} or {()}
        if len(shapes) > 1:
            raise ShapeError(
                f"{type(self).__name__} cannot take {' and '.join(map(str, specs))}: it needs equal shapes, or numbers."
            )
        operands = self.operands(specs)
        dtypes = {s.dtype for s in operands}
        if len(dtypes) > 1:
            raise DtypeError(
                f"{type(self).__name__} cannot take {' and '.join(map(str, operands))}: it needs one dtype."
            )
        return Spec(shapes.pop(), self.result or dtypes.pop())

    def operands(self, specs):
        """The inputs that share a dtype with the result: all of them, except for Where's condition."""
        return specs


class Comparison(Elementwise):
    """A question with a yes or no for every position. It has no slope: a staircase is flat between its steps."""

    result = np.dtype(bool)
    differentiable = False


class Add(Elementwise):
    """y = a + b. What the sum owes, it owes to both in full."""

    reads_inputs = False
    reads_output = False
    forward = operator.add

    def gradient(self, g, y, a, b):
        return g, g


class Subtract(Elementwise):
    """y = a - b."""

    reads_inputs = False
    reads_output = False
    forward = operator.sub

    def infer(self, *specs):
        if any(s.dtype == bool for s in specs):
            raise DtypeError(
                f"Subtract cannot take {' and '.join(map(str, specs))}: bool says yes or no.",
                remedy="Differ: a ^ b. As 0 and 1: a.float() - b.float()",
            )
        return super().infer(*specs)

    def gradient(self, g, y, a, b):
        return g, (-g if b.requires_grad else None)


class Multiply(Elementwise):
    """y = a b. The slope along a is b, and along b is a."""

    reads_output = False
    forward = operator.mul

    def gradient(self, g, y, a, b):
        return (g * b if a.requires_grad else None), (g * a if b.requires_grad else None)


class Divide(Elementwise):
    """y = a / b. Slopes: 1/b along a, and -a/b^2 = -y/b along b."""

    forward = operator.truediv

    def gradient(self, g, y, a, b):
        return (g / b if a.requires_grad else None), (-(g * y) / b if b.requires_grad else None)


class Power(Elementwise):
    """y = a^b. Slopes: b a^(b-1) along a (0 where b = 0), and y log a along b (0 where a = 0 and b >= 0)."""

    forward = np.power

    def gradient(self, g, y, a, b):
        along_a = along_b = None
        if a.requires_grad:
            along_a = (g * b * a ** (b - 1.0)).where(b != 0.0, 0.0)
        if b.requires_grad:
            along_b = (g * y * a.log()).where((a != 0.0) | (b < 0.0), 0.0)
        return along_a, along_b


class Maximum(Elementwise):
    """y = max(a, b). The larger one gets the gradient; at a tie each gets half, as in PyTorch."""

    reads_output = False
    forward = np.maximum

    def gradient(self, g, y, a, b):
        g = g.where(a != b, g * 0.5)
        return g.where((a < b).logical_not(), 0.0), g.where((a > b).logical_not(), 0.0)


class Minimum(Elementwise):
    """y = min(a, b). The smaller one gets the gradient; at a tie each gets half, as in PyTorch."""

    reads_output = False
    forward = np.minimum

    def gradient(self, g, y, a, b):
        g = g.where(a != b, g * 0.5)
        return g.where((a > b).logical_not(), 0.0), g.where((a < b).logical_not(), 0.0)


class Negative(Elementwise):
    """y = -x."""

    reads_inputs = False
    reads_output = False
    forward = operator.neg

    def gradient(self, g, y, x):
        return -g


class Abs(Elementwise):
    """y = |x|. The slope is the sign of x, and 0 is chosen at the kink x = 0."""

    reads_output = False
    forward = np.abs

    def gradient(self, g, y, x):
        return g * x.sign()


class Sign(Elementwise):
    """y = -1, 0 or 1 by the sign of x. Flat everywhere, so its gradient is zero."""

    reads_inputs = False
    reads_output = False
    forward = np.sign

    def gradient(self, g, y, x):
        return g * 0.0


class Exp(Elementwise):
    """y = exp(x). The slope of exp is exp itself, so the gradient reuses the output."""

    reads_inputs = False
    forward = np.exp

    def gradient(self, g, y, x):
        return g * y


class Log(Elementwise):
    """y = log(x), the natural logarithm. Slope 1/x."""

    reads_output = False
    forward = np.log

    def gradient(self, g, y, x):
        return g / x


class Log1p(Elementwise):
    """y = log(1 + x), exact also for tiny x, where 1 + x would round to 1. Slope 1/(1 + x)."""

    reads_output = False
    forward = np.log1p

    def gradient(self, g, y, x):
        return g / (x + 1.0)


class Sqrt(Elementwise):
    """y = sqrt(x). Slope 1/(2 sqrt(x)) = 1/(2y)."""

    reads_inputs = False
    forward = np.sqrt

    def gradient(self, g, y, x):
        return g / (y * 2.0)


class Sin(Elementwise):
    """y = sin(x), x in radians."""

    reads_output = False
    forward = np.sin

    def gradient(self, g, y, x):
        return g * x.cos()


class Cos(Elementwise):
    """y = cos(x), x in radians."""

    reads_output = False
    forward = np.cos

    def gradient(self, g, y, x):
        return -(g * x.sin())


class Tanh(Elementwise):
    """y = tanh(x), between -1 and 1. Slope 1 - y^2."""

    reads_inputs = False
    forward = np.tanh

    def gradient(self, g, y, x):
        return g * (1.0 - y * y)


class Sigmoid(Elementwise):
    """y = 1 / (1 + exp(-x)), between 0 and 1. Slope y (1 - y): largest, 1/4, at x = 0; almost 0 far out."""

    reads_inputs = False

    def forward(self, x):
        return 1 / (1 + np.exp(-x))

    def gradient(self, g, y, x):
        return g * (y * (1.0 - y))


class Relu(Elementwise):
    """y = max(x, 0). Slope 1 where x > 0, else 0; at the kink x = 0 we choose 0, as everyone does."""

    reads_inputs = False

    def forward(self, x):
        return np.maximum(x, 0)

    def gradient(self, g, y, x):
        return g.where((y <= 0.0).logical_not(), 0.0)  # so written, NaN lets the gradient pass, as in PyTorch


class Erf(Elementwise):
    """y = erf(x), the error function, between -1 and 1. Its slope is a bell: 2/sqrt(pi) exp(-x^2)."""

    reads_output = False

    def forward(self, x):
        return erf(x)

    def gradient(self, g, y, x):
        return g * ((x * -x).exp() * (2.0 / math.sqrt(math.pi)))


class Greater(Comparison):
    """a > b"""

    forward = np.greater


class GreaterEqual(Comparison):
    """a >= b"""

    forward = np.greater_equal


class Equal(Comparison):
    """a == b"""

    forward = np.equal


class NotEqual(Comparison):
    """a != b"""

    forward = np.not_equal


class And(Comparison):
    """a and b, both bool"""

    forward = np.logical_and


class Or(Comparison):
    """a or b, both bool"""

    forward = np.logical_or


class Not(Comparison):
    """not x, for bool x"""

    forward = np.logical_not


class Where(ManyInputs, Elementwise):
    """y = a where the condition holds, else b. Each side gets the gradient of the places it filled."""

    reads_output = False

    def forward(self, condition, a, b):
        return np.where(condition, a, b)

    def operands(self, specs):
        return specs[1:]

    def gradient(self, g, y, condition, a, b):
        return (
            None,
            g.where(condition, 0.0) if a.requires_grad else None,
            g.where(condition.logical_not(), 0.0) if b.requires_grad else None,
        )


class Cast(Elementwise):
    """The same numbers in another dtype. The gradient is cast back; whole numbers have none."""

    reads_inputs = False
    reads_output = False

    dtype: str

    @property
    def differentiable(self):
        return self.dtype.startswith("float")

    def infer(self, x):
        return Spec(x.shape, self.dtype)

    def forward(self, x):
        return x.astype(self.dtype)

    def gradient(self, g, y, x):
        return Cast(x.dtype.name)(g)
