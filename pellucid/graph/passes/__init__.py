"""Passes: each takes a graph and returns a smaller one that does the same."""

from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.fold import fold
from pellucid.graph.passes.same import same
from pellucid.graph.verify import verify


def simplify(graph):
    """All passes in order, each result verified."""
    verify(graph)
    for one_pass in (fold, same, dead):
        graph = verify(one_pass(graph))
    return graph
