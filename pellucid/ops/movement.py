"""Operations that move elements about and compute nothing. Each one's gradient is the way back."""

import functools
import math

import numpy as np

from pellucid.engine import ManyInputs, Op, Spec
from pellucid.errors import DtypeError, ShapeError


class Reshape(Op):
    """The same elements in the same order, under another shape."""

    view = True
    reads_inputs = False
    reads_output = False

    shape: tuple[int, ...]

    def infer(self, x):
        if math.prod(x.shape) != math.prod(self.shape):
            raise ShapeError(
                f"reshape cannot make {self.shape} ({math.prod(self.shape)} elements) "
                f"from {x} ({math.prod(x.shape)} elements): the number of elements must stay.",
                remedy="One length may be -1, and is worked out: x.reshape(len(x), -1).",
            )
        return Spec(self.shape, x.dtype)

    def forward(self, x):
        return x.reshape(self.shape)

    def gradient(self, g, y, x):
        return Reshape(x.shape)(g)


class Transpose(Op):
    """Axis `order[i]` of x becomes axis i."""

    view = True
    reads_inputs = False
    reads_output = False

    order: tuple[int, ...]

    def infer(self, x):
        if sorted(self.order) != list(range(x.ndim)):
            raise ShapeError(
                f"transpose cannot take the axes of {x} in the order {self.order}: each must stand once.",
                remedy=f"Give each of 0 to {x.ndim - 1} once; x.transpose(a, b) exchanges two axes.",
            )
        return Spec([x.shape[axis] for axis in self.order], x.dtype)

    def forward(self, x):
        return x.transpose(self.order)

    def gradient(self, g, y, x):
        back = sorted(range(len(self.order)), key=self.order.__getitem__)
        return Transpose(tuple(back))(g)


class Slice(Op):
    """Along each axis take `sizes` elements, from `starts` on, every `steps`-th. A step of -1 goes backward."""

    view = True
    reads_inputs = False
    reads_output = False

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    steps: tuple[int, ...]

    def infer(self, x):
        if x.ndim != len(self.sizes) or any(
            not 0 <= end < length
            for *ends, length, size in zip(self.starts, self.lasts(), x.shape, self.sizes, strict=True)
            for end in ends
            if size > 0
        ):
            raise ShapeError(f"{self} reaches outside of {x}.")
        return Spec(self.sizes, x.dtype)

    def lasts(self):
        """The index of the last element taken, along each axis."""
        return [a + (n - 1) * step for a, n, step in zip(self.starts, self.sizes, self.steps, strict=True)]

    @functools.cached_property
    def places(self):
        """NumPy's word for it, found once."""
        return regular_slices(self.starts, self.sizes, self.steps)

    def forward(self, x):
        return x[self.places]

    def gradient(self, g, y, x):
        return Pad(self.starts, x.shape, self.steps)(g)


class Pad(Op):
    """Put x into zeros of `shape`, from `starts` on, at every `steps`-th place: what Slice undoes."""

    reads_inputs = False
    reads_output = False

    starts: tuple[int, ...]
    shape: tuple[int, ...]
    steps: tuple[int, ...]

    def infer(self, x):
        if x.ndim != len(self.shape) or any(
            not 0 <= end < length
            for start, size, step, length in zip(self.starts, x.shape, self.steps, self.shape, strict=True)
            for end in (start, start + (size - 1) * step)
            if size > 0
        ):
            raise ShapeError(f"{x} does not fit into {self}.")
        return Spec(self.shape, x.dtype)

    def forward(self, x):
        y = np.zeros(self.shape, x.dtype)
        y[regular_slices(self.starts, x.shape, self.steps)] = x
        return y

    def gradient(self, g, y, x):
        return Slice(self.starts, x.shape, self.steps)(g)


def regular_slices(starts, sizes, steps):
    """The Python slices for positions start, start + step, ... (size of them) along each axis."""
    stops = [a + n * step for a, n, step in zip(starts, sizes, steps, strict=True)]
    # Backward to the very beginning: a stop of -1 would mean the last element.
    return tuple([slice(a, b if b >= 0 else None, step) for a, b, step in zip(starts, stops, steps, strict=True)])


class Concatenate(ManyInputs):
    """Join the inputs along `axis`. Each gets back the slice of the gradient that it filled."""

    reads_inputs = False
    reads_output = False

    axis: int

    def infer(self, *inputs):
        first = inputs[0]
        for x in inputs[1:]:
            if x.dtype != first.dtype:
                raise DtypeError(f"concatenate cannot join {first} and {x}: it needs one dtype.")
            if x.ndim != first.ndim or any(
                n != m for i, (n, m) in enumerate(zip(x.shape, first.shape, strict=True)) if i != self.axis
            ):
                raise ShapeError(
                    f"concatenate along axis {self.axis} cannot join {first} and {x}: all other axes must agree.",
                    remedy="Join along the axis that differs (dim=), or bring the others to one length.",
                )
        total = sum(x.shape[self.axis] for x in inputs)
        return Spec([total if i == self.axis else n for i, n in enumerate(first.shape)], first.dtype)

    def forward(self, *inputs):
        return np.concatenate(inputs, axis=self.axis)

    def gradient(self, g, y, *inputs):
        shares, start, ones = [], 0, (1,) * len(g.shape)
        for x in inputs:
            starts = tuple([start if axis == self.axis else 0 for axis in range(len(x.shape))])
            shares.append(Slice(starts, x.shape, ones)(g) if x.requires_grad else None)
            start += x.shape[self.axis]
        return tuple(shares)
