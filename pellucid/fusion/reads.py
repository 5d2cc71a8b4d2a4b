"""Questions about single nodes: what one reads and where, along which axes it reduces, what memory it needs."""

from pellucid import ops
from pellucid.fusion.views import NOWHERE, contiguous, is_view, position, steps_of
from pellucid.graph import Argument, Constant, InOrder, Read
from pellucid.ops.elementwise import Elementwise

LEAVES = (Argument, Constant, Read)
POSITIONAL = (Elementwise, ops.Uniform, ops.Gather, ops.TakeRows)  # one element of the result at a time
WHOLE = (  # they read arrays that lie row after row
    ops.AddRows, ops.PutRows, ops.ArgSort, ops.SearchSorted, ops.Convolve, ops.ConvolveInput, ops.ConvolveKernel,
    ops.MaxPool, ops.SumPool, ops.SumPoolSpread,
)  # fmt: skip
REDUCTIONS = (ops.Sum, ops.Max, ops.ArgMax)

# What these cost is a few cycles, so that they may be computed again
# where they are needed rather than stored.
CHEAP = (
    ops.Add, ops.Subtract, ops.Multiply, ops.Maximum, ops.Minimum, ops.Negative, ops.Abs, ops.Relu,
    ops.Greater, ops.GreaterEqual, ops.Equal, ops.NotEqual, ops.And, ops.Or, ops.Not, ops.Where,
    ops.Cast, ops.Uniform,
)  # fmt: skip


def walked_shape(node):
    """The shape of the loop nest that a node opens."""
    return node.inputs[0].spec.shape if isinstance(node.op, REDUCTIONS) else node.spec.shape


def reduced_axes(op):
    """The axes along which a reduction makes one element of many."""
    return (op.axis,) if isinstance(op, (ops.ArgMax, ops.Gather)) else op.axes


def real_axes(node):
    """Those of the reduced axes along which there is more than one element."""
    return tuple([axis for axis in reduced_axes(node.op) if node.inputs[0].spec.shape[axis] != 1])


def one_per_row(node):
    """A ScatterAdd of one number into each row: element j of a row is that number if j is its index, else 0."""
    return isinstance(node.op, ops.ScatterAdd) and node.inputs[1].spec.shape[node.op.axis] == 1


def picks(node):
    """A Gather of one number out of each row: within a group it is a reduction."""
    if not isinstance(node.op, ops.Gather):
        return False
    shape, axis = node.inputs[0].spec.shape, node.op.axis
    return shape[axis] != 1 and node.spec.shape == (*shape[:axis], 1, *shape[axis + 1 :])


def inputs_at(node, at, picking):
    """(input, the position that is read if the node is made at `at`, None if it is not known in advance)."""
    inputs = node.inputs
    if at is None or isinstance(node.op, (ops.TakeRows, ops.Uniform)):
        return [(x, None) for x in inputs]
    match node.op:
        case _ if is_view(node):
            return [(inputs[0], position(node, at))]
        case ops.Gather():
            return [(inputs[0], at if picking else None), (inputs[1], None)]
        case ops.ScatterAdd(axis=axis):
            return [(inputs[0], None), (inputs[1], without(at, (axis,)))]
    checked = indices_of(node)
    return [(x, None if x in checked else () if x.spec.shape == () else at) for x in inputs]


def without(at, axes):
    """The position with the beginning of these axes in place of where we are on them."""
    return tuple([NOWHERE if axis in axes else index for axis, index in enumerate(at)])


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
        whole = isinstance(node.op, WHOLE)
        for x in node.inputs if whole else indices_of(node):
            laid_out(x)
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
        case ops.Gather() | ops.TakeRows() | ops.PutRows():
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
        by_position = is_view(node) or one_per_row(node) or isinstance(node.op, (*POSITIONAL, *REDUCTIONS, *LEAVES))
        if looks_up or not by_position:
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
