"""Recorded steps: capture, the graph, its passes, its pictures."""

from pellucid.graph.capture import Recording, record
from pellucid.graph.graph import Argument, Constant, Effect, Graph, InOrder, Leaf, Node, Read
from pellucid.graph.passes import simplify
from pellucid.graph.verify import GraphError, verify

__all__ = [
    "Argument",
    "Constant",
    "Effect",
    "Graph",
    "GraphError",
    "InOrder",
    "Leaf",
    "Node",
    "Read",
    "Recording",
    "record",
    "simplify",
    "verify",
]
