"""Pooling in C: one loop over windows (kernels/pool.c), and what each op does with what a window sees."""

import math

import numpy as np

from pellucid import ops
from pellucid.errors import UnsupportedError
from pellucid.targets.c.convolution import AXES, filled
from pellucid.targets.c.expressions import c_type, literal
from pellucid.targets.c.whole import from_file

POOLS = (ops.MaxPool, ops.SumPool, ops.SumPoolSpread)  # and the two that are made from MaxPool
SERIAL = 16_384  # numbers seen up to which one thread does it

# For result t of a strip: what is there before its window is looked at, what element i of the plane does to it, and
# what is done in the end. The largest counts from the first one on; NaN is larger than every number.
LARGEST = "best[t] = x[i] > best[t] || x[i] != x[i] ? x[i] : best[t]"
PLACE = (
    "const int is_first = (where[t] < 0) | (x[i] > best[t]) | ((x[i] != x[i]) & (best[t] == best[t])); "
    "best[t] = is_first ? x[i] : best[t]; where[t] = is_first ? (INDEX)(i) : where[t]"
)
ACTIONS = {
    ops.MaxPool: ("best[t] = LOWEST", LARGEST, "y[t] = best[t]"),
    ops.MaxPoolPick: ("best[t] = 0, where[t] = -1", PLACE, "y[t] = v[where[t]]"),
    ops.MaxPoolSpread: ("best[t] = 0, where[t] = -1", PLACE, "back[where[t]] += g[t]"),
    ops.SumPool: ("best[t] = 0", "best[t] += x[i]", "y[t] = best[t]"),
    ops.SumPoolSpread: ("(void)0", "back[i] += g[t]", "(void)0"),
}


def pool(node, inputs, buffer):
    """The Kernel of a pooling op, given the Places of its inputs and the memory for its result."""
    op, rank = node.op, len(node.op.kernel_size)
    if rank > AXES:
        raise UnsupportedError(f"the C target pools over at most {AXES} axes, not {rank}.", site=node.site)
    spread = isinstance(op, (ops.MaxPoolSpread, ops.SumPoolSpread))
    seen = node.spec if spread else node.inputs[0].spec  # what windows slide over
    results = node.inputs[-1].spec if spread else node.spec
    size, made = [filled(spec.shape[spec.ndim - rank :], 1) for spec in (seen, results)]
    axes = (size, op.kernel_size, made, op.stride, [a for a, _ in op.padding], getattr(op, "dilation", (1,) * rank))
    sizes = [number for i, axis in enumerate(axes) for number in filled(axis, 0 if i == 4 else 1)]
    kind, x = c_type(node.spec.dtype), c_type(node.inputs[0].spec.dtype)
    first, each, last = ACTIONS[type(op)]
    real = node.inputs[0].spec.dtype.kind == "f"
    words = {
        "ELEMENT": x,
        "RESULT": kind,
        "INDEX": "int32_t" if x == "float" and math.prod(size) < 2**31 else "int64_t",
        "STRIDE": op.stride[-1],
        "GIVEN": len(inputs) - 1,
        "SPREADS": int(spread),
        "LOWEST": lowest(node.inputs[0].spec.dtype),
        "FIRST(t)": first,
        "SEE(t, i)": each if real else each.replace("|| x[i] != x[i] ", "").replace("x[i] != x[i]", "0"),
        "LAST(t)": last,
    }
    planes = math.prod(seen.shape[: seen.ndim - rank])
    pointers = [*[(place.buffer, place.start) for place in inputs], (buffer, 0)]
    kernel = from_file("pool", words, pointers, sizes, planes)
    return kernel._replace(serial=planes * math.prod(made) * math.prod(op.kernel_size) <= SERIAL)


def lowest(dtype):
    """Below every number of this type, in C."""
    return "-__builtin_inf()" if dtype.kind == "f" else literal(np.iinfo(dtype).min, dtype)
