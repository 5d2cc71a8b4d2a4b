"""Training on all of MNIST, with everything that a user waits for: shuffling, batches, steps, means. Epochs take turns.

python -m bench.fit FOLDER COUNT        makes the data, once for all frameworks
"""

import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.frameworks import lacking
from bench.rounds import ROOT, Row, Worker, WorkerError

WHO = {
    "pellucid": "`train.fit` with a DataLoader, compiled as it decides",
    "torch": "the loop of the tutorials: DataLoader, Adam, loss.item()",
    "torch_tuned": "tensors in memory, rows of a batch taken by index, fused Adam",
    "keras": "Keras 3 over JAX: model.fit with NumPy arrays",
}
GOAL = 1.5
LEARNED = 0.97  # of the test pictures are recognised after these epochs, whoever trains; a row below is void


@dataclass
class Fitted:
    """Seconds for an epoch in one framework."""

    framework: str
    status: str = "ok"
    reason: str = ""
    median_s: float | None = None
    min_s: float | None = None
    first_s: float | None = None  # import, building, compiling and the first epoch
    accuracy: float | None = None
    rss_mb: float | None = None
    epochs_s: list = field(default_factory=list)


def measure(chosen, options, fast=False, say=print):
    """All rows; an empty list if there are no data."""
    rows = [Fitted(name) for name in chosen if name in WHO]
    with tempfile.TemporaryDirectory(prefix="pellucid-bench-", ignore_cleanup_errors=True) as folder:
        words = [sys.executable, "-m", "bench.fit", folder, "6000" if fast else "60000"]
        done = subprocess.run(words, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8", check=False)
        for row in rows:
            package = lacking(row.framework)
            if done.returncode:
                row.status, row.reason = "missing", f"no data: {done.stderr.strip().splitlines()[-1]}"
            elif package:
                row.status, row.reason = "missing", f"{package} is not installed"
        workers = []
        try:
            for row in [row for row in rows if row.status == "ok"]:
                say(f"fit: {row.framework}: first epoch")
                workers.append((row, begin(row, Path(folder), options)))
            for number in range(options.rounds):
                say(f"fit: epoch {number + 1} of {options.rounds}")
                for row, worker in workers if number % 2 == 0 else reversed(workers):
                    time.sleep(options.rest)
                    take_turn(row, worker)
            for row, worker in workers:
                finish(row, worker, 0.0 if fast else LEARNED)
        finally:
            for _, worker in workers:
                worker.close()
    return rows


def begin(row, folder, options):
    """Start a worker and wait for its first epoch."""
    worker = Worker(
        Row("fit", row.framework, "fit"), folder, options, str(options.rounds + 1), module="bench.fit_worker"
    )
    hear(row, worker.answer)
    return worker


def take_turn(row, worker):
    """One more epoch."""
    if row.status == "ok":
        hear(row, lambda: worker.ask(do="epoch"))


def hear(row, ask):
    """Note what a worker answers."""
    try:
        answer = ask()
    except WorkerError as error:
        answer = {"status": "failed", "reason": str(error)}
    if answer.get("status") == "failed":
        row.status, row.reason = "failed", answer["reason"]
    for name in ("first_s", "accuracy", "rss_mb"):
        if name in answer:
            setattr(row, name, answer[name])
    if "seconds" in answer:
        row.epochs_s.append(answer["seconds"])


def finish(row, worker, least):
    """The figures of a row, and whether it has learned."""
    take_turn(row, worker)  # the last order: to say how good it is
    if row.status != "ok":
        return
    row.median_s, row.min_s = statistics.median(row.epochs_s), min(row.epochs_s)
    if row.accuracy is None or not row.accuracy >= least:
        row.status, row.reason = "void", f"recognises {row.accuracy} of the test pictures, and {least} are expected"


def make_data(folder, count):
    """Pictures as float32 (count, 784) from 0 to 1 and labels, for training and for the last question."""
    import numpy as np

    from pellucid import data

    arrays = {}
    for split, suffix in (("train", ""), ("test", "_test")):
        x, y = data.mnist(split)
        arrays |= {f"x{suffix}": x.reshape(len(x), 784)[:count].astype(np.float32) / 255, f"y{suffix}": y[:count]}
    np.savez(folder / "mnist.npz", **arrays)


if __name__ == "__main__":
    make_data(Path(sys.argv[1]), int(sys.argv[2]))
