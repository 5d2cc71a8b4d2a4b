"""A small program of numbers, run by Pellucid and recorded by its engine: the graph that the stepper walks.

A program is text with one operation a line. Its graph is read from the engine's own record (`Value.step`), and what
each operation owes is asked of the engine's own rules, so what the reader sees is what the framework does.
"""

import ast
from dataclasses import dataclass, field
from typing import Any

import pellucid as pc
from pellucid import engine
from pellucid.course import expression
from pellucid.course.rules import RULES
from pellucid.errors import ArgumentError


@dataclass
class Node:
    """One number of the program: given (no `op`), or computed from `inputs` by `op`."""

    name: str
    tensor: Any
    line: int = -1  # of the program; -1 for what is given
    text: str = ""  # the right side of its line
    op: Any = None
    inputs: tuple[Any, ...] = ()  # names, or None for a constant
    users: list[str] = field(default_factory=list)  # who reads it, once for each time

    @property
    def value(self):
        """The number itself."""
        return float(self.tensor.array)

    @property
    def kind(self):
        """The name of the operation, "" for what is given."""
        return type(self.op).__name__ if self.op else ""

    @property
    def wants_gradient(self):
        """Is a gradient asked for?"""
        return self.tensor.requires_grad


@dataclass
class Recording:
    """A program and its nodes, in the order in which they came to be. The last one is the result."""

    lines: list[str]
    nodes: dict[str, Node]

    @property
    def result(self):
        """The node of the last line."""
        return list(self.nodes.values())[-1]


def record(program, values, parameters):
    """Run `program` on `values` (name -> number), asking for gradients of `parameters`; see Recording.

    >>> made = record("b = a * p", {"a": 2.0, "p": 3.0}, ["a", "p"])
    >>> made.result.value, made.result.inputs, made.nodes["a"].users
    (6.0, ('a', 'p'), ['b'])
    """
    nodes = {}
    for name, value in values.items():
        tensor = pc.tensor(float(value), dtype=pc.float64, requires_grad=name in parameters)
        nodes[name] = Node(name, tensor)
    lines = [line.strip() for line in program.strip().splitlines()]
    for number, line in enumerate(lines):
        name, text = split(line)
        tree = expression.parse(text, nodes)
        tensor = expression.evaluate(tree, {key: node.tensor for key, node in nodes.items()})
        step = getattr(tensor, "step", None)
        if name in nodes or type(step) is not list or type(step[engine.OP]).__name__ not in RULES:
            raise ArgumentError(
                f"{line!r} does not make a new number from one of which a gradient is asked.",
                remedy=f"The operations are {', '.join(RULES)}.",
            )
        inputs = operands(tree)
        recorded = step[engine.INPUTS]
        if len(inputs) != len(recorded) or not all(map(is_same, inputs, recorded, [nodes] * 2)):
            raise ArgumentError(
                f"{line!r} is not one operation on names, or one on a name and then a number.",
                remedy="Write one operation a line: p = w * x, then z = p + b.",
            )
        nodes[name] = Node(name, tensor, number, ast.unparse(tree), step[engine.OP], inputs)
        for x in inputs:
            if x:
                nodes[x].users.append(name)
    return Recording(lines, nodes)


def split(line):
    """Name and expression of an assignment."""
    name, equals, text = line.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentError(f"{line!r} is not an assignment.", remedy="Write z = p + b.")
    return name.strip(), text.strip()


def operands(tree):
    """What an operation reads: a name, or None for a number written in the line."""
    children = [tree.left, tree.right] if isinstance(tree, ast.BinOp) else getattr(tree, "args", None) or [tree.operand]
    return tuple([child.id if isinstance(child, ast.Name) else None for child in children])


def is_same(name, x, nodes):
    """Is x, which the engine recorded as an input, the node of this name? What is computed is told by its step."""
    if name is None or not nodes[name].wants_gradient:
        return x.step is None
    return x is nodes[name].tensor or x.step is nodes[name].tensor.step
