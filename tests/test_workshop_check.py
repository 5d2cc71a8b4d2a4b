"""Verdicts on honest work: right ones pass, wrong ones are told what is wrong, with the smallest example."""

import dataclasses
import math
import re

import pytest
from workshop_small import small  # noqa: F401  a fixture

from pellucid.workshop import table
from pellucid.workshop.check import check
from pellucid.workshop.compare import brief, same
from pellucid.workshop.load import NotAllowedError, load
from pellucid.workshop.referee import Referee, text_of
from pellucid.workshop.source import swallows, unwritten
from pellucid.workshop.stub import stub
from pellucid.workshop.words import BODIES, HEADS, body, head

known = {}


@pytest.fixture
def judged(small):  # noqa: F811
    """The verdict on a text; what our own answers come to is found out once."""

    def judge(text, name="double", seconds=3.0, **options):
        if name not in known:
            known[name] = Referee(table.piece(name))
            known[name].outcomes()
        return check(dataclasses.replace(table.piece(name), seconds=seconds), text, referee=known[name], **options)

    return judge


def in_words(verdict, language="en"):
    return "\n".join([head(verdict, language), *body(verdict, table.piece(verdict.piece), language)])


@pytest.mark.parametrize(("name", "index"), [("double", 0), ("double", 1), ("soft", 0), ("soft", 1)])
def test_right_answers_pass(name, index, judged):
    assert judged(table.piece(name).right[index], name).passed


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["double", "soft"])
def test_stubs_are_not_written_yet(name, language, judged):
    verdict = judged(stub(table.piece(name), language), name)
    assert (verdict.kind, verdict.facts) == ("unwritten", {"names": [name]})


@pytest.mark.parametrize("name", ["double", "soft"])
def test_each_wrong_answer_is_recognized(name, judged):
    for wrong in table.piece(name).wrong:
        verdict = judged(text_of(table.piece(name), wrong), name, seconds=3.0 if wrong.ends else 0.5)
        assert not verdict.passed
        assert (verdict.diagnosis.name, verdict.diagnosis.sure) == (wrong.name, True)
        for language in ("en", "zh"):
            assert getattr(wrong.says, language) in in_words(verdict, language)


def test_a_mistake_is_recognized_however_it_is_written(judged):
    verdict = judged("def double(number):\n    result = number ** 2\n    return result")
    assert verdict.diagnosis.name == "square"
    words = in_words(verdict)
    assert "double(1)" in words  # double(0) is right by chance
    assert "expected  2" in words
    assert "came      1" in words


def test_a_mistake_in_one_case_is_a_guess(judged):
    verdict = judged("def double(x):\n    return x * x if x == 3 else 2 * x")
    assert (verdict.diagnosis.name, verdict.diagnosis.sure) == ("square", False)
    assert "It looks like this" in in_words(verdict)
    assert verdict.facts["call"] == "double(3)"


def test_an_unknown_mistake_has_no_diagnosis(judged):
    verdict = judged("def double(x):\n    return 7")
    assert verdict.diagnosis is None
    assert verdict.facts == {"call": "double(0)", "expected": {"value": 0}, "came": {"value": 7}}


def test_an_exception_is_shown_with_the_learners_line(judged):
    verdict = judged("def helper(x):\n    return x / 0\n\n\ndef double(x):\n    return helper(x)")
    assert verdict.kind == "exception"
    words = in_words(verdict)
    assert "ZeroDivisionError: division by zero" in words
    assert "line 2: return x / 0" in words
    assert "double(0)" in words


def test_an_exception_while_loading(judged):
    verdict = judged("import numpy\nrate = numpy.nothing\ndef double(x):\n    return 2 * x")
    words = in_words(verdict)
    assert "while the file was loaded" in words
    assert "line 2: rate = numpy.nothing" in words


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def double(x)\n    return 2 * x", 1),
        ("x = (1,\n", 1),
        ("def double(x):\n\treturn x\n        x", 3),
        ("return 2", 1),
    ],
)
def test_a_syntax_error_names_the_line(text, line, judged):
    verdict = judged(text)
    assert verdict.kind == "syntax"
    assert verdict.facts["line"] == line
    assert f"line {line}" in in_words(verdict)


def test_text_that_no_parser_takes_is_a_syntax_error(judged):
    assert judged("def double(x):\n    return 0\0").kind == "syntax"
    assert judged("x = " + "(" * 3000 + ")" * 3000).kind == "syntax"


def test_what_is_printed_is_shown_and_cannot_command_the_terminal(judged):
    verdict = judged("def double(x):\n    print('\\x1b[2J\\x07passed\\u202e')\n    return 7")
    words = in_words(verdict)
    assert r"\x1b[2J\x07passed\u202e" in words
    assert not set(words) & {"\x1b", "\x07", "\u202e"}


def test_an_exceptions_message_cannot_command_the_terminal(judged):
    verdict = judged("def double(x):\n    raise ValueError('\\x1b[2J')")
    assert "\x1b" not in in_words(verdict)


def test_swallowing_is_told_when_it_fails(judged):
    text = "def double(x):\n    try:\n        return undefined\n    except Exception:\n        return 7"
    assert "Line 4 catches every exception" in in_words(judged(text))


def test_an_ancestor_stands_in_and_the_learners_own_is_used(judged):
    """soft adds 0 * double(1): a double that fails shows that it was the learner's."""
    text = table.piece("soft").right[0]
    assert judged(text, "soft").passed
    broken = {"double": ("def double(x):\n    raise ValueError('mine')", "double.py")}
    verdict = judged(text, "soft", ancestors=broken)
    assert (verdict.kind, verdict.facts["message"]) == ("exception", "mine")


def test_shapes_and_dtypes_count(judged):
    right = table.piece("soft").right[0]
    as_float32 = judged(
        right.replace("+ 0 * double(1)", "+ 0 * double(1)).astype('float32')").replace("return e", "return (e"), "soft"
    )
    assert as_float32.kind == "wrong"
    assert "float32[2]" in in_words(as_float32)


def test_every_kind_has_words_in_both_languages():
    from pellucid.workshop.check import KINDS

    assert set(HEADS) == set(KINDS)
    assert set(KINDS) - {"passed"} <= set(BODIES)
    for text in [*HEADS.values(), *BODIES.values()]:
        assert text.en
        assert re.search("[\u4e00-\u9fff]", text.zh) or text.zh == "{type}：{message}"


def test_it_says_that_it_takes_long(small, monkeypatch):  # noqa: F811
    monkeypatch.setattr("pellucid.workshop.process.PATIENCE", 0.3)
    told = []
    piece = dataclasses.replace(table.piece("double"), seconds=1.0)
    check(piece, "def double(x):\n    while x == 3: pass\n    return 2 * x", slow=told.append)
    assert told == ["double(3)"]


# ---- comparing


def value(plain):
    return {"value": plain}


def error(*bases):
    return {"raised": bases[0], "bases": list(bases)}


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (value(1.0), value(1.0 + 1e-9), True),
        (value(1.0), value(1.001), False),
        (value(1e9), value(1e9 + 1), True),
        (value(math.nan), value(math.nan), True),
        (value(math.nan), value(0.0), False),
        (value(math.inf), value(math.inf), True),
        (value(math.inf), value(-math.inf), False),
        (value(math.inf), value(1e300), False),
        (value(1), value(True), True),
        (value(1), value(1.0), True),
        (value(1), value({"shape": [], "dtype": "int64", "values": 1}), True),
        (value(1), value({"shape": [1], "dtype": "int64", "values": [1]}), False),
        (value(1), value("1"), False),
        (value(None), value(0), False),
        (value([1, 2]), value([1]), False),
        (value({"a": 1}), value({"b": 1}), False),
        (value({"a": [1, None]}), value({"a": [1, None]}), True),
        (error("ValueError"), error("ValueError"), True),
        (error("ValueError"), error("ShapeError", "PellucidError", "ValueError"), True),
        (error("ValueError"), error("TypeError"), False),
        (error("ValueError"), value(1), False),
        (value(1), error("ValueError"), False),
    ],
)
def test_same(a, b, equal):
    assert same(a, b, 1e-6) is equal


def test_brief():
    assert brief({"shape": [2], "dtype": "float32", "values": [0.5, 1 / 3]}) == "[0.5, 0.3333333]  (float32[2])"
    assert brief({"type": "Value", "text": "Value(3)"}) == "Value(3)  (Value)"
    assert len(brief([1.0] * 1000)) < 310


# ---- loading and reading


def test_load_shows_the_learners_line():
    module = load("double", "def double(x):\n    return 1 / x", filename="double.py")
    with pytest.raises(ZeroDivisionError) as caught:
        module.double(0)
    last = caught.traceback[-1]
    assert (str(last.path).endswith("double.py"), last.lineno + 1) == (True, 2)


def test_load_lets_declared_ancestors_in_only():
    ancestors = {"value": "class Value: pass"}
    for line in ("from workshop.value import Value", "import workshop.value", "from workshop import value"):
        load("walk", line, ancestors)
    with pytest.raises(NotAllowedError, match="not among what walk needs \\(value\\)") as caught:
        load("walk", "from workshop.adam import step", ancestors)
    assert caught.value.kind == "ancestor"
    with pytest.raises(NotAllowedError, match="may not import torch"):
        load("walk", "import torch", ancestors)


def test_a_dataclass_with_text_annotations_can_be_loaded():
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1"
    assert load("value", text).A().x == 1


def test_swallows_finds_broad_handlers_that_do_not_raise():
    broad, raised = "try: f()\nexcept (ValueError, Exception): pass\n", "try: f()\nexcept Exception: raise\n"
    text = broad + raised + "try: f()\nexcept KeyError: pass"
    assert swallows(text) == [2]


def test_methods_may_be_inherited_or_assigned(small):  # noqa: F811
    piece = table.piece("double")
    assert unwritten(piece, "from math import trunc as double") == ([], [])
    assert unwritten(piece, "double = lambda x: 2 * x") == ([], [])


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("class Value:\n    def __add__(self, other): return 1", ["Value.tanh"]),
        ("class Value:\n    def __add__(self, other): return 1\ndef tanh(self): return 1\nValue.tanh = tanh", []),
        ("class Base: pass\nclass Value(Base):\n    def __add__(self, other): return 1", []),
        ("class Valve:\n    pass", ["Value.__add__", "Value.tanh"]),
        (
            "if True:\n    class Value:\n        def __add__(self, other): return 1\n        def tanh(self): return 1",
            [],
        ),
    ],
)
def test_what_is_missing(text, missing, small):  # noqa: F811
    one = dataclasses.replace(
        table.piece("double"),
        signature="class Value:\n    def __add__(self, other): ...\n    def tanh(self): ...\n",
        right=("class Value:\n    def __add__(self, other): return 1\n    def tanh(self): return 1\n",),
    )
    assert unwritten(one, text) == ([], missing)


def test_warnings_of_the_compiler_do_not_trouble_us(judged):
    assert judged('def double(x):\n    "\\d"\n    return 2 * x').passed


def test_a_number_that_is_still_dots_is_not_written(small):  # noqa: F811
    one = dataclasses.replace(
        table.piece("double"), signature="AND = ...\ndef f(): ...\n", right=("AND = 1\ndef f(): return AND\n",)
    )
    assert unwritten(one, "AND = ...\ndef f(): return AND") == (["AND"], [])
    assert unwritten(one, "def f(): return 1") == ([], ["AND"])
    assert unwritten(one, "AND, OR = 1, 2\ndef f(): return 1") == ([], [])
