"""States in C: written where they lie if that is safe, and later if not. A step leaves what eager code leaves."""

import itertools

import numpy as np
import pytest
from c_close import COMPILER, assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

pytestmark = list(COMPILER)
LARGE = 40_000


def both(build, calls=3):
    """`build()` returns States and a step. Run it eagerly and in C; all results and States must be close."""
    seen = []
    for compiled in (False, True):
        pc.manual_seed(1)
        states, step = build()
        step = pc.compile(step, target="c") if compiled else step
        values = []
        for _ in range(calls):
            result = step()
            values += [
                np.array(v) for v in (result if isinstance(result, (tuple, list)) else [result]) if v is not None
            ]
            values += [np.array(state) for state in states]
        seen.append(values)
    for a, b in zip(*seen, strict=True):
        assert_close(a, b)
    return seen[0]


def state(*shape, start=1.0):
    return pc.State(np.arange(float(np.prod(shape))).reshape(shape) + start)


SIZES = [(1,), (5,), (130,), (3, 7), (200, 300)]


@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_swaps(shape):
    def build():
        a, b, c = state(*shape), state(*shape, start=10.0), state(*shape, start=20.0)

        def step():
            old = a.detach()
            a.assign(b)
            b.assign(c * 0.5 + old)
            c.assign(old)
            return old, a + b

        return [a, b, c], step

    both(build)


def test_every_order_of_reads_and_writes():
    """Two States, two new values, each made of one of the old ones or of the other's new one, in every order."""
    sources = ["old a", "old b", "both", "constant", "new"]
    cases = list(itertools.product(sources, sources, [False, True]))

    def build():
        pairs = [(state(4), state(4, start=10.0)) for _ in cases]

        def step():
            for (a, b), (first, second, turned) in zip(pairs, cases, strict=True):
                old = {"old a": a.detach(), "old b": b.detach(), "constant": pc.tensor(np.full(4, 5.0))}
                old["both"] = old["new"] = a * 0.5 - b
                one = old[first] * 1.0 if turned else old[first]
                a.assign(one)
                b.assign(a * 0.5 + old["old b"] if second == "new" else old[second] * 0.25 + old["old a"])
            return

        return [x for pair in pairs for x in pair], step

    both(build)


def test_turned_and_shifted_values_of_a_state():
    """What reads other elements than it writes may not be written in place."""

    def build():
        square, line, table = state(7, 7), state(200), state(5, 3)

        def step():
            square.assign(square.mT * 0.5 + square)
            line.assign(pc.cat([line[1:], line[:1]]) * 0.5)
            table.assign(table[[4, 3, 2, 1, 0]] + table.sum(0) * 0.01)
            return square.sum(0)

        return [square, line, table], step

    both(build)


def test_assigned_twice_and_read_between():
    def build():
        a = state(6)

        def step():
            before = a.detach()
            a.assign(a * 0.5)
            between = a.detach()
            a.assign(between + before)
            a[1:3] = 0.25
            return before, between, a.detach(), a.sum()

        return [a], step

    both(build)


def test_old_values_that_are_returned():
    """Also as views, which must be copied before the State is written."""

    def build():
        a = state(4, 6)

        def step():
            old = a.detach()
            views = old, old.mT, old[1], old.reshape(-1), old[:, ::2], old.reshape(6, 4), old[None]
            a.assign(a * -0.5)
            return *views, a.mT

        return [a], step

    both(build)


def test_one_value_for_two_states():
    def build():
        a, b, c = state(5), state(5), state(5)
        numbers = pc.tensor(np.full(5, 0.5))

        def step():
            y = a * 0.5 + b
            a.assign(y)
            b.assign(y)
            c.assign(numbers)
            return y, numbers

        return [a, b, c], step

    both(build)


def test_one_value_for_two_gradients_and_the_result():
    def build():
        a, b = (pc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))

        def step():
            a.grad = b.grad = None
            (a + b).sum().backward()
            return a.grad, b.grad

        return [a, b], step

    both(build)


def test_tied_weights():
    def build():
        model = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6))
        model[2].weight = model[0].weight
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        x = pc.tensor(np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6))

        def step():
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), x)
            loss.backward()
            optimizer.step()
            return loss

        return list(model.parameters()), step

    both(build, calls=6)


def test_states_of_every_dtype():
    def build():
        dtypes = ["int8", "int32", "int64", "uint8", "uint32", "float32", "float64", "bool"]
        states = [pc.State(np.ones(3, dtype)) for dtype in dtypes]

        def step():
            for s in states[:-1]:
                s.assign(s + s)
            states[-1].assign(states[-1].logical_not())
            return states[0] > 3

        return states, step

    both(build, calls=9)


def test_states_without_elements():
    def build():
        a, b = pc.State(np.zeros((0, 3))), pc.State(np.ones(()))

        def step():
            a.assign(a * 2.0)
            b.assign(b + a.sum())
            return a, b, a.sum(0)

        return [a, b], step

    both(build)


# ---- arguments that are a State's own memory


@pytest.mark.parametrize("n", [3, LARGE])
def test_arguments_that_are_memory_of_a_state_that_is_written(n):
    """Arguments are copied in: the step sees them as they were when it was called."""
    for source in ("detached", "data", "array", "shifted"):
        seen = []
        for compiled in (False, True):
            p = pc.State(np.arange(float(n)))
            q = pc.State(np.zeros(n))

            def step(x, p=p, q=q):
                p.assign(p * 2.0 + 1.0)
                q.assign(p + x)
                return x + 0.0, (p - x).sum()

            run = pc.compile(step, target="c") if compiled else step
            for _ in range(3):
                x = {"detached": p.detach(), "data": p.data, "array": p.array, "shifted": np.roll(p.array, 1)}[source]
                x = x if compiled else pc.tensor(np.array(x))
                result = run(x)
                seen.append([*map(np.array, result), np.array(p), np.array(q)])
        for eager, got in zip(seen[:3], seen[3:], strict=True):
            for a, b in zip(eager, got, strict=True):
                np.testing.assert_array_equal(a, b, err_msg=source)


@pytest.mark.parametrize("n", [3, LARGE])
def test_a_part_of_a_state_as_argument(n):
    p = pc.State(np.arange(float(2 * n)))

    @pc.compile(target="c")
    def step(x):
        p.assign(p * 0.0 - 1.0)
        return x * 1.0

    for part in (slice(0, n), slice(n, None)):
        p.assign(np.arange(float(2 * n)))
        np.testing.assert_array_equal(step(p.array[part]), np.arange(2.0 * n)[part])


def test_repeat_on_the_memory_of_a_state():
    """All batches are taken when repeat is called, even if they lie in a State that its steps write."""
    seen = []
    for target in ("numpy", "c"):
        p = pc.State(np.arange(12.0).reshape(4, 3))
        step = pc.compile(lambda x, p=p: p.assign(p * 0.5 + x), target=target)
        step.repeat(p.detach())
        seen.append(np.array(p))
    np.testing.assert_array_equal(*seen)
    value, batches = np.arange(12.0).reshape(4, 3), np.arange(12.0).reshape(4, 3)
    for x in batches:
        value = value * 0.5 + x
    np.testing.assert_array_equal(seen[1], value)


# ---- what is refused leaves nothing behind


def indexed(target="c"):
    """Two parameters with gradients, dropout, a counter, and a step that looks rows up."""
    table = pc.tensor(np.arange(12.0).reshape(4, 3), requires_grad=True)
    other = pc.tensor(np.ones(3), requires_grad=True)
    count = pc.State(0)
    optimizer = optim.SGD([table, other], lr=0.1, momentum=0.9)

    @pc.compile(target=target)
    def step(index, labels):
        count.assign(count + 1)
        other.assign(other * 0.5)
        optimizer.zero_grad()
        y = F.dropout(table, 0.5)[index] * other
        loss = F.cross_entropy(y, labels)
        loss.backward()
        optimizer.step()
        return loss

    return (table, other, count, optimizer), step


def everything(parts):
    table, other, count, optimizer = parts
    values = [table, other, count, *[slot for slots in optimizer.state.values() for slot in slots.values()]]
    values += [p.grad for p in (table, other) if p.grad is not None]
    return [np.array(value) for value in values] + [np.array(pc.tensors.default_generator.key)]


@pytest.mark.parametrize(
    ("index", "labels"), [([0, 4], [0, 1]), ([0, -5], [0, 1]), ([0, 1], [0, 3]), ([0, 1], [-1, 0])]
)
def test_an_index_out_of_range_changes_nothing(index, labels):
    parts, step = indexed()
    good = np.array([0, 3]), np.array([2, 1])
    step(*good)
    before = everything(parts)
    for _ in range(2):
        with pytest.raises(pc.errors.LabelError) as caught:
            step(np.array(index), np.array(labels))
        assert "test_c_states.py:" in str(caught.value)
        for a, b in zip(before, everything(parts), strict=True):
            np.testing.assert_array_equal(a, b)
    step(*good)
    pc.manual_seed(0)
    again, plain = indexed()
    plain(*good)
    plain(*good)
    for a, b in zip(everything(parts)[:-1], everything(again)[:-1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_repeat_is_as_many_calls():
    index = np.array([[0, 1], [3, 2], [1, 1], [2, 0]])
    labels = np.array([[0, 1], [2, 2], [1, 0], [2, 0]])
    pc.manual_seed(0)
    one, step = indexed()
    losses = [step(i, y).item() for i, y in zip(index, labels, strict=True)]
    key = np.array(pc.tensors.default_generator.key)
    pc.manual_seed(0)
    many, again = indexed()
    stacked = again.repeat(index, labels)
    assert stacked.tolist() == losses
    for a, b in zip([*everything(one)[:-1], key], everything(many), strict=True):
        np.testing.assert_array_equal(a, b)


def test_repeat_stops_where_an_index_is_refused():
    pc.manual_seed(0)
    one, step = indexed()
    good = np.array([0, 1]), np.array([1, 2])
    step(*good)
    step(*good)
    wanted = everything(one)
    pc.manual_seed(0)
    many, again = indexed()
    with pytest.raises(pc.errors.LabelError, match=r"test_c_states\.py:"):
        again.repeat(np.array([[0, 1], [0, 1], [0, 9], [0, 1]]), np.array([[1, 2]] * 4))
    for a, b in zip(wanted, everything(many), strict=True):
        np.testing.assert_array_equal(a, b)
    step(*good)
    pc.tensors.default_generator.key.assign(wanted[-1])
    again(*good)
    for a, b in zip(everything(one), everything(many), strict=True):
        np.testing.assert_array_equal(a, b)


def test_repeat_with_gradients_that_add_up():
    def build():
        w = pc.tensor([1.0, 2.0], requires_grad=True)
        return w, pc.compile(lambda x: (w * x * x).sum().backward(), target="c")

    batches = np.arange(6.0, dtype=np.float32).reshape(3, 2)
    w, step = build()
    for x in batches:
        step(x)
    v, again = build()
    again.repeat(batches)
    again.repeat(batches[:1])
    step(batches[0])
    assert v.grad.tolist() == w.grad.tolist()


def test_states_that_cross_in_a_nest_with_phases():
    """Each new value is made of the other's old one, after a reduction: all is read before anything is written."""

    def build():
        a, b, z = state(3, 5), state(3, 5, start=7.0), state(3, 5, start=-4.0)

        def step():
            y = z - (a * b * z).sum(1, True)
            new_a, new_b = b * 0.5, a * 0.25
            a.assign(new_a)
            b.assign(new_b)
            return y

        return [a, b], step

    both(build)


def test_a_result_may_not_lie_where_a_later_phase_still_reads():
    """A value of an early phase that is had again in the last: what it is made of must not be overwritten before."""
    random = np.random.default_rng(0)
    x, z, start = (pc.tensor(numbers) for numbers in random.normal(size=(3, 3, 5)))

    def build():
        slow = pc.State(start)

        def step():
            counts = (x * slow > 0.1).to(np.int32).sum(0)
            largest = (z - z.sum(1, True) * 0.1).tanh().amax(0)
            slow.assign(slow * 0.9 + 0.1 * (x - x.mean(0, True)))
            return counts, largest

        return [slow], step

    both(build)
