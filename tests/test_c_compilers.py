"""Finding a compiler: the first that works, never one that only looks like it, and a clear line if there is none."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from c_compilers import (
    ADDERS,
    REAL,
    adder,
    fake,
    files,
    forget,
    fresh_cache,  # noqa: F401
    left_over,
    logged,
    needs_compiler,
)

from pellucid.errors import CompilerError
from pellucid.toolchain import build, compilers, machine
from pellucid.toolchain.build import load
from pellucid.toolchain.compilers import FLAGS, Compiler, find_compiler

pytestmark = pytest.mark.usefixtures("folder")
posix_only = pytest.mark.skipif(os.name != "posix", reason="the fake compilers in PATH are shell scripts")


def script(path, body):
    """A program for PATH."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing(monkeypatch):
    """No program in PATH, no ziglang."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "ziglang", None)


# ---- none


@pytest.mark.usefixtures("nothing")
@pytest.mark.parametrize(("system", "way"), [
    ("linux", "sudo"), ("darwin", "xcode-select --install"), ("win32", "python -m pip install ziglang"),
])  # fmt: skip
def test_without_a_compiler_one_line_says_how_to_get_one(monkeypatch, system, way):
    monkeypatch.setattr(compilers, "remembered", lambda command: None)
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(CompilerError) as caught:
        find_compiler()
    assert "no C compiler was found: CC is not set, and none of cc, clang, gcc" in caught.value.message
    assert "\n" not in caught.value.message
    if system != "linux" or Path("/etc/os-release").exists():
        assert way in caught.value.remedy
    assert "python -m pip install ziglang" in caught.value.remedy


@pytest.mark.parametrize(("ids", "way"), [
    ("ID=debian", "sudo apt install gcc"), ('ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo apt install gcc"),
    ('ID="rhel"\nID_LIKE="fedora"', "sudo dnf install gcc"), ("ID=alpine", "sudo apk add gcc musl-dev"),
    ("ID=nixos\nNAME=debian", "your system's package gcc"),
])  # fmt: skip
def test_each_system_has_its_own_way(monkeypatch, ids, way):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "read_text", lambda path, **options: ids)
    assert way in compilers.how_to_get_one()


@pytest.mark.usefixtures("nothing")
def test_ziglang_is_the_last_choice(monkeypatch):
    monkeypatch.setitem(sys.modules, "ziglang", type(sys)("ziglang"))
    sys.modules["ziglang"].__spec__ = type("Spec", (), {"origin": __file__})()
    assert list(compilers.usual()) == [(sys.executable, "-m", "ziglang", "cc")]


def test_on_a_mac_nothing_in_usr_bin_is_called_without_the_command_line_tools(monkeypatch, tmp_path):
    """It would open a window that offers to install them."""
    script(tmp_path / "bin" / "xcode-select", "exit 2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "platform", "darwin")
    if os.name == "posix":
        assert compilers.is_apple_shim("/usr/bin/cc")
        script(tmp_path / "bin" / "xcode-select", "echo /Library/Developer/CommandLineTools")
        assert not compilers.is_apple_shim("/usr/bin/cc")
    assert not compilers.is_apple_shim("/opt/homebrew/bin/gcc")


# ---- CC


def test_cc_that_names_no_program(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler -m32")
    with pytest.raises(
        CompilerError, match="CC is 'no-such-compiler -m32', but there is no program 'no-such-compiler'"
    ):
        find_compiler()


@posix_only
def test_cc_with_an_open_quote(monkeypatch):
    monkeypatch.setenv("CC", "gcc 'x")
    with pytest.raises(CompilerError, match="No closing quotation"):
        find_compiler()


@needs_compiler
def test_cc_may_have_arguments_or_be_a_path_with_spaces(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", f"{REAL[0]} -DADDED=5")
    assert find_compiler().command == (REAL[0], "-DADDED=5")
    assert load([build.Unit("added", "int added(void) { return ADDED; }")], "added").added() == 5
    if os.name == "posix":
        path = script(tmp_path / "my tools" / "my cc", f'exec "{REAL[0]}" "$@"')
        monkeypatch.setenv("CC", str(path))
        assert find_compiler().command == (str(path),)


BROKEN = {
    "fails": (
        "print('boom: no libraries'); sys.exit(1)",
        "failed with exit status 1; it said:\n    boom: no libraries",
    ),
    "floods": ("print('boom\\n' * 10**6); sys.exit(1)", "failed with exit status 1; it said:\n    boom"),
    "makes nothing": ("", "made a library that cannot be loaded"),
    "makes garbage": ("output and Path(output).write_bytes(os.urandom(5000))", "made a library that cannot be loaded"),
    "another machine": (
        "output and Path(output).write_bytes(b'\\x7fELF\\2\\1\\1' + bytes(9) + b'\\3\\0\\xb7\\0' + bytes(5000))",
        "made a library that cannot be loaded",
    ),
    "computes wrongly": (
        "output and Path(source).write_text(Path(source).read_text().replace('v * v + v', 'v * v - v'))\nreal()",
        "gives 66 instead of 86",
    ),
    "exports nothing": (
        "output and Path(source).write_text(Path(source).read_text().replace('answer', 'other'))\nreal()",
        "made a library that cannot be loaded",
    ),
}


@needs_compiler
@pytest.mark.parametrize("how", BROKEN)
def test_a_compiler_that_does_not_work_is_refused(folder, tmp_path, monkeypatch, how):
    body, message = BROKEN[how]
    monkeypatch.setenv("CC", fake(tmp_path, body))
    with pytest.raises(CompilerError) as caught:
        find_compiler()
    assert message in caught.value.message
    assert "fake.py" in caught.value.message
    assert len(caught.value.message.splitlines()) < 12
    assert left_over(folder) == []
    assert files(folder) == [], "nothing is remembered of it"
    monkeypatch.setenv("CC", fake(tmp_path, "real()"))  # repaired
    forget(monkeypatch)
    assert load(ADDERS, "adders").add1(1) == 2


def test_a_compiler_that_hangs_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", fake(tmp_path, "time.sleep(60)"))
    monkeypatch.setenv("PELLUCID_CC_TIMEOUT", "0.5")
    begun = time.monotonic()
    with pytest.raises(CompilerError, match=r"--version` did not finish within 0\.5 seconds"):
        find_compiler()
    assert time.monotonic() - begun < 20


@posix_only
def test_a_compiler_that_cannot_be_started(tmp_path, monkeypatch):
    path = script(tmp_path / "cc", "")
    path.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    monkeypatch.setenv("CC", str(path))
    with pytest.raises(CompilerError, match="cannot be started: No such file or directory"):
        find_compiler()


# ---- which one


@needs_compiler
@posix_only
def test_a_broken_compiler_is_passed_over_and_then_not_tried_again(tmp_path, monkeypatch):
    tools = tmp_path / "tools"
    script(tools / "cc", f'echo tried >> "{tmp_path}/log"; exit 1')
    script(tools / "clang", f'exec "{REAL[0]}" "$@"')
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert find_compiler().command == (str(tools / "clang"),)
    assert logged(tmp_path) == ["tried"]
    forget(monkeypatch)
    assert find_compiler().command == (str(tools / "clang"),)
    assert logged(tmp_path) == ["tried"], "one that is known to work is taken first"


@posix_only
def test_if_all_are_broken_each_is_named(tmp_path, monkeypatch, nothing):
    for name in ("cc", "gcc"):
        script(tmp_path / "tools" / name, f"echo {name} is broken; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    with pytest.raises(CompilerError) as caught:
        find_compiler()
    assert "none of those that are here works" in caught.value.message
    assert "cc is broken" in caught.value.message
    assert "gcc is broken" in caught.value.message
    assert "To get one" in caught.value.remedy


@needs_compiler
@pytest.mark.parametrize("name", ["gcc", "clang"])
def test_real_compilers_take_all_flags(monkeypatch, name):
    if shutil.which(name) is None:
        pytest.skip(f"no {name}")
    monkeypatch.setenv("CC", name)
    compiler = find_compiler()
    assert compiler.flags == FLAGS
    assert compiler.refused == ()
    assert load(ADDERS, "adders").add2(1) == 3


@needs_compiler
def test_flags_that_are_refused_are_left_out(tmp_path, monkeypatch):
    refused = ["-fopenmp-simd", "-ffp-contract=fast", "-Wl,-Bsymbolic"]
    body = f"if set(arguments) & set({refused}): sys.exit('error: unknown flag')\nreal()"
    monkeypatch.setenv("CC", fake(tmp_path, body))
    compiler = find_compiler()
    assert compiler.flags == tuple(flag for flag in FLAGS if flag != "-fopenmp-simd")
    assert compiler.refused == ("-fopenmp-simd", "-ffp-contract=fast")
    assert "-Wl,-Bsymbolic" not in compiler.link
    assert load([adder(1, flags=("-ffp-contract=fast", "-DX=1"))], "adder").add1(1) == 2


@pytest.mark.parametrize(("said", "command", "title"), [
    ("cc (Debian 12.2.0-14+deb12u1) 12.2.0", ("/usr/bin/cc",), "gcc 12.2"),
    ("gcc (GCC) 13.2.1 20230801 (Red Hat 13.2.1-1)", ("/usr/bin/gcc",), "gcc 13.2"),
    ("Debian clang version 14.0.6", ("/usr/bin/clang",), "clang 14.0"),
    ("Apple clang version 15.0.0 (clang-1500.3.9.4)", ("/usr/bin/cc",), "clang 15.0"),
    ("clang version 20.1.2 (https://github.com/ziglang/zig-bootstrap 7)", ("python", "-m", "ziglang", "cc"),
     "zig's clang 20.1"),
    ("", ("/opt/odd",), "odd"),
])  # fmt: skip
def test_the_title_is_short(said, command, title):
    assert Compiler(command, said, (), (), (), "").title == title


# ---- what belongs to the key


@needs_compiler
def test_another_compiler_other_flags_another_processor_give_other_keys(folder, tmp_path, monkeypatch):
    """Each builds its own files; with everything as at first, the first files are found again."""

    def keys():
        forget(monkeypatch)
        load(ADDERS, "adders")
        return {path.name.partition("-")[0] for path in files(folder)}

    monkeypatch.setenv("CC", fake(tmp_path, "real()"))
    compiler = tmp_path / "fake.py"
    text, made = compiler.read_text(encoding="utf-8"), compiler.stat().st_mtime_ns
    changes = {
        "the compiler itself": lambda m: compiler.write_text(text + "\n# newer\n", encoding="utf-8"),
        "its time": lambda m: os.utime(compiler, (1, 1)),
        "its arguments": lambda m: m.setenv("CC", os.environ["CC"] + " -DX"),
        "the processor": lambda m: m.setattr(machine, "processor", lambda: "another"),
        "the flags": lambda m: m.setattr(compilers, "FLAGS", FLAGS[1:]),
        "the format": lambda m: m.setattr(compilers, "FORMAT", compilers.FORMAT + 1),
    }
    known = first = keys()
    for what, change in changes.items():
        with monkeypatch.context() as patch:
            change(patch)
            now = keys()
        assert len(now - known) == len(first), what
        known = now
        compiler.write_text(text, encoding="utf-8")
        os.utime(compiler, ns=(made, made))
        assert keys() == known, "back to where it was"


def test_the_processor_is_the_same_each_time_and_is_known():
    assert machine.processor() == machine.processor()
    if Path("/proc/cpuinfo").exists():
        assert machine.linux_processor()
        assert "mhz" not in machine.linux_processor().lower()
