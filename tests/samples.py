"""Samples of every primitive: what the promises of tests/test_promises.py are checked on.

One line says how an op is used: `Sample(op, inputs...)`. An elementwise op needs no more: its special values
(NaN, infinities, -0.0), its empty, one-element and 0-dimensional inputs, and a number beside an array are made
from that line. An op that `pellucid.ops` exports and that has no line is a failing test. Those of convolution and
pooling stand in tests/window_samples.py; tests/wrong_samples.py lists what an op must refuse.
"""

import itertools

import numpy as np
from sample_inputs import SPECIAL, Sample, flags, index, integers, numbers, positive, special, zeros
from window_samples import convolutions, poolings

from pellucid import ops
from pellucid.ops.elementwise import Elementwise

# ---- the table

SAMPLES = [
    # elementwise, two inputs
    Sample(ops.Add(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Add(), integers(4), integers(4)),
    Sample(ops.Subtract(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Subtract(), integers(4), integers(4)),
    Sample(ops.Multiply(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Multiply(), integers(4), integers(4)),
    Sample(ops.Divide(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Power(), positive(2, 3), numbers(2, 3)),
    Sample(ops.Power(), numbers(6), np.array([0.0, 1.0, 2.0, 3.0, -1.0, -2.0]), differentiable=[0], note="whole"),
    Sample(ops.Maximum(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Maximum(), integers(4), integers(4)),
    Sample(ops.Minimum(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Minimum(), integers(4), integers(4)),
    # elementwise, one input
    Sample(ops.Negative(), numbers(2, 3)),
    Sample(ops.Negative(), integers(4)),
    Sample(ops.Abs(), numbers(2, 3)),
    Sample(ops.Abs(), integers(4)),
    Sample(ops.Sign(), numbers(2, 3)),
    Sample(ops.Sign(), integers(4)),
    Sample(ops.Exp(), numbers(2, 3)),
    Sample(ops.Log(), positive(2, 3)),
    Sample(ops.Log1p(), positive(2, 3)),
    Sample(ops.Sqrt(), positive(2, 3)),
    Sample(ops.Sin(), numbers(2, 3)),
    Sample(ops.Cos(), numbers(2, 3)),
    Sample(ops.Tanh(), numbers(2, 3)),
    Sample(ops.Sigmoid(), numbers(2, 3)),
    Sample(ops.Sigmoid(), np.array([-1000.0, -100.0, -30.0, 30.0, 100.0, 1000.0]), smooth=False, note="far out"),
    Sample(ops.Relu(), numbers(2, 3)),
    Sample(ops.Erf(), numbers(2, 3)),
    Sample(ops.Erf(), np.array([-7.0, -0.5, -0.4999, 0.4999, 0.5, 7.0, 1e-300]), smooth=False, note="seams"),
    # questions
    Sample(ops.Greater(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Greater(), integers(9), integers(9)),
    Sample(ops.GreaterEqual(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.GreaterEqual(), integers(9), integers(9)),
    Sample(ops.Equal(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Equal(), integers(9), integers(9)),
    Sample(ops.NotEqual(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.NotEqual(), integers(9), integers(9)),
    Sample(ops.And(), flags(2, 4), flags(2, 4)),
    Sample(ops.Or(), flags(2, 4), flags(2, 4)),
    Sample(ops.Not(), flags(2, 4)),
    # choice and change of dtype
    Sample(ops.Where(), flags(2, 3), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Where(), np.array(True), numbers(2, 3), numbers(2, 3), note="one condition"),
    Sample(ops.Where(), flags(4), integers(4), integers(4)),
    Sample(ops.Cast("float64"), numbers(2, 3)),
    Sample(ops.Cast("float32"), integers(2, 3)),
    Sample(ops.Cast("int64"), numbers(2, 3)),
    Sample(ops.Cast("bool"), np.array([0.0, -0.0, 0.5, np.nan]), smooth=False),
    Sample(ops.Cast("float32"), np.array([1e300, np.nan, -np.inf, -0.0, 1e-50]), smooth=False, note="narrowed"),
    # reductions
    Sample(ops.Sum((0,)), numbers(3, 4)),
    Sample(ops.Sum((0, 2)), numbers(2, 3, 4)),
    Sample(ops.Sum((1,)), numbers(3, 1)),
    Sample(ops.Sum((0,)), zeros(0, 3)),
    Sample(ops.Sum((1,)), zeros(0, 3)),
    Sample(ops.Sum((1,)), special(3, 5), smooth=False, note="special"),
    Sample(ops.Sum((1,)), integers(3, 4)),
    Sample(ops.Broadcast((3, 4)), numbers(3, 1)),
    Sample(ops.Broadcast((2, 3, 4)), numbers(1, 3, 1)),
    Sample(ops.Broadcast((3, 1)), numbers(3, 1), note="nothing to do"),
    Sample(ops.Broadcast((0, 3)), numbers(1, 3), note="to nothing"),
    Sample(ops.Broadcast((0, 3)), zeros(0, 1)),
    Sample(ops.Broadcast((2, 11)), special(1, 11), smooth=False, note="special"),
    Sample(ops.Max((1,)), numbers(3, 4)),
    Sample(ops.Max((0, 2)), numbers(2, 3, 4)),
    Sample(ops.Max((0,)), numbers(1, 3)),
    Sample(ops.Max((0,)), zeros(2, 0)),
    Sample(ops.Max((1,)), np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0]]), smooth=False, note="ties"),
    Sample(ops.Max((1,)), special(4, 3), smooth=False, note="special"),
    Sample(ops.Max((1,)), integers(3, 4)),
    Sample(ops.ArgMax(1), numbers(3, 4)),
    Sample(ops.ArgMax(0), numbers(1, 4)),
    Sample(ops.ArgMax(0), zeros(2, 0)),
    Sample(ops.ArgMax(1), np.array([[1.0, 2.0, 2.0], [np.nan, 5.0, np.nan]]), smooth=False),
    # movement
    Sample(ops.Reshape((3, 2)), numbers(2, 3)),
    Sample(ops.Reshape(()), numbers(1, 1)),
    Sample(ops.Reshape((1,)), numbers()),
    Sample(ops.Reshape((0, 5)), zeros(3, 0)),
    Sample(ops.Reshape((11, 1)), special(11), smooth=False, note="special"),
    Sample(ops.Transpose((1, 0)), numbers(2, 3)),
    Sample(ops.Transpose((2, 0, 1)), numbers(2, 3, 4)),
    Sample(ops.Transpose(()), numbers()),
    Sample(ops.Transpose((1, 0)), zeros(0, 3)),
    Sample(ops.Transpose((1, 0)), special(1, 11), smooth=False, note="special"),
    Sample(ops.Slice((1, 0), (2, 2), (1, 2)), numbers(3, 4)),
    Sample(ops.Slice((0, 3), (3, 1), (1, 1)), numbers(3, 4)),
    Sample(ops.Slice((2,), (0,), (1,)), numbers(3)),
    Sample(ops.Slice((0,), (1,), (5,)), numbers(1)),
    Sample(ops.Slice((0, 1), (0, 2), (1, 1)), zeros(0, 3)),
    Sample(ops.Slice((1,), (5,), (2,)), special(11), smooth=False, note="special"),
    Sample(ops.Pad((1, 0), (4, 3), (2, 1)), numbers(2, 2)),
    Sample(ops.Pad((0,), (1,), (1,)), numbers(1)),
    Sample(ops.Pad((2,), (3,), (1,)), zeros(0)),
    Sample(ops.Pad((1,), (13,), (1,)), special(11), smooth=False, note="special"),
    Sample(ops.Concatenate(0), numbers(2, 3), numbers(1, 3)),
    Sample(ops.Concatenate(1), numbers(2, 1), numbers(2, 3), numbers(2, 2)),
    Sample(ops.Concatenate(0), numbers(3), zeros(0)),
    Sample(ops.Concatenate(0), numbers(3)),
    Sample(ops.Concatenate(0), special(11), special(4), smooth=False, note="special"),
    Sample(ops.Concatenate(0), integers(2), integers(3)),
    # products of matrices
    Sample(ops.Matmul(), numbers(2, 3), numbers(3, 4)),
    Sample(ops.Matmul(), numbers(5, 2, 3), numbers(5, 3, 1)),
    Sample(ops.Matmul(), numbers(1, 1), numbers(1, 1)),
    Sample(ops.Matmul(), zeros(2, 0), zeros(0, 3)),
    Sample(ops.Matmul(), zeros(0, 2), numbers(2, 3)),
    Sample(ops.Matmul(), special(3, 4), special(4, 2), smooth=False, note="special"),
    Sample(ops.Matmul(), integers(2, 3), integers(3, 2)),
    # attention: queries, keys, values, and for its gradient that of the result
    Sample(ops.Attention(0.7, False), numbers(3, 4), numbers(5, 4), numbers(5, 2)),
    Sample(ops.Attention(0.5, True), numbers(2, 4, 3), numbers(2, 4, 3), numbers(2, 4, 3)),
    Sample(ops.Attention(-1.0, True), numbers(5, 2), numbers(2, 2), numbers(2, 3)),
    Sample(ops.Attention(1.0, True), numbers(1, 2, 2, 1), numbers(1, 2, 5, 1), numbers(1, 2, 5, 1)),
    Sample(ops.Attention(1.0, False), numbers(1, 1), numbers(1, 1), numbers(1, 1)),
    Sample(ops.Attention(1.0, False), zeros(0, 2), numbers(3, 2), numbers(3, 1)),
    Sample(ops.Attention(1.0, False), zeros(2, 0), zeros(3, 0), numbers(3, 1)),
    Sample(ops.Attention(1.0, True), zeros(0, 2, 3), zeros(0, 2, 3), zeros(0, 2, 3)),
    Sample(ops.Attention(1.0, False), special(4, 3), numbers(2, 3), special(2, 4), smooth=False, note="special"),
    Sample(ops.AttentionGradient(0.7, False), numbers(3, 4), numbers(5, 4), numbers(5, 2), numbers(3, 2)),
    Sample(ops.AttentionGradient(0.5, True), numbers(2, 4, 3), numbers(2, 4, 3), numbers(2, 4, 3), numbers(2, 4, 3)),
    Sample(ops.AttentionGradient(-1.0, True), numbers(2, 1), numbers(5, 1), numbers(5, 3), numbers(2, 3)),
    Sample(ops.AttentionGradient(1.0, False), numbers(1, 1), numbers(1, 1), numbers(1, 1), numbers(1, 1)),
    Sample(ops.AttentionGradient(1.0, True), zeros(0, 2), numbers(3, 2), numbers(3, 1), zeros(0, 1)),
    Sample(
        ops.AttentionGradient(1.0, False),
        numbers(4, 3),
        special(2, 3),
        numbers(2, 4),
        special(4, 4),
        smooth=False,
        note="special",
    ),
    # look-ups
    Sample(ops.Gather(1), numbers(2, 3), index([[0, 2, 2, 1], [1, 1, 0, 0]])),
    Sample(ops.Gather(0), numbers(2, 3), index([[0, 1, 1]])),
    Sample(ops.Gather(0), numbers(3), index([])),
    Sample(ops.Gather(0), special(11), index([0, 1, 2, 3, 4, 4]), smooth=False, note="special"),
    Sample(ops.ScatterAdd(1, 3), index([[0, 2, 2, 1], [1, 1, 0, 0]]), numbers(2, 4)),
    Sample(ops.ScatterAdd(0, 2), index([[0, 1, 1]]), numbers(1, 3)),
    Sample(ops.ScatterAdd(0, 3), index([]), zeros(0)),
    Sample(ops.ScatterAdd(0, 2), index([0, 0, 1, 1, 1]), special(5), smooth=False, note="special"),
    Sample(ops.TakeRows(), numbers(3, 2), index([2, 0, 2])),
    Sample(ops.TakeRows(), numbers(3, 2), index([[2, 0], [1, 1]])),
    Sample(ops.TakeRows(), numbers(3), index(1)),
    Sample(ops.TakeRows(), numbers(3, 2), index([])),
    Sample(ops.TakeRows(), numbers(1, 0), index([0])),
    Sample(ops.TakeRows(), special(11), index([0, 1, 2, 3, 4]), smooth=False, note="special"),
    Sample(ops.AddRows(3, 1), index([2, 0, 2]), numbers(3, 2)),
    Sample(ops.AddRows(3, 2), index([[2, 0], [1, 1]]), numbers(2, 2, 2)),
    Sample(ops.AddRows(3, 0), index(1), numbers()),
    Sample(ops.AddRows(3, 1), index([]), zeros(0, 2)),
    Sample(ops.AddRows(1, 1), index([0]), numbers(1, 2)),
    Sample(ops.AddRows(2, 1), index([0, 0, 1, 1, 1]), special(5), smooth=False, note="special"),
    # random numbers
    Sample(ops.Uniform((3, 4), "float32"), np.array([7, 0], np.uint32)),
    Sample(ops.Uniform((5,), "float64"), np.array([2**32 - 1, 2**32 - 1], np.uint32)),
    Sample(ops.Uniform((0, 2), "float32"), np.array([0, 3], np.uint32)),
    Sample(ops.Uniform((), "float64"), np.array([0, 0], np.uint32)),
]

# New samples come last, so that the numbers drawn for those above stay as they are.
SAMPLES += [
    # powers and logarithms to other bases, and forms that keep more digits
    Sample(ops.Exp2(), numbers(2, 3)),
    Sample(ops.Expm1(), numbers(2, 3)),
    Sample(ops.Log2(), positive(2, 3)),
    Sample(ops.Log10(), positive(2, 3)),
    Sample(ops.LogAddExp(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Erfc(), numbers(2, 3)),
    Sample(ops.Erfc(), np.array([-7.0, -0.5, -0.4999, 0.4999, 0.5, 3.9999, 4.0001, 5.0]), smooth=False, note="seams"),
    # rounding and remainders
    Sample(ops.Floor(), numbers(2, 3)),
    Sample(ops.Ceil(), numbers(2, 3)),
    Sample(ops.Trunc(), numbers(2, 3)),
    Sample(ops.Round(), numbers(2, 3)),
    Sample(ops.Round(), np.array([0.5, 1.5, -0.5, -2.5]), smooth=False, note="ties"),
    Sample(ops.FloorDivide(), numbers(2, 3), positive(2, 3)),
    Sample(ops.FloorDivide(), integers(40), integers(40)),
    Sample(ops.Remainder(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Remainder(), integers(40), integers(40)),
    Sample(ops.Fmod(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Fmod(), integers(40), integers(40)),
    # angles
    Sample(ops.Tan(), numbers(2, 3) * 0.7),
    Sample(ops.Asin(), numbers(2, 3) * 0.45),
    Sample(ops.Acos(), numbers(2, 3) * 0.45),
    Sample(ops.Atan(), numbers(2, 3)),
    Sample(ops.Atan2(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Hypot(), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Sinh(), numbers(2, 3)),
    Sample(ops.Cosh(), numbers(2, 3)),
    Sample(ops.Asinh(), numbers(2, 3)),
    Sample(ops.Acosh(), positive(2, 3) + 1.0),
    Sample(ops.Atanh(), numbers(2, 3) * 0.45),
    # bits
    Sample(ops.BitAnd(), integers(40), integers(40)),
    Sample(ops.BitAnd(), flags(9), flags(9)),
    Sample(ops.BitOr(), integers(40), integers(40)),
    Sample(ops.BitXor(), integers(40), integers(40)),
    Sample(ops.BitNot(), integers(4)),
    Sample(ops.ShiftLeft(), integers(40), integers(40, low=-1, high=70)),
    Sample(ops.ShiftRight(), integers(40), integers(40, low=-1, high=70)),
    Sample(ops.SignBit(), numbers(2, 3)),
    # along an axis
    Sample(ops.CumulativeSum(0, False), numbers(3, 2)),
    Sample(ops.CumulativeSum(1, True), numbers(2, 3, 2)),
    Sample(ops.CumulativeSum(0, False), integers(5)),
    Sample(ops.CumulativeSum(1, False), zeros(2, 0)),
    Sample(ops.CumulativeSum(1, True), special(1, 11), smooth=False, note="special"),
    Sample(ops.CumulativeProduct(0, False), numbers(3, 2)),
    Sample(ops.CumulativeProduct(1, True), numbers(2, 3)),
    Sample(ops.CumulativeProduct(0, False), np.array([1.5, 0.0, 2.0, 0.0, -1.0]), note="zeros"),
    Sample(ops.CumulativeProduct(0, False), integers(5)),
    Sample(ops.CumulativeProduct(1, False), zeros(2, 0)),
    Sample(ops.CumulativeProduct(1, False), special(1, 11), smooth=False, note="special"),
    Sample(ops.CumulativeLogSumExp(0, False), numbers(3, 2)),
    Sample(ops.CumulativeLogSumExp(1, True), numbers(2, 3)),
    Sample(ops.CumulativeLogSumExp(1, False), zeros(2, 0)),
    Sample(ops.CumulativeLogSumExp(0, False), np.array([1000.0, -1000.0, 1001.0]), smooth=False, note="large"),
    Sample(ops.CumulativeLogSumExp(1, False), special(1, 11), smooth=False, note="special"),
    Sample(ops.CumulativeMax(0, False), numbers(3, 2)),
    Sample(ops.CumulativeMax(1, True), integers(2, 3)),
    Sample(ops.CumulativeMax(1, False), zeros(2, 0)),
    Sample(ops.CumulativeMax(1, True), special(1, 11), smooth=False, note="special"),
    Sample(ops.Recurrence(0, False), numbers(3, 2), numbers(3, 2)),
    Sample(ops.Recurrence(1, True), numbers(2, 3), numbers(2, 3)),
    Sample(ops.Recurrence(1, True), zeros(2, 0), zeros(2, 0)),
    Sample(ops.Recurrence(1, True), special(1, 11), special(1, 11), smooth=False, note="special"),
    # rows put into an array
    Sample(ops.PutRows("set"), numbers(4, 2), index([2, 0]), numbers(2, 2)),
    Sample(ops.PutRows("set"), numbers(4), index([2, 0, 2, 2]), numbers(4), note="the last one stays"),
    Sample(ops.PutRows("max"), numbers(4, 2), index([2, 0, 2]), numbers(3, 2)),
    Sample(ops.PutRows("min"), numbers(3), index([2, 0, 2]), numbers(3)),
    Sample(ops.PutRows("max"), np.ones(3), index([2, 0, 2]), np.ones(3), smooth=False, note="ties"),
    Sample(ops.PutRows("multiply"), numbers(4, 2), index([2, 0, 2]), numbers(3, 2)),
    Sample(ops.PutRows("multiply"), integers(4), index([2, 0, 2]), integers(3)),
    Sample(
        ops.PutRows("multiply"),
        np.array([0.0, 2.0, 3.0, 0.0]),
        index([0, 2, 2, 3]),
        np.array([4.0, 0.0, 5.0, 0.0]),
        smooth=False,
        note="zeros",
    ),
    Sample(ops.PutRows("set"), numbers(3, 2), index([]), zeros(0, 2)),
    Sample(ops.PutRows("set"), zeros(0, 2), index([]), zeros(0, 2)),
    Sample(ops.PutRows("set"), zeros(3, 0), index([1]), zeros(1, 0)),
    Sample(ops.PutRows("min"), special(6), index([0, 1, 2, 3, 4]), special(5)[::-1], smooth=False, note="special"),
    Sample(ops.PutRows("multiply"), special(6), index([5, 1, 2, 3, 4]), special(5), smooth=False, note="special"),
    # backward
    Sample(ops.Slice((2, 0), (3, 2), (-1, 3)), numbers(3, 4), note="backward"),
    Sample(ops.Slice((1, 3), (1, 2), (-1, -2)), numbers(3, 4), note="backward"),
    Sample(ops.Slice((39,), (40,), (-1,)), numbers(40), note="backward"),
    Sample(ops.Pad((3, 0), (4, 3), (-2, 1)), numbers(2, 2), note="backward"),
    # order
    Sample(ops.ArgSort(False), numbers(3, 40)),
    Sample(ops.ArgSort(True), numbers(2, 1, 7)),
    Sample(ops.ArgSort(False), integers(3, 9), note="ties"),
    Sample(ops.ArgSort(True), integers(3, 9), note="ties"),
    Sample(ops.ArgSort(True), flags(5)),
    Sample(ops.ArgSort(False), special(2, 11), note="special"),
    Sample(ops.ArgSort(True), special(2, 11), note="special"),
    Sample(ops.ArgSort(False), zeros(3, 0)),
    Sample(ops.ArgSort(False), zeros(0, 3)),
    Sample(ops.ArgSort(True), numbers(2, 1)),
    Sample(ops.SearchSorted(False), np.sort(numbers(9)), numbers(4)),
    Sample(ops.SearchSorted(True), np.sort(integers(2, 5)), integers(2, 4)),
    Sample(ops.SearchSorted(False), np.sort(integers(2, 5)), integers(2, 4)),
    Sample(ops.SearchSorted(True), np.sort(special(2, 11)), special(2, 11), note="special"),
    Sample(ops.SearchSorted(False), np.sort(special(11)), special(11), note="special"),
    Sample(ops.SearchSorted(False), zeros(2, 0), numbers(2, 3)),
    Sample(ops.SearchSorted(False), numbers(1), zeros(0)),
    *convolutions(),
    *poolings(),
]

# What the C target has no line for yet.
NOT_IN_C = ()


def more(sample):
    """What an elementwise sample implies: special values, and inputs that are empty, single, or plain numbers."""
    op, count = sample.op, len(sample.inputs)
    if not isinstance(op, Elementwise) or sample.note or not sample.smooth or sample.inputs[-1].dtype.kind != "f":
        return
    arrays = [x for x in sample.inputs if x.dtype.kind == "f"]
    others = [x for x in sample.inputs if x.dtype.kind != "f"]  # the condition of where
    for shape, note in (((0, 3), "empty"), ((1,), "single"), ((1, 1, 1), "length 1"), ((), "0-dimensional")):
        first = [np.resize(x, shape) for x in others]
        yield Sample(op, *first, *[np.resize(x, shape) for x in arrays], note=note)
    values = list(zip(*itertools.product(SPECIAL, repeat=len(arrays)), strict=True))
    first = [np.resize([True, False, False], len(values[0])) for _ in others]
    yield Sample(op, *first, *[np.array(v) for v in values], smooth=False, note="special")
    if count > 1:
        for i in range(len(others), count):  # a number without gradient beside arrays
            inputs = list(sample.inputs)
            inputs[i] = np.array(0.75)
            others = [k for k in sample.differentiable if k != i]
            yield Sample(op, *inputs, differentiable=others, note=f"number as input {i}")


ALL = [*SAMPLES, *[extra for sample in SAMPLES for extra in more(sample)]]
IN_C = [sample for sample in ALL if type(sample.op) not in NOT_IN_C]
