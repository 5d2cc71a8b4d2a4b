"""Tests that measure time run alone, even if several processes share the tests (`pytest -n 2`, by pytest-xdist).

Every test holds a lock together with the others, and one marked `alone` holds it for itself. Who wants it for himself
first takes his turn at a second lock, through which all others have to pass: they cannot keep him waiting for ever.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nothing is locked
    fcntl = None

FOLDER = "PELLUCID_TESTS"  # the variable that tells the other processes where the locks are


def prepare(config):
    """Make a folder for the locks, unless the process that started this one has made it."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="pellucid-locks-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True))


@contextlib.contextmanager
def turn(alone):
    """While one test runs: alone, or beside others."""
    if fcntl is None:
        yield
        return
    folder = Path(os.environ[FOLDER])
    with open(folder / "turn", "w") as door, open(folder / "room", "w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(door, fcntl.LOCK_UN)
        yield
