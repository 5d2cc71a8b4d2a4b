"""Questions whose answers are checked: a number, a formula, a choice, and a guess made before something is run.

`check(answer)` decides in Python, for tests and scripts. `html(lang)` asks in the page, with a script that decides in
the same way; a test holds the two equal.
"""

import html
import json
import math
import random
from dataclasses import dataclass

from pellucid.course import expression
from pellucid.course.outputs import Output, Say, script
from pellucid.errors import ArgumentError
from pellucid.workshop.piece import Text

WORDS = {
    "check": Text("Check", "检查"),
    "right": Text("Right.", "正确。"),
    "wrong": Text("Not yet.", "还不对。"),
    "hint": Text("Hint", "提示"),
    "unread": Text("This cannot be read.", "看不懂这个输入。"),
    "guess": Text("Show what happens", "看看结果"),
    "first": Text("Choose an answer first.", "请先选一个答案。"),
    "number": Text("a number, such as 0.25", "一个数，例如 0.25"),
    "formula": Text("a formula in", "一个公式，可用"),
}
POINTS = 8  # at which a formula is compared


class Question(Output):
    """What all kinds have in common: the question, a hint, and what is said after the right answer."""

    kind = ""

    def __init__(self, ask, hint, because):
        super().__init__(ask.lang)
        self.ask, self.hint, self.because = ask, hint, because

    def check(self, answer):
        """Is this answer right?"""
        raise NotImplementedError

    def data(self):
        """What the page's script needs to decide the same."""
        raise NotImplementedError

    def field(self, lang):
        """The HTML of where the answer is given, and the word that says what can be typed."""
        expected = WORDS[self.kind]
        return (
            f'<input type="text" autocomplete="off" spellcheck="false" size="28" '
            f'aria-label="{getattr(expected, lang)}" placeholder="{self.placeholder(lang)}">'
        )

    def placeholder(self, lang):
        """What can be typed."""
        return getattr(WORDS[self.kind], lang)

    def html(self, lang):
        """The question as a part of the page."""
        words = {key: getattr(text, lang) for key, text in WORDS.items()}
        data = json.dumps({"kind": self.kind, "words": words, **self.data()}, ensure_ascii=False).replace("</", "<\\/")
        hint = f"<details><summary>{words['hint']}</summary>{self.hint.html(lang)}</details>" if self.hint else ""
        button = words["guess" if self.kind == "guess" else "check"]
        return (
            f'<style>{script("questions.css")}</style><section class="question" lang="{lang}">{self.ask.html(lang)}'
            f'<form>{self.field(lang)} <button type="submit">{html.escape(button)}</button> '
            f'<span class="verdict" role="status" aria-live="polite"></span></form>{hint}'
            f'<div class="because" hidden>{self.because.html(lang)}</div>'
            f'<script type="application/json">{data}</script><script>{script("questions.js")}</script></section>'
        )


class NumberQuestion(Question):
    """The answer is a number, right within `tolerance` (absolute)."""

    kind = "number"

    def __init__(self, ask, answer, *, because, tolerance=0.005, hint=None):
        super().__init__(ask, hint, because)
        self.answer, self.tolerance = float(answer), tolerance

    def check(self, answer):
        """Arithmetic may be typed as well: 3/4."""
        value = expression.evaluate(str(answer), {})
        return math.isfinite(value) and abs(value - self.answer) <= self.tolerance

    def data(self):
        """See Question."""
        return {"answer": self.answer, "tolerance": self.tolerance, "points": [{}]}


class FormulaQuestion(Question):
    """The answer is a formula; it is right if it has the values of `answer` at random points, however it is written.

    `between` says for each name from where to where the points are drawn.
    """

    kind = "formula"

    def __init__(self, ask, answer, between, *, because, hint=None, seed=0):
        super().__init__(ask, hint, because)
        draw = random.Random(seed)
        self.answer, self.names = answer, list(between)
        self.points = [{name: draw.uniform(*between[name]) for name in between} for _ in range(POINTS)]
        self.values = [expression.evaluate(answer, point) for point in self.points]

    def check(self, answer):
        """Raises ArgumentError for what is no formula in these names."""
        tree = expression.parse(answer, set(self.names))
        found = [expression.evaluate(tree, point) for point in self.points]
        return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(found, self.values, strict=True))

    def placeholder(self, lang):
        """What can be typed."""
        return f"{getattr(WORDS['formula'], lang)} {', '.join(self.names)}"

    def data(self):
        """See Question."""
        return {"points": self.points, "values": self.values, "names": self.names}


@dataclass
class Choice:
    """One answer to choose, and what is said when it was chosen."""

    text: Say
    says: Say


class ChoiceQuestion(Question):
    """One of several answers is right. Each has a reply of its own."""

    kind = "choice"

    def __init__(self, ask, choices, right, *, because, hint=None):
        super().__init__(ask, hint, because)
        if not 0 <= right < len(choices):
            raise ArgumentError(f"the right answer is number {right} of {len(choices)}.")
        self.choices, self.right = choices, right

    def check(self, answer):
        """The number of a choice, from 0."""
        return answer == self.right

    def field(self, lang):
        """A button to choose for each answer."""
        rows = [
            f'<label><input type="radio" name="choice" value="{i}"> <span>{inline(choice.text, lang)}</span></label>'
            for i, choice in enumerate(self.choices)
        ]
        replies = [f"<div hidden>{choice.says.html(lang)}</div>" for choice in self.choices]
        return f'<fieldset>{"".join(rows)}</fieldset><div class="replies">{"".join(replies)}</div>'

    def data(self):
        """See Question."""
        return {"right": self.right}


class Guess(ChoiceQuestion):
    """Predict before you run: what happens is shown only after a guess was made. No guess is a mistake."""

    kind = "guess"


def inline(say, lang):
    """A text without the paragraph around it."""
    return say.html(lang).replace('<span class="paragraph">', "<span>")
