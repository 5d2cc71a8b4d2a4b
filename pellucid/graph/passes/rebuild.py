"""What passes that replace nodes share: walk over the graph, and build it anew."""

from pellucid.graph.graph import Graph, Node


def rebuilt(graph, replace):
    """The graph with other nodes in place of some. What nobody uses any more is left in: `dead` takes it out.

    `replace(node, new, add)` gives what stands for a node, or None to keep it. `new` says what stands for each node
    before it, and `add` puts a further node into the graph.
    """
    new, nodes = {}, []

    def add(node):
        nodes.append(node)
        return node

    for node in graph.nodes:
        found = replace(node, new, add)
        if found is None:
            inputs = [new[x] for x in node.inputs]
            same = all(x is y for x, y in zip(inputs, node.inputs, strict=True))
            found = add(node if same else Node(node.op, inputs, node.spec, node.site, node.value))
        new[node] = found
    effects = [type(effect)(effect.slot, effect.state, new[effect.node]) for effect in graph.effects]
    outputs, arguments = [new[x] for x in graph.outputs], [new[x] for x in graph.arguments]
    return Graph(nodes, outputs, effects, graph.states, arguments)
