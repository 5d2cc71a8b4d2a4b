"""Is the inner loop of each family of kernels really computed with vectors? GCC says so, if it is asked.

A loop is vectorized because it is marked `omp simd`; but a call that cannot be inlined, or a condition that cannot be
turned into a choice, would undo it without a word and cost a factor of four to sixteen.
"""

import re
import subprocess

import numpy as np
import pytest
from c_compilers import REAL

import pellucid as pc
import pellucid.functional as F
from pellucid.targets.c import program
from pellucid.targets.c.pool import with_includes
from pellucid.toolchain.build import Unit
from pellucid.toolchain.compilers import find_compiler

GCC = REAL is not None and find_compiler().title.startswith("gcc")
pytestmark = pytest.mark.skipif(not GCC, reason="asks GCC for what it has vectorized")

X = np.random.default_rng(0).random((300, 500)).astype(np.float32) + 0.5

FLOAT32 = {
    "arithmetic": lambda x: (x * 2.5 + 1.0) * x / (x + 2.0) - 0.25,
    "broadcast": lambda x: x * x[:, :1] + x[0],
    "choices": lambda x: pc.where(x > 1.0, x.relu(), -x) + pc.maximum(x, x * x).abs(),
    "sign": lambda x: x.sign(),
    "square root": lambda x: x.sqrt(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "log1p": lambda x: x.log1p(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "erf": F.gelu,
    "a chain": lambda x: ((x.exp() + 1.0).log() * x).tanh(),
    "row sums": lambda x: (x * x).sum(1),
    "short row sums": lambda x: x[:, :100].sum(1),
    "long row sums": lambda x: (x * x).reshape(50, 3000).sum(1),
    "softmax of long rows": lambda x: F.softmax(x.reshape(50, 3000), 1),
    "row maxima": lambda x: x.amax(1),
    "column sums": lambda x: x.sum(0),
    "column maxima": lambda x: x.amax(0),
    "all at once": lambda x: x.sum(),
    "softmax": lambda x: F.softmax(x, 1),
    "random numbers": lambda x: pc.where(pc.rand(300, 500) < 0.5, x, 0.0),
    "turned": lambda x: x.mT * 2.0,
    "every other": lambda x: x[:, ::2] * 2.0,
    "rows by number": lambda x: x[[5, 3, 5]] * 2.0,
    "to float64": lambda x: x.double(),
}
FLOAT64 = [
    "arithmetic",
    "broadcast",
    "choices",
    "square root",
    "row sums",
    "column sums",
    "row maxima",
    "column maxima",
]


def kernels_of(function, x, monkeypatch):
    """The units that a step is compiled from, without the schedule."""
    found = []
    load = program.load

    def noted(units, name):
        found.extend(units := list(units))
        return load(units, name)

    monkeypatch.setattr(program, "load", noted)
    pc.compile(function, target="c")(x)
    return [unit for unit in found if "#pragma omp simd" in unit.text]


def loops_not_vectorized(unit, folder):
    """The lines of C below each `omp simd` of which GCC does not report that it made vectors of them."""
    compiler = find_compiler()
    (folder / "kernel.c").write_text(unit.text, encoding="utf-8")
    # A loop that only copies would become a call of memcpy, which is just as well, but is not reported.
    flags = ["-fopt-info-vec-optimized", "-fno-tree-loop-distribute-patterns"]
    command = [*compiler.command, *compiler.flags, *unit.flags, *flags]
    command += ["-c", "kernel.c", "-o", "kernel.o"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    said = {int(line) for line in re.findall(r"kernel\.c:(\d+):\d+: optimized: loop vectorized", done.stderr)}
    lines = unit.text.splitlines()
    marked = [number for number, line in enumerate(lines, 1) if "#pragma omp simd" in line]
    assert marked
    # The loop is on the line after the mark; GCC names that line or the first of its body.
    return [lines[number] for number in marked if not said & {number + 1, number + 2}]


def check(function, x, folder, monkeypatch):
    kernels = kernels_of(function, x, monkeypatch)
    assert kernels
    for unit in kernels:
        assert loops_not_vectorized(unit, folder) == [], unit.text


@pytest.mark.parametrize("name", FLOAT32)
def test_float32(name, tmp_path, monkeypatch):
    check(FLOAT32[name], X, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", FLOAT64)
def test_float64(name, tmp_path, monkeypatch):
    check(FLOAT32[name], X.astype(np.float64), tmp_path, monkeypatch)


def test_attention(tmp_path):
    """The loops between the products, which are the runtime's."""
    text = with_includes("attention_f32.c").replace("SIMD for", "\n#pragma omp simd\nfor")
    assert loops_not_vectorized(Unit("attention", text, ("-ffp-contract=fast",)), tmp_path) == []


CALLS = """
float f(float);
void g(float *x, int n)
{
    #pragma omp simd
    for (int i = 0; i < n; i++)
        x[i] = f(x[i]);
}
"""


def test_a_loop_that_cannot_be_vectorized_is_noticed(tmp_path):
    """The check itself: a loop that calls a function nobody sees is not reported."""
    assert len(loops_not_vectorized(Unit("bad", CALLS), tmp_path)) == 1
    assert loops_not_vectorized(Unit("good", CALLS.replace("f(x[i])", "x[i] * 2")), tmp_path) == []
