"""The formulas of the linear and the bilinear layer."""

import math

from pellucid.errors import ShapeError
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


def bilinear(input1, input2, weight, bias=None):
    """y_k = sum over i and j of x1_i W_kij x2_j, plus b_k: a product of two inputs with each pair weighted.

    Shapes: input1 (..., in1), input2 (..., in2), with the same leading axes; weight (out, in1, in2), bias (out,);
    the result is (..., out). ShapeError if they do not fit.

    >>> import pellucid as pc
    >>> bilinear(pc.tensor([[1.0, 2.0]]), pc.tensor([[3.0]]), pc.tensor([[[1.0], [10.0]]]))
    tensor([[63.]])
    """
    if weight.ndim != 3 or (*input1.shape[-1:], *input2.shape[-1:]) != weight.shape[1:]:
        came = f"{input1.shape}, {input2.shape} and {weight.shape}"
        raise ShapeError(f"bilinear needs inputs (..., in1) and (..., in2) and a weight (out, in1, in2), not {came}.")
    if input1.shape[:-1] != input2.shape[:-1]:
        raise ShapeError(f"bilinear needs inputs with the same leading axes, not {input1.shape} and {input2.shape}.")
    out, in1, in2 = weight.shape
    rows = input1 @ weight.permute(1, 0, 2).reshape(in1, out * in2)
    y = (rows.reshape(*input1.shape[:-1], out, in2) * input2.unsqueeze(-2)).sum(-1)
    return y if bias is None else y + bias
