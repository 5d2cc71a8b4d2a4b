"""Where compiled files are kept: a folder of the user's own, in which nothing damaged and nothing foreign is used.

A file's name is `KEY-CHECKSUM.ENDING`: the key says what it was made from, the checksum what it must contain. So a
file and its checksum cannot disagree for a moment, whatever other processes do; two that compile the same thing at
once write the same name with the same content, or two names that are both right.

If the folder cannot be used (it belongs to someone else, the disk is full), a private one takes its place until this
process ends, with a warning that says why.
"""

import atexit
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

from pellucid.errors import CacheError, user_site

DAY = 86400  # seconds
LIMIT = 1 << 30  # bytes: above it, what was not used for longest is removed
ROOM = 8 << 20  # bytes that a disk must still take, or it counts as full

CACHES = {}  # the folder -> its Cache


def current():
    """The cache of this process; another one if PELLUCID_CACHE has changed."""
    folder = user_folder()
    if folder not in CACHES:
        CACHES[folder] = Cache(folder)
    return CACHES[folder]


def user_folder():
    """`$PELLUCID_CACHE/c`, or the folder `pellucid/c` where this system keeps a user's caches; None without a home."""
    chosen = os.environ.get("PELLUCID_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute() / "c"
    try:
        if sys.platform == "win32":
            above = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            above = Path.home() / "Library" / "Caches"
        else:
            named = Path(os.environ.get("XDG_CACHE_HOME", ""))
            above = named if named.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # there is no home folder
        return None
    return above / "pellucid" / "c"


def checksum(content):
    """The first 128 bits of SHA-256. It protects against damage; against other people the folder's owner is checked."""
    return hashlib.sha256(content).hexdigest()[:32]


class Cache:
    """Files by key, in the user's folder or, where that fails, in a private one."""

    def __init__(self, folder):
        self.folder = folder
        self.private = None  # the folder that takes its place, once something went wrong
        self.given_up = ""  # the reason why it is not used any more

    def find(self, key, ending):
        """The path of a whole file of ours, or None. A damaged file is removed."""
        for root in self.readable():
            for path in files_of(root / key[:2]):
                if path.name.startswith(f"{key}-") and path.suffix == ending and is_whole(path):
                    touch(path)
                    return path
        return None

    def readable(self):
        """The folders that may be read from: exist, belong to us, closed to others."""
        if not self.given_up and self.folder is not None and os.path.isdir(self.folder):
            reason = trouble(self.folder)
            if reason:
                self.give_up(*reason)
            else:
                yield self.folder
        if self.private is not None:
            yield self.private

    def workplace(self):
        """For `with`: a fresh folder for unfinished files, on the disk of the finished ones, removed at the end."""
        return removed_at_the_end(self.new_workplace())

    def new_workplace(self):
        if not self.given_up and self.folder is None:
            self.give_up("this user has no home folder", "Set PELLUCID_CACHE to a folder of your own.")
        if not self.given_up:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                reason = trouble(self.folder)
                if reason is None:
                    return Path(tempfile.mkdtemp(prefix="work-", dir=self.folder))
            except OSError as error:
                reason = unwritable(self.folder, error)
            self.give_up(*reason)
        try:
            if self.private is None or not self.private.is_dir():
                self.private = Path(tempfile.mkdtemp(prefix="pellucid-"))
                atexit.register(remove, self.private, os.getpid())
            return Path(tempfile.mkdtemp(prefix="work-", dir=self.private))
        except OSError as error:
            raise CacheError(
                f"there is no place for compiled files: {self.given_up}, and the folder for temporary files "
                f"takes nothing either ({error.strerror or error}).",
                remedy="Free some space, or set PELLUCID_CACHE to a folder that can be written to.",
            ) from None

    def keep(self, made, key, ending):
        """Give a finished file of a workplace its name; the path. Raises OSError if the disk does not take it."""
        content = made.read_bytes()
        place = made.parent.parent / key[:2]
        path = place / f"{key}-{checksum(content)}{ending}"
        place.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            made.chmod(0o600)  # whatever the umask, nobody else may change it
        try:
            os.replace(made, path)
        except PermissionError:
            # Windows does not replace a library that is loaded. One of this name has this content.
            if not is_whole(path):
                raise
        return path

    def give_up(self, reason, remedy):
        """From now on compiled files go into a private folder. One warning says why."""
        if self.given_up:
            raise CacheError(f"compiled files cannot be kept: {reason}.", remedy=remedy)
        self.given_up = reason
        warn(f"compiled files are not kept, so the next program compiles again: {reason}. {remedy}")

    def sweep(self):
        """Once a day: if there is too much, remove what was not used for longest; remove work that was broken off."""
        if self.given_up or not is_old(self.folder / "swept"):
            return
        with suppress(OSError):
            (self.folder / "swept").touch(mode=0o600)
            for left in self.folder.glob("work-*"):
                if is_old(left):
                    shutil.rmtree(left, ignore_errors=True)
            remove_oldest(self.folder, LIMIT)

    def size(self):
        """Bytes in the user's folder."""
        return sum(size for _, size, _ in kept(self.folder)) if self.folder else 0


@contextmanager
def removed_at_the_end(folder):
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def trouble(folder):
    """Why a folder must not be used, and what to do about it; None if all is well."""
    status = folder.stat()
    another = "Set the environment variable PELLUCID_CACHE to a folder of your own."
    if not stat.S_ISDIR(status.st_mode):
        return f"{folder} is not a folder", another
    if os.name == "posix":
        if status.st_uid != os.geteuid():
            return f"{folder} belongs to another user", another
        if status.st_mode & 0o022:
            return f"other users may write to {folder}", f'Close it: chmod go-w "{folder}"'
    if hasattr(os, "ST_NOEXEC") and os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return f"the disk of {folder} does not allow programs to run", another
    return None


def files_of(folder):
    """The files of a folder that may be used; none if there is no such folder, or it is not ours alone."""
    try:
        return [] if trouble(folder) else [folder / name for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def unwritable(folder, error):
    """The same, for a folder that refused a file."""
    return (
        f"{folder} cannot be written to ({error.strerror or error})",
        "Make room or give yourself the right to write, or set PELLUCID_CACHE to another folder.",
    )


def is_whole(path):
    """Is this a file of ours with the content that its name promises? It is removed if it is damaged."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return False
        if os.name == "posix" and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
            return False
        content = path.read_bytes()
    except OSError:
        return False
    if checksum(content) == path.stem.rpartition("-")[2]:
        return True
    with suppress(OSError):
        path.unlink()
    return False


def touch(path):
    """Note that a file was used. A folder that may only be read is no reason to stop."""
    with suppress(OSError):
        os.utime(path)


def is_old(path):
    """Was it made or used more than a day ago, or is it missing? A time in the future is a clock that was set back."""
    try:
        return not 0 <= time.time() - path.stat().st_mtime < DAY
    except OSError:
        return True


def kept(folder):
    """(time of last use, bytes, path) of all files."""
    found = []
    for path in folder.glob("??/*"):
        with suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    return found


def remove_oldest(folder, limit):
    """Remove files until the rest is below the limit, never one that was used within the last day."""
    files = sorted(kept(folder))
    total = sum(size for _, size, _ in files)
    for used, size, path in files:
        if total <= limit or time.time() - used < DAY:
            break
        with suppress(OSError):  # on Windows: loaded by a process
            path.unlink()
            total -= size


def check_room(folder):
    """Raise OSError if the disk takes no more: a compiler whose output did not fit only says that it failed."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(os.urandom(ROOM))
        file.flush()


def warn(message):
    """Warn of something at the user's own line."""
    site = user_site()
    if site is None:
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    else:
        warnings.warn_explicit(message, RuntimeWarning, site.code.co_filename, site.line)


def remove(folder, maker):
    """At the end of the process that made it; a forked child leaves it alone."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)
