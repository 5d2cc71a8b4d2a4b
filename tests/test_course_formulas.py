"""Formulas of the course: from one text they are computed and printed, and what is printed is true."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid as pc
from pellucid.course import expression
from pellucid.course.rules import RULES
from pellucid.errors import ArgumentError

NAMES = ("a", "b", "w1")


def trees(depth=3):
    """Texts of expressions."""
    leaves = st.sampled_from([*NAMES, "2", "0.5"])
    if depth == 0:
        return leaves
    inner = trees(depth - 1)
    return st.one_of(
        leaves,
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("({}) ** 2".format, inner),
        st.builds("-({})".format, inner),
        st.builds("{}({})".format, st.sampled_from(["tanh", "sigmoid", "exp", "sin"]), inner),
    )


def read_back(latex):
    """LaTeX as we write it, back to Python: an independent reading of what the reader sees."""
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*").replace(r"\sigma", "sigmoid")
    text = re.sub(r"\\(tanh|sin|cos|log)", r"\1", text)
    text = re.sub(r"w_\{1\}", "w1", text)
    while r"\frac" in text or "^{" in text:
        for mark, shape in ((r"\frac", "(({})/({}))"), ("e^", "exp({})"), ("^", "**({})")):
            text = replace_braces(text, mark, shape)
    return text


def replace_braces(text, mark, shape):
    at = text.find(mark + "{")
    while at >= 0:
        arguments, end = [], at + len(mark)
        for _ in range(shape.count("{}")):
            start, depth = end + 1, 0
            while True:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
                if depth == 0:
                    break
            arguments.append(text[start : end - 1])
        text = text[:at] + shape.format(*arguments) + text[end:]
        at = text.find(mark + "{")
    return text


def value_or_none(text, values):
    try:
        return expression.evaluate(text, values)
    except ArgumentError:
        return None


@settings(max_examples=150, deadline=None)
@given(trees())
def test_latex_says_what_is_computed(text):
    """Brackets and precedence: read back, what is printed has the same value, with symbols and with numbers."""
    values = {"a": 0.7, "b": -1.3, "w1": 2.1}
    try:
        right = expression.evaluate(text, values)
    except ArgumentError:
        return
    assert expression.evaluate(read_back(expression.latex(text)), values) == pytest.approx(right, rel=1e-9, abs=1e-9)
    plugged = value_or_none(read_back(expression.latex(text, values)), {})
    assert plugged == pytest.approx(right, rel=1e-9, abs=1e-9)


def test_a_negative_number_gets_brackets_where_it_needs_them():
    values = {"a": -2.0, "b": -3.0}
    assert expression.latex("a + b", values) == r"-2 + \left(-3\right)"
    assert expression.latex("a * b", values) == r"-2 \cdot \left(-3\right)"
    assert expression.latex("a ** 2", values) == r"\left(-2\right)^{2}"
    assert expression.latex("a - (b - 1)", values) == r"-2 - \left(-3 - 1\right)"


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.real",
        "a[0]",
        "lambda: 1",
        "a if b else 1",
        "[a for a in b]",
        "'text'",
        "open('x')",
        "tanh(a, b)",
        "tanh",
        "a; b",
        "a := 1",
        "True",
        "1j",
        "a < b",
        "a // b",
        "",
        "a" * 301,
        "(" * 200 + ")" * 200,
        "2 a",
    ],
)
def test_nothing_but_arithmetic_is_read(text):
    with pytest.raises(ArgumentError):
        expression.parse(text, set(NAMES))


def test_an_unknown_name_is_said_with_those_that_are_known():
    with pytest.raises(ArgumentError, match=r"'c' is not one of the names here: a, b"):
        expression.parse("a + c", {"a", "b"})


@pytest.mark.parametrize("text", ["1 / 0", "log(0 - 1)", "exp(1000)", "(0 - 1) ** 0.5", "9 ** 9 ** 9"])
def test_what_has_no_value_is_said(text):
    with pytest.raises(ArgumentError, match="value there"):
        expression.evaluate(text, {})


def points(count=20):
    draw = random.Random(3)
    return [{"a": draw.uniform(0.2, 2), "b": draw.uniform(0.2, 2), "g": draw.uniform(-2, 2)} for _ in range(count)]


@pytest.mark.parametrize("kind", RULES)
def test_rules_of_the_stepper_are_those_of_pellucid(kind):
    """At random points: value, shares by autodiff of the printed forward formula, and the class named is the one."""
    rule = RULES[kind]
    for point in points():
        letters = [letter for letter in "ab" if letter in expression.names_of(rule.forward)]
        tensors = {x: pc.tensor(point[x], dtype=pc.float64, requires_grad=True) for x in letters}
        y = expression.evaluate(rule.forward, tensors)
        assert type(y.step[0]).__name__ == kind
        assert len(rule.shares) == len(letters)
        y.backward(pc.tensor(point["g"], dtype=pc.float64))
        known = {**point, "y": y.item()}
        for letter, share in zip(letters, rule.shares, strict=True):
            assert expression.evaluate(share, known) == pytest.approx(tensors[letter].grad.item(), rel=1e-12)


@pytest.mark.peers
@pytest.mark.parametrize("kind", RULES)
def test_rules_of_the_stepper_are_those_of_torch(kind):
    torch = pytest.importorskip("torch")
    rule = RULES[kind]
    for point in points():
        letters = [letter for letter in "ab" if letter in expression.names_of(rule.forward)]
        tensors = {x: torch.tensor(point[x], dtype=torch.float64, requires_grad=True) for x in letters}
        y = expression.evaluate(rule.forward, tensors)
        y.backward(torch.tensor(point["g"], dtype=torch.float64))
        known = {**point, "y": y.item()}
        for letter, share in zip(letters, rule.shares, strict=True):
            assert expression.evaluate(share, known) == pytest.approx(tensors[letter].grad.item(), rel=1e-12)
