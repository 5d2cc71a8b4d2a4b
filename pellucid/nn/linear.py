"""The linear layer: Z = X W^T + b."""

import math

from numpy.typing import DTypeLike

from pellucid.errors import ArgumentError
from pellucid.functional import linear
from pellucid.nn import init
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensors import zeros
from pellucid.tensors.promote import FLOAT32


class Linear(Module):
    """Z = X W^T + b, with one row of X for each sample; x (..., in_features) gives (..., out_features).

    The weight (out_features, in_features) and bias (out_features,) begin as uniform random numbers between
    -1/sqrt(in_features) and 1/sqrt(in_features), as in PyTorch.

    Raises ArgumentError for negative sizes; when called, ShapeError if the last axis of x is not in_features long.

    >>> import pellucid as pc
    >>> Linear(3, 2)(pc.ones(5, 3)).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True, dtype: DTypeLike = FLOAT32):
        if in_features < 0 or out_features < 0:
            raise ArgumentError(f"Linear: sizes are not negative, but ({in_features}, {out_features}) came.")
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(zeros(out_features, in_features, dtype=dtype))
        self.bias = Parameter(zeros(out_features, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1.0 / math.sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x):
        return linear(x, self.weight, self.bias)

    def describe(self):
        return f"Linear({self.in_features} -> {self.out_features})"

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
