"""Images last: where convolutions have few channels, 16 images lie side by side, and vectors run along them.

A vector holds 8 or 16 numbers that are treated alike. In an array (N, C, H, W) those would be neighbours in a row, but
the rows of small images are no multiple of anything, and kernels that look across their borders make exceptions. The
images of a batch, however, are all treated alike. So this pass cuts the batch into blocks of L images, as many as have
one cache line of numbers together, and puts them last:

    (N, C, H, W)  ->  (N / L, C, H, W, L)

Then what lies at one place of one channel is a line of the cache; any channels, kernel, stride and padding fill the
vectors; and a block of images is a part of memory of its own, which can go through several layers while it lies in a
cache. The ops remain what they are: a convolution over (H, W, L) whose kernel is 1 long on the last axis, a pooling
whose window is.

The layout is kept through convolutions with few channels, and the element by element ops, poolings and sums around
them. Everything else gets its array in the old order.
"""

import dataclasses
import math

from pellucid.graph.graph import Node
from pellucid.graph.passes.rebuild import rebuilt
from pellucid.ops import (
    Broadcast,
    Convolve,
    ConvolveInput,
    ConvolveKernel,
    Max,
    MaxPool,
    Reshape,
    Sum,
    SumPool,
    SumPoolSpread,
    Transpose,
)
from pellucid.ops.elementwise import Elementwise

LINE = 64  # bytes of the numbers that lie at one place: a line of the cache
# Up to how many channels that go in or come out it pays. Small kernels pay with fewer: 3 x 3 with 32 channels was as
# often slower as faster than in the old order.
FEW, SMALL_FEW = 32, 16
PLACES = 16  # of a kernel that is not small
CONVOLUTIONS = (Convolve, ConvolveInput, ConvolveKernel)
POOLS = (MaxPool, SumPool, SumPoolSpread)


def images_last(graph):
    """The graph with blocks of images last in and around all convolutions that have few channels."""
    blocks = next(filter(None, map(images_of_block, graph.nodes)), 0)
    region = around([node for node in graph.nodes if images_of_block(node) == blocks > 0], graph, blocks)
    if not region:
        return graph
    return rebuilt(graph, ImagesLast(region, blocks).replace)


def images_of_block(node):
    """How many images are a block, if this is a convolution to be changed; else 0."""
    if not isinstance(node.op, CONVOLUTIONS) or len(node.op.stride) != 2 or node.op.groups != 1:
        return 0
    shapes = [x.spec.shape for x in (*node.inputs, node)]
    x, w = {Convolve: (0, 1), ConvolveInput: (2, 1), ConvolveKernel: (0, 2)}[type(node.op)]
    channels, images = shapes[w][:2], LINE // node.spec.dtype.itemsize
    places = math.prod(shapes[w][2:])
    pays = max(channels) <= (FEW if places >= PLACES else SMALL_FEW) and places > 1
    fits = pays and shapes[x][0] % images == 0 and all(math.prod(shape) for shape in shapes)
    return images if fits else 0


def around(seeds, graph, images):
    """The convolutions, and what is connected with them by ops that can do with any order of axes."""
    users, region, stack = {}, set(seeds), list(seeds)
    for node in graph.nodes:
        for x in node.inputs:
            users.setdefault(x, []).append(node)
    while stack:
        node = stack.pop()
        for other in (*node.inputs, *users.get(node, ())):
            if other not in region and can_follow(other, images):
                region.add(other)
                stack.append(other)
    return region


def can_follow(node, images):
    """Is this an op that keeps blocks of images apart, on an array (N, C, H, W)?"""
    if node.spec.ndim != 4 or node.spec.shape[0] % images or not math.prod(node.spec.shape):
        return False
    return isinstance(node.op, Elementwise) or (isinstance(node.op, POOLS) and len(node.op.kernel_size) == 2)


class ImagesLast:
    """Replaces the nodes of a region. `last`: a node of the new graph -> the one with the same numbers in blocks."""

    def __init__(self, region, images):
        self.region, self.images = region, images
        self.last = {}

    def replace(self, node, new, add):
        """What stands for a node, in the old order of axes (for `rebuilt`). If nobody needs it so, it is dead."""
        inputs = [new[x] for x in node.inputs]

        def make(op, *inputs):
            return add(Node(op, list(inputs), op.infer(*[x.spec for x in inputs]), node.site))

        if isinstance(node.op, (Sum, Max)) and inputs[0] in self.last:
            return self.reduced(node.op, inputs[0], make)
        if node not in self.region:
            return None
        op = with_images(node.op, self.images)
        if isinstance(node.op, ConvolveKernel):
            return make(Reshape(node.spec.shape), make(op, *[self.blocks(x, make) for x in inputs]))
        if isinstance(node.op, (Convolve, ConvolveInput)):
            x, w = inputs
            return self.in_order(make(op, self.blocks(x, make), make(Reshape((*w.spec.shape, 1)), w)), make)
        return self.in_order(make(op, *[x if x.spec.shape == () else self.blocks(x, make) for x in inputs]), make)

    def blocks(self, x, make):
        """x, an array (N, C, H, W), in blocks of images."""
        if x not in self.last:
            n, *rest = x.spec.shape
            if isinstance(x.op, Broadcast) and x.inputs[0].spec.shape[0] == 1:
                one = make(Reshape((*x.inputs[0].spec.shape, 1)), x.inputs[0])
                self.last[x] = make(Broadcast((n // self.images, *rest, self.images)), one)
            else:
                cut = make(Reshape((n // self.images, self.images, *rest)), x)
                self.last[x] = make(Transpose((0, 2, 3, 4, 1)), cut)
        return self.last[x]

    def in_order(self, x, make):
        """The array (N, C, H, W) whose blocks of images are x."""
        n, *rest, images = x.spec.shape
        y = make(Reshape((n * images, *rest)), make(Transpose((0, 4, 1, 2, 3)), x))
        self.last[y] = x
        return y

    def reduced(self, op, x, make):
        """A sum, or the largest, of what lies in blocks: first within each block."""
        inside = tuple([axis for axis in op.axes if axis])
        y = self.last[x]
        if 0 not in op.axes:
            return self.in_order(make(op, y), make)
        y = make(type(op)((0,)), make(type(op)((*inside, 4)), y))
        return make(Reshape(y.spec.shape[:4]), y)


def with_images(op, images):
    """The op for arrays with one more axis, the last, on which each element stands alone."""
    if isinstance(op, Elementwise):
        return op
    more = {"kernel_size": 1, "stride": 1, "padding": (0, 0), "dilation": 1, "size": images}
    values = {field.name: getattr(op, field.name) for field in dataclasses.fields(op)}
    return type(op)(**{name: (*x, more[name]) if name in more else x for name, x in values.items()})
