"""Convolutions whose last axis is a block of images that are treated alike: see `pellucid/graph/passes/images_last.py`.

Each is a kernel with all its sizes written in: the compiler can unroll what is short, and keep sums in registers.
"""

import math

from pellucid import ops
from pellucid.engine import Spec
from pellucid.graph.passes.images_last import FEW, LINE
from pellucid.targets.c.convolution import CONVOLUTIONS
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Buffer
from pellucid.targets.c.pooling import SERIAL
from pellucid.targets.c.whole import from_file

PARTS = 64  # of the kernel's gradient, at most

# What a window does: before it looks, with number t of line i for each of its places, and then; and what it gives back.
LARGEST = "best[t] = x[i] > best[t] || x[i] != x[i] ? x[i] : best[t]"
FIND = (
    "const int first = (where[t] < 0) | (x[i] > best[t]) | ((x[i] != x[i]) & (best[t] == best[t])); "
    "best[t] = first ? x[i] : best[t]; where[t] = first ? place : where[t]"
)
NOTHING = "(void)0"
ACTIONS = {
    ops.MaxPool: ("best[t] = -__builtin_inf()", LARGEST, "y[t] = best[t]", NOTHING),
    ops.MaxPoolSpread: ("best[t] = 0, where[t] = -1", FIND, NOTHING, "back[i] PUT where[t] == place ? g[t] : 0"),
    ops.SumPool: ("best[t] = 0", "best[t] += x[i]", "y[t] = best[t]", NOTHING),
    ops.SumPoolSpread: (NOTHING, NOTHING, NOTHING, "back[i] PUT g[t]"),
}


def is_images_last(node):
    """Is this a convolution or pooling over (H, W, block of images), on whose last axis nothing meets?"""
    op, shapes = node.op, [x.spec.shape for x in (*node.inputs, node)]
    if not isinstance(op, (*CONVOLUTIONS, *ACTIONS)) or len(op.stride) != 3 or not all(map(math.prod, shapes)):
        return False
    x = node.inputs[0].spec
    alone = (op.stride[2], op.padding[2]) == (1, (0, 0)) and x.shape[-1] * x.dtype.itemsize == LINE
    if isinstance(op, CONVOLUTIONS):
        w = shapes_of(node)[1]
        return alone and w[4] == op.groups == 1 and max(w[:2]) <= FEW
    return alone and op.kernel_size[2] == 1 and x.dtype.kind == "f" and type(op) is not ops.MaxPoolPick


def shapes_of(node):
    """The shapes of x, w and y."""
    shapes = [*[x.spec.shape for x in node.inputs], node.spec.shape]
    order = {ops.Convolve: (0, 1, 2), ops.ConvolveInput: (2, 1, 0), ops.ConvolveKernel: (0, 2, 1)}[type(node.op)]
    return [shapes[i] for i in order]


def turned(node):
    """w as (channels that go in, H, W, channels that come out): the order of its axes, and memory for it."""
    order = (1, 2, 3, 0, 4) if isinstance(node.op, ops.Convolve) else (0, 2, 3, 1, 4)
    shape = node.inputs[1].spec.shape
    return order, Buffer("arena", Spec(tuple([shape[axis] for axis in order]), node.spec.dtype), node, of="turned")


def images_last_kernel(node, places):
    """The Kernel of a convolution, given the Places of what it reads (w is turned) and of its result."""
    op, pointers = node.op, [(place.buffer, place.start) for place in places]
    x, w, y = shapes_of(node)
    words = {"REAL": c_type(node.spec.dtype), "KERNEL_ROWS": w[2], "KERNEL_COLUMNS": w[3]}
    blocks = x[0]
    if isinstance(op, ops.ConvolveKernel):
        words |= {"INPUTS": x[1], "OUTPUTS": y[1]} | by_axis("X_{}S", x[2:]) | by_axis("{}S", y[2:])
        words |= by_axis("{}_STRIDE", op.stride) | by_axis("{}_DILATION", op.dilation)
        words |= by_axis("{}_BEFORE", [before for before, _ in op.padding])
        kernel, block = from_file("images_last_kernel", words, pointers, [], 0), math.ceil(blocks / PARTS)
    else:
        forward = isinstance(op, ops.Convolve)
        seen, made = (x, y) if forward else (y, x)
        words |= {"INPUTS": seen[1], "OUTPUTS": made[1]} | by_axis("X_{}S", seen[2:]) | by_axis("{}S", made[2:])
        for axis, name in enumerate(("ROW", "COLUMN")):
            s, (b, _), d = op.stride[axis], op.padding[axis], op.dilation[axis]
            step = 1 if forward else s // math.gcd(s, d)
            back = f"((at) + {b} - (k) * {d})"  # it saw x, if that is a multiple of the stride
            words[f"{name}_SOURCE(at, k)"] = f"((at) * {s} - {b} + (k) * {d})" if forward else f"({back} / {s})"
            words[f"{name}_SEES(at, k)"] = "1" if forward else f"({back} % {s} == 0 && {back} >= 0)"
            words |= {f"{name}_STEP": step, f"{name}_MOVE": d if forward else -d * step // s}
        kernel, block = from_file("images_last", words, pointers, [], 0), 1
    units = math.ceil(blocks / block)
    return kernel._replace(sizes=[blocks, block], units=units, functions=("lines",), contract=True)


def images_last_pool(node, inputs, buffer):
    """The Kernel of a pooling, given the Places of its inputs and the memory for its result."""
    op, spreads = node.op, isinstance(node.op, (ops.MaxPoolSpread, ops.SumPoolSpread))
    seen, results = (node, node.inputs[-1]) if spreads else (node.inputs[0], node)
    size, made = seen.spec.shape[-3:], results.spec.shape[-3:]
    dilation = getattr(op, "dilation", (1, 1, 1))
    tiles = op.stride == op.kernel_size and size[:2] == tuple([made[i] * op.kernel_size[i] for i in (0, 1)])
    tiles = tiles and not any(before for before, _ in op.padding) and dilation == (1, 1, 1)
    first, see, last, give = ACTIONS[type(op)]
    kind = c_type(node.spec.dtype)
    words = {"REAL": kind, "INDEX": {"float": "int32_t", "double": "int64_t"}[kind], "SPREADS": int(spreads)}
    words |= {"TILES": int(tiles), "FIRST(t)": first, "SEE(t, i)": see, "LAST(t)": last, "GIVE(t, i)": give}
    words |= {"PUT": "=" if tiles else "+="} | by_axis("{}S", size) | by_axis("RESULT_{}S", made)
    words |= by_axis("WINDOW_{}S", op.kernel_size) | by_axis("{}_STRIDE", op.stride) | by_axis("{}_DILATION", dilation)
    words |= by_axis("{}_BEFORE", [before for before, _ in op.padding])
    planes = math.prod(seen.spec.shape[:-3])
    pointers = [(place.buffer, place.start) for place in (inputs[0], inputs[-1])] + [(buffer, 0)]
    kernel = from_file("images_last_pool", words, pointers, [planes, 1], planes)
    little = planes * math.prod(made) * math.prod(op.kernel_size) <= SERIAL
    return kernel._replace(functions=("lines",), serial=little)


def by_axis(name, values):
    """Words for the first two axes."""
    return {name.format(axis): value for axis, value in zip(("ROW", "COLUMN"), values[:2], strict=True)}
