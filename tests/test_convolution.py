"""Convolution: the defining loops, PyTorch, and the layers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, ops
from pellucid.errors import ShapeError
from pellucid.ops import convolve


def loops(x, w, size, stride, padding, dilation, groups):
    """The products that a convolution adds up, as its definition lists them: six loops for images (and one over them).

    Gives the places of a product's number in y, w and x; `size` is that of y. There may be any number of axes.
    """
    samples, kernels, each = x[0], w[0], w[1]
    for n, o in itertools.product(range(samples), range(kernels)):
        first = o // (kernels // groups) * each  # the channel of x with which the group begins
        for place in np.ndindex(*size):
            for c, *k in np.ndindex(*w[1:]):
                at = [s * i + d * j - p[0] for i, j, s, d, p in zip(place, k, stride, dilation, padding, strict=True)]
                if all(0 <= a < length for a, length in zip(at, x[2:], strict=True)):
                    yield (n, o, *place), (o, c, *k), (n, first + c, *at)


def by_loops(x, w, g, *how):
    """Result and both gradients of a convolution, product by product; g is what the result is owed."""
    y, to_x, to_w = np.zeros(g.shape), np.zeros(x.shape), np.zeros(w.shape)
    for in_y, in_w, in_x in loops(x.shape, w.shape, g.shape[2:], *how):
        y[in_y] += w[in_w] * x[in_x]
        to_x[in_x] += w[in_w] * g[in_y]
        to_w[in_w] += x[in_x] * g[in_y]
    return y, to_x, to_w


def size_of_result(x, w, stride, padding, dilation, groups):
    """The rule of sizes, for the shapes of x and w."""
    axes = zip(x[2:], w[2:], stride, padding, dilation, strict=True)
    return tuple([(n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes])


@st.composite
def settings_of(draw, uneven=True):
    """Settings of a convolution over 1 to 3 axes, and shapes of x and w that fit them."""
    axes = draw(st.integers(1, 3))

    def one(low, high):
        return tuple(draw(st.lists(st.integers(low, high), min_size=axes, max_size=axes)))

    kernel, stride, dilation, before = one(1, 4 - axes // 2), one(1, 3), one(1, 3), one(0, 3)
    after = one(0, 3) if uneven else before
    padding = tuple(zip(before, after, strict=True))
    least = [max(1, d * (k - 1) + 1 - sum(p)) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = [n + more for n, more in zip(least, one(0, 6 - 2 * axes // 2), strict=True)]
    groups, each, of_each = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    samples = draw(st.integers(0, 3))
    return stride, padding, dilation, groups, (samples, groups * each, *size), (groups * of_each, each, *kernel)


def arrays(*shapes):
    random = np.random.default_rng(sum(map(sum, shapes)))
    return [random.normal(size=shape) for shape in shapes]


@given(settings_of())
@settings(max_examples=100, deadline=None)
def test_numpy_equals_the_loops(chosen):
    *how, x, w = chosen
    g = (x[0], w[0], *size_of_result(x, w, *how))
    x, w, g = arrays(x, w, g)
    found = [
        ops.Convolve(*how).forward(x, w),
        ops.ConvolveInput(*how, x.shape[2:]).forward(g, w),
        ops.ConvolveKernel(*how, w.shape[2:]).forward(x, g),
    ]
    for ours, expected in zip(found, by_loops(x, w, g, *how), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-11, atol=1e-11)


@given(settings_of())
@settings(max_examples=100, deadline=None)
def test_the_gradients_are_transposes(chosen):
    """<convolve(x, w), g> = <x, input gradient(g, w)> = <w, kernel gradient(x, g)>: what defines a transpose."""
    *how, x, w = chosen
    x, w = arrays(x, w)
    y = ops.Convolve(*how).forward(x, w)
    (g,) = arrays(y.shape)
    whole = (y * g).sum()
    to_x = ops.ConvolveInput(*how, x.shape[2:]).forward(g, w)
    to_w = ops.ConvolveKernel(*how, w.shape[2:]).forward(x, g)
    np.testing.assert_allclose([(x * to_x).sum(), (w * to_w).sum()], whole, rtol=1e-10, atol=1e-10)


def test_many_small_pieces_give_the_same(monkeypatch):
    x, w = arrays((7, 4, 9, 8), (6, 2, 3, 3))
    how = (2, 1), ((1, 1), (0, 2)), (1, 2), 2
    y = ops.Convolve(*how).forward(x, w)
    (g,) = arrays(y.shape)
    calls = [
        lambda: ops.Convolve(*how).forward(x, w),
        lambda: ops.ConvolveInput(*how, x.shape[2:]).forward(g, w),
        lambda: ops.ConvolveKernel(*how, w.shape[2:]).forward(x, g),
    ]
    whole = [call() for call in calls]
    for piece in (1, 10_000, 40_000):
        monkeypatch.setattr(convolve, "PIECE", piece)
        for expected, call in zip(whole, calls, strict=True):
            np.testing.assert_allclose(call(), expected, rtol=1e-12, atol=1e-12)


# ---- beside PyTorch


@pytest.fixture(scope="module")
def torch():
    """PyTorch with one thread: on shapes as small as these, several mostly wait for each other."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(before)


def both(torch, ours, theirs, inputs, second):
    """Values, gradients and gradients of the gradients of one function of the same arrays in both frameworks."""
    mine = [pc.tensor(x, requires_grad=True) for x in inputs]
    other = [torch.tensor(x, requires_grad=True) for x in inputs]
    y, z = ours(*mine), theirs(*other)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-10, atol=1e-10)
    (weights,) = arrays(tuple(z.shape))
    first = pc.autograd.grad((y * pc.tensor(weights)).sum(), mine, create_graph=second)
    expected = torch.autograd.grad((z * torch.tensor(weights)).sum(), other, create_graph=second)
    pairs = [*zip(first, expected, strict=True)]
    if second:
        pairs += zip(
            pc.autograd.grad(sum([(g**3).sum() for g in first]), mine, allow_unused=True),
            torch.autograd.grad(sum([(g**3).sum() for g in expected]), other, allow_unused=True),
            strict=True,
        )
    for a, b in pairs:
        assert (a is None) == (b is None)
        if a is None:  # the bias, of which the first gradients know nothing
            continue
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.peers
@given(settings_of(uneven=False), st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_equals_pytorch(torch, chosen, second, alone):
    stride, padding, dilation, groups, x, w = chosen
    x = x[1:] if alone else (max(x[0], 1), *x[1:])  # PyTorch's gradient of no samples is not everywhere the same
    name, named = f"conv{len(stride)}d", {"stride": stride, "padding": tuple(p for p, _ in padding)}
    named |= {"dilation": dilation, "groups": groups}
    both(
        torch,
        lambda *inputs: getattr(F, name)(*inputs, **named),
        lambda *inputs: getattr(torch.nn.functional, name)(*inputs, **named),
        arrays(x, w, w[:1]),
        second,
    )


@pytest.mark.peers
@given(settings_of(uneven=False), st.integers(0, 2), st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_transposed_equals_pytorch(torch, chosen, more, second, alone):
    stride, padding, dilation, groups, x, w = chosen
    x = (max(x[0], 1), w[0], *x[2:])
    more = tuple([min(more, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)])
    named = {"stride": stride, "padding": tuple(p for p, _ in padding), "output_padding": more}
    size = [
        (n - 1) * s - 2 * p + d * (k - 1) + m + 1
        for n, s, p, d, k, m in zip(x[2:], stride, named["padding"], dilation, w[2:], more, strict=True)
    ]
    name, named = f"conv_transpose{len(stride)}d", named | {"dilation": dilation, "groups": groups}
    inputs = arrays(x[1:] if alone else x, w, (w[1] * groups,))
    if min(size) < 1:
        with pytest.raises(ShapeError, match="leaves nothing"):
            getattr(F, name)(*map(pc.tensor, inputs), **named)
        return
    both(
        torch,
        lambda *tensors: getattr(F, name)(*tensors, **named),
        lambda *tensors: getattr(torch.nn.functional, name)(*tensors, **named),
        inputs,
        second,
    )


@pytest.mark.peers
@pytest.mark.parametrize("kernel", [(3, 3), (2, 3), (4, 1)])
@pytest.mark.parametrize("dilation", [1, (2, 3)])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding_equals_pytorch(torch, kernel, dilation):
    named = {"padding": "same", "dilation": dilation}
    both(
        torch,
        lambda *inputs: F.conv2d(*inputs, **named),
        lambda *inputs: torch.nn.functional.conv2d(*inputs, **named),
        arrays((2, 2, 7, 6), (3, 2, *kernel)),
        second=True,
    )


@pytest.mark.peers
@given(settings_of(uneven=False))
@settings(max_examples=40, deadline=None)
def test_unfold_and_fold_equal_pytorch(torch, chosen):
    stride, padding, dilation, _, x, w = chosen
    if len(stride) != 2 or not x[0]:
        return
    named = {"stride": stride, "padding": tuple(p for p, _ in padding), "dilation": dilation}
    unfold, fold = torch.nn.functional.unfold, torch.nn.functional.fold
    both(torch, lambda a: F.unfold(a, w[2:], **named), lambda a: unfold(a, w[2:], **named), arrays(x), second=False)
    columns = tuple(unfold(torch.zeros(x), w[2:], **named).shape)
    both(
        torch,
        lambda a: F.fold(a, x[2:], w[2:], **named),
        lambda a: fold(a, x[2:], w[2:], **named),
        arrays(columns),
        second=False,
    )


# ---- layers

LAYERS = [
    ("Conv1d", (4, 6, 3), {}, (2, 4, 9)),
    ("Conv1d", (4, 6, 3), {"padding": 2, "padding_mode": "circular", "stride": 2}, (4, 9)),
    ("Conv2d", (3, 8, 3), {"padding": 1}, (2, 3, 8, 7)),
    ("Conv2d", (4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}, (2, 4, 8, 7)),
    ("Conv2d", (4, 4, 3), {"groups": 4, "bias": False}, (4, 8, 7)),
    ("Conv2d", (3, 5, (4, 3)), {"padding": "same", "padding_mode": "reflect"}, (2, 3, 8, 7)),
    ("Conv2d", (3, 5, 3), {"padding": "valid", "padding_mode": "replicate"}, (2, 3, 8, 7)),
    ("Conv2d", (3, 5, 3), {"padding": (2, 1), "padding_mode": "replicate"}, (2, 3, 8, 7)),
    ("Conv2d", (3, 5, 3), {"padding": "same", "dilation": 2}, (2, 3, 8, 7)),
    ("Conv3d", (2, 4, (1, 2, 3)), {"padding": (0, 1, 1)}, (2, 2, 3, 4, 5)),
    ("Conv3d", (2, 4, 2), {"padding": 1, "padding_mode": "circular"}, (2, 3, 4, 5)),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 2, "groups": 2}, (2, 4, 5)),
    ("ConvTranspose2d", (4, 6, 4), {"stride": 2, "padding": 1}, (2, 4, 5, 3)),
    ("ConvTranspose2d", (4, 6, 3), {"stride": 3, "output_padding": (1, 2), "dilation": 2, "bias": False}, (4, 5, 3)),
    ("ConvTranspose2d", (2, 3, 3), {"dilation": 3, "output_padding": 2}, (2, 2, 4, 3)),
    ("ConvTranspose2d", (2, 3, 3), {"dilation": 3, "output_padding": 2, "padding": 1}, (2, 2, 4, 3)),
    ("ConvTranspose3d", (2, 3, 2), {"stride": (1, 2, 1)}, (1, 2, 2, 2, 3)),
    ("Unfold", ((2, 3),), {"padding": (1, 0), "stride": (1, 2)}, (2, 3, 5, 6)),
    ("Fold", ((5, 6), (2, 3)), {"padding": (1, 0), "stride": (1, 2)}, (2, 12, 12)),
]


@pytest.mark.peers
@pytest.mark.parametrize(("kind", "arguments", "named", "shape"), LAYERS)
def test_layers_equal_pytorch(torch, kind, arguments, named, shape):
    ours, theirs = getattr(nn, kind)(*arguments, **named), getattr(torch.nn, kind)(*arguments, **named)
    assert repr(ours) == repr(theirs)
    weights = theirs.state_dict()
    assert {key: tuple(x.shape) for key, x in weights.items()} == {k: x.shape for k, x in ours.state_dict().items()}
    ours.load_state_dict({key: x.numpy() for key, x in weights.items()})
    (x,) = arrays(shape)
    x, z = pc.tensor(x.astype("float32"), requires_grad=True), torch.tensor(x.astype("float32"), requires_grad=True)
    y, expected = ours(x), theirs(z)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-5, atol=1e-5)
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    for a, b in [(x, z), *zip(ours.parameters(), theirs.parameters(), strict=True)]:
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("kind", ["Conv1d", "Conv2d", "ConvTranspose2d", "Conv3d"])
def test_weights_begin_uniform(kind):
    """Between -1/sqrt(n) and 1/sqrt(n), n = weight.shape[1] x the kernel's sizes, as in PyTorch."""
    pc.manual_seed(0)
    layer = getattr(nn, kind)(16, 32, 3, groups=2)
    bound = 1.0 / np.sqrt(layer.weight.shape[1] * 3 ** (layer.weight.ndim - 2))
    for parameter in (layer.weight, layer.bias):
        values = parameter.detach().numpy()
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.8 * bound
        assert abs(values.std() - bound / np.sqrt(3.0)) < 4.0 * bound / np.sqrt(values.size)


def test_output_size_chooses_among_the_sizes():
    layer = nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1)
    x = pc.ones(1, 2, 5, 5)
    assert layer(x).shape == (1, 3, 9, 9)
    assert layer(x, output_size=(10, 9)).shape == (1, 3, 10, 9)
    assert layer(x, (1, 3, 10, 10)).shape == (1, 3, 10, 10)
    with pytest.raises(ShapeError, match=r"from \(9, 9\) to \(10, 10\)"):
        layer(x, output_size=(11, 9))


def test_summary_counts_the_kernels():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, stride=2, groups=2, bias=False))
    summary = model.summary(pc.zeros(2, 3, 9, 9))
    assert [row[2:] for row in summary.rows] == [
        ("(2, 8, 9, 9)", 8 * 3 * 9 + 8),
        ("(2, 8, 9, 9)", 0),
        ("(2, 4, 4, 4)", 4 * 4 * 9),
    ]


def test_a_step_recorded_equals_eager():
    pc.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, groups=2, padding="same"),
        nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1),
    )  # fmt: skip
    (x,) = arrays((3, 1, 8, 8))
    x = pc.tensor(x.astype("float32"))

    def step(x):
        model.zero_grad()
        loss = ((model(x) - x) ** 2).mean()
        loss.backward()
        return loss, *[p.grad for p in model.parameters()]

    eager = [y.detach().numpy().copy() for y in step(x)]
    recorded = pc.compile(step, target="numpy")(x)
    for a, b in zip(eager, recorded, strict=True):
        assert np.array_equal(a, b.detach().numpy())
