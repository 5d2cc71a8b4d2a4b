"""Assigning what backward still needs is told; what it does not need may change."""

import numpy as np
import pytest
from both_worlds import in_both_worlds, leaf, line_below, made

import pellucid as pc
from pellucid import errors


@in_both_worlds
@pytest.mark.parametrize(
    "use",
    [lambda w: w * w, lambda w: w.log(), lambda w: w @ w, lambda w: w**3, lambda w: 1.0 / w, abs],
    ids=["multiply", "log", "matmul", "power", "divide", "abs"],
)
def test_a_value_assigned_after_it_was_read(compiled, use):
    w = pc.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    def step():
        loss = use(w).sum()
        with pc.no_grad():
            w.assign(w * 0.5)
        loss.backward()
        return loss

    with pytest.raises(errors.StaleValueError, match="assigned after") as caught:
        made(step, compiled)()
    assert "Run backward before the update" in str(caught.value)
    assert "test_stale_values.py" in str(caught.value)


@in_both_worlds
@pytest.mark.parametrize(
    "use",
    [
        lambda w: w + w,
        lambda w: w - 2.0,
        lambda w: -w,
        lambda w: w.exp(),
        lambda w: w.tanh(),
        lambda w: w.relu(),
        lambda w: w.sum(0),
        lambda w: pc.cat([w, w]),
        lambda w: w * 3.0,
        lambda w: w * pc.tensor([5.0, 7.0]),
        lambda w: w.reshape(2, 1),
        lambda w: w[0],
        lambda w: w.where(pc.tensor([True, False]), 0.0),
    ],
    ids=[
        *("add", "subtract", "negative", "exp", "tanh", "relu", "sum", "cat"),
        *("times a number", "times data", "reshape", "slice", "where"),
    ],
)
def test_no_false_alarm_when_the_gradient_does_not_need_the_value(compiled, use):
    def gradient(update_between):
        w = pc.tensor([1.0, 2.0], requires_grad=True)

        def step():
            w.grad = None
            loss = use(w).sum()
            if update_between:
                with pc.no_grad():
                    w.assign(w * 0.5)
            loss.backward()
            return loss

        made(step, compiled)()
        return w.grad.tolist()

    assert gradient(True) == gradient(False)


@in_both_worlds
def test_an_update_after_backward_is_no_alarm(compiled):
    w = pc.tensor([1.0, 2.0], requires_grad=True)

    def step():
        w.grad = None
        loss = (w * w).sum()
        loss.backward()
        with pc.no_grad():
            w.assign(w - 0.25 * w.grad)
        return loss

    step = made(step, compiled)
    assert [step().item() for _ in range(3)] == [5.0, 1.25, 0.3125]


def test_a_result_is_not_changed_by_a_later_assignment():
    """What was read from a State is a copy, also through reshape, slices and transposes."""
    w = pc.State(np.arange(4.0).reshape(2, 2))
    read = [w.reshape(4), w[0], w[:, 1], w.T, w.detach(), w.flatten(), w * 1.0, w[...], w.reshape(2, 2)]
    before = [x.tolist() for x in read]
    w.fill_(9.0)
    assert [x.tolist() for x in read] == before


def test_inplace_on_a_value_that_another_step_still_needs():
    x = leaf(3)
    y = x * 2.0
    z = y * y
    y += 1.0
    with pytest.raises(errors.StaleValueError, match="assigned after"):
        z.sum().backward()


@pytest.mark.parametrize(
    ("change", "slope"),
    [
        (lambda y, x: y.__iadd__(1.0), lambda x: 2 + 0 * x),
        (lambda y, x: y.__isub__(x), lambda x: 1 + 0 * x),
        (lambda y, x: y.__imul__(x), lambda x: 4 * x),
        (lambda y, x: y.__itruediv__(10), lambda x: 0.2 + 0 * x),
        (lambda y, x: y.mul_(x).add_(x).mul_(x), lambda x: 6 * x**2 + 2 * x),
        (lambda y, x: y.clamp_(min=-100.0), lambda x: 2 + 0 * x),
        (lambda y, x: y.__setitem__(1, x[0] * 5.0), lambda x: np.array([7.0, 0.0, 2.0])),
    ],
    ids=["+=", "-=", "*=", "/=", "mul_ add_ mul_", "clamp_", "setitem"],
)
def test_inplace_on_a_value_takes_part_in_the_gradient(change, slope):
    x = leaf(3)
    y = x * 2.0
    change(y, x)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), slope(x.numpy()))


def test_a_leaf_may_not_be_changed_while_steps_are_noted():
    w = leaf(3)
    place = line_below(by=2)
    with pytest.raises(errors.GradientError) as caught:
        w += 1.0
    for words in ("leaf that requires a gradient", "pc.no_grad()", place):
        assert words in str(caught.value)
