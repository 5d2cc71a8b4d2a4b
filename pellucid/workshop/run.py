"""`pellucid workshop run`: a program on the learner's parts, in a fresh process, beside the same on ours."""

import json
import subprocess
import sys
import tempfile
import typing
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pellucid
from pellucid.errors import ArgumentError
from pellucid.workshop import table
from pellucid.workshop.process import HOOK, environment
from pellucid.workshop.referee import right_texts

PROGRAMS = Path(__file__).with_name("programs")


@dataclass
class Ran:
    """What came of a run: figures of trainings (of programs of ours), the error if there was one, and the counts."""

    figures: dict | None
    error: str | None
    proof: list
    used: tuple = ()  # pieces that the program imported itself
    line: str | None = None
    trace: tuple = ()
    status: int = 0


def program(word):
    """What a word means: a program of ours, a lesson, or a file."""
    if (PROGRAMS / f"{word}.py").is_file():
        return {"module": f"pellucid.workshop.programs.{word}", "file": None}
    here = Path(pellucid.__file__).parent
    for path in (here / "course" / "lessons" / f"{word}.py", here.parent / "course" / f"{word}.py", Path(word)):
        if path.suffix == ".py" and path.is_file():
            return {"module": None, "file": str(path.resolve())}
    known = sorted({path.stem for path in PROGRAMS.glob("[a-z]*.py")} | {each.lesson for each in table.pieces()})
    raise ArgumentError(
        f"there is no program, lesson or file {word!r}.", remedy=f"Give one of {', '.join(known)}, or a file: train.py"
    )


def plugged_names(states, forced=(), only=()):
    """The parts that are put in place: those that have passed, and those that are forced; of these, `only` some."""
    parts = [piece.name for piece in table.pieces() if piece.plug is not None and piece.lives]
    for name in (*forced, *only):
        if name not in parts:
            raise ArgumentError(
                f"{name} is a study: it is used by lessons, and takes no part of the framework's place."
            )
    chosen = [name for name in parts if states[name].state == "passed" or name in forced]
    for name in only:
        if name not in chosen:
            raise ArgumentError(f"{name} has not passed.", remedy=f"Try it all the same with --force {name}.")
    return [name for name in chosen if not only or name in only or name in forced]


def texts(folder, states, forced=()):
    """What can be imported as `workshop.NAME`: the learner's where it has passed or is forced, else ours."""
    found = right_texts(table.NAMES)
    for name in table.NAMES:
        if states[name].state == "passed" or name in forced:
            source = folder.source(name)
            if source is None:
                raise ArgumentError(f"there is no file {folder.file(name)} to put in place.")
            found[name] = (source, str(folder.file(name)))
    return found


class Run:
    """A run in a fresh process. It begins at once."""

    def __init__(self, what, names, known_texts, *, eager, arguments=(), silent=False):
        self.place = tempfile.TemporaryDirectory(prefix="pellucid-workshop-", ignore_cleanup_errors=True)
        self.result = Path(self.place.name) / "result.json"
        job = {
            "main": "pellucid.workshop.plugged", "home": table.HOME, "program": what, "arguments": list(arguments),
            "places": {name: table.piece(name).lives for name in names}, "texts": known_texts,
            "eager": eager, "result": str(self.result), "folder": str(Path.cwd()),
        }  # fmt: skip
        output = subprocess.DEVNULL if silent else None
        self.process: typing.Any = subprocess.Popen(
            [sys.executable, "-P", str(HOOK)], env=environment(),
            stdin=subprocess.PIPE, stdout=output, stderr=output,
        )  # fmt: skip
        with suppress(OSError), self.process.stdin as stdin:
            stdin.write(json.dumps(job).encode())

    def finish(self):
        """Wait for the end. What came of it."""
        try:
            status = self.process.wait()
            if not self.result.is_file():
                return Ran(None, f"the process ended with exit code {status}", [], status=status)
            return Ran(**json.loads(self.result.read_text(encoding="utf-8")), status=status)
        finally:
            self.end()

    def end(self):
        """End the process, if it runs still."""
        if self.process.poll() is None:
            kill_alone(self.process)
        self.process.wait()
        self.place.cleanup()


def kill_alone(process):
    """End a process that has no group of its own (Ctrl-C must reach it)."""
    with suppress(OSError):
        process.kill()


def needs_eager(names):
    """Does one of these compute forward values with NumPy? Then nothing may be compiled."""
    return any(table.piece(name).eager for name in names)
