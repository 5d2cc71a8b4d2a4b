"""Running compilers: several at a time, never longer than allowed, and all of them can be stopped at once."""

import os
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import NamedTuple

from pellucid.errors import CompilerError

SHOWN = 4000  # bytes of a compiler's output that are read: the first lines name the mistake


class Outcome(NamedTuple):
    """How a command ended: its exit status (None: it took too long) and the beginning of what it printed."""

    status: int | None
    output: str


class Runner:
    """Runs commands in one folder. `stop` ends all that run and lets no other begin."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.running = set()
        self.stopped = False

    def run(self, command, limit):
        """Run one command and wait for it, at most `limit` seconds. Raises CompilerError if it cannot be started."""
        late = threading.Event()

        def give_up():
            late.set()
            kill(process)

        # What it prints goes to a file: a pipe would have to be read until the last grandchild closes it.
        with tempfile.TemporaryFile(dir=self.folder) as output:
            process = self.start(command, output)
            timer = threading.Timer(limit, give_up)
            timer.daemon = True
            timer.start()
            try:
                process.wait()
            finally:  # also when the user interrupts
                timer.cancel()
                kill(process)
                process.wait()
                self.running.discard(process)
            output.seek(0)
            text = output.read(SHOWN).decode("utf-8", errors="replace")
        return Outcome(None if late.is_set() else process.returncode, text)

    def start(self, command, output):
        # Temporary files of the compiler go into the folder as well, so that they vanish with it.
        places = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "ZIG_LOCAL_CACHE_DIR"), str(self.folder))
        with self.lock:
            if self.stopped:
                raise CompilerError("compiling was stopped.")
            try:
                process = subprocess.Popen(
                    command, cwd=self.folder, env={**os.environ, **places, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                    stdout=output, stderr=subprocess.STDOUT,
                    start_new_session=os.name == "posix",  # a group of its own: it is ended with its children
                )  # fmt: skip
            except OSError as error:
                raise CompilerError(
                    f"the C compiler {command[0]} cannot be started: {error.strerror or error}.",
                    remedy="Repair it, or name another one in the environment variable CC.",
                ) from None
            self.running.add(process)
            return process

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in list(self.running):
                kill(process)


def kill(process):
    """End a process and those that it has started; nothing if it has ended already."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        tree = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(tree, capture_output=True, check=False)
        with suppress(OSError):
            process.kill()


def time_limit(usual):
    """The seconds that a compiler may take: `usual`, unless PELLUCID_CC_TIMEOUT says otherwise."""
    chosen = os.environ.get("PELLUCID_CC_TIMEOUT", "")
    try:
        seconds = float(chosen or usual)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise CompilerError(
            f"PELLUCID_CC_TIMEOUT is {chosen!r}, which is no number of seconds.", remedy="For example: 300"
        )
    return seconds


def first_lines(text, count=8):
    """The first lines of a compiler's output, indented."""
    lines = [line for line in text.splitlines() if line.strip()] or ["(it printed nothing)"]
    more = ["..."] if len(lines) > count else []
    return "\n".join([f"    {line[:200]}" for line in [*lines[:count], *more]])
