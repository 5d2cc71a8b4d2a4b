"""What the commands have in common: which piece is meant, checking it and saying what came of it."""

import difflib

import click

from pellucid.errors import ArgumentError
from pellucid.workshop import table
from pellucid.workshop.check import check
from pellucid.workshop.folder import fingerprint
from pellucid.workshop.language import indented, painted, plain
from pellucid.workshop.piece import Text
from pellucid.workshop.status import what_next
from pellucid.workshop.stub import filled
from pellucid.workshop.words import body, head

TAKES_LONG = Text("  still running: {call}", "  还在运行：{call}")
STANDING_IN = Text("(ours stand in for {names}, which have not passed yet)", "（{names} 还没有通过，由我们的版本顶替）")
MORE = Text("A hint: pellucid workshop hint {name}", "要提示：pellucid workshop hint {name}")


def known(name):
    """The name of a piece, also given as its file. ArgumentError for another one, with the nearest."""
    name = name.replace("\\", "/").rpartition("/")[2].removesuffix(".py")
    if name in table.NAMES:
        return name
    near = difflib.get_close_matches(name, table.NAMES, 1, 0.4)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise ArgumentError(f"there is no piece {plain(name)!r}.", remedy=f"{meant}Pieces are {', '.join(table.NAMES)}.")


def check_one(folder, name, language, referee=None):
    """Check the file of a piece, note it in the log, and say what came of it. The verdict."""
    piece = table.piece(name)
    source = folder.source(name)
    if source is None:
        raise ArgumentError(
            f"there is no {folder.file(name)}.", remedy=f"`pellucid workshop start {folder.path}` adds what is missing."
        )
    before = table.ancestors(name)
    kept = folder.passing(before)

    def slow(call):
        click.echo(getattr(TAKES_LONG, language).format(call=plain(call or name)))

    verdict = check(piece, source, filename=str(folder.file(name)), ancestors=kept, referee=referee, slow=slow)
    recognized = {"wrong": verdict.diagnosis.name} if verdict.diagnosis else {}
    folder.log("check", piece=name, verdict=verdict.kind, **recognized, sha256=fingerprint(source))
    for line in lines_of(folder, verdict, piece, language, [each for each in before if each not in kept]):
        click.echo(line)
    return verdict


def lines_of(folder, verdict, piece, language, standing_in):
    """What is said about a verdict."""
    yield painted(head(verdict, language), "green" if verdict.passed else "red")
    for paragraph in body(verdict, piece, language):
        yield "\n" + indented(paragraph, "  ")
    if verdict.passed:
        yield "\n" + indented(filled(piece.explanation, language), "  ")
        yield "\n" + what_next(folder, folder.states(), language, after=piece.name)
        return
    if standing_in and verdict.kind not in ("unwritten", "syntax", "missing"):
        yield "\n  " + getattr(STANDING_IN, language).format(names=", ".join(standing_in))
    yield "\n  " + getattr(MORE, language).format(name=piece.name)
