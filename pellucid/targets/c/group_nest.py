"""From a group of nodes to the statements of one loop nest.

A value is named where it is made. In a later phase of the nest the loops over the reduced axes run anew, so a value of
an earlier phase must be had again: loaded, if it was stored anyhow; else computed again, if that is cheap; else kept in
a buffer on the stack for the length of one row.
"""

import math

import numpy as np

from pellucid import ops
from pellucid.fusion.layout import row_fits
from pellucid.fusion.loops import Access, Nest, Own, Part, Reduce, Store
from pellucid.fusion.reads import CHEAP, REDUCTIONS, reduced_axes, without
from pellucid.fusion.views import NOWHERE, is_leaf, is_view, position, row_major
from pellucid.graph import Argument, Constant, Read
from pellucid.targets.c.expressions import c_type, ending, expression, functions_of, literal
from pellucid.targets.c.places import Buffer, Number, Place, access_at

SIMPLE = (0.0, 0.5, 1.0, 2.0)  # numbers that are written into kernels; others are handed over


class GroupNest:
    """Makes the nest of one group. `parts` are the sums that its units of work add up part by part."""

    def __init__(self, lowering, group):
        self.lowering = lowering
        self.fusion = lowering.fusion
        self.group = group
        self.nest = Nest(group.shape, group.axes or ())
        self.names = {}  # (node, position, phase; 0 for what is the same in each phase) -> name
        self.rows = {}  # node -> the memory that keeps it
        self.parts = []
        self.last = max([fit.phase - (fit.role == "reduce") for fit in group.made.values()], default=0)
        for node, fit in group.made.items():
            if fit.role in ("reduce", "part"):
                self.reduce(node, fit)
            else:
                self.names[self.key(node, fit.at, fit.phase)] = self.compute(node, fit.at, fit.phase)
        # Only after all loads: a State may be written in place, and so may what is read here for the last time.
        stores = []
        for node, fit in group.made.items():
            if node in self.fusion.stored and fit.role != "part":
                phase = self.last if node in self.fusion.late and fit.role == "full" else fit.phase
                value, access = self.value(node, fit.at, phase), access_at(lowering.place(node), fit.at)
                stores.append(Store(access, c_type(node.spec.dtype), value, phase))
        self.nest.statements += stores

    def key(self, node, at, phase):
        return node, tuple(at), phase if self.group.inner(at) else 0

    # ---- reductions

    def reduce(self, node, fit):
        """A sum or maximum along the reduced axes, or one that is added up part by part."""
        x, kind = node.inputs[0], c_type(node.spec.dtype)
        at, phase = self.group.place_of(x.spec.shape), fit.phase - (fit.role == "reduce")
        how = {ops.Sum: "sum", ops.Max: "max", ops.ArgMax: "argmax", ops.Gather: "pick"}[type(node.op)]
        if how == "sum" and node.spec.dtype.kind == "b":
            how = "any"
        value = self.value(x, at, phase)
        if how == "pick":
            value = self.picked(node, at, value, phase)
        count = math.prod([x.spec.shape[axis] for axis in reduced_axes(node.op)])
        everything = fit.role == "part" and self.group.inner(at) and not self.group.inner(fit.at)
        if fit.role == "reduce" or everything:
            name = self.nest.new_name()
            self.nest.add(Reduce(name, kind, value, how, count, c_type(x.spec.dtype), phase))
            self.names[self.key(node, fit.at, fit.phase)] = value = name
        if fit.role == "part":
            width = math.prod(node.spec.shape)
            steps = dict(zip([axis for i in fit.at for axis, _ in i.steps], real_steps(node.spec.shape), strict=True))
            row = Own("part", len(self.parts))
            self.nest.add(Part(Access(row, 0, steps), kind, value, width, count, phase + everything))
            self.parts.append(node)

    def picked(self, node, at, value, phase):
        """The value where the index says, else a zero that changes nothing: x + -0.0 is x, even if x is -0.0."""
        axis, index = node.op.axis, node.inputs[1]
        where = self.value(index, without(at, (axis,)), phase)
        zero = literal(np.negative(node.spec.dtype.type(0)), node.spec.dtype) if node.spec.dtype.kind == "f" else "0"
        here_on_axis = Access(None, 0, dict(at[axis].steps))
        text = f"{same_place(node.inputs[0].spec.shape[axis])} ? {{1}} : {zero}"
        return self.nest.let(c_type(node.spec.dtype), text, (where, value), here_on_axis, phase)

    # ---- values

    def value(self, node, at, phase):
        """The name of an element of a node: made here, had again, or loaded."""
        key = self.key(node, at, phase)
        if key not in self.names:
            fit = self.group.made.get(node)
            made_here = fit is not None and fit.at == tuple(at) and fit.role != "part"
            self.names[key] = self.again(node, fit, phase) if made_here else self.find(node, at, phase)
        return self.names[key]

    def again(self, node, fit, phase):
        """A value of an earlier phase."""
        kind = c_type(node.spec.dtype)
        if node in self.fusion.stored and node not in self.fusion.late:
            return self.nest.load(kind, access_at(self.lowering.place(node), fit.at), phase=phase)
        if isinstance(node.op, (*CHEAP, ops.ScatterAdd)) or not row_fits(self.group.shape, self.group.axes):
            return self.compute(node, fit.at, phase)
        steps = dict(zip(self.group.axes, row_major([self.group.shape[axis] for axis in self.group.axes]), strict=True))
        access = Access(self.rows.setdefault(node, Own("row", len(self.rows))), 0, steps)
        store = Store(access, kind, self.value(node, fit.at, fit.phase), fit.phase)
        if store not in self.nest.statements:
            self.nest.add(store)
        return self.nest.load(kind, access, phase=phase)

    def find(self, node, at, phase):
        if isinstance(node.op, Constant) and node.spec.shape == () and node not in self.fusion.group_of:
            return self.number(node)
        if is_view(node) and node not in self.fusion.group_of:
            inside = position(node, at)
            if inside is not None:
                return self.value(node.inputs[0], inside, phase)
        elif node in self.fusion.floating:
            return self.compute(node, at, phase)
        return self.load(node, self.lowering.place(node), at, phase)

    def load(self, node, place, at, phase, index=None, by=0):
        """An element of memory at a position."""
        phase = phase if index is not None or self.group.inner(at) else 0
        return self.nest.load(c_type(node.spec.dtype), access_at(place, at), index, by, phase)

    def number(self, node):
        """A constant: written into the kernel if it is a simple one, else handed over."""
        value, kind = node.value[()], c_type(node.spec.dtype)
        text = literal(value, node.spec.dtype)
        if node.spec.dtype.kind != "f" or abs(value) in SIMPLE or not math.isfinite(value):
            return text
        return self.nest.load(kind, Access(Number(text, kind), 0, {}))

    def compute(self, node, at, phase):
        """An element of a node, from elements of its inputs."""
        kind = c_type(node.spec.dtype)
        if not self.group.inner(at):  # the same in each phase: as early as can be
            phase = self.group.made[node].phase if node in self.group.made else 0
        if is_leaf(node):
            return self.load_leaf(node, at, phase)
        if is_view(node):
            inside = position(node, at)
            if inside is None:  # a Reshape that mixes axes
                return self.load(node, self.seen_place(node), at, phase)
            return self.value(node.inputs[0], inside, phase)
        match node.op:
            case ops.Uniform():
                return self.uniform(node, at, phase)
            case ops.Gather(axis=axis):
                x, index = node.inputs
                place = self.lowering.place(x)
                return self.load(x, place, without(at, (axis,)), phase, self.value(index, at, phase), place.steps[axis])
            case ops.TakeRows():
                x, index = node.inputs
                place = self.lowering.place(x)
                where = self.value(index, at[: index.spec.ndim], phase)
                rest = [NOWHERE, *at[index.spec.ndim :]]
                return self.load(x, place, rest, phase, where, place.steps[0])
            case ops.ScatterAdd(axis=axis):
                where, value = [self.value(x, without(at, (axis,)), phase) for x in node.inputs]
                here_on_axis = Access(None, at[axis].start, dict(at[axis].steps))
                text = f"{same_place(node.spec.shape[axis])} ? {{1}} : 0"
                return self.nest.let(kind, text, (where, value), here_on_axis, phase)
        if isinstance(node.op, REDUCTIONS):  # along axes with one element each
            return self.alone(node, at, phase)
        operands = [self.value(x, () if x.spec.shape == () else at, phase) for x in node.inputs]
        self.nest.functions.update(functions_of(node))
        text = expression(node, [f"{{{i}}}" for i in range(len(operands))])
        return self.nest.let(kind, text, operands, phase=phase)

    def alone(self, node, at, phase):
        """The sum or maximum of one number; its position is 0."""
        if isinstance(node.op, ops.ArgMax):
            return "0"
        value = self.value(node.inputs[0], at, phase)
        return self.nest.let(c_type(node.spec.dtype), "{0}", (value,), phase=phase)

    def load_leaf(self, node, at, phase):
        """A leaf that is copied."""
        if isinstance(node.op, Constant) and node.spec.shape == ():
            return self.number(node)
        buffers = self.lowering.buffers
        if ("leaf", node) not in buffers:
            kind = {Argument: "argument", Read: "state", Constant: "constant"}[type(node.op)]
            number = getattr(node.op, "index", getattr(node.op, "slot", None))
            buffers["leaf", node] = Buffer(kind, node.spec, node, number)
        return self.load(node, Place(buffers["leaf", node], 0, row_major(node.spec.shape)), at, phase)

    def seen_place(self, node):
        """Where a view that is itself copied looks."""
        return self.lowering.seen(node, self.lowering.place(node.inputs[0]))

    def uniform(self, node, at, phase):
        """Random numbers: a function of the two keys and of the place among all elements."""
        self.nest.functions.add("random")
        key = node.inputs[0]
        place = self.lowering.place(key)
        words = [self.nest.load("uint32_t", Access(place.buffer, place.start + i * place.steps[0], {})) for i in (0, 1)]
        keys = [self.value_of_key(which, words) for which in ("first", "second")]
        flat = access_at(Place(None, 0, row_major(node.spec.shape)), at)
        text = f"random_{ending(node.spec.dtype)}((uint32_t)({{at}} + {flat.start}), {{0}}, {{1}})"
        return self.nest.let(c_type(node.spec.dtype), text, keys, flat, phase)

    def value_of_key(self, which, words):
        """One of the two numbers that are made of a key, once for the whole nest."""
        name = (which, *words)
        if name not in self.names:
            self.names[name] = self.nest.let("uint32_t", f"{which}_key({{0}}, {{1}})", words)
        return self.names[name]


def same_place(length):
    """Is index {0} the place on an axis of this length? In 32 bits, if they suffice: as many as in a float's lane."""
    return "(int32_t){0} == (int32_t)({at})" if length < 2**31 else "{0} == {at}"


def real_steps(shape):
    """The steps in memory along the axes that have more than one element."""
    return [step for n, step in zip(shape, row_major(shape), strict=True) if n != 1]
