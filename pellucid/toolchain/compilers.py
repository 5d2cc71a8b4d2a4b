"""Finding a C compiler: $CC, cc, clang, gcc, or the one in the Python package ziglang; the first that really works.

A compiler is believed only after it has made a library whose function gave the right number (probe.py). The result is
kept, so later programs start without running it.
"""

import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

from pellucid.errors import CacheError, CompilerError
from pellucid.toolchain import cache, machine

FORMAT = 1  # part of every key: it rises when files made by older versions must not be used

# -O3 and the processor's own instructions. The others give up what no kernel asks for: errno, traps and the undefined
# overflow of signed integers. Memory of a float may be used again for an integer, which no-strict-aliasing allows.
# -ffp-contract=off: + - * / are rounded one by one, as NumPy rounds them.
# Never -ffast-math: it would fold away the rounding inside exp, and treat NaN and infinity as if they never came.
FLAGS = (
    "-O3",
    "-march=native",
    "-mprefer-vector-width=512",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fopenmp-simd",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-ffp-contract=off",
    "-fPIC",
)
# Flags that single units ask for. They are left out there if the compiler refuses them.
UNIT_FLAGS = ("-ffp-contract=fast", "-pthread")
LINK_FLAGS = (
    "-Wl,-Bsymbolic",
    "-pthread",
    "-lm",
)  # -Bsymbolic: a library's own functions come before others' namesakes
if os.name == "nt":
    # gcc puts 32-byte vectors on a stack that Windows aligns to 16 bytes; these moves do not mind.
    FLAGS = (*FLAGS, "-Wa,-muse-unaligned-vector-move")

FOUND = {}  # what was looked for -> the Compiler, for this process


class Compiler(NamedTuple):
    """A compiler that works, and what it understands."""

    command: tuple  # its words, for example ("/usr/bin/gcc",) or (python, "-m", "ziglang", "cc")
    version: str  # the first line that it says of itself
    flags: tuple  # those of FLAGS that it takes
    link: tuple  # those of LINK_FLAGS that it takes
    refused: tuple  # those of FLAGS and UNIT_FLAGS that it does not take
    identity: str  # differs if anything differs that changes what it makes: version, flags, processor

    @property
    def title(self):
        """`gcc 12.2`, for people."""
        said = self.version.lower()
        if any("zig" in word for word in self.command):
            kind = "zig's clang"
        elif "clang" in said:
            kind = "clang"
        else:
            kind = "gcc" if re.match(r"(cc|gcc)\b", said) else Path(self.command[0]).name
        number = re.search(r"\d+\.\d+", re.sub(r"\([^)]*\)", "", said))  # in brackets stands the distribution's
        return f"{kind} {number.group()}" if number else kind

    def accepted(self, flags):
        """Those of these flags that it takes, as a list."""
        return [flag for flag in flags if flag not in self.refused]


def find_compiler():
    """The C compiler of this computer. Raises CompilerError, which says how to get one, if there is none."""
    looked_for = (os.environ.get("CC"), os.environ.get("PATH"), cache.user_folder())
    if looked_for not in FOUND:
        FOUND[looked_for] = chosen() if os.environ.get("CC", "").strip() else first_that_works()
    return FOUND[looked_for]


def chosen():
    """The compiler that $CC names: that one and no other."""
    command = words(os.environ["CC"])
    path = shutil.which(command[0])
    if path is None:
        raise CompilerError(
            f"the environment variable CC is {os.environ['CC']!r}, but there is no program {command[0]!r}.",
            remedy="Correct or unset CC.",
        )
    command = (path, *command[1:])
    known = remembered(command)
    if known:
        return known
    return probed(command)


def first_that_works():
    """The first of the usual compilers: one that is known to work already, else the first that passes the probe."""
    candidates = list(usual())
    for command in candidates:
        known = remembered(command)
        if known:
            return known
    failures = []
    for command in candidates:
        try:
            return probed(command)
        except CacheError:  # not the compiler's fault
            raise
        except CompilerError as error:
            failures.append(error.message)
    looked = "CC is not set, and none of cc, clang, gcc and the Python package ziglang is here"
    if failures:
        looked = "none of those that are here works:\n" + "\n".join([f"  {failure}" for failure in failures])
    raise CompilerError(f"no C compiler was found: {looked}", remedy=how_to_get_one())


def usual():
    """The commands to try when CC does not name one."""
    for name in ("cc", "clang", "gcc"):
        path = shutil.which(name)
        if path:
            yield (path,)
    if importlib.util.find_spec("ziglang") is not None:
        yield (sys.executable, "-m", "ziglang", "cc")


def words(text):
    """The command in $CC: a path, which may have spaces, or a program with arguments."""
    if shutil.which(text):
        return [text]
    if os.name == "posix":
        try:
            return shlex.split(text)
        except ValueError as error:
            raise CompilerError(f"the environment variable CC is {text!r}: {error}.") from None
    return [word.strip('"') for word in shlex.split(text, posix=False)]  # \ is part of paths there


def probed(command):
    """Try a command that is not known yet; the Compiler. Raises CompilerError if it does not work."""
    from pellucid.toolchain.probe import probe

    if is_apple_shim(command[0]):
        raise CompilerError(f"{command[0]} needs Apple's command line tools.", remedy=how_to_get_one())
    return remember(command, probe(command))


def is_apple_shim(path):
    """Is this a stand-in that would only open a window, because Apple's command line tools are missing?"""
    if sys.platform != "darwin" or not path.startswith("/usr/bin/"):
        return False
    import subprocess

    return subprocess.run(["xcode-select", "-p"], capture_output=True, check=False).returncode != 0


def how_to_get_one():
    """What to type on this system to get a compiler."""
    anywhere = "python -m pip install ziglang"
    if sys.platform == "win32":
        return f"To get one: {anywhere}"
    if sys.platform == "darwin":
        return f"To get one: xcode-select --install   or: {anywhere}"
    try:
        system = Path("/etc/os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        system = ""
    ids = " ".join(re.findall(r'^ID(?:_LIKE)?="?([^"\n]*)', system, flags=re.MULTILINE)).split()
    ways = {
        "debian": "sudo apt install gcc libc6-dev",
        "fedora": "sudo dnf install gcc",
        "arch": "sudo pacman -S gcc",
        "suse": "sudo zypper install gcc",
        "alpine": "sudo apk add gcc musl-dev",
    }
    way = next((way for name, way in ways.items() if name in ids), "your system's package gcc")
    return f"To get one: {way}   or: {anywhere}"


# ---- what was found out, kept on disk


def remembered(command):
    """The Compiler, if this command was probed before and has not changed since."""
    path = cache.current().find(key_of(command), ".json")
    if path is None:
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return complete(command, known["version"], known["flags"], known["link"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(command, probed):
    """Keep what a probe found; the Compiler."""
    version, flags, link = probed
    store = cache.current()
    with store.workplace() as work:
        record = work / "probe"
        try:
            record.write_text(json.dumps({"version": version, "flags": flags, "link": link}), encoding="utf-8")
            store.keep(record, key_of(command), ".json")
        except OSError as error:
            store.give_up(*cache.unwritable(store.folder, error))
    return complete(command, version, flags, link)


def complete(command, version, takes, link):
    """The Compiler of which this is known."""
    flags = tuple([flag for flag in FLAGS if flag in takes])
    refused = tuple([flag for flag in (*FLAGS, *UNIT_FLAGS) if flag not in takes])
    identity = digest(key_of(command), version, *flags, "link", *link)
    return Compiler(command, version, flags, tuple(link), refused, identity)


def key_of(command):
    """What must be the same for a probe to hold: the programs themselves, the system and the processor."""
    system = f"{sysconfig.get_platform()} {os.uname().machine if hasattr(os, 'uname') else ''} {sys.maxsize}"
    parts = [f"probe {FORMAT}", system, machine.processor(), *FLAGS, *UNIT_FLAGS, *LINK_FLAGS]
    for word in command:
        parts.append(word)
        path = shutil.which(word) or word  # in `ccache gcc` and `python compiler.py`, more than the first is a program
        if os.path.isfile(path):
            status = os.stat(path)
            parts.append(f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}")
    if "ziglang" in command and command[0] == sys.executable:
        spec = importlib.util.find_spec("ziglang")
        parts.append(str(os.stat(spec.origin).st_mtime_ns if spec and spec.origin else 0))
    return digest(*parts)


def digest(*parts):
    """128 bits that stand for a list of texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", errors="surrogateescape")).hexdigest()[:32]
