"""`pellucid doctor`: which compiler there is and what it takes, or how to get one, and where compiled files lie."""

import re
import sys

import pytest
from c_compilers import ADDERS, fake, fresh_cache, needs_compiler  # noqa: F401

from pellucid import doctor
from pellucid.toolchain.build import load
from pellucid.toolchain.compilers import find_compiler

pytestmark = pytest.mark.usefixtures("folder")


def report():
    """The lines about the compiler."""
    return doctor.as_text(list(doctor.compiler()))


@needs_compiler
def test_doctor_names_the_compiler_its_flags_and_the_folder(folder):
    load(ADDERS, "adders")
    text = report()
    compiler = find_compiler()
    assert re.search(rf"ok +C compiler +{re.escape(compiler.command[0])}", text)
    assert compiler.version in text
    assert re.search(r"ok +C flags +-O3 ", text)
    size = sum(path.stat().st_size for path in folder.glob("??/*"))
    assert re.search(rf"ok +compiled files +{re.escape(str(folder))}, {size / 1e6:.1f} MB", text)


@needs_compiler
def test_doctor_says_which_flags_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", fake(tmp_path, "if '-march=native' in arguments: sys.exit(1)\nreal()"))
    assert "; it refuses -march=native\n" in report()


@pytest.mark.parametrize(("system", "way"), [
    ("linux", "python -m pip install ziglang"), ("darwin", "xcode-select --install"),
    ("win32", "python -m pip install ziglang"),
])  # fmt: skip
def test_doctor_says_how_to_get_a_compiler(monkeypatch, system, way):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "ziglang", None)
    monkeypatch.setattr(sys, "platform", system)
    text = report()
    assert re.search(r"absent +C compiler +no C compiler was found", text)
    assert way in text
    assert "Everything that is needed is here." in text, "one can do without a compiler"


@needs_compiler
def test_doctor_says_why_nothing_is_kept(folder):
    folder.parent.mkdir()
    folder.write_text("in the way", encoding="utf-8")
    with pytest.warns(RuntimeWarning, match="cannot be written to"):
        text = report()
    assert re.search(rf"absent +compiled files +not kept: {re.escape(str(folder))} cannot be written to", text)


def test_doctor_shows_what_a_broken_compiler_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", fake(tmp_path, "print('boom: no libraries'); sys.exit(1)"))
    lines = report().splitlines()
    assert "fake.py --version` failed with exit status 1; it said:" in lines[0]
    assert "boom: no libraries" in lines[1]
    column = lines[0].index("the C compiler")
    assert all(not line[:column].strip() for line in lines[1:3]), "what follows stays in its column"
