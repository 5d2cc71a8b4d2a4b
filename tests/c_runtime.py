"""Compiling the C runtime directly, with the flags of the C target."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pellucid

RUNTIME = Path(pellucid.__file__).parent / "targets" / "c" / "runtime"
COMPILER = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)

COMMON = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"]
COMMON += ["-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd", "-fwrapv"]
# Processors to compile for. The first is this one, which has a fused multiply-add nearly everywhere; the second is
# the oldest of its kind, which on x86 has none.
PROCESSORS = {"native": ("-march=native",), "oldest": ()}


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@cache
def is_clang():
    return "clang" in run([COMPILER, "--version"])


def compile_c(output, sources, *flags, compiler=None):
    quiet = ["-Wno-pass-failed"] if compiler is None and is_clang() else []  # loops it could not vectorize
    return run([compiler or COMPILER, *COMMON, *quiet, *flags, "-o", output, *sources, "-lm"])
