"""Compiling units of C: what is made, what is made again and what is not, and how it ends when something goes wrong."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from c_compilers import (
    ADDERS,
    REAL,
    SUM,
    adder,
    fake,
    files,
    finish,
    forget,
    fresh_cache,  # noqa: F401
    left_over,
    logged,
    needs_compiler,
    run,
    start,
)

from pellucid.errors import CompilerError
from pellucid.toolchain import build, compilers
from pellucid.toolchain.build import Unit, load
from pellucid.toolchain.compilers import find_compiler

pytestmark = pytest.mark.usefixtures("folder")
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and fork are of POSIX")

COUNTING = "log(source or 'link')\nreal()\n"


# ---- what is made


@needs_compiler
def test_a_library_has_the_functions_of_its_units(folder):
    library = load(ADDERS, "adders")
    assert [library.add1(1), library.add2(10), library.add3(100)] == [2, 12, 103]
    assert len(files(folder, ".o")) == 3
    assert left_over(folder) == []


@needs_compiler
def test_the_same_library_is_loaded_once():
    assert load(ADDERS, "adders") is load(list(ADDERS), "another name")
    assert load(ADDERS, "adders") is not load(ADDERS[:2], "adders")


@needs_compiler
def test_only_what_is_new_is_compiled(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", fake(tmp_path, COUNTING))
    load(ADDERS, "adders")
    before = len(logged(tmp_path))
    assert load([*ADDERS, adder(4)], "four").add4(1) == 5
    new = logged(tmp_path)[before:]
    assert [name.partition("-")[0] for name in new] == ["add4", "link"]


@needs_compiler
def test_equal_units_are_compiled_and_linked_once(folder):
    twice = [adder(1), adder(1, name="the same under another name"), adder(2)]
    assert load(twice, "twice").add1(1) == 2
    assert len(files(folder, ".o")) == 2


@needs_compiler
def test_flags_of_a_unit_come_last_and_belong_to_its_key(folder):
    text = "int which(void) { return WHICH; }\n"
    one, two = (load([Unit("which", text, (f"-DWHICH={n}",))], "which") for n in (1, 2))
    assert [one.which(), two.which()] == [1, 2]
    assert len(files(folder, ".o")) == 2


@needs_compiler
def test_many_units_with_odd_names_are_linked():
    """More than fit a command line of Windows, and names that are no file names."""
    many = [adder(number, name=f"../k<{number}>: 'q\" é") for number in range(40)]
    library = load(many, "many")
    assert [getattr(library, f"add{number}")(0) for number in range(40)] == list(range(40))


@needs_compiler
def test_a_cache_folder_of_any_name(tmp_path, monkeypatch):
    monkeypatch.setenv(
        "PELLUCID_CACHE", str(tmp_path / "a b" / 'it\'s "é"' if os.name == "posix" else tmp_path / "a b")
    )
    assert load(ADDERS, "adders").add1(1) == 2


@needs_compiler
def test_the_mathematics_of_c_is_linked():
    text = "double root(double x) { return __builtin_erf(x) + __builtin_log1p(x); }\n"
    import ctypes
    import math

    root = load([Unit("root", text)], "root").root
    root.restype, root.argtypes = ctypes.c_double, [ctypes.c_double]
    assert root(0.3) == pytest.approx(math.erf(0.3) + math.log1p(0.3), rel=1e-15)


@needs_compiler
def test_several_are_compiled_at_a_time(tmp_path, monkeypatch):
    slow = "log(f'begin {time.time()}'); time.sleep(0.5 if '-c' in arguments else 0); log(f'end {time.time()}'); real()"
    monkeypatch.setenv("CC", fake(tmp_path, slow))
    find_compiler()
    before = len(logged(tmp_path))
    monkeypatch.setattr(build, "cores", lambda: 3)
    load(ADDERS, "adders")
    words = [line.split()[0] for line in logged(tmp_path)[before:]]
    assert words[:3] == ["begin"] * 3, "all three were at work before the first had ended"


# ---- the second time


@needs_compiler
def test_a_warm_start_does_not_run_the_compiler(tmp_path):
    compiler = fake(tmp_path, COUNTING)
    assert run(SUM, CC=compiler) == ("117\n", "")
    calls = logged(tmp_path)
    assert "link" in calls
    assert run(SUM, CC=compiler) == ("117\n", "")
    assert logged(tmp_path) == calls


@needs_compiler
def test_a_warm_start_takes_less_than_20_milliseconds(monkeypatch):
    """Best of several, since a busy machine only adds."""
    load(ADDERS, "adders")
    times = []
    for _ in range(5):
        forget(monkeypatch)
        begun = time.perf_counter()
        load(ADDERS, "adders")
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.02


@needs_compiler
@pytest.mark.parametrize("ending", [".o", build.ENDING])
@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "append"])
def test_a_damaged_file_is_made_again_and_never_used(folder, monkeypatch, ending, damage):
    load(ADDERS, "adders")
    forget(monkeypatch)
    whole = {path: path.read_bytes() for path in files(folder, ending)}
    for path, content in whole.items():
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        wrong = {"flip": flipped, "truncate": content[:middle], "empty": b"", "append": content + b"\0"}[damage]
        # As a new file: the library that this process has loaded stays as it is, or the process would fall.
        path.with_suffix(".new").write_bytes(wrong)
        path.with_suffix(".new").chmod(0o600)
        os.replace(path.with_suffix(".new"), path)
    if ending == ".o":
        for path in files(folder, build.ENDING):
            path.unlink()
    used = []
    monkeypatch.setattr(build.ctypes, "CDLL", lambda path: used.append(Path(path).read_bytes()))
    load(ADDERS, "adders")
    assert all(path.read_bytes() == content for path, content in whole.items())
    assert used == [path.read_bytes() for path in files(folder, build.ENDING)]


@needs_compiler
def test_a_library_that_cannot_be_loaded_does_not_stay(folder):
    """It is whole, as far as its checksum says, but calls what does not exist."""
    text = "int nowhere(void); int here(void) { return nowhere(); }\n"
    for _ in range(2):
        with pytest.raises(CompilerError, match="nowhere") as caught:
            load([Unit("here", text)], "calling nowhere")
        assert "calling nowhere" in caught.value.message
        assert files(folder, build.ENDING) == []


# ---- what goes wrong while compiling


@needs_compiler
def test_a_refused_unit_is_named_with_the_line_and_the_command(folder):
    with pytest.raises(CompilerError) as caught:
        load([*ADDERS, Unit("wrong", "int f(void)\n{\n    return nothing;\n}\n")], "adders")
    assert "refused wrong" in caught.value.message
    assert ".c:3:" in caught.value.message
    assert f"{REAL[0]} -O3" in caught.value.message
    assert len(caught.value.message.splitlines()) < 15
    assert left_over(folder) == []
    assert files(folder, build.ENDING) == []
    assert load(ADDERS, "adders").add1(1) == 2


@needs_compiler
def test_a_compiler_that_makes_nothing_later_on_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", fake(tmp_path, "if 'add' in source: sys.exit(0)\nreal()"))
    with pytest.raises(CompilerError, match="it made no file"):
        load(ADDERS, "adders")


@needs_compiler
def test_a_compiler_that_hangs_is_ended_with_its_children(folder, tmp_path, monkeypatch):
    hanging = """
if 'add' in source:
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
    log(str(child.pid))
    child.wait()
real()
"""
    monkeypatch.setenv("CC", fake(tmp_path, hanging))
    find_compiler()
    monkeypatch.setenv("PELLUCID_CC_TIMEOUT", "1")
    begun = time.monotonic()
    with pytest.raises(CompilerError, match=r"did not finish add\d within 1 seconds"):
        load(ADDERS, "adders")
    assert time.monotonic() - begun < 20
    assert left_over(folder) == []
    assert_ended([int(line) for line in logged(tmp_path)])


def assert_ended(numbers):
    """These processes are no more (a killed one may take a moment to go)."""
    assert numbers
    end = time.monotonic() + 10
    while os.name == "posix" and any(alive(number) for number in numbers):
        assert time.monotonic() < end, "a child of the compiler was left running"
        time.sleep(0.02)


def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = f"/proc/{number}/stat"
    if os.path.exists(status):
        with open(status, encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"  # ended, but nobody has asked for its status
    return True


@needs_compiler
@pytest.mark.parametrize("limit", ["soon", "0", "-1", "nan", "inf"])
def test_a_time_limit_that_is_no_number_of_seconds(monkeypatch, limit):
    monkeypatch.setenv("PELLUCID_CC_TIMEOUT", limit)
    with pytest.raises(CompilerError, match="PELLUCID_CC_TIMEOUT"):
        load(ADDERS, "adders")


# ---- what is said


@needs_compiler
def test_a_line_is_said_when_it_takes_long(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CC", fake(tmp_path, "if 'add' in source: time.sleep(0.2)\nreal()"))
    find_compiler()
    monkeypatch.setattr(build, "PATIENCE", 0.1)
    load(ADDERS, "adders")
    load([adder(4)], "the fourth")
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    title = find_compiler().title
    assert len(lines) == 2
    assert lines[0].startswith(f"Compiling adders (3 files) with {title} ... ")
    assert lines[1].startswith(f"Compiling the fourth (1 file) with {title} ... ")
    assert all(line.endswith(" s") for line in lines)


@needs_compiler
def test_nothing_is_said_when_it_is_quick(monkeypatch, capsys):
    monkeypatch.setattr(build, "PATIENCE", 60)
    load(ADDERS, "adders")
    monkeypatch.setattr(sys, "stderr", None)  # a program without a console
    monkeypatch.setattr(build, "PATIENCE", 0)
    load([adder(4)], "the fourth")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


# ---- others at the same time


@needs_compiler
def test_eight_processes_compile_the_same_at_once(folder):
    processes = [start(SUM) for _ in range(8)]
    assert [finish(process) for process in processes] == [("117\n", "")] * 8
    assert left_over(folder) == []
    assert run(SUM) == ("117\n", "")
    assert len(files(folder, ".o")) == 3, "all made the same content"
    assert len(files(folder, build.ENDING)) == 1


@needs_compiler
def test_threads_of_a_process_get_the_same_library():
    found = []
    threads = [threading.Thread(target=lambda: found.append(load(ADDERS, "adders"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


@needs_compiler
@posix_only
def test_a_forked_child_loads_and_compiles_even_if_another_thread_was_compiling(tmp_path):
    """The child's copy of the lock is held by a thread that it does not have."""
    program = """
import os, threading, time
library = load(units, 'adders')
other = threading.Thread(target=load, args=([Unit('slow', 'int slow;')], 'slow'))
other.start()
time.sleep(0.3)
child = os.fork()
if child == 0:
    assert load(units, 'adders') is library
    assert load([*units, Unit('five', 'int five(void) { return 5; }')], 'five').five() == 5
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
other.join()
assert library.add1(1) == 2
"""
    slow = "if source.startswith('slow'): time.sleep(2)\nreal()"
    run("import warnings; warnings.simplefilter('ignore')\n" + program, CC=fake(tmp_path, slow))


@needs_compiler
@posix_only
def test_an_interrupt_ends_the_compilers_and_leaves_nothing_half_made(folder, tmp_path):
    compiler = fake(tmp_path, f"""
if source.startswith('add') and not os.path.exists({str(tmp_path / "quick")!r}):
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
    Path(output).write_bytes(b'half')
    log(str(child.pid))
    child.wait()
real()
""")  # fmt: skip
    run("from pellucid.toolchain.compilers import find_compiler; find_compiler()", CC=compiler)
    program = f"""
try:
    load(units, 'adders')
except KeyboardInterrupt:
    open({str(tmp_path / "quick")!r}, 'w', encoding='utf-8').close()
    print('interrupted', flush=True)
    {SUM}
"""
    process = start(program, CC=compiler)
    end = time.monotonic() + 30
    while not logged(tmp_path) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.2)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = finish(process)
    assert output == "interrupted\n117\n"
    assert time.monotonic() - begun < 40, "it waited for the compilers"
    assert_ended([int(line) for line in logged(tmp_path)])
    assert left_over(folder) == []
    assert b"half" not in [path.read_bytes() for path in files(folder)]


def test_the_compiler_is_called_in_the_c_target_only():
    """And nothing of it is loaded before it is needed."""
    code = "import sys, pellucid; print([name for name in sys.modules if 'targets.c' in name or name == 'subprocess'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"
    assert compilers.FORMAT >= 1
