"""Which ops share a loop nest: fewer kernels, and fewer walks through memory.

A group is one loop nest over one shape, or one op that needs a kernel of its own (a matrix product, a scatter). The
nodes are visited in the order recorded, and the groups run in the order in which they were opened:

    An op that looks at one position at a time joins the latest group that makes or reads one of its inputs, if its
    shape is the group's and all that it reads is made by then. Otherwise it opens a group.
    A sum or maximum joins so too, by the shape of its input. Its result is there when the group is done.

Since inputs are never later than their group, no group waits for a later one, and there are no cycles to look for.
Transpose, Slice, Broadcast and a Reshape that only adds or drops axes of length 1 are not computed at all: they say
which element is read (`targets/c/views.py`). Cheap nodes made of arguments, States and constants float: each group
that uses one computes it again.
"""

from pellucid import ops
from pellucid.graph import Argument, Constant, InOrder, Read
from pellucid.ops.elementwise import Elementwise
from pellucid.targets.c.expressions import CHEAP
from pellucid.targets.c.views import contiguous, is_view, same_position, steps_of

LEAVES = (Argument, Constant, Read)
POSITIONAL = (Elementwise, ops.Uniform, ops.Gather, ops.TakeRows)  # one element of the result at a time
REDUCTIONS = (ops.Sum, ops.Max, ops.ArgMax)
DEEP = 6  # a floating node is made of at most this many others


class Group:
    """One kernel. `shape` is that of its loop nest, None for an op of its own; `axes` are those that are reduced."""

    def __init__(self, number, shape, axes=None):
        self.number = number
        self.shape = shape
        self.axes = axes
        self.nodes = []
        self.reads = set()  # nodes that it reads from memory


class Fusion:
    """The groups of a graph, and which nodes get memory (`stored`), float, or are copied although they are views."""

    def __init__(self, graph):
        self.graph = graph
        self.groups = []
        self.group_of = {}
        self.copied = needs_copy(graph)
        self.rooted = rooted(graph, self.copied)
        self.floating = {}  # node -> how many nodes it is made of
        for node in graph.nodes:
            self.place(node)
        self.stored = self.find_stored()

    # ---- where a node goes

    def place(self, node):
        """Put one node into a group, if it is computed at all."""
        if node in self.copied:
            self.join(node, node.spec.shape)
        elif isinstance(node.op, LEAVES) or is_view(node):
            return
        elif isinstance(node.op, POSITIONAL):
            if self.may_float(node):
                self.floating[node] = 1 + sum(self.floating.get(self.source(x), 0) for x in node.inputs)
            else:
                self.join(node, node.spec.shape)
        elif isinstance(node.op, REDUCTIONS):
            self.join(node, node.inputs[0].spec.shape, reduced_axes(node.op))
        else:
            self.begin(node, None)

    def may_float(self, node):
        """Cheap, and made of leaves and of what floats itself."""
        if node in self.rooted or not isinstance(node.op, CHEAP):
            return False
        sources = [self.source(x) for x in node.inputs]
        known = all(isinstance(x.op, LEAVES) or x in self.floating for x in sources)
        return known and sum(self.floating.get(x, 0) for x in sources) < DEEP

    def join(self, node, shape, axes=None):
        """Put the node into the latest group that may take it, or into a new one."""
        earliest, related = 0, set()
        for x, aligned in self.reads_of(node):
            related.add(x)
            if x in self.group_of:
                group = self.group_of[x]
                together = aligned and x.spec.shape == shape and not isinstance(x.op, REDUCTIONS)
                earliest = max(earliest, group.number + (0 if together and group.shape == shape else 1))
        for group in reversed(self.groups[earliest:]):
            if group.shape != shape or not (related & group.reads or related & set(group.nodes)):
                continue
            if axes is None or group.axes in (None, axes):
                return self.put(node, group, axes)
        return self.begin(node, shape, axes)

    def begin(self, node, shape, axes=None):
        """A new group for this node."""
        self.groups.append(Group(len(self.groups), shape))
        self.put(node, self.groups[-1], axes)

    def put(self, node, group, axes):
        group.axes = axes or group.axes
        group.nodes.append(node)
        group.reads.update(x for x, _ in self.reads_of(node) if self.group_of.get(x) is not group)
        self.group_of[node] = group

    # ---- what a node reads

    def source(self, x):
        """The node whose memory or expression x looks at, through views."""
        while is_view(x) and x not in self.copied:
            x = x.inputs[0]
        return x

    def reads_of(self, node):
        """(node that is computed or a leaf, is it read at the position that is written?), through views and floats."""
        if is_view(node):
            stack = [(x, same_position(node)) for x in node.inputs]
        else:
            looks_up, checked = isinstance(node.op, (ops.Gather, ops.TakeRows)), indices_of(node)
            stack = [(x, not looks_up and x not in checked) for x in node.inputs]
        while stack:
            x, aligned = stack.pop()
            while is_view(x) and x not in self.copied:
                aligned = aligned and same_position(x)
                x = x.inputs[0]
            if x in self.floating:
                stack.extend((y, aligned) for y in x.inputs)
            else:
                yield x, aligned

    # ---- what gets memory

    def find_stored(self):
        """Computed nodes that somebody outside of their group reads, or that are results."""
        stored = {self.source(node) for node in self.graph.results()}
        for group in self.groups:
            for node in group.nodes:
                if isinstance(node.op, REDUCTIONS) or group.shape is None or node in self.copied:
                    stored.add(node)
                stored.update(x for x, _ in self.reads_of(node) if self.group_of.get(x) is not group)
        return {node for node in stored if node in self.group_of}


def reduced_axes(op):
    """The axes along which a reduction makes one element of many."""
    return (op.axis,) if isinstance(op, ops.ArgMax) else op.axes


def needs_copy(graph):
    """Views and leaves that must be laid out anew: row after row in memory, where something can look at them so."""
    copied = set()

    def laid_out(x):
        """x will lie row after row."""
        if not contiguous(x, copied):
            copied.add(x)

    for node in graph.nodes:
        if isinstance(node.op, ops.Reshape) and steps_of(node) is None:
            laid_out(node.inputs[0])
        for index in indices_of(node):
            laid_out(index)
        if isinstance(node.op, ops.AddRows):
            laid_out(node.inputs[1])
    for result in graph.results():  # also what a State was: its memory may have changed when results are copied
        x = result
        while isinstance(x.op, (InOrder, ops.Reshape)) and x not in copied:
            x = x.inputs[0]
        if isinstance(x.op, LEAVES) or is_view(x):
            copied.add(x)
    return copied


def indices_of(node):
    """The inputs of a node that name positions, and so are checked before anything is read or written there."""
    match node.op:
        case ops.Gather() | ops.TakeRows():
            return node.inputs[1:2]
        case ops.ScatterAdd() | ops.AddRows():
            return node.inputs[0:1]
        case ops.Power() if node.spec.dtype.kind == "i":
            return node.inputs[1:2]
    return ()


def rooted(graph, copied):
    """Nodes that need memory whatever happens: results, and what is read by ops that take whole arrays."""
    found = {through(node, copied) for node in graph.results()}
    for node in graph.nodes:
        looks_up = isinstance(node.op, (ops.Gather, ops.TakeRows))
        if looks_up or not (is_view(node) or isinstance(node.op, (*POSITIONAL, *REDUCTIONS, *LEAVES))):
            found.update(through(x, copied) for x in node.inputs)
        elif isinstance(node.op, ops.Reshape) and steps_of(node) is None:
            found.add(through(node.inputs[0], copied))
        found.update(through(x, copied) for x in indices_of(node))
        if isinstance(node.op, ops.Uniform):
            found.add(through(node.inputs[0], copied))
    return found


def through(node, copied):
    while is_view(node) and node not in copied:
        node = node.inputs[0]
    return node
