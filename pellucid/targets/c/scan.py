"""The kernel of the operations that run along an axis: row by row, each row from one end to the other.

A row is one unit of work. The processor waits for each sum before it begins the next, but the bits are NumPy's.
"""

import math

from pellucid import ops
from pellucid.targets.c.expressions import c_type, ending
from pellucid.targets.c.whole import from_file

# y is what was found so far, x the next element, a the factor of a Recurrence.
NEXT = {
    ops.CumulativeSum: "y + x",
    ops.CumulativeProduct: "y * x",
    ops.CumulativeMax: "x > y || x != x ? x : y",
    ops.CumulativeLogSumExp: "logaddexp_{f}(y, x)",
    ops.Recurrence: "x + a * y",
}


def scan(node, places, y):
    """The kernel, the nodes and the memory it reads, for `Lowering.call_kernel`."""
    op, shape = node.op, node.spec.shape
    steps = list(zip(*[place.steps for place in (places[-1], places[0], y)], strict=True))  # of x, a and y, by axes
    rows = [(length, *steps[axis]) for axis, length in enumerate(shape) if axis != op.axis]
    along = [-step if op.reverse else step for step in steps[op.axis]]
    last = shape[op.axis] - 1 if op.reverse else 0
    pointers = [
        (place.buffer, place.start + last * step)
        for place, step in zip((places[-1], places[0], y), steps[op.axis], strict=True)
    ]
    sizes = [len(rows), 0, shape[op.axis], *along, *[number for row in rows for number in row]]
    following = NEXT[type(op)].format(f=ending(node.spec.dtype))
    words = {"ELEMENT": c_type(node.spec.dtype), "NEXT(y, x, a)": f"({following})"}
    made = from_file("scan", words, pointers, sizes, math.prod([row[0] for row in rows]))
    functions = ("logaddexp",) if isinstance(op, ops.CumulativeLogSumExp) else ()
    return made._replace(functions=functions), [node], [place.buffer for place in places]
