"""Every function of images, with settings drawn at random: recorded it gives eager's bits, and in C eager's numbers.

Values, gradients and gradients of gradients, in float32 and in float64. What eager gives is compared with PyTorch in
tests/test_convolution.py, tests/test_pooling.py and tests/test_resize.py, from which the settings come.
"""

import numpy as np
import pytest
from c_close import ARRAY, COMPILER, largest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_convolution import arrays, settings_of
from test_pooling import windows
from test_resize import resizings

import pellucid as pc
import pellucid.functional as F

pytestmark = [*COMPILER, pytest.mark.filterwarnings("ignore:.*recompute_scale_factor")]

DTYPES = st.sampled_from(["float32", "float64"])
few = settings(max_examples=12, deadline=None)


def derivatives(function, leaves):
    """What the function gives, the gradients of its weighted squares, and those of the squares of these: lists."""

    def summed(tensors):
        weights = [np.cos(np.arange(y.numel(), dtype=str(y.dtype))).reshape(y.shape) for y in tensors]
        return sum([(y * y * pc.tensor(w)).sum() for y, w in zip(tensors, weights, strict=True)])

    results = function(*leaves)
    results = results if isinstance(results, tuple) else (results,)  # a largest number may come with its place
    first = pc.autograd.grad(summed(results[:1]), leaves, create_graph=True)
    second = pc.autograd.grad(summed(first), leaves)
    return [list(results), list(first), list(second)]


def check(function, inputs, dtype):
    """Eager, recorded and in C, on the same numbers. Each list has one scale: a bias alone may have been cancelled."""
    leaves = [pc.tensor(x.astype(dtype), requires_grad=True) for x in inputs]

    def step():
        return derivatives(function, leaves)

    lists = zip(step(), pc.compile(step, target="numpy")(), pc.compile(step, target="c")(), strict=True)
    for eager, recorded, in_c in [[[y.detach().numpy() for y in each] for each in three] for three in lists]:
        scale = max([largest(y) for y in eager if y.size], default=1.0)
        for expected, again, compiled in zip(eager, recorded, in_c, strict=True):
            assert expected.dtype == compiled.dtype
            assert expected.dtype in (dtype, "int64")
            np.testing.assert_array_equal(again, expected)
            allowed = ARRAY[np.dtype(dtype)] * scale if expected.dtype == dtype else 0
            np.testing.assert_allclose(compiled, expected, rtol=0, atol=allowed)


@given(settings_of(uneven=False), DTYPES)
@few
def test_convolutions(case, dtype):
    stride, padding, dilation, groups, x, w = case
    function = getattr(F, f"conv{len(stride)}d")
    padding = tuple([before for before, _ in padding])
    check(lambda *inputs: function(*inputs, stride, padding, dilation, groups), arrays(x, w, w[:1]), dtype)


@given(settings_of(uneven=False), DTYPES)
@few
def test_transposed_convolutions(case, dtype):
    stride, _, dilation, groups, x, w = case
    function = getattr(F, f"conv_transpose{len(stride)}d")
    more = tuple([max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)])
    check(
        lambda *inputs: function(*inputs, stride, 0, more, groups, dilation),
        arrays((x[0], w[0], *x[2:]), w, (w[1] * groups,)),
        dtype,
    )


@given(settings_of(uneven=False), DTYPES)
@few
def test_unfold_and_fold(case, dtype):
    stride, padding, dilation, _, x, w = case
    if len(stride) != 2:
        return
    how = (w[2:], dilation, tuple([before for before, _ in padding]), stride)
    check(lambda x: F.unfold(x, *how), arrays(x), dtype)
    check(lambda x: F.fold(F.unfold(x, *how), x.shape[2:], *how), arrays(x), dtype)


@given(windows(), DTYPES)
@few
def test_max_pooling(case, dtype):
    rank, x, kernel, stride, padding, dilation, ceil_mode, return_indices = case
    function = getattr(F, f"max_pool{rank}d")
    check(lambda x: function(x, kernel, stride, padding, dilation, ceil_mode, return_indices), [x], dtype)


@given(windows(), st.sampled_from([None, 3]), DTYPES)
@few
def test_average_pooling(case, divisor, dtype):
    rank, x, kernel, stride, padding, _, ceil_mode, include = case
    function = getattr(F, f"avg_pool{rank}d")
    more = [divisor] if rank > 1 else []
    check(lambda x: function(x, kernel, stride, padding, ceil_mode, include, *more), [x], dtype)


@given(windows(), st.sampled_from([1, 2, 3.0]), DTYPES)
@few
def test_power_pooling(case, norm_type, dtype):
    rank, x, kernel, stride, _, _, ceil_mode, _ = case
    function = getattr(F, f"lp_pool{rank}d")
    sizes = (kernel, stride) if rank > 1 else (kernel[0], stride[0])
    check(lambda x: function(x, norm_type, *sizes, ceil_mode), [np.abs(x) + 0.5], dtype)


@given(windows(), st.integers(1, 4), DTYPES)
@few
def test_adaptive_pooling(case, size, dtype):
    rank, x, *_ = case
    check(lambda x: getattr(F, f"adaptive_avg_pool{rank}d")(x, size), [x], dtype)
    check(lambda x: getattr(F, f"adaptive_max_pool{rank}d")(x, size, return_indices=True), [x], dtype)


@given(resizings(), DTYPES)
@few
def test_interpolation(case, dtype):
    x, named = case
    check(lambda x: F.interpolate(x, **named), [x], dtype)
