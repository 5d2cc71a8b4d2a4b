"""What docs/engine.md quotes: lines of graphs, of kernels and of the schedule."""

import textwrap

from pellucid import ops
from pellucid.graph.graph import lines_of
from pellucid.targets.c.lower import Kernel


def c(text):
    """A block of C."""
    return f"```c\n{textwrap.dedent(text).strip()}\n```"


def plain(lines):
    """A block of text."""
    return "\n".join(["```text", *lines, "```"])


# ---- graphs


def graph_lines(graph, nodes):
    """The lines of these nodes, as `print(graph)` shows them, without the places in the user's program."""
    rows = list(lines_of(graph))
    cut = [rows[node.number].rpartition("  ")[0] for node in sorted(nodes, key=lambda node: node.number)]
    width = max(len(row.rstrip()) for row in cut)
    return textwrap.dedent("\n".join(row.rstrip()[:width] for row in cut)).splitlines()


def ancestors(node):
    """A node and all that it is made of."""
    return {node}.union(*[ancestors(x) for x in node.inputs])


def one_of(graph, op):
    """The only node with an op of this class."""
    (node,) = [node for node in graph.nodes if isinstance(node.op, op)]
    return node


def hand_back(graph):
    """The numbers that cross entropy sends back to the log-probabilities: one for each row."""
    return ancestors(one_of(graph, ops.ScatterAdd).inputs[1])


def around_product(graph, shape):
    """The product for a gradient of this shape, the views that it reads, and its transpose if it has one."""
    found = set()
    for node in graph.nodes:
        if isinstance(node.op, ops.Matmul) and sorted(node.spec.shape) == sorted(shape):
            found |= {node, *[x for x in node.inputs if isinstance(x.op, ops.Transpose)]}
            found |= {user for user in graph.nodes if isinstance(user.op, ops.Transpose) and node in user.inputs}
    return found


# ---- calls and kernels


def calls_with(program, op):
    """The calls of kernels in which a node with axes has an op of this class (a count of steps has none)."""
    calls = [call for call in program.source.calls if isinstance(call.what, Kernel)]
    return [call for call in calls if any(isinstance(node.op, op) and node.spec.shape for node in call.nodes)]


def kernel(program, op):
    """The text of the first such kernel."""
    return calls_with(program, op)[0].what.text


def brief(program, call):
    """What a call makes, without the user's lines."""
    return program.source.brief(call).split("   ")[0].rstrip()


def briefs(program, wanted):
    """The lines of the schedule for calls that make one of these nodes."""
    numbers = {node.number for node in wanted}
    calls = [call for call in program.source.calls if numbers & {node.number for node in call.nodes}]
    return [brief(program, call) for call in calls]


def in_short(lines):
    """Many calls for arrays of one shape, in few lines."""
    makes, (_, _, spec) = [line.rsplit(" float", 1)[0] for line in lines], lines[0].partition(" float")
    rows = [", ".join(makes[i : i + 4]) for i in range(0, len(makes), 4)]
    return [*rows, f"each float{spec}"]


def loops(text):
    """A kernel from its first loop on, without the brace that ends it."""
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.lstrip().startswith(("for (", "#pragma")))
    return "\n".join(lines[begin:-1])


def phases(text):
    """The body of the loop over rows, cut after each inner loop but the last."""
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if "i = first" in line) + 1
    indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
    end = next(i for i in range(begin, len(lines)) if lines[i] == indent[4:] + "}")
    pieces, piece = [], []
    for line in lines[begin:end]:
        piece.append(line)
        if line == indent + "}":
            pieces.append("\n".join(piece))
            piece = []
    return [*pieces[:-1], "\n".join([*pieces[-1:], *piece])]


def function(text, name):
    """One function of a C file."""
    begin = text.index(f"void {name}(const struct matmul *of")
    return text[begin : text.index("\n}\n", begin) + 2]


def schedule_call(program, call):
    """The lines of step() for one call."""
    return "\n".join(program.source.call_lines(call, 0))


def loss_nodes(graph):
    """Softmax, cross entropy and their gradient: what is recorded from the logits to the next product."""
    begin = one_of(graph, ops.Max).inputs[0].number
    end = next(node.number for node in graph.nodes[begin:] if isinstance(node.op, ops.Matmul))
    return graph.nodes[begin:end]
