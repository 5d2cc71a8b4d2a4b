"""The bilinear layer: a product of two inputs, with each pair of their numbers weighted."""

import math

from pellucid.errors import ArgumentError
from pellucid.functional import bilinear
from pellucid.nn import init
from pellucid.nn.formula import Formula
from pellucid.nn.parameter import Parameter
from pellucid.tensors import zeros
from pellucid.tensors.promote import FLOAT32


class Bilinear(Formula):
    """y_k = sum over i and j of x1_i W_kij x2_j, plus b_k; x1 (..., in1_features), x2 (..., in2_features).

    The weight (out_features, in1_features, in2_features) and bias (out_features,) begin as uniform random numbers
    between -1/sqrt(in1_features) and 1/sqrt(in1_features), as in PyTorch.

    ArgumentError for sizes below 1; when called, ShapeError for inputs that do not fit.

    >>> import pellucid as pc
    >>> Bilinear(3, 2, 4)(pc.ones(5, 3), pc.ones(5, 2)).shape
    (5, 4)
    """

    shown = ("in1_features", "in2_features", "out_features")

    def __init__(self, in1_features, in2_features, out_features, bias=True, dtype=FLOAT32):
        if min(in1_features, in2_features, out_features) < 1:
            sizes = (in1_features, in2_features, out_features)
            raise ArgumentError(f"Bilinear: sizes are at least 1, but {sizes} came.")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(zeros(out_features, in1_features, in2_features, dtype=dtype))
        self.bias = Parameter(zeros(out_features, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        bound = 1.0 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1, input2):
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return f"{super().extra_repr()}, bias={self.bias is not None}"
