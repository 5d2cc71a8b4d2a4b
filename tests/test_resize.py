"""Resizing beside PyTorch: every mode, sizes and factors, values and gradients; and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers_twice import assert_equal_pytorch

import pellucid as pc
import pellucid.functional as F
from pellucid import nn
from pellucid.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError

SMOOTH = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}


@st.composite
def resizings(draw):
    """An input and arguments of interpolate."""
    rank = draw(st.integers(1, 3))
    x = np.random.default_rng(draw(st.integers(0, 99))).normal(
        size=(2, 2, *draw(st.tuples(*[st.integers(1, 6)] * rank)))
    )
    mode = draw(st.sampled_from(["nearest", "nearest-exact", "area", *SMOOTH[rank]]))
    named = {"mode": mode}
    if draw(st.booleans()):
        named["size"] = draw(st.one_of(st.integers(1, 9), st.tuples(*[st.integers(1, 9)] * rank)))
    else:
        factor = st.one_of(st.sampled_from([1, 2, 3.0, 0.5]), st.floats(0.4, 3.0))
        named["scale_factor"] = draw(st.one_of(factor, st.tuples(*[factor] * rank)))
        named["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
        factors = named["scale_factor"] if isinstance(named["scale_factor"], tuple) else [named["scale_factor"]] * rank
        pairs = [(n, f) for n, f in zip(x.shape[2:], factors, strict=True) if f not in (1, 2)]
        # Where another factor keeps or doubles a length, PyTorch's "nearest" hands gradients to others than it took.
        if any(int(n * f) < 1 or (int(n * f) in (n, 2 * n) and "nearest" in mode) for n, f in pairs):
            named["scale_factor"] = 2
    if mode in SMOOTH[rank]:
        named["align_corners"] = draw(st.sampled_from([None, False, True]))
    return x, named


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=150, deadline=None, derandomize=True)
@given(resizings())
def test_interpolate_equals_pytorch(case):
    torch = pytest.importorskip("torch")
    x, named = case
    theirs = torch.nn.functional.interpolate
    assert_equal_pytorch(torch, lambda x: F.interpolate(x, **named), lambda x: theirs(x, **named), x)


def test_numbers_by_hand():
    x = pc.tensor([[[0.0, 4.0]]])
    assert F.interpolate(x, scale_factor=2).tolist() == [[[0.0, 0.0, 4.0, 4.0]]]
    assert F.interpolate(x, 4, mode="linear").tolist() == [[[0.0, 1.0, 3.0, 4.0]]]
    assert F.interpolate(x, 5, mode="linear", align_corners=True).tolist() == [[[0.0, 1.0, 2.0, 3.0, 4.0]]]
    assert F.interpolate(pc.tensor([[[1.0, 3.0, 5.0, 9.0]]]), 2, mode="area").tolist() == [[[2.0, 7.0]]]
    assert F.interpolate(pc.arange(4).reshape(1, 1, 4), 2).tolist() == [[[0, 2]]]


def test_cubic_weights_sum_to_one_and_keep_straight_lines():
    line = pc.arange(8.0, dtype=pc.float64).reshape(1, 1, 1, 8)
    wide = F.interpolate(line, (1, 16), mode="bicubic").numpy()[0, 0, 0]
    np.testing.assert_allclose(wide[6:-6], (np.arange(16) + 0.5)[6:-6] / 2 - 0.5, atol=0.1)
    np.testing.assert_allclose(F.interpolate(line * 0.0 + 1.0, (3, 5), mode="bicubic").numpy(), 1.0, rtol=1e-14)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area", "bilinear", "bicubic"])
def test_recorded_equals_eager(mode):
    x = pc.randn(2, 3, 4, 5, requires_grad=True)

    def step():
        y = F.interpolate(x, (6, 3), mode=mode)
        x.grad = None
        (y * y).sum().backward()
        return y

    expected, slope = step().detach().numpy(), x.grad.numpy().copy()
    np.testing.assert_array_equal(pc.compile(step, target="numpy")().detach().numpy(), expected)
    np.testing.assert_array_equal(x.grad.numpy(), slope)


@pytest.mark.peers
@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Upsample", {"scale_factor": 2}),
        ("Upsample", {"size": (3, 5), "mode": "bilinear"}),
        ("Upsample", {"scale_factor": (1.5, 2), "mode": "bicubic", "align_corners": True}),
        ("UpsamplingNearest2d", {"size": 3}),
        ("UpsamplingBilinear2d", {"scale_factor": 2}),
    ],
)
def test_modules_equal_pytorch(name, named):
    torch = pytest.importorskip("torch")
    ours, theirs = (getattr(place, name)(**named) for place in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    assert_equal_pytorch(torch, ours, theirs, np.random.default_rng(0).normal(size=(2, 3, 4, 5)))


IMAGES = pc.ones(1, 2, 4, 4)
WRONG = [
    (lambda: F.interpolate(pc.ones(4, 4), 2), ShapeError, "(N, C, L), (N, C, H, W) or (N, C, D, H, W), not (4, 4)"),
    (lambda: F.interpolate(IMAGES), ArgumentError, "size or scale_factor, one of them"),
    (lambda: F.interpolate(IMAGES, 2, 2), ArgumentError, "size or scale_factor, one of them"),
    (lambda: F.interpolate(IMAGES, 2, mode="linear"), ArgumentError, "bilinear and bicubic fit"),
    (lambda: F.interpolate(IMAGES, 2, mode="cubic"), ArgumentError, "mode is one of nearest"),
    (lambda: F.interpolate(IMAGES, 2, align_corners=True), ArgumentError, "align_corners goes with"),
    (lambda: F.interpolate(IMAGES, 2, mode="bilinear", antialias=True), UnsupportedError, 'mode="area"'),
    (lambda: F.interpolate(IMAGES, (2, 2, 2)), ArgumentError, "size is one number or 2"),
    (lambda: F.interpolate(IMAGES, scale_factor=0.1), ArgumentError, "leaves nothing"),
    (lambda: F.interpolate(IMAGES, scale_factor=-1), ArgumentError, "positive number"),
    (lambda: F.interpolate(IMAGES, 2, recompute_scale_factor=True), ArgumentError, "goes with scale_factor"),
    (lambda: F.interpolate(pc.arange(4).reshape(1, 1, 4), 2, mode="linear"), DtypeError, "need floats"),
    (lambda: F.interpolate(np.ones((1, 1, 4)), 2), DtypeError, "takes a tensor, not ndarray"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[2][:30])
def test_what_is_refused(wrong):
    call, kind, words = wrong
    with pytest.raises(kind, match=re.escape(words)) as caught:
        call()
    assert type(caught.value) is kind
