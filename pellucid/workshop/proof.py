"""What a run on the learner's parts has shown: what was called how often, and how training went beside ours."""

import math

from pellucid.workshop import table
from pellucid.workshop.language import plain
from pellucid.workshop.piece import Text
from pellucid.workshop.status import padded, width

HEAD = {
    "en": ("piece", "in the place of", "calls", "seconds", "recorded"),
    "zh": ("部件", "代替了", "调用次数", "秒", "录制次数"),
}
NOT_CALLED = Text("Not called by this program: {names}.", "这个程序没有用到：{names}。")
RECORDED = Text(
    "Calls that were recorded (pc.compile) run once and are then part of a compiled step.",
    "“录制次数”是 pc.compile 录制时的调用：只运行一次，之后就成为编译好的一步的一部分。",
)
EAGER = Text(
    "Nothing was compiled, since these compute with NumPy: {names}.", "{names} 用 NumPy 计算，所以这次什么都没有编译。"
)
USED = Text("The program itself imports, of yours: {names}.", "程序自己导入的、你写的：{names}。")
OURS = Text("Not yours, but ours, because they have not passed: {names}.", "还没有通过、用我们的版本代替的：{names}。")
NONE = Text(
    "None of your parts has passed, so all of this ran on ours.",
    "你的部件还没有一个通过，所以全部是用我们的版本运行的。",
)
FORCED = Text("Put in place though it has not passed: {names}.", "没有通过也放了进去：{names}。")
LOSSES = {
    "en": ("training", "epoch", "loss, yours", "loss, ours"),
    "zh": ("训练", "轮", "损失（你的）", "损失（我们的）"),
}
ACCURACY = Text(
    "{name}: {yours:.1%} right with your parts, {ours:.1%} with ours.",
    "{name}：用你的部件正确率 {yours:.1%}，用我们的 {ours:.1%}。",
)
BROKEN = Text("It broke off: {error}", "中途出错：{error}")
AT = Text("  in {line}", "  在 {line}")


def lines_of(ran, reference, names, forced, language, passed=()):
    """The proof, and the figures of each training beside the reference's. `passed` are all pieces that have passed."""
    parts = [piece.name for piece in table.pieces() if piece.plug is not None and piece.lives]
    ours = [name for name in parts if name not in names and name not in passed]
    if ran.figures and reference and reference.figures:
        yield from trainings(ran.figures, reference.figures, language)
    if ran.error:
        yield getattr(BROKEN, language).format(error=plain(ran.error))
        if ran.line:
            yield getattr(AT, language).format(line=plain(ran.line))
        yield ""
    used = [name for name in ran.used if name in passed]
    if used:
        yield getattr(USED, language).format(names=", ".join(used))
    if not names:
        yield getattr(NONE, language)
        return
    called = {p["piece"] for p in ran.proof if p["calls"]}
    rows = [
        (p["piece"], short(p["lives"]), f"{p['calls']:,}", f"{p['seconds']:.4f}", f"{p['recordings']:,}")
        for p in ran.proof
        if p["piece"] in called
    ]
    yield from table_of(HEAD[language], rows)
    yield ""
    notes = [
        (NOT_CALLED, [name for name in names if name not in called]),
        (FORCED, forced),
        (OURS, ours),
        (EAGER, [name for name in names if table.piece(name).eager]),
    ]
    for text, listed in notes:
        if listed:
            yield getattr(text, language).format(names=", ".join(listed))
    if any(p["recordings"] for p in ran.proof):
        yield getattr(RECORDED, language)


def short(lives):
    """Where a part lives, without the name of the package."""
    return lives.removeprefix("pellucid.").replace(":", ".")


def trainings(yours, ours, language):
    """Losses epoch by epoch, side by side, and the accuracies."""
    rows = []
    for name, figures in yours.items():
        other = ours.get(name, {"losses": []})["losses"]
        for index in range(max(len(figures["losses"]), len(other))):
            pair = [number(losses[index]) if index < len(losses) else "-" for losses in (figures["losses"], other)]
            rows.append((name if index == 0 else "", str(index + 1), *pair))
    yield from table_of(LOSSES[language], rows)
    yield ""
    for name, figures in yours.items():
        yield getattr(ACCURACY, language).format(name=name, yours=figures["accuracy"], ours=ours[name]["accuracy"])
    yield ""


def number(value):
    """A loss with four digits behind the point."""
    return "NaN" if value is None or math.isnan(value) else f"{value:.4f}"


def table_of(head, rows):
    """Columns; those after the second are numbers, on the right."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    for row in (head, *rows):
        cells = [
            padded(cell, wide) if index < 2 and not cell.isdigit() else " " * (wide - width(cell)) + cell
            for index, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
