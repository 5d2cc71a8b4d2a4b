"""A step allocates nothing while it runs: counted by standing in front of the C library's allocators."""

import re
import subprocess
import sys

import numpy as np
import pytest
from c_compilers import REAL

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.export.driver import write_driver

pytestmark = [
    pytest.mark.compiler,
    pytest.mark.skipif(REAL is None, reason="no C compiler"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a linker that knows --wrap"),
]

COUNTING = """
#include <stdio.h>
#include <stdlib.h>
static _Atomic long count;
void *__real_malloc(size_t), *__real_calloc(size_t, size_t), *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
int __real_posix_memalign(void **, size_t, size_t);
void *__wrap_malloc(size_t n) { return count++, __real_malloc(n); }
void *__wrap_calloc(size_t a, size_t b) { return count++, __real_calloc(a, b); }
void *__wrap_realloc(void *p, size_t n) { return count++, __real_realloc(p, n); }
void *__wrap_aligned_alloc(size_t a, size_t n) { return count++, __real_aligned_alloc(a, n); }
int __wrap_posix_memalign(void **p, size_t a, size_t n) { return count++, __real_posix_memalign(p, a, n); }
__attribute__((destructor)) static void tell(void) { fprintf(stderr, "%ld\\n", count); }
"""
ALLOCATORS = ("malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign")


def allocations(folder, steps):
    """How often a program that does so many steps on two threads allocates."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Dropout(0.3), nn.Linear(96, 10))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    @pc.compile(target="c")
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    random = np.random.default_rng(0)
    folder.mkdir()
    write_driver(step, folder, random.random((200, 64), dtype=np.float32), random.integers(0, 10, 200), steps=steps)
    (folder / "count.c").write_text(COUNTING, encoding="utf-8")
    wrap = "-Wl," + ",".join(f"--wrap={name}" for name in ALLOCATORS)
    files = [str(folder / "program.c"), str(folder / "count.c")]
    subprocess.run(
        [*REAL, "-O2", "-fopenmp-simd", "-w", *files, wrap, "-o", str(folder / "run"), "-lm", "-pthread"], check=True
    )
    done = subprocess.run(
        [str(folder / "run"), str(folder / "data.bin"), "2"], check=True, capture_output=True, encoding="utf-8"
    )
    assert done.stdout.startswith("ok")
    return int(done.stderr)


def test_a_step_allocates_nothing(tmp_path):
    """The driver itself takes one fresh arena for each step; there must be nothing else."""
    assert allocations(tmp_path / "many", 7) - allocations(tmp_path / "few", 2) == 5


def test_what_is_cheap_is_computed_again_on_the_way_back():
    """Of convolution, batch norm and relu three arrays lie in memory, as docs/convolution.md says; gradients follow."""
    pc.manual_seed(0)
    layers = [nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()) for _ in "abc"]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 64, 4))

    @pc.compile(target="c")
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        model.zero_grad()
        loss.backward()
        return loss

    step(pc.rand(8, 32, 8, 8), pc.randint(0, 4, (8,)))
    ops = {str(node).lstrip("%"): type(node.op).__name__ for node in step.graph.nodes}
    places = re.findall(r"\*v(\d+) = \(\w+ \*\)\(arena \+ (\d+)\);  // \w+\[8, 32, 8, 8\]", step.source)
    made = [ops[number] for number, _ in places]
    assert made[:6] == ["Convolve", "Relu"] * 3
    assert sorted(made[6:]) == ["Add"] * 3 + ["ConvolveInput"] * 2 + ["Not"] * 3
    gradients = [int(start) for number, start in places if ops[number] in ("Add", "ConvolveInput")]
    assert set(gradients) <= {int(start) for _, start in places[:6]}  # where an array was kept that is no longer needed
