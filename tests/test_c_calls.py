"""Compiled steps called in unusual ways: interrupted, repeated, watched, as methods, with odd arguments."""

import gc
import signal
import threading
import weakref

import numpy as np
import pytest
from c_close import COMPILER, TARGETS

import pellucid as pc
from pellucid import errors, targets

pytestmark = [*COMPILER]


def interrupted(function, seconds):
    """Call a function and press Ctrl-C after a while; True if it came through."""
    timer = threading.Timer(seconds, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    try:
        function()
    except KeyboardInterrupt:
        return True
    finally:
        timer.cancel()
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
