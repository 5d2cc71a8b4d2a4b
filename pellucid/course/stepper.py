"""The stepper: a small network walked forward and backward, one step a click, in the page itself.

Formula with the numbers plugged in, graph with data and gradient on each node, and line of code, side by side. All is
worked out beforehand in Python (`steps_of`), so the page needs neither a server nor a network.
"""

import html
import json

from pellucid.course.draw import svg
from pellucid.course.expression import number
from pellucid.course.mathml import mathml
from pellucid.course.outputs import Output, script
from pellucid.course.record import record
from pellucid.course.steps import engine_line, steps_of
from pellucid.workshop.piece import Text

WORDS = {
    "forward": Text("Forward", "前向"),
    "backward": Text("Backward", "反向"),
    "first": Text("To the start", "回到开头"),
    "back": Text("◀ Back", "◀ 上一步"),
    "next": Text("Next ▶", "下一步 ▶"),
    "last": Text("To the end", "到最后"),
    "slider": Text("Step", "第几步"),
    "name": Text(
        "Stepper: use the buttons, the slider, or the keys Left and Right", "逐步演示：用按钮、滑块或左右方向键"
    ),
    "graph": Text(
        "Computational graph; each box shows a name, its data and its gradient",
        "计算图；每个方框里有名字、数值（data）和梯度（grad）",
    ),
    "formula": Text("Formula, and the same with the numbers", "公式，以及代入数字之后"),
    "code": Text("Code", "代码"),
    "known": Text("value known", "数值已知"),
    "partial": Text("gradient not complete: a user has yet to pay", "梯度不完整：还有使用者没付"),
    "complete": Text("gradient complete", "梯度已完整"),
    "current": Text("at work now", "正在计算"),
    "engine": Text("in Pellucid", "在 Pellucid 中"),
}


class Stepper(Output):
    """A program to be walked: `values` (name -> number), and the `parameters` whose gradients are asked for."""

    def __init__(self, program, values, parameters, lang="en"):
        super().__init__(lang)
        self.recording = record(program, values, parameters)
        self.steps = steps_of(self.recording)

    def html(self, lang):
        """The stepper as HTML with its script: for any page, without server or network."""
        return stepper_html(self.recording, self.steps, lang)


def stepper_html(recording, steps, lang):
    """See Stepper.html."""
    words = {key: html.escape(getattr(text, lang)) for key, text in WORDS.items()}
    shown = [plain(recording, step, lang, words) for step in steps]
    data = json.dumps({"steps": shown, "words": words}, ensure_ascii=False).replace("</", "<\\/")
    program = "".join(f"<span>{html.escape(line)}</span>" for line in recording.lines)
    long = " long" if len(recording.lines) > 8 else ""
    legend = "".join(
        f'<span class="{word[0] if word != "current" else "n"}"><i></i>{words[word]}</span>'
        for word in ("current", "known", "partial", "complete")
    )
    buttons = [
        f'<button type="button" class="{word}">{words[word]}</button>' for word in ("first", "back", "next", "last")
    ]
    return (
        f'<style>{script("stepper.css")}</style><section class="stepper" lang="{lang}" aria-label="{words["name"]}">'
        f'<div class="controls">{"".join(buttons)}'
        f'<input type="range" min="0" max="{len(steps) - 1}" value="0" aria-label="{words["slider"]}">'
        f'<span class="where"></span></div>'
        f'<div class="scroll">{svg(recording, words["graph"])}</div><div class="legend">{legend}</div>'
        f'<div class="panels"><div aria-live="polite"><h4>{words["formula"]}</h4><div class="formula"></div></div>'
        f'<div><h4>{words["code"]}</h4><pre class="program{long}">{program}</pre><pre class="paying"></pre></div></div>'
        f'<script type="application/json">{data}</script><script>{script("stepper.js")}</script></section>'
    )


def plain(recording, step, lang, words):
    """A step as the page's script wants it: texts only."""
    formulas = []
    for symbols, numbers in zip(step.symbols, step.numbers, strict=True):
        formulas.append(mathml(symbols))
        if numbers != symbols:
            formulas.append(f'<div class="numbers">{mathml(numbers)}</div>')
    code = "".join(f"<span>{html.escape(line)}</span>" for line in step.code)
    node = recording.nodes[step.node]
    if step.payments:
        source = html.escape(f"{node.kind}.gradient: {engine_line(node.op)}")
        code += f'<span class="engine">{words["engine"]}: {source}</span>'
    paid, edges = list(step.payments), []
    for position, x in enumerate(node.inputs):
        if paid and paid[0].to == x:
            edges.append(f"{x}-{node.name}-{position}")
            paid.pop(0)
    return {
        "phase": step.phase,
        "node": step.node,
        "line": step.line,
        "formula": "".join(formulas) + f"<p>{html.escape(getattr(step.says, lang))}</p>",
        "code": code,
        "values": {name: number(value) for name, value in step.values.items()},
        "gradients": {name: number(value) for name, value in step.gradients.items()},
        "waiting": step.waiting,
        "edges": edges,
    }
