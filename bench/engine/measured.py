"""All that docs/engine.md says about time. Where nothing was measured, a question mark stands for each figure."""

import datetime
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench import machine
from bench.engine import ladder, products
from pellucid.targets.profile import operations, profile, title, traffic

THREADS = (1, 2)
REPEATS = 200  # of the profiled step


class Measured(NamedTuple):
    """Medians. With `None` in place of all this, the page can still be made, but for its times."""

    when: str
    peaks: dict  # GFLOP/s of a large product, GB/s of a large copy, on two threads
    cached: float  # GB/s that a core copies within its caches
    steps: dict  # title of a step -> microseconds: not compiled, then rung by rung
    products: dict  # (title of a product, way) -> GFLOP/s
    calls: dict  # threads -> {key of a call: microseconds}
    shares: dict  # title of a step -> for each rung, microseconds in products and in kernels, on one thread


def measure(steps):
    """Measure everything: `steps` is a dict from each Step to its ladder."""
    first, rungs = next(iter(steps.items()))
    found = machine.describe()
    with tempfile.TemporaryDirectory() as folder:
        peaks = machine.peaks(max(THREADS), False, Path(folder))
    return Measured(
        f"{datetime.datetime.now(datetime.UTC).date().isoformat()}: {found['processor']}, {found['cores']} cores, "
        f"{found['system']}",
        peaks,
        cached_copy(),
        {step.title: ladder.microseconds(step, made) for step, made in steps.items()},
        {
            (case.title, way): products.gflops(way, case)
            for case in products.cases()
            for way in (*products.WAYS, *products.RUNTIME_WAYS)
        },
        {threads: by_call(first, rungs[-1].program, threads) for threads in THREADS},
        {step.title: [shares(step, rung.program) for rung in made[:-1]] for step, made in steps.items()},
    )


def cached_copy():
    """GB/s, read and written, of a core that copies 1.6 MB (the first weights) to and fro."""
    source, target = np.ones((512, 784), np.float32), np.ones((512, 784), np.float32)
    return 2 * source.nbytes / machine.best(lambda: np.copyto(target, source), 0.2) / 1e9


def profiled(step, program, threads):
    """The rows of `profile`."""
    ladder.use_threads(threads)
    program.run([x.array for x in step.batch])
    return profile(program, REPEATS).rows


def by_call(step, program, threads):
    """Microseconds of each call of a program."""
    found = {}
    for row in profiled(step, program, threads):
        found.setdefault((row.kernel, row.operations, row.bytes), row.seconds * 1e6)
    return found


def shares(step, program):
    """Microseconds of all matrix products, and of all else."""
    found = {True: 0.0, False: 0.0}
    for row in profiled(step, program, 1):
        found[row.kernel.startswith("matmul ")] += row.seconds * 1e6
    return found[True], found[False]


def key_of(call):
    """Under what a call is found in `by_call`: calls that agree in all of this take the same time."""
    return title(call), operations(call), traffic(call)


# ---- figures as text


def figure(number, unit):
    """A number with its unit, in three digits or so."""
    if number is None:
        return f"? {unit}"
    return f"{number:,.0f} {unit}" if number >= 99.95 else f"{number:.1f} {unit}"


def table(head, rows):
    """A table of Markdown: the first column is text, the others are numbers."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
