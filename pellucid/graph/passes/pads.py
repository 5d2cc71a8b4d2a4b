"""Pads that lie side by side, added up, are one Concatenate.

The gradient of a Slice is a Pad: the slice's gradient, and zeros around it. What was cut into queries, keys and values,
or into the four gates of an LSTM, owes the sum of its parts' Pads, each as large as the whole. Where the parts fill an
axis without gap or overlap, nothing has to be added: the gradients lie side by side. A -0.0 stays -0.0 then, where the
sum with 0.0 would have been 0.0, so this pass is for targets that do not promise NumPy's bits.
"""

from collections import Counter

from pellucid.graph.graph import Node
from pellucid.graph.passes.rebuild import rebuilt
from pellucid.ops import Add, Concatenate, Pad


def pads(graph):
    """Replace sums of Pads that tile one axis."""
    users = Counter(x for node in graph.nodes for x in node.inputs)
    users.update(graph.results())
    terms = {}  # a Pad, or a sum of nothing else -> the Pads
    for node in graph.nodes:
        if isinstance(node.op, Pad):
            terms[node] = [node]
        elif isinstance(node.op, Add) and all(x in terms and users[x] == 1 for x in node.inputs):
            terms[node] = [pad for x in node.inputs for pad in terms[x]]

    def replace(node, new, add):
        axis = tiled_axis(terms[node]) if isinstance(node.op, Add) and node in terms else None
        if axis is None:
            return None
        parts = sorted(terms[node], key=lambda pad: pad.op.starts[axis])
        return add(Node(Concatenate(axis), [new[pad.inputs[0]] for pad in parts], node.spec, node.site))

    return rebuilt(graph, replace)


def tiled_axis(parts):
    """The axis along which the parts fill the whole, one after the other; None if they do not."""
    shape = parts[0].op.shape
    cut = [axis for axis, n in enumerate(shape) if any(part.inputs[0].spec.shape[axis] != n for part in parts)]
    if len(cut) != 1 or any(step != 1 for part in parts for step in part.op.steps):
        return None
    (axis,) = cut
    ends = 0
    for start, length in sorted((part.op.starts[axis], part.inputs[0].spec.shape[axis]) for part in parts):
        if start != ends or length == 0:
            return None
        ends += length
    return axis if ends == shape[axis] else None
