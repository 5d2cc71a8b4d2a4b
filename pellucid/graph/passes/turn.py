"""(A B)^T = B^T A^T: a product that is only wanted turned round is computed so at once.

The gradient of a weight matrix is such a product: the layer computes X W^T, so W is owed (X^T G)^T = G^T X. Turning the
factors costs nothing where a matrix product takes any steps through memory; turning the result would be a pass over it.
The last bits may change, so this pass is for targets that do not promise NumPy's bits.
"""

from collections import Counter

from pellucid.graph.graph import Graph, Node
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
    if not turned:
        return graph
    new, nodes = {}, []

    def add(node):
        nodes.append(node)
        return node

    for node in graph.nodes:
        inputs = [new[x] for x in node.inputs]
        if node in turned:
            new[node] = None  # its only user is the Transpose, which computes it
        elif swaps_last(node) and node.inputs[0] in turned:
            a, b = [new[x] for x in node.inputs[0].inputs]
            new[node] = add(Node(node.inputs[0].op, [swapped(b, add), swapped(a, add)], node.spec, node.site))
        else:
            same = all(x is y for x, y in zip(inputs, node.inputs, strict=True))
            new[node] = add(node if same else Node(node.op, inputs, node.spec, node.site, node.value))
    effects = [type(effect)(effect.slot, effect.state, new[effect.node]) for effect in graph.effects]
    outputs, arguments = [new[x] for x in graph.outputs], [new[x] for x in graph.arguments]
    return Graph(nodes, outputs, effects, graph.states, arguments)


def swaps_last(node):
    """Is this node its input with the last two axes exchanged?"""
    return isinstance(node.op, Transpose) and node.spec.ndim >= 2 and node.op == swap_last(node.spec.ndim)


def swapped(x, add):
    """x with its last two axes exchanged; what was exchanged already is put back."""
    if swaps_last(x):
        return x.inputs[0]
    op = swap_last(x.spec.ndim)
    return add(Node(op, [x], op.infer(x.spec), x.site))
