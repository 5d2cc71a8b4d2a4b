"""no_grad and enable_grad: what they reach, and that threads do not get in each other's way."""

import threading

import numpy as np
import pytest
from both_worlds import leaf

import pellucid as pc


def test_no_grad_notes_nothing():
    w = leaf(2)
    with pc.no_grad():
        y = w * w
        with pc.enable_grad():
            z = w * w
        assert not (w * 1.0).requires_grad
    assert not y.requires_grad
    assert y.grad_fn is None
    assert z.requires_grad
    assert (w * w).requires_grad


def test_no_grad_and_enable_grad_as_decorators():
    w = leaf(2)

    @pc.no_grad()
    def plain(x):
        """Its page."""
        return x * x, noted(x)

    @pc.enable_grad()
    def noted(x):
        return x * x

    y, z = plain(w)
    assert not y.requires_grad
    assert z.requires_grad
    assert (plain.__name__, plain.__doc__) == ("plain", "Its page.")
    assert (w * w).requires_grad


def test_no_grad_ends_with_an_error_too():
    w = leaf(2)
    with pytest.raises(ZeroDivisionError), pc.no_grad():
        1 / 0  # noqa: B018
    assert (w * w).requires_grad


def test_no_grad_of_one_thread_does_not_reach_another():
    w = leaf(2)
    inside, checked = threading.Event(), threading.Event()
    seen = {}

    def without():
        with pc.no_grad():
            inside.set()
            checked.wait(10)
            seen["without"] = (w * w).requires_grad

    def with_gradients():
        inside.wait(10)
        y = (w * w).sum()
        seen["with"] = y.requires_grad
        y.backward()
        checked.set()

    threads = [threading.Thread(target=f) for f in (without, with_gradients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == {"without": False, "with": True}
    np.testing.assert_allclose(w.grad.numpy(), 2 * w.numpy())
    assert (w * w).requires_grad


def test_threads_train_beside_each_other():
    """Each thread has its own model; some are inside no_grad while others note steps."""
    wrong = []

    def train(k):
        w = pc.tensor(np.full(3, float(k)), requires_grad=True)
        for _ in range(200):
            (w * w).sum().backward()
            with pc.no_grad():
                w -= 0.1 * w.grad
            w.grad = None
        if not np.allclose(w.numpy(), k * 0.8**200):
            wrong.append(k)

    threads = [threading.Thread(target=train, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


def test_a_recording_in_one_thread_leaves_others_eager():
    recording, done = threading.Event(), threading.Event()
    seen = {}

    @pc.compile
    def step(x):
        recording.set()
        done.wait(10)
        return x * 2

    def other():
        recording.wait(10)
        seen["number"] = (pc.tensor([1.0]) + 1.0).item()
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert step(pc.tensor([4.0])).item() == 8.0
    thread.join(10)
    assert seen == {"number": 2.0}
