"""Pooling: by hand, beside PyTorch for windows of every kind, recorded, by chance, and what is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers_twice import assert_equal_pytorch

import pellucid as pc
import pellucid.functional as F
from pellucid import nn
from pellucid.errors import ArgumentError, DtypeError, LabelError, ShapeError

PAGE = Path(__file__).resolve().parent.parent / "docs" / "pooling.md"
X = pc.tensor([[[[1.0, 5.0, 2.0, 1.0], [3.0, 2.0, 4.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 8.0, 1.0]]]])


@st.composite
def windows(draw):
    """An input, some of whose numbers are equal, and arguments that PyTorch takes."""
    rank = draw(st.integers(1, 3))
    each = lambda strategy: draw(st.tuples(*[strategy] * rank))  # noqa: E731
    kernel, stride, dilation = each(st.integers(1, 3)), each(st.integers(1, 4)), each(st.integers(1, 2))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(d * (k - 1) + 1 + draw(st.integers(0, 4)) for k, d in zip(kernel, dilation, strict=True))
    leading = draw(st.sampled_from([(2, 2), (1, 3), (0, 2), (2,)]))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    x = random.integers(-4, 5, (*leading, *size)) / 2 if draw(st.booleans()) else random.normal(size=(*leading, *size))
    return rank, x, kernel, stride, padding, dilation, draw(st.booleans()), draw(st.booleans())


@pytest.mark.peers
@settings(max_examples=120, deadline=None, derandomize=True)
@given(windows())
def test_max_pool_equals_pytorch(case):
    torch = pytest.importorskip("torch")
    rank, x, kernel, stride, padding, dilation, ceil_mode, return_indices = case
    arguments = (kernel, stride, padding, dilation, ceil_mode, return_indices)
    ours, theirs = (getattr(place, f"max_pool{rank}d") for place in (F, torch.nn.functional))
    assert_equal_pytorch(torch, lambda x: ours(x, *arguments), lambda x: theirs(x, *arguments), x)
    whole = np.round(x * 2).astype("int64")
    if rank == 2:
        assert_equal_pytorch(torch, lambda x: ours(x, *arguments), lambda x: theirs(x, *arguments), whole)


@pytest.mark.peers
@settings(max_examples=120, deadline=None, derandomize=True)
@given(windows(), st.sampled_from([None, 2, 5]))
def test_avg_pool_equals_pytorch(case, divisor):
    torch = pytest.importorskip("torch")
    rank, x, kernel, stride, padding, _, ceil_mode, count_include_pad = case
    arguments = (kernel, stride, padding, ceil_mode, count_include_pad, *([divisor] if rank > 1 else []))
    ours, theirs = (getattr(place, f"avg_pool{rank}d") for place in (F, torch.nn.functional))
    assert_equal_pytorch(torch, lambda x: ours(x, *arguments), lambda x: theirs(x, *arguments), x)


@pytest.mark.peers
@settings(max_examples=40, deadline=None, derandomize=True)
@given(windows(), st.sampled_from([1, 2, 3.0]))
def test_lp_pool_equals_pytorch(case, norm_type):
    torch = pytest.importorskip("torch")
    rank, x, kernel, stride, _, _, ceil_mode, _ = case
    ours, theirs = (getattr(place, f"lp_pool{rank}d") for place in (F, torch.nn.functional))
    arguments = (norm_type, kernel if rank > 1 else kernel[0], stride if rank > 1 else stride[0], ceil_mode)
    x = np.abs(x) + 0.5
    assert_equal_pytorch(torch, lambda x: ours(x, *arguments), lambda x: theirs(x, *arguments), x)


@pytest.mark.peers
@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_adaptive_pool_equals_pytorch(data):
    torch = pytest.importorskip("torch")
    rank = data.draw(st.integers(1, 3))
    size = data.draw(st.tuples(*[st.integers(1, 7)] * rank))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(2, 2, *size))
    wanted = data.draw(st.one_of(st.integers(1, 8), st.tuples(*[st.one_of(st.none(), st.integers(1, 5))] * rank)))
    if rank == 1 and not isinstance(wanted, int):
        wanted = 3  # PyTorch's has no None there
    for kind, *more in (("avg",), ("max", data.draw(st.booleans()))):
        ours, theirs = (getattr(place, f"adaptive_{kind}_pool{rank}d") for place in (F, torch.nn.functional))
        assert_equal_pytorch(
            torch, lambda x, f=ours, m=more: f(x, wanted, *m), lambda x, f=theirs, m=more: f(x, wanted, *m), x
        )


@pytest.mark.peers
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("given_size", [False, True])
def test_max_unpool_equals_pytorch(rank, given_size):
    """Windows that do not overlap: each place is found once, and has one slope."""
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(rank).normal(size=(2, 2, *(5, 4, 7)[:rank]))

    def back(place, x):
        pool, unpool = (getattr(place, f"max_{name}{rank}d") for name in ("pool", "unpool"))
        y, indices = pool(x, 2, return_indices=True)
        return unpool(y, indices, 2, output_size=x.shape if given_size else None)

    if not given_size:
        x = x[tuple([slice(None)] * 2 + [slice(0, n // 2 * 2) for n in x.shape[2:]])]
    assert_equal_pytorch(torch, lambda x: back(F, x), lambda x: back(torch.nn.functional, x), x)


# ---- by hand


def test_numbers_by_hand():
    assert F.max_pool2d(X, 2).tolist() == [[[[5.0, 4.0], [2.0, 8.0]]]]
    assert F.max_pool2d(X, 2, return_indices=True)[1].tolist() == [[[[1, 6], [13, 14]]]]
    assert F.avg_pool2d(X, 2).tolist() == [[[[2.75, 1.75], [1.0, 2.25]]]]
    assert F.adaptive_avg_pool2d(X, 1).tolist() == [[[[31 / 16]]]]
    assert F.adaptive_max_pool2d(X, 1).tolist() == [[[[8.0]]]]
    assert F.adaptive_avg_pool1d(pc.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 3).tolist() == [[1.5, 3.0, 4.5]]
    assert F.avg_pool1d(pc.tensor([[1.0, 2.0, 4.0]]), 2, padding=1).tolist() == [[0.5, 3.0]]
    assert F.avg_pool1d(pc.tensor([[1.0, 2.0, 4.0]]), 2, padding=1, count_include_pad=False).tolist() == [[1.0, 3.0]]


def test_the_gradient_goes_where_the_largest_was():
    x = pc.tensor([[1.0, 3.0, 3.0, 2.0]], requires_grad=True)
    F.max_pool1d(x, 3, 1).sum().backward()
    assert x.grad.tolist() == [[0.0, 2.0, 0.0, 0.0]]  # the first of two that are equal, found by both windows


def test_nan_and_infinities():
    nan, inf = float("nan"), float("inf")
    x = pc.tensor([[nan, 1.0, -inf, -inf, 2.0, inf]], requires_grad=True)
    y, at = F.max_pool1d(x, 2, return_indices=True)
    np.testing.assert_array_equal(y.detach().numpy(), [[nan, -inf, inf]])
    assert at.tolist() == [[0, 2, 5]]
    y.sum().backward()
    assert x.grad.tolist() == [[1.0, 0.0, 1.0, 0.0, 0.0, 1.0]]
    # An infinity outside of a window does not reach into it.
    assert F.adaptive_avg_pool1d(pc.tensor([[1.0, 2.0, 3.0, 4.0, inf]]), 2).tolist() == [[2.0, inf]]
    assert F.avg_pool1d(pc.tensor([[1.0, 2.0, inf, 4.0]]), 2).tolist() == [[1.5, inf]]


@pytest.mark.parametrize("dtype", [pc.float32, pc.float64])
def test_recorded_equals_eager(dtype):
    x = pc.randn(2, 3, 7, 6, dtype=dtype, requires_grad=True)

    def step():
        a, at = F.max_pool2d(x, 3, 2, 1, return_indices=True)
        b = F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)
        c = F.adaptive_avg_pool2d(x, (3, 4)), F.adaptive_max_pool2d(x, (2, 4)), F.lp_pool2d(x.abs() + 1.0, 2, 2)
        d = F.max_unpool2d(a, at, 3, 2, 1, output_size=(7, 6)), F.stochastic_pool2d(x, 2, training=False)
        x.grad = None
        sum([(y * y).sum() for y in (a, b, *c, *d)], pc.zeros(())).backward()
        return a, at, b, *c, *d

    expected, slope = step(), x.grad.numpy().copy()
    found = pc.compile(step, target="numpy")()
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    np.testing.assert_array_equal(slope, x.grad.numpy())


# ---- by chance


def test_stochastic_pooling_chooses_in_proportion():
    window = np.array([[0.0, 1.0], [2.0, 5.0]], np.float32)
    x = pc.tensor(np.tile(window, (1, 1, 100, 200)))
    pc.manual_seed(0)
    y = F.stochastic_pool2d(x, 2).numpy()
    for value, share in ((0.0, 0.0), (1.0, 1 / 8), (2.0, 2 / 8), (5.0, 5 / 8)):
        error = np.sqrt(share * (1 - share) / y.size)
        assert abs((y == value).mean() - share) <= 4 * error
    assert (F.stochastic_pool2d(x, 2, training=False).numpy() == 30 / 8).all()


def test_stochastic_pooling_as_a_module():
    pool = nn.StochasticPool2d(2)
    assert repr(pool) == "StochasticPool2d(kernel_size=2, stride=2)"
    x = pc.rand(1, 2, 4, 4)
    x.requires_grad_()
    pool(x).sum().backward()
    assert x.grad.sum().item() == 8.0  # each window handed its gradient to the one it chose
    assert ((x.grad == 0.0) | (x.grad == 1.0)).all().item()
    assert (pool(pc.zeros(1, 1, 4, 4)) == 0.0).all().item()
    assert pool.eval()(pc.zeros(1, 1, 4, 4)).tolist() == [[[[0.0, 0.0], [0.0, 0.0]]]]
    assert (pool(x) == pool(x)).all().item()
    with pc.no_grad():
        mean = pool.train()(pc.ones(1, 1, 4, 4) * pc.tensor([3.0, 1.0, 3.0, 1.0]))
    assert set(mean.flatten().tolist()) <= {3.0, 1.0}


# ---- modules

MODULES = [
    ("MaxPool1d", (2,), {}), ("MaxPool1d", (3, 2, 1), {"ceil_mode": True}), ("MaxPool2d", ((3, 2),), {"stride": 1}),
    ("MaxPool3d", (2,), {"dilation": 2, "stride": 1}), ("AvgPool1d", (2,), {}), ("AvgPool1d", ((3,), 2, 1), {}),
    ("AvgPool2d", (2,), {"divisor_override": 3}), ("AvgPool2d", ((2, 3), (1, 2), 1), {"count_include_pad": False}),
    ("AvgPool3d", (2, 1), {"ceil_mode": True}), ("LPPool1d", (2, 3), {}), ("LPPool2d", (2, 2, 1), {}),
    ("LPPool3d", (3, 2), {}), ("AdaptiveAvgPool1d", (3,), {}), ("AdaptiveAvgPool2d", ((1, None),), {}),
    ("AdaptiveAvgPool3d", (1,), {}), ("AdaptiveMaxPool1d", (3,), {}), ("AdaptiveMaxPool2d", ((2, 3),), {}),
    ("AdaptiveMaxPool3d", (2,), {}),
]  # fmt: skip


@pytest.mark.peers
@pytest.mark.parametrize("entry", MODULES, ids=lambda entry: f"{entry[0]}{entry[1]}")
def test_modules_equal_pytorch(entry):
    torch = pytest.importorskip("torch")
    name, arguments, named = entry
    ours, theirs = (getattr(place, name)(*arguments, **named) for place in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    x = np.abs(np.random.default_rng(0).normal(size=(2, 3, *(6, 5, 6)[: int(name[-2])]))) + 0.1
    assert_equal_pytorch(torch, ours, theirs, x, twice=False)


@pytest.mark.peers
def test_pooling_and_back_as_modules():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(1, 2, 4, 4))

    def both(place):
        pool, back = place.MaxPool2d(2, return_indices=True), place.MaxUnpool2d(2)
        return back, lambda x: back(*pool(x))

    (ours, function), (theirs, other) = both(nn), both(torch.nn)
    assert repr(ours) == repr(theirs)
    assert_equal_pytorch(torch, function, other, x)


# ---- what is refused

WRONG = [
    (lambda: F.max_pool2d(pc.ones(4, 4), 2), ShapeError, "(N, C, H, W) or (C, H, W), but the input has shape (4, 4)"),
    (lambda: F.max_pool2d(pc.ones(2, 3, 4, 4), 5), ShapeError, "an axis of 4 is too short"),
    (lambda: F.max_pool2d(pc.ones(2, 28, 28, 1), 2), ShapeError, "x.permute(0, 3, 1, 2)"),
    (lambda: F.avg_pool1d(pc.ones(2, 28, 3), 4), ShapeError, "x.permute(0, 2, 1)"),
    (lambda: F.max_pool2d(pc.ones(2, 3, 0, 4), 2), ShapeError, "an element along each axis"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4), 2, padding=2), ArgumentError, "at most half of the window's extent, 2"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4), (2, 2, 2)), ArgumentError, "kernel_size is one number or 2"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4), 2.0), ArgumentError, "kernel_size is a whole number, or 2 of them"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4), 0), ArgumentError, "kernel_size is at least 1, but 0"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4), 2, 0), ArgumentError, "stride is at least 1"),
    (lambda: F.max_pool2d(np.ones((1, 4, 4)), 2), DtypeError, "takes a tensor, not ndarray"),
    (lambda: F.max_pool2d(pc.ones(1, 4, 4) > 0.0, 2), DtypeError, "it needs numbers"),
    (lambda: F.avg_pool2d(pc.arange(16).reshape(1, 4, 4), 2), DtypeError, "Use x.float()"),
    (lambda: F.avg_pool2d(pc.ones(1, 4, 4), 2, divisor_override=0), ArgumentError, "divisor_override is not 0"),
    (lambda: F.adaptive_avg_pool2d(pc.ones(1, 4, 4), 0), ArgumentError, "output_size is a whole number"),
    (lambda: F.adaptive_max_pool2d(pc.ones(1, 4, 4), (1, 2, 3)), ArgumentError, "(1, 2, 3) came"),
    (lambda: F.adaptive_avg_pool1d(pc.ones(4), 1), ShapeError, "(N, C, L) or (C, L)"),
    (lambda: F.lp_pool2d(pc.ones(1, 4, 4), 0, 2), ArgumentError, "norm_type, which is not 0"),
    (lambda: F.stochastic_pool2d(pc.ones(4, 4), 2), ShapeError, "(N, C, H, W)"),
    (lambda: F.max_unpool2d(pc.ones(1, 2, 2), pc.arange(2), 2), ShapeError, "an index for each number"),
    (lambda: F.max_unpool1d(pc.ones(1, 2), pc.tensor([[0, 9]]), 2), LabelError, "9"),
    (lambda: F.max_unpool1d(pc.ones(1, 2), pc.tensor([[0, 3]]), 2, output_size=(9,)), ArgumentError, "output_size"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[2][:30])
def test_what_is_refused(wrong):
    call, kind, words = wrong
    with pytest.raises(kind, match=re.escape(words)) as caught:
        call()
    assert type(caught.value) is kind


def test_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    space = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), space)
