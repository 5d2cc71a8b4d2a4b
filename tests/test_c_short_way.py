"""The short way into a compiled step (runtime/call.c): what closes it, what it leaves, and that it keeps nothing."""

import gc
import sys
import tracemalloc
import weakref

import numpy as np
import pytest
from c_close import COMPILER, short_way

import pellucid as pc
from pellucid import errors, nn, optim
from pellucid.modes import mode
from pellucid.toolchain import call
from pellucid.toolchain.call import MISSED

pytestmark = [*COMPILER, pytest.mark.skipif(not call.usable(), reason="this Python has no short way")]


class Scale(nn.Module):
    """A layer whose parameter lies in a list, where it can be replaced without a word."""

    def __init__(self):
        self.factors = [nn.Parameter(pc.full((3,), 2.0))]

    def forward(self, x):
        return x * self.factors[0]


class Trained:
    """A step with all that a call has to do: arguments, States, gradients, and results of several kinds."""

    def __init__(self, layer=None):
        self.layer = layer or nn.Linear(3, 3)
        self.optimizer = optim.SGD(self.layer.parameters(), lr=0.01, momentum=0.9)
        self.step = pc.compile(self.train, target="c")
        self.x = pc.tensor(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32))
        for _ in range(12):
            self.step(self.x)

    def train(self, x):
        loss = (self.layer(x) ** 2).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss, {"half": x * 0.5}

    @property
    def is_open(self):
        """Does a call take the short way?"""
        return short_way(self.step)(self.x) is not MISSED

    @property
    def states(self):
        """All States of the layer and the optimizer."""
        slots = [slot for slots in self.optimizer.state.values() for slot in slots.values()]
        return [*self.layer.parameters(), *slots]


def test_the_short_way_does_what_eager_code_does():
    t = Trained()
    twin = Trained()
    for own, other in zip(t.states, twin.states, strict=True):
        other.assign(own)
    t.step(t.x * 0.0)  # a model was made meanwhile: the program looks at everything once
    twin.train(t.x * 0.0)
    for i in range(5):
        x = t.x * float(i)
        quick, eager = short_way(t.step)(x), twin.train(x)
        np.testing.assert_allclose(quick[0].item(), eager[0].item(), rtol=1e-5)
        np.testing.assert_array_equal(quick[1]["half"].numpy(), eager[1]["half"].numpy())
        for own, other in zip(t.states, twin.states, strict=True):
            np.testing.assert_allclose(own.numpy(), other.numpy(), rtol=1e-5, atol=1e-6)
        for own, other in zip(t.layer.parameters(), twin.layer.parameters(), strict=True):
            np.testing.assert_allclose(own.grad.numpy(), other.grad.numpy(), rtol=1e-5, atol=1e-6)


# ---- what closes it

CLOSED = {
    "a module in evaluation": lambda t: t.layer.eval(),
    "a frozen parameter": lambda t: t.layer.bias.requires_grad_(False),
    "another parameter": lambda t: setattr(t.layer, "bias", nn.Parameter(pc.zeros(3))),
    "one more parameter to learn": lambda t: t.optimizer.add_param_group({"params": [nn.Parameter(pc.zeros(3))]}),
    "a program in use": lambda t: t.step.last.lock.acquire(),
}


@pytest.mark.parametrize("change", CLOSED.values(), ids=CLOSED)
def test_a_change_closes_the_short_way(change):
    t = Trained()
    assert t.is_open
    states = t.states
    before = [state.numpy().copy() for state in states]
    change(t)
    clock = mode.clock
    assert not t.is_open
    assert mode.clock == clock
    for state, value in zip(states, before, strict=True):
        np.testing.assert_array_equal(state.numpy(), value)


@pytest.mark.parametrize("setting", [pc.no_grad, pc.detect_anomaly, lambda: pc.engine.Setting(tracer=object())])
def test_a_setting_of_the_thread_closes_it_and_opens_it_again(setting):
    t = Trained()
    with setting():
        assert not t.is_open
    assert t.is_open


def test_a_program_without_gradients_is_for_calls_without_gradients():
    step = pc.compile(lambda x: x * 2, target="c")
    with pc.no_grad():
        for _ in range(12):
            step(pc.ones(2))
        assert short_way(step)(pc.ones(2)).tolist() == [2, 2]
    assert short_way(step)(pc.ones(2)) is MISSED


def test_a_part_replaced_in_a_list_closes_it():
    t = Trained(Scale())
    assert t.is_open
    t.layer.factors[0] = nn.Parameter(pc.zeros(3))
    assert not t.is_open
    assert t.step(t.x)[0].item() == 0


def test_arguments_that_are_not_plain_tensors_close_it():
    t = Trained()
    leaf = pc.tensor(t.x.numpy(), requires_grad=True)
    twice = nn.Parameter(pc.ones(4, 3)) * 2.0  # it waits for its gradient
    for others in [(leaf,), (twice,), (pc.State(t.x),), (None,), (t.x, t.x), (), (t.x.to(pc.float64),), (t.x[1:],)]:
        assert short_way(t.step)(*others) is MISSED
    assert short_way(t.step)(x=t.x) is MISSED
    assert t.step(x=t.x)[1]["half"].shape == (4, 3)
    with pytest.raises(errors.RecordingError, match="requires a gradient"):
        t.step(leaf)


# ---- gradients


def adding():
    """A step that adds to the gradient that it finds."""
    w = pc.tensor(np.ones(3, np.float32), requires_grad=True)

    @pc.compile(target="c")
    def step(x):
        (w * x).sum().backward()

    for _ in range(14):
        step(pc.ones(3))
    return w, step


def test_a_gradient_that_is_another_object_is_seen():
    w, step = adding()
    assert short_way(step)(pc.ones(3)) is not MISSED
    assert w.grad.tolist() == [15, 15, 15]
    for new, sums in [(pc.full((3,), 7.0), [8, 8, 8]), (None, [1, 1, 1]), (w.grad, [2, 2, 2])]:
        w.grad = new
        step(pc.ones(3))
        assert w.grad.tolist() == sums
    w.grad *= 0.0
    step(pc.ones(3))
    assert w.grad.tolist() == [1, 1, 1]
    (w * 5.0).sum().backward()
    step(pc.ones(3))
    assert w.grad.tolist() == [7, 7, 7]


def test_two_programs_leave_their_gradients_to_each_other():
    t = Trained()
    other = pc.compile(t.optimizer.zero_grad, target="c")
    for _ in range(14):
        other()
    for _ in range(3):
        t.step(t.x)
        assert t.layer.bias.grad is not None
        other()
        assert t.layer.bias.grad is None
        assert t.is_open, "this step does not ask what gradient was there"
        assert t.layer.bias.grad is not None


def test_an_interrupt_among_the_gradients_leaves_the_step_whole(monkeypatch):
    t = Trained()
    t.optimizer.zero_grad()
    versions = [state.version for state in t.states]
    program, left = t.step.last, []

    def interrupted():
        left.append(True)
        if len(left) == 1:
            raise KeyboardInterrupt
        type(program).set_gradients(program)

    monkeypatch.setattr(program, "set_gradients", interrupted)
    with pytest.raises(KeyboardInterrupt):
        t.step(t.x)
    assert all(parameter.grad is not None for parameter in t.layer.parameters())
    assert [state.version for state in t.states] == [version + 1 for version in versions]


def test_a_list_of_rows_is_void_once_somebody_else_has_written_the_gradient():
    """The step sets those rows of the gradient to zero which it has written last time, or all, if it cannot know."""
    layer = nn.Embedding(1000, 8)
    optimizer = optim.SparseAdam(layer.parameters(), lr=0.1)
    table = layer.weight

    @pc.compile(target="c")
    def step(rows):
        loss = (layer(rows) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    for i in range(14):
        step(pc.tensor([i, 7]))
    assert step.last.target.kept
    assert short_way(step)(pc.tensor([1, 2])) is not MISSED
    for disturb in (lambda: None, lambda: table.grad.fill_(5.0), lambda: setattr(table, "grad", pc.ones(1000, 8))):
        disturb()
        expected = np.zeros((1000, 8))
        expected[20] = 4 * table.numpy()[20]
        assert short_way(step)(pc.tensor([20, 20])) is not MISSED
        np.testing.assert_allclose(table.grad.numpy(), expected, rtol=1e-6)
        assert short_way(step)(pc.tensor([1, 2])) is not MISSED


# ---- what it keeps


def counts(things):
    gc.collect()
    return [sys.getrefcount(thing) for thing in things]


def held(function, things, calls=300):
    """By how much the counts of references, and the memory, grow in so many calls."""
    for _ in range(20):
        function()
    before = counts(things)
    for _ in range(calls):
        function()
    grown = [after - count for after, count in zip(counts(things), before, strict=True)]
    tracemalloc.start()
    try:
        function()
        gc.collect()
        start = tracemalloc.get_traced_memory()[0]
        for _ in range(calls):
            function()
        gc.collect()
        return grown, tracemalloc.get_traced_memory()[0] - start
    finally:
        tracemalloc.stop()


def test_calls_keep_no_references():
    t = Trained()
    array = t.x.numpy()
    things = [
        *(t.x, t.x.array, array, t.step, t.step.last, t.layer.bias, t.layer.bias.grad),
        *(None, True, MISSED, pc.Tensor, np.ndarray, t.x.array.dtype, t.step.last.target.last),
    ]
    ways = {
        "taken": lambda: short_way(t.step)(t.x),
        "an array": lambda: short_way(t.step)(array),
        "missed": lambda: short_way(t.step)(array[1:]),
        "missed at the second": lambda: short_way(t.step)(t.x, t.x),
        "by name": lambda: short_way(t.step)(x=t.x),
        "gradients to leave": lambda: (t.optimizer.zero_grad(), short_way(t.step)(t.x)),
    }
    for name, way in ways.items():
        grown, memory = held(way, things)
        assert max(map(abs, grown)) < 30, f"{name}: {grown}"  # of 300 calls; None is used elsewhere, too
        assert memory < 2000, name


@pytest.mark.parametrize("bare", [False, True])
def test_refused_and_failing_calls_keep_no_references(bare):
    w = pc.State(np.arange(4.0))
    fails = []

    @pc.compile(target="c")
    def step(index, x):
        w.assign(w + x)
        return w[index] if bare else (w[index], x)

    good, bad, one = pc.tensor([1, 2]), pc.tensor([1, 9]), pc.tensor(0.0)
    for _ in range(12):
        step(good, one)
    assert short_way(step)(good, one) is not MISSED

    def refused():
        with pytest.raises(errors.LabelError):
            short_way(step)(bad, one)
        fails.append(1)

    grown, memory = held(refused, [bad, bad.array, one, one.array, None, MISSED, step.last], calls=50)
    assert max(map(abs, grown)) < 30, grown
    assert memory < 20000
    assert w.tolist() == [0, 1, 2, 3]
    assert len(fails) == 121
    step(good, one)


def test_a_function_in_c_outlives_its_step_and_is_of_little_use():
    t = Trained()
    program, function = weakref.ref(t.step.last), t.step.last.entry.function
    x = t.x
    t.layer = t.optimizer = t.step = None
    gc.collect()
    assert program() is None
    assert function(x) is not MISSED, "who has the function has the memory that it works on"
    nn.Linear(1, 1).eval()  # something changes, so that C asks the program
    with pytest.raises(ReferenceError, match="keep the step itself"):
        function(x)


# ---- where it is not to be had


def test_another_numpy_or_python_has_no_short_way(monkeypatch):
    monkeypatch.setattr(call, "NUMPY_VERSION", 0x03000000)
    assert not call.usable.__wrapped__()
    monkeypatch.undo()
    monkeypatch.setattr(call, "ARRAY_TYPE", 3)
    assert not call.usable.__wrapped__()
    monkeypatch.undo()
    assert call.usable.__wrapped__()
    monkeypatch.setattr(sys.implementation, "name", "pypy")
    assert not call.usable.__wrapped__()


def test_a_slot_lies_where_it_is_said_to_lie():
    class Two:
        __slots__ = ("first", "second")

    two = Two()
    two.first, two.second = object(), object()
    for name in Two.__slots__:
        address = call.ctypes.c_void_p.from_address(call.slot_of(two, name)).value
        assert address == id(getattr(two, name))


def test_a_short_way_that_is_open_sees_that_nothing_is_compiled_any_more():
    """As the workshop has it, when a part of the learner's takes the place of ours."""
    calls = []

    @pc.compile(target="c")
    def step(x):
        calls.append(None)
        return x * 2.0

    x = pc.tensor([1.0, 2.0])
    for _ in range(20):
        step(x)
    recorded = len(calls)
    mode.eager = True
    mode.structure += 1
    try:
        step(x)
        step(x)
    finally:
        mode.eager = False
    assert len(calls) == recorded + 2
    step(x)
    assert len(calls) == recorded + 2


@pytest.mark.parametrize("calls", [0, 1, 15])
@pytest.mark.parametrize("rows", [3, 3000])  # a short step, and one that lets other threads run meanwhile
def test_a_step_that_nobody_holds_is_freed_without_the_garbage_collector(rows, calls):
    layer = nn.Linear(30, 20)
    x = pc.ones(rows, 30)

    def square(x):
        return (layer(x) ** 2).mean()

    gc.collect()
    gc.disable()
    try:
        step = pc.compile(square, target="c")
        for _ in range(calls):
            step(x)
        kept = [weakref.ref(step), *[weakref.ref(part) for p in step.programs for part in (p, p.target)]]
        assert len(kept) == 1 + 2 * bool(calls)
        del step
        assert all(reference() is None for reference in kept)
    finally:
        gc.enable()
