"""Which ops share a loop nest: fewer kernels, and fewer walks through memory.

A group is one loop nest over one shape, or one op that needs a kernel of its own (a matrix product). The nodes are
visited in the order recorded, and the groups run in the order in which they were opened:

    A node joins the latest group that makes or reads one of its inputs, if it fits in there and all that it reads is
    made by then. Otherwise it opens a group.

Since inputs are never later than their group, no group waits for a later one, and there are no cycles to look for.
What fits into a group over a shape, some axes of which are reduced (its `axes`; the others are kept):

    full     an op that looks at one position at a time, over the whole shape
    row      such an op over the kept axes only, made of results of reductions: the 1 / sum of a softmax
    reduce   a sum or maximum along exactly the reduced axes. What it gives may be used in the same group, which then
             walks along each row once more: that is a new phase (largest, then sum of exp(x - largest), then quotients)
    part     a sum that nobody in the group waits for and that runs along all of the kept axes, such as the gradient of
             a bias. Each unit of work adds into a part of its own, and a small kernel joins the parts (`Lowering.join`)

Transpose, Slice, Broadcast and a Reshape that only adds or drops axes of length 1 are not computed at all: they say
which element is read (`fusion/views.py`). Cheap nodes made of arguments, States and constants float: each group
that uses one computes it again. So do rows that are taken of a table. In the end some nodes move: see `sink`, `split`
and `postpone`.
"""

import math
from typing import NamedTuple

from pellucid import ops
from pellucid.fusion.reads import (
    CHEAP,
    LEAVES,
    POSITIONAL,
    REDUCTIONS,
    inputs_at,
    needs_copy,
    one_per_row,
    picks,
    real_axes,
    reduced_axes,
    rooted,
    through,
    walked_shape,
    without,
)
from pellucid.fusion.views import NOWHERE, here, is_view, position, steps_of
from pellucid.ops.elementwise import Elementwise

DEEP = 6  # a floating node is made of at most this many others
PASSES = (
    "join",
    "phases",
    "parts",
    "pairs",
    "rows",
    "slices",
)  # what may be left out, to see what it brings (docs/engine.md)
COSTLY = (ops.Exp, ops.Log, ops.Log1p, ops.Power, ops.Sin, ops.Cos, ops.Tanh, ops.Sigmoid, ops.Erf)
WIDEST_PART = 4096  # numbers that the sums of one unit may be: they should stay in the first-level cache


class Fit(NamedTuple):
    """How a group makes a node: at which position, in which phase it is ready, and as what (see above)."""

    at: tuple
    phase: int
    role: str


class Group:
    """One kernel. `shape` is that of its loop nest, None for an op of its own; `axes` are those that are reduced."""

    def __init__(self, number, shape):
        self.number = number
        self.shape = shape
        self.axes = None  # not decided yet
        self.part_axes = None  # along which sums in parts run
        self.made = {}  # node -> Fit, in the order made
        self.reads = set()  # nodes that it reads from memory

    @property
    def nodes(self):
        return list(self.made)

    def place_of(self, shape):
        """The position of the nest's loops for an array of this shape, in which it is walked; None if it does not fit.

        The whole shape, or what is left of it when the reduced axes are dropped or 1.
        """
        if shape == self.shape:
            return tuple(here(shape))
        kept = [i for i, n in enumerate(self.shape) if n != 1 and self.axes and i not in self.axes]
        if not kept or [n for n in shape if n != 1] != [self.shape[i] for i in kept]:
            return None
        axes = iter(kept)
        return tuple([NOWHERE if n == 1 else here(self.shape)[next(axes)] for n in shape])

    def inner(self, at):
        """Does a position change along the reduced axes?"""
        return any(axis in (self.axes or ()) for index in at for axis, _ in index.steps)

    @property
    def real(self):
        """The axes with more than one element."""
        return tuple([axis for axis, n in enumerate(self.shape) if n != 1])

    def adds_parts(self, summed, size):
        """Could a sum along these axes, which gives so many numbers, be added up part by part?"""
        if self.axes is not None and not set(self.real) - set(self.axes) <= set(summed):
            return False  # it must run along all axes that are kept
        if size == 1 or not summed:
            return self.axes != self.real and bool(summed)
        left = tuple([axis for axis in self.real if axis not in summed])
        if size != math.prod([self.shape[axis] for axis in left]) or size > WIDEST_PART or left[-1] != self.real[-1]:
            return False
        return left == (self.part_axes or self.axes or left) and self.real[0] in summed


class Fusion:
    """The groups of a graph, and which nodes get memory (`stored`), float, or are copied although they are views."""

    def __init__(self, graph, passes=PASSES):
        self.graph = graph
        self.passes = passes
        self.groups = []
        self.group_of = {}
        self.copied = needs_copy(graph)
        self.rooted = rooted(graph, self.copied)
        self.results = {self.source(node) for node in graph.results()}
        self.floating = {}  # node -> how many nodes it is made of
        self.users = {}
        for node in graph.nodes:
            for x in node.inputs:
                self.users.setdefault(x, []).append(node)
        for node in numbers_first(graph.nodes):
            self.place(node)
        for group in list(self.groups) if "phases" in passes else ():
            self.split(group)
        stored = self.find_stored()
        for group in self.groups if "phases" in passes else ():
            self.leave_out(group, stored)
        self.stored = self.find_stored()
        self.late = {self.source(effect.node) for effect in graph.effects}  # what is to be written as late as can be
        for group in self.groups:
            self.postpone(group)

    # ---- where a node goes

    def place(self, node):
        """Put one node into a group, if it is computed at all."""
        if node in self.copied:
            self.join(node)
        elif isinstance(node.op, LEAVES) or is_view(node):
            return
        elif self.may_float(node):
            self.floating[node] = 1 + sum(self.floating.get(self.source(x), 0) for x in node.inputs)
        elif isinstance(node.op, (*POSITIONAL, *REDUCTIONS)) or one_per_row(node):
            self.join(node)
        else:
            self.begin(node)

    def may_float(self, node):
        """Cheap, and made of leaves and of what floats itself; or rows of a table, read where they lie."""
        taken = isinstance(node.op, ops.TakeRows)
        if node in self.rooted or not (taken or isinstance(node.op, CHEAP)):
            return False
        sources = [self.source(x) for x in node.inputs]
        if taken and (not isinstance(sources[0].op, LEAVES) or sources[0] in self.copied):
            return False  # the table must lie in memory from the start
        # What is made of rows is laid out: to look for them again costs more than to read what came out.
        floating = [x for x in sources if x in self.floating and not isinstance(x.op, ops.TakeRows)]
        known = all(isinstance(x.op, LEAVES) or x in floating for x in sources)
        return known and sum(self.floating.get(x, 0) for x in sources) < DEEP

    def join(self, node):
        """Put the node into the latest group that it fits into, or into a new one."""
        related = {x for x, _ in self.reads_of(node)}
        earliest = max([self.group_of[x].number for x in related if x in self.group_of], default=0)
        for group in reversed(self.groups[earliest:] if "join" in self.passes else []):
            if group.shape is None or not (related & group.reads or related & group.made.keys()):
                continue
            fit = self.fit(node, group)
            if fit is not None:
                return self.put(node, group, fit)
        return self.begin(node, walked_shape(node))

    def begin(self, node, shape=None):
        """A new group for this node."""
        if isinstance(node.op, (ops.Sum, ops.AddRows)):
            self.sink(self.source(node.inputs[-1]), node)
        group = Group(len(self.groups), shape)
        self.groups.append(group)
        self.put(node, group, Fit((), 0, "alone") if shape is None else self.fit(node, group))

    def sink(self, x, node):
        """Let x be computed where `node` reads it, rather than be stored for it by an earlier group.

        That moves less memory if nobody else reads x, and x is cheap and made of one array of its size at most: the
        product of a number and a vector for each pair of words, which are to be added up.
        """
        group = self.group_of.get(x)
        if group is None or len(group.made) == 1 or group.made[x].role != "full" or not isinstance(x.op, CHEAP):
            return
        if x in self.results or self.readers(x) != {node}:
            return
        if sum(2 * math.prod(y.spec.shape) > math.prod(x.spec.shape) for y, _ in self.reads_of(x)) <= 1:
            del group.made[x], self.group_of[x]
            self.floating[x] = 1 + sum(self.floating.get(self.source(y), 0) for y in x.inputs)

    def split(self, group):
        """Give what is made of the totals of short rows a nest of its own, if it costs much and nothing comes back.

        There all rows are side by side, and so fill vectors: exp(total) for each row is one number at a time here.
        """
        moved = [node for node, fit in group.made.items() if fit.phase and fit.role in ("row", "part")]
        comes_back = any(fit.phase and fit.role == "full" for fit in group.made.values())
        if comes_back or not any(isinstance(node.op, COSTLY) for node in moved):
            return
        made, later = dict(group.made), Group(group.number + 0.5, walked_shape(moved[0]))
        for node in moved:
            del group.made[node], self.group_of[node]
        for node in moved:
            fit = self.fit(node, later)
            if fit is None:
                group.made = made
                self.group_of.update(dict.fromkeys(moved, group))
                return
            self.put(node, later, fit)
        self.groups.insert(self.groups.index(group) + 1, later)

    def leave_out(self, group, stored):
        """Let what is cheaply made of one array in memory and of numbers for each row be computed where it is read.

        So the backward half of a norm reads the input, the mean and 1 / deviation of each row, and the forward half
        need store neither the centred input nor the normalized one.
        """
        for node, fit in list(group.made.items()):
            if fit.role != "full" or node not in stored or node in self.rooted or not isinstance(node.op, CHEAP):
                continue
            sources = {x for x, _ in self.reads_of(node)}
            rows = {x for x in sources if x in group.made and group.made[x].role in ("row", "reduce")}
            lying = {x for x in sources - rows if x in stored or isinstance(x.op, LEAVES)}
            if rows and len(lying) == 1 and len(sources) == len(rows) + 1:
                del group.made[node], self.group_of[node]
                self.floating[node] = 1 + sum(self.floating.get(self.source(x), 0) for x in node.inputs)
                for reader in self.groups:
                    if node in reader.reads:
                        reader.reads.remove(node)
                        reader.reads.update(x for x in sources if self.group_of.get(x) is not reader)

    def postpone(self, group):
        """Make what only later phases need in the first of them, so that no row of it must be kept until then."""
        last = max(fit.phase - (fit.role == "reduce") for fit in group.made.values())
        needed = {}
        for node, made in reversed(group.made.items()):
            waits = made.role == "full" and (node in self.late or node not in self.stored)
            fit = made._replace(phase=max(made.phase, needed.get(node, last))) if waits else made
            group.made[node] = fit
            for x, _ in self.reads_of(node):
                needed[x] = min(fit.phase - (fit.role == "reduce"), needed.get(x, last))

    def readers(self, x):
        """The nodes that read x, through views that know where to look."""
        found, stack = set(), [x]
        while stack:
            for user in self.users.get(stack.pop(), ()):
                mixes = isinstance(user.op, ops.Reshape) and steps_of(user) is None
                if is_view(user) and user not in self.copied and not mixes:
                    stack.append(user)
                else:
                    found.add(user)
        return found

    def put(self, node, group, fit):
        if fit.role == "reduce" and group.axes is None:
            group.axes = real_axes(node)
        if fit.role == "part":
            group.part_axes = tuple([axis for index in fit.at for axis, _ in index.steps]) or group.part_axes
        group.made[node] = fit
        group.reads.update(x for x, _ in self.reads_of(node) if self.group_of.get(x) is not group)
        self.group_of[node] = group

    def fit(self, node, group):
        """How the group could make the node; None if it cannot."""
        picked = picks(node) and self.source(node.inputs[0]) in group.made
        if picked or (isinstance(node.op, REDUCTIONS) and real_axes(node)):
            return self.fit_reduction(node, group)
        at = group.place_of(node.spec.shape)
        phase = None if at is None else self.phase(node, group, at)
        if at is None or phase is None:
            return None
        if at == tuple(here(group.shape)):
            return Fit(at, phase, "full")
        # One number for each row belongs to the rows that it is made of, or out of which it is looked up.
        known = {*group.made, *group.reads} if isinstance(node.op, ops.Gather) else group.made.keys()
        return Fit(at, phase, "row") if any(x in known for x, _ in self.reads_of(node)) else None

    def fit_reduction(self, node, group):
        shape, axes = node.inputs[0].spec.shape, real_axes(node)
        at = group.place_of(shape)
        phase = None if at is None else self.phase(node, group, at, picking=True)
        if at is None or phase is None:
            return None
        result = without(at, reduced_axes(node.op))
        if isinstance(node.op, ops.Sum) and node.spec.dtype.kind == "f" and not self.returns(node):
            summed = tuple([axis for i in axes for axis, _ in at[i].steps])  # axes of the nest
            if "parts" in self.passes and math.prod(shape) and group.adds_parts(summed, math.prod(node.spec.shape)):
                return Fit(result, phase, "part")
        if shape != group.shape or group.axes not in (None, axes) or group.part_axes not in (None, axes):
            return None
        return Fit(result, phase + 1, "reduce")

    def phase(self, node, group, at, picking=False):
        """In which phase of the group the node can be made at a position; None if not in this group."""
        phase = 0
        for x, where in self.reads_of(node, at, picking):
            if x in group.made:
                made = group.made[x]
                if made.role == "part" or where is None or tuple(where) != made.at:
                    return None
                phase = max(phase, made.phase)
                if phase and "phases" not in self.passes:
                    return None
            elif x in self.group_of and self.group_of[x].number >= group.number:
                return None
        return phase

    def returns(self, node):
        """Is the result of a reduction spread over the shape again that it was made of?"""
        size, found, stack = math.prod(node.inputs[0].spec.shape), set(), [node]
        while stack:
            for user in self.users.get(stack.pop(), ()):
                if user in found or not (is_view(user) or isinstance(user.op, Elementwise)):
                    continue
                if math.prod(user.spec.shape) == size:
                    return True
                found.add(user)
                stack.append(user)
        return False

    # ---- what a node reads

    def source(self, x):
        """The node whose memory or expression x looks at, through views."""
        return through(x, self.copied)

    def reads_of(self, node, at=None, picking=False):
        """(node that is computed or a leaf, where it is read if the node is made at `at`), through views and floats.

        None for a place that is not known in advance, or that needs all of the node to be in memory.
        """
        stack: list = inputs_at(node, at, picking)
        while stack:
            x, where = stack.pop()
            while is_view(x) and x not in self.copied:
                where = None if where is None else position(x, where)
                x = x.inputs[0]
            if x in self.floating:
                stack.extend((y, () if y.spec.shape == () else where) for y in x.inputs)
            else:
                yield x, where

    # ---- what gets memory

    def find_stored(self):
        """Computed nodes that somebody outside of their group reads, or that are results."""
        stored = {self.source(node) for node in self.graph.results()}
        for group in self.groups:
            for node, fit in group.made.items():
                if group.shape is None or fit.role == "part" or node in self.copied:
                    stored.add(node)
                stored.update(x for x, _ in self.reads_of(node) if self.group_of.get(x) is not group)
        return {node for node in stored if node in self.group_of}


def numbers_first(nodes):
    """The nodes in an order that begins with single numbers made of arguments, States and constants.

    What they are made of is there from the start, and so they hold up none of those who use them: Adam's rate, which
    follows from the number of steps, would otherwise be made between the two halves of an update.
    """
    early = set()
    for node in nodes:
        known = all(isinstance(x.op, LEAVES) or x in early for x in node.inputs)
        if known and all(math.prod(x.spec.shape) == 1 for x in (node, *node.inputs)):
            early.add(node)
    return [*[node for node in nodes if node in early], *[node for node in nodes if node not in early]]
