"""The process in which a learner's code runs: it plays the cases of a piece and says what came of them.

It is started by hook.py, reads nothing but its job, and knows no expected outcome. What came of each call goes line by
line over a channel of its own, each line with a word that only parent and child know; what the learner's code prints
goes elsewhere. The last line is "end": without it, the process ended before all was played.

The same program plays our own answers, right and wrong ones, for the parent to compare with: then without a guard.
"""

import contextlib
import copy
import importlib
import json
import os
import sys
import time
import types
from pathlib import Path

from pellucid.toolchain.limits import leave_no_core, limit_memory, limit_time
from pellucid.workshop import guard
from pellucid.workshop.load import HARMLESS, Texts
from pellucid.workshop.piece import Piece, described

LONGEST = 1_000_000  # characters of one outcome


class Channel:
    """Where outcomes go. What the process prints from now on, in whichever way, goes to the standard error stream."""

    def __init__(self, word):
        self.file = os.dup(1)
        os.dup2(2, 1)
        self.word = word
        self.write = os.write
        self.encode = json.JSONEncoder(default=repr).encode

    def send(self, kind, **facts):
        """One record."""
        line = f"{self.word} {self.encode({'kind': kind, **facts})}\n".encode()
        while line:
            line = line[self.write(self.file, line) :]


def main(job, places):
    """Play, and end at once: nothing that was left behind by the learner's code (threads, atexit) runs any more."""
    channel = Channel(job["word"])
    leave_no_core()
    limit_time(job["seconds"] + 60)  # should the parent be gone: it is the one that sees to the limits
    piece = importlib.import_module(f"{job['home']}.{job['piece']}").PIECE
    if job["answers"]:
        play_ours(job, piece, channel)
    else:
        play_learners(job, piece, channel, places)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def play_learners(job, piece, channel, places):
    """The learner's answer, on all cases."""
    cases = copy.deepcopy(piece.cases)
    play = piece.play
    note = Noted(channel, job["filename"])
    for place in places:
        place.target = refusal(place.lives, note)
        place.original = None
    solutions = forget_solutions(piece, places, job["home"])
    texts = Texts({name: tuple(given) for name, given in job["ancestors"].items()}, note)
    before = guard.snapshot()
    limit_memory(job["megabytes"] << 20)
    guard.arm(note, job["filename"], solutions, HARMLESS)
    channel.send("ready")
    outcome, answer = attempt(lambda: texts.load(job["piece"], job["source"], job["filename"]), job)
    if answer is None:
        channel.send("load", outcome=outcome)
    for index, case in enumerate(cases if answer is not None else ()):
        channel.send("case", index=index)
        outcome, _ = attempt(lambda case=case: play(answer, case), job)
        channel.send("outcome", index=index, outcome=outcome)
        if note.refused or outcome.get("raised") == "SystemExit":
            break
    for name in guard.changed(before):
        note("tampered", name)
    channel.send("end")


def play_ours(job, piece, channel):
    """Our own answers: [[name, text], ...], each on all cases, `rounds` times more for taking the time."""
    limit_memory(job["megabytes"] << 20)
    channel.send("ready")
    for name, source in job["answers"]:
        channel.send("answer", name=name)
        texts = Texts({each: tuple(given) for each, given in job["ancestors"].items()})
        failed, answer = attempt(lambda source=source, texts=texts: texts.load(job["piece"], source), job)
        for index, case in enumerate(copy.deepcopy(piece.cases)):
            channel.send("case", index=index)
            outcome, _ = (failed, None) if answer is None else attempt(lambda c=case, a=answer: piece.play(a, c), job)
            channel.send("outcome", index=index, outcome=outcome)
        for cases in copy.deepcopy([piece.cases] * job["rounds"]):
            began = time.perf_counter()
            for case in cases:
                piece.play(answer, case)
            channel.send("time", seconds=time.perf_counter() - began)
    channel.send("end")


class Noted:
    """Says over the channel what the learner's code did that it may not, and where. A few times are enough."""

    def __init__(self, channel, filename):
        self.channel = channel
        self.filename = filename
        self.refused = 0

    def __call__(self, kind, what):
        self.refused += 1
        if self.refused <= 10:
            self.channel.send("refused", what=kind, name=str(what), line=line_now(self.filename))


def refusal(lives, note):
    """What stands in the place of the reference while the learner's own is checked."""

    def refuse(*args, **kwargs):
        note("reference", lives)
        raise guard.Refused(f"{lives} is what this piece is about")

    return refuse


def forget_solutions(piece, places, home):
    """Take the solutions out of this process; return the files in which they can be read, which are not opened."""
    here = sys.modules[f"{home}.{piece.name}"].__file__ or ""
    folders = {Path(here).parent, Path(guard.__file__).parent / "pieces"}
    files = [file for folder in folders for file in folder.rglob("*")]
    for place in places:
        module = sys.modules[place.module]
        files += [Path(file) for file in (module.__file__, module.__cached__) if file]
    for field in ("right", "wrong", "hints", "explanation", "examples", "plug"):
        object.__setattr__(piece, field, ())
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith((f"{home}.", "pellucid.workshop.", "__main__.")):
            if name.startswith(f"{home}."):
                for word in [word for word, value in vars(module).items() if tells_solution(value)]:
                    delattr(module, word)
            del sys.modules[name]
    vars(sys.modules["pellucid"]).pop("workshop", None)
    sys.modules["__main__"] = types.ModuleType("__main__")
    return [file for file in files if file.is_file()]


def tells_solution(value):
    """Is this the text of an answer, or does it hold one? What `play` needs is of another kind."""
    if isinstance(value, str):
        return "\n" in value
    if type(value).__module__ == Piece.__module__:  # Piece, Text, Wrong, Example
        return True
    if isinstance(value, dict):
        return any(tells_solution(item) for item in value.values())
    return isinstance(value, (tuple, list)) and any(tells_solution(item) for item in value)


def attempt(call, job):
    """What came of a call as plain data, and the thing itself: {"value": ...} or {"raised": type, ...}."""
    try:
        result = call()
        if isinstance(result, types.ModuleType):
            return {"value": None}, result
        plain = described(result)
        length = len(json.dumps(plain))
        if length > LONGEST:
            return {"value": {"type": type(result).__name__, "text": f"{length} characters"}}, result
        return {"value": plain}, result
    except BaseException as error:  # noqa: BLE001  exit() and Ctrl-C too: what the learner's code raises is an outcome
        return described_error(error, job), None


def described_error(error, job):
    """The type, its bases, the message, and the line of the learner's that led there."""
    kind = type(error)
    try:
        message = str(getattr(error, "message", None) or error)[:1000]
    except Exception:  # noqa: BLE001  their own exception may fail to say what it is
        message = ""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == job["filename"]:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == job["filename"]:
        line = error.lineno
    bases = [base.__name__ for base in kind.__mro__ if base not in (object, BaseException, Exception)]
    return {"raised": kind.__name__, "bases": bases, "message": message, "line": line}


def line_now(filename):
    """The line of the learner's code that is being run."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == filename:
            return frame.f_lineno
        frame = frame.f_back
    return None
