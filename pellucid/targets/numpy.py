"""The NumPy target: the recorded steps one after the other, each by its own `forward`.

It is the reference for all other targets, and what runs where no C compiler is found. Its bits are those of
eager execution, for they are the same calls.
"""

import numpy as np

from pellucid.engine import Value, explain
from pellucid.errors import PellucidError
from pellucid.graph import Argument, Constant, Read


class NumpyProgram:
    """A graph, ready to run. States are read and written where they lie; what comes out is copied."""

    def __init__(self, graph):
        self.graph = graph
        self.nodes = graph.nodes
        self.drops = last_uses(graph)
        self.done = 0  # above 0 once the last run or repeat has written States
        # A new value that is still a view of a State's old value must be saved before any State is written. So must a
        # view of an argument, which may be the memory of a State.
        self.save = [isinstance(below(effect.node), (Read, Argument)) for effect in graph.effects]

    def entry(self, specs, hooks, lock):
        """There is no shorter way in than `run`, so None."""

    def run(self, arguments, watch=None):
        """Compute all nodes, then assign the States. Returns the outputs as fresh arrays.

        If an op fails (an index out of range, say), no State has been changed. `watch(op, inputs, output,
        site)` is called for each node: detect_anomaly uses it.
        """
        self.done = 0
        values = [None] * len(self.nodes)
        for node in self.nodes:
            values[node.number] = self.compute(node, values, arguments, watch)
            for number in self.drops[node.number]:
                values[number] = None
        outputs = [np.array(values[node.number]) for node in self.graph.outputs]
        new = [values[effect.node.number] for effect in self.graph.effects]
        new = [np.array(array) if save else array for array, save in zip(new, self.save, strict=True)]
        try:
            self.commit(new)
        except KeyboardInterrupt:
            self.commit(new)  # the step counts whole: not some parameters old and others new
            raise
        return outputs

    def repeat(self, arrays):
        """One step for each entry of the arrays' first axis; the outputs stacked."""
        steps = []
        try:
            for s in range(len(arrays[0])):
                steps.append(self.run([array[s] for array in arrays]))  # noqa: PERF401  what was done must be known
        finally:
            self.done = len(steps)
        return [np.stack(outputs) for outputs in zip(*steps, strict=True)]

    def commit(self, new):
        """Write the new values into the States."""
        self.done = 1
        for effect, array in zip(self.graph.effects, new, strict=True):
            effect.state.array[...] = array
            effect.state.touch()

    def compute(self, node, values, arguments, watch):
        """The array of one node."""
        match node.op:
            case Argument(index=index):
                return arguments[index]
            case Read(slot=slot):
                return self.graph.states[slot].array
            case Constant():
                return node.value
        inputs = [values[x.number] for x in node.inputs]
        try:
            output = node.op.forward(*inputs)
        except Exception as error:
            raise explained(node, inputs, error) from error
        if watch is not None:
            watch(node.op, inputs, output, node.site)
        return output


def explained(node, inputs, error):
    """The error that eager code raises here, with the line at which the op was recorded."""
    values = []
    for array in inputs:
        values.append(Value())
        values[-1].array = array
    error = explain(node.op, values, error)
    if isinstance(error, PellucidError):
        error.site = node.site
    return error


def last_uses(graph):
    """For each node, the numbers of the values that nobody needs after it."""
    keep = {node.number for node in graph.results()}
    last = {x.number: node.number for node in graph.nodes for x in node.inputs}
    drops = [[] for _ in graph.nodes]
    for number, user in last.items():
        if number not in keep:
            drops[user].append(number)
    return drops


def below(node):
    """The op that made the memory at which this value looks."""
    while node.op.view:
        node = node.inputs[0]
    return node.op
