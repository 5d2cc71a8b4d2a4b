"""What a learner's code may not do while it is checked, and how that is noticed.

Python reports what is about to happen (opening a file, starting a program ...) to audit hooks, and an audit hook cannot
be taken out again. This is no prison: who knows the interpreter well gets past it. It says what was done in the usual
ways; for the rest, the process in which the learner's code runs knows no expected outcome that could be stolen.
"""

import builtins
import math
import os
import sys

import numpy as np

# Kinds of verdicts, by event. What begins so is refused whoever asks for it.
REFUSED = {
    "os.remove": "files", "os.rename": "files", "os.rmdir": "files", "os.mkdir": "files", "os.truncate": "files",
    "os.link": "files", "os.symlink": "files", "os.chmod": "files", "os.chown": "files", "os.utime": "files",
    "os.setxattr": "files", "os.removexattr": "files", "os.chflags": "files", "shutil.": "files", "tempfile.": "files",
    "sqlite3.": "files",
    "subprocess.": "system", "os.system": "system", "os.exec": "system", "os.spawn": "system", "os.fork": "system",
    "os.posix_spawn": "system", "os.startfile": "system", "os.kill": "system", "signal.": "system", "pty.": "system",
    "socket.": "system", "urllib.": "system", "ctypes.": "system", "webbrowser.": "system", "winreg.": "system",
    "syslog.": "system", "http.": "system", "ftplib.": "system", "_thread.start": "system",
    "sys.settrace": "tampered", "sys.setprofile": "tampered", "sys.addaudithook": "tampered", "gc.": "tampered",
    "sys._current_": "tampered", "sys.monitoring": "tampered",
}  # fmt: skip
ONLY_DIRECTLY = {"sys._getframe": "tampered", "sys._getframemodulename": "tampered"}  # the library uses them a lot
STRICT = ("object.__setattr__", "object.__delattr__")  # reported for the code of a function and the like


class Refused(BaseException):
    """What the code wanted is not done. No Exception, so that `except Exception` does not hide it."""


def arm(note, learner, solutions, harmless):
    """Watch from now on. `note(kind, what)` is told before Refused is raised.

    `learner` is the file name of the learner's code, `solutions` are files that may not be read, `harmless` the modules
    that it may import.
    """
    judge_open, judge_rest = about_files(solutions), about_the_rest(learner)
    state = {"inside": False}

    def hook(event, args):
        if state["inside"]:
            return
        state["inside"] = True
        try:
            kind = judge_open(*args) if event == "open" else judge_rest(event, args)
            if kind:
                note(kind, f"{event} {args[0]}"[:200] if args else event)
        finally:
            state["inside"] = False
        if kind:
            raise Refused(f"{event} is refused while a piece is checked")

    sys.addaudithook(hook)
    sys.meta_path.insert(0, Gate(learner, frozenset(harmless), note))


class Gate:
    """Python asks it first for each module that is not loaded yet; it refuses those that importlib is to bring."""

    def __init__(self, learner, harmless, note):
        self.learner = learner
        self.harmless = harmless
        self.note = note

    def find_spec(self, name, path=None, target=None):
        """Nothing: other finders find. Raises Refused if the learner's code asks for what is not harmless."""
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        asks = frame is not None and frame.f_code.co_filename == self.learner
        if asks and name.partition(".")[0] not in self.harmless:
            self.note("import", name)
            raise Refused(f"{name} is not imported while a piece is checked")


# Nothing that the learner's code could replace is looked up by the functions that these two make: all that they use is
# in their closures.


def about_files(solutions):
    """A function that judges what is opened."""
    stat, fspath, no_file, null = os.stat, os.fspath, (OSError, ValueError), os.devnull
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    closed = frozenset([identity(stat(path)) for path in solutions if os.path.exists(path)])

    def judge_open(path, mode, flags):
        if isinstance(path, int):
            return None
        path = fspath(path)
        name = path.decode(errors="replace") if isinstance(path, bytes) else path
        if (flags & writing if isinstance(flags, int) else set(mode or "r") & set("wax+")) and name != null:
            return "files"
        if name.startswith("/proc/"):
            return "tampered"
        try:
            found = stat(path)
        except no_file:
            return None
        return "solution" if (found.st_dev, found.st_ino) in closed else None

    return judge_open


def about_the_rest(learner):
    """A function that judges all other events."""
    getframe, prefixes, direct, strict = sys._getframe, tuple(REFUSED.items()), dict(ONLY_DIRECTLY), STRICT

    def judge(event, args):
        if event in direct or event.startswith(strict):
            return "tampered" if getframe(2).f_code.co_filename == learner else None
        for start, kind in prefixes:
            if event.startswith(start):
                return kind
        return None

    return judge


def identity(found):
    """A file is the same file under another name or through a link."""
    return found.st_dev, found.st_ino


def snapshot():
    """What the learner's code has no business to change: the builtins, and what everybody uses."""
    return [(space.__name__, space, dict(vars(space))) for space in (builtins, math, np, os, sys.modules["json"])]


def changed(before):
    """The names that are something else now, as "builtins.len"."""
    if not any(isinstance(finder, Gate) for finder in sys.meta_path):
        return ["sys.meta_path"]
    ignored = {"_", "__warningregistry__"}
    return [
        f"{name}.{word}"
        for name, space, old in before
        for word, value in old.items()
        if word not in ignored and vars(space).get(word, before) is not value
    ]
