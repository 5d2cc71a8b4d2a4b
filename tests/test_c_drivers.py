"""Generated C as programs of their own: under sanitizers, with other compilers, on another processor.

PELLUCID_FUZZ=300 puts that many random programs and as many random expressions through AddressSanitizer and
UndefinedBehaviorSanitizer, beginning at PELLUCID_FUZZ_SEED. Tests marked `cross` need more than a C compiler, and are
skipped without it; the reason names the Debian package.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import c_programs
import c_training_steps
import numpy as np
import pytest
from c_compilers import REAL, needs_compiler

import pellucid as pc
from pellucid.errors import ArgumentError, DataNotFoundError, PellucidError
from pellucid.export.driver import Driver, write_driver
from pellucid.fusion import layout
from pellucid.toolchain.compilers import find_compiler

COUNT = int(os.environ.get("PELLUCID_FUZZ", "25"))
FIRST = int(os.environ.get("PELLUCID_FUZZ_SEED", "0"))
BATCH = 25  # random programs, and random expressions, in one file

# What a driver is compiled with: what the C means, as in compilers.FLAGS, without what makes it fast.
MEANING = ["-fopenmp-simd", "-fwrapv", "-ffp-contract=off", "-fno-math-errno"]
UNUSED = ["-Wno-unused-variable", "-Wno-unused-function"]  # arrays without elements have names that nobody uses
ADDRESS = ["-O1", "-g1", "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
THREADS = ["-O1", "-g1", "-fsanitize=thread"]
MEMORY = ["-O1", "-g1", "-fsanitize=memory"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="compiler flags as gcc and clang have them on POSIX systems")


def random_steps(first, count):
    return [*c_programs.programs(count, first), *c_programs.expressions(count, first)]


GROUPS = {
    "models": lambda: [*c_training_steps.models(), *c_training_steps.wide(), *c_programs.refused()],
    "samples": c_programs.samples,
    "shapes": lambda: [*c_programs.shapes(), *c_programs.attentions()],
    "convolutions": lambda: list(c_programs.convolutions()),
    "random": lambda: random_steps(0, BATCH),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """written(group, apart=..., split=...): a folder with a driver of that group, written once."""

    @cache
    def write(group, apart=False, split=False):
        with pytest.MonkeyPatch.context() as patch:
            if split:  # as much for several threads as can be
                patch.setattr(layout, "SERIAL", 1)
                patch.setattr(layout, "UNIT", 64)
            return write_steps(GROUPS[group](), tmp_path_factory.mktemp(group), apart)

    return write


def write_steps(steps, folder, apart=False):
    pc.manual_seed(0)
    driver = Driver(apart=apart)
    for name, step, arguments in steps:
        driver.add(name, step, *arguments)
    assert driver.cases
    driver.write(folder)
    return folder


# ---- compiling and running


def call(*command, **options):
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=600, check=False, **options
    )


def built(command, flags, folder, name="program"):
    """Compile a driver; the path of the program."""
    path = folder / f"{name}-{abs(hash((tuple(command), tuple(flags)))):x}"
    links = ["-lm", "-pthread"]
    done = call(*command, *MEANING, *flags, str(folder / "program.c"), "-o", str(path), *links)
    assert done.returncode == 0, f"{' '.join([*command, *flags])}\n{done.stderr[:4000]}"
    return path


def right(path, threads=1, runner=()):
    """Run a driver, which must say ok; the line that it prints."""
    done = call(*runner, str(path), str(path.parent / "data.bin"), str(threads))
    assert done.returncode == 0, f"{path.parent.name}\n{done.stdout[:4000]}{done.stderr[:6000]}"
    assert done.stdout.startswith("ok")
    return done.stdout


def all_right(folders, command, flags, threads=1, runner=()):
    """Compile and run several drivers, two at a time."""

    def one(folder):
        return right(built(command, flags, folder), threads, runner)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, folders))


@cache
def runner_of(command, flags):
    """How a program made so is run here, or None if none made so runs. ThreadSanitizer wants addresses in order."""
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"pellucid-probe-{os.getpid()}")
    source, program = f"{folder}.c", f"{folder}.out"
    try:
        with open(source, "w", encoding="utf-8") as file:
            file.write("int main(void) { return 0; }\n")
        if call(*command, *flags, source, "-o", program).returncode:
            return None
        for runner in ((), ("setarch", platform.machine(), "-R")):
            if (not runner or shutil.which(runner[0])) and call(*runner, program).returncode == 0:
                return runner
        return None
    finally:
        for path in (source, program):
            if os.path.exists(path):
                os.remove(path)


def sanitizer(command, flags):
    """The runner for a sanitizer; skips where it does not work."""
    runner = runner_of(tuple(command), tuple(flags))
    if runner is None:
        pytest.skip(f"{command[0]} has no working {flags[-1]} here (Debian: gcc, or clang with libclang-rt-dev)")
    return runner


def tool(name, package):
    """The path of a program."""
    path = shutil.which(name)
    return path or pytest.skip(f"no {name} (Debian: apt-get install {package})")


# ---- with the compiler that Pellucid itself uses


@needs_compiler
def test_compilers_have_nothing_to_complain_about(written):
    strict = ["-O0", "-Wall", "-Wextra", "-Werror"]
    inline = [] if find_compiler().title.startswith("gcc") else ["-Wno-unused-function"]  # clang names inline ones too
    all_right([written("models")], REAL, [*strict, *inline])
    all_right([written(group) for group in ("samples", "shapes", "convolutions", "random")], REAL, [*strict, *UNUSED])


@needs_compiler
def test_no_step_leaves_its_arrays_or_the_language(written):
    runner = sanitizer(REAL, ADDRESS)
    groups = [group for group in GROUPS if group != "random"]  # see test_random_programs_under_sanitizers
    all_right([written(group, apart=True) for group in groups], REAL, ADDRESS, 2, runner)


@needs_compiler
def test_threads_do_not_get_in_each_others_way(written):
    runner = sanitizer(REAL, THREADS)
    all_right([written(group, split=True) for group in ("models", "shapes", "convolutions")], REAL, THREADS, 4, runner)


@needs_compiler
def test_any_number_of_threads_gives_the_same_bits(written):
    flags = [flag for flag in find_compiler().flags if flag != "-fPIC"]
    for group in ("models", "shapes", "convolutions"):
        path = built(REAL, ["-O2", *flags[1:]], written(group, split=True))
        assert len({right(path, threads) for threads in (1, 2, 3, 4, 4, 7)}) == 1


PROCESSORS = {"sse2": ["-march=x86-64"], "avx2": ["-mavx2", "-mfma"]}  # AVX-512 is what -march=native means where it is
NEEDED = {"sse2": {"sse2"}, "avx2": {"avx2", "fma"}}


def abilities():
    """What this processor says that it can (Linux on x86)."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return set(re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE).group(1).split())
    except (OSError, AttributeError):
        return set()


@pytest.mark.cross
@pytest.mark.skipif(REAL is None, reason="no C compiler")
@pytest.mark.parametrize("processor", PROCESSORS)
def test_processors(written, processor):
    if NEEDED[processor] - abilities():
        pytest.skip(f"this processor does not say that it has {' '.join(NEEDED[processor])}")
    folders = [written(group) for group in ("models", "samples", "shapes", "convolutions")]
    all_right(folders, REAL, ["-O2", *PROCESSORS[processor]])


# ---- with other compilers, and elsewhere


@pytest.mark.cross
def test_clang(written):
    clang = [tool("clang", "clang")]
    # At -O1 clang does not vectorize, and says so.
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-Wno-pass-failed", *UNUSED]
    all_right([written(group) for group in GROUPS], clang, flags)


@pytest.mark.cross
def test_nothing_is_read_that_was_not_written(written):
    clang = [tool("clang", "clang")]
    runner = sanitizer(clang, MEMORY)
    all_right([written(group) for group in GROUPS], clang, [*MEMORY, "-w"], 2, runner)


@pytest.mark.cross
def test_zig(written):
    pytest.importorskip("ziglang", reason="no zig (python -m pip install ziglang)")
    command = [sys.executable, "-m", "ziglang", "cc"]
    all_right(
        [written(group) for group in ("models", "shapes", "convolutions")], command, ["-O1", "-fno-sanitize=all", "-w"]
    )


@pytest.mark.cross
def test_arm(written):
    command = [tool("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross")]
    runner = [tool("qemu-aarch64", "qemu-user"), "-L", "/usr/aarch64-linux-gnu"]
    all_right([written(group) for group in GROUPS], command, ["-O2"], 2, runner)


# ---- do the nets catch anything?


def spoiled(folder, before, after):
    """A mistake is put into a driver."""
    path = folder / "program.c"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return folder


def little(folder, apart=False, length=70):
    """A driver of one step with one kernel, and a State."""
    total = pc.State(c_programs.numbers(length))

    @c_programs.record
    def step(x):
        total.assign(total + x)
        return (x * 2).exp()

    return write_steps([("little", step, [c_programs.numbers(length, seed=1)])], folder, apart)


def caught(folder, command, flags, words, threads=1):
    runner, path = sanitizer(command, flags), built(command, flags, folder)
    environment = os.environ | {"TSAN_OPTIONS": "halt_on_error=1"}
    done = call(*runner, str(path), str(folder / "data.bin"), str(threads), env=environment)
    assert done.returncode
    assert words in done.stdout + done.stderr


@needs_compiler
def test_a_step_too_far_within_the_arena_is_caught(tmp_path):
    folder = spoiled(little(tmp_path, apart=True), "least(end * n[1], n[0])", "n[0] + 1")
    caught(folder, REAL, ADDRESS, "AddressSanitizer")


@needs_compiler
def test_overflow_is_caught(tmp_path):
    folder = spoiled(
        little(tmp_path), "    return 0;\n}\n\nstruct array", "    return (long)p << ((long)p | 64);\n}\n\nstruct array"
    )
    caught(folder, REAL, [*ADDRESS, "-w"], "runtime error")


@needs_compiler
def test_two_threads_at_one_place_are_caught(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SERIAL", 1)
        patch.setattr(layout, "UNIT", 64)
        folder = little(tmp_path, length=70_001)
    folder = spoiled(folder, "begin * n[1]", "begin")  # each unit does the work of those before it again
    caught(folder, REAL, THREADS, "data race", threads=4)


@pytest.mark.cross
def test_a_value_that_nobody_wrote_is_caught(tmp_path):
    folder = spoiled(little(tmp_path), "begin * n[1]", "begin * n[1] + 1")
    caught(folder, [tool("clang", "clang")], [*MEMORY, "-w"], "MemorySanitizer")


@needs_compiler
def test_wrong_numbers_are_told(tmp_path):
    folder = spoiled(little(tmp_path), "const int64_t first = begin * n[1]", "const int64_t first = begin * n[1] + 69")
    path = built(REAL, ["-O0"], folder)
    done = call(str(path), str(folder / "data.bin"))
    assert done.returncode == 1
    assert "little: result 0: 69 of 70 numbers differ" in done.stdout
    assert "little: state 0: 69 of 70 numbers differ" in done.stdout


@needs_compiler
def test_the_data_of_another_program_is_refused(tmp_path):
    for name, length in (("one", 5), ("other", 6)):
        (tmp_path / name).mkdir()
        little(tmp_path / name, length=length)
    path = built(REAL, ["-O0"], tmp_path / "one")
    data = (tmp_path / "one" / "data.bin").read_bytes()
    for name, content, words in (
        ("other", (tmp_path / "other" / "data.bin").read_bytes(), "belongs to another program"),
        ("short", data[:-1], "ends too early"),
        ("long", data + b"x", "more in it"),
        ("none", b"some text that is no data", "not the data of a driver"),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "data").write_bytes(content)
        done = call(str(path), str(tmp_path / name / "data"))
        assert (done.returncode, words in done.stderr) == (2, True), done
    assert call(str(path), str(tmp_path / "nothing")).returncode == 2
    assert call(str(path)).returncode == 2


# ---- random programs, as many as wanted


@needs_compiler
def test_random_programs_under_sanitizers(tmp_path):
    runner = sanitizer(REAL, ADDRESS)
    folders = []
    for first in range(FIRST, FIRST + COUNT, BATCH):
        folders.append(tmp_path / f"from {first}")
        folders[-1].mkdir()
        write_steps(random_steps(first, min(BATCH, FIRST + COUNT - first)), folders[-1], apart=True)
    all_right(folders, REAL, ADDRESS, 2, runner)


# ---- writing


def counting():
    """A step that changes States, one of them random."""
    w = pc.tensor(c_programs.numbers(4, 3), requires_grad=True)
    optimizer = pc.optim.Adam([w], lr=0.1)

    @pc.compile(target="numpy")
    def step(x):
        loss = (x @ w * pc.rand(2, 3)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step, w, optimizer


def test_writing_changes_nothing(tmp_path):
    step, w, optimizer = counting()
    x = pc.tensor(c_programs.numbers(2, 4))
    step(x)
    states = [w, *[slot for slots in optimizer.state.values() for slot in slots.values()]]
    before = [(np.array(state), state.version) for state in states]
    key, grad = np.array(pc.tensors.default_generator.key), np.array(w.grad)
    write_driver(step, tmp_path, x)
    for state, (array, version) in zip(states, before, strict=True):
        assert np.array_equal(state, array)
        assert state.version == version
    assert np.array_equal(pc.tensors.default_generator.key, key)
    assert np.array_equal(w.grad, grad)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.bin", "program.c"]


def test_writing_again_gives_the_same_files(tmp_path):
    step, *_ = counting()
    x = pc.tensor(c_programs.numbers(2, 4))
    first = [path.read_bytes() for path in write_driver(step, tmp_path, x)]
    assert [path.read_bytes() for path in write_driver(step, tmp_path, x)] == first


@pytest.mark.parametrize("name", ["program.c", "data.bin"])
def test_other_files_are_left_alone(tmp_path, name):
    step, *_ = counting()
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match="is no driver's"):
        write_driver(step, tmp_path, pc.tensor(c_programs.numbers(2, 4)))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_wrong_calls_are_refused(tmp_path):
    step, *_ = counting()
    x = pc.tensor(c_programs.numbers(2, 4))
    with pytest.raises(DataNotFoundError, match="no folder"):
        write_driver(step, tmp_path / "nowhere", x)
    with pytest.raises(ArgumentError, match="at least one step"):
        write_driver(step, tmp_path, x, steps=0)
    with pytest.raises(PellucidError):
        write_driver(step, tmp_path, pc.tensor(c_programs.numbers(2, 5)))
    assert not list(tmp_path.iterdir())
