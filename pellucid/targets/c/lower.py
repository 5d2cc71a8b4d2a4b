"""From a graph to a schedule: which kernel is called with which memory, in which order.

A Call is one line of `step()`. What it needs to know of memory is a Place for each node: a buffer, where in it the node
begins, and the steps along each axis. Buffers get their addresses later (`targets/c/memory.py`).
"""

import math
from typing import NamedTuple

from pellucid import ops
from pellucid.errors import UnsupportedError
from pellucid.graph import Argument, Constant, Read
from pellucid.targets.c.expressions import c_type, ending, expression, functions_of, literal
from pellucid.targets.c.fuse import Fusion, indices_of, reduced_axes
from pellucid.targets.c.loops import Access, AddTo, Nest, Reduce, Store, verify
from pellucid.targets.c.nests import Kernel, Number, Writer
from pellucid.targets.c.views import Index, here, is_leaf, is_view, position, row_major, steps_of
from pellucid.targets.c.whole import add_rows, matmul_of_whole_numbers

SIMPLE = (0.0, 0.5, 1.0, 2.0)  # numbers that are written into kernels; others are handed over


class Buffer:
    """Memory of one array. `kind` is argument, state, constant or arena; `number` is the argument or State."""

    def __init__(self, kind, spec, node, number=None):
        self.kind = kind
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


class Call(NamedTuple):
    """One line of step(). `what` is a Kernel, a Product or a Check."""

    what: object
    nodes: list  # the nodes it computes, for comments, profiles and messages
    reads: list  # (buffer, is each element read only by whoever writes the same position?)
    writes: list  # buffers


class Product(NamedTuple):
    """A matrix product, done by the runtime, which knows two levels of batches: one call for all but `outer`."""

    dtype: str
    outer: list  # (length, steps of a, steps of b, steps of c) for leading axes that do not merge into two
    sizes: tuple  # groups, batch, m, n, k
    a: tuple  # buffer, start, group steps, batch steps, row steps, column steps
    b: tuple
    c: tuple


class Check(NamedTuple):
    """Refuse the step if one of `count` whole numbers at `place` is negative, or not below `size` (None: no limit)."""

    place: Place
    count: int
    size: int | None
    kind: str


class Lowering:
    """Walks over the groups of a graph and makes the calls."""

    def __init__(self, graph):
        self.graph = graph
        self.fusion = Fusion(graph)
        self.buffers = {}
        self.calls = []
        self.checked = set()
        for node in graph.nodes:
            try:
                c_type(node.spec.dtype)
            except UnsupportedError as error:
                error.site = node.site
                raise
        for group in self.fusion.groups:
            self.lower(group)

    # ---- memory

    def buffer(self, node):
        """The memory of a leaf, or of a computed node."""
        if node not in self.buffers:
            match node.op:
                case _ if node in self.fusion.group_of:
                    self.buffers[node] = Buffer("arena", node.spec, node)
                case Argument(index=index):
                    self.buffers[node] = Buffer("argument", node.spec, node, index)
                case Read(slot=slot):
                    self.buffers[node] = Buffer("state", node.spec, node, slot)
                case Constant():
                    self.buffers[node] = Buffer("constant", node.spec, node)
                case _:
                    raise AssertionError(f"{node.op} has no memory")
        return self.buffers[node]

    def place(self, node):
        """Where the elements of a node lie, views included."""
        if is_leaf(node) or node in self.fusion.group_of:
            return Place(self.buffer(node), 0, row_major(node.spec.shape))
        return self.seen(node, self.place(node.inputs[0]))

    def seen(self, view, place):
        """Where the elements of a view lie, if those of its input lie at `place`."""
        if isinstance(view.op, ops.Reshape) and steps_of(view) is None:
            return Place(place.buffer, place.start, row_major(view.spec.shape))
        start, steps = place.start, [0] * view.spec.ndim
        at = position(view, here(view.spec.shape))
        assert at is not None, "a Reshape that mixes axes was treated above"
        for index, step in zip(at, place.steps, strict=True):
            start += index.start * step
            for axis, by in index.steps:
                steps[axis] += by * step
        return Place(place.buffer, start, tuple(steps))

    # ---- groups

    def lower(self, group):
        """The calls of one group."""
        for node in group.nodes:
            self.check_indices(node)
        if group.shape is not None:
            self.call_nest(NestBuilder(self, group).nest, group.nodes)
            return
        (node,) = group.nodes
        match node.op:
            case ops.Matmul():
                self.matmul(node)
            case ops.Concatenate(axis=axis):
                start, steps = 0, row_major(node.spec.shape)
                for x in node.inputs:
                    self.copy_into(node, x, Place(self.buffer(node), start, steps))
                    start += x.spec.shape[axis] * steps[axis]
            case ops.Pad(starts=starts, steps=by):
                self.fill(node)
                steps = row_major(node.spec.shape)
                start = sum(a * step for a, step in zip(starts, steps, strict=True))
                steps = tuple([step * b for step, b in zip(steps, by, strict=True)])
                self.copy_into(node, node.inputs[0], Place(self.buffer(node), start, steps))
            case ops.ScatterAdd():
                self.fill(node)
                self.scatter(node)
            case ops.AddRows():
                index, x = [self.place(x) for x in node.inputs]
                self.call_kernel(add_rows(node, index, x, self.buffer(node)), [node], [index.buffer, x.buffer])
            case _:
                raise UnsupportedError(
                    f"the C target has no rule for {node.op}.", remedy='Use target="numpy".', site=node.site
                )

    def check_indices(self, node):
        """Before an index is used: a call that refuses the step if it is wrong. Each is checked once."""
        for x in indices_of(node):
            place = self.place(x)
            size = None if isinstance(node.op, ops.Power) else size_of_indexed(node)
            count = math.prod(x.spec.shape)
            key = (place.buffer, place.start, count, size)
            if key not in self.checked and count:
                self.checked.add(key)
                check = Check(place, count, size, c_type(x.spec.dtype))
                self.calls.append(Call(check, [node], [(place.buffer, False)], []))

    def call_nest(self, nest, nodes, title=None):
        """A call of the kernel that a nest becomes."""
        kernel = Writer(verify(nest)).write(title or title_of(nodes))
        written = {s.access.buffer for s in nest.statements if isinstance(s, (Store, AddTo, Reduce))}
        own = dict(enumerate(row_major(nest.shape)))
        own = {axis: step for axis, step in own.items() if nest.shape[axis] != 1}
        reads = []
        for access in nest.accesses():
            if isinstance(access.buffer, Buffer) and access.buffer not in written:
                aligned = not nest.axes and access.start == 0 and access.steps == own
                reads.append((access.buffer, aligned))
        self.calls.append(Call(kernel, list(nodes), reads, sorted(written, key=lambda b: b.node.number)))

    def call_kernel(self, kernel, nodes, reads):
        """A call of a kernel that was not made from a nest."""
        self.calls.append(Call(kernel, nodes, [(buffer, False) for buffer in reads], [self.buffer(nodes[0])]))

    def copy_into(self, node, x, place):
        """Put the elements of x at a place within the memory of `node`."""
        nest = Nest(x.spec.shape)
        value = nest.load(c_type(x.spec.dtype), access_at(self.place(x), here(x.spec.shape)))
        nest.add(Store(access_at(place, here(x.spec.shape)), c_type(x.spec.dtype), value))
        self.call_nest(nest, [node])

    def fill(self, node):
        """Zeros."""
        nest = Nest(node.spec.shape)
        access = access_at(self.place(node), here(node.spec.shape))
        nest.add(Store(access, c_type(node.spec.dtype), "0"))
        self.call_nest(nest, [node], "zeros")

    def scatter(self, node):
        """Add each element of x where its index says."""
        index, x = node.inputs
        axis, at = node.op.axis, here(x.spec.shape)
        nest = Nest(x.spec.shape)
        where = nest.load("int64_t", access_at(self.place(index), at))
        value = nest.load(c_type(x.spec.dtype), access_at(self.place(x), at))
        target = self.place(node)
        at[axis] = Index()
        nest.add(AddTo(access_at(target, at), c_type(x.spec.dtype), value, where, target.steps[axis]))
        self.call_nest(nest, [node])

    def matmul(self, node):
        """By the runtime for floats, by a plain kernel for whole numbers."""
        a, b = [self.place(x) for x in node.inputs]
        c = self.place(node)
        m, k = node.inputs[0].spec.shape[-2:]
        n = node.spec.shape[-1]
        batch = node.spec.shape[:-2]
        if node.spec.dtype.kind != "f":
            kernel = matmul_of_whole_numbers(node, a, b, c)
            self.call_kernel(kernel, [node], [a.buffer, b.buffer])
            return
        outer = [(length, a.steps[i], b.steps[i], c.steps[i]) for i, length in enumerate(batch) if length != 1]
        inner = (1, 0, 0, 0)
        while outer and (inner[0] == 1 or all(outer[-1][i] == inner[0] * inner[i] for i in (1, 2, 3))):
            length, *steps = outer.pop()
            inner = (length * inner[0], *(steps if inner[0] == 1 else inner[1:]))
        groups = outer.pop() if outer else (1, 0, 0, 0)
        operands = [
            (place.buffer, place.start, group, step, *place.steps[-2:])
            for place, group, step in zip((a, b, c), groups[1:], inner[1:], strict=True)
        ]
        product = Product(ending(node.spec.dtype), outer, (groups[0], inner[0], m, n, k), *operands)
        reads = [(a.buffer, False), (b.buffer, False)]
        self.calls.append(Call(product, [node], reads, [c.buffer]))


class NestBuilder:
    """Makes the statements of one group's nest."""

    def __init__(self, lowering, group):
        self.lowering = lowering
        self.fusion = lowering.fusion
        self.group = group
        self.nest = Nest(group.shape, group.axes or ())
        self.made = {}  # (node, position) -> name
        at = here(group.shape)
        stores = []
        for node in group.nodes:
            if hasattr(node.op, "axes") or isinstance(node.op, ops.ArgMax):
                self.reduce(node, at)
                continue
            name = self.compute(node, at)
            self.made[node, tuple(at)] = name
            if node in self.fusion.stored:
                access = access_at(lowering.place(node), at)
                stores.append(Store(access, c_type(node.spec.dtype), name))
        # Only now: a State may be written in place, and all that is read must have been read before.
        self.nest.statements.extend(stores)

    def reduce(self, node, at):
        """A sum or maximum that leaves the nest."""
        x = node.inputs[0]
        how = {ops.Sum: "sum", ops.Max: "max", ops.ArgMax: "argmax"}[type(node.op)]
        if how == "sum" and node.spec.dtype.kind == "b":
            how = "any"
        axes = reduced_axes(node.op)
        kept = [Index() if axis in axes else index for axis, index in enumerate(at)]
        value = self.value(x, at)
        count = math.prod([x.spec.shape[axis] for axis in axes])
        access = access_at(self.lowering.place(node), kept)
        self.nest.add(Reduce(access, c_type(node.spec.dtype), value, how, count, c_type(x.spec.dtype)))

    def value(self, node, at):
        """The name of an element of a node: made here, computed again, or loaded."""
        key = (node, tuple(at))
        if key not in self.made:
            self.made[key] = self.find(node, at)
        return self.made[key]

    def find(self, node, at):
        if isinstance(node.op, Constant) and node.spec.shape == () and node not in self.fusion.group_of:
            return self.number(node)
        if is_view(node) and node not in self.fusion.group_of:
            inside = position(node, at)
            if inside is not None:
                return self.value(node.inputs[0], inside)
        elif node in self.fusion.floating:
            return self.compute(node, at)
        return self.nest.load(c_type(node.spec.dtype), access_at(self.lowering.place(node), at))

    def number(self, node):
        """A constant: written into the kernel if it is a simple one, else handed over."""
        value, kind = node.value[()], c_type(node.spec.dtype)
        text = literal(value, node.spec.dtype)
        if node.spec.dtype.kind != "f" or abs(value) in SIMPLE or not math.isfinite(value):
            return text
        return self.nest.load(kind, Access(Number(text, kind), 0, {}))

    def compute(self, node, at):
        """An element of a node, from elements of its inputs."""
        kind = c_type(node.spec.dtype)
        if is_leaf(node):
            return self.load_leaf(node, at)
        if is_view(node):
            inside = position(node, at)
            if inside is None:  # a Reshape that mixes axes
                return self.nest.load(kind, access_at(self.seen_place(node), at))
            return self.value(node.inputs[0], inside)
        match node.op:
            case ops.Uniform():
                return self.uniform(node, at)
            case ops.Gather(axis=axis):
                x, index = node.inputs
                place = self.lowering.place(x)
                where = self.value(index, at)
                rest = [Index() if i == axis else part for i, part in enumerate(at)]
                return self.nest.load(kind, access_at(place, rest), where, place.steps[axis])
            case ops.TakeRows():
                x, index = node.inputs
                place = self.lowering.place(x)
                where = self.value(index, at[: index.spec.ndim])
                rest = [Index(), *at[index.spec.ndim :]]
                return self.nest.load(kind, access_at(place, rest), where, place.steps[0])
        operands = [self.value(x, [] if x.spec.shape == () else at) for x in node.inputs]
        self.nest.functions.update(functions_of(node))
        text = expression(node, [f"{{{i}}}" for i in range(len(operands))])
        return self.nest.let(kind, text, operands)

    def load_leaf(self, node, at):
        """A leaf that is copied."""
        if isinstance(node.op, Constant) and node.spec.shape == ():
            return self.number(node)
        buffers = self.lowering.buffers
        if ("leaf", node) not in buffers:
            kind = {Argument: "argument", Read: "state", Constant: "constant"}[type(node.op)]
            number = getattr(node.op, "index", getattr(node.op, "slot", None))
            buffers["leaf", node] = Buffer(kind, node.spec, node, number)
        place = Place(buffers["leaf", node], 0, row_major(node.spec.shape))
        return self.nest.load(c_type(node.spec.dtype), access_at(place, at))

    def seen_place(self, node):
        """Where a view that is itself copied looks."""
        return self.lowering.seen(node, self.lowering.place(node.inputs[0]))

    def uniform(self, node, at):
        """Random numbers: a function of the two keys and of the place among all elements."""
        self.nest.functions.add("random")
        key = node.inputs[0]
        place = self.lowering.place(key)
        words = [self.nest.load("uint32_t", Access(place.buffer, place.start + i * place.steps[0], {})) for i in (0, 1)]
        keys = [self.nest.let("uint32_t", f"{which}_key({{0}}, {{1}})", words) for which in ("first", "second")]
        flat = access_at(Place(None, 0, row_major(node.spec.shape)), at)
        text = f"random_{ending(node.spec.dtype)}((uint32_t)({{at}} + {flat.start}), {{0}}, {{1}})"
        return self.nest.let(c_type(node.spec.dtype), text, keys, flat)


def access_at(place, at):
    """The element of a place at a position, as an Access of the nest."""
    start, steps = place.start, {}
    for index, step in zip(at, place.steps, strict=True):
        start += index.start * step
        for axis, by in index.steps:
            if by * step:
                steps[axis] = steps.get(axis, 0) + by * step
    return Access(place.buffer, start, steps)


def size_of_indexed(node):
    """Below what every index of this op must be."""
    match node.op:
        case ops.Gather(axis=axis):
            return node.inputs[0].spec.shape[axis]
        case ops.TakeRows():
            return node.inputs[0].spec.shape[0]
        case ops.ScatterAdd(size=size):
            return size
        case ops.AddRows(rows=rows):
            return rows
    raise AssertionError(node.op)


def title_of(nodes):
    """A short name for a kernel: what it does, at most three words."""
    words = [type(node.op).__name__.lower() for node in nodes]
    words = [word for i, word in enumerate(words) if word not in words[:i]]
    return "_".join(words[:3])


__all__ = ["Buffer", "Call", "Check", "Kernel", "Lowering", "Number", "Place", "Product"]
