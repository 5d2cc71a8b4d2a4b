"""Leave out what nobody needs."""

from pellucid.graph.graph import Graph


def dead(graph):
    """Keep the nodes from which a result can be reached, and the arguments."""
    living = set(graph.results()) | set(graph.arguments)
    for node in reversed(graph.nodes):
        if node in living:
            living.update(node.inputs)
    nodes = [node for node in graph.nodes if node in living]
    return Graph(nodes, graph.outputs, graph.effects, graph.states, graph.arguments)
