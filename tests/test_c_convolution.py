"""Convolution and pooling in C: any shapes against NumPy in float64, any number of threads, and which way is taken."""

import itertools
import re

import numpy as np
import pytest
from c_close import COMPILER
from hypothesis import given, settings
from hypothesis import strategies as st
from test_convolution import by_loops, settings_of, size_of_result

import pellucid as pc
import pellucid.functional as F
from pellucid import ops
from pellucid.targets.c import convolution

pytestmark = [*COMPILER]

# The largest error may be so many times the machine's precision, as part of the largest number that comes out, for each
# doubling of the number of terms (at least one).
FACTOR = 4


@st.composite
def cases(draw):
    """A Convolve with the shapes of x and w: small, odd, and now and then with enough channels for blocks and tiles."""
    axes = draw(st.integers(1, 3))
    groups = draw(st.sampled_from([1, 1, 1, 2, 5]))
    outputs, inputs = [draw(st.sampled_from([1, 2, 3, 7, 16, 18, 33, 50])) for _ in range(2)]
    kernel = [draw(st.integers(1, 4)) for _ in range(axes)]
    stride, dilation = [[draw(st.sampled_from([1, 1, 2, 3])) for _ in range(axes)] for _ in range(2)]
    padding = [(draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(axes)]
    if draw(st.booleans()):  # the usual one
        kernel, stride, dilation = [3] * axes, [1] * axes, [1] * axes
    least = [max(1, d * (k - 1) + 1 - sum(p)) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = [n + draw(st.integers(0, {1: 90, 2: 17, 3: 5}[axes])) for n in least]
    images = draw(st.sampled_from([1, 2, 5, 20]))  # with 20, most that may be done in tiles are
    op = ops.Convolve(tuple(stride), tuple(padding), tuple(dilation), groups)
    return op, (images, groups * inputs, *size), (groups * outputs, inputs, *kernel)


def numbers(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


def three(op, x, w, g):
    """The result and both gradients, given what the result is owed."""
    setting = (op.stride, op.padding, op.dilation, op.groups)
    back, kernel = ops.ConvolveInput(*setting, x.shape[2:]), ops.ConvolveKernel(*setting, w.shape[2:])
    return [op(x, w), back(g, w), kernel(x, g)]


def close(found, exact, terms, dtype):
    allowed = FACTOR * max(1, np.log2(terms)) * np.finfo(dtype).eps * np.abs(exact).max()
    assert np.abs(np.asarray(found, np.float64) - exact).max() <= allowed


@given(cases(), st.sampled_from(["float32", "float64"]))
@settings(max_examples=40, deadline=None)
def test_any_convolution(case, dtype):
    op, x_shape, w_shape = case
    x, w = numbers(x_shape, 0).astype(dtype), numbers(w_shape, 1).astype(dtype)
    g = numbers(op.forward(x, w).shape, 2).astype(dtype)
    exact = three(op, *[pc.tensor(array.astype(np.float64)) for array in (x, w, g)])
    found = pc.compile(lambda x, w, g: three(op, x, w, g), target="c")(x, w, g)
    per_result = np.prod(w_shape[1:])
    terms = [per_result, per_result * w_shape[0] / w_shape[1], g.size / g.shape[1]]
    for ours, theirs, count in zip(found, exact, terms, strict=True):
        close(ours, np.array(theirs), count, dtype)


@pytest.mark.peers
@given(settings_of(uneven=False))
@settings(max_examples=25, deadline=None)
def test_loops_numpy_c_and_pytorch_agree(chosen):
    """All four on the same numbers, in float64: the result, and what image and kernel are owed."""
    torch = pytest.importorskip("torch")
    *how, x, w = chosen
    x = (max(x[0], 1), *x[1:])  # PyTorch's gradient of no samples is not everywhere the same
    g = (x[0], w[0], *size_of_result(x, w, *how))
    x, w, g = [numbers(shape, seed) for seed, shape in enumerate((x, w, g))]
    op = ops.Convolve(*how)
    stride, padding, dilation, groups = how
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, w)]
    convolve = getattr(torch.nn.functional, f"conv{len(stride)}d")
    y = convolve(*leaves, None, stride, tuple([before for before, _ in padding]), dilation, groups)
    theirs = [y, *torch.autograd.grad(y, leaves, torch.tensor(g))]
    in_numpy = three(op, *map(pc.tensor, (x, w, g)))
    in_c = pc.compile(lambda x, w, g: three(op, x, w, g), target="c")(x, w, g)
    for exact, *found in zip(by_loops(x, w, g, *how), theirs, in_numpy, in_c, strict=True):
        for one in found:
            np.testing.assert_allclose(one.detach().numpy(), exact, rtol=0, atol=1e-12 * max(1, np.abs(exact).max()))


# One for each way of runtime/convolution_ways.h: images, groups, outputs, inputs, size, kernel, stride, padding.
WAYS = [
    (20, 1, 24, 12, 9, 1, 1, 0),
    (6, 1, 40, 24, 17, 3, 1, 1),
    (6, 1, 40, 35, 17, 3, 1, 1),
    (33, 2, 32, 48, 4, 3, 1, 1),
    (3, 1, 30, 20, 13, 5, 2, 2),
    (70, 1, 24, 18, 4, 3, 2, 1),
    (40, 1, 6, 3, 28, 5, 1, 2),
    (20, 24, 1, 1, 15, 3, 2, 1),
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_any_number_of_threads_gives_the_same_bits(way, monkeypatch):
    images, groups, outputs, inputs, size, kernel, stride, padding = way
    op = ops.Convolve((stride, stride), ((padding, padding),) * 2, (1, 1), groups)
    x = numbers((images, groups * inputs, size, size), 0).astype(np.float32)
    w = numbers((groups * outputs, inputs, kernel, kernel), 1).astype(np.float32)
    g = numbers(op.forward(x, w).shape, 2).astype(np.float32)
    seen = set()
    for threads in (1, 2, 3, 4):
        monkeypatch.setenv("PELLUCID_THREADS", str(threads))
        found = pc.compile(lambda x, w, g: three(op, x, w, g), target="c")(x, w, g)
        seen.add(b"".join([np.array(y).tobytes() for y in found]))
    assert len(seen) == 1


# Images, groups, outputs, inputs, size, padding, in_tiles of the result, of x's gradient, of w's gradient.
TILES = [
    (2, 1, 32, 32, (8, 8), ((1, 1), (1, 1)), (4, 4, 4)),
    (9, 1, 150, 33, (4, 4), ((1, 1), (1, 1)), (4, 4, 4)),
    (3, 2, 35, 49, (13, 7), ((2, 0), (0, 1)), (4, 4, 4)),
    (1, 1, 40, 300, (11, 70), ((0, 0), (3, 2)), (4, 4, 4)),
    (4, 1, 16, 31, (23, 25), ((1, 1), (1, 1)), (2, 2, 4)),
    (5, 1, 40, 32, (5, 321), ((1, 1), (1, 1)), (2, 2, 0)),  # too wide
    (1, 1, 64, 64, (5, 5), ((1, 1), (1, 1)), (0, 0, 0)),  # too few
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("divided", [False, True], ids=["whole", "divided"])
@pytest.mark.parametrize("case", TILES, ids=str)
def test_tiles(case, divided, dtype, monkeypatch):
    if divided:  # as many slices of lines and chunks of outputs as there can be
        monkeypatch.setattr(convolution, "KERNEL_BYTES", 1)
        monkeypatch.setattr(convolution, "SLICE_BYTES", 1)
    images, groups, outputs, inputs, size, padding, ways = case
    op = ops.Convolve((1, 1), padding, (1, 1), groups)
    x = numbers((images, groups * inputs, *size), 0).astype(dtype)
    w = numbers((groups * outputs, inputs, 3, 3), 1).astype(dtype)
    g = numbers(op.forward(x, w).shape, 2).astype(dtype)
    exact = three(op, *[pc.tensor(array.astype(np.float64)) for array in (x, w, g)])
    step = pc.compile(lambda x, w, g: three(op, x, w, g), target="c")
    terms = [9 * inputs, 9 * outputs, g.size / g.shape[1]]
    for ours, theirs, count in zip(step(x, w, g), exact, terms, strict=True):
        close(ours, np.array(theirs), count, dtype)
    calls = step.source.split("struct convolution){")[1:]
    found = [int(re.search(r"\.in_tiles = (\d)", call + ".in_tiles = 0").group(1)) for call in calls]
    assert tuple(found) == ways


def test_the_step_says_what_it_convolves():
    op = ops.Convolve((1, 1), ((1, 1), (0, 0)), (1, 1), 1)
    step = pc.compile(op, target="c")
    step(numbers((2, 3, 5, 4), 0).astype(np.float32), numbers((7, 3, 3, 1), 1).astype(np.float32))
    text = step.source
    assert "Convolve float32[2, 7, 5, 4]" in text
    assert "convolve_f32(runtime, &(struct convolution){" in text
    assert ".size = {1, 5, 4}, .kernel = {1, 3, 1}, .result = {1, 5, 4}," in text


def test_programs_that_do_not_convolve_are_not_linked_to_it():
    step = pc.compile(lambda x: x * 2, target="c")
    step(numbers((3,), 0).astype(np.float32))
    assert "struct convolution" not in step.source


# ---- pooling


@st.composite
def pools(draw):
    """Settings of a MaxPool that fit a shape: every window sees something."""
    axes = draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 4)) for _ in range(axes)]
    stride = [draw(st.integers(1, 3)) for _ in range(axes)]
    padding = [(draw(st.integers(0, k // 2)), draw(st.integers(0, k // 2))) for k in kernel]
    dilation = [draw(st.sampled_from([1, 1, 2, 3])) for _ in range(axes)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = [n + draw(st.integers(0, {1: 150, 2: 20, 3: 5}[axes])) for n in reach]
    leading = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(0, 2)))]
    return (tuple(kernel), tuple(stride), tuple(padding)), tuple(dilation), (*leading, *size)


@given(pools(), st.sampled_from(["float32", "float64"]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_pooling(case, dtype, special):
    windows, dilation, shape = case
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, shape).astype(dtype)  # with ties
    if special:
        x = np.where(rng.random(shape) < 0.1, rng.choice([np.nan, np.inf, -np.inf], shape), x).astype(dtype)
    size = shape[len(shape) - len(windows[0]) :]
    largest, sums, finite = ops.MaxPool(*windows, dilation), ops.SumPool(*windows), np.where(np.isfinite(x), x, 0)
    g, h = [rng.integers(-3, 4, op.forward(x).shape).astype(dtype) for op in (largest, sums)]  # their sums are exact

    def step(x, finite, g, h):
        return [
            largest(x),
            ops.MaxPoolPick(*windows, dilation)(x, finite),
            ops.MaxPoolSpread(*windows, dilation)(x, g),
            sums(finite),
            ops.SumPoolSpread(*windows, size)(h),
        ]

    found = pc.compile(step, target="c")(x, finite, g, h)
    for ours, theirs in zip(found, step(*map(pc.tensor, (x, finite, g, h))), strict=True):
        np.testing.assert_array_equal(np.array(ours), np.array(theirs))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_whole_numbers(dtype):
    for kernel, stride in itertools.product([(2, 3), (3, 2)], [(1, 2), (2, 1)]):
        op = ops.MaxPool(kernel, stride, ((1, 0), (0, 1)), (1, 1))
        x = np.random.default_rng(0).integers(0, 200, (2, 9, 70)).astype(dtype)
        np.testing.assert_array_equal(np.array(pc.compile(lambda x, op=op: op(x), target="c")(x)), op.forward(x))


def test_a_profile_names_convolutions_and_counts_their_operations():
    x, w = pc.randn(2, 3, 8, 7), pc.randn(4, 3, 3, 3, requires_grad=True)

    @pc.compile(target="c")
    def step(x):
        loss = (F.conv2d(x, w) ** 2).sum()
        loss.backward()
        return loss

    step(x)
    counted = {row.kernel: row.operations for row in step.profile().rows if row.kernel.startswith("convolve")}
    each = 2 * (2 * 4 * 6 * 5) * (3 * 3 * 3)
    assert counted == {
        "convolve 4 x 3 x 3 x 3 -> 2 x 4 x 6 x 5": each,
        "convolve_kernel 2 x 4 x 6 x 5 -> 4 x 3 x 3 x 3": each,
    }
