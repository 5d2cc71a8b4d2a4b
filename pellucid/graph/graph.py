"""A recorded step as data: nodes in the order they happened, what comes out, and what it leaves behind."""

import dataclasses

import numpy as np

from pellucid.engine import Op


class Leaf(Op):
    """What a node is that no op computed: an argument, the value of a State at the start, or a constant."""


class Argument(Leaf):
    """Argument number `index` of the step; `name` says where it stands in the call."""

    index: int
    name: str


class Read(Leaf):
    """The numbers that a State has when the step begins. `slot` counts the States of the graph."""

    slot: int


class Constant(Leaf):
    """Numbers that the step closed over, or that were known when it was recorded: they stay as they are."""


class InOrder(Op):
    """The same numbers, row after row in memory, as every State has them.

    It changes no number. But the last bits of NumPy's sums and products depend on how their operands lie in memory,
    and eager code brings them in order here: what is assigned to a State, what is read of one, and gradients.
    """

    view = True

    def infer(self, x):
        return x

    def forward(self, x):
        return np.asarray(x, order="C")


class Node:
    """One value of a recorded step: the op, the nodes it was applied to, and its Spec.

    `value` is the array of a Constant, `site` the user's line, `number` the place in its graph.
    """

    __slots__ = ("inputs", "number", "op", "site", "spec", "value")

    def __init__(self, op, inputs, spec, site=None, value=None):
        self.op = op
        self.inputs = tuple(inputs)
        self.spec = spec
        self.site = site
        self.value = value
        self.number = None

    def __repr__(self):
        return f"%{self.number}"


class Effect:
    """After the step, `state` (number `slot`) has the value of `node`."""

    __slots__ = ("node", "slot", "state")

    def __init__(self, slot, state, node):
        self.slot = slot
        self.state = state
        self.node = node


class Graph:
    """What one call of a step does: `nodes` in order, `outputs` returned, `effects` left in States.

    `states[i]` is the State that Read(i) reads. A pass takes a Graph and returns a new one.
    """

    def __init__(self, nodes, outputs, effects, states, arguments):
        self.nodes = nodes
        self.outputs = outputs
        self.effects = effects
        self.states = states
        self.arguments = arguments
        for number, node in enumerate(nodes):
            node.number = number

    def results(self):
        """The nodes that must be computed: everything else serves them."""
        return [*self.outputs, *[effect.node for effect in self.effects]]

    def rebuilt(self, replace):
        """The same graph with each node passed through `replace(node, new_inputs) -> node`, in order.

        `replace` returns the node that now stands for the old one: itself, an earlier one, or a new one.
        """
        new, nodes, placed = {}, [], set()
        for node in self.nodes:
            stand_in = replace(node, tuple([new[x] for x in node.inputs]))
            new[node] = stand_in
            if stand_in not in placed:
                placed.add(stand_in)
                nodes.append(stand_in)
        effects = [Effect(e.slot, e.state, new[e.node]) for e in self.effects]
        return Graph(nodes, [new[x] for x in self.outputs], effects, self.states, [new[x] for x in self.arguments])

    def __str__(self):
        return "\n".join(lines_of(self))

    def _repr_html_(self):
        return self.svg()

    def svg(self):
        """The graph as a picture (SVG text): one box for each node, computed from top to bottom."""
        from pellucid.graph.draw import svg

        return svg(self)


def lines_of(graph):
    """One line for each node, then what is returned and what is assigned."""
    rows = [(f"%{node.number}", call(node, graph), str(node.spec), str(node.site or "")) for node in graph.nodes]
    width = max([len(row[1]) for row in rows], default=0)
    spec_width = max([len(row[2]) for row in rows], default=0)
    for name, text, spec, site in rows:
        yield f"{name:>5} = {text:<{width}}  {spec:<{spec_width}}  {site}".rstrip()
    yield f"return {', '.join(map(repr, graph.outputs)) or 'nothing'}"
    for effect in graph.effects:
        yield f"{state_name(graph, effect.slot)} := {effect.node}"


def call(node, graph):
    """A node as the call that makes it: `Sum(%3, axes=(0,))`."""
    match node.op:
        case Argument(name=name):
            return f"argument {name}"
        case Read(slot=slot):
            return state_name(graph, slot)
        case Constant():
            return f"constant {brief(node.value)}"
    attributes = [f"{name}={value!r}" for name, value in attributes_of(node.op)]
    return f"{type(node.op).__name__}({', '.join([*map(repr, node.inputs), *attributes])})"


def attributes_of(op):
    """The fields of an op as pairs of name and value."""
    return [(field.name, getattr(op, field.name)) for field in dataclasses.fields(op)]


def state_name(graph, slot):
    """`parameter 3`, or `gradient of parameter 3` for the memory of a `.grad`."""
    state = graph.states[slot]
    for owner, candidate in enumerate(graph.states):
        if candidate.grad_state is state:
            return f"gradient of {state_name(graph, owner)}"
    return f"{type(state).__name__.lower()} {slot}"


def brief(array):
    """A constant in a few characters."""
    return str(array.item()) if array.size == 1 else f"array of {array.size} numbers"
