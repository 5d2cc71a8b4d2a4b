"""The walk back: each step once, any number of times, and gradients of gradients."""

import gc
import time

import numpy as np
import pytest
from both_worlds import in_both_worlds, leaf, line_below, made, random

import pellucid as pc
from pellucid import errors

# ---- the walk back


def test_a_value_used_twice_and_again():
    a = pc.tensor(3.0, requires_grad=True)
    b = a + a
    c = b + b
    c.backward()
    assert (b.item(), c.item(), a.grad.item()) == (6.0, 12.0, 4.0)


def test_a_chain_of_100_000_ops():
    """No recursion, and time that grows with the length only."""
    x = pc.tensor(np.ones(4), requires_grad=True)
    start = time.perf_counter()
    y = x
    for _ in range(50_000):
        y = (y + 1.0) * 1.0
    y.sum().backward()
    assert time.perf_counter() - start < 10
    assert y.tolist() == [50_001.0] * 4
    assert x.grad.tolist() == [1.0] * 4


def test_a_long_chain_is_let_go_without_a_walk():
    y = leaf(2)
    for _ in range(100_000):
        y = y * 1.0
    del y  # Python would overflow its stack here if steps held one another by deep recursion
    gc.collect()


def test_a_tensor_used_a_thousand_times():
    x = pc.tensor(np.array([1.0, 2.0]), requires_grad=True)
    total = pc.tensor(np.zeros(2))
    for k in range(1000):
        total = total + x * float(k)
    total.sum().backward()
    assert x.grad.tolist() == [499_500.0, 499_500.0]


def test_a_constant_is_owed_nothing_wherever_it_is_used():
    """One constant may stand for the 1.0 of several lines, at values whose shapes do not meet."""
    x = leaf(2, 3)
    one = pc.tensor(1.0, dtype=pc.float64)
    ((x + 1.0).sum() + (x.mT.reshape(3, 2) * 2.0 + 1.0).sum() + (x[0] * one).sum() + (x.mT * one).sum()).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[5.0] * 3, [4.0] * 3])
    assert one.grad is None


def test_a_diamond_is_walked_once_for_each_step():
    """Paths double with every layer; 60 layers would take for ever if paths were followed one by one."""
    x = pc.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60


def test_gradients_add_up_over_calls():
    w = pc.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        (w * w).sum().backward()
    assert w.grad.tolist() == [6.0, 12.0]


def test_a_gradient_for_a_leaf_only():
    x = leaf(3)
    y = x * 2.0
    z = y * y
    z.sum().backward()
    assert y.grad is None
    np.testing.assert_allclose(x.grad.numpy(), 8 * x.numpy())


def test_what_requires_no_gradient_gets_none():
    x, c = leaf(3), pc.tensor(random.standard_normal(3))
    (x * c).sum().backward()
    assert c.grad is None
    assert not (c * c).requires_grad
    assert (c * c).grad_fn is None


def test_autograd_grad_leaves_grad_alone():
    x = leaf(3)
    y = x * x
    (of_y,) = pc.autograd.grad(y.sum(), y, retain_graph=True)
    (of_x,) = pc.autograd.grad(y.sum(), [x])
    assert of_y.tolist() == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(of_x.numpy(), 2 * x.numpy())
    assert x.grad is None


def test_autograd_grad_of_several_outputs_and_with_grad_outputs():
    x = leaf(3)
    (found,) = pc.autograd.grad([x * 2.0, x * x], x, [pc.tensor(np.ones(3)), pc.tensor(np.arange(3.0))])
    np.testing.assert_allclose(found.numpy(), 2 + 2 * np.arange(3) * x.numpy())


def test_an_unused_input():
    x, z = leaf(2), leaf(2)
    y = (x * x).sum()
    assert pc.autograd.grad(y, [x, z], retain_graph=True, allow_unused=True)[1] is None
    with pytest.raises(errors.GradientError, match="input 1 was not used"):
        pc.autograd.grad(y, [x, z])


# ---- second derivatives


def test_newton_finds_a_minimum():
    """x - f'/f'' on f = x^4 - 3x^3 + 2, whose minimum is at 9/4."""
    x = pc.tensor(np.array(4.0), requires_grad=True)
    for _ in range(12):
        f = x**4 - 3.0 * x**3 + 2.0
        (first,) = pc.autograd.grad(f, x, create_graph=True)
        (second,) = pc.autograd.grad(first, x)
        with pc.no_grad():
            x -= first / second
    assert x.item() == pytest.approx(2.25, abs=1e-12)


@in_both_worlds
def test_hessian_vector_product(compiled):
    """f = (sum over ij of A_ij x_i x_j)^2 / 2 has the Hessian (Sx)(Sx)^T + q S with S = A + A^T, q = x^T A x."""
    a = random.standard_normal((4, 4))
    x, v = leaf(4), random.standard_normal(4)
    matrix, direction = pc.tensor(a), pc.tensor(v)

    def product():
        q = (x.reshape(1, 4) @ matrix @ x.reshape(4, 1)).reshape(())
        (slope,) = pc.autograd.grad(q * q * 0.5, x, create_graph=True)
        (curve,) = pc.autograd.grad((slope * direction).sum(), x)
        return curve

    s, q = a + a.T, x.numpy() @ a @ x.numpy()
    expected = (np.outer(s @ x.numpy(), s @ x.numpy()) + q * s) @ v
    np.testing.assert_allclose(made(product, compiled)().numpy(), expected, rtol=1e-10)


def test_derivatives_of_every_order():
    """The n-th derivative of sin."""
    x = pc.tensor(np.array(0.7), requires_grad=True)
    y = x.sin()
    for n in range(1, 7):
        (y,) = pc.autograd.grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(np.sin(0.7 + n * np.pi / 2), abs=1e-12)


def test_create_graph_in_backward_gives_grad_a_history():
    x = pc.tensor(np.array(3.0), requires_grad=True)
    (x**3).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    assert x.grad.item() == pytest.approx(18.0)


# ---- the walk again


@in_both_worlds
def test_backward_twice(compiled):
    w = leaf(3)

    def step():
        loss = (w * w).sum()
        loss.backward()
        loss.backward()

    place = line_below(by=-2)
    with pytest.raises(errors.GradientError) as caught:
        made(step, compiled)()
    for words in ("backward was already run", "retain_graph=True", place):
        assert words in str(caught.value)


@in_both_worlds
def test_backward_twice_with_retain_graph(compiled):
    w = leaf(3)

    def step():
        loss = (w * w).sum()
        loss.backward(retain_graph=True)
        loss.backward()
        return loss

    made(step, compiled)()
    np.testing.assert_allclose(w.grad.numpy(), 4 * w.numpy())


def test_a_shared_part_that_was_walked():
    w = leaf(3)
    shared = w * w
    shared.sum().backward()
    with pytest.raises(errors.GradientError, match="already run"):
        (shared * 2.0).sum().backward()


# ---- found by random programs (test_compile_fuzz.py)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_product_of_two_dtypes_is_refused(compiled):
    def product(a, b):
        return a @ b

    with pytest.raises(pc.errors.DtypeError, match="one dtype"):
        (pc.compile(product) if compiled else product)(pc.ones(2, 2), pc.ones(2, 2, dtype=pc.float64))


def test_an_error_in_backward_is_forgotten():
    """Later anomalies are not blamed on the walk that failed."""
    w = pc.tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    w.assign(w.detach() * 2)
    with pytest.raises(pc.errors.StaleValueError):
        y.backward()
    with pc.detect_anomaly(), pytest.raises(pc.errors.AnomalyError) as caught:
        pc.tensor([0.0]).log()
    assert "in the gradient" not in str(caught.value)


@pytest.mark.parametrize(
    ("gradient", "error"),
    [(3.0, "DtypeError"), (np.ones(2, np.float32), "DtypeError"), (pc.ones(2, dtype=pc.float64), "DtypeError")],
)
def test_what_cannot_be_a_gradient(gradient, error):
    w = pc.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(getattr(pc.errors, error)):
        w.grad = gradient
    assert w.grad is None


def test_a_gradient_that_is_changed_changes_no_constant():
    """The walk begins with 1.0, and an addition passes it on as it is: what comes out must be the user's own."""
    x = pc.tensor(3.0, requires_grad=True)
    for result in (x, x + 5.0, x.reshape(1)):
        (g,) = pc.autograd.grad(result, x)
        g += 1.0
        assert g.item() == 2.0
        assert (pc.tensor(10.0) * 1.0).item() == 10.0
        (again,) = pc.autograd.grad(x + 5.0, x)
        assert again.item() == 1.0


def test_gradients_of_several_inputs_are_tensors_of_their_own():
    """Of a sum both are owed the same; changing one must change neither the other nor what was passed in."""
    a, b, seed = pc.tensor(3.0, requires_grad=True), pc.tensor(4.0, requires_grad=True), pc.tensor(1.0)
    first, second = pc.autograd.grad(a + b, (a, b), grad_outputs=seed)
    first += 1.0
    assert [first.item(), second.item(), seed.item()] == [2.0, 1.0, 1.0]
