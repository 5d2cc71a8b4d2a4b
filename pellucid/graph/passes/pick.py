"""One number out of each row: what it is made of is picked first, and computed for that place alone.

Cross entropy picks the log-probability of the label, (x - max) - log(sum), out of each row. Only x differs from place
to place, so x is picked, and the subtractions are done once for each row. The way back puts one number into a row of
zeros (ScatterAdd), and softmax's gradient adds the row up again: that is the number. Sums with zeros are not computed,
so where the sum would have been 0.0 a -0.0 may stand: this pass is for targets that do not promise NumPy's bits.
"""

from pellucid.graph.graph import Leaf, Node
from pellucid.graph.passes.rebuild import rebuilt
from pellucid.ops import Broadcast, Gather, Matmul, Negative, ScatterAdd, Sum
from pellucid.ops.elementwise import Elementwise


def pick(graph):
    """Replace each Gather of one element a row out of what is computed, and each sum of a row with one element."""

    def replace(node, new, add):
        match node.op:
            case Gather(axis=axis) if node.spec.shape[axis] == 1 and isinstance(node.inputs[0].op, Elementwise):
                x, index = [new[y] for y in node.inputs]
                return picked(x, index, node, add) if can_pick(x, axis) else None
            case Sum(axes=(axis,)):
                return only_one(new[node.inputs[0]], axis, add)
        return None

    return rebuilt(graph, replace)


def can_pick(x, axis):
    """Is x made of arrays in memory, and of what is the same all along the axis?"""
    if isinstance(x.op, Elementwise):
        return all(can_pick(y, axis) for y in x.inputs)
    return is_same(x, axis) or isinstance(source(x).op, (Leaf, Matmul))


def is_same(x, axis):
    """Is x the same all along the axis?"""
    return x.spec.shape == () or (isinstance(x.op, Broadcast) and x.inputs[0].spec.shape[axis] == 1)


def source(x):
    """What a view looks at, or what is repeated."""
    while x.op.view or isinstance(x.op, Broadcast):
        (x,) = x.inputs
    return x


def picked(x, index, node, add):
    """x at the places that `index` names, for the Gather `node`."""
    axis, shape = node.op.axis, node.spec.shape
    if is_same(x, axis):
        if x.spec.shape == () or x.inputs[0].spec.shape == shape:
            return x if x.spec.shape == () else x.inputs[0]
        op = Broadcast(shape)
        return add(Node(op, [x.inputs[0]], op.infer(x.inputs[0].spec), node.site))
    if not isinstance(x.op, Elementwise):
        return add(Node(node.op, [x, index], node.op.infer(x.spec, index.spec), node.site))
    inputs = [picked(y, index, node, add) for y in x.inputs]
    return add(Node(x.op, inputs, x.op.infer(*[y.spec for y in inputs]), x.site))


def only_one(x, axis, add):
    """The only number in each row of x, if there is one."""
    if isinstance(x.op, ScatterAdd) and x.op.axis == axis and x.inputs[1].spec.shape[axis] == 1:
        return x.inputs[1]
    if isinstance(x.op, Negative):
        found = only_one(x.inputs[0], axis, add)
        return found and add(Node(x.op, [found], found.spec, x.site))
    return None
