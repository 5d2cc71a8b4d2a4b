"""Compiled steps called in unusual ways: interrupted, repeated, watched, as methods, with odd arguments."""

import gc
import signal
import threading
import time
import weakref

import numpy as np
import pytest
from c_close import COMPILER, TARGETS, short_way

import pellucid as pc
from pellucid import errors, targets
from pellucid.modes import mode
from pellucid.toolchain import call
from pellucid.toolchain.call import MISSED

pytestmark = [*COMPILER]


def interrupted(function, seconds):
    """Call a function and press Ctrl-C after a while; True if it came through."""
    timer = threading.Timer(seconds, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    try:
        try:
            function()
        finally:  # a Ctrl-C that comes as late as this shall come here, not into whatever runs next
            timer.cancel()
            timer.join()
            time.sleep(0)
    except KeyboardInterrupt:
        return True
    return False


def test_ctrl_c_comes_through_a_long_repeat_and_later_calls_read_their_own_arguments():
    w = pc.State(np.zeros(64, np.float32))

    @pc.compile(target="c")
    def step(x):
        w.assign(w + x * 1e-6)
        return x.sum()

    x = pc.ones(64)
    assert step(x).item() == 64
    batches = np.ones((3_000_000, 64), np.float32)
    before = w.version
    assert interrupted(lambda: step.repeat(batches), 0.05), "the steps were done before the interrupt"
    assert w.version > before
    batches[:] = 7
    assert step(x).item() == 64
    assert step(x * 2).item() == 128


@pytest.mark.parametrize("target", TARGETS)
def test_repeat_over_the_memory_of_a_state_that_it_writes(target):
    p = pc.State(np.arange(12.0).reshape(4, 3))
    expected = p.numpy().copy()
    for row in expected.copy():
        expected[...] = expected * 0.5 + row

    @pc.compile(target=target)
    def step(x):
        p.assign(p * 0.5 + x)

    step.repeat(p)
    np.testing.assert_array_equal(p.numpy(), expected)


@pytest.mark.parametrize("target", TARGETS)
def test_repeat_refused_at_once_leaves_gradients_alone(target):
    w = pc.tensor(np.ones((4, 2), np.float32), requires_grad=True)

    @pc.compile(target=target)
    def step(index):
        loss = w[index].sum()
        loss.backward()
        return loss

    with pytest.raises(errors.LabelError):
        step.repeat(np.array([[9], [1]]))
    assert w.grad is None
    with pytest.raises(errors.LabelError):
        step.repeat(np.array([[1], [9]]))
    assert w.grad.tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("target", TARGETS)
def test_detect_anomaly_watches_every_step_of_repeat(target):
    step = pc.compile(lambda x: x.log(), target=target)
    with pc.detect_anomaly(), pytest.raises(errors.AnomalyError, match="Log"):
        step.repeat(np.array([[1.0], [-1.0]], np.float32))


def test_repeat_is_not_recorded():
    inner = pc.compile(lambda x: x * 2)
    with pytest.raises(errors.RecordingError, match="repeat"):
        pc.compile(inner.repeat)(pc.ones(2))


def test_profile_after_repeat_alone_and_of_odd_numbers():
    step = pc.compile(lambda x: x * 2, target="c")
    step.repeat(np.ones((3, 5), np.float32))
    assert "multiply" in str(step.profile(2))
    with pytest.raises(errors.ArgumentError, match="at least 1"):
        step.profile(0)


def test_a_method_belongs_to_its_object():
    class Scale:
        def __init__(self, by):
            self.by = pc.State(by)

        @pc.compile
        def times(self, x):
            return x * self.by

    two, three = Scale(2.0), Scale(3.0)
    assert two.times(pc.ones(2)).tolist() == [2, 2]
    assert three.times(pc.ones(2)).tolist() == [3, 3]
    assert three.times.repeat(np.ones((2, 1), np.float32)).tolist() == [[3], [3]]
    assert len(two.times.programs) == 1
    gone = weakref.ref(two)
    del two
    gc.collect()
    assert gone() is None, "programs do not keep their object alive"


def test_words_of_the_user_stay_inside_of_comments():
    step = pc.compile(lambda d: d["a\nint bad \\"] + 1, target="c")
    assert step({"a\nint bad \\": pc.ones(2)}).tolist() == [2, 2]
    assert "int bad" in step.source
    step = pc.compile(lambda d: d["\ud800"] + 1, target="c")
    assert step({"\ud800": pc.ones(2)}).tolist() == [2, 2]


def test_large_floats_become_unsigned_numbers():
    x = np.array([0.0, 3.7, 2.0**63, 1e19, 2.0**62])
    step = pc.compile(lambda x: x.to("uint64"), target="c")
    assert step(x).tolist() == x.astype("uint64").tolist()


def test_the_largest_exponent_is_no_error():
    step = pc.compile(lambda a, b: a**b, target="c")
    assert step(np.array([1, -1]), np.array([2**63 - 1] * 2)).tolist() == [1, -1]
    with pytest.raises(errors.PellucidError):
        step(np.array([1, -1]), np.array([1, -1]))


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_zeros_of_both_signs_are_two_arguments(kind):
    step = pc.compile(lambda x, k: x / k, target="c")
    assert step(pc.ones(1), kind(0.0)).item() == np.inf
    assert step(pc.ones(1), kind(-0.0)).item() == -np.inf
    step(pc.ones(1), kind("nan"))
    step(pc.ones(1), kind("nan"))
    assert len(step.programs) == 3


def test_without_a_compiler_one_line_says_so_once(monkeypatch, capsys):
    def none():
        raise errors.CompilerError("no C compiler was found", remedy="To get one: ask.")

    monkeypatch.delenv("PELLUCID_TARGET", raising=False)
    monkeypatch.setattr("pellucid.toolchain.compilers.find_compiler", none)
    targets.tell_once.cache_clear()
    for by in (2, 3):
        step = pc.compile(lambda x, by=by: x * by)
        assert step(pc.ones(1)).item() == by
        assert step.target == "numpy"
    said = capsys.readouterr().err.splitlines()
    assert said == ["Compiled steps run on NumPy, slower: no C compiler was found. To get one: ask."]


# ---- the short way into C


def counted(large=False):
    """A step with an argument, a State that it assigns and a gradient, called until it takes the short way."""
    shape = (200, 200) if large else (2, 3)
    w = pc.tensor(np.ones(shape, np.float32), requires_grad=True)

    @pc.compile(target="c")
    def step(x):
        w.grad = None
        loss = (w * x).sum()
        loss.backward()
        with pc.no_grad():
            w.assign(w + 1.0)
        return loss, {"twice": x * 2.0}

    for _ in range(10):
        step(pc.ones(*shape))
    return w, step


def ways(array):
    """The same numbers in other places and orders, with whether the short way takes them."""
    odd = np.zeros(array.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(array.shape)
    odd[...] = array
    yield array, True
    yield pc.tensor(array), True
    yield np.asfortranarray(array), False
    yield np.repeat(array, 2, axis=1)[:, ::2], False
    yield odd, False
    yield pc.State(array), False


@pytest.mark.skipif(not call.usable(), reason="this Python has no short way")
@pytest.mark.parametrize("large", [False, True])
def test_both_ways_into_c_do_the_same(large):
    w, step = counted(large)
    for array, short in ways(np.random.default_rng(0).normal(size=w.shape).astype(np.float32)):
        value, count, version = w.numpy().copy(), mode.clock, w.version
        w.grad = None
        assert (short_way(step)(array) is not MISSED) == short
        assert (mode.clock > count) == short
        if not short:
            loss, named = step(array)
            np.testing.assert_allclose(loss.item(), (value * np.array(array)).sum(), rtol=1e-4, atol=1e-3)
            np.testing.assert_array_equal(named["twice"].numpy(), np.array(array) * 2)
        np.testing.assert_array_equal(w.numpy(), value + 1)
        np.testing.assert_array_equal(w.grad.numpy(), np.array(array))
        assert w.version == version + 1
    assert len(step.programs) == 1


@pytest.mark.parametrize("large", [False, True])
def test_the_short_way_refuses_other_shapes_and_reads_no_state_that_it_writes(large):
    w, step = counted(large)
    value = w.numpy().copy()
    loss, named = step(w.array)
    assert np.isclose(loss.item(), (value * value).sum())
    np.testing.assert_array_equal(named["twice"].numpy(), value * 2)
    for other in (np.ones((3, 2), np.float32), np.ones(w.shape), np.ones((1, *w.shape), np.float32), 1.0):
        assert short_way(step)(other) is MISSED
    assert short_way(step)() is MISSED
    assert short_way(step)(value, value) is MISSED
    np.testing.assert_array_equal(w.numpy(), value + 1)


def test_without_the_short_way_nothing_else_changes(monkeypatch):
    monkeypatch.setattr(call, "usable", lambda: False)
    w, step = counted()
    assert step.last.entry is None
    loss, _ = step(pc.ones(2, 3))
    assert loss.item() == 66
    assert w.tolist() == [[12.0] * 3] * 2


def test_a_value_that_a_quick_step_has_overwritten_is_stale():
    w, step = counted()
    y = (w * w).sum()
    step(pc.ones(2, 3))
    with pytest.raises(errors.StaleValueError):
        y.backward()


@pytest.mark.parametrize("large", [False, True])
def test_threads_that_call_one_step_do_not_mix_their_arguments(large):
    size = 600_000 if large else 8  # the large one lets other threads run meanwhile
    step = pc.compile(lambda x: x * 2.0 + 1.0, target="c")
    for _ in range(10):
        step(np.zeros(size))
    wrong = []

    def work(number):
        array = np.full(size, float(number))
        for i in range(100 if large else 2000):
            x = array if i % 7 else np.repeat(array, 2)[::2]  # now and then the long way
            if (step(x).numpy() != 2.0 * number + 1.0).any():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_first_call_after_many_watched_ones_takes_the_short_way():
    step = pc.compile(lambda x: (x * 2.0).sum(), target="c")
    with pc.detect_anomaly():
        for _ in range(12):
            step(pc.ones(3))
    assert step(pc.ones(3)).item() == 6


def test_a_step_during_which_ctrl_c_is_pressed_counts_whole():
    w = pc.tensor(np.zeros((2000, 2000), np.float32), requires_grad=True)
    steps = pc.State(np.zeros(()))

    @pc.compile(target="c")
    def step(x):
        loss = ((w + x) * x).exp().sum()
        loss.backward()
        steps.assign(steps + 1.0)
        return loss

    x = np.ones(w.shape, np.float32)
    came = 0
    for i in range(24):
        w.grad, before = None, steps.item()
        came += interrupted(lambda: step(x), 0.002 if i >= 12 else 10)  # at first the step is made known
        assert (w.grad is not None) == (steps.item() > before)
    assert came
