"""Parts of back propagation and of training: compared with PyTorch, and put in place of the framework's own.

What holds for every piece of the workshop (stubs fail, wrong answers differ ...) is tested in test_workshop_pieces.py.
"""

import importlib
import inspect
import math
import re
import sys
import types

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import engine, errors, nn, optim
from pellucid.walk import walk_back
from pellucid.workshop.table import piece

PARTS = ("matmul_gradient", "broadcast_gradient", "walk", "cross_entropy", "sgd", "adam")

each_part = pytest.mark.parametrize("name", PARTS)
each_right_answer = pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])


def answer(name, number=0):
    """A right answer, as a module."""
    module = types.ModuleType(name)
    exec(compile(piece(name).right[number], f"{name}.py", "exec"), vars(module))
    return module


@pytest.fixture
def put(monkeypatch):
    """put(name, module): let it take the place of the framework's own; the list that is returned counts its calls."""

    def put_in_place(name, module):
        calls = []

        def counted(function):
            def call(*args, **kwargs):
                calls.append(name)
                return function(*args, **kwargs)

            return call

        for lives, replacement in piece(name).plug(module).items():
            where, _, qualname = lives.partition(":")
            owner = importlib.import_module(where)
            *way, word = qualname.split(".")
            for step in way:
                owner = getattr(owner, step)
            original, new = inspect.getattr_static(owner, word), counted(replacement)
            monkeypatch.setattr(owner, word, new)
            for other in [m for n, m in sys.modules.items() if n.startswith("pellucid.") and not way]:
                if vars(other).get(word) is original:  # it was imported there
                    monkeypatch.setattr(other, word, new)
        return calls

    return put_in_place


def numbers(found):
    """The numbers in an outcome: without shapes and dtypes."""
    return np.array(found["values"])


# ---- outcomes beside PyTorch's


@pytest.mark.peers
@each_right_answer
def test_matmul_gradient_is_pytorchs(number):
    torch = pytest.importorskip("torch")
    for case in piece("matmul_gradient").cases:
        g, a, b = [torch.tensor(x, requires_grad=True) for x in case]
        found = piece("matmul_gradient").play(answer("matmul_gradient", number), case)
        for mine, theirs in zip(found, torch.autograd.grad(a @ b, (a, b), g), strict=True):
            np.testing.assert_allclose(numbers(mine), theirs.numpy(), rtol=1e-6)


@pytest.mark.peers
@each_right_answer
def test_broadcast_gradient_is_pytorchs(number):
    torch = pytest.importorskip("torch")
    for given, shape in piece("broadcast_gradient").cases:
        g, x = torch.tensor(given), torch.zeros(shape, requires_grad=True)
        (theirs,) = torch.autograd.grad(torch.broadcast_to(x, g.shape), x, g)
        found = piece("broadcast_gradient").play(answer("broadcast_gradient", number), (given, shape))
        assert found["shape"] == shape
        np.testing.assert_array_equal(numbers(found), theirs.numpy())


@pytest.mark.peers
@each_right_answer
def test_walk_gives_each_node_pytorchs_gradient(number):
    torch = pytest.importorskip("torch")
    for made_of, owed in [case for case in piece("walk").cases if not isinstance(case, int)]:
        values = {}

        def value(node, made_of=made_of, values=values):
            """The node as a tensor: the sum of what it was made of, each times its slope."""
            if node not in values:
                inputs = [(value(x), slope) for x, slope in made_of[node]]
                terms = [x.detach() if slope is None else x * slope for x, slope in inputs]
                values[node] = sum(terms) * 1.0 if terms else torch.tensor(1.0, requires_grad=True)
                if values[node].requires_grad:
                    values[node].retain_grad()
            return values[node]

        results = [value(node) for node in owed]
        torch.autograd.backward(results, [torch.tensor(g) for g in owed.values()])
        theirs = {node: [x.grad.item()] for node, x in values.items() if x.requires_grad and x.grad is not None}
        assert piece("walk").play(answer("walk", number), (made_of, owed)) == theirs


@pytest.mark.peers
@each_right_answer
def test_cross_entropy_is_pytorchs(number):
    torch = pytest.importorskip("torch")
    for case in piece("cross_entropy").cases:
        scores = torch.tensor(case[0], dtype=torch.float64, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(case[1]))
        loss.backward()
        found = piece("cross_entropy").play(answer("cross_entropy", number), case)
        assert found["loss"] == pytest.approx(loss.item(), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(numbers(found["gradient"]), scores.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.peers
@each_right_answer
def test_sgd_steps_as_pytorch_does(number):
    torch = pytest.importorskip("torch")
    for case in piece("sgd").cases:
        start, gradients, velocity, lr, momentum = case
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum)
        optimizer.state[w]["momentum_buffer"] = torch.tensor(velocity, dtype=torch.float64)
        for g, found in zip(gradients, piece("sgd").play(answer("sgd", number), case), strict=True):
            w.grad = torch.tensor(g, dtype=torch.float64)
            optimizer.step()
            np.testing.assert_allclose(numbers(found["w"]), w.detach().numpy(), rtol=1e-12)
            if momentum:
                theirs = optimizer.state[w]["momentum_buffer"].numpy()
                np.testing.assert_allclose(numbers(found["v"]), theirs, rtol=1e-12)


@pytest.mark.peers
@each_right_answer
def test_adam_steps_as_pytorch_does(number):
    torch = pytest.importorskip("torch")
    for case in piece("adam").cases:
        start, gradients, lr, beta1, beta2, eps = case
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([w], lr=lr, betas=(beta1, beta2), eps=eps)
        for g, found in zip(gradients, piece("adam").play(answer("adam", number), case), strict=True):
            w.grad = torch.tensor(g, dtype=torch.float64)
            optimizer.step()
            state = optimizer.state[w]
            for mine, theirs in (("w", w.detach()), ("m", state["exp_avg"]), ("s", state["exp_avg_sq"])):
                np.testing.assert_allclose(numbers(found[mine]), theirs.numpy(), rtol=1e-10, atol=1e-14)


# ---- in place


def trained(make_optimizer, compiled, steps=5):
    """A small network after some steps: its loss, and its parameters, one after the other."""
    pc.manual_seed(0)
    random = np.random.default_rng(0)
    x = pc.tensor(random.standard_normal((12, 4)).astype("float32"))
    y = pc.tensor(random.integers(0, 3, 12))
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    optimizer = make_optimizer(model.parameters())

    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    if compiled:
        step = pc.compile(step)
    for _ in range(steps):
        loss = step(x, y)
    return np.concatenate([[loss.item()], *[p.numpy().ravel() for p in model.parameters()]])


OPTIMIZERS = {
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9),
    "Nesterov": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "dampened": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, dampening=0.5),
    "Adam": lambda parameters: optim.Adam(parameters, lr=0.01, weight_decay=0.01),
}


@each_right_answer
@each_part
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_training_with_the_part_in_place(name, number, compiled, put):
    if compiled and piece(name).eager:
        pytest.skip("eager only")
    names = {"sgd": ["SGD", "Nesterov", "dampened"], "adam": ["Adam"]}.get(name, ["SGD", "Adam"])
    expected = {each: trained(OPTIMIZERS[each], compiled) for each in names}
    calls = put(name, answer(name, number))
    for each, wanted in expected.items():
        before = len(calls)
        found = trained(OPTIMIZERS[each], compiled)
        assert len(calls) > before, "it was not called"
        np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)


@each_right_answer
def test_all_parts_in_place_at_once(number, put):
    wanted = trained(OPTIMIZERS["Adam"], compiled=False)
    calls = [put(name, answer(name, number)) for name in PARTS if name != "sgd"]
    np.testing.assert_allclose(trained(OPTIMIZERS["Adam"], compiled=False), wanted, rtol=2e-5, atol=1e-6)
    assert all(calls)


@pytest.mark.parametrize("name", ["matmul_gradient", "broadcast_gradient", "walk"])
@each_right_answer
def test_second_derivatives_and_graphs_that_are_kept(name, number, put):
    random = np.random.default_rng(1)
    start = [random.standard_normal(shape) for shape in ((3, 4), (4, 2), (2,))]

    def everything():
        a, b, c = [pc.tensor(x, requires_grad=True) for x in start]
        y = ((a @ b + c) * (a @ b)).tanh()
        loss = (y * y).sum() + y.mean()
        loss.backward(retain_graph=True)
        loss.backward()
        (slope,) = pc.autograd.grad(((a @ b + c) ** 3).sum(), c, create_graph=True)
        middle = a @ b
        on_the_way = pc.autograd.grad((middle * middle + c).sum(), (middle, a, c))
        return [a.grad, b.grad, c.grad, slope, *pc.autograd.grad((slope * slope).sum(), (a, b, c)), *on_the_way]

    wanted = [g.numpy() for g in everything()]
    calls = put(name, answer(name, number))
    for mine, theirs in zip(everything(), wanted, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-12)
    assert calls


@each_right_answer
def test_a_walk_of_the_learners_frees_what_it_leaves(number, put):
    assert put("walk", answer("walk", number)) == []
    x = pc.tensor(2.0, requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(errors.GradientError, match="already run"):
        y.backward()


@pytest.mark.parametrize(
    ("name", "says"), [("path-by-path", "second time"), ("asks-for-nothing", "no gradient at all")]
)
def test_a_wrong_walk_that_is_forced_in_is_told_what_it_does(name, says, put):
    wrong = next(wrong for wrong in piece("walk").wrong if wrong.name == name)
    text = wrong.source or piece("walk").right[0]
    for old, new in wrong.edits:
        text = text.replace(old, new)
    module = types.ModuleType("walk")
    exec(text, vars(module))
    put("walk", module)
    x = pc.tensor(2.0, requires_grad=True)
    with pytest.raises(errors.GradientError, match=says):
        ((x * x) * x * 2.0).backward()


def test_cross_entropy_of_another_kind_stays_with_the_reference(put):
    scores = pc.tensor([[1.0, 2.0], [0.5, 0.0]], requires_grad=True)
    labels, shares = pc.tensor([0, 1]), pc.tensor([[0.5, 0.5], [1.0, 0.0]])
    ways = [
        lambda: F.cross_entropy(scores, labels, reduction="sum"),
        lambda: F.cross_entropy(scores, labels, reduction="none"),
        lambda: F.cross_entropy(scores, shares),
        lambda: F.cross_entropy(scores[0], labels[0]),
        lambda: F.cross_entropy(pc.stack([scores, scores], 2), pc.stack([labels, labels], 1)),
    ]
    wanted = [way().numpy() for way in ways]
    nobody = types.SimpleNamespace(cross_entropy=None, cross_entropy_gradient=None)  # to call them would fail
    put("cross_entropy", nobody)
    assert all(np.array_equal(way().numpy(), numbers) for way, numbers in zip(ways, wanted, strict=True))
    with pytest.raises(errors.LabelError, match="label 2"):
        F.cross_entropy(scores, pc.tensor([0, 2]))
    with pytest.raises(errors.TargetError):
        F.cross_entropy(scores, pc.tensor([0, 1, 1]))


def test_cross_entropy_by_hand_has_no_second_derivative(put):
    put("cross_entropy", answer("cross_entropy"))
    scores = pc.tensor([[1.0, 2.0]], requires_grad=True)
    (slope,) = pc.autograd.grad(F.cross_entropy(scores, pc.tensor([0])), scores, create_graph=True)
    with pytest.raises(errors.UnsupportedError, match="no second"):
        (slope * slope).sum().backward()


@each_right_answer
def test_adam_keeps_the_dtype_of_every_parameter(number, put):
    put("adam", answer("adam", number))
    parameters = [pc.tensor(x, requires_grad=True) for x in (3.0, [1.0, 2.0])]
    double = pc.tensor([1.0], dtype=pc.float64, requires_grad=True)
    optimizer = optim.Adam([{"params": parameters}, {"params": [double]}], lr=0.1)
    sum([(p * p).sum() for p in [*parameters, double]]).backward()
    optimizer.step()
    assert [p.dtype.name for p in [*parameters, double]] == ["float32", "float32", "float64"]
    assert parameters[0].item() == pytest.approx(2.9)
    assert [state["exp_avg"].dtype.name for state in optimizer.state.values()] == ["float32", "float32", "float64"]


# ---- the core that was bent for them


def test_a_leaf_receives_its_gradient_once():
    x, c = pc.tensor(3.0, requires_grad=True), pc.tensor(2.0)
    y = x * x + x * c + c
    received = []
    with engine.Setting(walking=None):
        engine.walk([y], [pc.tensor(1.0)], lambda leaf, g: received.append((leaf, g.item())))
    assert [(leaf is x, g) for leaf, g in received] == [(True, 8.0)]


def test_the_heart_of_the_walk_passes_by_whoever_is_owed_nothing():
    left = {}

    def leave(node, g):
        left[node] = g
        return {"y": [None, 2 * g], "b": [3 * g]}.get(node, [])

    walk_back({"x": [], "a": ["x"], "b": ["x"], "y": ["a", "b"]}, {"y": 1}, leave)
    assert left == {"y": 1, "b": 2, "x": 6}


# ---- numbers in texts

SUM = re.compile(
    r"(?<![\w.\[(^])((?:-?log |-?)\d[\d.]*(?:\s*[-+*/]\s*\(?\d[\d.]*(?:\s*[-+*/]\s*\d[\d.]*)?\)?)*) = (-?\d[\d.]*\d|\d)"
)


@each_part
def test_sums_in_hints_are_right(name):
    """Each `expression = number`, as in `0.9*0.5 + 2 = 2.45`."""
    found = 0
    for text in piece(name).hints:
        for words in text:
            for expression, result in SUM.findall(words):
                code = re.sub(r"log (\S+)", r"math.log(\1)", expression)
                places = len(result.partition(".")[2])
                assert round(eval(code, {"math": math}), places) == float(result), f"{expression} = {result}"
                found += 1
    assert found or name == "walk"
