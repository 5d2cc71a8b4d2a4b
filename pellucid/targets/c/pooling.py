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
UNROLLED = 16  # places of a window, up to which compilers write them out one by one

# For result t of a strip: what is there before its window is looked at, what the element that a place of the window
# sees does to it, and what is done in the end. Of equal elements the first counts; NaN is larger than every number.
SEEN = "x[start + t * STRIDE]"
LARGEST = f"const ELEMENT a = {SEEN}; best[t] = a > best[t] || a != a ? a : best[t]"
PLACE = (
    f"const ELEMENT a = {SEEN}; const INDEX i = (INDEX)start + (INDEX)t * STRIDE; "
    "const int is_first = (where[t] < 0) | (a > best[t]) | ((a != a) & (best[t] == best[t])); "
    "best[t] = is_first ? a : best[t]; where[t] = is_first ? i : where[t]"
)
ACTIONS = {
    ops.MaxPool: ("best[t] = LOWEST", LARGEST, "y[t] = best[t]"),
    ops.MaxPoolPick: ("best[t] = 0, where[t] = -1", PLACE, "y[t] = v[where[t]]"),
    ops.MaxPoolSpread: ("best[t] = 0, where[t] = -1", PLACE, "back[where[t]] += g[t]"),
    ops.SumPool: ("best[t] = 0", f"best[t] += {SEEN}", "y[t] = best[t]"),
    ops.SumPoolSpread: ("(void)0", f"back{SEEN[1:]} += g[t]", "(void)0"),
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
    axes = (size, made, op.stride, [a for a, _ in op.padding], getattr(op, "dilation", (1,) * rank))
    sizes = [number for i, axis in enumerate(axes) for number in filled(axis, 0 if i == 3 else 1)]
    window = filled(op.kernel_size, 1)
    kind, x = c_type(node.spec.dtype), c_type(node.inputs[0].spec.dtype)
    first, each, last = ACTIONS[type(op)]
    real = node.inputs[0].spec.dtype.kind == "f"
    words = {
        "ELEMENT": x,
        "RESULT": kind,
        "INDEX": "int32_t" if x == "float" and math.prod(size) < 2**31 else "int64_t",
        "STRIDE": op.stride[-1],
        **{f"WINDOW_{axis}": width for axis, width in enumerate(window)},
        "EACH_PLACE": " ".join([f"for (int64_t i{a} = 0; i{a} < WINDOW_{a}; i{a}++)" for a in range(AXES)]),
        "AT_ONCE": at_once(op, window),
        "GIVEN": len(inputs) - 1,
        "SPREADS": int(spread),
        "LOWEST": lowest(node.inputs[0].spec.dtype),
        "FIRST(t)": first,
        "SEE(t)": each if real else each.replace("|| a != a ", "").replace("a != a", "0"),
        "LAST(t)": last,
    }
    planes = math.prod(seen.shape[: seen.ndim - rank])
    pointers = [*[(place.buffer, place.start) for place in inputs], (buffer, 0)]
    kernel = from_file("pool", words, pointers, sizes, planes)
    return kernel._replace(serial=planes * math.prod(made) * math.prod(op.kernel_size) <= SERIAL)


def at_once(op, window):
    """How many results a row may have for its windows to be looked at one by one, instead of place by place.

    What a sum spreads is added in the order of places: otherwise other bits would come out than in NumPy. With a place
    to remember, gcc makes no vectors of this loop, so it pays for a few results only.
    """
    if math.prod(window) > UNROLLED or isinstance(op, ops.SumPoolSpread):
        return 0
    return 8 if isinstance(op, (ops.MaxPoolPick, ops.MaxPoolSpread)) else 64


def lowest(dtype):
    """Below every number of this type, in C."""
    return "-__builtin_inf()" if dtype.kind == "f" else literal(np.iinfo(dtype).min, dtype)
