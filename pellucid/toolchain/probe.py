"""Does this compiler work, and which flags does it take? Found out by compiling a few lines and calling them."""

import ctypes
import sys
import tempfile
from pathlib import Path

from pellucid.errors import CompilerError
from pellucid.toolchain import cache
from pellucid.toolchain.compilers import FLAGS, LINK_FLAGS, UNIT_FLAGS
from pellucid.toolchain.processes import Runner, first_lines, time_limit

ENDING = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")

# What generated programs need: a header, vectors of GCC and Clang, a loop with a pragma, the mathematics of C.
PROGRAM = """
#include <stdint.h>
typedef float four __attribute__((vector_size(16)));
int64_t answer(int64_t n, double x)
{
    four v = {1, 2, 3, 4};
    float sum = 0;
    v = v * v + v;
    #pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++)
        sum += (float)i;
    return (int64_t)(sum + v[0] + v[1] + v[2] + v[3] + (float)__builtin_exp(x));
}
"""
ARGUMENTS, ANSWER = (10, 0.0), 86  # 45 + (2 + 6 + 12 + 20) + 1


def probe(command):
    """(version, flags that it takes, flags that it takes for linking). Raises CompilerError if it does not work."""
    store = cache.current()
    try:
        with store.workplace() as work:
            return Probe(command, work).run()
    except OSError as error:
        store.give_up(*cache.unwritable(store.folder, error))  # raises CacheError the second time
        return probe(command)


class Probe:
    """One compiler, tried in one folder."""

    def __init__(self, command, folder):
        self.command = command
        self.folder = folder
        self.runner = Runner(folder)
        # zig compiles parts of the C library when it is used for the first time.
        self.limit = time_limit(120 if any("zig" in word for word in command) else 10)

    def run(self):
        version = (self.call("--version").splitlines() or [""])[0].strip()
        (self.folder / "probe.c").write_text(PROGRAM, encoding="utf-8")
        flags, link = [*FLAGS, *UNIT_FLAGS], [*LINK_FLAGS]
        if not self.takes(flags, link):
            always = ["-fPIC"] if self.takes(["-fPIC"], []) else []
            self.build(always, [])  # if this fails as well, it is not the flags: its error says what it is
            flags = [flag for flag in flags if self.takes([*always, flag], [])]
            link = [flag for flag in link if self.takes(always, [flag])]
        self.check(flags, link)
        return version, flags, link

    def new(self):
        """A name that was not used yet: a library of a used name would not be loaded again."""
        return Path(tempfile.mkdtemp(dir=self.folder)).name + ENDING

    def build(self, flags, link):
        """Make the library; (its path, what the compiler said)."""
        name = self.new()
        return self.folder / name, self.call(*flags, "probe.c", "-shared", *link, "-o", name)

    def takes(self, flags, link):
        """Does it compile with these flags?"""
        try:
            self.build(flags, link)
        except CompilerError:
            return False
        return True

    def check(self, flags, link):
        """Make the library, load it, and look at the number that it gives."""
        path, output = self.build(flags, link)
        try:
            function = ctypes.CDLL(str(path)).answer
        except (OSError, AttributeError) as error:
            raise self.refusal([], f"made a library that cannot be loaded ({error})", output) from None
        function.argtypes, function.restype = [ctypes.c_int64, ctypes.c_double], ctypes.c_int64
        got = function(*ARGUMENTS)
        if got != ANSWER:
            raise self.refusal([], f"made a function that gives {got} instead of {ANSWER}", output)

    def call(self, *arguments):
        """Run it; what it prints. Raises CompilerError if it fails, OSError if the disk is full."""
        status, output = self.runner.run([*self.command, *arguments], self.limit)
        if status is None:
            raise self.refusal(arguments, f"did not finish within {self.limit:g} seconds", output)
        if status != 0:
            cache.check_room(self.folder)
            raise self.refusal(arguments, f"failed with exit status {status}", output)
        return output

    def refusal(self, arguments, what, output):
        return CompilerError(
            f"the C compiler `{' '.join([*self.command, *arguments])}` {what}; it said:\n{first_lines(output)}",
            remedy="Repair it, or name another one in the environment variable CC.",
        )
