"""The linear layer's formula."""

import math

from pellucid.ops import Matmul
from pellucid.ops.contract import transposed


def linear(x, weight, bias=None):
    """Z = X W^T + b: every row of X is multiplied with every row of the weight.

    Shapes: x (..., in), weight (out, in), bias (out,); the result is (..., out). Leading axes count rows.
    ShapeError if the last axis of x is not `in` long.

    >>> import pellucid as pc
    >>> linear(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), pc.tensor([0.0, 0.0, 1.0]))
    tensor([[1., 3., 5.]])
    """
    if x.ndim != 2 and x.shape[-1:] == weight.shape[1:]:
        rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        return linear(rows, weight, bias).reshape(*x.shape[:-1], weight.shape[0])
    z = Matmul()(x, transposed(weight))  # (rows, in) (in, out) -> (rows, out)
    return z if bias is None else z + bias
