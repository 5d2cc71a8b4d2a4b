"""Fake compilers for tests, in Python so that they run on every system, and programs that compile something."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from pellucid.errors import CompilerError
from pellucid.toolchain import build, cache, compilers
from pellucid.toolchain.build import Unit
from pellucid.toolchain.compilers import find_compiler

ROOT = Path(__file__).resolve().parent.parent

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cache of whoever runs the tests may be closed
        REAL = list(find_compiler().command)
except CompilerError:
    REAL = None


def needs_compiler(test):
    """Mark a test that really compiles; it is skipped only where there is no compiler."""
    return pytest.mark.compiler(pytest.mark.skipif(REAL is None, reason="no C compiler")(test))


def adder(number, name=None, flags=()):
    """A unit with one function that adds `number`."""
    text = f"#include <stdint.h>\nint64_t add{number}(int64_t n) {{ return n + {number}; }}\n"
    return Unit(name or f"add{number}", text, flags)


ADDERS = [adder(number) for number in (1, 2, 3)]

# Lines that a fake compiler may be made of. `arguments` are those after its name.
HEAD = """
import os, subprocess, sys, time
from pathlib import Path
arguments = sys.argv[1:]
output = arguments[arguments.index("-o") + 1] if "-o" in arguments else None
source = next((word for word in arguments if word.endswith(".c")), "")
def real():
    raise SystemExit(subprocess.run({real} + arguments).returncode)
def log(text):
    with open({log!r}, "a", encoding="utf-8") as file:
        file.write(text + "\\n")
"""


def fake(folder, body, name="fake"):
    """The value of CC for a compiler that does what `body` says. What it logs is in folder / "log"."""
    script = folder / f"{name}.py"
    script.write_text(HEAD.format(real=REAL, log=str(folder / "log")) + body, encoding="utf-8")
    return f'"{Path(sys.executable).as_posix()}" "{script.as_posix()}"'


def logged(folder):
    log = folder / "log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def forget(monkeypatch):
    """As if this process had just begun: what it found, loaded and opened is forgotten."""
    monkeypatch.setattr(compilers, "FOUND", {})
    monkeypatch.setattr(cache, "CACHES", {})
    monkeypatch.setattr(build, "LOADED", {})


@pytest.fixture(name="folder")
def fresh_cache(tmp_path, monkeypatch):
    """The folder of a fresh cache, and an environment in which nothing is chosen."""
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    for name in ("CC", "PELLUCID_CC_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    forget(monkeypatch)
    return tmp_path / "cache" / "c"


def files(folder, ending=""):
    """The finished files in a cache."""
    return sorted(path for path in folder.glob("??/*") if path.name.endswith(ending))


def left_over(folder):
    """Unfinished work in a cache."""
    return list(folder.glob("work-*"))


PROGRAM = """
import sys
from pellucid.toolchain.build import Unit, load
text = "#include <stdint.h>\\nint64_t add%d(int64_t n) { return n + %d; }\\n"
units = [Unit(f"add{i}", text % (i, i)) for i in (1, 2, 3)]
"""
SUM = "library = load(units, 'adders'); print(library.add1(1) + library.add2(10) + library.add3(100))\n"


def environment(**changes):
    return os.environ | {"PYTHONPATH": str(ROOT)} | changes


def start(program, **changes):
    """Begin a program that has `units` and `load`."""
    return subprocess.Popen(
        [sys.executable, "-W", "default", "-c", PROGRAM + program], env=environment(**changes),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def finish(process, status=0):
    """(stdout, stderr) of a program that must end with this status."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == status, errors
    return output, errors


def run(program, **changes):
    return finish(start(program, **changes))


def mounted(options, folder, program, **changes):
    """Run a program that sees a small disk of its own at `folder` (Linux, where user namespaces are allowed)."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare")
    folder.mkdir(parents=True, exist_ok=True)
    mount = f'mount -t tmpfs -o {options} none "{folder}"'
    if subprocess.run([unshare, "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    script = f'{mount} && cd / && exec "$@"'
    command = [unshare, "-rm", "sh", "-c", script, "sh", sys.executable, "-W", "default", "-c", PROGRAM + program]
    return subprocess.run(command, env=environment(**changes), capture_output=True, encoding="utf-8", check=False)
