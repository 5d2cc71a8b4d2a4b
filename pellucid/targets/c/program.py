"""The C target: a graph compiled, its buffers bound, and called.

The same interface as the NumPy target's. Small arguments are copied into memory of the program, large ones are read
where they lie; results are copies. If an index is refused, no State has changed, and the NumPy target repeats the step
to raise the error that eager code raises, with the user's line.
"""

import ctypes
import math

import numpy as np

from pellucid.engine import aligned, mode
from pellucid.errors import PellucidError
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.turn import turn
from pellucid.graph.verify import verify
from pellucid.targets.c.build import Unit, load
from pellucid.targets.c.emit import Source, identity
from pellucid.targets.c.lower import Lowering
from pellucid.targets.c.memory import plan
from pellucid.targets.c.pool import runtime
from pellucid.targets.numpy import NumpyProgram

COPIED = 65536  # bytes up to which an argument is copied: less than it costs to look at where it lies
QUICK = 200_000  # steps of work below which Python's lock is kept: giving it up costs as much as the step


class CProgram:
    """A graph as a C program, ready to run."""

    def __init__(self, graph):
        self.graph = verify(dead(turn(graph)))
        self.lowering = Lowering(self.graph)
        self.commits, self.arena_bytes = plan(self.lowering)
        self.source = Source(self.lowering, self.commits)
        library = load([Unit(name, text) for name, text in self.source.units()], "a step")
        if work_of(self.graph) < QUICK:
            library = ctypes.PyDLL(library._name, handle=library._handle)
        self.library = library
        self.step = library.step
        self.step.argtypes = None
        self.step.restype = ctypes.c_int
        library.repeat.restype = ctypes.c_int64
        self.arena = aligned(np.zeros(max(self.arena_bytes, 1), np.uint8))
        self.bind()

    # ---- addresses

    def bind(self):
        """Fill the table of addresses that the step is given."""
        table = self.source.table
        self.table = (ctypes.c_void_p * (len(table) + 1))()
        self.constants, self.slots, self.small, self.large = [], [], [], []
        for (kind, number), (i, buffer) in table.items():
            if kind == "argument":
                array = aligned(np.zeros(buffer.spec.shape, buffer.spec.dtype))
                if array.nbytes <= COPIED:
                    self.small.append((number, array))
                else:
                    self.large.append((number, array, i))
                self.slots.append((number, i))
            elif kind == "state":
                array = self.graph.states[number].array
            else:
                array = aligned(buffer.node.value)
                self.constants.append(array)
            self.table[i] = address_of(array)
        self.table[len(table)] = address_of(self.arena)
        self.states = [effect.state for effect in self.graph.effects]
        self.outputs = [self.view(node) for node in self.graph.outputs]
        self.runtime = runtime()
        self.slot_of = dict(self.slots)
        states = [effect.state.array for effect in self.graph.effects]
        self.written = (
            min([address_of(x) for x in states], default=0),
            max([address_of(x) + x.nbytes for x in states], default=0),
        )

    def view(self, node):
        """The memory of a result, as an array."""
        buffer = self.lowering.place(node).buffer
        if buffer.kind == "state":
            return self.graph.states[buffer.number].array.reshape(node.spec.shape)
        memory = self.arena[buffer.start : buffer.start + math.prod(node.spec.shape) * node.spec.dtype.itemsize]
        return memory.view(node.spec.dtype).reshape(node.spec.shape)

    def take(self, arguments):
        """Hand the arguments over: small ones as copies, large ones by address, if they lie as the program expects."""
        for number, cell in self.small:
            cell[...] = arguments[number]
        for number, cell, slot in self.large:
            array = arguments[number]
            address = address_of(array)
            # Not a State that is written: it would change under the step's hands.
            apart = address + array.nbytes <= self.written[0] or address >= self.written[1]
            if not (apart and array.flags.c_contiguous and array.flags.aligned):
                cell[...] = array
                address = address_of(cell)
            self.table[slot] = address

    # ---- calls

    def run(self, arguments, watch=None):
        """One step: the outputs as fresh arrays. States have their new values afterwards, or all their old ones."""
        if watch is not None:
            return NumpyProgram(self.graph).run(arguments, watch)
        self.take(arguments)
        self.last = arguments  # profile() runs on them again; and the table may hold their addresses
        if self.step(self.table, self.runtime):
            raise self.refusal(arguments)
        self.note()
        return [array.copy() for array in self.outputs]

    def note(self):
        """All States that the step assigns have changed."""
        mode.clock += 1
        clock = mode.clock
        for state in self.states:
            state.changed = clock
            state.version += 1

    def repeat(self, arrays):
        """One step for each entry of the arrays' first axis; the outputs stacked."""
        steps = len(arrays[0])
        arrays = [np.ascontiguousarray(array) for array in arrays]
        used = [arrays[number] for number, _ in self.slots]
        results = [np.empty((steps, *array.shape), array.dtype) for array in self.outputs]
        done = self.library.repeat(
            self.table,
            self.runtime,
            ctypes.c_int64(steps),
            ctypes.c_int64(len(self.slots)),
            numbers([slot for _, slot in self.slots]),
            numbers([address_of(array) for array in used]),
            numbers([array.strides[0] for array in used]),
            ctypes.c_int64(len(results)),
            numbers([address_of(array) for array in self.outputs]),
            numbers([address_of(array) for array in results]),
            numbers([array.nbytes for array in self.outputs]),
        )
        if done:
            self.note()
        for number, cell in self.small:  # the table holds addresses of the batches: put the own ones back
            self.table[self.slot_of[number]] = address_of(cell)
        if done < steps:
            raise self.refusal([array[done] for array in arrays])
        return results

    def refusal(self, arguments):
        """The error that eager code raises here."""
        try:
            NumpyProgram(Uncommitted(self.graph)).run(arguments)
        except PellucidError as error:
            return error
        raise AssertionError("the C program refused an index that NumPy takes: please report this as a bug.")


class Uncommitted:
    """A graph without its effects: what it computes, and nothing that it changes."""

    def __init__(self, graph):
        self.nodes, self.outputs, self.effects, self.states = graph.nodes, graph.outputs, [], graph.states

    def results(self):
        """All nodes: each may be the one that fails."""
        return self.nodes


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
        inner = node.inputs[0].spec.shape[-1] if type(node.op).__name__ == "Matmul" else 1
        total += math.prod(node.spec.shape) * inner
    return total


__all__ = ["CProgram", "identity"]
