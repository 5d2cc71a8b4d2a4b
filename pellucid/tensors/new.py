"""New tensors from an old one: `x.new_zeros(2, 3)` has the dtype of x."""

import numpy as np

from pellucid.tensors.promote import constant
from pellucid.tensors.shape import flat_arguments


class NewMixin:
    """The methods of Tensor that make new ones of its dtype."""

    dtype: np.dtype

    def new_tensor(self, data, *, dtype=None, requires_grad=False):
        """A tensor of these numbers, in this tensor's dtype unless another one is given."""
        return made(np.array(data, dtype=dtype or self.dtype), requires_grad)

    def new_full(self, size, fill_value, *, dtype=None, requires_grad=False):
        """`fill_value` in a new shape, in this tensor's dtype."""
        return made(np.full(flat_arguments((size,)), fill_value, dtype or self.dtype), requires_grad)

    def new_zeros(self, *size, dtype=None, requires_grad=False):
        """Zeros in a new shape, in this tensor's dtype."""
        return made(np.zeros(flat_arguments(size), dtype or self.dtype), requires_grad)

    def new_ones(self, *size, dtype=None, requires_grad=False):
        """Ones in a new shape, in this tensor's dtype."""
        return made(np.ones(flat_arguments(size), dtype or self.dtype), requires_grad)

    def new_empty(self, *size, dtype=None, requires_grad=False):
        """Zeros in a new shape, in this tensor's dtype: what lies in memory by chance would differ from run to run."""
        return made(np.zeros(flat_arguments(size), dtype or self.dtype), requires_grad)


def made(array, requires_grad):
    """A tensor of these numbers."""
    y = constant(array)
    return y.requires_grad_() if requires_grad else y
