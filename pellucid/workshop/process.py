"""Starting the process in which answers are played, listening to it, and ending it in time."""

import json
import math
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import typing
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pellucid
from pellucid.toolchain.processes import kill

HOOK = Path(__file__).with_name("hook.py")
START = 60.0  # seconds for starting Python and loading the framework, on a slow machine
PATIENCE = 1.5  # seconds after which is said that it takes long
KEPT = 20_000  # characters of what it prints


@dataclass
class Played:
    """All that a process said, and how it ended: "end", "time", "memory" or "ended" (by itself, early)."""

    records: list = field(default_factory=list)
    ending: str = "running"
    status: int | None = None
    output: str = ""

    def of(self, kind):
        """The records of one kind."""
        return [record for record in self.records if record["kind"] == kind]


def environment(**more):
    """The environment of a process of the workshop: this package can be imported, and few threads are started."""
    path = os.pathsep.join(filter(None, [str(Path(pellucid.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]))
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONWARNINGS", "PYTHONSTARTUP")}
    return {**known, **one, "PYTHONPATH": path, "PYTHONUTF8": "1", "MPLBACKEND": "Agg", **more}


class Process:
    """A process that plays a job. It begins at once; `finish` waits for its end."""

    def __init__(self, job, *, seconds, megabytes, quiet_for=None):
        self.seconds = seconds  # for all, from "ready" on
        self.quiet_for = quiet_for  # seconds without a record after which it is given up
        self.megabytes = megabytes
        self.word = secrets.token_hex(16)
        self.played = Played()
        self.deadline, self.told = time.monotonic() + START, math.inf
        self.closed = False
        self.queue = queue.Queue()
        self.place = tempfile.TemporaryDirectory(prefix="pellucid-workshop-", ignore_cleanup_errors=True)
        self.process: typing.Any = subprocess.Popen(
            [sys.executable, "-P", "-B", str(HOOK)],
            cwd=self.place.name, env=environment(PYTHONHASHSEED="0", PELLUCID_TARGET="numpy"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",  # a group of its own: it is ended with its children
        )  # fmt: skip
        work = (self.hear, self.keep, lambda: self.tell(job))
        self.threads = [threading.Thread(target=each, daemon=True) for each in work]
        for thread in self.threads:
            thread.start()

    def tell(self, job):
        """Hand over the job."""
        known = {"word": self.word, "megabytes": self.megabytes, "seconds": self.seconds}
        with suppress(OSError), self.process.stdin as stdin:
            stdin.write(json.dumps({"main": "pellucid.workshop.child", **known, **job}).encode())

    def hear(self):
        """Take records from the channel; a line without the secret word is not from our own code."""
        for line in self.process.stdout:
            word, _, text = line.decode(errors="replace").partition(" ")
            record = {"kind": "refused", "what": "tampered", "name": "channel", "line": None}
            with suppress(ValueError):
                record = json.loads(text) if word == self.word else record
            self.queue.put(record)
        self.queue.put(None)

    def keep(self):
        """Keep the beginning of what is printed, and let the rest go."""
        kept, length = [], 0
        while part := self.process.stderr.read1(65536):
            if length < KEPT:
                kept.append(part)
                length += len(part)
        self.played.output = b"".join(kept).decode("utf-8", errors="replace")[:KEPT]

    def finish(self, slow=None):
        """Wait for the end, at most as long as allowed. `slow(record)` is called once if it takes long."""
        try:
            while self.played.ending == "running":
                record = self.listen(slow)
                if record is not None:
                    self.played.records.append(record)
        finally:
            self.end()
        return self.played

    def wait_for(self, is_it):
        """Wait for a record. The process goes on; if it ends without this record, it is as if `finish` was called."""
        while self.played.ending == "running":
            record = self.listen()
            if record is not None:
                self.played.records.append(record)
                if is_it(record):
                    return
        self.end()

    def listen(self, slow=None):
        """The next record, if one comes soon; notes when the process has come to its end or has to."""
        now = time.monotonic()
        if now >= self.deadline and not (self.quiet_for and self.queue.qsize()):
            self.played.ending = "time"
            return None
        if slow and now >= self.told:
            slow(self.played.records[-1])
            self.told = math.inf
        if self.takes_too_much():
            self.played.ending = "memory"
            return None
        try:
            record = self.queue.get(timeout=min(max(self.deadline - now, 0.0), 0.05))
        except queue.Empty:
            return None
        if record is None:
            self.played.ending = "ended"
            return None
        if record["kind"] == "end":
            self.played.ending = "end"
        elif record["kind"] == "ready":
            self.deadline, self.told = time.monotonic() + self.seconds, time.monotonic() + PATIENCE
        elif self.quiet_for:
            self.deadline = time.monotonic() + self.quiet_for
        return record

    def takes_too_much(self):
        """Is more memory used than allowed? Linux sees to it itself."""
        if sys.platform == "linux" and not WATCH_MEMORY:
            return False
        import psutil

        with suppress(psutil.Error):
            return psutil.Process(self.process.pid).memory_info().rss > (self.megabytes + EXTRA_MEGABYTES) << 20
        return False

    def end(self):
        """End the process, if it has not ended, and wait for the last of its output."""
        if self.closed:
            return
        self.closed = True
        if self.played.ending in ("end", "ended"):
            with suppress(subprocess.TimeoutExpired):  # it is about to leave
                self.process.wait(timeout=1)
        kill(self.process)
        self.played.status = self.process.wait()
        for thread in self.threads:
            thread.join(timeout=1)
        self.process.stdout.close()
        self.process.stderr.close()
        self.place.cleanup()


EXTRA_MEGABYTES = 300  # what the process has before the learner's code begins, and some to spare
WATCH_MEMORY = False  # look from outside also where the system looks: for tests
