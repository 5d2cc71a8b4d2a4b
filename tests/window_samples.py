"""Samples of what moves a window over its input: convolution and pooling."""

from sample_inputs import Sample, integers, numbers, special, zeros

from pellucid import ops
from pellucid.spec import Spec


def convolutions():
    """Samples of the three: strides, uneven padding, dilation, groups, 1 to 3 axes, nothing, and special values."""
    one, two, three = (1,), (1, 1), (1, 1, 1)
    for stride, padding, dilation, groups, x, w, note in [
        (one, ((0, 0),), one, 1, (2, 3, 5), (4, 3, 3), ""),
        (one, ((2, 0),), (2,), 1, (1, 1, 4), (1, 1, 3), "causal"),
        ((2, 1), ((1, 1), (0, 2)), (1, 2), 1, (2, 2, 5, 4), (3, 2, 3, 2), ""),
        (two, ((1, 1), (1, 1)), two, 1, (1, 2, 4, 3), (2, 2, 3, 3), ""),
        ((2, 2), ((0, 0), (0, 0)), two, 1, (1, 2, 4, 3), (3, 2, 1, 1), "1 by 1"),
        ((3, 2), ((0, 1), (1, 0)), two, 2, (2, 4, 5, 4), (6, 2, 2, 3), "groups"),
        (two, ((1, 1), (1, 1)), two, 3, (1, 3, 3, 4), (3, 1, 3, 3), "depthwise"),
        ((1, 2, 1), ((0, 0), (1, 1), (0, 1)), three, 1, (1, 2, 2, 3, 2), (2, 2, 2, 2, 2), ""),
        (one, ((1, 1),), one, 1, (0, 2, 3), (2, 2, 3), "no samples"),
        (two, ((1, 1), (1, 1)), two, 1, (1, 1, 3, 11), (1, 1, 2, 3), "special"),
    ]:
        op = ops.Convolve(stride, padding, dilation, groups)
        out = op.infer(Spec(x, "float64"), Spec(w, "float64")).shape
        smooth, first = (False, special) if note == "special" else (True, numbers)
        for kind, inputs, *more in (
            (ops.Convolve, (first(*x), numbers(*w))),
            (ops.ConvolveInput, (first(*out), numbers(*w)), x[2:]),
            (ops.ConvolveKernel, (first(*x), numbers(*out)), w[2:]),
        ):
            yield Sample(kind(stride, padding, dilation, groups, *more), *inputs, smooth=smooth, note=note)


def poolings():
    """Samples of pooling: overlap, gaps, uneven padding, dilation, 1 to 3 axes, nothing, ties and special values."""
    for kernel_size, stride, padding, dilation, shape, note in [
        ((2,), (2,), ((0, 0),), (1,), (2, 3, 7), ""),
        ((3,), (1,), ((1, 1),), (2,), (5,), "no axis in front"),
        ((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1), (2, 1, 4, 6), ""),
        ((3, 2), (2, 1), ((1, 1), (0, 1)), (1, 2), (2, 2, 5, 4), ""),
        ((2, 1), (3, 2), ((1, 1), (0, 0)), (1, 1), (1, 6, 4), "gaps"),
        ((2, 2, 2), (2, 1, 1), ((0, 1), (1, 0), (0, 0)), (1, 1, 1), (1, 2, 3, 2, 3), ""),
        ((2, 2), (1, 1), ((0, 0), (0, 0)), (1, 1), (0, 3, 4), "no samples"),
        ((2, 3), (1, 1), ((0, 0), (1, 1)), (1, 1), (2, 3, 11), "special"),
        ((2, 2), (1, 1), ((0, 0), (0, 0)), (1, 1), (3, 4), "ties"),
    ]:
        first, smooth = {"special": (special, False), "ties": (zeros, False)}.get(note, (numbers, True))
        windows, spread = (kernel_size, stride, padding), shape[len(shape) - len(kernel_size) :]
        x = first(*shape)
        y = ops.MaxPool(*windows, dilation).forward(x)
        yield Sample(ops.MaxPool(*windows, dilation), x, smooth=smooth, note=note)
        yield Sample(ops.MaxPoolPick(*windows, dilation), x, numbers(*shape), smooth=smooth, note=note)
        yield Sample(ops.MaxPoolSpread(*windows, dilation), x, numbers(*y.shape), smooth=smooth, note=note)
        if set(dilation) == {1}:
            yield Sample(ops.SumPool(*windows), x, smooth=smooth, note=note)
            yield Sample(ops.SumPoolSpread(*windows, spread), first(*y.shape), smooth=smooth, note=note)
    settings = ((2, 2), (1, 2), ((0, 1), (0, 0)), (1, 1))
    yield Sample(ops.MaxPool(*settings), integers(2, 3, 4))
    yield Sample(ops.MaxPoolPick(*settings), integers(2, 3, 4), integers(2, 3, 4))
    yield Sample(ops.MaxPoolPick(*settings), numbers(2, 3, 4), integers(2, 3, 4), differentiable=[], note="positions")
