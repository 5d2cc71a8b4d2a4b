"""A recorded step leaves what the eager step leaves: losses, parameters, gradients, buffers.

Each case is a function that builds a fresh program (a model, an optimizer, a step) and lists the calls to
make. It is run twice, plainly and under pc.compile, from the same seed; and every test here is run for both targets. On
NumPy the results are the same bit for bit. In C sums add up in another order, and functions such as tanh are our own,
so there they are close: c_close.py says how close.
"""

import os

import numpy as np
import pytest
from c_close import TARGETS, assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 12, 5)).astype(np.float32)  # three batches
Y = RNG.integers(0, 4, size=(3, 12))


@pytest.fixture(params=TARGETS, autouse=True)
def target(request, monkeypatch):
    """Every test here runs on both targets."""
    monkeypatch.setenv("PELLUCID_TARGET", request.param)
    return request.param


def same(eager, compiled):
    """The same bits on NumPy, close in C."""
    eager, compiled = np.asarray(eager), np.asarray(compiled)
    assert (eager.dtype, eager.shape) == (compiled.dtype, compiled.shape)
    if os.environ["PELLUCID_TARGET"] == "numpy":
        np.testing.assert_array_equal(eager, compiled)
    else:
        assert_close(eager, compiled)


def both(build):
    """Run a case eagerly and compiled; return what eager code left behind, after comparing everything."""
    results = []
    for wrap in (lambda f, **kwargs: f, pc.compile):
        pc.manual_seed(3)
        results.append([np.asarray(value) for value in build(wrap)])
    eager, compiled = results
    assert len(eager) == len(compiled) > 0
    for a, b in zip(eager, compiled, strict=True):
        same(a, b)
    return eager


def mlp(*extra):
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), *extra, nn.Linear(8, 4))


def left_behind(model, *more):
    """Parameters, buffers, gradients (zeros with a flag for None)."""
    values = [*model.state_dict().values(), *more]
    values += [np.zeros(1) if p.grad is None else p.grad for p in model.parameters()]
    return [np.array(value) for value in values]


def train_step(model, optimizer, loss_of=None):
    def step(x, y):
        loss = F.cross_entropy(model(x), y) if loss_of is None else loss_of(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "dampening": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01),
    "rmsprop centered": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True, weight_decay=0.01),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "adam decay": lambda p: optim.Adam(p, lr=0.01, weight_decay=0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    def build(wrap):
        model = mlp()
        optimizer = OPTIMIZERS[name](model.parameters())
        step = wrap(train_step(model, optimizer))
        losses = [
            step(X[i % 3], pc.tensor(Y[i % 3]))
            if wrap is pc.compile
            else step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3]))
            for i in range(12)
        ]
        assert losses[9].item() < losses[0].item(), "both of the first batch"
        return [*losses, *left_behind(model)]

    both(build)


LAYERS = {
    "dropout": lambda: [nn.Dropout(0.4)],
    "batch norm": lambda: [nn.BatchNorm1d(8)],
    "both": lambda: [nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2)],
    "sigmoid": lambda: [nn.Sigmoid()],
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    def build(wrap):
        model = mlp(*LAYERS[name]())
        step = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.1)))
        losses = [step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])) for i in range(6)]
        return [*losses, *left_behind(model)]

    both(build)


LOSSES = {
    "cross entropy": F.cross_entropy,
    "one-hot": lambda z, y: F.cross_entropy(z, F.one_hot(y, 4).float()),
    "sum": lambda z, y: F.cross_entropy(z, y, reduction="sum") * 0.01,
    "mse": lambda z, y: F.mse_loss(z, F.one_hot(y, 4).float()),
    "bce": lambda z, y: F.binary_cross_entropy(z.sigmoid(), F.one_hot(y, 4).float()),
    "bce with logits": lambda z, y: F.binary_cross_entropy_with_logits(z, F.one_hot(y, 4).float()),
    "nll": lambda z, y: F.nll_loss(F.log_softmax(z, 1), y),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    def build(wrap):
        model = mlp()
        step = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.1), LOSSES[name]))
        return [*[step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])) for i in range(4)], *left_behind(model)]

    both(build)


def test_schedule_needs_no_new_program():
    def build(wrap):
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
        schedule = optim.StepLR(optimizer, step_size=2, gamma=0.5)
        step = wrap(train_step(model, optimizer))
        losses = []
        for i in range(11):
            losses.append(step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])))
            schedule.step()
        optimizer.param_groups[0]["lr"] = 0.01
        losses.append(step(pc.tensor(X[0]), pc.tensor(Y[0])))
        assert optimizer.param_groups[0]["lr"] == 0.01
        if wrap is pc.compile:
            assert len(step.programs) == 1
        return [*losses, *left_behind(model)]

    both(build)


def test_weight_tying():
    class Tied(nn.Module):
        def __init__(self):
            self.first = nn.Linear(5, 5)
            self.second = nn.Linear(5, 5)
            self.second.weight = self.first.weight
            self.out = nn.Linear(5, 4)

        def forward(self, x):
            return self.out(self.second(self.first(x).tanh()).tanh())

    def build(wrap):
        model = Tied()
        assert len(list(model.parameters())) == 5
        step = wrap(train_step(model, optim.Adam(model.parameters(), lr=0.01)))
        losses = [step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])) for i in range(5)]
        assert model.first.weight is model.second.weight
        return [*losses, *left_behind(model)]

    both(build)


def test_accumulation_over_two_calls():
    def build(wrap):
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def backward(x, y):
            loss = F.cross_entropy(model(x), y) / 2
            loss.backward()
            return loss

        def update():
            optimizer.step()
            optimizer.zero_grad()

        backward, update = wrap(backward), wrap(update)
        losses, grads = [], []
        for _ in range(6):
            losses.append(backward(pc.tensor(X[0]), pc.tensor(Y[0])))
            losses.append(backward(pc.tensor(X[1]), pc.tensor(Y[1])))
            grads.append(np.array(model[0].weight.grad))
            update()
            assert model[0].weight.grad is None
        return [*losses, *grads, *left_behind(model)]

    both(build)


def test_gradients_made_eagerly_and_by_a_program_add_up():
    def build(wrap):
        model = mlp()

        def backward(x, y):
            F.cross_entropy(model(x), y).backward()

        backward(pc.tensor(X[0]), pc.tensor(Y[0]))
        wrap(backward)(pc.tensor(X[1]), pc.tensor(Y[1]))
        first = np.array(model[0].weight.grad)
        backward(pc.tensor(X[2]), pc.tensor(Y[2]))
        return [first, *left_behind(model)]

    both(build)


def test_freezing_between_calls():
    def build(wrap):
        model = mlp()
        step = wrap(train_step(model, optim.Adam(model.parameters(), lr=0.01)))
        values = []
        for i, frozen in enumerate([False, True, True, False, True, False]):
            model[0].weight.requires_grad = not frozen
            before = np.array(model[0].weight)
            values.append(step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])))
            values.append(np.array(model[0].weight))
            if frozen:
                np.testing.assert_array_equal(before, values[-1])
        if wrap is pc.compile:
            assert len(step.programs) == 2
        return [*values, *left_behind(model)]

    both(build)


def test_train_and_eval():
    def build(wrap):
        model = mlp(nn.BatchNorm1d(8), nn.Dropout(0.5))
        train = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.1)))
        predict = wrap(lambda x: model(x))  # noqa: PLW0108  the usual way to write it
        values = []
        for i in range(4):
            model.train()
            values.append(train(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])))
            values.append(predict(pc.tensor(X[0])).detach())
            model.eval()
            values.append(predict(pc.tensor(X[0])).detach())
            values.append(predict(pc.tensor(X[0])).detach())
            np.testing.assert_array_equal(values[-1], values[-2])
        return [*values, *left_behind(model)]

    both(build)


def test_load_state_dict_between_calls():
    def build(wrap):
        model = mlp(nn.BatchNorm1d(8))
        step = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.1)))
        saved = {name: pc.tensor(value) for name, value in model.state_dict().items()}
        first = [step(pc.tensor(X[0]), pc.tensor(Y[0])) for _ in range(3)]
        model.load_state_dict(saved)
        again = [step(pc.tensor(X[0]), pc.tensor(Y[0])) for _ in range(3)]
        np.testing.assert_array_equal(first, again)
        return [*first, *again, *left_behind(model)]

    both(build)


def test_one_model_in_two_programs_at_once():
    def build(wrap):
        model = mlp()
        slow = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.01)))
        fast = wrap(train_step(model, optim.Adam(model.parameters(), lr=0.1), LOSSES["mse"]))
        values = [f(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3])) for i in range(5) for f in (slow, fast)]
        return [*values, *left_behind(model)]

    both(build)


def test_two_batch_sizes():
    def build(wrap):
        model = mlp()
        step = wrap(train_step(model, optim.Adam(model.parameters(), lr=0.01)))
        values = [step(pc.tensor(X[0][:n]), pc.tensor(Y[0][:n])) for n in (12, 5, 12, 5, 1, 12)]
        if wrap is pc.compile:
            assert len(step.programs) == 3
        return [*values, *left_behind(model)]

    both(build)


def test_clipping():
    def build(wrap):
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            with pc.no_grad():
                norm = sum((p.grad * p.grad).sum() for p in model.parameters()).sqrt()
                scale = pc.where(norm > 0.1, 0.1 / norm, 1.0)
                for p in model.parameters():
                    p.grad *= scale
            optimizer.step()
            return loss, {"norm": norm}

        step = wrap(step)
        values = []
        for i in range(4):
            loss, more = step(pc.tensor(X[i % 3]), pc.tensor(Y[i % 3]))
            values += [loss, more["norm"]]
        return [*values, *left_behind(model)]

    both(build)


def test_second_derivatives_inside_a_step():
    def build(wrap):
        w = pc.tensor([0.7, -1.3], requires_grad=True)

        def newton(target):
            (slope,) = pc.autograd.grad(((w**3 - target) ** 2).sum(), w, create_graph=True)
            (curve,) = pc.autograd.grad(slope.sum(), w)
            with pc.no_grad():
                w.sub_(slope / (curve.abs() + 0.1))
            return slope.detach()

        newton = wrap(newton)
        return [*[newton(pc.tensor([1.0, -8.0])) for _ in range(6)], w]

    both(build)


def test_swaps_and_rotations_of_states():
    def build(wrap):
        a, b, c = (pc.State(np.arange(4.0) + 10 * i) for i in range(3))

        def rotate():
            old = a * 1.0
            a.assign(b)
            b.assign(c)
            c.assign(old)
            return a + b, old

        rotate = wrap(rotate)
        values = [v for _ in range(4) for v in rotate()]
        return [*values, a, b, c]

    both(build)


def test_views_of_states_keep_what_was_read():
    def build(wrap):
        a = pc.State(np.arange(6.0).reshape(2, 3))

        def step():
            flat, turned, row, same = a.reshape(-1), a.mT, a[1], a.detach()
            a.assign(a * 2)
            return flat, turned, row, same, a.reshape(3, 2)

        step = wrap(step)
        return [v for _ in range(3) for v in step()] + [a]

    both(build)


def test_read_before_between_and_after_two_assignments():
    def build(wrap):
        p = pc.State(np.arange(5.0))

        def step():
            first = p + 0
            p.assign(p + 1)
            second = p + 0
            p.mul_(2)
            p[1:3] = 7.0
            return first, second, p, (p - first).sum()

        step = wrap(step)
        return [v.detach() * 1 for _ in range(3) for v in step()] + [p]

    both(build)


def test_matmul_of_a_state_with_itself():
    def build(wrap):
        p = pc.State(np.eye(3) * 2 + 0.1)

        def step():
            p.assign(p @ p)
            return (p @ p).sum()

        step = wrap(step)
        return [step(), p, step(), p]

    both(build)


def test_random_numbers_go_on_where_the_last_call_stopped():
    def build(wrap):
        def step(x):
            unused = pc.rand(3)
            return x * pc.rand(4) + pc.randn(4), unused * 0

        step = wrap(step)
        values = [v for _ in range(3) for v in step(pc.ones(4))]
        return [*values, pc.rand(2)]

    values = both(build)
    assert not np.array_equal(values[0], values[2])


def test_results_are_fresh_copies():
    w = pc.tensor([1.0], requires_grad=True)

    @pc.compile
    def step():
        with pc.no_grad():
            w.add_(1.0)
        return w

    assert [v.item() for v in [step() for _ in range(4)]] == [2.0, 3.0, 4.0, 5.0]


def test_arguments_are_copied_in():
    @pc.compile
    def step(x):
        return x

    array = np.ones(3, np.float32)
    result = step(array)
    array[...] = 5
    assert result.tolist() == [1, 1, 1]


def test_nested_arguments_and_results():
    @pc.compile
    def step(batch, *, scale, names=("a", "b")):
        return {name: [batch["x"] * scale, batch["pair"][i]] for i, name in enumerate(names)}, None, "text"

    x, y = pc.tensor([1.0, 2.0]), np.array([3, 4])
    result, nothing, text = step({"x": x, "pair": (y, x)}, scale=2.0)
    assert [x.tolist() for x in result["a"]] == [[2.0, 4.0], [3, 4]]
    assert result["b"][1].tolist() == [1.0, 2.0]
    assert (nothing, text) == (None, "text")
    assert step({"x": x, "pair": (y, x)}, scale=3.0, names=("c",))[0]["c"][0].tolist() == [3.0, 6.0]
    assert len(step.programs) == 2


def test_equal_python_numbers_of_other_types_are_other_programs():
    step = pc.compile(lambda x, n: x * n)
    assert step(pc.tensor([2]), 1).dtype == pc.int64
    assert step(pc.tensor([2]), 1.0).dtype == pc.float32


def test_a_step_inside_a_step_is_part_of_it():
    def build(wrap):
        model = mlp()
        inner = wrap(train_step(model, optim.SGD(model.parameters(), lr=0.1)))

        def outer(x, y):
            return inner(x, y) + inner(x, y)

        outer = wrap(outer)
        return [*[outer(pc.tensor(X[0]), pc.tensor(Y[0])) for _ in range(3)], *left_behind(model)]

    both(build)


def test_grad_mode_is_part_of_the_key():
    w = pc.tensor([1.0, 2.0], requires_grad=True)
    step = pc.compile(lambda x: (x * w).sum())
    step(pc.ones(2))
    with pc.no_grad():
        step(pc.ones(2))
    assert len(step.programs) == 2


def test_a_replaced_layer_gives_a_new_program():
    model = mlp()
    predict = pc.compile(lambda x: model(x))  # noqa: PLW0108  the usual way to write it
    x = pc.tensor(X[0])
    predict(x)
    model[2].weight = nn.Parameter(pc.zeros(4, 8))
    same(predict(x), model(x))
    model[2] = nn.Linear(8, 2)
    assert predict(x).shape == (12, 2)


def test_a_method_can_be_compiled():
    class Trainer:
        def __init__(self):
            self.w = pc.tensor(2.0, requires_grad=True)

        @pc.compile
        def step(self, x):
            loss = (self.w * x) ** 2
            self.w.grad = None
            loss.backward()
            return loss

    one, two = Trainer(), Trainer()
    two.w.data = 5.0
    assert [trainer.step(pc.tensor(3.0)).item() for trainer in (one, two)] == [36, 225]
    assert [trainer.w.grad.item() for trainer in (one, two)] == [36, 90]


def test_a_leaf_that_was_asked_for_gradients_later():
    def build(wrap):
        w = pc.tensor([1.0, 2.0])
        w.requires_grad = True

        def step(x):
            w.grad = None
            ((x - w) ** 2).sum().backward()
            with pc.no_grad():
                w.sub_(w.grad * 0.1)

        step = wrap(step)
        for _ in range(5):
            step(pc.tensor([3.0, 3.0]))
        return [w, w.grad]

    both(build)


def test_the_graph_prints_and_draws():
    model = mlp()
    step = pc.compile(train_step(model, optim.SGD(model.parameters(), lr=0.1)))
    step(pc.tensor(X[0]), pc.tensor(Y[0]))
    text = str(step.graph)
    for words in ("argument x", "Matmul", "test_compile.py:", "parameter", "return %", ":="):
        assert words in text
    picture = step.graph.svg()
    import xml.dom.minidom

    assert xml.dom.minidom.parseString(picture).documentElement.tagName == "svg"
    assert picture.count("<rect") == len(step.graph.nodes)


def test_passes_make_the_graph_smaller_and_change_no_bit():
    from pellucid.graph import record, simplify
    from pellucid.targets.numpy import NumpyProgram

    def function(x):
        unused = x.exp()
        a, b = (x * 2.0).sum(), (x * 2.0).sum()
        return a + b * (1.0 + pc.tensor([1.0, 2.0]) * 3.0), unused.shape

    spec = pc.tensors.core.Spec((3,), np.float32)
    _, graph, _ = record(lambda x: function(x)[0], [("x", spec)], pc.Tensor, lambda values: (values, {}))
    x = np.array([1.5, -2.0, 0.25], np.float32)
    before, count = NumpyProgram(graph).run([x]), len(graph.nodes)
    smaller = simplify(graph)
    names = [type(node.op).__name__ for node in smaller.nodes]
    assert "Exp" not in names
    assert names.count("Sum") == 1
    assert len(smaller.nodes) < count - 4
    np.testing.assert_array_equal(before[0], NumpyProgram(smaller).run([x])[0])


def test_verify_finds_what_is_wrong():
    from pellucid.graph import GraphError, Node, record, verify
    from pellucid.ops import Exp

    spec = pc.tensors.core.Spec((3,), np.float32)

    def fresh():
        return record(lambda x: x.exp().sum(), [("x", spec)], pc.Tensor, lambda values: (values, {}))[1]

    verify(fresh())
    graph = fresh()
    graph.nodes.reverse()
    with pytest.raises(GraphError, match="before"):
        verify(graph)
    graph = fresh()
    graph.nodes[1].spec = pc.tensors.core.Spec((4,), np.float32)
    with pytest.raises(GraphError, match="infer"):
        verify(graph)
    graph = fresh()
    graph.outputs[0] = Node(Exp(), [graph.nodes[0]], spec)
    with pytest.raises(GraphError, match="not in the graph"):
        verify(graph)


def test_programs_can_be_used_by_several_threads():
    import threading

    w = pc.tensor(0.0, requires_grad=True)

    @pc.compile
    def add_one():
        with pc.no_grad():
            w.add_(1.0)

    add_one()
    threads = [threading.Thread(target=lambda: [add_one() for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert w.item() == 401.0


# ---- found by random programs (test_compile_fuzz.py)


def test_bits_do_not_depend_on_how_numbers_lie_in_memory():
    """NumPy adds in another order if rows lie in columns: views of States, new values, gradients, arguments."""

    def build(wrap):
        rng = np.random.default_rng(1)
        w = pc.tensor(rng.normal(size=(40, 33)).astype(np.float32), requires_grad=True)
        v = pc.State(rng.normal(size=(33, 40)).astype(np.float32))

        def step(x):
            seen = [w[:, :17].sum(), w.mT.sum(0), w.mT @ w, v[1::2].mean()]
            v.assign(w.mT * 0.7)
            seen += [v.sum(), v @ w]
            w.grad = None
            (x @ w.mT).tanh().sum().backward()
            return *seen, (w.grad * w.grad).sum(), w.grad @ v, x.sum(), x[:, ::2] @ v[::2]

        step = wrap(step)
        wide = pc.tensor(rng.normal(size=(12, 66)).astype(np.float32))
        return [*step(wide[:, ::2]), *step(wide[:, :33]), *step(wide[:, :33] * 1.0), w.grad, v]

    both(build)


def test_gradients_that_were_equal_are_changed_apart():
    def build(wrap):
        a, b = (pc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))

        def step():
            a.grad = b.grad = None
            (a + b).sum().backward()
            a.grad *= 3.0

        wrap(step)()
        return [a.grad, b.grad]

    assert [g.tolist() for g in both(build)] == [[3, 3], [1, 1]]


def test_gradients_swapped_between_calls():
    def build(wrap):
        a, b = (pc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))

        def step(x):
            (a * x + b * x * 2).sum().backward()

        step = wrap(step)
        x = pc.tensor([1.0, 10.0])
        step(x)
        a.grad, b.grad = b.grad, a.grad
        step(x)
        swapped = np.array([a.grad, b.grad])
        a.grad = b.grad
        b.grad = None
        step(x)
        return [swapped, a.grad, b.grad]

    both(build)


def test_a_gradient_changed_in_place_after_its_use():
    def build(wrap):
        a, b = (pc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))

        def step():
            b.grad = None
            a.grad = (b * 0.5).exp()
            a.grad += 1.0  # the gradient of exp reads the result as it was
            (a.grad * 2.0).sum().backward()

        wrap(step)()
        return [a.grad, b.grad]

    both(build)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_gradient_that_backward_needs_may_not_be_changed(compiled):
    a, b = (pc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))

    def step():
        a.grad = b.detach()
        y = (a.grad * b).sum()
        a.grad += 1.0
        y.backward()

    with pytest.raises(pc.errors.StaleValueError):
        (pc.compile(step) if compiled else step)()


def test_a_flag_that_is_only_looked_at_is_a_guard():
    w = pc.tensor([1.0], requires_grad=True)
    step = pc.compile(lambda x: x * 2 if w.requires_grad else x * 3)
    values = []
    for flag in (True, False, True):
        w.requires_grad = flag
        values.append(step(pc.ones(1)).item())
    assert values == [2.0, 3.0, 2.0]


def test_python_numbers_that_are_equal_but_not_the_same():
    step = pc.compile(lambda x, s: x * s)
    assert np.signbit([step(pc.ones(1), s).item() for s in (0.0, -0.0)]).tolist() == [False, True]
    for _ in range(3):
        assert np.isnan(step(pc.ones(1), float("nan")).item())
    assert len(step.programs) == 3


def test_the_gradient_of_an_argument():
    @pc.compile
    def step(x):
        x = x.detach().requires_grad_()
        (x**3).sum().backward()
        return x.grad

    assert step(pc.tensor([1.0, 2.0])).tolist() == [3.0, 12.0]


def test_states_as_arguments_are_swapped():
    a, b = pc.State([1.0, 2.0]), pc.State([3.0, 4.0])

    @pc.compile
    def step(x, y):
        a.assign(y)
        b.assign(x)

    step(a, b)
    assert [a.tolist(), b.tolist()] == [[3.0, 4.0], [1.0, 2.0]]


def test_writing_at_an_index():
    def build(wrap):
        a, b = pc.State(np.zeros((2, 3))), pc.State(np.zeros(3, bool))

        def step():
            a[0] = pc.ones(1, 1, 3)
            a[0:0, 0] = 5.0
            b[0:0] = True
            b[1] = True

        wrap(step)()
        return [a, b]

    both(build)


def test_a_copied_model_has_a_step_of_its_own():
    import copy

    model = nn.Linear(2, 1)
    model.double = lambda x: x * 2
    model.step = pc.compile(model.double)
    model.step(pc.ones(2))
    twin = copy.deepcopy(model)
    assert twin.step is not model.step
    assert twin.step.programs == []
    assert twin.step(pc.ones(2)).tolist() == [2.0, 2.0]


def test_a_layer_replaced_inside_a_plain_list_gives_a_new_program():
    class Net(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 4)]

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    net, x = Net(), pc.tensor(X[0])
    predict = pc.compile(net)
    predict(x)
    net.layers[0] = nn.Linear(5, 8)
    same(predict(x), net(x))
    net.layers.append(nn.Tanh())
    same(predict(x), net(x))
    predict(x)
    assert len(predict.programs) == 3


@pytest.mark.parametrize("target", ["numpy"], indirect=True)  # C writes them in one call, which nothing interrupts
def test_an_interrupt_while_states_are_written_leaves_all_of_them_new(monkeypatch):
    a, b = pc.State(np.zeros(2)), pc.State(np.zeros(2))

    @pc.compile
    def step():
        a.assign(a + 1)
        b.assign(b + 1)

    step()
    step()
    touched, touch = [], pc.State.touch

    def interrupted(state):
        touch(state)
        touched.append(state)
        if len(touched) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(pc.State, "touch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        step()
    assert [a.tolist(), b.tolist()] == [[3.0, 3.0], [3.0, 3.0]]
