"""Operations that run along an axis and give what they have found so far: y[i] depends on x[0] ... x[i].

With `reverse` they begin at the last element. The gradient of one that runs forward is one that runs backward.
"""

import itertools

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import ShapeError
from pellucid.ops.movement import Pad, Slice


def require_axis(op, x):
    """There must be something to run along."""
    if op.axis >= x.ndim:
        raise ShapeError(f"{type(op).__name__} cannot run along axis {op.axis} of {x}.")


class Cumulative(Op):
    """The shape rule and the forward pass of this family: `ufunc` joins what was found with the next element."""

    axis: int
    reverse: bool

    def infer(self, x):
        require_axis(self, x)
        return Spec(x.shape, x.dtype)

    def forward(self, x):
        y = np.empty(x.shape, x.dtype)
        way = (slice(None),) * self.axis + (slice(None, None, -1 if self.reverse else 1),)
        self.ufunc.accumulate(x[way], axis=self.axis, dtype=x.dtype, out=y[way])
        return y


class CumulativeSum(Cumulative):
    """y[i] = x[0] + ... + x[i]. x[i] is in all later sums, so it is owed the sum of their gradients."""

    reads_inputs = False
    reads_output = False
    ufunc = np.add

    def gradient(self, g, y, x):
        return CumulativeSum(self.axis, not self.reverse)(g)


class CumulativeProduct(Cumulative):
    """y[i] = x[0] x[1] ... x[i]: the Recurrence y[i] = x[i] y[i - 1] that begins with x[0].

    So x[i] is owed y[i - 1] (1 for the first) times what comes down from later products. There is no division, so zeros
    do no harm.
    """

    ufunc = np.multiply

    def gradient(self, g, y, x):
        down = Recurrence(self.axis, not self.reverse)(moved_on(x, self.axis, 1 if self.reverse else -1), g)
        return down * moved_on(y, self.axis, -1 if self.reverse else 1) + first_only(down, self.axis, self.reverse)


class CumulativeLogSumExp(Cumulative):
    """y[i] = log(exp(x[0]) + ... + exp(x[i])), without an exp that overflows (PyTorch's logcumsumexp).

    x[i] is owed the sum over j >= i of g[j] exp(x[i] - y[j]). With r[i] = g[i] + exp(y[i] - y[i + 1]) r[i + 1] that is
    exp(x[i] - y[i]) r[i]; both exponents are at most 0. (Two equal infinities differ by 0.)
    """

    ufunc = np.logaddexp

    def gradient(self, g, y, x):
        later = moved_on(y, self.axis, 1 if self.reverse else -1) + first_only(y, self.axis, not self.reverse)
        fall = (y - later).where(y != later, 0.0).exp()
        return (x - y).where(x != y, 0.0).exp() * Recurrence(self.axis, not self.reverse)(fall, g)


class CumulativeMax(Cumulative):
    """y[i] = the largest of x[0] ... x[i]; NaN from the first NaN on. No slopes: `cummax` gathers, which has them."""

    differentiable = False
    ufunc = np.maximum


class Recurrence(Op):
    """y[i] = b[i] + a[i] y[i - 1], and y[0] = b[0]: a first-order linear recurrence.

    Along b the gradient is the same recurrence, from the end: r[i] = g[i] + a[i + 1] r[i + 1]. Along a: r[i] y[i - 1].
    (Blelloch, "Prefix sums and their applications", 1990, has it as an example of what can be computed in parallel.)
    """

    axis: int
    reverse: bool

    def infer(self, a, b):
        require_axis(self, b)
        if a.shape != b.shape or a.dtype != b.dtype:
            raise ShapeError(f"Recurrence cannot take {a} and {b}: it needs one shape and one dtype.")
        return Spec(b.shape, b.dtype)

    def forward(self, a, b):
        y = np.array(b, order="C")
        steps = range(b.shape[self.axis])
        rows, factors = np.moveaxis(y, self.axis, 0), np.moveaxis(a, self.axis, 0)
        steps = steps[::-1] if self.reverse else steps
        for before, i in itertools.pairwise(steps):
            rows[i] += factors[i] * rows[before]
        return y

    def gradient(self, g, y, a, b):
        down = Recurrence(self.axis, not self.reverse)(moved_on(a, self.axis, 1 if self.reverse else -1), g)
        before = moved_on(y, self.axis, -1 if self.reverse else 1) if a.requires_grad else None
        return (None if before is None else down * before), down


def moved_on(x, axis, by):
    """x moved by one place along the axis, forward (by = 1) or back (-1); a zero comes in, and one element is lost."""
    ones, zeros = (1,) * len(x.shape), (0,) * len(x.shape)
    there = tuple([int(i == axis) for i in range(len(x.shape))])
    sizes = tuple([max(0, n - 1) if i == axis else n for i, n in enumerate(x.shape)])
    take, put = (zeros, there) if by == 1 else (there, zeros)
    return Pad(put, x.shape, ones)(Slice(take, sizes, ones)(x))


def first_only(x, axis, last):
    """x with zeros in place of all but the first element along the axis (or all but the last)."""
    ones, length = (1,) * len(x.shape), x.shape[axis]
    sizes = tuple([min(1, n) if i == axis else n for i, n in enumerate(x.shape)])
    starts = tuple([max(0, length - 1) if i == axis and last else 0 for i in range(len(x.shape))])
    return Pad(starts, x.shape, ones)(Slice(starts, sizes, ones)(x))
