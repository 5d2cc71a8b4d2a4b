"""Convolution: a small kernel slides over the input, and at each place gives the sum of products under it.

Three operations, each of which is the gradient of the others: all are products of the same three things, the input
x, the kernel w and the result g, of which one is left out and comes out:

    Convolve         x, w -> g      what a convolutional layer computes
    ConvolveInput    g, w -> x      its gradient to the input; alone, the transposed convolution
    ConvolveKernel   x, g -> w      its gradient to the kernel

x is (N, C, *D): samples, channels, and 1 to 3 spatial axes; w is (O, C / groups, *K); g is (N, O, *out).
docs/convolution.md tells it with loops and worked numbers.

In NumPy all three are matrix products with the patches of x: each patch, the numbers under the kernel at one place,
is a column, and the kernel of each output channel a row ("im2col": Chellapilla et al., 2006). The patches of all
images would take as many times the memory of x as the kernel has places, so a few images are done at a time.

Sources: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989); the arithmetic of sizes:
Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016).
"""

import functools
import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from pellucid.engine import Op, Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops.index import FEW

PIECE = 2_000_000  # bytes of patches made at a time: few enough for the caches


class Convolve(Op):
    """y[n, o, i] = the sum over channels c and places k of w[o, c, k] x[n, c, stride i + dilation k - before].

    i and k count along each spatial axis; x is 0 outside. It is the cross-correlation, which the field calls
    convolution: the kernel is not turned round. With groups, the channels of x and of y are cut into as many groups,
    and each group of y sees only its group of x.

    Shapes: x (N, C, *D), w (O, C / groups, *K); y (N, O, *out), where along each axis
    out = (D + before + after - dilation (K - 1) - 1) // stride + 1.

    y is linear in x and linear in w. So x[j] is owed w[k] g[i] for every i and k that met it, stride i + dilation k
    - before = j (ConvolveInput), and w[k] is owed x[j] g[i] in the same way (ConvolveKernel).
    """

    reads_output = False

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int

    def infer(self, x, w):
        require_floats(self, x, w)
        return Spec(sizes_of(self, x.shape, w.shape), x.dtype)

    def forward(self, x, w):
        y = np.empty(sizes_of(self, x.shape, w.shape), x.dtype)
        kernels = as_rows(self, w)
        for images, memory in pieces(self, x.shape, w.shape, y):
            columns = patches(self, x[images], w.shape[2:], y.shape[2:], memory)
            np.matmul(kernels, columns, out=by_group(self, y[images]))
        return y

    def gradient(self, g, y, x, w):
        return (
            ConvolveInput(*settings(self), x.shape[2:])(g, w) if x.requires_grad else None,
            ConvolveKernel(*settings(self), w.shape[2:])(x, g) if w.requires_grad else None,
        )


class ConvolveInput(Op):
    """x[n, c, j] = the sum of w[o, c, k] g[n, o, i] over all o, k, i with stride i + dilation k - before = j.

    What Convolve owes to an input of spatial sizes `size`, if g is the gradient of the loss with respect to its
    result: each g is spread over the places that it was made from. Several `size` may give the same `out` (with a
    stride, some last elements are under no kernel, and get 0), hence the attribute.

    Shapes: g (N, O, *out), w (O, C / groups, *K); the result (N, C, *size).

    If the result is owed h, then g is owed the numbers that h gives under the same kernels (Convolve), and w as in
    Convolve, where h stands for the input (ConvolveKernel).
    """

    reads_output = False

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int
    size: tuple[int, ...]

    def infer(self, g, w):
        require_floats(self, g, w)
        return Spec(self.shape(g.shape, w.shape), g.dtype)

    def shape(self, g, w):
        """The shape of the result; ShapeError if g and w do not fit."""
        x = (*g[:1], w[1] * self.groups if len(w) > 1 else 0, *self.size)
        if g != sizes_of(self, x, w):
            raise ShapeError(f"{self} needs a gradient of shape {sizes_of(self, x, w)} with kernels {w}, not {g}.")
        return x

    def forward(self, g, w):
        shape = self.shape(g.shape, w.shape)
        x = np.empty(shape, g.dtype)
        kernels = as_rows(self, w).swapaxes(1, 2)
        product = np.multiply if kernels.shape[-1] == 1 else np.matmul  # with one number to add, the quicker one
        for images, memory in pieces(self, shape, w.shape, g):
            columns = product(kernels, by_group(self, g[images]), out=memory)
            x[images] = put_back(self, columns, shape[1:], w.shape[2:], g.shape[2:])
        return x

    def gradient(self, h, x, g, w):
        return (
            Convolve(*settings(self))(h, w) if g.requires_grad else None,
            ConvolveKernel(*settings(self), w.shape[2:])(h, g) if w.requires_grad else None,
        )


class ConvolveKernel(Op):
    """w[o, c, k] = the sum of x[n, c, stride i + dilation k - before] g[n, o, i] over all samples n and places i.

    What Convolve owes to kernels of spatial sizes `kernel_size`, if g is the gradient of the loss with respect to its
    result: a kernel is used at every place of every sample, so its shares are added up.

    Shapes: x (N, C, *D), g (N, O, *out); the result (O, C / groups, *kernel_size).

    If the result is owed v, which has the shape of a kernel, then x is owed what v spreads from g (ConvolveInput),
    and g what v finds in x (Convolve).
    """

    reads_output = False

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int
    kernel_size: tuple[int, ...]

    def infer(self, x, g):
        require_floats(self, x, g)
        return Spec(self.shape(x.shape, g.shape), x.dtype)

    def shape(self, x, g):
        """The shape of the result; ShapeError if x and g do not fit."""
        w = (*g[1:2], x[1] // self.groups if len(x) > 1 else 0, *self.kernel_size)
        if g != sizes_of(self, x, w):
            raise ShapeError(f"{self} needs a gradient of shape {sizes_of(self, x, w)} for an input {x}, not {g}.")
        return w

    def forward(self, x, g):
        shape = self.shape(x.shape, g.shape)
        w = np.zeros(shape, x.dtype)
        rows = as_rows(self, w)
        for images, memory in pieces(self, x.shape, shape, g):
            columns = patches(self, x[images], shape[2:], g.shape[2:], memory)
            rows += np.matmul(by_group(self, g[images]), columns.swapaxes(-1, -2)).sum(axis=0)
        return w

    def gradient(self, v, w, x, g):
        return (
            ConvolveInput(*settings(self), x.shape[2:])(g, v) if x.requires_grad else None,
            Convolve(*settings(self))(x, v) if g.requires_grad else None,
        )


def settings(op):
    """What the three have in common."""
    return op.stride, op.padding, op.dilation, op.groups


# ---- shapes


@functools.lru_cache(maxsize=1000)
def sizes_of(op, x, w):
    """The shape (N, O, *out) of Convolve's result for an input and kernels of these shapes; ShapeError if none fits."""
    axes = len(op.stride)
    if not len(op.padding) == len(op.dilation) == axes or min(op.stride + op.dilation + (op.groups,)) < 1:
        raise ArgumentError(f"{op}: stride, padding and dilation go by spatial axis; they and groups are at least 1.")
    if min(itertools.chain(*op.padding)) < 0:
        raise ArgumentError(
            f"{op}: padding adds zeros, and cannot be negative.", remedy="To take elements away, slice the input."
        )
    if len(x) != axes + 2 or len(w) != axes + 2:
        raise ShapeError(
            f"a convolution over {axes} spatial axes needs an input (N, C, *D) and kernels (O, C / groups, *K), each "
            f"with {axes + 2} axes, not {x} and {w}."
        )
    if x[1] != w[1] * op.groups or w[0] % op.groups:
        raise ShapeError(
            f"a convolution in {op.groups} group(s) with kernels {w} needs an input of {w[1] * op.groups} channels and "
            f"a number of kernels that {op.groups} divides, but the input is {x}."
        )
    out = []
    for n, kernel, stride, (before, after), dilation in zip(x[2:], w[2:], *settings(op)[:3], strict=True):
        room = n + before + after - dilation * (kernel - 1) - 1
        if kernel < 1 or room < 0:
            raise ShapeError(
                f"a kernel of sizes {w[2:]}{f' with dilation {op.dilation}' if max(op.dilation) > 1 else ''} does not "
                f"fit into an input of sizes {x[2:]} with padding {op.padding}: it reaches over "
                f"{dilation * (kernel - 1) + 1} elements, and there are {n + before + after}.",
                remedy="Take a smaller kernel, more padding, or larger images.",
            )
        out.append(room // stride + 1)
    return (x[0], w[0], *out)


def require_floats(op, a, b):
    if a.dtype != b.dtype or a.dtype.kind != "f":
        raise DtypeError(f"{type(op).__name__} needs two inputs of one floating-point dtype, not {a} and {b}.")


# ---- matrices


def as_rows(op, w):
    """The kernels as rows, (groups, O / groups, C / groups x places)."""
    return w.reshape(op.groups, w.shape[0] // op.groups, math.prod(w.shape[1:]))


def by_group(op, g):
    """Results as matrices with a row for each channel: (N, groups, O / groups, places)."""
    return g.reshape(len(g), op.groups, g.shape[1] // op.groups, math.prod(g.shape[2:]))


def pieces(op, x, w, g):
    """Slices of the samples, so few that their patches take about PIECE bytes, and memory for the patches of each.

    The memory is the same for all, since what the system gives anew is slow to write to for the first time.
    """
    each = (op.groups, x[1] // op.groups * math.prod(w[2:]), math.prod(g.shape[2:]))
    step = max(1, min(x[0], PIECE // max(1, math.prod(each) * g.itemsize)))
    memory = np.empty((step, *each), g.dtype)
    for start in range(0, x[0], step):
        yield slice(start, start + step), memory[: x[0] - start]


def patches(op, x, kernel_size, out, memory):
    """What is under the kernel at each place, as columns: (N, groups, C / groups x places in the kernel, places)."""
    windows = under_kernels(op, with_zeros(op, x), kernel_size, out)
    if math.prod(kernel_size) == 1:
        return windows.reshape(memory.shape)  # x itself, if there is neither stride nor padding
    memory.reshape(windows.shape)[...] = windows
    return memory


def put_back(op, columns, shape, kernel_size, out):
    """The way back of `patches`: every number is added to the place it came from, and the padding is cut off."""
    channels, *size = shape
    x = np.zeros((len(columns), channels, *padded(op, size)), columns.dtype)
    if columns.size <= FEW:
        np.add.at(x.reshape(-1), places_under(op, x.shape, kernel_size, out), columns.reshape(-1))
        return x[:, :, *inside(op, size)]
    windows = under_kernels(op, x, kernel_size, out)
    columns = columns.reshape(windows.shape)
    for place in itertools.product(*map(range, kernel_size)):  # in turn: several windows look at the same number
        under = windows[:, :, *place]
        np.add(under, columns[:, :, *place], out=under)
    return x[:, :, *inside(op, size)]


@functools.lru_cache(maxsize=100)
def places_under(op, shape, kernel_size, out):
    """The places of these numbers in a flattened padded input."""
    return under_kernels(op, np.arange(math.prod(shape)).reshape(shape), kernel_size, out).reshape(-1)


def under_kernels(op, x, kernel_size, out):
    """A view of the padded input, (N, C, *K, *out): at [n, c, *k, *i] the number stride i + dilation k."""
    shape, strides = (*x.shape[:2], *kernel_size, *out), steps_under(op, x.strides)
    if x.flags.c_contiguous:
        return np.ndarray(shape, x.dtype, x, 0, strides)  # the same, in a fifth of the time
    return as_strided(x, shape, strides)


@functools.lru_cache(maxsize=1000)
def steps_under(op, strides):
    """The strides of that view."""
    in_kernel = [step * dilation for step, dilation in zip(strides[2:], op.dilation, strict=True)]
    to_place = [step * stride for step, stride in zip(strides[2:], op.stride, strict=True)]
    return (*strides[:2], *in_kernel, *to_place)


def with_zeros(op, x):
    """x with its padding around it."""
    size = x.shape[2:]
    wide = padded(op, size)
    if wide == size:
        return x
    y = np.zeros((*x.shape[:2], *wide), x.dtype)
    y[:, :, *inside(op, size)] = x
    return y


def padded(op, size):
    """The spatial sizes with the padding."""
    return tuple([before + n + after for n, (before, after) in zip(size, op.padding, strict=True)])


def inside(op, size):
    """Where in the padded input the input itself is."""
    return [slice(before, before + n) for n, (before, _) in zip(size, op.padding, strict=True)]
