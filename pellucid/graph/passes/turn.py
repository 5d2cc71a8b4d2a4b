"""(A B)^T = B^T A^T: a product that is only wanted turned round is computed so at once.

The gradient of a weight matrix is such a product: the layer computes X W^T, so W is owed (X^T G)^T = G^T X. Turning the
factors costs nothing where a matrix product takes any steps through memory; turning the result would be a pass over it.
The last bits may change, so this pass is for targets that do not promise NumPy's bits.
"""

from collections import Counter

from pellucid.graph.graph import Node
from pellucid.graph.passes.rebuild import rebuilt
from pellucid.ops import Matmul, Transpose
from pellucid.ops.contract import swap_last


def turn(graph):
    """Replace each Transpose of the last two axes of a product that nobody else uses."""
    users = Counter(x for node in graph.nodes for x in node.inputs)
    users.update(graph.results())
    turned = {
        node.inputs[0]
        for node in graph.nodes
        if swaps_last(node) and isinstance(node.inputs[0].op, Matmul) and users[node.inputs[0]] == 1
    }

    def replace(node, new, add):
        if not swaps_last(node) or node.inputs[0] not in turned:
            return None
        a, b = [new[x] for x in node.inputs[0].inputs]
        return add(Node(node.inputs[0].op, [swapped(b, add), swapped(a, add)], node.spec, node.site))

    return rebuilt(graph, replace)


def swaps_last(node):
    """Is this node its input with the last two axes exchanged?"""
    return isinstance(node.op, Transpose) and node.spec.ndim >= 2 and node.op == swap_last(node.spec.ndim)


def swapped(x, add):
    """x with its last two axes exchanged; what was exchanged already is put back."""
    if swaps_last(x):
        return x.inputs[0]
    op = swap_last(x.spec.ndim)
    return add(Node(op, [x], op.infer(x.spec), x.site))
