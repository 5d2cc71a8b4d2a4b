"""Does a graph hang together? Run after each pass: a mistake is found where it was made."""

from pellucid.engine import Spec
from pellucid.graph.graph import Leaf


class GraphError(AssertionError):
    """A pass has made a graph that makes no sense. This is a bug of Pellucid, never of the user."""


def verify(graph):
    """Each node comes after its inputs, and `infer` agrees with its Spec; results exist; effects fit their States."""
    seen = set()
    for node in graph.nodes:
        verify_node(node, seen)
        seen.add(node)
    for node in (*graph.results(), *graph.arguments):
        if node not in seen:
            raise GraphError(f"{node} = {node.op} is a result or an argument, but is not in the graph.")
    slots = [effect.slot for effect in graph.effects]
    if len(set(slots)) != len(slots):
        raise GraphError("a State is assigned by two effects.")
    for effect in graph.effects:
        if effect.node.spec != Spec(effect.state.array.shape, effect.state.array.dtype):
            raise GraphError(f"state {effect.slot} cannot be assigned {effect.node}, which is {effect.node.spec}.")
    return graph


def verify_node(node, seen):
    """`seen` are the nodes before this one."""
    for x in node.inputs:
        if x not in seen:
            raise GraphError(f"{node} = {node.op} uses {x}, which does not come before it.")
    if not isinstance(node.op, Leaf):
        spec = node.op.infer(*[x.spec for x in node.inputs])
        if spec != node.spec:
            raise GraphError(f"{node} = {node.op} says {node.spec}, but infer says {spec}.")
    if node in seen:
        raise GraphError(f"{node} = {node.op} stands twice.")
