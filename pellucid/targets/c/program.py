"""The C target: a graph compiled, its buffers bound, and called.

The same interface as the NumPy target's. Small arguments are copied into memory of the program, large ones are read
where they lie; results are copies. If an index is refused, no State has changed, and the NumPy target repeats the step
to raise the error that eager code raises, with the user's line.
"""

import ctypes
import functools
import math

import numpy as np

from pellucid.engine import aligned
from pellucid.errors import PellucidError
from pellucid.fusion.fuse import PASSES
from pellucid.modes import Mark
from pellucid.ops import Matmul
from pellucid.targets.c.convolution import CONVOLUTIONS, multiplications
from pellucid.targets.c.emit import Source
from pellucid.targets.c.memory import lowered
from pellucid.targets.c.pool import library, runtime
from pellucid.targets.c.prepare import prepared
from pellucid.targets.numpy import NumpyProgram
from pellucid.toolchain import call
from pellucid.toolchain.build import load

COPIED = 65536  # bytes up to which an argument is copied: less than it costs to look at where it lies
PIECE = 100_000_000  # steps of work that repeat does in one call: a tenth of a second or so
QUICK = 1_000_000  # steps of work below which Python's lock is kept: less than a millisecond, and it is lent for five


class CProgram:
    """A graph as a C program, ready to run."""

    def __init__(self, graph, passes=PASSES):
        self.graph = prepared(graph)
        self.lowering, self.commits, self.arena_bytes = lowered(self.graph, passes)
        self.source = Source(self.lowering, self.commits)
        library = load(list(self.source.units()), "a step")
        self.step, self.c_repeat = library.step, library.repeat
        self.step.restype = ctypes.c_int
        self.c_repeat.restype = ctypes.c_int64
        self.work = max(work_of(self.graph), 1)
        self.is_long = self.work >= QUICK
        self.arena = fresh((max(self.arena_bytes, 1),), np.dtype(np.uint8))
        self.last = []  # the arguments of the last call; the table may hold their addresses
        self.done = 0  # how many steps the last run or repeat has done
        self.bind()

    # ---- addresses

    def bind(self):
        """Fill the table of addresses that the step is given."""
        table = self.source.table
        self.table = (ctypes.c_void_p * (len(table) + 1))()
        self.constants, self.slots, self.cells = [], {}, {}  # slots and cells: by the number of the argument
        self.kept = []
        for (kind, number), (i, buffer) in table.items():
            if kind == "argument":
                array = fresh(buffer.spec.shape, buffer.spec.dtype)  # if it is never needed, it takes no memory
                self.slots[number], self.cells[number] = i, array
            elif kind == "state":
                array = self.graph.states[number].array
            elif kind == "kept":
                array = aligned(np.full(buffer.spec.shape, -1, buffer.spec.dtype))
                self.kept.append(Kept(array, self.graph.states[self.lowering.buffer(buffer.node).number]))
            else:
                array = aligned(buffer.node.value)
                self.constants.append(array)
            self.table[i] = address_of(array)
        self.table[len(table)] = address_of(self.arena)
        self.mark = Mark(self)
        self.states = [effect.state for effect in self.graph.effects]
        for state in self.states:
            state.add_mark(self.mark)
        self.outputs = [self.view(node) for node in self.graph.outputs]
        self.runtime = runtime()
        self.written = [
            (address_of(state.array), address_of(state.array) + state.array.nbytes) for state in self.states
        ]

    def view(self, node):
        """The memory of a result, as an array."""
        buffer = self.lowering.place(node).buffer
        if buffer.kind == "state":
            return self.graph.states[buffer.number].array.reshape(node.spec.shape)
        memory = self.arena[buffer.start : buffer.start + math.prod(node.spec.shape) * node.spec.dtype.itemsize]
        return memory.view(node.spec.dtype).reshape(node.spec.shape)

    def entry(self, specs, hooks, lock):
        """The short way in for arguments of these Specs (call.py), or None. Who goes another way holds `lock`."""
        if not call.usable():
            return None
        cells = [self.cells[i] if i in self.cells else fresh(spec.shape, spec.dtype) for i, spec in enumerate(specs)]
        slots = [self.slots[i] if i in self.slots and cell.nbytes > COPIED else -1 for i, cell in enumerate(cells)]
        return call.Entry(self, cells, slots, hooks, lock, library().call_open)

    def take(self, arguments):
        """Hand the arguments over: small ones as copies, large ones by address, if they lie as the program expects."""
        for number, cell in self.cells.items():
            array = arguments[number]
            if cell.nbytes <= COPIED:
                cell[...] = array
                continue
            address = address_of(array)
            # Not a State that is written: it would change under the step's hands.
            apart = all(address + array.nbytes <= begin or address >= end for begin, end in self.written)
            if not (apart and is_in_order(array)):
                cell[...] = array
                address = address_of(cell)
            self.table[self.slots[number]] = address

    # ---- calls

    def run(self, arguments, watch=None):
        """One step: the outputs as fresh arrays. States have their new values afterwards, or all their old ones."""
        self.done = 0
        self.last[:] = arguments  # also of a call that is watched: call.c expects as many as the step takes
        if watch is not None:
            outputs = NumpyProgram(self.graph).run(arguments, watch)
            self.done = 1
            return outputs
        self.take(arguments)
        self.forget()
        try:
            refused = self.step(self.table, self.runtime)
            if not refused:
                self.note()
        except KeyboardInterrupt:  # it comes when the step has returned: the step counts whole
            self.note()
            raise
        if refused:
            raise self.refusal(arguments)
        return [array.copy() for array in self.outputs]

    def forget(self):
        """What is kept about a State is void if somebody else has changed the State, or may have."""
        for kept in self.kept:
            if kept.state.version != kept.version or kept.state.exposed:
                kept.array[0] = -2 if kept.state.exposed else -1

    def note(self):
        """All States that the step assigns have changed."""
        self.done += 1
        self.mark.note()
        self.remember()

    def remember(self):
        """What is kept about a State holds for the State as it is now."""
        for kept in self.kept:
            kept.version = kept.state.version

    def repeat(self, arrays):
        """One step for each entry of the arrays' first axis; the outputs stacked."""
        self.done, steps = 0, len(arrays[0])
        arrays = [array if is_in_order(array) else np.require(array, requirements=["C", "A"]) for array in arrays]
        self.last[:] = [array[-1] for array in arrays]
        results = [np.empty((steps, *array.shape), array.dtype) for array in self.outputs]
        stacks = [address_of(array) for array in (*[arrays[number] for number in self.cells], *results)]
        piece = max(1, PIECE // self.work)
        at = 0
        self.forget()
        while at < steps:  # piece by piece, so that Ctrl-C gets its turn
            count = min(piece, steps - at)
            try:
                done = self.piece(stacks, at, count)
            except KeyboardInterrupt:
                self.note()
                raise
            if done:
                self.note()
            if done < count:
                raise self.refusal([array[at + done] for array in arrays])
            at += count
        return results

    @functools.cached_property
    def layout(self):
        """What `repeat` in C is told of arguments and results, the same every time."""
        given, kept = list(self.cells.values()), self.outputs
        arguments = (
            ctypes.c_int64(len(given)),
            numbers(self.slots.values()),
            numbers([array.nbytes for array in given]),
            numbers([address_of(array) for array in given]),
        )
        results = (
            ctypes.c_int64(len(kept)),
            numbers([address_of(array) for array in kept]),
            numbers([array.nbytes for array in kept]),
        )
        return arguments, results

    def piece(self, stacks, at, count):
        """Do the steps at .. at + count - 1 of `repeat` in C, from and to where these stacks begin; how many it did."""
        given, kept = list(self.cells.values()), self.outputs
        starts = [begin + at * array.nbytes for begin, array in zip(stacks, [*given, *kept], strict=True)]
        from_, to = numbers(starts[: len(given)]), numbers(starts[len(given) :])
        arguments, results = self.layout
        return self.c_repeat(self.table, self.runtime, ctypes.c_int64(count), from_, *arguments, to, *results)

    def refusal(self, arguments):
        """The error that eager code raises here."""
        try:
            NumpyProgram(Uncommitted(self.graph)).run(arguments)
        except PellucidError as error:
            return error
        raise AssertionError("the C program refused an index that NumPy takes: please report this as a bug.")


class Kept:
    """What a program keeps from step to step about a State, and the version of the State for which it holds."""

    def __init__(self, array, state):
        self.array, self.state, self.version = array, state, None


class Uncommitted:
    """A graph without its effects: what it computes, and nothing that it changes."""

    def __init__(self, graph):
        self.nodes, self.outputs, self.effects, self.states = graph.nodes, graph.outputs, [], graph.states

    def results(self):
        """All nodes: each may be the one that fails."""
        return self.nodes


def fresh(shape, dtype):
    """Memory that begins at a cache line, as it comes: it is not touched, so until it is used it costs nothing."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + 64, np.uint8)
    start = -address_of(memory) % 64
    return memory[start : start + size].view(dtype).reshape(shape)


def is_in_order(array):
    """Do its elements lie row after row, each where the processor likes it?"""
    return array.flags.c_contiguous and array.flags.aligned


def numbers(values):
    """Whole numbers as an array of C, as addresses and sizes are handed over."""
    return (ctypes.c_int64 * max(len(values), 1))(*values)


def address_of(array):
    """Where the elements of an array begin."""
    return array.__array_interface__["data"][0]


def work_of(graph):
    """About how many elements the step computes; a product counts each multiplication."""
    total = 0
    for node in graph.nodes:
        if node.inputs and not node.op.view:
            inner = node.inputs[0].spec.shape[-1] if isinstance(node.op, Matmul) else 1
            convolves = isinstance(node.op, CONVOLUTIONS)
            total += multiplications(node) if convolves else math.prod(node.spec.shape) * inner
    return total
