"""Where things lie: a Buffer is memory for one array, a Place says how a node looks at one; and what is handed over.

A Kernel is a function in C with the buffers, sizes and Numbers that a call of it is given.
"""

import math
from typing import NamedTuple

from pellucid.fusion.loops import Access

HEAD = 64  # bytes in front of weights that are kept. There stands -1: lay them out; -2: of no use; or 0: they hold


class Buffer:
    """Memory of one array. `kind` is argument, state, constant, kept (from step to step) or arena.

    `number` is that of the argument or State; `of` says what it holds of a node, if not the node itself.
    """

    def __init__(self, kind, spec, node, number=None, of=""):
        self.kind = kind
        self.of = of
        self.spec = spec
        self.node = node
        self.number = number
        self.first = self.last = None  # the calls between which an arena buffer is alive
        self.start = None  # where it lies in the arena, in bytes
        self.shares = None  # the buffer whose place it takes over

    @property
    def bytes(self):
        return math.prod(self.spec.shape) * self.spec.dtype.itemsize


class Place(NamedTuple):
    """Where the elements of a node lie."""

    buffer: Buffer | None  # None where only the counting of elements matters
    start: int
    steps: tuple


def access_at(place, at):
    """The element of a place at a position, as an Access of the nest."""
    start, steps = place.start, {}
    for index, step in zip(at, place.steps, strict=True):
        start += index.start * step
        for axis, by in index.steps:
            if by * step:
                steps[axis] = steps.get(axis, 0) + by * step
    return Access(place.buffer, start, steps)


class Kernel(NamedTuple):
    """A function in C, and what one call of it is given. `units` of work can be done in any order, by any thread."""

    name: str
    text: str
    functions: tuple  # pieces of runtime/math that it needs
    pointers: list  # (buffer, start), in the order of the function's p[]
    sizes: list  # the function's n[]
    units: int
    serial: bool = False  # so little work that one thread does it
    contract: bool = False  # may it add a product to a sum without rounding it first?


class Number(NamedTuple):
    """A constant that is handed to a kernel, so that kernels that differ in nothing else are one."""

    text: str
    kind: str
