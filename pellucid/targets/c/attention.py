"""Attention in C: the runtime does it (runtime/attention.h); here it is said what it is given."""

import math
from typing import NamedTuple

import numpy as np

from pellucid.engine import Spec
from pellucid.fusion.views import row_major
from pellucid.ops import AttentionGradient
from pellucid.targets.c.expressions import ending, literal
from pellucid.targets.c.places import Buffer, Place
from pellucid.targets.c.wording import int64_array

UNITS = 16  # of work that there are at least: with fewer heads, the queries of each are divided
QUERIES = 128  # that such a part of a head has at least


class Attend(NamedTuple):
    """A call of the runtime: the fields of its `struct attention`."""

    function: str
    numbers: dict
    lengths: list  # of the leading axes
    matrices: dict  # name -> Place: the last two steps are those of rows and columns, the others of leading axes
    sums: Buffer | None = None

    def lines(self, address):
        """The call in C, given how an address is written: the sizes in one line, and each array in one of its own."""
        rows = [", ".join([f".{name} = {value}" for name, value in self.numbers.items()])]
        sums = f", .sums = {address(self.sums, 0)}" if self.sums else ""
        rows.append(f".axes = {len(self.lengths)}, .lengths = {int64_array(self.lengths)}{sums}")
        for name, place in self.matrices.items():
            *steps, row, column = place.steps
            where = address(place.buffer, place.start)
            rows.append(f".{name} = {{{where}, {row}, {column}, {int64_array(steps)}}}")
        return [f"runtime->{self.function}(runtime, &(struct attention){{", *[f"    {row}," for row in rows], "});"]


def attend(node, inputs, buffer):
    """The call for an Attention or AttentionGradient, and the buffers that it writes. `inputs` are Places."""
    q, k, v = [x.spec.shape for x in node.inputs[:3]]
    places = dict(zip("qkvg", inputs, strict=False))
    numbers = {"queries": q[-2], "keys": k[-2], "width": q[-1], "depth": v[-1]}
    numbers |= {"scale": literal(node.op.scale, np.dtype(np.float64)), "causal": int(node.op.causal)}
    function, lengths = f"attention_{ending(node.spec.dtype)}", list(q[:-2])
    if not isinstance(node.op, AttentionGradient):
        places["y"] = Place(buffer, 0, row_major(node.spec.shape))
        return Attend(function, numbers, lengths, places), [buffer]
    start = 0
    for name, shape in (("dq", q), ("dk", k), ("dv", v)):
        places[name] = Place(buffer, start, row_major(shape))
        start += math.prod(shape)
    function, heads = function.replace("attention", "attention_gradient"), math.prod(lengths)
    numbers["groups"] = groups = max(1, min(UNITS // max(heads, 1), q[-2] // QUERIES))
    if groups == 1:
        return Attend(function, numbers, lengths, places), [buffer]
    one = math.prod(k) + math.prod(v)
    sums = Buffer("arena", Spec((groups - 1, one), node.spec.dtype), node, of="parts")
    return Attend(function, numbers, lengths, places, sums), [buffer, sums]
