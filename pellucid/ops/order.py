"""Operations that ask which of two elements comes first. NaN comes after every number, as in NumPy and PyTorch.

They answer with positions (int64). To pick elements by position is the business of Gather, which has the gradient.
"""

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, ShapeError


class ArgSort(Op):
    """Along the last axis the positions of the elements, the smallest first, or with `descending` the largest first.

    Equal elements stay in the order in which they came (the sort is stable).
    """

    differentiable = False

    descending: bool

    def infer(self, x):
        if x.ndim == 0:
            raise ShapeError(f"{x} has no axis to sort along.")
        return Spec(x.shape, np.int64)

    def forward(self, x):
        if x.ndim == 0:
            raise ValueError  # NumPy would sort a number; infer knows the message
        if not self.descending:
            return np.argsort(x, axis=-1, kind="stable")
        # The last of the ascending order is the first of the descending one; turned twice, equal ones keep their order.
        return x.shape[-1] - 1 - np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., ::-1]


class SearchSorted(Op):
    """For each row of `values` (..., m), where its numbers would be put in the same row of `ordered` (..., n).

    The position is that of the first element that is not smaller; with `right`, of the first that is larger. It runs
    from 0 to n. Each row of `ordered` goes up, or at least not down.
    """

    differentiable = False

    right: bool

    def infer(self, ordered, values):
        if ordered.ndim == 0 or ordered.ndim != values.ndim or ordered.shape[:-1] != values.shape[:-1]:
            raise ShapeError(f"SearchSorted cannot take {ordered} and {values}: all axes but the last must agree.")
        if ordered.dtype != values.dtype:
            raise DtypeError(f"SearchSorted cannot take {ordered} and {values}: it needs one dtype.")
        return Spec(values.shape, np.int64)

    def forward(self, ordered, values):
        side = "right" if self.right else "left"
        if ordered.ndim == 1 and values.ndim == 1:
            return np.searchsorted(ordered, values, side)
        self.infer(Spec(ordered.shape, ordered.dtype), Spec(values.shape, values.dtype))
        y = np.empty(values.shape, np.int64)
        for row in np.ndindex(values.shape[:-1]):
            y[row] = np.searchsorted(ordered[row], values[row], side)
        return y
