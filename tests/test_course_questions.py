"""Questions: right and wrong answers, in Python and, with Node.js, by the page's own script."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pellucid import course
from pellucid.errors import ArgumentError

SCRIPT = Path(course.__file__).parent / "browser" / "questions.js"
say = course.Voice("en")


def text(words):
    return say(en=words, zh="字" + words)


NUMBER = course.NumberQuestion(text("What?"), 0.16, tolerance=0.0005, because=text("So."))
FORMULA = course.FormulaQuestion(
    text("What?"), "(y - t) * y * (1 - y)", {"y": (0.05, 0.95), "t": (0, 1)}, because=text("So."), hint=text("Hint.")
)
CHOICE = course.ChoiceQuestion(
    text("Which?"),
    [course.Choice(text("one"), text("No.")), course.Choice(text("two"), text("Yes."))],
    1,
    because=text("So."),
)
ANSWERS = [
    (NUMBER, "0.16", True),
    (NUMBER, " 4/25 ", True),
    (NUMBER, "0.8*(1-0.8)", True),
    (NUMBER, "1.6e-1", True),
    (NUMBER, "0.161", False),
    (NUMBER, "-0.16", False),
    (NUMBER, "−0.16", False),
    (FORMULA, "(y - t) * y * (1 - y)", True),
    (FORMULA, "y*(1-y)*(y-t)", True),
    (FORMULA, "(y-t)*(y-y^2)", True),
    (FORMULA, "y**2 - y**3 - t*y + t*y**2", True),
    (FORMULA, "-(t - y) · y · (1 − y)", True),
    (FORMULA, "(y - t)/2*2*y*(1-y)", True),
    (FORMULA, "(t - y) * y * (1 - y)", False),
    (FORMULA, "y - t", False),
    (FORMULA, "-y^2*(-1) - y**3", False),
    (FORMULA, "exp(log(y)) * (1-y) * (y-t)", True),
    (FORMULA, "2**-1 * 2 * (y-t)*y*(1-y)", True),
    (FORMULA, "sigmoid(0)*2*(y-t)*y*(1-y)", True),
]
UNREADABLE = ["", "y t", "2y", "__import__('os')", "y.real", "x * y", "tanh", "(y", "y)", "a; b", "y[0]", "1 2"]


@pytest.mark.parametrize(("question", "answer", "right"), ANSWERS)
def test_answers(question, answer, right):
    assert question.check(answer) is right


@pytest.mark.parametrize("answer", UNREADABLE)
def test_what_is_no_formula_is_an_error(answer):
    with pytest.raises(ArgumentError):
        FORMULA.check(answer)


def test_a_choice():
    assert CHOICE.check(1)
    assert not CHOICE.check(0)
    with pytest.raises(ArgumentError):
        course.ChoiceQuestion(text("Which?"), [], 0, because=text("So."))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_page_decides_as_python_does(tmp_path):
    """The page's own script, with a stand-in for the page that holds one input."""
    cases = [(question.data() | {"kind": question.kind}, answer, right) for question, answer, right in ANSWERS]
    cases += [(FORMULA.data() | {"kind": "formula"}, answer, None) for answer in UNREADABLE]
    harness = """
const cases = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const code = require("fs").readFileSync(process.argv[3], "utf8");
const words = { right: "right", wrong: "wrong", unread: "unread", first: "first" };
console.log(JSON.stringify(cases.map(([data, answer]) => {
  const verdict = {}, form = {}, because = { hidden: true };
  const parts = { "script[type='application/json']": { textContent: JSON.stringify({ ...data, words }) },
    ".verdict": verdict, form, ".because": because, input: { value: answer } };
  const root = { querySelector: (selector) => parts[selector], querySelectorAll: () => [] };
  new Function("document", code)({ currentScript: { parentElement: root } });
  form.onsubmit({ preventDefault() {} });
  return [verdict.textContent, because.hidden];
})));
"""
    (tmp_path / "harness.js").write_text(harness, encoding="utf-8")
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    command = ["node", str(tmp_path / "harness.js"), str(tmp_path / "cases.json"), str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    words = {True: ["right", False], False: ["wrong", True], None: ["unread", True]}
    assert json.loads(done.stdout) == [words[right] for _, _, right in cases]


@pytest.mark.parametrize("question", [NUMBER, FORMULA, CHOICE])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_asks_in_its_language(question, lang):
    page = question.html(lang)
    assert ("字What?" in page or "字Which?" in page) == (lang == "zh")
    assert 'role="status"' in page
    assert '<div class="because" hidden>' in page
    assert ("检查" in page) == (lang == "zh")
