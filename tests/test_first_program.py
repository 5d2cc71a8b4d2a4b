"""The first program that anyone writes."""

import numpy as np
import pytest
from both_worlds import in_both_worlds, made, random
from c_close import TARGETS, assert_close

import pellucid as pc


@in_both_worlds
@pytest.mark.parametrize("forget", ["none", "zero"])
def test_the_first_program_learns(compiled, forget):
    x = np.linspace(-1, 1, 20, dtype="float32").reshape(-1, 1)
    X, Y = pc.tensor(x), pc.tensor(3 * x + 1)
    w = pc.tensor([[0.0]], requires_grad=True)
    b = pc.tensor([0.0], requires_grad=True)
    lr = 0.3

    def step(X, Y):
        nonlocal w, b
        loss = ((X @ w + b - Y) ** 2).mean()
        loss.backward()
        with pc.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        if forget == "none":
            w.grad = None
            b.grad = None
        else:
            w.grad.zero_()
            b.grad.zero_()
        return loss

    step = made(step, compiled)
    losses = [step(X, Y).item() for _ in range(100)]
    assert losses[0] == pytest.approx(4.316, abs=0.01)
    assert losses[-1] < 1e-8
    assert w.item() == pytest.approx(3.0, abs=1e-3)
    assert b.item() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("target", TARGETS)
def test_the_first_program_learns_the_same_eagerly_and_compiled(target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    x = random.standard_normal((16, 3)).astype("float32")
    y = random.standard_normal((16, 1)).astype("float32")

    def train(compiled):
        w = pc.tensor(np.ones((3, 1), "float32"), requires_grad=True)

        def step(x, y):
            nonlocal w
            loss = ((x @ w - y) ** 2).mean()
            loss.backward()
            with pc.no_grad():
                w -= 0.1 * w.grad
            w.grad.zero_()
            return loss

        step = made(step, compiled)
        losses = [step(pc.tensor(x), pc.tensor(y)).item() for _ in range(12)]
        return np.array(losses), w.numpy(), w.grad.numpy()

    for eager, compiled in zip(train(False), train(True), strict=True):
        if target == "numpy":
            assert eager.tobytes() == compiled.tobytes()
        else:
            assert_close(eager.astype(np.float32), compiled.astype(np.float32))
