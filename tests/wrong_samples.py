"""Inputs that ops must refuse, each with the error and the words that are wanted."""

import numpy as np
from sample_inputs import flags, index, integers, numbers, zeros

from pellucid import errors, ops


class Wrong:
    """Inputs that an op must refuse: with which class of error, and which words in its message.

    `eager` is False where only a recording looks: eagerly NumPy would compute something (it broadcasts and
    mixes dtypes), and the Tensor methods never let such operands through.
    """

    def __init__(self, op, *inputs, error, words, eager=True):
        self.op = op
        self.inputs = inputs
        self.error = error
        self.words = words
        self.eager = eager

    def __repr__(self):
        return f"{self.op} {' '.join(f'{x.dtype}{list(x.shape)}' for x in self.inputs)}"


SHAPE, DTYPE, LABEL, ARGUMENT = errors.ShapeError, errors.DtypeError, errors.LabelError, errors.ArgumentError
ONE_BY_ONE = ops.Convolve((1, 1), ((0, 0), (0, 0)), (1, 1), 1)
TWO_BY_TWO = ((2, 2), (2, 2), ((0, 0), (0, 0)))

WRONG = [
    Wrong(ops.Add(), numbers(2), numbers(3), error=SHAPE, words=["Add cannot take float64[2] and float64[3]"]),
    Wrong(ops.Add(), numbers(2, 1), numbers(3), error=SHAPE, words=["equal shapes"], eager=False),
    Wrong(ops.Add(), numbers(2), integers(2), error=DTYPE, words=["float64[2]", "int64[2]", "one dtype"], eager=False),
    Wrong(ops.Subtract(), flags(2), flags(2), error=DTYPE, words=["Subtract cannot take bool[2]", "yes or no"]),
    Wrong(ops.Where(), flags(2), numbers(2), numbers(3), error=SHAPE, words=["Where cannot take bool[2]"]),
    Wrong(ops.Where(), flags(2), numbers(2), integers(2), error=DTYPE, words=["one dtype"], eager=False),
    Wrong(ops.Broadcast((2, 4)), numbers(2, 3), error=SHAPE, words=["float64[2, 3]", "(2, 4)", "length 1"]),
    Wrong(ops.Max((1,)), zeros(3, 0), error=SHAPE, words=["Max cannot take float64[3, 0]", "no element"]),
    Wrong(ops.ArgMax(0), zeros(0), error=SHAPE, words=["ArgMax cannot take float64[0]", "no element"]),
    Wrong(ops.CumulativeSum(1, False), numbers(3), error=SHAPE, words=["CumulativeSum", "axis 1 of float64[3]"]),
    Wrong(
        ops.Recurrence(0, False), numbers(3), numbers(2), error=SHAPE, words=["float64[3] and float64[2]"], eager=False
    ),
    Wrong(ops.Reshape((4, 2)), numbers(2, 3), error=SHAPE, words=["(4, 2) (8 elements)", "float64[2, 3] (6 elements)"]),
    Wrong(ops.Transpose((0, 0)), numbers(2, 3), error=SHAPE, words=["float64[2, 3]", "(0, 0)", "once"]),
    Wrong(ops.Transpose((0, 1, 2)), numbers(2, 3), error=SHAPE, words=["float64[2, 3]", "(0, 1, 2)"]),
    Wrong(ops.Slice((2,), (3,), (1,)), numbers(4), error=SHAPE, words=["outside of float64[4]"], eager=False),
    Wrong(ops.Pad((2,), (4,), (1,)), numbers(3), error=SHAPE, words=["float64[3] does not fit"]),
    Wrong(ops.Concatenate(0), numbers(2, 3), numbers(2, 4), error=SHAPE, words=["axis 0", "[2, 3]", "[2, 4]"]),
    Wrong(ops.Concatenate(0), numbers(2), integers(2), error=DTYPE, words=["one dtype"], eager=False),
    Wrong(
        ops.Matmul(),
        numbers(2, 3),
        numbers(4, 5),
        error=SHAPE,
        words=["float64[2, 3] and float64[4, 5]", "(..., i, k)"],
    ),
    Wrong(ops.Matmul(), numbers(2, 3), numbers(4, 3), error=SHAPE, words=["transposed: a @ b.mT"]),
    Wrong(ops.Matmul(), numbers(3, 2), numbers(3, 4), error=SHAPE, words=["transposed: a.mT @ b"]),
    Wrong(ops.Matmul(), numbers(2, 1, 2, 2), numbers(4, 3), error=SHAPE, words=["flattened first: x.flatten(1)"]),
    Wrong(ops.Matmul(), numbers(2, 3), integers(3, 2), error=DTYPE, words=["one dtype"], eager=False),
    Wrong(
        ops.Attention(1.0, False),
        numbers(3, 4),
        numbers(5, 3),
        numbers(5, 2),
        error=SHAPE,
        words=["queries float64[3, 4], keys float64[5, 3]", "(..., S, E)"],
    ),
    Wrong(
        ops.Attention(1.0, False),
        numbers(1, 3, 4),
        numbers(2, 5, 4),
        numbers(2, 5, 2),
        error=SHAPE,
        words=["queries float64[1, 3, 4]", "(..., S, D)"],
        eager=False,
    ),
    Wrong(ops.Attention(1.0, False), numbers(3, 4), zeros(0, 4), zeros(0, 2), error=SHAPE, words=["no key"]),
    Wrong(
        ops.Attention(1.0, False),
        numbers(3, 4),
        numbers(5, 4),
        integers(5, 2),
        error=DTYPE,
        words=["values int64[5, 2]", "floats of one dtype"],
        eager=False,
    ),
    Wrong(
        ops.AttentionGradient(1.0, False),
        numbers(3, 4),
        numbers(5, 4),
        numbers(5, 2),
        numbers(1, 2),
        error=SHAPE,
        words=["float64[5, 2] and float64[1, 2]", "like float64[3, 2]"],
    ),
    Wrong(ops.Gather(1), numbers(2, 3), index([[0], [3]]), error=LABEL, words=["number 3", "from 0 to 2"]),
    Wrong(ops.Gather(1), numbers(2, 3), index([[-1], [0]]), error=LABEL, words=["number -1", "from 0 to 2"]),
    Wrong(ops.Gather(1), numbers(2, 3), index([[0]]), error=SHAPE, words=["axis 1", "all other axes"]),
    Wrong(ops.Gather(0), numbers(3), numbers(3), error=DTYPE, words=["int64 indices", "float64[3]"]),
    Wrong(ops.ScatterAdd(0, 2), index([0, 2]), numbers(2), error=LABEL, words=["number 2", "from 0 to 1"]),
    Wrong(ops.ScatterAdd(0, 2), index([0]), numbers(2), error=SHAPE, words=["one index for each element"]),
    Wrong(ops.ScatterAdd(0, 2), numbers(2), numbers(2), error=DTYPE, words=["int64 indices"]),
    Wrong(ops.TakeRows(), numbers(3, 2), index([0, 3]), error=LABEL, words=["number 3", "there are 3"]),
    Wrong(ops.TakeRows(), numbers(3, 2), index([-1]), error=LABEL, words=["number -1"]),
    Wrong(ops.TakeRows(), numbers(), index([0]), error=SHAPE, words=["no rows"]),
    Wrong(ops.TakeRows(), numbers(3, 2), numbers(1), error=DTYPE, words=["int64 indices"]),
    Wrong(ops.AddRows(2, 1), index([0, 2]), numbers(2, 3), error=LABEL, words=["number 2"]),
    Wrong(ops.AddRows(2, 1), index([0]), numbers(2, 3), error=SHAPE, words=["one index for each row"]),
    Wrong(ops.PutRows("set"), numbers(3), index([3]), numbers(1), error=LABEL, words=["number 3", "there are 3"]),
    Wrong(ops.PutRows("set"), numbers(3), index([0]), numbers(2), error=SHAPE, words=["one index for each row"]),
    Wrong(ops.PutRows("set"), numbers(3), index([0]), integers(1), error=DTYPE, words=["float64[3]", "one dtype"]),
    Wrong(ops.PutRows("set"), numbers(3), numbers(1), numbers(1), error=DTYPE, words=["int64 indices"]),
    Wrong(ops.ArgSort(False), numbers(), error=SHAPE, words=["float64[] has no axis"]),
    Wrong(ops.SearchSorted(False), numbers(2, 3), numbers(3, 3), error=SHAPE, words=["all axes but the last"]),
    Wrong(ops.SearchSorted(False), numbers(2, 3), integers(2, 3), error=DTYPE, words=["one dtype"]),
    Wrong(ops.Uniform((2,), "float32"), np.zeros(3, np.uint32), error=SHAPE, words=["shape (2,)", "uint32[3]"]),
    Wrong(ops.Uniform((2,), "float32"), integers(2), error=DTYPE, words=["uint32 key"]),
    Wrong(ops.Uniform((2,), "int64"), np.zeros(2, np.uint32), error=DTYPE, words=["float32 or float64"]),
    Wrong(ONE_BY_ONE, numbers(1, 2, 3), numbers(1, 2, 2, 2), error=SHAPE, words=["4 axes", "(1, 2, 3)"]),
    Wrong(ONE_BY_ONE, numbers(1, 2, 3, 3), numbers(1, 3, 2, 2), error=SHAPE, words=["an input of 3 channels"]),
    Wrong(ONE_BY_ONE, numbers(1, 2, 3, 3), numbers(1, 2, 3, 4), error=SHAPE, words=["(3, 4)", "over 4", "there are 3"]),
    Wrong(ONE_BY_ONE, numbers(1, 2, 3, 3), integers(1, 2, 3, 3), error=DTYPE, words=["one floating"], eager=False),
    Wrong(
        ops.Convolve((1,), ((0, -1),), (1,), 1), numbers(1, 1, 3), numbers(1, 1, 1), error=ARGUMENT, words=["negative"]
    ),
    Wrong(ops.Convolve((1,), ((0, 0),), (1,), 2), numbers(1, 4, 3), numbers(3, 2, 1), error=SHAPE, words=["2 divides"]),
    Wrong(
        ops.ConvolveInput((2,), ((0, 0),), (1,), 1, (5,)),
        numbers(1, 1, 3),
        numbers(1, 1, 2),
        error=SHAPE,
        words=["(1, 1, 2)", "not (1, 1, 3)"],
    ),
    Wrong(
        ops.ConvolveKernel((2,), ((0, 0),), (1,), 1, (2,)),
        numbers(1, 1, 5),
        numbers(1, 1, 3),
        error=SHAPE,
        words=["(1, 1, 2)", "not (1, 1, 3)"],
    ),
    Wrong(ops.MaxPool(*TWO_BY_TWO, (1, 1)), numbers(3), error=SHAPE, words=["2 axes over float64[3]"]),
    Wrong(ops.MaxPool(*TWO_BY_TWO, (1, 1)), numbers(1, 3, 1), error=SHAPE, words=["(2, 2)", "float64[1, 3, 1]"]),
    Wrong(ops.MaxPool((1,), (1,), ((1, 0),), (1,)), numbers(3), error=SHAPE, words=["see nothing but padding"]),
    Wrong(ops.MaxPool((2,), (1,), ((0, 0),), (1,)), flags(3), error=DTYPE, words=["bool[3]", "needs numbers"]),
    Wrong(
        ops.MaxPoolPick((2,), (1,), ((0, 0),), (1,)), numbers(3), numbers(2), error=SHAPE, words=["float64[2] where"]
    ),
    Wrong(
        ops.MaxPoolSpread((2,), (1,), ((0, 0),), (1,)), numbers(3), numbers(3), error=SHAPE, words=["for float64[2]"]
    ),
    Wrong(ops.SumPool(*TWO_BY_TWO), numbers(1), error=SHAPE, words=["2 axes over float64[1]"]),
    Wrong(ops.SumPool((4,), (1,), ((0, 0),)), numbers(3), error=SHAPE, words=["windows of (4,) do not fit"]),
    Wrong(ops.SumPool((2,), (1,), ((0, 0),)), flags(3), error=DTYPE, words=["bool[3]", "needs floats"], eager=False),
    Wrong(ops.SumPoolSpread((2,), (1,), ((0, 0),), (3,)), numbers(3), error=SHAPE, words=["for float64[2]"]),
    Wrong(ops.SumPoolSpread((2,), (1,), ((0, 0),), (3,)), integers(2), error=DTYPE, words=["floats"], eager=False),
]
