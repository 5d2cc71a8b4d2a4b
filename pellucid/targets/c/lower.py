"""From a graph to a schedule: which kernel is called with which memory, in which order.

A Call is one line of `step()`. What it needs to know of memory is a Place for each node: a buffer, where in it the node
begins, and the steps along each axis. Buffers get their addresses later (`targets/c/memory.py`).
"""

import math
from typing import NamedTuple

from pellucid import ops
from pellucid.engine import Spec
from pellucid.errors import UnsupportedError
from pellucid.fusion.fuse import PASSES, Fusion, Group
from pellucid.fusion.loops import Access, AddTo, Nest, Reduce, Store, verify
from pellucid.fusion.reads import indices_of
from pellucid.fusion.rows import skips_rows
from pellucid.fusion.views import Index, here, is_leaf, position, row_major, steps_of
from pellucid.graph import Argument, Constant, Read
from pellucid.ops.cumulative import Cumulative
from pellucid.targets.c.attention import Attend, attend
from pellucid.targets.c.convolution import CONVOLUTIONS, Convolution, convolution
from pellucid.targets.c.expressions import c_type, ending
from pellucid.targets.c.group_nest import GroupNest
from pellucid.targets.c.images_last import images_last_kernel, images_last_pool, is_images_last, turned
from pellucid.targets.c.nests import Writer
from pellucid.targets.c.places import Buffer, Kernel, Number, Place, access_at
from pellucid.targets.c.pooling import POOLS, pool
from pellucid.targets.c.scan import scan
from pellucid.targets.c.touched import list_rows, remembered, room_for
from pellucid.targets.c.whole import WHOLE, matmul_of_whole_numbers, whole

BY_RUNTIME = (ops.Attention, ops.AttentionGradient, *CONVOLUTIONS)


class Call(NamedTuple):
    """One line of step(). `what` is a Kernel, a Product, an Attend, a Convolution or a Check."""

    what: object
    nodes: list  # the nodes it computes, for comments, profiles and messages
    reads: list  # (buffer, is each element read only by whoever writes the same position?)
    writes: list  # buffers
    by_rows: frozenset = frozenset()  # those of which the r-th round of a kernel's outermost loop touches the r-th part


class Product(NamedTuple):
    """A matrix product, done by the runtime, which knows two levels of batches: one call for all but `outer`."""

    dtype: str
    outer: list  # (length, steps of a, steps of b, steps of c) for leading axes that do not merge into two
    sizes: tuple  # groups, batch, m, n, k
    a: tuple  # buffer, start, group steps, batch steps, row steps, column steps
    b: tuple
    c: tuple
    packed: tuple | None = None  # buffer and start of where a Pack has laid out b


class Check(NamedTuple):
    """Refuse the step if one of `count` whole numbers at `place` is negative, or not below `size` (None: no limit)."""

    place: Place
    count: int
    size: int | None
    kind: str


class Lowering:
    """Walks over the groups of a graph and makes the calls."""

    def __init__(self, graph, passes=PASSES):
        self.graph = graph
        self.fusion = Fusion(graph, passes)
        skipping = [(group, skips_rows(self.fusion, group)) for group in self.fusion.groups if "rows" in passes]
        self.skipping = {group: gradient for group, gradient in skipping if gradient is not None}
        self.touched = {}  # the gradient of a table -> memory for the list of the rows in which it is not zero
        self.in_place = set()  # buffers that must become the memory of States, or rows would be lost
        self.buffers = {}
        self.calls = []
        self.checked = set()
        for node in graph.nodes:
            try:
                c_type(node.spec.dtype)
            except UnsupportedError as error:
                error.site = node.site
                raise
        for node in self.fusion.floating:
            self.check_indices(node)
        for group in self.fusion.groups:
            self.lower(group)
        # What can be refused at once is refused at once: States may be written in place after the last check.
        self.calls.sort(key=lambda call: not isinstance(call.what, Check) or call.what.place.buffer.kind == "arena")

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
            self.lower_nest(group)
        elif is_images_last(*group.nodes):
            self.images_last(*group.nodes)
        else:
            self.alone(*group.nodes)

    def alone(self, node):
        """The calls of an op that is no nest of independent elements."""
        match node.op:
            case ops.Matmul():
                self.matmul(node)
            case _ if isinstance(node.op, BY_RUNTIME):
                self.by_runtime(node)
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
                self.add_rows(node)
            case _ if isinstance(node.op, (*WHOLE, *POOLS)):
                places = [self.place(x) for x in node.inputs]
                what = (whole if isinstance(node.op, WHOLE) else pool)(node, places, self.buffer(node))
                own = [buffer for buffer, _ in what.pointers[len(places) :]]
                self.call_kernel(what, [node], [place.buffer for place in places], own)
            case Cumulative() | ops.Recurrence():
                self.call_kernel(*scan(node, [self.place(x) for x in node.inputs], self.place(node)))
            case _:
                raise UnsupportedError(
                    f"the C target has no rule for {node.op}.", remedy='Use target="numpy".', site=node.site
                )

    def lower_nest(self, group):
        """A group that is one loop nest."""
        made = GroupNest(self, group)
        if group in self.skipping:
            made.nest.touched, made.nest.listed = self.touched.get(self.skipping[group]), 1
            self.in_place |= {self.buffer(node) for node in group.nodes if node in self.fusion.stored}
        self.call_nest(made.nest, group.nodes, parts=made.parts)

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

    def call_nest(self, nest, nodes, title=None, parts=()):
        """A call of the kernel that a nest becomes, and calls that join the parts of sums."""
        writer = Writer(verify(nest), "pairs" in self.fusion.passes)
        sums = [self.buffer(node) if writer.units == 1 else self.parts(node, writer.units) for node in parts]
        kernel = writer.write(title or title_of(nodes), sums)
        stores = [s for s in nest.statements if isinstance(s, (Store, AddTo)) and isinstance(s.access.buffer, Buffer)]
        written = sorted({s.access.buffer for s in stores} | set(sums), key=lambda buffer: buffer.node.number)
        in_step = (
            not sums and not nest.adds and all(s.phase == nest.phases - 1 for s in stores)
        )  # all is read before it is written
        own = {axis: step for axis, step in enumerate(row_major(nest.shape)) if nest.shape[axis] != 1}
        reads = [
            (access.buffer, in_step and access.start == 0 and access.steps == own)
            for access in nest.accesses()
            if isinstance(access.buffer, Buffer) and access.buffer not in written
        ]
        reads += [(nest.touched.buffer, False)] if nest.touched else []
        self.calls.append(Call(kernel, list(nodes), reads, written, writer.by_rows()))
        for node, buffer in zip(parts, sums, strict=True):
            if writer.units > 1:
                self.join_parts(node, buffer)

    def parts(self, node, units):
        """Memory for the parts of a sum."""
        return Buffer("arena", Spec((units, math.prod(node.spec.shape)), node.spec.dtype), node, of="parts")

    def join_parts(self, node, buffer):
        """Add up what the units have added up."""
        nest, kind = Nest(buffer.spec.shape, (0,)), c_type(node.spec.dtype)
        part = nest.load(kind, Access(buffer, 0, {0: buffer.spec.shape[1], 1: 1}))
        name = nest.new_name()
        nest.add(Reduce(name, kind, part, "sum", math.prod(node.inputs[0].spec.shape), kind))
        nest.add(Store(Access(self.buffer(node), 0, {1: 1}), kind, name, 1))
        self.call_nest(nest, [node], "join")

    def call_kernel(self, kernel, nodes, reads, writes=None):
        """A call of a kernel that was not made from a nest."""
        writes = [self.buffer(nodes[0])] if writes is None else writes
        self.calls.append(Call(kernel, nodes, [(buffer, False) for buffer in reads], writes))

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

    def add_rows(self, node):
        """Zeros, and rows added where indices say, row by row of the table."""
        index, x = node.inputs
        y, rows, width = self.buffer(node), node.spec.shape[0], math.prod(node.spec.shape[1:])
        if not math.prod(x.spec.shape):
            return self.fill(node)
        before = []
        readers = {group for group in self.fusion.groups if node in group.reads}
        if node in self.fusion.late and "rows" in self.fusion.passes:  # a gradient that stays, in memory of its own
            before.append(remembered(node, rows))
            self.in_place.add(y)
        elif readers - self.skipping.keys() or self.is_result(node):  # somebody looks at the other rows
            self.fill(node)
        touched = self.touched[node] = room_for(node, math.prod(index.spec.shape), rows)
        kernel = list_rows(self.place(index), touched, before)
        self.call_kernel(kernel, [node], [self.place(index).buffer], [touched.buffer, *before])
        made, at = GroupNest(self, Group(-1, x.spec.shape)), here(x.spec.shape)
        made.nest.touched, made.nest.listed, made.nest.adds = touched, index.spec.ndim, True
        steps = dict(enumerate([0] * index.spec.ndim + list(row_major(node.spec.shape))[1:]))
        access = Access(y, 0, {axis: step for axis, step in steps.items() if step and x.spec.shape[axis] != 1})
        made.nest.add(AddTo(access, c_type(node.spec.dtype), made.value(x, at, 0), "row", width))
        return self.call_nest(made.nest, [node], "add_to_rows")

    def is_result(self, node):
        return any(self.fusion.source(x) is node for x in self.graph.results())

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

    def images_last(self, node):
        """A convolution or pooling over (H, W, block of images)."""
        inputs, buffer = [self.place(x) for x in node.inputs], self.buffer(node)
        if isinstance(node.op, POOLS):
            kernel = images_last_pool(node, inputs, buffer)
        elif isinstance(node.op, ops.ConvolveKernel):
            kernel = images_last_kernel(node, [*inputs, self.place(node)])
            buffer = buffer if kernel.units == 1 else self.parts(node, kernel.units)
            kernel = kernel._replace(pointers=[*kernel.pointers[:2], (buffer, 0)])
        else:
            order, w = turned(node)
            at, to, kind = here(w.spec.shape), Place(w, 0, row_major(w.spec.shape)), c_type(w.spec.dtype)
            weight = inputs[1]._replace(steps=tuple([inputs[1].steps[axis] for axis in order]))
            nest = Nest(w.spec.shape)
            nest.add(Store(access_at(to, at), kind, nest.load(kind, access_at(weight, at))))
            self.call_nest(nest, [node], "turned")
            inputs[1] = to
            kernel = images_last_kernel(node, [*inputs, self.place(node)])
        reads = [(place.buffer, False) for place in inputs]
        self.calls.append(Call(kernel, [node], reads, [buffer]))
        if buffer.of == "parts":
            self.join_parts(node, buffer)

    def by_runtime(self, node):
        """By the runtime, all in one call."""
        call_of = convolution if isinstance(node.op, CONVOLUTIONS) else attend
        if call_of is convolution and not all(math.prod(x.spec.shape) for x in node.inputs):
            return self.fill(node)  # sums of nothing
        places = [self.place(x) for x in node.inputs]
        what, writes = call_of(node, places, self.buffer(node))
        return self.calls.append(Call(what, [node], [(place.buffer, False) for place in places], writes))


def size_of_indexed(node):
    """Below what every index of this op must be."""
    match node.op:
        case ops.Gather(axis=axis):
            return node.inputs[0].spec.shape[axis]
        case ops.TakeRows() | ops.PutRows():
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


__all__ = ["Attend", "Buffer", "Call", "Check", "Convolution", "Kernel", "Lowering", "Number", "Place", "Product"]
