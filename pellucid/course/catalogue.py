"""Which lessons there are, where they lie, and what they say of themselves.

In a checkout they lie in `course/` beside the package; an installed package has them inside, in
`pellucid/course/lessons/` (pyproject.toml puts them there). Title, time and pieces are read from the lesson's own text
without running it.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from pellucid.course.outputs import joined
from pellucid.errors import ArgumentError, DataNotFoundError, FormatError
from pellucid.workshop.piece import Text

# In the order in which they are read, with what one needs to know before.
NEEDS = {
    "one_neuron": Text(
        "Python as far as functions and lists; what a straight line is",
        "会用 Python 的函数和列表；知道什么是直线",
    ),
    "back_propagation": Text(
        "the lesson “One neuron”, or knowing what weights and a loss are; what a slope is",
        "学过“一个神经元”，或者知道什么是权重和损失；知道什么是斜率",
    ),
}


@dataclass(frozen=True)
class Lesson:
    """A lesson, and what is known of it before it is run."""

    name: str
    path: Path
    title: Text
    minutes: int
    needs: Text
    why: Text  # Markdown, a sentence or two
    pieces: tuple[str, ...]  # of the workshop, in the order in which the lesson asks for them


def folder():
    """The folder that holds the lessons."""
    package = Path(__file__).resolve().parent.parent
    places = [package / "course" / "lessons", package.parent / "course"]
    for place in places:
        if all((place / f"{name}.py").is_file() for name in NEEDS):
            return place
    raise DataNotFoundError(
        f"the lessons are in neither {places[0]} nor {places[1]}.",
        "Install Pellucid again: pip install --force-reinstall",
    )


def lessons():
    """All lessons, in the order in which they are read."""
    place = folder()
    return [read(place / f"{name}.py") for name in NEEDS]


def lesson(name):
    """The lesson of this name."""
    if name not in NEEDS:
        raise ArgumentError(f"there is no lesson {name!r}; there are {', '.join(NEEDS)}.", "See them: pellucid course")
    return read(folder() / f"{name}.py")


def read(path):
    """What a lesson's file says of it."""
    said = list(texts(ast.parse(path.read_text(encoding="utf-8"))))
    first = next(text for text in said if "# " in text.en)

    def part(pattern, text, what):
        found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        if found is None:
            raise FormatError(f"the lesson {path} does not say its {what} at the beginning.", "See course/template.py.")
        return found[1]

    def why(text):
        return part(r"\*\*(?:Why\.|为什么学它。)\*\* *(.+?)(?:\n\n|\Z)", text, "reason (why)")

    return Lesson(
        name=path.stem,
        path=path,
        title=Text(part(r"^# ([^\n]+)", first.en, "title"), part(r"^# ([^\n]+)", first.zh, "title")),
        minutes=int(part(r"(\d+) minutes", first.en, "time")),
        needs=NEEDS.get(path.stem, Text("", "")),
        why=Text(why(first.en), why(first.zh)),
        pieces=tuple(dict.fromkeys(re.findall(r"pellucid workshop check (\w+)", " ".join(text.en for text in said)))),
    )


def texts(tree):
    """Everything that is said, with what is inserted left out."""

    def words(node):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))

    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say")
    for call in sorted(calls, key=lambda node: node.lineno):
        said = {keyword.arg: words(keyword.value) for keyword in call.keywords}
        yield Text(said["en"].strip(), joined(said["zh"].strip()))
