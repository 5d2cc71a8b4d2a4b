"""Operations that make one number out of many, and Broadcast, which makes many out of one.

The reduced axes stay, with length 1, so Sum and Broadcast are exactly each other's gradient.
"""

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import ShapeError
from pellucid.ops.elementwise import Cast


def reduced(shape, axes):
    """The shape with the given axes set to 1."""
    return tuple([1 if axis in axes else length for axis, length in enumerate(shape)])


class Sum(Op):
    """Add up the elements along `axes`. Every element counted once, so every element is owed g."""

    reads_inputs = False
    reads_output = False

    axes: tuple[int, ...]

    def infer(self, x):
        return Spec(reduced(x.shape, self.axes), x.dtype)

    def forward(self, x):
        return np.add.reduce(x, axis=self.axes, dtype=x.dtype, keepdims=True)

    def gradient(self, g, y, x):
        return Broadcast(x.shape)(g)  # and Broadcast's gradient is Sum


class Broadcast(Op):
    """Repeat x along its axes of length 1 until it has `shape`. What was used often is owed the sum."""

    reads_inputs = False
    reads_output = False

    shape: tuple[int, ...]

    def infer(self, x):
        fits = x.ndim == len(self.shape) and all(n in (1, m) for n, m in zip(x.shape, self.shape, strict=True))
        if not fits:
            raise ShapeError(f"{x} cannot be broadcast to {self.shape}: an axis of length 1 can be repeated, no other.")
        return Spec(self.shape, x.dtype)

    def forward(self, x):
        # Empty and assign is six times cheaper than np.broadcast_to, and the result is contiguous.
        y = np.empty(self.shape, x.dtype)
        y[...] = x
        return y

    def gradient(self, g, y, x):
        axes = tuple([axis for axis, length in enumerate(x.shape) if length != self.shape[axis]])
        return Sum(axes)(g) if axes else g


SHORT = 32  # NumPy's max takes 70 ns for each row, however short; over the turned matrix it is up to 5 times faster


class Max(Op):
    """The largest element along `axes`. If several are largest, they share the gradient, as in PyTorch's amax."""

    axes: tuple[int, ...]

    def infer(self, x):
        require_elements(self, x, self.axes)
        return Spec(reduced(x.shape, self.axes), x.dtype)

    def forward(self, x):
        if self.axes == (1,) and x.ndim == 2 and x.shape[1] <= SHORT < x.shape[0]:
            return np.maximum.reduce(x.T.copy(), axis=0)[:, np.newaxis]
        return np.maximum.reduce(x, axis=self.axes, keepdims=True)

    def gradient(self, g, y, x):
        largest = Cast(x.dtype.name)(x == Broadcast(x.shape)(y))
        share = g / Sum(self.axes)(largest)
        return Broadcast(x.shape)(share) * largest


class ArgMax(Op):
    """The position (int64) of the largest element along `axis`; of several, the first."""

    differentiable = False

    axis: int

    def infer(self, x):
        require_elements(self, x, (self.axis,))
        return Spec(reduced(x.shape, (self.axis,)), np.int64)

    def forward(self, x):
        return x.argmax(self.axis, keepdims=True)


def require_elements(op, x, axes):
    """There is no largest among no elements."""
    if any(x.shape[axis] == 0 for axis in axes):
        raise ShapeError(f"{type(op).__name__} cannot take {x}: along axes {axes} there is no element to choose from.")
