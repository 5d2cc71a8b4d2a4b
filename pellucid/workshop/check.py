"""The verdict on what a learner wrote: it passes only if every case was played and came out as expected."""

import warnings
from dataclasses import dataclass, field

from pellucid.errors import PellucidError
from pellucid.workshop import table
from pellucid.workshop.compare import same
from pellucid.workshop.diagnose import Diagnosis, diagnose
from pellucid.workshop.process import Process
from pellucid.workshop.referee import Referee, right_texts
from pellucid.workshop.source import swallows, unwritten

# The kinds of verdicts, with what `facts` holds; words.py has a text for each.
KINDS = (
    "passed",
    "unwritten",  # names, all
    "missing",  # names
    "syntax",  # message, line, text
    "wrong",  # call, expected, came
    "exception",  # call (None: while the file was loaded), expected, type, message, line, text
    "time",  # call, seconds
    "memory",  # call, megabytes
    "exited",  # line: exit() was called
    "ended",  # call, status: it is negative for a signal
    "reference",  # name, line, and text of the line, here and below
    "solution",
    "import",
    "ancestor",
    "files",
    "system",
    "tampered",
)


@dataclass(frozen=True)
class Verdict:
    """What came of a check. `diagnosis` is there if a known mistake was recognized."""

    piece: str
    kind: str
    facts: dict = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    swallows: tuple[int, ...] = ()  # lines that catch every exception
    output: str = ""  # what the learner's code printed

    @property
    def passed(self):
        """Is it right?"""
        return self.kind == "passed"


def check(piece, source, *, filename=None, ancestors=None, referee=None, slow=None):
    """Check a text that is to be the answer to a piece.

    `ancestors` are the texts of the earlier pieces that it may import, {name: (text, file name)}; where one is missing,
    the right answer stands in. `referee` may be given to be used again. `slow(call)` is told if it takes long.
    """
    filename = filename or f"{piece.name}.py"
    found = look(piece, source, filename)
    if found is not None:
        return found
    own_referee = referee or Referee(piece)
    process = None
    try:
        process = Process(
            {
                "home": table.HOME, "piece": piece.name, "answers": [], "source": source, "filename": filename,
                "places": {piece.name: [*piece.lives, *piece.refuses]},
                "ancestors": {**right_texts(table.ancestors(piece.name)), **(ancestors or {})},
            },
            seconds=piece.seconds, megabytes=piece.megabytes,
        )  # fmt: skip
        expected = own_referee.expected()
        played = process.finish(slow and (lambda record: slow(call_of(piece, record))))
        kind, facts = judge(piece, played, expected, source)
        outcomes = [record["outcome"] for record in played.of("outcome")]
        if kind == "time":
            outcomes.append({"raised": "time", "bases": ["time"]})
        recognized = None
        if kind in ("wrong", "exception", "time"):
            recognized = diagnose(piece, expected, outcomes, own_referee.outcomes(endless=kind == "time"))
        return Verdict(piece.name, kind, facts, recognized, tuple(swallows(source)), played.output)
    finally:
        if process is not None:
            process.end()
        if referee is None:
            own_referee.close()


def look(piece, source, filename):
    """The verdict on what need not be run: no Python, or nothing written yet. Else None."""
    try:
        with warnings.catch_warnings(action="ignore"):  # they come when the file is loaded
            compile(source, filename, "exec", dont_inherit=True)
        empty, missing = unwritten(piece, source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        facts = {"message": getattr(error, "msg", None) or str(error), "line": line, "text": line_of(source, line)}
        return Verdict(piece.name, "syntax", facts)
    if empty:
        return Verdict(piece.name, "unwritten", {"names": empty})
    if missing:
        return Verdict(piece.name, "missing", {"names": missing})
    return None


def judge(piece, played, expected, source):
    """The kind of verdict, and its facts."""
    if not played.of("ready"):
        raise PellucidError(f"the process in which a piece is checked could not begin: {played.output}")
    refused = played.of("refused")
    if refused:
        first = refused[0]
        return first["what"], {"name": first["name"], "line": first["line"], "text": line_of(source, first["line"])}
    where = {"call": call_of(piece, [record for record in played.records if record["kind"] != "end"][-1])}
    if played.ending == "time":
        return "time", {**where, "seconds": piece.seconds}
    if played.ending == "memory":
        return "memory", {**where, "megabytes": piece.megabytes}
    outcomes = played.of("outcome")
    if not in_turn(played, len(expected)):
        return "tampered", OUT_OF_TURN
    failed = [(None, record["outcome"], None) for record in played.of("load")]
    for case, record, wanted in zip(piece.cases, outcomes, expected, strict=False):
        if not same(wanted, record["outcome"], piece.tolerance):
            failed.append((case, record["outcome"], wanted))
    if failed:
        return failure(piece, *failed[0], source)
    if played.ending != "end":
        return "ended", {**where, "status": played.status}
    return ("passed", {}) if len(outcomes) == len(expected) > 0 else ("tampered", OUT_OF_TURN)


def in_turn(played, most):
    """Do the records say "case 0, outcome 0, case 1, outcome 1 ...", as our own code does?"""
    seen = [(record["kind"], record["index"]) for record in played.records if record["kind"] in ("case", "outcome")]
    return seen == [(kind, index) for index in range(most) for kind in ("case", "outcome")][: len(seen)]


OUT_OF_TURN = {"name": "channel", "line": None, "text": ""}  # the records are not those that our own code sends


def failure(piece, case, outcome, expected, source):
    """The first case that did not come out as expected, or loading that failed."""
    call = None if case is None else piece.show(case)
    if "raised" not in outcome:
        return "wrong", {"call": call, "expected": expected, "came": outcome}
    line = outcome["line"]
    at = {"line": line, "text": line_of(source, line)}
    if outcome["raised"] == "SystemExit":
        return "exited", at
    if "MemoryError" in outcome["bases"]:
        return "memory", {"call": call, "megabytes": piece.megabytes}
    return "exception", {
        "call": call, "expected": expected, "type": outcome["raised"], "message": outcome["message"], **at
    }  # fmt: skip


def call_of(piece, record):
    """The case that was being played, as a call; None while the file was being loaded."""
    return piece.show(piece.cases[record["index"]]) if "index" in record else None


def line_of(source, number):
    """A line of the text, without its indentation."""
    lines = source.splitlines()
    return lines[number - 1].strip() if number and number <= len(lines) else ""
