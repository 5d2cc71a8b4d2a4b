"""Convolutions whose last axis is a block of images that are treated alike: see `pellucid/graph/passes/images_last.py`.

Each is a kernel with all its sizes written in, so that the compiler can unroll what is short and keep sums in registers.
"""

import math

from pellucid import ops
from pellucid.engine import Spec
from pellucid.graph.passes.images_last import LINE
from pellucid.targets.c.convolution import CONVOLUTIONS
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Buffer
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


def by_axis(name, values):
    """Words for the first two axes."""
    return {name.format(axis): value for axis, value in zip(("ROW", "COLUMN"), values, strict=False)}
