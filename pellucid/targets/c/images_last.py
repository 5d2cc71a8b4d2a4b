"""Convolutions whose last axis is a block of images that are treated alike: see `pellucid/graph/passes/images_last.py`.

Each is a kernel with all its sizes written in, so that the compiler can unroll what is short and keep sums in registers.
"""

import math

from pellucid import ops
from pellucid.engine import Spec
from pellucid.graph.passes.images_last import LINE
from pellucid.targets.c.convolution import CONVOLUTIONS
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Buffer, Place
from pellucid.targets.c.whole import from_file

PARTS = 64  # of the kernel's gradient, at most


def is_images_last(node):
    """Is this a convolution over (H, W, block of images)?"""
    if not isinstance(node.op, CONVOLUTIONS) or len(node.op.stride) != 3 or node.op.groups != 1:
        return False
    op, x = node.op, node.spec if isinstance(node.op, ops.ConvolveInput) else node.inputs[0].spec
    alone = (op.stride[2], op.padding[2], op.dilation[2]) == (1, (0, 0), 1)
    kernel = shapes_of(node)[1][4]
    return alone and kernel == 1 and x.shape[4] * x.dtype.itemsize == LINE


def shapes_of(node):
    """The shapes of x, w and y."""
    shapes = [*[x.spec.shape for x in node.inputs], node.spec.shape]
    order = {ops.Convolve: (0, 1, 2), ops.ConvolveInput: (2, 1, 0), ops.ConvolveKernel: (0, 2, 1)}[type(node.op)]
    return [shapes[i] for i in order]


def turned(node):
    """For w (C, H, W, channels that come out): the order of its axes, and memory for it. None if w itself comes out."""
    if isinstance(node.op, ops.ConvolveKernel):
        return None
    order = (1, 2, 3, 0, 4) if isinstance(node.op, ops.Convolve) else (0, 2, 3, 1, 4)
    shape = node.inputs[1].spec.shape
    return order, Buffer("arena", Spec(tuple([shape[axis] for axis in order]), node.spec.dtype), node, of="turned")


def images_last_kernel(node, pointers):
    """The Kernel of a convolution; `pointers` are (buffer, start) of x and y, or of what stands for them, and w."""
    op = node.op
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
            words[f"{name}_SOURCE(at, k)"] = f"((at) * {s} - {b} + (k) * {d})" if forward else f"(((at) + {b} - (k) * {d}) / {s})"
            words[f"{name}_SEES(at, k)"] = "1" if forward else f"(((at) + {b} - (k) * {d}) % {s} == 0 && (at) + {b} >= (k) * {d})"
            words |= {f"{name}_STEP": step, f"{name}_MOVE": d if forward else -d * step // s}
        kernel, block = from_file("images_last", words, pointers, [], 0), 1
    units = math.ceil(blocks / block)
    return kernel._replace(sizes=[blocks, block], units=units, functions=("lines",), contract=True)


# What a window does: before it looks, with number t of line i for each of its places, and then; and what it gives back.
FIND = (
    "const int first = (where[t] < 0) | (x[i] > best[t]) | ((x[i] != x[i]) & (best[t] == best[t])); "
    "best[t] = first ? x[i] : best[t]; where[t] = first ? place : where[t]"
)
NOTHING = "(void)0"
ACTIONS = {
    ops.MaxPool: ("best[t] = -__builtin_inf()", "best[t] = x[i] > best[t] || x[i] != x[i] ? x[i] : best[t]", "y[t] = best[t]", NOTHING),
    ops.MaxPoolSpread: ("best[t] = 0, where[t] = -1", FIND, NOTHING, "back[i] PUT where[t] == place ? g[t] : 0"),
    ops.SumPool: ("best[t] = 0", "best[t] += x[i]", "y[t] = best[t]", NOTHING),
    ops.SumPoolSpread: (NOTHING, NOTHING, NOTHING, "back[i] PUT g[t]"),
}


def is_pool_of_images_last(node):
    """Is this a pooling over (H, W, block of images) whose windows are 1 long on the last axis?"""
    op, seen = node.op, node.spec if type(node.op) is ops.SumPoolSpread else node.inputs[0].spec
    if type(op) not in ACTIONS or len(op.kernel_size) != 3 or seen.shape[-1] * seen.dtype.itemsize != LINE:
        return False
    alone = (op.kernel_size[2], op.stride[2], op.padding[2]) == (1, 1, (0, 0))
    return alone and seen.dtype.kind == "f"


def images_last_pool(node, inputs, buffer):
    """The Kernel of a pooling, and the buffers of which each round touches its part."""
    op, spreads = node.op, isinstance(node.op, (ops.MaxPoolSpread, ops.SumPoolSpread))
    seen, results = (node, node.inputs[-1]) if spreads else (node.inputs[0], node)
    size, made = seen.spec.shape[-3:], results.spec.shape[-3:]
    dilation = getattr(op, "dilation", (1, 1, 1))
    tiles = op.stride == op.kernel_size and size[:2] == tuple([n * k for n, k in zip(made[:2], op.kernel_size)])
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
    return kernel._replace(functions=("lines",)), by_blocks(node, [*inputs, Place(buffer, 0, ())])


def by_blocks(node, places):
    """The buffers of these places that hold blocks of images and nothing else: each round touches a part of its own."""
    shapes = {math.prod(x.spec.shape) * x.spec.dtype.itemsize for x in (*node.inputs, node)}
    return frozenset([place.buffer for place in places if place.start == 0 and place.buffer.bytes in shapes])


def by_axis(name, values):
    """Words for the first two axes."""
    return {name.format(axis): value for axis, value in zip(("ROW", "COLUMN"), values, strict=False)}
