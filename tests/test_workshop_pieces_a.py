"""Six pieces of the workshop against what others compute: gates, perceptron, sigmoid, value, backward, softmax.

What every piece must keep is tested in test_workshop_pieces.py.
"""

import sys
import types

import numpy as np
import pytest

import pellucid as pc
from pellucid import functional as F
from pellucid.engine import OpType
from pellucid.workshop.table import piece

BITS = [(0, 0), (0, 1), (1, 0), (1, 1)]
EACH_RIGHT = (0, 1)


@pytest.fixture
def load(monkeypatch):
    """load(name, source) -> a module; earlier ones can be imported from it."""
    package = types.ModuleType("workshop")
    package.__path__ = []
    monkeypatch.setitem(sys.modules, "workshop", package)

    def loaded(name, source):
        module = types.ModuleType(f"workshop.{name}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(source, f"{name}.py", "exec"), vars(module))
        return module

    return loaded


@pytest.fixture
def right(load):
    """right(name, which) -> one of the right answers of a piece."""
    return lambda name, which=0: load(name, piece(name).right[which])


def played(name, answer):
    with np.errstate(all="ignore"):
        return [piece(name).play(answer, case) for case in piece(name).cases]


@pytest.fixture
def plugged(monkeypatch):
    """plugged(name, answer): put it in place, also where a module has taken a copy of the name."""

    def put(name, answer):
        for lives, new in piece(name).plug(answer).items():
            module, _, qualname = lives.partition(":")
            *way, last = qualname.split(".")
            owner = sys.modules[module]
            for word in way:
                owner = getattr(owner, word)
            old = vars(owner)[last]
            monkeypatch.setattr(owner, last, new)
            for each in [m for n, m in sys.modules.items() if n.startswith("pellucid") and m is not owner]:
                for word in [word for word, thing in vars(each).items() if getattr(thing, "__wrapped__", thing) is old]:
                    monkeypatch.setattr(each, word, new)
        OpType.__call__.cache_clear()  # ops that were made before know their old forward

    yield put
    monkeypatch.undo()
    OpType.__call__.cache_clear()


# ---- gates


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_gates_have_the_tables_of_logic(right, which):
    gates = right("gates", which)
    for a, b in BITS:
        assert gates.gate(a, b, *gates.AND) == (a and b)
        assert gates.gate(a, b, *gates.OR) == (a or b)
        assert gates.gate(a, b, *gates.NAND) == (not (a and b))
        assert gates.xor(a, b) == (a != b)


def test_other_weights_that_fit_are_right_too(load):
    """Weights of one's own are judged by what they do."""
    text = piece("gates").right[0].replace("AND = (1.0, 1.0, -1.5)\n", "AND = (20, 30, -40)\n", 1)
    assert played("gates", load("gates", text)) == played("gates", load("gates", piece("gates").right[0]))


def test_no_neuron_is_xor():
    """As the explanation says, on a grid of weights."""
    numbers = np.linspace(-3, 3, 25)
    w1, w2, b = np.meshgrid(numbers, numbers, numbers)
    tables = np.stack([w1 * x1 + w2 * x2 + b > 0 for x1, x2 in BITS], axis=-1)
    assert not (tables == [x1 != x2 for x1, x2 in BITS]).all(axis=-1).any()
    assert (tables == [x1 and x2 for x1, x2 in BITS]).all(axis=-1).any()


# ---- perceptron


AND = [((1, 1), 1), ((0, 0), 0), ((1, 0), 0), ((0, 1), 0)]


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_perceptron_learns_and_as_worked_by_hand(right, which):
    train = right("perceptron", which).train
    for samples, weights, bias in ((1, [0.1, 0.1], 0.1), (2, [0.1, 0.1], 0.0), (3, [0.0, 0.1], -0.1)):  # the hint
        w, b = train(AND[:samples], 0.1, 1)
        assert [*w, b] == pytest.approx([*weights, bias])
    assert train(AND, 0.1, 10) == ([0.1, 0.2], -0.2)
    assert train(AND, 0.1, 3) != train(AND, 0.1, 4) == train(AND, 0.1, 5) == train(AND, 0.1, 100)  # settled after four


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_perceptron_separates_what_can_be_separated(right, which):
    """Novikoff (1962): with margin m and inputs (with the 1 of the bias) of at most length r, r^2 / m^2 mistakes."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (40, 2))
    line = np.array([0.6, -0.8, 0.1])
    z = np.c_[x, np.ones(40)] @ line
    x, z = x[abs(z) > 0.1], z[abs(z) > 0.1]
    samples = [(tuple(point), int(value > 0)) for point, value in zip(x.tolist(), z, strict=True)]
    longest, margin = (np.c_[x, np.ones(len(x))] ** 2).sum(1).max(), abs(z).min() / np.linalg.norm(line)
    w, b = right("perceptron", which).train(samples, 1.0, int(longest / margin**2) + 1)
    assert all((x @ w + b > 0) == [label for _, label in samples])


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_perceptron_goes_round_in_circles_for_xor(right, which):
    samples = [(pair, int(pair[0] != pair[1])) for pair in BITS]
    results = [right("perceptron", which).train(samples, 1.0, epochs) for epochs in range(1, 30)]
    for w, b in results:
        assert any((w[0] * x1 + w[1] * x2 + b > 0) != label for (x1, x2), label in samples)
    assert results[-1] in results[:10]


# ---- sigmoid


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
def test_sigmoid_equals_pytorch(right, which):
    torch = pytest.importorskip("torch")
    answer = right("sigmoid", which)
    with np.errstate(over="ignore"):
        for case, found in zip(piece("sigmoid").cases, played("sigmoid", answer), strict=True):
            if case[0] == "forward":
                wanted = torch.sigmoid(torch.tensor(case[1], dtype=getattr(torch, case[2])))
            else:
                y = torch.tensor(case[2], dtype=torch.float64)
                x = torch.logit(y).requires_grad_()
                g = torch.tensor(case[1], dtype=torch.float64)
                (wanted,) = torch.autograd.grad(torch.sigmoid(x), x, g, create_graph=True)
                if case[0] == "gradient twice":  # with respect to y: divide by dy/dx
                    wanted = torch.autograd.grad(wanted.sum(), x)[0] / (y * (1 - y))
            np.testing.assert_allclose(found["values"], wanted.detach().numpy(), rtol=1e-6, atol=1e-12)
            assert found["shape"] == list(wanted.shape)
            assert found["dtype"] == str(wanted.dtype).removeprefix("torch.")


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
def test_sigmoid_plugged_in_has_all_gradients(right, plugged, which):
    torch = pytest.importorskip("torch")
    plugged("sigmoid", right("sigmoid", which))
    numbers = np.linspace(-6, 6, 13)
    check_all_gradients(numbers, F.sigmoid, torch.sigmoid)


def check_all_gradients(numbers, ours, torchs):
    """Forward, gradient and second gradient in float64, with weights so that nothing cancels."""
    import torch

    weights = np.cos(np.arange(numbers.size)).reshape(numbers.shape)
    x, t = pc.tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    y, u = ours(x), torchs(t)
    np.testing.assert_allclose(y.detach().numpy(), u.detach().numpy(), rtol=1e-12)
    (y * pc.tensor(weights)).sum().backward(create_graph=True)
    (first,) = torch.autograd.grad((u * torch.tensor(weights)).sum(), t, create_graph=True)
    np.testing.assert_allclose(x.grad.detach().numpy(), first.detach().numpy(), rtol=1e-10, atol=1e-14)
    gradient = x.grad
    x.grad = None
    (gradient * gradient).sum().backward()
    (second,) = torch.autograd.grad((first * first).sum(), t)
    np.testing.assert_allclose(x.grad.detach().numpy(), second.numpy(), rtol=1e-10, atol=1e-14)


def trained(loss_of):
    """The losses of a few steps of a small network."""
    pc.manual_seed(1)
    net = pc.nn.Sequential(pc.nn.Linear(2, 5), pc.nn.Sigmoid(), pc.nn.Linear(5, 3))
    optimizer = pc.optim.SGD(net.parameters(), lr=0.5)
    x, t = pc.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), pc.tensor([0, 1, 2])
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = loss_of(net(x), t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_a_network_trains_on_the_plugged_in_sigmoid(right, plugged, which):
    expected = trained(F.cross_entropy)
    answer, calls = right("sigmoid", which), []
    forward, gradient = answer.forward, answer.gradient
    answer.forward = lambda x: calls.append("forward") or forward(x)
    answer.gradient = lambda g, y: calls.append("gradient") or gradient(g, y)
    plugged("sigmoid", answer)
    assert trained(F.cross_entropy) == pytest.approx(expected, rel=1e-5)
    assert calls.count("forward") == calls.count("gradient") == 10
    assert expected[-1] < expected[0]


# ---- value and backward


def of_torch(leaves, lines):
    """The same calculation in PyTorch: {name: tensor}, all with gradients kept."""
    import torch

    values = {name: torch.tensor(data, dtype=torch.float64, requires_grad=True) for name, data in leaves}
    for name, line in lines:
        if line[0] == "tanh":
            values[name] = torch.tanh(values[line[1]])
        else:
            a, b = (values.get(each, each) for each in (line[0], line[2]))
            values[name] = a + b if line[1] == "+" else a * b
        values[name].retain_grad()
    return values


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
def test_value_equals_pytorch(right, which):
    pytest.importorskip("torch")
    for case, found in zip(piece("value").cases, played("value", right("value", which)), strict=True):
        question, leaves, lines, *start = case
        values = of_torch(leaves, lines)
        if question == "remembers":
            assert found["data"] == pytest.approx({name: value.item() for name, value in values.items()})
            assert found["grad"] == 0
            line = dict(lines).get([*values][-1], ("",))
            assert found["op"] in line
            assert found["children"] == sorted({str(a) for a in line if a != found["op"]})
        else:
            (values[[*values][-1]] * (start or [1.0])[0]).backward()
            assert found == pytest.approx({name: value.grad.item() for name, value in values.items()})


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
@pytest.mark.parametrize("imports", ["", "from workshop.value import Value\n"])
def test_backward_equals_pytorch(load, right, which, imports):
    """With the learner's Value, and where its import was taken out with the stand-in."""
    pytest.importorskip("torch")
    right("value")
    answer = load("backward", imports + piece("backward").right[which])
    for case, found in zip(piece("backward").cases, played("backward", answer), strict=True):
        question, leaves, lines, roots = case
        values = of_torch(leaves, lines)
        if question == "order":
            assert found == {"values": sorted(values), "too early": [], "last": roots}
            continue
        wanted = dict.fromkeys(values, 0.0)
        for root in roots:
            for value in values.values():
                value.grad = None
            values[root].backward(retain_graph=True)
            wanted |= {name: value.grad.item() for name, value in values.items() if value.grad is not None}
        assert found == pytest.approx(wanted)


def test_what_is_wrong_with_an_order_is_said(load):
    """A test of the play itself: orders that are wrong in one way each."""
    case = ("order", (("a", 3.0),), (("b", ("a", "+", "a")), ("c", ("a", "*", "b"))), "c")

    def result(lines):
        return piece("backward").play(load("backward", f"def topological_order(root):\n    {lines}"), case)

    a, b = "root.children[0]", "root.children[1]"
    assert result(f"return [{a}, {b}, root]") == {"values": ["a", "b", "c"], "too early": [], "last": "c"}
    assert result(f"return [{b}, {a}, root]")["too early"] == ["b before a"]
    assert result(f"return [{a}, {a}, {b}, root]")["values"] == ["a", "a", "b", "c"]
    assert result("return [root]")["values"] == ["c"]
    assert result("return []") == {"values": [], "too early": [], "last": None}


def test_both_right_answers_to_backward_cost_no_more_than_the_graph(load, right):
    """Forty doublings have 2^40 paths."""
    value = right("value")
    for text in piece("backward").right:
        x = last = value.Value(1.0)
        for _ in range(40):
            last = last + last
        load("backward", text).backward(last)
        assert x.grad == 2.0**40


# ---- softmax


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
def test_softmax_equals_pytorch(right, which):
    torch = pytest.importorskip("torch")
    for case, found in zip(piece("softmax").cases, played("softmax", right("softmax", which)), strict=True):
        question, scores, dim, *rest = case
        dtype = torch.float32 if question == "float32" else torch.float64
        x = torch.tensor(scores, dtype=dtype, requires_grad=True)
        wanted = torch.softmax(x, dim)
        if question == "gradient":
            (wanted,) = torch.autograd.grad(wanted, x, torch.tensor(rest[0], dtype=dtype))
        np.testing.assert_allclose(found["values"], wanted.detach().numpy(), rtol=1e-6, atol=1e-7)
        assert (found["shape"], found["dtype"]) == (list(x.shape), str(dtype).removeprefix("torch."))


@pytest.mark.peers
@pytest.mark.parametrize("which", EACH_RIGHT)
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_plugged_in_has_all_gradients(right, plugged, which, dim):
    torch = pytest.importorskip("torch")
    plugged("softmax", right("softmax", which))
    numbers = np.random.default_rng(0).normal(size=(4, 5)) * 3
    numbers[0, :2] = numbers.max() + 1  # two that are equal and the largest
    check_all_gradients(numbers, lambda x: F.softmax(x, dim), lambda t: torch.softmax(t, dim))


@pytest.mark.parametrize("which", EACH_RIGHT)
def test_a_network_trains_on_the_plugged_in_softmax(right, plugged, which):
    def loss_of(scores, labels):
        chosen = F.softmax(scores, 1) * F.one_hot(labels, 3).to(pc.float32)
        return -chosen.sum(1).log().mean()

    expected = trained(loss_of)
    answer, calls = right("softmax", which), []
    softmax = answer.softmax
    answer.softmax = lambda input, dim: calls.append(dim) or softmax(input, dim)
    plugged("softmax", answer)
    assert trained(loss_of) == pytest.approx(expected, rel=1e-5)
    assert calls == [1] * 10
    assert trained(F.cross_entropy) == pytest.approx(expected, rel=1e-4)


# ---- numbers in texts


def test_numbers_in_hints_are_computed():
    e = np.exp(-1)
    for number in (e, 1 + e, 1 / (1 + e), e / (1 + e)):
        assert f"{number:.4f}" in piece("softmax").hints[1].en
        assert f"{number:.4f}" in piece("softmax").hints[1].zh
    assert f"{0.9 * (1 - 0.9):.2f}" in piece("sigmoid").hints[1].zh
    a, b, grad = 2, -3, 10
    for step in ((a + 0.001) * b - a * b, ((a + 0.001) * b - a * b) * grad):
        assert f"{step:.3g}" in piece("value").hints[1].en
        assert f"{step:.3g}" in piece("value").hints[1].zh
