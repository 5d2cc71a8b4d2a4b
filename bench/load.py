"""Not alone on the machine: how much slower a step gets while another process keeps one of the cores busy.

And the other side of it: how much processor time a program takes while it has nothing to do.

    python -m bench.load spin CORE        the other process
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.rounds import ROOT, WorkerError, make_data, rows_of, start
from bench.workloads import WORKLOADS

NAMES = ("mnist_mlp", "gpt_small", "resnet18_cifar")
WHO = ("pellucid", "torch_tuned", "jax")
GOAL = 2.5  # times slower, at most
IDLE = 2.0  # seconds of sleep in which processor time is counted


@dataclass
class Loaded:
    """A workload in one framework: milliseconds for a step, alone and beside the other process."""

    workload: str
    framework: str
    status: str = "ok"
    reason: str = ""
    alone_ms: float | None = None
    loaded_ms: float | None = None
    slower: float | None = None
    idle_part: float | None = None
    rounds_ms: list = field(default_factory=list)  # pairs (alone, loaded)


def measure(chosen, options, say=print):
    """All rows, workload by workload. A row that cannot be measured says why."""
    options = replace(options, cold=False)
    found = []
    for name in NAMES:
        with tempfile.TemporaryDirectory(prefix="pellucid-bench-", ignore_cleanup_errors=True) as folder:
            make_data(WORKLOADS[name], Path(folder))
            rows = rows_of(WORKLOADS[name], [name for name in chosen if name in WHO])
            for row in [row for row in rows if row.kind == "train"]:
                say(f"{name} with and without load: {row.framework}")
                found.append(measure_one(row, Path(folder), options))
    return found


def measure_one(row, folder, options):
    """One workload in one framework. Only one worker lives at a time: nobody else shall be near the cores."""
    found = Loaded(row.workload, row.framework)
    worker = start(row, folder, options, {}) if row.status == "ok" else None
    if worker is None:
        found.status, found.reason = row.status, row.reason
        return found
    try:
        sleep = min(IDLE, 4 * options.seconds)
        found.idle_part = said(worker.ask(do="idle", seconds=sleep), "idle_s") / sleep
        for _ in range(options.rounds):
            time.sleep(options.rest)
            alone = turn(worker, options)
            with busy_core():
                time.sleep(options.rest)
                found.rounds_ms.append((alone, turn(worker, options)))
        alone, loaded = [statistics.median(times) for times in zip(*found.rounds_ms, strict=True)]
        found.alone_ms, found.loaded_ms, found.slower = alone, loaded, loaded / alone
    except WorkerError as error:
        found.status, found.reason = "failed", str(error)
    finally:
        worker.close()
    return found


def turn(worker, options):
    """The median of one turn."""
    return statistics.median(said(worker.ask(do="measure", seconds=options.seconds), "ms"))


def said(answer, what):
    """What a worker was asked for. One that failed says why instead."""
    if what not in answer:
        raise WorkerError(answer.get("reason", f"no {what} in its answer"))
    return answer[what]


@contextlib.contextmanager
def busy_core():
    """Inside the `with` block another process computes without end, on the last core that this one may use."""
    core = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1
    words = [sys.executable, "-m", "bench.load", "spin", str(core)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()  # it has begun
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def spin(core):
    """Compute without end, on this core where the system lets one choose."""
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    print("busy", flush=True)
    while True:
        pass


if __name__ == "__main__":
    spin(int(sys.argv[2]))
