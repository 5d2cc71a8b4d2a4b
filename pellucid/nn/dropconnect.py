"""DropConnect: a linear layer that loses single weights while it trains, where dropout loses whole units."""

from numpy.typing import DTypeLike

from pellucid.functional import dropout, linear
from pellucid.functional.dropout import require_probability
from pellucid.nn.linear import Linear
from pellucid.tensors.promote import FLOAT32


class DropConnect(Linear):
    """Linear whose weights fall out: in training Z = X (M * W)^T + M_b * b, each call with masks of its own.

    An entry of the masks M and M_b is 0 with probability p, and else 1 / (1 - p): so the expected value of Z is that of
    the whole layer, which is what evaluation gives. Its variance is p / (1 - p) times the sum of (x_i W_ji)^2 over i,
    plus b_j^2. Shapes, parameters and their first values are those of Linear; x (..., in_features).

    All rows of a batch share one mask. The source draws one for each row, which takes a copy of W for each, and in
    evaluation takes the mean of f(z) over a normal z with this mean and variance, where here z is the mean itself.

    ArgumentError for a p outside of 0 to 1, and for negative sizes.

    Source: Wan et al., "Regularization of neural networks using DropConnect" (2013).

    >>> import pellucid as pc
    >>> DropConnect(3, 2, p=0.5)(pc.ones(5, 3)).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, p=0.5, bias=True, dtype: DTypeLike = FLOAT32):
        require_probability("DropConnect", p, inplace=False)
        super().__init__(in_features, out_features, bias, dtype)
        self.p = p

    def forward(self, x):
        bias = None if self.bias is None else dropout(self.bias, self.p, self.training)
        return linear(x, dropout(self.weight, self.p, self.training), bias)

    def describe(self):
        return f"DropConnect({self.in_features} -> {self.out_features}, p={self.p})"

    def extra_repr(self):
        return f"{super().extra_repr()}, p={self.p}"
