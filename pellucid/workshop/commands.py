"""`pellucid workshop ...`: the commands of the workshop."""

import difflib
from pathlib import Path

import click

from pellucid.errors import ArgumentError
from pellucid.workshop import table
from pellucid.workshop.language import indented, language, painted, plain
from pellucid.workshop.piece import Text

STARTED = Text("{folder} holds {count} new files.", "{folder} 中新增了 {count} 个文件。")
NOTHING_NEW = Text("{folder} lacks nothing; nothing was changed.", "{folder} 什么都不缺，没有改动任何文件。")
BEGIN = Text("Read {file} and begin with {first}.", "先读 {file}，然后从 {first} 开始。")
NOTHING_WRITTEN = Text(
    "Nothing is written yet. Begin with {file}, or see the map: pellucid workshop status",
    "还什么都没有写。从 {file} 开始，或者看看地图：pellucid workshop status",
)
RUNG = Text("{piece}, hint {number} of 5", "{piece}，第 {number} 个提示（共 5 个）")
NEXT_RUNG = Text("More: pellucid workshop hint {piece}", "想知道更多：pellucid workshop hint {piece}")
DIFFERENCE = Text("From your text (-) to ours (+):", "从你的写法（-）到我们的写法（+）：")
NO_HINT_YET = Text("There was no hint for {piece} yet.", "还没有看过 {piece} 的提示。")
SURE = Text("Show the solution of {piece}? It is noted in the log.", "要看 {piece} 的答案吗？这会记在日志里。")
NOT_PASSED = "{piece} has not passed as it is now."
YOURS, OURS = Text("yours", "你的"), Text("ours", "我们的")
TIMES = Text(
    "All cases once: yours {yours:.1f} ms, ours {ours:.1f} ms.",
    "全部例子跑一遍：你的 {yours:.1f} 毫秒，我们的 {ours:.1f} 毫秒。",
)

folder_option = click.option("--dir", "chosen", type=click.Path(path_type=Path), help="The workshop's folder.")
language_option = click.option("--lang", type=click.Choice(["en", "zh"]), help="The language. Default: your system's.")


@click.group(short_help="Write pieces of the framework yourself, and run it on them.")
def workshop():
    """Write pieces of the framework yourself, have them checked, and run the framework on them."""


@workshop.command()
@click.argument("folder", type=click.Path(path_type=Path))
@language_option
def start(folder, lang):
    """Lay out a FOLDER to work in: a file for each piece. Only what is missing is added."""
    from pellucid.workshop.folder import Folder

    lang = language(lang)
    added = Folder(folder).start(lang)
    if not added:
        click.echo(getattr(NOTHING_NEW, lang).format(folder=folder))
        return
    click.echo(getattr(STARTED, lang).format(folder=folder, count=len(added)))
    click.echo(getattr(BEGIN, lang).format(file=folder / "README.md", first=folder / f"{table.NAMES[0]}.py"))


@workshop.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@folder_option
@language_option
def check(names, chosen, lang):
    """Check the pieces NAME, or all that are written. The exit code is 0 only if all of them pass."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.session import check_one, known

    lang, folder = language(lang), Folder.find(chosen)
    names = [known(name) for name in names] or [
        name for name, state in folder.states().items() if state.state not in ("absent", "unwritten")
    ]
    if not names:
        click.echo(getattr(NOTHING_WRITTEN, lang).format(file=folder.file(table.NAMES[0])))
        return 1
    verdicts = []
    for number, name in enumerate(names):
        if number:
            click.echo("")
        verdicts.append(check_one(folder, name, lang))
    return 0 if all(verdict.passed for verdict in verdicts) else 1


@workshop.command()
@folder_option
@language_option
def watch(chosen, lang):
    """Check each piece as soon as its file is saved."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.watch import watch as watch_folder

    watch_folder(Folder.find(chosen), language(lang))


@workshop.command()
@click.argument("name")
@click.option("--again", is_flag=True, help="The last hint once more.")
@folder_option
@language_option
def hint(name, again, chosen, lang):
    """A hint for the piece NAME: a question, numbers, pseudo-code, the usual slip, the difference to the solution."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.session import known
    from pellucid.workshop.stub import filled

    lang, folder, name = language(lang), Folder.find(chosen), known(name)
    piece = table.piece(name)
    rung = folder.state(name).hints
    if again and rung == 0:
        click.echo(getattr(NO_HINT_YET, lang).format(piece=name))
        return 1
    if not again:
        rung = min(rung + 1, 5)
        folder.log("hint", piece=name, rung=rung)
    click.echo(painted(getattr(RUNG, lang).format(piece=name, number=rung), "bold"))
    if rung < 5:
        click.echo("\n" + indented(filled(piece.hints[rung - 1], lang), "  "))
        click.echo("\n" + getattr(NEXT_RUNG, lang).format(piece=name))
    else:
        click.echo("\n" + getattr(DIFFERENCE, lang) + "\n")
        click.echo(difference(folder.source(name) or "", piece.right[0]))
    return 0


def difference(theirs, ours):
    """Line by line, from what the learner has to the solution. The contract at the top of the file is left out."""
    from pellucid.workshop.source import without_docstring

    lines = difflib.unified_diff(without_docstring(theirs).splitlines(), ours.splitlines(), n=100, lineterm="")
    return "\n".join([indented(plain(line), "  ") for line in list(lines)[3:]])


@workshop.command()
@folder_option
@language_option
def status(chosen, lang):
    """The map: which pieces there are, what needs what, and how each stands."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.status import map_of

    for line in map_of(Folder.find(chosen), language(lang)):
        click.echo(line)


@workshop.command(context_settings={"ignore_unknown_options": True})
@click.argument("what", metavar="digits|LESSON|FILE.py")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--force", multiple=True, metavar="NAME", help="Put this part in place though it has not passed.")
@click.option("--only", multiple=True, metavar="NAME", help="Put only this part in place.")
@folder_option
@language_option
def run(what, arguments, force, only, chosen, lang):
    """Run a program on those of your parts that have passed, and prove that they were used."""
    from pellucid.workshop import run as runs
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.proof import lines_of
    from pellucid.workshop.session import known

    lang, folder = language(lang), Folder.find(chosen)
    force, only = [known(name) for name in force], [known(name) for name in only]
    states, found = folder.states(), runs.program(what)
    names = runs.plugged_names(states, force, only)
    eager = runs.needs_eager(names)
    yours = runs.Run(found, names, runs.texts(folder, states, force), eager=eager, arguments=arguments)
    ours = None
    try:
        if found["module"]:  # beside it the same on our own parts, to compare with
            ours = runs.Run(found, [], runs.right_texts(table.NAMES), eager=eager, silent=True)
        ran, reference = yours.finish(), ours and ours.finish()
    finally:
        for each in filter(None, (yours, ours)):
            each.end()
    passed = [name for name, known in states.items() if known.state == "passed"]
    for line in lines_of(ran, reference, names, [name for name in force if name not in passed], lang, passed):
        click.echo(line)
    return 1 if ran.error else 0


@workshop.command()
@click.argument("name")
@folder_option
@language_option
def compare(name, chosen, lang):
    """Your text of the piece NAME, when it has passed, and ours; and the time that each takes."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.session import known
    from pellucid.workshop.source import without_docstring
    from pellucid.workshop.timing import seconds_of_both

    lang, folder, name = language(lang), Folder.find(chosen), known(name)
    piece = table.piece(name)
    if folder.state(name).state != "passed":
        raise ArgumentError(NOT_PASSED.format(piece=name), remedy=f"pellucid workshop check {name}")
    theirs = folder.source(name)
    for title, text in ((YOURS, without_docstring(theirs)), (OURS, piece.right[0])):
        click.echo(painted(f"--- {getattr(title, lang)}", "bold"))
        click.echo(plain(text.strip()) + "\n")
    yours, ours = seconds_of_both(piece, theirs, folder.passing(table.ancestors(name)))
    click.echo(getattr(TIMES, lang).format(yours=1e3 * yours, ours=1e3 * ours))


@workshop.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@folder_option
@language_option
def solution(name, yes, chosen, lang):
    """Show the solution of the piece NAME. It asks before, and notes it in the log."""
    from pellucid.workshop.folder import Folder
    from pellucid.workshop.session import known

    lang, folder, name = language(lang), Folder.find(chosen), known(name)
    if not yes:
        click.confirm(getattr(SURE, lang).format(piece=name), abort=True)
    folder.log("solution", piece=name)
    click.echo(table.piece(name).right[0].rstrip())


@workshop.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write it into this file, as JSON.")
@click.option("--check", "again", is_flag=True, help="Check once more what is said to have passed.")
def report(folders, path, again):
    """For teachers: state, attempts, hints and time of each piece, for one FOLDER or many."""
    from pellucid.workshop import report as reports
    from pellucid.workshop.folder import Folder

    found = [Folder.find(folder) for folder in folders] or [Folder.find()]
    all_rows = [(folder, reports.rows(folder, again)) for folder in found]
    if path is not None:
        reports.write(path, all_rows)
        click.echo(f"{path}")
        return
    for folder, rows in all_rows:
        for line in reports.as_text(folder, rows):
            click.echo(plain(line))
