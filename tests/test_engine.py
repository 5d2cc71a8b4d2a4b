"""The engine: what is noted, the walk back, who may change what, and what becomes of memory."""

import copy
import gc
import inspect
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest
from c_close import TARGETS, assert_close

import pellucid as pc
from pellucid import errors, ops
from pellucid.ops.source import BLOCK, draw_keys, random_word, random_words
from pellucid.tensors.random import default_generator

random = np.random.default_rng(3)


def line_below(by=1):
    """`test_engine.py:LINE` of a line below the one that asks."""
    return f"test_engine.py:{inspect.currentframe().f_back.f_lineno + by}"


def leaf(*shape, dtype="float64"):
    """A leaf with random numbers."""
    return pc.tensor(random.standard_normal(shape).astype(dtype), requires_grad=True)


def in_both_worlds(test):
    """Run a test with a plain function and with a compiled one."""
    return pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])(test)


def made(function, compiled):
    return pc.compile(function) if compiled else function


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


# ---- no_grad and enable_grad


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


# ---- assigning what backward still needs


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
    assert "test_engine.py" in str(caught.value)


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


# ---- memory


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


# ---- anomaly detection


@in_both_worlds
def test_detect_anomaly_names_the_op_and_line_of_the_forward_pass(compiled):
    w = pc.tensor([1.0, 0.0], requires_grad=True)
    place = None

    def step():
        nonlocal place
        place = line_below()
        y = w.log()
        return y.sum()

    step = made(step, compiled)
    step()  # it is not looked at unless asked for
    with pytest.raises(errors.AnomalyError) as caught, pc.detect_anomaly():
        step()
    for words in ("Log made an infinity", "[1]", "0 to 1", place):
        assert words in str(caught.value)


@in_both_worlds
def test_detect_anomaly_names_the_op_and_line_of_the_backward_pass(compiled):
    w = pc.tensor([1.0, 0.0], requires_grad=True)
    place = None

    def step():
        nonlocal place
        place = line_below()
        y = w.sqrt()
        loss = y.sum()
        loss.backward()
        return loss

    with pytest.raises(errors.AnomalyError) as caught, pc.detect_anomaly():
        made(step, compiled)()
    assert "Divide" in str(caught.value)
    assert "infinity" in str(caught.value)
    if not compiled:
        assert "in the gradient of Sqrt" in str(caught.value)
        assert place in str(caught.value)
    else:
        assert "test_engine.py" in str(caught.value)


def test_detect_anomaly_names_nan():
    x = pc.tensor([np.inf, 1.0])
    with pytest.raises(errors.AnomalyError, match="Subtract made NaN"), pc.detect_anomaly():
        x - x


def test_detect_anomaly_does_not_blame_what_came_in():
    with pc.detect_anomaly():
        scores = pc.tensor([0.5, -np.inf])
        assert (scores + 1.0).tolist() == [1.5, -np.inf]
        assert np.isnan((pc.tensor([np.nan]) * 2.0).item())


def test_detect_anomaly_changes_no_result():
    w = leaf(4)
    (w.tanh() * w).sum().backward()
    expected, w.grad = w.grad.tolist(), None
    with pc.detect_anomaly():
        (w.tanh() * w).sum().backward()
    assert w.grad.tolist() == expected
    assert (pc.tensor([1.0]) / 0.0).item() == np.inf  # and it ends with the block


# ---- State


def address(x):
    return x.array.__array_interface__["data"][0]


def test_a_state_keeps_its_address_and_counts_versions():
    w = pc.State(np.arange(6.0).reshape(2, 3))
    home, versions = address(w), [w.version]

    def changed():
        versions.append(w.version)
        return address(w) == home

    w += 1.0
    assert changed()
    w -= pc.tensor(np.ones(3))
    assert changed()
    w *= 2.0
    assert changed()
    w /= 2.0
    assert changed()
    w.assign(np.ones((2, 3)))
    assert changed()
    w.data = pc.tensor(np.zeros((2, 3)))
    assert changed()
    w.data = np.full((2, 3), 2.0)
    assert changed()
    w.copy_(pc.tensor(np.full((1, 3), 7.0)))
    assert changed()
    assert w.tolist() == [[7.0] * 3] * 2
    w[0, 1] = 5.0
    assert changed()
    w.zero_()
    assert changed()
    w.fill_(3.0)
    assert changed()
    w.clamp_(max=1.0)
    assert changed()
    assert w.tolist() == [[1.0] * 3] * 2
    assert versions == sorted(set(versions)), "every change raises the version"


def test_a_compiled_step_writes_where_the_state_lies():
    w = pc.State(np.zeros(3))
    home = address(w)

    @pc.compile
    def step():
        w.add_(1.0)

    for _ in range(3):
        step()
    assert w.tolist() == [3.0] * 3
    assert address(w) == home
    assert w.version == 3


@in_both_worlds
@pytest.mark.parametrize("look", [lambda x: x.detach(), lambda x: x.T, lambda x: x[:, 0:2], lambda x: x.reshape(2, 2)])
def test_two_states_are_swapped(compiled, look):
    """What was read before an assignment keeps its numbers, also if it only looks at the memory of the State."""
    a, b = pc.State(np.array([[1.0, 2.0], [3.0, 4.0]])), pc.State(np.array([[5.0, 6.0], [7.0, 8.0]]))

    def swap():
        of_a, of_b = look(a), look(b)
        a.assign(of_b)
        b.assign(of_a)

    expected = look(pc.tensor(b)).tolist(), look(pc.tensor(a)).tolist()
    made(swap, compiled)()
    assert (a.tolist(), b.tolist()) == expected


def test_a_state_shape_and_dtype_are_fixed():
    w = pc.State(np.zeros((2, 3), np.float32))
    with pytest.raises(errors.ShapeError, match=r"float32\[2, 3\]"):
        w.assign(pc.tensor(np.zeros((3, 2), np.float32)))
    with pytest.raises(errors.ShapeError, match="keeps its memory"):
        w.data = np.zeros(3)
    w.assign(np.ones((2, 3), np.float64))
    assert w.dtype == np.float32
    with pytest.raises(errors.DtypeError, match="in-place"):
        pc.State(np.zeros(3, np.int64)).add_(0.5)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (0, 4), (100, 100)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_a_state_begins_at_a_multiple_of_64_bytes(shape, dtype):
    states = [pc.State(np.ones(shape, dtype)) for _ in range(5)]
    states += [pc.tensor(np.ones(shape, "float32"), requires_grad=True) for _ in range(5)]
    assert all(address(x) % 64 == 0 for x in states if x.numel())
    assert all(x.array.flags["C_CONTIGUOUS"] and x.array.flags["ALIGNED"] for x in states)


def test_a_state_copies_what_it_is_made_of():
    array = np.zeros(3)
    w = pc.State(array)
    array[:] = 5
    assert w.tolist() == [0.0] * 3
    other = pc.State(w)
    other.fill_(1.0)
    assert w.tolist() == [0.0] * 3


def test_deepcopy_of_states():
    w = leaf(3)
    (w * w).sum().backward()
    twin = copy.deepcopy({"w": w, "again": w})
    assert twin["w"] is twin["again"]
    v = twin["w"]
    assert type(v) is pc.State
    assert v.requires_grad
    assert v.tolist() == w.tolist()
    assert v.grad.tolist() == w.grad.tolist()
    assert not np.shares_memory(v.array, w.array)
    assert not np.shares_memory(v.grad.array, w.grad.array)
    assert address(v) % 64 == 0
    before = w.tolist()
    with pc.no_grad():
        v.fill_(0.0)
    assert w.tolist() == before


def test_deepcopy_after_a_compiled_step_has_its_own_gradient_memory():
    w = leaf(3)

    @pc.compile
    def step():
        (w * w).sum().backward()

    step()
    twin = copy.deepcopy(w)
    step()
    np.testing.assert_allclose(twin.grad.numpy(), 2 * w.numpy())
    np.testing.assert_allclose(w.grad.numpy(), 4 * w.numpy())


def test_requires_grad_makes_a_state_for_everyone_who_holds_it():
    x = pc.tensor([1.0, 2.0])
    same = x
    assert x.requires_grad_() is x
    assert isinstance(same, pc.State)
    assert address(same) % 64 == 0
    x.requires_grad_(False)
    assert not (x * x).requires_grad


def test_a_gradient_of_another_shape_is_refused():
    w = leaf(3)
    with pytest.raises(errors.ShapeError, match="does not fit"):
        w.grad = pc.tensor(np.zeros(4))


# ---- the first program anyone writes


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


# ---- random numbers


def test_the_same_seed_and_count_give_the_same_numbers():
    pc.manual_seed(5)
    first = [pc.rand(4).tolist(), pc.randn(3).tolist(), pc.randint(0, 10, (6,)).tolist(), pc.randperm(5).tolist()]
    pc.manual_seed(5)
    again = [pc.rand(4).tolist(), pc.randn(3).tolist(), pc.randint(0, 10, (6,)).tolist(), pc.randperm(5).tolist()]
    assert first == again
    pc.manual_seed(6)
    assert pc.rand(4).tolist() != first[0]


def test_generators_do_not_disturb_each_other():
    mine = pc.Generator(3)
    expected = [pc.rand(4, generator=mine).tolist() for _ in range(2)]
    mine.manual_seed(3)
    pc.rand(100)
    first = pc.rand(4, generator=mine).tolist()
    pc.randn(7)
    assert [first, pc.rand(4, generator=mine).tolist()] == expected


def test_element_i_does_not_depend_on_how_many_are_drawn():
    key = pc.State(np.array([9, 4], np.uint32))
    for dtype in ("float32", "float64"):
        long = ops.Uniform((BLOCK + 1000,), dtype)(key).numpy()
        for n in (0, 1, 2, 17, 999, BLOCK, BLOCK + 1):
            np.testing.assert_array_equal(ops.Uniform((n,), dtype)(key).numpy(), long[:n])


def test_draws_made_ahead_are_those_made_one_by_one():
    """Short draws are made together with those that follow (ops/source.py), without gradients also by no op."""
    for dtype in ("float32", "float64"):
        mine = pc.Generator(11)
        for count in range(40):
            key = pc.State(np.array([11, count], np.uint32))
            long = ops.Uniform((BLOCK + 1,), dtype)(key).numpy()[:6]
            np.testing.assert_array_equal(ops.Uniform((2, 3), dtype)(key).numpy().ravel(), long)
            y = pc.rand(2, 3, dtype=dtype, generator=mine)
            np.testing.assert_array_equal(y.numpy().ravel(), long)
            y += 1.0  # what is handed out belongs to the caller
        with pc.no_grad(), pc.detect_anomaly():  # somebody watches: op by op
            slow = pc.Generator(12).normal((5,), dtype).numpy()
        np.testing.assert_array_equal(pc.Generator(12).normal((5,), dtype).numpy(), slow)
        last = pc.State(np.array([11, 2**32 - 1], np.uint32))
        assert len(set(ops.Uniform((4,), dtype)(last).tolist())) == 4


def test_both_dtypes_agree_in_their_first_24_bits():
    key = pc.State(np.array([5, 6], np.uint32))
    single, double = (ops.Uniform((1000,), dtype)(key).numpy() for dtype in ("float32", "float64"))
    np.testing.assert_array_equal(np.floor(double * 2**24), single.astype("float64") * 2**24)


def test_the_numbers_are_those_that_were_tested_for_randomness():
    """Known answers: docs/choices/random-numbers.md."""
    assert draw_keys(0, 0) == (0x4BE3DEE8, 0x0BE48427)
    assert random_words(*draw_keys(0, 0), 0, 4).tolist() == [0xCADE302C, 0x1D3DAFB9, 0x5D79EC98, 0xA87A3B32]


def test_random_bits_agree_with_the_definition_for_one_word():
    """The vectorized form and the one for Python integers are two programs for the same numbers."""
    for seed, count in ((0, 0), (1, 0), (0, 1), (2**32 - 1, 2**32 - 1), (12345, 678)):
        keys = draw_keys(seed, count)
        for start in (0, 1, 2**31, 2**32 - 30):
            expected = [random_word(i, *keys) for i in range(start, start + 50)]
            assert random_words(*keys, start % 2**32, 50).tolist() == expected


def test_uniform_numbers_are_uniform():
    """Of n numbers the mean lies within 4 standard errors, and so do the counts in 64 boxes (chi-square)."""
    n = 200_000
    for dtype in ("float32", "float64"):
        u = pc.rand(n, dtype=np.dtype(dtype)).numpy()
        assert u.dtype == dtype
        assert u.min() >= 0.0
        assert u.max() < 1.0
        u = u.astype("float64")
        assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / n)
        assert abs(u.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / n)
        counts = np.bincount((u * 64).astype(int), minlength=64)
        chi_square = ((counts - n / 64) ** 2 / (n / 64)).sum()
        assert abs(chi_square - 63) < 5 * np.sqrt(2 * 63)


def test_draws_are_not_correlated():
    """Neighbours in one draw, the same place in two draws, and the same place for two seeds."""
    n = 100_000
    bound = 4.5 / np.sqrt(n)

    def drawn(seed, count):
        return ops.Uniform((n,), "float64")(pc.State(np.array([seed, count], np.uint32))).numpy()

    first = drawn(0, 0)
    for lag in (1, 2, 3, 16, 32, 256):
        assert abs(np.corrcoef(first[:-lag], first[lag:])[0, 1]) < bound
    for seed, count in ((0, 1), (1, 0), (1, 1), (2, 0), (0, 2**31), (2**31, 0)):
        assert abs(np.corrcoef(first, drawn(seed, count))[0, 1]) < bound


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    n = 200_000
    x = pc.randn(n, dtype=np.dtype("float64")).numpy()
    assert abs(x.mean()) < 4 / np.sqrt(n)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((x**3).mean()) < 4 * np.sqrt(15 / n)
    assert abs((x**4).mean() - 3) < 4 * np.sqrt(96 / n)
    assert abs((np.abs(x) < 1).mean() - 0.6826895) < 4 * np.sqrt(0.217 / n)
    assert np.isfinite(x).all()


def test_randint_and_randperm():
    x = pc.randint(-2, 3, (50_000,)).numpy()
    assert x.dtype == np.int64
    counts = np.bincount(x + 2, minlength=5)
    assert counts.size == 5
    assert (abs(counts - 10_000) < 4 * np.sqrt(10_000 * 0.8)).all()
    assert sorted(pc.randperm(100).tolist()) == list(range(100))
    assert pc.randperm(0).tolist() == []


def test_a_compiled_step_draws_on_where_eager_code_stopped():
    def draw():
        return pc.rand(3), pc.randn(2)

    pc.manual_seed(1)
    eager = [draw() for _ in range(4)]
    pc.manual_seed(1)
    step = pc.compile(draw)
    for ours, theirs in zip([draw(), step(), step(), draw()], eager, strict=True):
        assert ours[0].tolist() == theirs[0].tolist()
        np.testing.assert_allclose(ours[1].numpy(), theirs[1].numpy(), rtol=1e-6)  # C has logarithms of its own


def test_a_recording_that_fails_leaves_the_generator_alone():
    pc.manual_seed(2)
    before = default_generator.key.tolist()

    @pc.compile
    def step():
        return pc.rand(3).item()

    with pytest.raises(errors.RecordedValueError):
        step()
    assert default_generator.key.tolist() == before


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
