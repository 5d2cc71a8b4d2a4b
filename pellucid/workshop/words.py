"""Verdicts in words, in both languages. Whatever comes from the learner's code is made plain before it is shown."""

import signal

from pellucid.workshop.compare import brief
from pellucid.workshop.language import indented, plain
from pellucid.workshop.piece import Text

HEADS = {
    "passed": Text("{piece}: passed.", "{piece}：通过。"),
    "unwritten": Text("{piece}: not written yet.", "{piece}：还没有写。"),
    "missing": Text("{piece}: something that the task asks for is not there.", "{piece}：缺少题目要求的内容。"),
    "syntax": Text(
        "{piece}: this is not Python yet (syntax error).", "{piece}：还不是合法的 Python 代码（语法错误）。"
    ),
    "wrong": Text("{piece}: not right yet.", "{piece}：结果还不对。"),
    "exception": Text("{piece}: your code raised an exception.", "{piece}：你的代码抛出了异常。"),
    "time": Text("{piece}: it took too long and was stopped.", "{piece}：运行太久，已被终止。"),
    "memory": Text("{piece}: it wanted too much memory.", "{piece}：占用的内存太多。"),
    "exited": Text("{piece}: your code ended the program (exit).", "{piece}：你的代码让程序退出了（exit）。"),
    "ended": Text(
        "{piece}: the process ended before all cases were played.", "{piece}：还没有试完所有例子，进程就结束了。"
    ),
    "reference": Text(
        "{piece}: your code calls what it is to replace.", "{piece}：你的代码调用了它本来要代替的那部分。"
    ),
    "solution": Text("{piece}: your code wanted to read the solution.", "{piece}：你的代码想读取答案。"),
    "import": Text("{piece}: your code imports what it may not.", "{piece}：你的代码导入了不允许使用的模块。"),
    "ancestor": Text("{piece}: your code uses a piece that comes later.", "{piece}：你的代码用到了后面的部件。"),
    "files": Text("{piece}: your code wanted to change files.", "{piece}：你的代码想改动文件。"),
    "system": Text(
        "{piece}: your code wanted to start a program or to reach beyond its process.",
        "{piece}：你的代码想启动别的程序，或者触及自己进程之外的东西。",
    ),
    "tampered": Text(
        "{piece}: your code meddled with the checker or with Python itself.",
        "{piece}：你的代码动了检查程序或 Python 本身。",
    ),
}

BODIES = {
    "unwritten": Text("Empty so far: {names}.", "函数体还空着：{names}。"),
    "missing": Text(
        "Not found: {names}. Names must stay as they were given.", "没有找到：{names}。名字必须保持题目给出的样子。"
    ),
    "syntax": Text("Python says: {message}.", "Python 的说法：{message}。"),
    "wrong": Text(
        "The smallest case that goes wrong:\n\n    {call}\n\nexpected  {expected}\ncame      {came}",
        "出错的最小例子：\n\n    {call}\n\n应得  {expected}\n实得  {came}",
    ),
    "exception": Text("{type}: {message}", "{type}：{message}"),
    "exception_in": Text("In the case\n\n    {call}", "发生在这个例子中：\n\n    {call}"),
    "exception_loading": Text("It was raised while the file was loaded.", "它是在载入文件时抛出的。"),
    "exception_expected": Text("expected  {expected}", "应得  {expected}"),
    "time": Text(
        "All cases together may take {seconds:g} s. This one had not ended:\n\n    {call}\n\n"
        "Is there a loop whose condition never becomes false?",
        "全部例子合起来最多 {seconds:g} 秒。下面这个没有运行完：\n\n    {call}\n\n是不是有一个循环，它的条件永远成立？",
    ),
    "memory": Text(
        "More than {megabytes} MB were wanted in this case:\n\n    {call}",
        "下面这个例子要用的内存超过了 {megabytes} MB：\n\n    {call}",
    ),
    "exited": Text(
        "A piece is a part of a larger program: it returns its result and lets the program go on.",
        "部件是大程序的一部分：它应当返回结果，让程序继续运行。",
    ),
    "ended": Text(
        "It ended {how}, in this case:\n\n    {call}\n\nThat is no pass: what was not played is not known to be right.",
        "它{how}，当时正在试：\n\n    {call}\n\n没有试过的例子不能算对，所以不算通过。",
    ),
    "reference": Text(
        "{name} is what this piece is to take the place of. Compute it yourself.",
        "{name} 正是这个部件要代替的。请自己来计算。",
    ),
    "solution": Text(
        "It was refused: {name}. To see the solution, use `pellucid workshop solution {piece}`.",
        "已被拒绝：{name}。想看答案，请用 `pellucid workshop solution {piece}`。",
    ),
    "import": Text(
        "{name} is not needed here: NumPy, math, much of the standard library and pellucid may be used, and the pieces "
        "that are listed in the file.",
        "这里不需要 {name}：可以使用 NumPy、math、标准库中的大部分模块、pellucid，以及文件开头列出的部件。",
    ),
    "ancestor": Text(
        "workshop.{name} is not among the pieces that {piece} may use: {needs}.",
        "workshop.{name} 不在 {piece} 可以使用的部件之中：{needs}。",
    ),
    "files": Text(
        "It was refused: {name}. A piece computes; it needs no files.",
        "已被拒绝：{name}。部件只管计算，用不着文件。",
    ),
    "system": Text(
        "It was refused: {name}. A piece computes and returns.",
        "已被拒绝：{name}。部件只管计算并返回结果。",
    ),
    "tampered": Text(
        "What was touched: {name}. What is checked is only what your functions return.",
        "被动过的是：{name}。检查只看你的函数返回什么。",
    ),
}  # fmt: skip

LINE = Text("line {line}: {text}", "第 {line} 行：{text}")
WHILE_LOADING = Text("(while the file was loaded)", "（载入文件时）")
SURE = Text("What is wrong: {says}", "问题在于：{says}")
PERHAPS = Text("It looks like this: {says}", "看起来是这样：{says}")
PRINTED = Text("Your code printed (this has no influence on the verdict):", "你的代码打印了下面的内容（不影响结果）：")
SWALLOWS = Text(
    "Line {lines} catches every exception and goes on. That hides mistakes: catch only what you expect.",
    "第 {lines} 行捕获了所有异常又继续往下走。这样会把错误藏起来，不论是谁的错误：请只捕获你预料到的异常。",
)
NONE = Text("none", "无")
BY_EXIT = Text("with exit code {status}", "以退出码 {status} 结束")
BY_SIGNAL = Text("with a crash ({name})", "崩溃了（{name}）")


def say(text, language, /, **facts):
    """A Text in one language, with the facts filled in."""
    return getattr(text, language).format(**facts)


def head(verdict, language):
    """The first line: which piece, and how it stands."""
    return say(HEADS[verdict.kind], language, piece=verdict.piece)


def body(verdict, piece, language):
    """What there is to say below the first line, as paragraphs."""
    parts = [*facts_in_words(verdict, piece, language)]
    if verdict.diagnosis is not None:
        diagnosis = verdict.diagnosis
        says = getattr(diagnosis.says, language)
        parts.append(say(SURE if diagnosis.sure else PERHAPS, language, says=says))
    if verdict.swallows and not verdict.passed:
        parts.append(say(SWALLOWS, language, lines=", ".join(map(str, verdict.swallows))))
    if verdict.output.strip():
        shown = plain(verdict.output.strip())
        shown = shown if len(shown) <= 2000 else shown[:2000] + " ..."
        parts.append(f"{getattr(PRINTED, language)}\n{indented(shown, '  | ')}")
    return parts


def facts_in_words(verdict, piece, language):
    """The facts of a verdict."""
    kind = verdict.kind
    facts = {key: shown_fact(key, value) for key, value in verdict.facts.items()}
    facts["piece"] = verdict.piece
    if "call" in facts and facts["call"] is None:
        facts["call"] = getattr(WHILE_LOADING, language)
    if kind == "ended":
        facts["how"] = how_it_ended(verdict.facts["status"], language)
    if kind == "ancestor":
        facts["needs"] = ", ".join(piece.needs) or getattr(NONE, language)
    if kind == "exception":
        loading = verdict.facts["call"] is None
        yield say(BODIES["exception_loading" if loading else "exception_in"], language, **facts)
        if verdict.facts["expected"] is not None:
            yield say(BODIES["exception_expected"], language, **facts)
    if kind in BODIES:
        yield say(BODIES[kind], language, **facts)
    if verdict.facts.get("line"):
        yield say(LINE, language, **facts)


def shown_fact(key, value):
    """A fact as it is shown."""
    if key in ("expected", "came"):
        return None if value is None else outcome_in_words(value)
    if key == "names":
        return ", ".join(map(plain, value))
    return plain(value) if isinstance(value, str) else value


def outcome_in_words(outcome):
    """The value, or the exception."""
    if "raised" in outcome:
        return plain(f"{outcome['raised']}: {outcome.get('message', '')}".rstrip(": "))
    return plain(brief(outcome["value"]))


def how_it_ended(status, language):
    """By which signal, or with which exit code."""
    if status is not None and status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        return say(BY_SIGNAL, language, name=name)
    return say(BY_EXIT, language, status=status)
