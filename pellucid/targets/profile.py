"""Where the time of a step goes, kernel by kernel: the step once more, with a clock around each call."""

import ctypes
import math
from typing import NamedTuple

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.targets.c.convolution import CONVOLUTIONS, Convolution, multiplications
from pellucid.targets.c.lower import Attend, Check, Kernel, Product
from pellucid.targets.c.packs import Pack
from pellucid.targets.c.places import Number
from pellucid.targets.c.slices import Chain
from pellucid.toolchain.build import load


class Row(NamedTuple):
    """One call of the step: `seconds` is the median of the repeats, the other numbers are counted from shapes."""

    kernel: str
    site: str
    seconds: float
    operations: int
    bytes: int


class Profile:
    """The rows of a profile; printing it gives a table, the slowest call first."""

    def __init__(self, rows, repeats):
        self.rows = sorted(rows, key=lambda row: -row.seconds)
        self.repeats = repeats

    @property
    def seconds(self):
        """The time of one step inside of C."""
        return sum(row.seconds for row in self.rows)

    def __str__(self):
        total = self.seconds or 1.0
        table: list[tuple] = [("kernel", "line", "us", "GFLOP/s", "GB/s", "share")]
        for row in self.rows:
            per_second = 1e-9 / row.seconds if row.seconds else 0.0
            numbers = (row.seconds * 1e6, row.operations * per_second, row.bytes * per_second)
            table.append((row.kernel, row.site, *[f"{x:.1f}" for x in numbers], f"{row.seconds / total:.1%}"))
        table.append(("all", "", f"{self.seconds * 1e6:.1f}", "", "", f"median of {self.repeats} steps"))
        columns = []
        for i, column in enumerate(zip(*table, strict=True)):
            width = max([len(cell) for cell in column])
            columns.append([cell.ljust(width) if i < 2 else cell.rjust(width) for cell in column])
        return "\n".join(["  ".join(line) for line in zip(*columns, strict=True)])

    __repr__ = __str__


def profile(program, repeats):
    """Run a CProgram `repeats` times with clocks, on the arguments of its last call; put all States back."""
    if repeats < 1:
        raise ArgumentError(f"profile takes at least 1 repeat, not {repeats}.")
    if not program.mark.count:
        raise ArgumentError("this step has not run in C yet.", remedy="Call it once, outside of detect_anomaly.")
    units = list(program.source.units(timed=True))
    timed = load(units, "the step with clocks").step_timed
    timed.restype = ctypes.c_int
    calls = program.source.calls
    seconds = (ctypes.c_double * len(calls))()
    arrays = [effect.state.array for effect in program.graph.effects]
    before = [array.copy() for array in arrays]
    times = []
    try:
        program.take(program.last)
        program.forget()
        for _ in range(repeats + 1):
            ctypes.memset(seconds, 0, ctypes.sizeof(seconds))
            if timed(program.table, program.runtime, seconds):
                raise program.refusal(program.last)
            times.append(list(seconds))
    finally:
        for array, old in zip(arrays, before, strict=True):
            array[...] = old
        for kept in program.kept:
            kept.version = None
    medians = np.median(times[1:], axis=0)  # the first is for the caches
    rows = []
    for call, median in zip(calls, medians, strict=True):
        sites = dict.fromkeys(str(node.site) for node in call.nodes if node.site is not None)
        rows.append(Row(title(call), ", ".join(sites), float(median), operations(call), traffic(call)))
    return Profile(rows, repeats)


def title(call):
    """The kernel's name, or what the runtime does."""
    match call.what:
        case Product(sizes=(groups, batch, m, n, k), outer=outer):
            batch *= groups * math.prod(axis[0] for axis in outer)
            return f"matmul {f'{batch} x ' if batch > 1 else ''}({m}, {k}) @ ({k}, {n})"
        case Pack(product=Product(sizes=(*_, n, k))):
            return f"pack ({k}, {n})"
        case Attend(function=function, numbers=n, lengths=lengths):
            return f"{function} {math.prod(lengths)} x ({n['queries']}, {n['keys']})"
        case Convolution(function=function):
            y, w = [" x ".join(map(str, node.spec.shape)) for node in (call.nodes[0], call.nodes[0].inputs[1])]
            return f"{function.rpartition('_')[0]} {w} -> {y}"
        case Check():
            return "check of indices"
        case Chain(slices=slices, calls=calls):
            return f"{len(calls)} calls in {slices} slices"
    return call.what.name


def operations(call):
    """How many additions, multiplications and the like; a call of exp counts as one."""
    match call.what:
        case Product(sizes=sizes, outer=outer):
            return 2 * math.prod(sizes) * math.prod(axis[0] for axis in outer)
        case Attend(function=function, numbers=n, lengths=lengths):
            width, depth = (3 * n["width"], 2 * n["depth"]) if "gradient" in function else (n["width"], n["depth"])
            seen = 2 * n["queries"] * n["keys"] // (1 + n["causal"])  # about
            return seen * (width + depth) * math.prod(lengths)
        case Chain(slices=slices, calls=calls):  # a kernel counts as for all rows, a product as for one slice
            return sum(operations(x.call) * (1 if isinstance(x.call.what, Kernel) else slices) for x in calls)
        case Convolution() | Kernel(contract=True) if isinstance(call.nodes[0].op, CONVOLUTIONS):  # not its copies
            return 2 * multiplications(call.nodes[0])
        case Kernel():
            largest = [max([math.prod(x.spec.shape) for x in (*node.inputs, node)]) for node in call.nodes]
            return sum(largest)
    return 0


def traffic(call):
    """The bytes of all arrays that are read or written, each once."""
    buffers = {id(buffer): buffer for buffer, _ in call.reads if not isinstance(buffer, Number)}
    buffers.update({id(buffer): buffer for buffer in call.writes})
    return sum(buffer.bytes for buffer in buffers.values())
