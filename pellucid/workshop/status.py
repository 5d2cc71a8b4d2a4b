"""The map of the workshop, for a terminal: lessons, pieces, what needs what, and how each stands."""

import unicodedata

from pellucid.workshop import table
from pellucid.workshop.language import painted
from pellucid.workshop.piece import Text

WORDS = {
    "absent": Text("no file", "没有文件"),
    "unwritten": Text("not written yet", "还没有写"),
    "written": Text("written, not checked", "写了，还没检查"),
    "failing": Text("not right yet", "还不对"),
    "changed": Text("changed since it passed", "通过后又改过"),
    "passed": Text("passed", "通过"),
}
MARKS = {"absent": " ", "unwritten": " ", "written": ".", "failing": "!", "changed": "~", "passed": "x"}
COLOURS = {"passed": "green", "failing": "red", "changed": "yellow", "written": "yellow"}
KINDS = {"study": Text("study", "习作"), "part": Text("part", "部件")}
TITLE = Text("{title} ({kind})", "{title}（{kind}）")
NEEDS = Text("needs {names}", "需要 {names}")
HINTS = Text("{count} of 5 hints", "看了 {count}/5 个提示")
SUM = Text("{passed} of {all} pieces passed.", "{all} 个部件已通过 {passed} 个。")
NEXT = Text("Next: {name} ({title}), in {file}", "接下来：{name}（{title}），在 {file} 中")
DONE = Text(
    "All pieces have passed. `pellucid workshop run digits` trains a network on your parts.",
    "全部通过。`pellucid workshop run digits` 会用你的部件训练一个网络。",
)


def map_of(folder, language):
    """The lines of the map."""
    states = folder.states()
    lines, lesson = [], None
    names = max(map(len, table.NAMES))
    states_width = max(width(getattr(word, language)) for word in WORDS.values())
    for piece in table.pieces():
        if piece.lesson != lesson:
            lesson = piece.lesson
            lines += ["", painted(lesson, "bold")] if lines else [painted(lesson, "bold")]
        known = states[piece.name]
        state = padded(getattr(WORDS[known.state], language), states_width)
        if known.state in COLOURS:
            state = painted(state, COLOURS[known.state])
        title = getattr(TITLE, language).format(
            title=getattr(piece.title, language), kind=getattr(KINDS[piece.kind], language)
        )
        notes = []
        if piece.needs:
            notes.append(getattr(NEEDS, language).format(names=", ".join(piece.needs)))
        if known.hints:
            notes.append(getattr(HINTS, language).format(count=known.hints))
        end = "   " + "; ".join(notes) if notes else ""
        lines.append(f"  [{MARKS[known.state]}] {piece.name:<{names}}  {state}  {title}{end}".rstrip())
    passed = sum(known.state == "passed" for known in states.values())
    lines += ["", getattr(SUM, language).format(passed=passed, all=len(states)), what_next(folder, states, language)]
    return lines


def what_next(folder, states, language, after=None):
    """The next piece that has not passed: after the one given, if there is one; rather one whose needs have passed."""
    open_ones = [piece for piece in table.pieces() if states[piece.name].state != "passed"]
    if not open_ones:
        return getattr(DONE, language)
    later = [piece for piece in open_ones if after and table.NAMES.index(piece.name) > table.NAMES.index(after)]
    ready = [piece for piece in later or open_ones if all(states[name].state == "passed" for name in piece.needs)]
    piece = (ready or later or open_ones)[0]
    return getattr(NEXT, language).format(
        name=piece.name, title=getattr(piece.title, language), file=folder.file(piece.name).name
    )


def width(text):
    """The columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def padded(text, columns):
    """With spaces behind."""
    return text + " " * (columns - width(text))
