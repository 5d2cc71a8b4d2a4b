"""The learner's folder: a file for each piece, and a log. We only add to it; nothing is overwritten or deleted.

`.workshop/log.jsonl` has one line for each event, a JSON object: format, time (UTC), event ("start", "check", "hint",
"solution"), piece, and for a check the verdict and the sha256 of the file. How a piece stands follows from the log and
from its file.
"""

import datetime
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pellucid.errors import ArgumentError, DataFileError, FormatError
from pellucid.workshop import table
from pellucid.workshop.source import unwritten
from pellucid.workshop.stub import readme, stub

FORMAT = 1
LOG = Path(".workshop") / "log.jsonl"
STATES = ("absent", "unwritten", "written", "failing", "changed", "passed")


@dataclass
class State:
    """How a piece stands: one of STATES, and what led there. "changed": it passed, and the file was changed since."""

    piece: str
    state: str
    attempts: int = 0  # checks of something that was written
    hints: int = 0  # rungs of the ladder, from 0 to 5
    solution: bool = False  # was it looked at before the piece passed?
    first: str | None = None  # time of the first event
    passed: str | None = None  # time of the first pass
    verdict: str | None = None  # the last one
    seen: list = field(default_factory=list)  # kinds of verdicts, in order

    @property
    def seconds(self):
        """From the first event to passing, or None."""
        if self.first is None or self.passed is None:
            return None
        return (
            datetime.datetime.fromisoformat(self.passed) - datetime.datetime.fromisoformat(self.first)
        ).total_seconds()


class Folder:
    """A learner's folder on disk."""

    def __init__(self, path):
        self.path = Path(path)

    @classmethod
    def find(cls, chosen=None):
        """The folder that was chosen, else the current one or the nearest above it. ArgumentError if there is none."""
        if chosen is not None:
            if not (Path(chosen) / LOG).is_file():
                raise ArgumentError(f"{chosen} is no workshop.", remedy=f"pellucid workshop start {chosen}")
            return cls(chosen)
        here = Path.cwd()
        for path in (here, *here.parents):
            if (path / LOG).is_file():
                return cls(path)
        raise ArgumentError(
            "there is no workshop here, nor in the folders above.",
            remedy="Make one with `pellucid workshop start DIR`, or say where it is with --dir.",
        )

    def start(self, language):
        """Lay out what is missing; the names of the files that were added."""
        if self.path.exists() and not self.path.is_dir():
            raise ArgumentError(f"{self.path} is a file; a workshop is a folder.", remedy="Give another name.")
        (self.path / LOG).parent.mkdir(parents=True, exist_ok=True)
        texts = {"README.md": readme(language)}
        texts |= {f"{piece.name}.py": stub(piece, language) for piece in table.pieces()}
        added = []
        for name, text in texts.items():
            # "x" fails if something of this name is there already, be it a link to nowhere.
            with suppress(FileExistsError), open(self.path / name, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                added.append(name)
        if added or not (self.path / LOG).exists():
            self.log("start", added=added)
        return added

    def file(self, name):
        """The file of a piece."""
        return self.path / f"{name}.py"

    def source(self, name):
        """What the learner wrote, or None if there is no such file."""
        return decoded(self.file(name).read_bytes(), self.file(name)) if self.file(name).is_file() else None

    def log(self, event, **facts):
        """Add a line. A line that an earlier crash left unfinished is closed first."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        line = json.dumps({"format": FORMAT, "time": now, "event": event, **facts}, ensure_ascii=False)
        with open(self.path / LOG, "ab+") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else "\n" + line
            file.write((line + "\n").encode())

    def events(self):
        """All events. Lines that cannot be read (a crash in the midst of writing) are passed over."""
        found = []
        for line in (self.path / LOG).read_bytes().decode("utf-8", errors="replace").splitlines():
            with suppress(ValueError, RecursionError):
                event = json.loads(line)
                if isinstance(event, dict) and isinstance(event.get("event"), str):
                    found.append(event)
        newest = max([event["format"] for event in found if type(event.get("format")) is int], default=FORMAT)
        if newest > FORMAT:
            raise FormatError(
                f"{self.path / LOG} was written by a newer version of Pellucid: format {newest}, ours is {FORMAT}.",
                remedy="Bring Pellucid up to date: python -m pip install --upgrade pellucid",
            )
        return found

    def state(self, name, events=None):
        """How a piece stands."""
        events = [event for event in (self.events() if events is None else events) if event.get("piece") == name]
        known, passing, source = summed_up(name, events), fingerprints_that_passed(events), self.source(name)
        if source is None:
            known.state = "absent"
        elif fingerprint(source) in passing:
            known.state = "passed"
        elif is_unwritten(name, source):
            known.state = "unwritten"
        elif passing:
            known.state = "changed"
        elif known.verdict not in (None, "unwritten"):
            known.state = "failing"
        return known

    def states(self):
        """How all pieces stand, by name."""
        events = self.events()
        return {name: self.state(name, events) for name in table.NAMES}

    def passing(self, names, events=None):
        """The texts of those pieces that have passed as they are now: {name: (text, file name)}."""
        events = self.events() if events is None else events
        kept = {}
        for name in names:
            if self.state(name, events).state == "passed":
                kept[name] = (self.source(name), str(self.file(name)))
        return kept


def summed_up(name, events):
    """What the events of a piece add up to."""
    known = State(name, "written", first=min([event["time"] for event in events], default=None))
    for event in events:
        if event["event"] == "hint":
            known.hints = max(known.hints, event.get("rung", 0))
        elif event["event"] == "solution":
            known.solution = known.solution or known.passed is None
        elif event["event"] == "check":
            known.verdict = event.get("verdict")
            known.attempts += known.verdict != "unwritten"
            known.seen.append(known.verdict)
            if known.verdict == "passed":
                known.passed = known.passed or event["time"]
    return known


def fingerprints_that_passed(events):
    """The sha256 of each text that has passed."""
    return {event.get("sha256") for event in events if event["event"] == "check" and event.get("verdict") == "passed"}


def decoded(content, path):
    """The text of a file. Python's sources are UTF-8."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}.", remedy="Save it as UTF-8."
        ) from None


def fingerprint(source):
    """The sha256 of a text."""
    return None if source is None else hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


def is_unwritten(name, source):
    """Are bodies empty still? A text that is no Python has been worked on."""
    try:
        return bool(unwritten(table.piece(name), source)[0])
    except (SyntaxError, ValueError, RecursionError):
        return False
