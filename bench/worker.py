"""The process that measures: one workload in one framework, and nothing else.

    python -m bench.worker WORKLOAD FRAMEWORK KIND FOLDER THREADS [--first-only] [--wrong]
    python -m bench.worker data WORKLOAD FOLDER

The second form makes weights and batches, once for all frameworks. The first form builds the network, takes the first
step and the checked ones, says what it found, and then waits for orders: one line of JSON each, on standard input.
While it waits it is blocked in a read, so it takes no time from the others.
"""

import gc
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bench import frameworks

clock = time.perf_counter
LONG = 0.4  # seconds: a step that takes so long and fills its turn is measured once a turn
BLOCK = 0.02  # seconds: calls are timed in blocks of about this length, so that the clock itself costs nothing


def make_data(name, folder):
    """Write weights and batches of a workload into the folder."""
    import numpy as np

    from bench.workloads import WORKLOADS

    workload = WORKLOADS[name]
    random = np.random.default_rng(20)
    weights: Any = workload.weights(random)
    batches = workload.batches(random)
    np.savez(folder / "weights.npz", **weights)
    parts: Any = {f"{i}.{j}": array for i, batch in enumerate(batches) for j, array in enumerate(batch)}
    np.savez(folder / "batches.npz", **parts)
    workload.files(folder, weights)


def read_data(folder):
    """The weights by name, and the batches as a list of tuples."""
    import numpy as np

    with np.load(folder / "weights.npz", allow_pickle=False) as file:
        weights = {name: file[name] for name in file.files}
    batches = {}
    with np.load(folder / "batches.npz", allow_pickle=False) as file:
        for name in file.files:
            batches.setdefault(int(name.split(".")[0]), []).append(file[name])
    return weights, [tuple(batches[i]) for i in sorted(batches)] or [()]  # all may be among the weights


class Bench:
    """A session with its batches: the checked steps first, then blocks of calls with a clock beside them."""

    def __init__(self, session, batches, kind):
        self.session, self.kind = session, kind
        self.batches = itertools.cycle([tuple([session.prepare(part) for part in batch]) for batch in batches])
        self.call, self.arguments, self.steps_a_call = session.step, self.batches, 1
        self.calls_a_block = 1
        self.last = float("nan")

    def checked_steps(self, count):
        """What the first `count` steps say: lists of numbers for each, except that "repeat" gives one list only."""
        if self.kind == "repeat":
            yield self.session.read(self.session.repeat(self.stacked(count)))[-1][-1:]
            return
        for batch in itertools.islice(self.batches, count):
            yield from self.session.read(self.session.step(*batch))

    def stacked(self, count):
        """So many batches, as the framework's `repeat` takes them."""
        return self.session.stack(list(itertools.islice(self.batches, count)))

    def prepare_blocks(self, repeated_steps):
        """Fix what a call is, and how many calls make a block."""
        if self.kind == "repeat":
            self.call, self.steps_a_call = self.session.repeat, repeated_steps
            self.arguments = itertools.repeat((self.stacked(repeated_steps),))
        self.timed_block()  # new shapes may be compiled here
        while self.timed_block() * self.calls_a_block * self.steps_a_call < BLOCK:
            self.calls_a_block *= 2

    def timed_block(self):
        """Seconds for one step. Only the last result is read, which waits for all that came before it."""
        call, result = self.call, None
        start = clock()
        for arguments in itertools.islice(self.arguments, self.calls_a_block):
            result = call(*arguments)
        self.last = self.session.read(result)[-1][-1]
        return (clock() - start) / (self.calls_a_block * self.steps_a_call)

    def measure(self, seconds):
        """Milliseconds for one step, block after block, for about so many seconds.

        At first caches are cold and threads asleep, so the first block does not count, unless it has taken all the
        time: then one step is so long that nobody sees how it began.
        """
        gc.disable()
        begun = clock()
        found = [self.timed_block() * 1e3]
        if clock() - begun < max(seconds, LONG):
            found, end = [], clock() + seconds
            while clock() < end or len(found) < 2:
                found.append(self.timed_block() * 1e3)
        gc.enable()
        return found

    def idle(self, seconds):
        """Seconds of processor time that this process takes while it sleeps, from a step on: all threads together."""
        self.timed_block()
        start = time.process_time()
        time.sleep(seconds)
        return time.process_time() - start


def peak_memory():
    """The most memory this process has had, in MB; None where the system does not say (Windows)."""
    try:
        # On Linux getrusage also counts what the parent had when it started this process; this line does not.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass  # not Linux
    try:
        import resource
    except ModuleNotFoundError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # in bytes, or in units of 1024 bytes


def work(say, words):
    """The life of a worker."""
    name, framework, kind, folder, threads, *options = words
    start = clock()
    frameworks.load(framework, int(threads))
    first_seconds = clock() - start

    from bench.workload import REPEATED_STEPS
    from bench.workloads import WORKLOADS

    workload = WORKLOADS[name]
    workload.folder = Path(folder)
    weights, batches = read_data(workload.folder)
    if "--wrong" in options:  # only tests ask for this: a mistake that must not go unnoticed
        weights = {key: array * array.dtype.type(1.01) for key, array in weights.items()}

    start = clock()
    session = workload.build(frameworks.FRAMEWORKS[framework].family, weights, framework)
    del weights
    bench = Bench(session, batches, kind)
    checked = bench.checked_steps(workload.checked_steps + 1)
    losses = [next(checked)]
    first_seconds += clock() - start
    if "--first-only" in options:
        say(first_s=first_seconds)
        return
    losses += checked
    bench.prepare_blocks(REPEATED_STEPS)
    gc.collect()
    gc.freeze()  # what is there now stays; looking at it again would only cost time
    say(status="ready", first_s=first_seconds, losses=losses, target=session.target())
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "measure":
            say(ms=bench.measure(order["seconds"]))
        elif order["do"] == "idle":
            say(idle_s=bench.idle(order["seconds"]))
        else:
            say(rss_mb=peak_memory(), last=bench.last)
            return


def main_with(work):
    """Run work(say, words), with the words of the command line. `say` answers the parent, also of what goes wrong."""
    # Answers go where standard output leads to; whatever libraries print goes to the error stream instead.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**answer):
        print(json.dumps(answer), file=answers, flush=True)

    try:
        work(say, sys.argv[1:])
    except Exception as error:  # noqa: BLE001  whatever it is, the row says so and the others go on
        import traceback

        traceback.print_exc()
        reason = str(error).strip().splitlines() or [""]
        say(status="failed", reason=f"{type(error).__name__}: {reason[0]}")


if __name__ == "__main__":
    if sys.argv[1] == "data":
        make_data(sys.argv[2], Path(sys.argv[3]))
    else:
        main_with(work)
