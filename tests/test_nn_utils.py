"""Clipping of gradients, and parameters as one vector: beside PyTorch's, eager and compiled."""

import numpy as np
import pytest
from c_close import TARGETS

import pellucid as pc
from pellucid import nn, optim
from pellucid.errors import AnomalyError, ArgumentError, RecordedValueError, ShapeError

NORMS = [1, 2, 2.0, 3, 0.5, -1, float("inf"), float("-inf")]
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def gradients(dtype):
    random = np.random.default_rng(3)
    return [np.asarray(random.normal(size=shape) * 3, dtype) for shape in [(4, 3), (3,), (), (2, 1, 2)]]


def ours(dtype):
    """Parameters with gradients, the last without."""
    parameters = [nn.Parameter(np.ones_like(g)) for g in gradients(dtype)]
    for parameter, g in zip(parameters[:-1], gradients(dtype), strict=False):
        parameter.grad = pc.tensor(g)
    return parameters


def theirs(torch, dtype):
    parameters = [torch.nn.Parameter(torch.ones(g.shape, dtype=torch.tensor(g).dtype)) for g in gradients(dtype)]
    for parameter, g in zip(parameters[:-1], gradients(dtype), strict=False):
        parameter.grad = torch.tensor(g)
    return parameters


def assert_same(mine, yours, dtype):
    for a, b in zip(mine, yours, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            assert a.grad.dtype == dtype
            np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12 if dtype is np.float64 else 2e-6)


@pytest.mark.peers
@DTYPES
@pytest.mark.parametrize("norm_type", NORMS)
@pytest.mark.parametrize("max_norm", [0.5, 1e4, 0.0])
def test_clipping_by_norm_equals_pytorch(torch, norm_type, max_norm, dtype):
    mine, yours = ours(dtype), theirs(torch, dtype)
    a = nn.utils.clip_grad_norm_(mine, max_norm, norm_type)
    b = torch.nn.utils.clip_grad_norm_(yours, max_norm, norm_type)
    np.testing.assert_allclose(a.item(), b.item(), rtol=1e-12 if dtype is np.float64 else 2e-6)
    assert a.dtype == dtype
    assert_same(mine, yours, dtype)


@pytest.mark.peers
@DTYPES
def test_clipping_by_value_equals_pytorch(torch, dtype):
    mine, yours = ours(dtype), theirs(torch, dtype)
    nn.utils.clip_grad_value_(mine, 1.5)
    torch.nn.utils.clip_grad_value_(yours, 1.5)
    assert_same(mine, yours, dtype)
    nn.utils.clip_grad_value_(mine[0], 0.5)  # a single one
    assert abs(mine[0].grad.numpy()).max() == 0.5


def test_clipping_by_hand():
    w, b = nn.Parameter(pc.zeros(1)), nn.Parameter(pc.zeros(1))
    w.grad, b.grad = pc.tensor([3.0]), pc.tensor([-4.0])
    assert nn.utils.get_total_norm([w.grad, b.grad]).item() == 5.0
    assert nn.utils.get_total_norm([w.grad, b.grad], 1).item() == 7.0
    assert nn.utils.get_total_norm([w.grad, b.grad], float("inf")).item() == 4.0
    nn.utils.clip_grad_norm_([w, b], 1.0, norm_type=1)
    assert w.grad.item() == pytest.approx(3 / 7)
    assert b.grad.item() == pytest.approx(-4 / 7)
    assert nn.utils.get_total_norm([]).item() == 0.0
    assert nn.utils.get_total_norm([pc.zeros(0)], float("inf")).item() == 0.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_norm_that_is_not_finite(bad):
    w = nn.Parameter(pc.zeros(2))
    w.grad = pc.tensor([1.0, bad])
    with pytest.raises(AnomalyError, match=f"norm of the gradients is {bad}"):
        nn.utils.clip_grad_norm_([w], 1.0, error_if_nonfinite=True)
    assert w.grad[0].item() == 1.0
    norm = nn.utils.clip_grad_norm_([w], 1.0)
    np.testing.assert_array_equal(norm.numpy(), bad)
    np.testing.assert_array_equal(w.grad.numpy(), [np.nan, np.nan] if bad != bad else [0.0, np.nan])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("norm_type", [1, 2, float("inf"), "value"])
def test_clipping_inside_of_a_compiled_step(norm_type, target):
    def run(wrap):
        w, b = nn.Parameter(np.linspace(-1, 1, 12).reshape(4, 3)), nn.Parameter(np.array(0.5))
        optimizer = optim.SGD([w, b], lr=0.1, momentum=0.9)

        def step(x):
            optimizer.zero_grad()
            (((x @ w).tanh() * 9.0 + b) ** 2).mean().backward()
            if norm_type == "value":
                nn.utils.clip_grad_value_([w, b], 0.3)
                norm = pc.zeros()
            else:
                norm = nn.utils.clip_grad_norm_([w, b], 0.7, norm_type)
            optimizer.step()
            return norm

        step = wrap(step)
        norms = [step(pc.tensor(np.full((2, 4), i / 7))).item() for i in range(10)]
        return np.concatenate([norms, w.numpy().ravel(), [b.item()]])

    eager, compiled = run(lambda step: step), run(lambda step: pc.compile(step, target=target))
    np.testing.assert_allclose(compiled, eager, rtol=1e-10)


def test_a_recorded_norm_cannot_be_looked_at():
    w = nn.Parameter(pc.ones(2))

    @pc.compile
    def step(x):
        (w * x).sum().backward()
        nn.utils.clip_grad_norm_([w], 1.0, error_if_nonfinite=True)

    with pytest.raises(RecordedValueError):
        step(pc.ones(2))


@pytest.mark.peers
def test_parameters_as_a_vector(torch):
    mine, yours = ours(np.float64), theirs(torch, np.float64)
    vector = np.arange(20.0)
    nn.utils.vector_to_parameters(pc.tensor(vector), mine)
    torch.nn.utils.vector_to_parameters(torch.tensor(vector), yours)
    for a, b in zip(mine, yours, strict=True):
        assert np.array_equal(a.numpy(), b.detach().numpy())
        assert a.requires_grad
    assert nn.utils.parameters_to_vector(iter(mine)).tolist() == vector.tolist()
    for parameter in mine:
        parameter.grad = None
    (nn.utils.parameters_to_vector(mine) ** 2).sum().backward()
    assert np.array_equal(mine[0].grad.numpy(), 2 * mine[0].numpy())


@pytest.mark.parametrize("target", TARGETS)
def test_parameters_as_a_vector_in_a_compiled_step(target):
    parameters = ours(np.float64)

    @pc.compile(target=target)
    def step(scale):
        vector = nn.utils.parameters_to_vector(parameters)
        nn.utils.vector_to_parameters(vector * scale, parameters)
        return vector.sum()

    assert [step(pc.tensor(2.0)).item() for _ in range(3)] == [20.0, 40.0, 80.0]
    assert parameters[2].item() == 8.0


def test_what_is_refused():
    model = nn.Linear(2, 2)
    with pytest.raises(ArgumentError, match=r"model\.parameters\(\)"):
        nn.utils.clip_grad_norm_(model, 1.0)
    used = (parameter for parameter in ())
    with pytest.raises(ArgumentError, match="empty after its first use"):
        nn.utils.clip_grad_norm_(used, 1.0)
    with pytest.raises(ArgumentError, match="other than 0"):
        nn.utils.get_total_norm([pc.ones(2)], 0)
    with pytest.raises(ShapeError, match="parameters with 6 elements"):
        nn.utils.vector_to_parameters(pc.ones(7), model.parameters())


def test_limits_below_0_are_refused():
    w = pc.tensor([1.0], requires_grad=True)
    (w * 2.0).sum().backward()
    for limit in (-1.0, float("nan")):
        with pytest.raises(ArgumentError, match="max_norm"):
            nn.utils.clip_grad_norm_([w], limit)
        with pytest.raises(ArgumentError, match="clip_value"):
            nn.utils.clip_grad_value_([w], limit)
    assert w.grad.item() == 2.0


def test_the_norm_of_float16_does_not_overflow():
    w = pc.tensor([1.0, 1.0], dtype=pc.float16, requires_grad=True)
    (w * 400.0).sum().backward()
    assert nn.utils.clip_grad_norm_([w], 1.0).item() == pytest.approx(400 * 2**0.5)
    assert w.grad.dtype == np.float16
    assert w.grad.tolist() == pytest.approx([0.5**0.5] * 2, rel=1e-3)
