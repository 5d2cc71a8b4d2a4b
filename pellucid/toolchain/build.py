"""From C to functions that can be called: every unit is compiled once, ever; then linked to a library, and loaded.

An object is kept under the hash of its text, flags, compiler and processor, a library under the hash of its objects.
So a second model made of the same kernels compiles nothing but its schedule, and a second run of a program nothing.
"""

import ctypes
import os
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import NamedTuple

from pellucid.errors import CompilerError
from pellucid.toolchain import cache
from pellucid.toolchain.compilers import Compiler, digest, find_compiler
from pellucid.toolchain.machine import cores
from pellucid.toolchain.probe import ENDING
from pellucid.toolchain.processes import Runner, first_lines, time_limit

PATIENCE = 1.0  # seconds of compiling after which a line says so
LOADED = {}  # key of a library -> its CDLL, for this process
LOCKS = {}  # process -> its lock


class Unit(NamedTuple):
    """One file of C. `flags` come after the compiler's own, so they win; those it does not take are left out."""

    name: str
    text: str
    flags: tuple = ()


class Library(NamedTuple):
    """What is to be made: a library of these units (key of the object -> Unit)."""

    name: str
    key: str
    units: dict
    compiler: Compiler


def load(units, name):
    """The library made of these Units, as a ctypes.CDLL; the same one if it was loaded before.

    Raises CompilerError if there is no compiler, if it refuses a unit or takes too long (see PELLUCID_CC_TIMEOUT), and
    its subclass CacheError if no disk takes the result.
    """
    with own_lock():
        library = described(units, name, find_compiler())
        if library.key not in LOADED:
            LOADED[library.key] = opened(library)
        return LOADED[library.key]


def described(units, name, compiler):
    """The keys of the objects and of the library. Equal units are compiled and linked once."""
    keyed = {}
    for unit in units:
        keyed[digest("object", compiler.identity, *compiler.accepted(unit.flags), "", unit.text)] = unit
    return Library(name, digest("library", compiler.identity, *keyed), keyed, compiler)


def opened(library):
    """Load a library, from the cache or made now."""
    store = cache.current()
    path = store.find(library.key, ENDING)
    if path is None:
        path = made(library, store)
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise CompilerError(
            f"the library {library.name}, made with {library.compiler.title}, cannot be loaded: {error}.",
            remedy="Another compiler may do better: name it in the environment variable CC.",
        ) from None


def made(library, store):
    """Compile what is missing, and link. If the disk is full or may only be read, once more in a private folder."""
    try:
        path = compiled_and_linked(library, store)
    except OSError as error:
        store.give_up(*cache.unwritable(store.folder, error))  # raises CacheError the second time
        return made(library, store)
    store.sweep()
    return path


def compiled_and_linked(library, store):
    """The path of the finished library."""
    objects = {key: store.find(key, ".o") for key in library.units}
    missing = [key for key, path in objects.items() if path is None]
    what = f"{library.name} ({len(missing)} file{'' if len(missing) == 1 else 's'})"
    with store.workplace() as work, told(f"{what} with {library.compiler.title}"):
        job = Job(library, store, work)
        try:
            objects.update(job.compile(missing))
            return job.link(objects.values())
        except BaseException:
            job.runner.stop()
            raise


class Job:
    """One library being made in one workplace."""

    def __init__(self, library, store, work):
        self.library = library
        self.compiler = library.compiler
        self.store = store
        self.work = work
        self.runner = Runner(work)
        self.limit = time_limit(120)

    def compile(self, keys):
        """Compile units, as many at a time as there are cores; a dict of their objects."""
        if not keys:
            return {}
        from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

        with ThreadPoolExecutor(min(cores(), len(keys))) as pool:
            futures = {key: pool.submit(self.compile_one, key) for key in keys}
            try:
                done, _ = wait(futures.values(), return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()  # raises what it raised
            except BaseException:  # an error, or the user's interrupt: the others need not go on
                for future in futures.values():
                    future.cancel()
                self.runner.stop()
                raise
            return {key: future.result() for key, future in futures.items()}

    def compile_one(self, key):
        """Compile one unit; the path of its object."""
        unit = self.library.units[key]
        name = f"{as_file_name(unit.name)}-{key[:8]}"
        (self.work / f"{name}.c").write_text(unit.text, encoding="utf-8")
        flags = [*self.compiler.flags, *self.compiler.accepted(unit.flags)]
        self.call(unit.name, *flags, "-c", f"{name}.c", "-o", f"{name}.o")
        return self.finished(f"{name}.o", key, ".o")

    def link(self, objects):
        """Link objects to the library; its path."""
        asked = dict.fromkeys([flag for unit in self.library.units.values() for flag in unit.flags])
        # The names stand in a file, because a command line may not be of any length.
        names = [path.as_posix().replace("\\", "\\\\").replace('"', '\\"') for path in objects]
        (self.work / "objects").write_text("".join([f'"{name}"\n' for name in names]), encoding="utf-8")
        # zig makes its own part of a library anew for other flags than those of the objects.
        flags = [*self.compiler.flags, *self.compiler.accepted(asked)]
        self.call(self.library.name, *flags, "-shared", "@objects", *self.compiler.link, "-o", f"library{ENDING}")
        return self.finished(f"library{ENDING}", self.library.key, ENDING)

    def call(self, name, *arguments):
        """Run the compiler. Raises CompilerError if it fails, OSError if the disk was full."""
        command = [*self.compiler.command, *arguments]
        status, output = self.runner.run(command, self.limit)
        if status == 0:
            return
        if status is None:
            raise CompilerError(
                f"{self.compiler.title} did not finish {name} within {self.limit:g} seconds.",
                remedy="On a slow computer, set PELLUCID_CC_TIMEOUT to more seconds.",
            )
        if not self.runner.stopped:
            cache.check_room(self.work)
        raise CompilerError(
            f"{self.compiler.title} refused {name} (exit status {status}):\n{first_lines(output)}\n"
            f"  the command was: {' '.join(command)}",
            remedy="Another compiler may do better: name it in the environment variable CC.",
        )

    def finished(self, name, key, ending):
        """Keep a file that the compiler says it has made."""
        if not (self.work / name).is_file():
            raise CompilerError(
                f"{self.compiler.title} said that it succeeded, but it made no file {name}.",
                remedy="Repair it, or name another compiler in the environment variable CC.",
            )
        return self.store.keep(self.work / name, key, ending)


def as_file_name(name):
    """A unit's name without what file names may not hold."""
    return "".join([letter if letter.isalnum() else "_" for letter in name])[:60]


@contextmanager
def told(what):
    """After a second, say on stderr what is being waited for, and at the end how long it took."""
    begun = time.monotonic()
    said = threading.Event()

    def say():
        said.set()
        write(f"Compiling {what} ... ")

    timer = threading.Timer(PATIENCE, say)
    timer.daemon = True
    timer.start()
    ending = "stopped after {:.1f} s\n"
    try:
        yield
        ending = "{:.1f} s\n"
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            write(ending.format(time.monotonic() - begun))


def write(text):
    if sys.stderr is None:  # a program without a console
        return
    with suppress(OSError, ValueError):  # its other end, or it itself, is closed
        sys.stderr.write(text)
        sys.stderr.flush()


def own_lock():
    """One thread compiles at a time. A forked child has a lock of its own: who held the other does not exist there."""
    return LOCKS.setdefault(os.getpid(), threading.RLock())
