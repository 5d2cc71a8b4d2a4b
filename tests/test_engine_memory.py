"""What becomes of memory: gradients share none, steps do not gather it, the walk lets go of it."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from both_worlds import in_both_worlds, leaf, made, random

import pellucid as pc


def addresses(*tensors):
    return [x.array.__array_interface__["data"][0] for x in tensors]


def test_gradients_of_two_leaves_never_share_memory():
    """Add owes both inputs the very same array."""
    a, b, c = leaf(3), leaf(3), leaf(3, 1)
    d = leaf(1, 3)
    ((a + b).sum() + (c + d).sum() + a.sum() + (b.reshape(3, 1) + c).sum()).backward()
    leaves = [a, b, c, d]
    for x in leaves:
        for y in leaves:
            assert x is y or not np.shares_memory(x.grad.numpy(), y.grad.numpy())
    before = b.grad.tolist()
    a.grad += 100.0
    a.grad.zero_()
    assert b.grad.tolist() == before


@pytest.mark.parametrize(
    "use",
    [
        lambda a, b: a + b,
        lambda a, b: pc.cat([a, b]),
        lambda a, b: a.reshape(3, 1) + b.reshape(3, 1),
        lambda a, b: a * b,
    ],
    ids=["add", "cat", "reshape", "multiply"],
)
def test_gradients_share_no_memory_with_each_other_nor_with_what_was_passed(use):
    """Here the very array that was passed is owed to both leaves, or pieces of it, or a factor."""
    a, b = leaf(3), leaf(3)
    y = use(a, b)
    seed = pc.tensor(np.ones(y.shape))
    y.backward(seed)
    arrays = [a.grad.numpy(), b.grad.numpy(), seed.numpy(), a.array, b.array]
    for i, one in enumerate(arrays):
        for other in arrays[:i]:
            assert not np.shares_memory(one, other)


@in_both_worlds
def test_memory_does_not_grow_over_1000_steps(compiled):
    w, b = leaf(20, 10, dtype="float32"), leaf(10, dtype="float32")
    x = pc.tensor(random.standard_normal((32, 20)).astype("float32"))

    def step(x):
        w.grad = b.grad = None
        loss = ((x @ w + b).tanh() ** 2).mean()
        loss.backward()
        with pc.no_grad():
            w.sub_(w.grad, alpha=0.01)
            b.sub_(b.grad, alpha=0.01)
        return loss

    step = made(step, compiled)
    for _ in range(20):
        step(x)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            step(x)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 200_000


def test_arrays_are_let_go_as_the_walk_passes():
    """Without the garbage collector: nothing in a graph points in a circle."""
    gc.collect()
    gc.disable()
    try:
        x = leaf(100)
        y = x * 2.0
        watch = weakref.ref(y)
        z = (y * y).sum()
        del y
        assert watch() is not None  # Multiply reads it
        z.backward()
        assert watch() is None
    finally:
        gc.enable()


def test_what_the_gradient_does_not_read_is_let_go_at_once():
    gc.collect()
    gc.disable()
    try:
        x = leaf(100)
        y = x * 2.0
        watch = weakref.ref(y.array)
        z = y + 1.0
        del y
        assert watch() is None  # Add reads nothing
        z.sum().backward()
        assert x.grad.tolist() == [2.0] * 100
    finally:
        gc.enable()
