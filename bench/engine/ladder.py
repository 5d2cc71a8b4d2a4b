"""A training step as a ladder: at the bottom every op is a pass over memory, and each rung adds one pass of the engine.

What cannot be left out by an argument is held back by a patch: the function that decides it is replaced while the
program is made. All rungs compute the same numbers.
"""

import contextlib
import functools
import io
import os
import runpy
import time
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.engine import Spec
from pellucid.fusion.fuse import PASSES
from pellucid.fusion.views import is_view
from pellucid.graph import record, simplify
from pellucid.targets.c.lower import Kernel
from pellucid.targets.c.pool import runtime
from pellucid.targets.c.program import CProgram
from pellucid.targets.profile import traffic
from pellucid.tensors import Tensor

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "compiled_step.py"
BLOCK = 0.01  # seconds of calls between two looks at the clock
ROUNDS = 9  # in each of them all rungs take turns, so that a slow moment hits all

# What is held back: for each pass, the functions that decide it, and what stands in for them.
HELD: dict[str, list] = {
    "turn": [("pellucid.targets.c.prepare.turn", lambda graph: graph)],
    "views": [("pellucid.fusion.fuse.needs_copy", lambda graph: {node for node in graph.nodes if is_view(node)})],
    "States in place": [("pellucid.targets.c.memory.in_place", lambda *_: False)],
    "memory shared": [
        ("pellucid.targets.c.memory.share", lambda *_: None),
        ("pellucid.targets.c.memory.give_back", lambda *_: None),
    ],
}
ORDER = tuple(HELD)


class Step(NamedTuple):
    """A training step, not compiled yet, and the batch that it is given."""

    title: str
    function: Any
    batch: tuple


class Rung(NamedTuple):
    """A step made with one pass more than the rung below."""

    name: str
    program: CProgram
    threads: int

    @property
    def kernel_calls(self):
        return [call for call in self.program.source.calls if isinstance(call.what, Kernel)]

    @property
    def megabytes(self):
        """What the kernels read and write in one step: each array once for each call that touches it."""
        return sum(traffic(call) for call in self.kernel_calls) / 1e6


# ---- the steps


@functools.cache
def mnist():
    """784-512-10, batch 128, RMSprop: the very step of docs/compiled-step.md."""
    with contextlib.redirect_stdout(io.StringIO()):
        made = runpy.run_path(str(EXAMPLE))
    return Step("784-512-10, batch 128, RMSprop", made["step"].function, (made["images"], made["labels"]))


@functools.cache
def normed():
    """64-256-LayerNorm-relu-dropout-100, batch 96, Adam."""
    pc.manual_seed(0)
    layers = [nn.Linear(64, 256), nn.LayerNorm(256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 100)]
    return classifier("64-256-LayerNorm-relu-dropout-100, batch 96, Adam", nn.Sequential(*layers), (96, 64, 100))


@functools.cache
def moons():
    """2-64-64-2, batch 64, Adam: small enough that calls cost as much as work."""
    pc.manual_seed(0)
    layers = [nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)]
    return classifier("2-64-64-2, batch 64, Adam", nn.Sequential(*layers), (64, 2, 2))


@functools.cache
def words():
    """A table of 10 000 words, of which a batch looks up 256 at most; SparseAdam."""
    pc.manual_seed(0)
    table = nn.Embedding(10_000, 64)
    optimizer = optim.SparseAdam(list(table.parameters()), lr=0.001)

    def step(x, y):
        loss = ((table(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    random = np.random.default_rng(0)
    x, y = random.integers(0, 10_000, 256), random.random((256, 64), dtype=np.float32)
    return Step("10 000 x 64, 256 rows looked up, SparseAdam", step, (pc.tensor(x), pc.tensor(y)))


STEPS = (mnist, normed, moons, words)


def classifier(title, model, sizes):
    """A step of cross entropy and Adam on random data: `sizes` are those of the batch, the inputs and the classes."""
    optimizer = optim.Adam(model.parameters(), lr=0.001)

    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    random, (batch, inputs, classes) = np.random.default_rng(0), sizes
    x, y = random.random((batch, inputs), dtype=np.float32), random.integers(0, classes, batch)
    return Step(title, step, (pc.tensor(x), pc.tensor(y)))


# ---- the rungs


def recorded(step):
    """The graph of a step as it was recorded: nothing is simplified yet."""
    specs = [(name, Spec(x.shape, x.array.dtype)) for name, x in zip("xy", step.batch, strict=True)]
    return record(step.function, specs, Tensor, lambda values: (values, {}))[1]


def program(graph, passes=PASSES, without=()):
    """The C program of a graph, with some passes held back."""
    with contextlib.ExitStack() as stack:
        for name in without:
            for target, stand_in in HELD[name]:
                stack.enter_context(patch(target, stand_in))
        return CProgram(graph, passes)


def ladder(step):
    """The rungs of a step, from the bottom to the top."""
    held = list(ORDER)
    rungs = [Rung("each op by itself", program(recorded(step), (), held), 1)]

    def add(name, passes=()):
        rungs.append(Rung(name, program(simplify(recorded(step)), passes, held), 1))

    add("simplified")
    for name in ORDER:
        held.remove(name)
        add(name)
    for count, name in enumerate(PASSES, 1):
        add(name, PASSES[:count])
    return [*rungs, Rung("two threads", rungs[-1].program, 2)]


# ---- measuring


def use_threads(count):
    """From now on, so many threads take part."""
    os.environ["PELLUCID_THREADS"] = str(count)
    runtime()


def microseconds(step, rungs):
    """The median time of one step on each rung, and before them that of the function itself, not compiled."""
    arrays = [x.array for x in step.batch]
    runs: list[Any] = [(lambda: step.function(*step.batch), 1)]
    runs += [(functools.partial(rung.program.run, arrays), rung.threads) for rung in rungs]
    states = [effect.state.array for effect in rungs[-1].program.graph.effects]
    start = [array.copy() for array in states]
    found = [[] for _ in runs]
    for _ in range(ROUNDS):
        for (run, threads), times in zip(runs, found, strict=True):
            for array, old in zip(states, start, strict=True):
                array[...] = old
            use_threads(threads)
            times.append(block(run))
    return [float(np.median(times)) * 1e6 for times in found]


def block(run):
    """Seconds for one call, over a block of calls."""
    run()
    calls, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < BLOCK:
        run()
        calls += 1
    return (time.perf_counter() - begin) / calls
