"""The file in which a learner writes a piece, made from its contract, and the README of the folder."""

import textwrap

from pellucid.workshop import table
from pellucid.workshop.language import indented
from pellucid.workshop.piece import Text

FORMULA = Text("Formula", "公式")
EXAMPLES = Text("Examples", "例子")
ALWAYS = Text("What always holds", "总是成立的")
MAY_USE = Text(
    "You may use NumPy, math and other modules of the standard library, pellucid, and from earlier pieces:",
    "可以使用 NumPy、math 等标准库模块、pellucid，以及前面的部件：",
)
USED_PLAIN = Text(
    "You may use NumPy, math and other modules of the standard library, and pellucid.",
    "可以使用 NumPy、math 等标准库模块和 pellucid。",
)
NOT_IT = Text("Not of pellucid, since it is what you write: {names}.", "pellucid 中的 {names} 不能用：你要写的正是它。")
THEN = Text(
    "When it is written: pellucid workshop check {name}    A hint: pellucid workshop hint {name}",
    "写好以后：pellucid workshop check {name}    要提示：pellucid workshop hint {name}",
)
WIDTH = 100


def stub(piece, language):
    """The text of the file, with empty bodies."""
    quotes = 'r"""' if "\\" in contract(piece, language) else '"""'
    imports = [f"from workshop.{name} import {', '.join(offers(name))}" for name in piece.needs]
    lines = ["import numpy as np", "", "import pellucid as pc"]
    if imports:
        lines += ["", *imports]
    return f'{quotes}{contract(piece, language)}\n"""\n\n' + "\n".join(lines) + f"\n\n\n{bodies(piece)}\n"


def contract(piece, language):
    """Title, task, formula, examples, invariants, what may be used, and what to do then."""
    parts = [getattr(piece.title, language) + ("" if language == "zh" else "."), filled(piece.task, language)]
    parts.append(f"{getattr(FORMULA, language)}:\n\n{indented(piece.formula)}")
    shown = "\n".join([f"{as_typed(example.call)}\n{example.result}" for example in piece.examples])
    parts.append(f"{getattr(EXAMPLES, language)}:\n\n{indented(shown)}")
    if piece.invariants:
        listed = "\n".join([wrapped("- " + getattr(text, language), language, "  ") for text in piece.invariants])
        parts.append(f"{getattr(ALWAYS, language)}:\n\n{listed}")
    parts.append(may_use(piece, language))
    parts.append(getattr(THEN, language).format(name=piece.name))
    return "\n\n".join(parts)


def as_typed(code):
    """Code as it looks in an interactive session."""
    lines = [("... " if line.startswith((" ", ")", "]", "}")) else ">>> ") + line for line in code.splitlines()]
    return "\n".join(lines)


def may_use(piece, language):
    """What may be imported."""
    if piece.needs:
        offered = ", ".join([f"{', '.join(offers(name))} (workshop.{name})" for name in piece.needs])
        text = f"{getattr(MAY_USE, language)} {offered}"
    else:
        text = getattr(USED_PLAIN, language)
    if piece.lives or piece.refuses:
        names = ", ".join([lives.partition(":")[2] for lives in (*piece.lives, *piece.refuses)])
        text += " " + getattr(NOT_IT, language).format(names=names)
    return wrapped(text, language)


def offers(name):
    """What an earlier piece has to offer: the functions and classes of its signature."""
    from pellucid.workshop.source import heads

    return [head for head in heads(table.piece(name).signature) if "." not in head]


def bodies(piece):
    """The signature, one line below each head."""
    lines = []
    for line in piece.signature.strip().splitlines():
        if line.rstrip().endswith(": ...") and line.lstrip().startswith("def "):
            lines += [line.rstrip()[:-4], " " * (len(line) - len(line.lstrip()) + 4) + "..."]
        else:
            lines.append(line.rstrip())
    return "\n".join(lines)


def filled(text, language):
    """A Text in lines of readable length; its paragraphs, and lines that are indented, stay as they are."""
    return "\n".join([line if line.startswith(" ") else wrapped(line, language) for line in
                      getattr(text, language).strip().splitlines()])  # fmt: skip


def wrapped(text, language, further=""):
    """One paragraph in lines of readable length. Chinese is not wrapped: it has no spaces to break at."""
    if language == "zh":
        return text
    return textwrap.fill(text, WIDTH, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)


README = Text(
    """# Your workshop

Each file here is one piece of a deep-learning framework, for you to write. The file says what to do.

    pellucid workshop status           the map: what there is, what needs what, what you have done
    pellucid workshop check NAME       is it right? If not: what is wrong, and the smallest example
    pellucid workshop watch            the same at each save
    pellucid workshop hint NAME        a hint; each call gives a little more
    pellucid workshop run digits       train a network that runs on your own pieces, with proof
    pellucid workshop compare NAME     after passing: your text beside ours
    pellucid workshop solution NAME    the solution, if you really want it

Begin with `{first}.py`. Ours stands in for an earlier piece that you have not written yet, so you may write them in any
order.

Nothing that you write here is ever overwritten or deleted by these commands. What you have done is noted in
`.workshop/log.jsonl`, on this computer only.
""",
    """# 你的工坊

这里每个文件是深度学习框架的一个部件，由你来写。要做什么，文件里都写着。

    pellucid workshop status           地图：有哪些部件，谁需要谁，你完成了哪些
    pellucid workshop check 名字       对不对？不对的话：问题在哪里，以及最小的反例
    pellucid workshop watch            每次保存时自动检查
    pellucid workshop hint 名字        一个提示；每问一次，多说一点
    pellucid workshop run digits       用你自己的部件训练一个网络，并证明真的用上了
    pellucid workshop compare 名字     通过以后：你的写法和我们的写法对照
    pellucid workshop solution 名字    答案，如果你真的想看

从 `{first}.py` 开始。还没有写的部件由我们的版本顶替，所以先写哪一个都可以。

这些命令绝不会覆盖或删除你写的东西。做过什么都记在 `.workshop/log.jsonl` 里，只留在这台电脑上。
""",
)


def readme(language):
    """The README of the folder."""
    return getattr(README, language).format(first=table.NAMES[0])
