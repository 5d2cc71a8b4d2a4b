"""The linear layer's formula."""

import math

from pellucid.ops import Matmul
from pellucid.ops.contract import transposed


def linear(input, weight, bias=None):
    """Z = X W^T + b: every row of X is multiplied with every row of the weight.

    Shapes: input (..., in), weight (out, in), bias (out,); the result is (..., out). Leading axes count rows.
    ShapeError if the last axis of input is not `in` long.

    >>> import pellucid as pc
    >>> linear(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), pc.tensor([0.0, 0.0, 1.0]))
    tensor([[1., 3., 5.]])
    """
    if input.ndim != 2 and input.shape[-1:] == weight.shape[1:]:
        rows = input.reshape(math.prod(input.shape[:-1]), input.shape[-1])
        return linear(rows, weight, bias).reshape(*input.shape[:-1], weight.shape[0])
    z = Matmul()(input, transposed(weight))  # (rows, in) (in, out) -> (rows, out)
    return z if bias is None else z + bias
