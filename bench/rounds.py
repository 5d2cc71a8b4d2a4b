"""The parent: starts one worker per row, lets them take turns, and compares what they compute with PyTorch.

A round measures every row once. So a moment in which the machine is slow hits all frameworks alike, and medians over
rounds compare like with like.
"""

import contextlib
import json
import math
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.frameworks import FRAMEWORKS, environment, lacking
from bench.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
REPEATING = ("pellucid", "jax")  # the frameworks with one call for many steps
REFERENCE = "torch"


@dataclass
class Options:
    """How long, and how often, to measure."""

    rounds: int = 5
    seconds: float = 0.5  # of each row in each round
    threads: int = 2
    rest: float = 0.3  # seconds between two workers, in which the threads of the first fall asleep
    cold: bool = True  # take the first step of compiling frameworks twice: with an empty cache and with a full one
    limit: float = 900.0  # seconds for one answer, compiling included
    wrong: tuple = ()  # frameworks that are given wrong weights: for tests

    def for_group(self, group):
        """Shorter turns for operations alone: there are many of them, and their first step is of no interest."""
        if group != "alone":
            return self
        return replace(self, seconds=self.seconds * 0.4, rest=self.rest / 2, cold=False)


@dataclass
class Row:
    """One line of the table. `status` is ok, void (computes something else), missing, left out or failed."""

    workload: str
    framework: str
    kind: str
    status: str = "ok"
    reason: str = ""
    median_ms: float | None = None
    min_ms: float | None = None
    first_s: float | None = None
    first_warm_s: float | None = None
    rss_mb: float | None = None
    gflops: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    last: float | None = None  # the last loss: has it learned?
    target: str = ""
    rounds_ms: list = field(default_factory=list)


class WorkerError(Exception):
    """A worker has ended without an answer."""


class Worker:
    """A worker process and the pipe to it."""

    def __init__(self, row, folder, options, *extra, module="bench.worker"):
        self.row = row
        self.limit = options.limit
        cache = folder / f"cache-{row.framework}-{row.kind}"
        cache.mkdir(exist_ok=True)
        self.errors = folder / f"errors-{row.framework}-{row.kind}.txt"
        words = [row.workload, row.framework, row.kind, str(folder), str(options.threads), *extra]
        words += ["--wrong"] if row.framework in options.wrong else []
        with self.errors.open("w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=ROOT, env=environment(options.threads, cache),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8",
            )  # fmt: skip

    def answer(self):
        """The next line that the worker says. One that takes too long is ended."""
        watch = threading.Timer(self.limit, self.process.kill)
        watch.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            said = self.errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise WorkerError(f"the process ended ({self.process.wait()}): {said[-1] if said else 'it said nothing'}")
        return json.loads(line)

    def ask(self, **order):
        """Give an order and wait for the answer."""
        with contextlib.suppress(BrokenPipeError):  # it has ended; `answer` says how
            print(json.dumps(order), file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def rows_of(workload, chosen):
    """The rows of a workload that the chosen frameworks give; those that cannot run say why."""
    for kind in workload.kinds:
        for name in [name for name in chosen if name in workload.columns]:
            if kind == "repeat" and name not in REPEATING:
                continue
            row = Row(workload.name, name, kind, tolerance=workload.tolerance)
            package = lacking(name)
            if reason := workload.reason_left_out(name, kind):
                row.status, row.reason = "left out", reason
            elif package:
                row.status, row.reason = "missing", f"{package} is not installed"
            yield row


def measure(names, chosen, options, say=print):
    """Measure these workloads in these frameworks. Returns the rows."""
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="pellucid-bench-", ignore_cleanup_errors=True) as folder:
            rows += measure_one(WORKLOADS[name], chosen, options, Path(folder), say)
    return rows


def make_data(workload, folder):
    """Weights and batches of a workload, in files for all its workers. NumPy's part of it ends with its process."""
    command = [sys.executable, "-m", "bench.worker", "data", workload.name, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)


def measure_one(workload, chosen, options, folder, say):
    """All rows of one workload."""
    options = options.for_group(workload.group)
    make_data(workload, folder)
    rows = list(rows_of(workload, chosen))
    workers, losses = [], {}
    try:
        # First steps that are timed need the machine for themselves; the others may be taken two at a time.
        with ThreadPoolExecutor(1 if options.cold else 2) as pool:
            runnable = [row for row in rows if row.status == "ok"]
            for worker in pool.map(lambda row: begin(row, folder, options, losses, say), runnable):
                workers += [worker] if worker else []
        judge(workload, rows, losses, folder, options)
        for number in range(options.rounds):
            say(f"{workload.name}: round {number + 1} of {options.rounds}")
            for worker in workers if number % 2 == 0 else reversed(workers):
                time.sleep(options.rest)
                take_turn(worker, options)
        for worker in workers:
            finish(worker, workload)
    finally:
        for worker in workers:
            worker.close()
    return rows


def begin(row, folder, options, losses, say):
    """Say which worker is started, and start it."""
    say(f"{row.workload}: {row.framework}, {row.kind}: first step")
    return start(row, folder, options, losses)


def start(row, folder, options, losses):
    """Start the worker of a row and wait until it is ready; None if it cannot do it."""
    worker, ready = None, False
    try:
        if options.cold and FRAMEWORKS[row.framework].disk_cache:
            worker = Worker(row, folder, options, "--first-only")
            row.first_s = worker.answer().get("first_s")
            worker.close()
        worker = Worker(row, folder, options)
        said = worker.answer()
        if said["status"] == "ready":
            if row.first_s is None:
                row.first_s = said["first_s"]
            else:
                row.first_warm_s = said["first_s"]
            row.target = said["target"]
            losses[row.framework, row.kind] = said["losses"]
            ready = True
            return worker
        row.status, row.reason = said["status"], said["reason"]
    except WorkerError as error:
        row.status, row.reason = "failed", str(error)
    finally:
        if worker and not ready:
            worker.close()
    return None


def judge(workload, rows, losses, folder, options):
    """A row counts only if it computes what PyTorch computes."""
    for kind in workload.kinds:
        steps = "train" if kind == "repeat" else kind
        if (REFERENCE, steps) not in losses and not lacking(REFERENCE):
            worker = start(Row(workload.name, REFERENCE, steps), folder, options, losses)
            if worker:
                worker.close()
        expected = losses.get((REFERENCE, steps))
        for row in rows:
            found = losses.get((row.framework, row.kind))
            if row.kind != kind or found is None:
                continue
            if expected is None:
                row.status, row.reason = "void", "without PyTorch nobody has checked what it computes"
                continue
            row.difference = difference(found, expected)
            if not row.difference <= workload.tolerance:  # written so that NaN is void, too
                row.status = "void"
                what = "loss" if kind in ("train", "repeat") else "output"
                row.reason = f"{what} differs from PyTorch's by {row.difference:.1e}, allowed {workload.tolerance:.0e}"


def difference(found, expected):
    """The largest difference of two lists of results, relative to the largest number of each result.

    A result is one loss, or one output. Rows that make many steps in one call say their last loss only: the lists are
    compared from the end.
    """
    largest = 0.0
    for one, other in zip(reversed(found), reversed(expected), strict=False):
        if len(one) != len(other):
            return math.inf
        scale = max(map(abs, other))
        for a, b in zip(one, other, strict=True):
            if not math.isfinite(a):
                return math.nan
            largest = max(largest, abs(a - b) / scale)
    return largest


def take_turn(worker, options):
    """Let one worker measure once."""
    row = worker.row
    if row.status == "failed":
        return
    try:
        said = worker.ask(do="measure", seconds=options.seconds)
    except WorkerError as error:
        row.status, row.reason = "failed", str(error)
        return
    if "ms" not in said:
        row.status, row.reason = "failed", said["reason"]
        return
    row.rounds_ms.append(statistics.median(said["ms"]))
    row.min_ms = min([*said["ms"], *([row.min_ms] if row.min_ms else [])])


def finish(worker, workload):
    """The figures of a row: the median of its rounds, and what the process says at its end."""
    row = worker.row
    if row.status == "failed":
        row.min_ms = None
        return
    try:
        said = worker.ask(do="end")
    except WorkerError as error:
        row.status, row.reason, row.min_ms = "failed", str(error), None
        return
    row.rss_mb, row.last = said["rss_mb"], said["last"]
    row.median_ms = statistics.median(row.rounds_ms)
    row.gflops = workload.flops / row.median_ms / 1e6
