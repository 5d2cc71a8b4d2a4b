"""Every piece of the workshop: the stub fails, right answers agree, every wrong answer fails in a way of its own.

A tiny stand-in for the workshop's loading plays the answers here, in this process: what is tested is the pieces.
"""

import ast
import csv
import math
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid.workshop.piece import Piece, Text, described
from pellucid.workshop.table import NAMES, ancestors, piece

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = "import numpy as np\nimport pellucid as pc\n"

each_piece = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def load(monkeypatch):
    """load(name, source) -> a module workshop.NAME, beside which the right answers of its ancestors stand."""

    def made(name, source):
        module = types.ModuleType(f"workshop.{name}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(source, f"{name}.py", "exec"), vars(module))
        return module

    def loaded(name, source):
        package = types.ModuleType("workshop")
        package.__path__ = []
        monkeypatch.setitem(sys.modules, "workshop", package)
        for each in ancestors(name):
            setattr(package, each, made(each, piece(each).right[0]))
        return made(name, source)

    return loaded


def outcomes(load, name, source):
    """What comes of each case: plain data, or the kind of error."""
    found = []
    for case in piece(name).cases:
        try:
            with np.errstate(all="ignore"):
                found.append(described(piece(name).play(load(name, source), case)))
        except Exception as error:  # noqa: BLE001  whatever a wrong answer comes to
            found.append({"raised": type(error).__name__})
    return found


def same(a, b, tolerance):
    """Equal, numbers within the tolerance: relative, and absolute below 1. NaN is equal to NaN."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], tolerance) for key in a)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        if not (math.isfinite(a) and math.isfinite(b)):
            return a == b or (math.isnan(a) and math.isnan(b))
        return abs(a - b) <= tolerance * max(1.0, abs(a))
    return a == b


def source_of(name, wrong):
    """The text of a wrong answer."""
    if wrong.source:
        return wrong.source
    text = piece(name).right[0]
    for old, new in wrong.edits:
        text = text.replace(old, new)
    return text


# ---- answers


@each_piece
def test_the_empty_stub_fails_from_the_first_case_on(name, load):
    first = piece(name).cases[:1]
    stub = outcomes(load, name, IMPORTS + piece(name).signature)[: len(first)]
    right = outcomes(load, name, piece(name).right[0])[: len(first)]
    assert not same(stub, right, piece(name).tolerance)


@each_piece
def test_right_answers_come_to_the_same(name, load):
    first, *others = [outcomes(load, name, text) for text in piece(name).right]
    assert others
    assert not [case for case, found in zip(piece(name).cases, first, strict=True) if "raised" in str(found)]
    for other in others:
        for case, a, b in zip(piece(name).cases, first, other, strict=True):
            assert same(a, b, piece(name).tolerance), piece(name).show(case)


@each_piece
def test_every_wrong_answer_fails_in_a_way_of_its_own(name, load):
    tolerance = piece(name).tolerance
    known = {"right": outcomes(load, name, piece(name).right[0])}
    known["empty"] = outcomes(load, name, IMPORTS + piece(name).signature)
    for wrong in piece(name).wrong:
        if not getattr(wrong, "ends", True):
            continue  # it runs for ever: the tests of the checker play it, with a limit
        found = outcomes(load, name, source_of(name, wrong))
        twins = [other for other, earlier in known.items() if same(found, earlier, tolerance)]
        assert not twins, f"{wrong.name} comes to the same as {twins}"
        known[wrong.name] = found


@each_piece
def test_edits_apply_exactly_once(name):
    for wrong in piece(name).wrong:
        assert bool(wrong.edits) != bool(wrong.source), wrong.name
        text = piece(name).right[0]
        for old, new in wrong.edits:
            assert text.count(old) == 1, f"{wrong.name}: {old!r}"
            text = text.replace(old, new)
        assert source_of(name, wrong) != piece(name).right[0]
        ast.parse(source_of(name, wrong))


@each_piece
def test_answers_import_what_a_learner_may_and_the_right_ones_differ(name):
    """They import nothing but what a learner's file may, and their first two differ by more than names."""
    allowed = {"numpy", "pellucid", "math", "itertools", "functools", "collections", "workshop"}
    shapes = set()
    for text in [*piece(name).right, *(source_of(name, wrong) for wrong in piece(name).wrong)]:
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {each.partition(".")[0] for each in names} <= allowed
            for each in names:
                if each.startswith("workshop."):
                    assert each.partition(".")[2] in ancestors(name)
    for text in piece(name).right:
        shapes.add(" ".join(type(node).__name__ for node in ast.walk(ast.parse(text))))
    assert len(shapes) == len(piece(name).right)


# ---- texts


@each_piece
def test_examples_say_what_comes_out(name, load):
    assert len(piece(name).examples) == 3
    for text in piece(name).right:
        for example in piece(name).examples:
            words = {"np": np, "pc": pc}
            module = load(name, text)
            for each in ancestors(name):
                words |= vars(sys.modules[f"workshop.{each}"])
            words |= vars(module)
            *before, last = ast.parse(example.call).body
            exec(compile(ast.Module(before, []), "example", "exec"), words)
            with np.errstate(all="ignore"):
                found = eval(compile(ast.Expression(last.value), "example", "eval"), words)
            assert example.result in (repr(found), str(found)), example.call


@each_piece
def test_the_contract_is_whole(name):
    one = piece(name)
    assert isinstance(one, Piece)
    assert one.name == name
    assert one.kind == ("part" if one.lives else "study")
    assert bool(one.plug) == bool(one.lives)
    assert one.lesson in ("one_neuron", "back_propagation", "digits")
    assert set(one.needs) <= set(NAMES[: NAMES.index(name)])
    assert len(one.hints) == 4
    assert len(one.right) == 2
    assert len(one.wrong) >= 5
    assert one.invariants
    assert one.formula.strip()
    names = [wrong.name for wrong in one.wrong]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in names)
    ast.parse(one.signature)
    assert len({repr(case) for case in one.cases}) == len(one.cases)
    assert all(one.show(case) for case in one.cases)


def texts_of(one):
    """Every Text of a piece."""
    return [
        one.title, one.task, one.explanation, *one.invariants, *one.hints, *(wrong.says for wrong in one.wrong)
    ]  # fmt: skip


@each_piece
def test_both_languages_say_something(name):
    for text in texts_of(piece(name)):
        assert isinstance(text, Text)
        assert text.en.strip() == text.en != ""
        assert text.zh.strip() == text.zh != ""
        assert re.search(r"[\u4e00-\u9fff]", text.zh), text.zh
        assert not re.search(r"[\u4e00-\u9fff]", text.en), text.en
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.(?!\w)", text.zh), text.zh  # half-width marks
        for sign in ("!", "！"):
            assert sign not in re.sub(r"`[^`]*`|!=", "", text.en + text.zh)


def rivals():
    """The Chinese words that course/terms.csv tells us not to use, with the word to use instead."""
    with open(ROOT / "course" / "terms.csv", encoding="utf-8", newline="") as file:
        for term in csv.DictReader(file):
            match = re.search(r"\bnot ([^;]*)", term["note"])
            for word in match[1].split(", ") if match else []:
                if re.fullmatch(r"[\u4e00-\u9fff]+", word):
                    yield word, term["zh"]


@each_piece
def test_chinese_follows_the_list_of_terms(name):
    for bad, good in rivals():
        for text in texts_of(piece(name)):
            assert bad not in text.zh.replace(good, ""), f"{good}, not {bad}: {text.zh}"
