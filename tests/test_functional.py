"""Activations, losses and the rest of pellucid.functional: equal to PyTorch, exact far out, clear when misused."""

import math

import numpy as np
import pytest
from c_close import TARGETS, assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid as pc
import pellucid.functional as F
from pellucid.errors import ArgumentError, DtypeError, LabelError, RecordedValueError, ShapeError, TargetError

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple)
FILLED = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
EXTREME = np.array([[-1000.0, 1000.0, 0.0], [1000.0, 1000.0, -1000.0], [-40.0, 0.0, 30.0], [0.0, 0.0, 0.0]])


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def assert_equal(ours, theirs, **tolerance):
    tolerance = {"rtol": 1e-9, "atol": 1e-12, **tolerance}
    np.testing.assert_allclose(np.asarray(ours), theirs.detach().numpy(), **tolerance)


def compare(torch, ours, theirs, arrays, **tolerance):
    """The same values, and the same gradients of a weighted sum with respect to every array."""
    mine = [pc.tensor(array, requires_grad=True) for array in arrays]
    others = [torch.tensor(array, requires_grad=True) for array in arrays]
    y, z = ours(*mine), theirs(*others)
    assert y.shape == tuple(z.shape)
    assert y.dtype == arrays[0].dtype
    assert_equal(y.detach(), z, **tolerance)
    weights = np.random.default_rng(1).normal(size=y.shape)
    (y * pc.tensor(weights)).sum().backward()
    (z * torch.tensor(weights)).sum().backward()
    for a, b in zip(mine, others, strict=True):
        assert_equal(a.grad, b.grad, **tolerance)


def normal(seed, *shapes, scale=3.0):
    random = np.random.default_rng(seed)
    return [random.normal(size=shape) * scale for shape in shapes]


# ---- activations


@pytest.mark.peers
@given(SHAPES, SEEDS, st.sampled_from(["relu", "sigmoid", "tanh"]))
def test_elementwise_equal_pytorch(torch, shape, seed, name):
    compare(torch, getattr(F, name), getattr(torch, name), normal(seed, shape))


@pytest.mark.peers
@given(SHAPES, SEEDS)
def test_softplus_equals_pytorch(torch, shape, seed):
    compare(torch, F.softplus, lambda x: torch.nn.functional.softplus(x, threshold=1e9), normal(seed, shape))


@pytest.mark.peers
@given(FILLED, SEEDS, st.data(), st.sampled_from(["softmax", "log_softmax"]))
def test_softmax_equals_pytorch(torch, shape, seed, data, name):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    compare(torch, lambda x: getattr(F, name)(x, dim), lambda x: getattr(torch, name)(x, dim), normal(seed, shape))


@pytest.mark.peers
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_extreme_scores(torch, name):
    compare(torch, lambda x: getattr(F, name)(x, 1), lambda x: getattr(torch, name)(x, 1), [EXTREME])
    one = pc.tensor(EXTREME.astype(np.float32))
    assert np.isfinite(getattr(F, name)(one, 1).numpy()).all()


@pytest.mark.peers
def test_elementwise_of_extreme_numbers(torch):
    for name in ("relu", "sigmoid", "tanh"):
        compare(torch, getattr(F, name), getattr(torch, name), [EXTREME])
    compare(torch, F.softplus, torch.nn.functional.softplus, [EXTREME])


def test_softplus_has_all_its_slopes_at_zero():
    x = pc.tensor(np.zeros(1), requires_grad=True)
    (slope,) = pc.autograd.grad(F.softplus(x).sum(), x, create_graph=True)
    (second,) = pc.autograd.grad(slope.sum(), x)
    assert slope.item() == 0.5
    assert second.item() == 0.25


def test_log_softmax_is_exact_where_softmax_is_zero():
    x = pc.tensor([0.0, -1000.0])
    assert F.softmax(x, 0).tolist() == [1.0, 0.0]
    assert F.log_softmax(x, 0).tolist() == [0.0, -1000.0]


def test_softmax_along_a_wrong_axis():
    with pytest.raises(ShapeError, match="dim 2 is outside"):
        F.softmax(pc.ones(2, 3), 2)


# ---- linear


@pytest.mark.peers
@given(st.lists(st.integers(0, 3), max_size=3), st.integers(1, 4), st.integers(0, 4), st.booleans(), SEEDS)
def test_linear_equals_pytorch(torch, leading, inputs, outputs, bias, seed):
    arrays = normal(seed, (*leading, inputs), (outputs, inputs), (outputs,))
    compare(torch, F.linear, torch.nn.functional.linear, arrays if bias else arrays[:2])


def test_linear_of_unflattened_images():
    with pytest.raises(
        ShapeError, match=r"matmul cannot take float32\[32, 1, 28, 28\] and float32\[784, 10\]"
    ) as caught:
        F.linear(pc.ones(32, 1, 28, 28), pc.ones(10, 784))
    assert "x.flatten(1)" in str(caught.value)


# ---- dropout


def test_dropout_keeps_the_expected_value():
    y = F.dropout(pc.ones(100_000), 0.3).numpy()
    kept = (y != 0).mean()
    assert set(np.unique(y)) == {np.float32(0.0), np.float32(1 / 0.7)}
    assert abs(kept - 0.7) < 4 * math.sqrt(0.3 * 0.7 / 100_000)  # four standard errors


def test_dropout_same_seed_same_mask():
    pc.manual_seed(5)
    first, second = F.dropout(pc.ones(200)).numpy(), F.dropout(pc.ones(200)).numpy()
    pc.manual_seed(5)
    assert np.array_equal(F.dropout(pc.ones(200)).numpy(), first)
    assert not np.array_equal(first, second)


def test_dropout_gradient_goes_where_the_value_went():
    x = pc.tensor(np.arange(1.0, 51.0), requires_grad=True)
    y = F.dropout(x, 0.4)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy() * x.detach().numpy(), y.detach().numpy())


def test_dropout_at_its_ends():
    x = pc.ones(4)
    assert F.dropout(x, 0.9, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert F.dropout(x, 1.0).tolist() == [0.0] * 4
    with pytest.raises(ArgumentError, match="p is a probability"):
        F.dropout(x, 1.5)


# ---- batch norm


@pytest.mark.peers
@given(st.integers(2, 5), st.integers(1, 4), st.lists(st.integers(1, 3), max_size=2), st.booleans(), SEEDS)
@settings(max_examples=50)
def test_batch_norm_equals_pytorch(torch, rows, channels, more, training, seed):
    x, weight, bias, mean = normal(seed, (rows, channels, *more), channels, channels, channels)
    variance = np.random.default_rng(seed).uniform(0.5, 2.0, channels)
    ours = pc.State(mean), pc.State(variance)
    theirs = torch.tensor(mean), torch.tensor(variance)
    compare(
        torch,
        lambda x, w, b: F.batch_norm(x, *ours, w, b, training, momentum=0.3),
        lambda x, w, b: torch.nn.functional.batch_norm(x, *theirs, w, b, training, momentum=0.3),
        [x, weight, bias],
        rtol=1e-7,  # two rows that nearly agree have a variance of few digits
        atol=1e-9,
    )
    for state, other in zip(ours, theirs, strict=True):
        assert_equal(state, other)
        assert not state.requires_grad


def test_batch_norm_of_one_row():
    with pytest.raises(ShapeError, match="more than one value per channel"):
        F.batch_norm(pc.ones(1, 3), None, None, training=True)


def test_batch_norm_says_what_does_not_fit():
    x = pc.ones(4, 3)
    with pytest.raises(ShapeError, match="channels on axis 1"):
        F.batch_norm(pc.ones(3), None, None, training=True)
    with pytest.raises(ShapeError, match=r"running_var of shape \(3,\), one for each channel, not \(2,\)"):
        F.batch_norm(x, pc.zeros(3), pc.ones(2))
    with pytest.raises(ShapeError, match="needs a bias"):
        F.batch_norm(x, None, None, pc.ones(3), pc.ones(1), training=True)
    with pytest.raises(ArgumentError, match="running_mean and running_var outside of training"):
        F.batch_norm(x, None, pc.ones(3))


# ---- one_hot


@pytest.mark.peers
@given(SHAPES, st.integers(1, 5), SEEDS)
def test_one_hot_equals_pytorch(torch, shape, classes, seed):
    labels = np.random.default_rng(seed).integers(0, classes, shape)
    y = F.one_hot(pc.tensor(labels), classes)
    assert y.dtype == np.int64
    assert np.array_equal(y.numpy(), torch.nn.functional.one_hot(torch.tensor(labels), classes).numpy())


def test_one_hot_guesses_and_refuses():
    assert F.one_hot(pc.tensor([1, 0])).tolist() == [[0, 1], [1, 0]]
    with pytest.raises(LabelError, match="label 3, but there are 3 classes"):
        F.one_hot(pc.tensor([0, 3]), 3)
    with pytest.raises(LabelError, match="label -1"):
        F.one_hot(pc.tensor([0, -1]), 3)
    with pytest.raises(DtypeError, match="integer labels"):
        F.one_hot(pc.tensor([0.0]), 3)
    with pytest.raises(ArgumentError, match="num_classes"):
        F.one_hot(pc.zeros(0, dtype=pc.int64))
    for classes in (0, -2):
        with pytest.raises(ArgumentError, match=f"num_classes is {classes}"):
            F.one_hot(pc.tensor([0]), classes)
    with pytest.raises(RecordedValueError):
        pc.compile(F.one_hot)(pc.tensor([0, 1]))


# ---- losses


@pytest.mark.peers
@given(SHAPES, REDUCTIONS, SEEDS)
def test_mse_loss_equals_pytorch(torch, shape, reduction, seed):
    compare(
        torch,
        lambda x, t: F.mse_loss(x, t, reduction=reduction),
        lambda x, t: torch.nn.functional.mse_loss(x, t, reduction=reduction),
        normal(seed, shape, shape),
    )


@pytest.mark.peers
@given(st.integers(0, 4), st.integers(1, 5), st.lists(st.integers(1, 3), max_size=2), REDUCTIONS, SEEDS)
def test_cross_entropy_of_indices_equals_pytorch(torch, rows, classes, more, reduction, seed):
    labels = np.random.default_rng(seed).integers(0, classes, (rows, *more))
    for ours, theirs in (
        (F.cross_entropy, torch.nn.functional.cross_entropy),
        (F.nll_loss, torch.nn.functional.nll_loss),
    ):
        compare(
            torch,
            lambda x, ours=ours: ours(x, pc.tensor(labels), reduction=reduction),
            lambda x, theirs=theirs: theirs(x, torch.tensor(labels), reduction=reduction),
            normal(seed, (rows, classes, *more)),
        )


@pytest.mark.peers
@given(st.integers(1, 5), REDUCTIONS, SEEDS)
def test_cross_entropy_of_one_sample(torch, classes, reduction, seed):
    label = np.random.default_rng(seed).integers(0, classes)
    compare(
        torch,
        lambda x: F.cross_entropy(x, pc.tensor(label), reduction=reduction),
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor(label), reduction=reduction),
        normal(seed, classes),
    )


@pytest.mark.peers
@given(st.integers(1, 4), st.integers(1, 5), st.lists(st.integers(1, 3), max_size=1), REDUCTIONS, SEEDS)
def test_cross_entropy_of_probabilities_equals_pytorch(torch, rows, classes, more, reduction, seed):
    scores = normal(seed, (rows, classes, *more))[0]
    target = np.random.default_rng(seed).dirichlet(np.ones(classes), (rows, *more))
    target = np.ascontiguousarray(np.moveaxis(target, -1, 1))
    compare(
        torch,
        lambda x, t: F.cross_entropy(x, t, reduction=reduction),
        lambda x, t: torch.nn.functional.cross_entropy(x, t, reduction=reduction),
        [scores, target],
    )


def test_cross_entropy_takes_the_three_kinds_of_target_alike():
    scores, labels = pc.randn(6, 4), pc.tensor([0, 1, 2, 3, 1, 1])
    by_index = F.cross_entropy(scores, labels).item()
    assert F.cross_entropy(scores, F.one_hot(labels, 4)).item() == pytest.approx(by_index, rel=1e-6)
    assert F.cross_entropy(scores, F.one_hot(labels, 4).float()).item() == pytest.approx(by_index, rel=1e-6)
    assert F.cross_entropy(scores, labels.int()).item() == by_index
    assert F.cross_entropy(scores, labels.numpy()).item() == by_index


@pytest.mark.peers
def test_cross_entropy_of_extreme_scores(torch):
    labels = np.array([0, 2, 1, 0])
    compare(
        torch,
        lambda x: F.cross_entropy(x, pc.tensor(labels), reduction="none"),
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor(labels), reduction="none"),
        [EXTREME],
    )


@pytest.mark.peers
@given(SHAPES, REDUCTIONS, SEEDS)
def test_binary_cross_entropy_equals_pytorch(torch, shape, reduction, seed):
    random = np.random.default_rng(seed)
    p, scores = random.uniform(0.001, 0.999, shape), random.normal(size=shape) * 5.0
    target = np.where(random.random(shape) < 0.3, random.uniform(0, 1, shape), random.integers(0, 2, shape))
    for ours, theirs, x in (
        (F.binary_cross_entropy, torch.nn.functional.binary_cross_entropy, p),
        (F.binary_cross_entropy_with_logits, torch.nn.functional.binary_cross_entropy_with_logits, scores),
    ):
        compare(
            torch,
            lambda x, ours=ours: ours(x, pc.tensor(target), reduction=reduction),
            lambda x, theirs=theirs: theirs(x, torch.tensor(target), reduction=reduction),
            [x],
        )


@pytest.mark.peers
def test_binary_cross_entropy_of_extreme_answers(torch):
    near = [math.exp(-101.0), math.exp(-99.0)]  # on either side of the bound of -100
    p, target = np.array([0.0, 1.0, 0.0, 1.0, 1e-300, 1e-20, *near]), np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    ours = F.binary_cross_entropy(pc.tensor(p), pc.tensor(target), reduction="none")
    theirs = torch.nn.functional.binary_cross_entropy(torch.tensor(p), torch.tensor(target), reduction="none")
    assert_equal(ours, theirs)
    scores, target = EXTREME, (np.arange(12).reshape(4, 3) % 2).astype(float)
    compare(
        torch,
        lambda x: F.binary_cross_entropy_with_logits(x, pc.tensor(target), reduction="none"),
        lambda x: torch.nn.functional.binary_cross_entropy_with_logits(x, torch.tensor(target), reduction="none"),
        [scores],
    )
    compare(
        torch,
        lambda x: F.binary_cross_entropy(x.sigmoid(), pc.tensor(target), reduction="none"),
        lambda x: torch.nn.functional.binary_cross_entropy(x.sigmoid(), torch.tensor(target), reduction="none"),
        [scores.clip(-1000.0, 20.0)],
        rtol=1e-6,  # 1 - p has few digits where p is nearly 1
    )


def test_binary_cross_entropy_with_logits_keeps_small_losses():
    loss = F.binary_cross_entropy_with_logits(
        pc.tensor(np.array([30.0, -30.0])), pc.tensor([1.0, 0.0]), reduction="none"
    )
    np.testing.assert_allclose(loss.numpy(), math.log1p(math.exp(-30.0)), rtol=1e-12)


WRONG_TARGETS = [
    (F.cross_entropy, pc.zeros(4, 3), pc.tensor([0.0, 1.0, 2.0, 0.0]), TargetError, "target.long()"),
    (F.cross_entropy, pc.zeros(4, 3), pc.tensor([[0], [1], [2], [0]]), TargetError, "target.squeeze(-1)"),
    (F.cross_entropy, pc.zeros(4, 3), pc.zeros(4, 2), TargetError, "Class indices have shape (4,)"),
    (F.cross_entropy, pc.zeros(4, 3), pc.full((4, 3), 2.0), TargetError, "from 0 to 1, but 2 came"),
    (F.cross_entropy, pc.zeros(4, 3), pc.tensor([0, 1, 2, 3]), LabelError, "label 3, but there are 3 classes"),
    (F.cross_entropy, pc.zeros(4, 3), pc.tensor([0, -1, 2, 7]), LabelError, "label -1, but there are 3 classes"),
    (F.cross_entropy, pc.tensor(0.0), pc.tensor(0), ShapeError, "an axis that counts classes"),
    (F.nll_loss, pc.zeros(4, 3), pc.zeros(4, 3), TargetError, "nll_loss cannot compare"),
    (F.nll_loss, pc.zeros(4, 3), pc.tensor([True] * 4), TargetError, "target.long()"),
    (F.mse_loss, pc.zeros(4, 1), pc.zeros(4), TargetError, "target.unsqueeze(-1)"),
    (F.mse_loss, pc.zeros(4), pc.zeros(4, 1), TargetError, "target.squeeze(-1)"),
    (F.mse_loss, pc.zeros(4, 3), pc.tensor([0, 1, 2, 0]), TargetError, "F.one_hot"),
    (F.binary_cross_entropy, pc.full((2,), 3.0), pc.zeros(2), ArgumentError, "binary_cross_entropy_with_logits"),
    (F.binary_cross_entropy, pc.full((2,), 0.3), pc.tensor([1.0, -1.0]), TargetError, "No is 0 and yes is 1"),
    (F.binary_cross_entropy_with_logits, pc.zeros(2), pc.tensor([2.0, 0.0]), TargetError, "from 0 to 1, but 2 came"),
    (F.binary_cross_entropy_with_logits, pc.zeros(2, 1), pc.zeros(2), TargetError, "squeeze"),
]


@pytest.mark.parametrize(("loss", "x", "target", "error", "text"), WRONG_TARGETS)
def test_wrong_targets(loss, x, target, error, text):
    with pytest.raises(error) as caught:
        loss(x, target)
    assert text in str(caught.value)
    assert loss.__name__ in str(caught.value) or error is not TargetError


def test_wrong_reduction():
    with pytest.raises(ArgumentError, match="reduction"):
        F.mse_loss(pc.zeros(2), pc.zeros(2), reduction="average")


LOSSES = [
    (F.mse_loss, lambda: (pc.randn(5, 3), pc.randn(5, 3))),
    (F.cross_entropy, lambda: (pc.randn(5, 3), pc.tensor([0, 1, 2, 1, 0]))),
    (F.cross_entropy, lambda: (pc.randn(5, 3), F.softmax(pc.randn(5, 3), 1))),
    (F.nll_loss, lambda: (pc.randn(5, 3), pc.tensor([0, 1, 2, 1, 0]))),
    (F.binary_cross_entropy, lambda: (pc.rand(5), pc.rand(5))),
    (F.binary_cross_entropy_with_logits, lambda: (pc.randn(5), pc.rand(5))),
]


@pytest.mark.parametrize("where", TARGETS)
@pytest.mark.parametrize(("loss", "make"), LOSSES)
def test_recorded_equals_eager(loss, make, where, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", where)
    x, target = make()
    w = pc.tensor(x.numpy(), requires_grad=True)

    def step(target):
        w.grad = None
        value = loss(w * 1.0, target)
        value.backward()
        return value

    eager = step(target)
    slope = w.grad.numpy().copy()
    recorded = pc.compile(step)(target)
    if where == "numpy":
        assert recorded.item() == eager.item()
        assert np.array_equal(w.grad.numpy(), slope)
    else:
        assert_close(eager, recorded)
        assert_close(slope, w.grad)
