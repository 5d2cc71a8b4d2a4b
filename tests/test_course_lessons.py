"""Lessons: they run, say everything in both languages and the agreed terms, and print no formula that is not true."""

import ast
import csv
import importlib.util
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid import course
from pellucid.course import expression

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path for path in (ROOT / "course").glob("*.py") if "marimo.App" in path.read_text(encoding="utf-8"))
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
HAN = re.compile("[\u4e00-\u9fff]")


def test_there_are_lessons():
    assert {"one_neuron", "back_propagation", "template"} <= {path.stem for path in LESSONS}


@pytest.fixture(scope="module")
def played():
    """Each lesson, run once in this process: its outputs, its definitions, the seconds it took."""
    kept = {}

    def play(path):
        if path not in kept:
            spec = importlib.util.spec_from_file_location(path.stem, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            start = time.perf_counter()
            outputs, definitions = module.app.run()
            kept[path] = outputs, definitions, time.perf_counter() - start
        return kept[path]

    return play


def flat(output):
    """An output, and those inside it."""
    yield output
    for inner in getattr(output, "outputs", ()):
        yield from flat(inner)


def of_kind(outputs, kind):
    return [each for output in outputs for each in flat(output) if isinstance(each, kind)]


# ---- what stands in the source


def calls_of_say(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield node


def words(node):
    """The text of a string or f-string, the inserted parts left out."""
    if isinstance(node, ast.Constant):
        return node.value
    assert isinstance(node, ast.JoinedStr), f"line {node.lineno}: say takes texts, not what is computed"
    return "".join(part.value if isinstance(part, ast.Constant) else " " for part in node.values)


def texts(path):
    """(line, English, Chinese) of everything that is said."""
    for node in calls_of_say(path):
        given = {keyword.arg: words(keyword.value) for keyword in node.keywords}
        yield node.lineno, given.get("en", ""), given.get("zh", "")


@each_lesson
def test_everything_is_said_in_both_languages(path):
    for line, en, zh in texts(path):
        assert en.strip(), f"line {line} lacks English"
        assert zh.strip(), f"line {line} lacks Chinese"
        assert not HAN.search(en), f"line {line}: Chinese in the English text"
        if re.search("[a-z]{3,} [a-z]{2,} [a-z]{2,}", en):
            assert HAN.search(zh), f"line {line}: no Chinese in the Chinese text"


@each_lesson
def test_nothing_is_said_past_say(path):
    """Neither marimo's own text, which has one language, nor bare strings as output."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\bmo\.(md|Html|callout)\(|marimo\.(md|Html)\(", source)


@each_lesson
def test_display_formulas_are_made_from_the_table(path):
    """What is written by hand no test can evaluate."""
    for line, en, zh in texts(path):
        for text in (en, zh):
            assert "$$" not in text, f"line {line}"
            for formula in re.findall(r"\$([^$]+)\$", text):
                assert not ("partial" in formula and "=" in formula), f"line {line}: {formula}"


@each_lesson
def test_both_languages_have_the_same_parts(path):
    """Headings, code blocks, and inserted formulas."""
    for node in calls_of_say(path):
        parts = []
        for keyword in node.keywords:
            text = words(keyword.value)
            inserted = [ast.unparse(x.value) for x in getattr(keyword.value, "values", []) if not hasattr(x, "kind")]
            parts.append((re.findall("^#+", text, re.MULTILINE), text.count("```"), inserted))
        if "formulas" in str(parts):
            assert parts[0] == parts[1], f"line {node.lineno}"
        else:
            assert parts[0][:2] == parts[1][:2], f"line {node.lineno}"


def terms():
    with open(ROOT / "course" / "terms.csv", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


TWO_MEANINGS = {"class", "rank", "shape", "recording", "layer", "training", "feature", "checkpoint", "compile", "piece"}


@each_lesson
def test_terms_are_those_of_the_table(path):
    """A term in the English text has its Chinese word in the Chinese text beside it."""
    missing = []
    for line, en, zh in texts(path):
        plain = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", " ", en, flags=re.DOTALL).lower()
        for term in terms():
            if term["en"] not in TWO_MEANINGS and re.search(rf"\b{re.escape(term['en'])}s?\b", plain):
                missing += [] if term["zh"] in zh else [f"line {line}: {term['en']} is {term['zh']}"]
    assert missing == []


@each_lesson
def test_no_term_that_the_table_rules_out(path):
    for line, _, zh in texts(path):
        for term in terms():
            found = re.search(r"\bnot ([\u4e00-\u9fff]+(?:, [\u4e00-\u9fff]+)*)(, which)?", term["note"])
            for wrong in found[1].split(", ") if found and not found[2] else ():
                assert wrong not in zh, f"line {line}: {wrong} should be {term['zh']}"


@each_lesson
def test_chinese_uses_chinese_marks(path):
    """Between Chinese characters stand no Western commas and the like; no text shouts."""
    for line, en, zh in texts(path):
        assert not re.search("[\u4e00-\u9fff][,;:?!]", zh), f"line {line}"
        plain = re.sub(r"```.*?```|`[^`]*`", " ", en, flags=re.DOTALL)
        assert not re.search(r"\w!", plain), f"line {line} shouts"
        assert "！" not in zh, f"line {line} shouts"
        assert not re.search(r"\b(obvious|obviously|simply|trivial|of course|clearly)\b", plain.lower()), f"line {line}"
        assert not re.search("显然|显而易见|众所周知", zh), f"line {line}"


PARTS = ("Why", "The idea in one picture", "Numbers", "Try it", "Your piece", "Question 1", "What next", "Sources")


@each_lesson
def test_a_lesson_has_the_parts_of_the_template(path):
    said = " ".join(" ".join(en for _, en, _ in texts(path)).split())
    for part in PARTS:
        assert part.lower() in said.lower(), part
    assert "minutes" in said
    assert "without a network connection" in said


# ---- what comes of running it


@each_lesson
def test_it_runs_in_seconds(path, played):
    assert played(path)[2] < 15


@each_lesson
def test_it_runs_as_a_script(path):
    done = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@each_lesson
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_output_has_a_page_in_both_languages(path, lang, played):
    outputs = of_kind(played(path)[0], course.Output)
    assert len(outputs) >= 5
    for output in outputs:
        page = output.html(lang)
        assert page.strip()
        assert "$$" not in page
        assert "marimo-tex" not in page
        assert not re.search(r'(src|href)="(?!data:|#)', page), page[:200]
        for picture in re.findall("<img [^>]*>", page):
            assert re.search('alt="[^"]{20,}"', picture) or (lang == "zh" and re.search('alt="[^"]{8,}"', picture))


@each_lesson
def test_every_output_is_shown_live(path, played):
    for output in of_kind(played(path)[0], course.Output):
        kind, page = output._mime_()
        assert kind == "text/html"
        assert page


@each_lesson
def test_questions_have_answers(path, played):
    questions = of_kind(played(path)[0], course.Question)
    assert questions
    for question in questions:
        match question:
            case course.ChoiceQuestion():
                assert [question.check(i) for i in range(len(question.choices))].count(True) == 1
            case course.FormulaQuestion():
                assert question.check(question.answer)
                assert not question.check(f"({question.answer}) + 0.01")
            case course.NumberQuestion():
                assert question.check(str(question.answer))
                assert not question.check(str(question.answer + 3 * question.tolerance))


def draws(names, count=10):
    draw = random.Random(5)
    for _ in range(count):
        yield {name: draw.uniform(-1.5, 1.5) for name in sorted(names)}


def formulas_of(played, path, kind):
    return [each for each in played(path)[1].get("formulas", {}).values() if isinstance(each, kind)]


def with_meanings(formula, known):
    """The values, and those of the letters that stand for something longer."""
    return known | {name: expression.evaluate(text, known) for name, text in formula.where}


@each_lesson
def test_every_printed_derivative_is_that_of_autodiff(path, played):
    for formula in formulas_of(played, path, course.Derivative):
        for point in draws({*expression.names_of(formula.of), *dict(formula.about)}):
            known = point | dict(formula.about)
            tensors = {name: pc.tensor(value, dtype=pc.float64, requires_grad=True) for name, value in known.items()}
            expression.evaluate(formula.of, tensors).backward()
            claimed = expression.evaluate(formula.is_, with_meanings(formula, known))
            right = tensors[formula.by].grad.item()
            assert claimed == pytest.approx(right, rel=1e-6 if formula.about else 1e-11, abs=1e-8), formula


@each_lesson
def test_every_printed_equation_holds(path, played):
    """With an expression on the left at random points; with a name on the left, it says what the name means."""
    for formula in formulas_of(played, path, course.Equation):
        if not formula.left.isidentifier():
            for point in draws(expression.names_of(formula.left)):
                left, right = (expression.evaluate(side, point) for side in (formula.left, formula.right))
                assert left == pytest.approx(right, rel=1e-12)
        if formula.given:
            assert set(dict(formula.given)) == set(expression.names_of(formula.right))


@each_lesson
def test_every_printed_gradient_of_matrices_is_that_of_autodiff(path, played):
    rng = np.random.default_rng(0)
    for formula in formulas_of(played, path, course.MatrixGradient):
        inputs = [pc.tensor(rng.normal(size=shape), requires_grad=True) for shape in formula.shapes]
        y = formula.of(*inputs)
        g = pc.tensor(rng.normal(size=y.shape))
        y.backward(g)
        claimed = formula.is_(g, *[x.detach() for x in inputs])
        np.testing.assert_allclose(claimed.numpy(), inputs[formula.by].grad.numpy(), rtol=1e-12)


@each_lesson
def test_all_formulas_of_the_table_are_printed(path, played):
    shown = "".join(each.text.en for each in of_kind(played(path)[0], course.Say))
    for name, formula in played(path)[1].get("formulas", {}).items():
        assert formula.latex() in shown, name
    latex = [formula.latex() for formula in played(path)[1].get("formulas", {}).values()]
    assert set(re.findall(r"\$\$(.*?)\$\$", shown, re.DOTALL)) == set(latex)


# ---- what single lessons promise


def lesson(name):
    return ROOT / "course" / f"{name}.py"


def test_the_perceptron_comes_to_the_known_weights(played):
    definitions = played(lesson("one_neuron"))[1]
    assert definitions["and_weights"] == [0.1, 0.2, -0.2]
    assert definitions["xor_answers"] == [0, 1, 1, 0]
    history = definitions["xor_history"]
    assert history[-1] == pytest.approx(history[40])  # as the lesson says: the same after each epoch
    assert definitions["slope_by_hand"] == pytest.approx(definitions["w"].grad.item(), rel=1e-12)


def test_the_impatient_walk_is_wrong_as_the_text_says(played):
    definitions = played(lesson("back_propagation"))[1]
    assert (definitions["impatient"]["a"], definitions["impatient"]["p"]) == (30, 16)
    assert (definitions["patient"]["a"], definitions["patient"]["p"]) == (48, 28)
    assert definitions["diamond_stepper"].steps[-1].gradients["a"] == 48


def test_walk_back_and_differences_agree(played):
    definitions = played(lesson("back_propagation"))[1]
    assert len(definitions["losses"]) == 2 * len(definitions["weights"]) == 18
    for _, one, two in definitions["agreement"]:
        assert one == pytest.approx(two, abs=1e-9)


def test_the_network_of_the_lesson_learns_xor(played):
    losses = played(lesson("back_propagation"))[1]["xor_losses"]
    assert losses[0] > 0.5
    assert losses[-1] < 1e-3


def test_what_a_large_network_keeps_is_what_the_text_says(played):
    first = played(lesson("back_propagation"))[1]["kept_memory"][0]
    assert (first.made_by, first.array.shape) == ("Tanh", (128, 512))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"PELLUCID_LANG": "zh"}, "zh"),
        ({"PELLUCID_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_language_at_first(settings, expected, monkeypatch):
    for name in ("PELLUCID_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert course.default_language() == expected


def test_an_unknown_language_is_refused(monkeypatch):
    monkeypatch.setenv("PELLUCID_LANG", "tlh")
    with pytest.raises(pc.errors.ArgumentError):
        course.default_language()
