"""The stepper: its numbers are PyTorch's, its code runs, its order is right, and its page holds what it should."""

import html
import json
import re
from types import SimpleNamespace

import pytest

from pellucid.course import Stepper, expression
from pellucid.course.draw import layout
from pellucid.course.memory import kept_by
from pellucid.course.record import record
from pellucid.course.steps import steps_of
from pellucid.errors import ArgumentError

NETWORK = """
p1 = w11 * x1
p2 = w12 * x2
s1 = p1 + p2
z1 = s1 + b1
h1 = tanh(z1)
q1 = w21 * x1
q2 = w22 * x2
s2 = q1 + q2
z2 = s2 + b2
h2 = sigmoid(z2)
r1 = v1 * h1
r2 = v2 * h2
s3 = r1 + r2
y = s3 + c
e = y - t
q = e * e
J = q / 2
"""
DATA = {"x1": 1.0, "x2": -2.0, "t": 1.0}
WEIGHTS = {"w11": 0.5, "w12": 0.1, "b1": 0.2, "w21": -0.3, "w22": -0.4, "b2": -0.1, "v1": 0.8, "v2": -0.5, "c": 0.1}
ODD = """
u = exp(a)
v = log(b)
m = -v
k = u / b
n = sqrt(k)
r = sin(n)
o = cos(m)
f = r - o
d = 1 - f
l = d * d
"""
PROGRAMS = {
    "network": (NETWORK, {**WEIGHTS, **DATA}, list(WEIGHTS)),
    "diamond": ("b = a * p\nc = a + b\nd = b * c", {"a": 2.0, "p": 3.0}, ["a", "p"]),
    "odd": (ODD, {"a": 0.4, "b": 1.7}, ["a", "b"]),
    "half": ("b = a * p\nc = a + b\nd = b * c", {"a": 2.0, "p": 3.0}, ["p"]),
}
each_program = pytest.mark.parametrize("name", PROGRAMS)


def made(name):
    recording = record(*PROGRAMS[name])
    return recording, steps_of(recording)


@pytest.mark.peers
@each_program
def test_every_number_is_that_of_torch(name):
    """Values, gradients as they stand in the end, and each share as torch has it for that one operation."""
    torch = pytest.importorskip("torch")
    recording, steps = made(name)
    program, values, parameters = PROGRAMS[name]

    def tensor(key, value):
        return torch.tensor(value, dtype=torch.float64, requires_grad=key in parameters)

    known = {key: tensor(key, value) for key, value in values.items()}
    for line in program.strip().splitlines():
        key, text = line.split(" = ")
        known[key] = expression.evaluate(text, known)
        if known[key].requires_grad:
            known[key].retain_grad()
    known[recording.result.name].backward()
    last = steps[-1]
    assert last.values == pytest.approx({key: x.item() for key, x in known.items()}, rel=1e-12)
    right = {key: x.grad.item() for key, x in known.items() if x.requires_grad}
    assert last.gradients == pytest.approx(right, rel=1e-12)

    so_far = {recording.result.name: 1.0}
    for step in steps:
        if not step.payments:
            continue
        node = recording.nodes[step.node]
        inputs = {x: torch.tensor(values_at(step, x), dtype=torch.float64, requires_grad=True) for x in names(node)}
        y = expression.evaluate(node.text, inputs)
        y.backward(torch.tensor(so_far[step.node], dtype=torch.float64))
        paid = {}
        for payment in step.payments:
            assert payment.before == pytest.approx(so_far.get(payment.to, 0.0), rel=1e-12)
            assert payment.after == pytest.approx(payment.before + payment.share, rel=1e-12)
            so_far[payment.to] = payment.after
            paid[payment.to] = paid.get(payment.to, 0.0) + payment.share
        assert paid == pytest.approx({x: inputs[x].grad.item() for x in paid}, rel=1e-12)
        assert step.gradients == pytest.approx(so_far)


def values_at(step, name):
    return step.values[name]


def names(node):
    return {x for x in node.inputs if x}


@each_program
def test_the_code_that_is_shown_runs_and_gives_the_same(name):
    recording, steps = made(name)
    scope = {**PROGRAMS[name][1], **expression.FUNCTIONS}
    for line in recording.lines:
        exec(line, scope)
    assert steps[-1].values == pytest.approx({key: scope[key] for key in recording.nodes}, rel=1e-12)

    class Number(float):
        """A float with a place for its gradient."""

    boxes = {key: Number(scope[key]) for key in recording.nodes}
    for box in boxes.values():
        box.grad = 0.0
    scope.update(boxes)
    for step in steps:
        for line in step.code:
            exec(line, scope)
    assert steps[-1].gradients == pytest.approx({key: boxes[key].grad for key in steps[-1].gradients}, rel=1e-12)


@each_program
def test_nobody_pays_before_all_users_have_paid(name):
    recording, steps = made(name)
    paid = []
    for step in [step for step in steps if step.payments]:
        users = [user for user in recording.nodes[step.node].users if recording.nodes[user].wants_gradient]
        assert set(users) <= set(paid)
        paid.append(step.node)
        for key, count in step.waiting.items():
            left = [user for user in recording.nodes[key].users if user not in paid]
            assert count == len(left)
    wanted = {key for key, node in recording.nodes.items() if node.op and node.wants_gradient}
    assert set(paid) == wanted
    assert len(paid) == len(wanted)


def test_the_diamond_by_hand():
    steps = made("diamond")[1]
    order = [step.node for step in steps if step.payments]
    assert order == ["d", "c", "b"]
    assert steps[-1].gradients == {"d": 1, "c": 6, "b": 14, "a": 48, "p": 28}
    after_d = next(step for step in steps if step.payments)
    assert after_d.gradients == {"d": 1, "b": 8, "c": 6}
    assert after_d.waiting["b"] == 1


def test_numbers_are_plugged_in():
    steps = made("diamond")[1]
    assert steps[0].symbols == [r"b = a \cdot p"]
    assert steps[0].numbers == [r"b = 2 \cdot 3 = 6"]
    last = steps[-1]
    assert last.code == ["a.grad += b.grad * p", "p.grad += b.grad * a"]
    assert last.numbers[0].endswith(r"+}= 14 \cdot 3 = 42 \;\to\; 48")


def test_what_is_kept_is_what_the_engine_kept():
    rows = {row.line: row for row in kept_by(record(*PROGRAMS["network"]))}
    assert rows["p1 = w11 * x1"].kept == ["w11", "x1"]
    assert rows["s1 = p1 + p2"].kept == []
    assert rows["h1 = tanh(z1)"].kept == ["h1"]
    assert rows["q = e * e"].kept == ["e"]
    assert rows["J = q / 2"].kept == ["q", "J"]


@pytest.mark.parametrize(
    "program", ["z = w * x + b", "z = w", "z = 2", "w = w * x", "z = w * unknown", "2 * w", "z = 2 * w", "z = w ** 3"]
)
def test_programs_with_more_than_one_operation_a_line_are_refused(program):
    with pytest.raises(ArgumentError):
        record(program, {"w": 1.0, "x": 2.0, "b": 3.0}, ["w"])


@each_program
def test_no_two_boxes_share_a_place_and_arrows_lead_right(name):
    recording, _ = made(name)
    places = layout(recording)
    assert len(set(places.values())) == len(recording.nodes)
    for node in recording.nodes.values():
        for x in node.inputs:
            if x:
                assert places[x][0] < places[node.name][0]


@pytest.mark.parametrize("lang", ["en", "zh"])
@each_program
def test_the_page_holds_all_steps_in_its_language(name, lang):
    stepper = Stepper(*PROGRAMS[name])
    page = stepper.html(lang)
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])
    assert len(data["steps"]) == len(stepper.steps)
    for shown, step in zip(data["steps"], stepper.steps, strict=True):
        assert shown["values"] == {key: expression.number(value) for key, value in step.values.items()}
        assert shown["gradients"] == {key: expression.number(value) for key, value in step.gradients.items()}
        assert shown["formula"].count("<math") >= len(step.symbols)
        assert html.escape(getattr(step.says, lang)) in shown["formula"]
        for edge in shown["edges"]:
            assert f'data-edge="{edge}"' in page
        assert len(shown["edges"]) == len(step.payments)
    for node in stepper.recording.nodes:
        assert f'data-node="{node}"' in page
    assert bool(re.search("[\u4e00-\u9fff]", json.dumps(data, ensure_ascii=False))) == (lang == "zh")
    assert not re.search(r'(src|href)="(?!#)', page)
    assert 'aria-live="polite"' in page
    assert SimpleNamespace(**data["words"]).next.strip("◀▶ ")
