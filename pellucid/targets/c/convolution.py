"""Convolution in C: runtime/convolution.h says what there is; here it is said what it is given.

It is no part of the runtime that all programs share. `files` names what a program that convolves gets linked to, which
is compiled at its first use ever, like a kernel.
"""

import math
from typing import NamedTuple

from pellucid import ops
from pellucid.engine import Spec
from pellucid.targets.c.expressions import ending
from pellucid.targets.c.places import Buffer, Place

CONVOLUTIONS = (ops.Convolve, ops.ConvolveInput, ops.ConvolveKernel)
AXES = 3  # that the struct has; those that an op lacks are the first ones, of length 1
PATCH_ROWS = 1024  # bytes of rows of patches that a unit of the kernel's gradient has: 256 float32, 128 float64
UNITS = 16  # that the kernel's gradient is divided into at least, if there are so many
SLICE = 1024  # pixels that a slice of it has at least
# From how many channels on either side, tiles and columns it pays to multiply less (runtime/convolution_tiles.h).
CHANNELS, TILES, WIDTH = 16, 256, 8
# The same of tiles of 4 x 4 (runtime/convolution_points.h), up to so many columns. For the gradient of kernels CHANNELS
# are enough.
MORE_CHANNELS, FEW_TILES, WIDEST = 32, 8, 320
ELEMENTS = 36  # of such a tile
KERNEL_BYTES, SLICE_BYTES = 1 << 23, 1 << 22  # of elements of kernels and of a slice: the third-level cache holds both
SLICE_TILES = 256  # of a slice, at most: matmul does not cut sums over them
PANEL_BYTES = 128  # of the widest panel of matmul


class Convolution(NamedTuple):
    """A call of the runtime: the fields of its `struct convolution`."""

    function: str
    numbers: dict  # name -> number
    axes: dict  # name -> a number for each axis
    arrays: dict  # name -> Place
    spare: Buffer | None
    kept: Buffer | None = None  # for weights that stay laid out (kept_kernels.py)

    @property
    def file(self):
        """The file of the runtime that it needs."""
        return f"convolution_{self.function[-3:]}.c"

    def lines(self, address):
        """The call in C, given how an address is written."""
        rows = [", ".join([f".{name} = {value}" for name, value in self.numbers.items()])]
        axes = [f".{name} = {{{', '.join(map(str, values))}}}" for name, values in self.axes.items()]
        rows += [", ".join(axes[:3]), ", ".join(axes[3:])]
        rows.append(
            ", ".join([f".{name} = {address(place.buffer, place.start)}" for name, place in self.arrays.items()])
        )
        more = {"kept": self.kept, "spare": self.spare}
        rows += [f".{name} = {address(buffer, 0)}" for name, buffer in more.items() if buffer]
        return [f"{self.function}(runtime, &(struct convolution){{", *[f"    {row}," for row in rows], "});"]


def convolution(node, inputs, buffer):
    """The call for a node, and the buffers that it writes. `inputs` are Places."""
    function = {ops.Convolve: "convolve", ops.ConvolveInput: "convolve_input", ops.ConvolveKernel: "convolve_kernel"}
    specs = [node.inputs[0].spec, node.inputs[1].spec, node.spec]
    places = [*inputs, Place(buffer, 0, ())]
    order = {ops.Convolve: "xwy", ops.ConvolveInput: "ywx", ops.ConvolveKernel: "xyw"}[type(node.op)]
    shapes = {name: spec.shape for name, spec in zip(order, specs, strict=True)}
    arrays = dict(sorted(zip(order, places, strict=True)))
    groups, rows = node.op.groups, math.prod(shapes["w"][1:])
    numbers = {"images": shapes["x"][0], "groups": groups, "outputs": shapes["w"][0] // groups}
    numbers["inputs"] = shapes["w"][1]
    lengths = {"size": shapes["x"][2:], "kernel": shapes["w"][2:], "result": shapes["y"][2:]}
    steps = {
        "stride": node.op.stride,
        "before": [before for before, _ in node.op.padding],
        "dilation": node.op.dilation,
    }
    axes = {name: filled(values, 0 if name == "before" else 1) for name, values in (lengths | steps).items()}
    itemsize, kernels, spare = node.spec.dtype.itemsize, math.prod(shapes["w"]), 0
    of_kernel, of_input = isinstance(node.op, ops.ConvolveKernel), isinstance(node.op, ops.ConvolveInput)
    made, small = axes["size" if of_input else "result"], is_three_by_three(axes, numbers)
    if small and pays_in_fours(numbers, made, CHANNELS if of_kernel else MORE_CHANNELS):
        divided, spare = fours(numbers, made, of_input, itemsize)
        numbers |= divided
    elif of_kernel:
        units = groups * math.ceil(rows * itemsize / PATCH_ROWS)
        pixels = shapes["x"][0] * math.prod(shapes["y"][2:])
        numbers["slices"] = max(1, min(math.ceil(UNITS / units), pixels // SLICE))
        spare = numbers["slices"] * kernels
    elif small and pays_in_twos(numbers, made):
        numbers["in_tiles"], spare = 2, kernels // 9 * 16
    elif of_input:
        spare = kernels
    memory = Buffer("arena", Spec((spare,), node.spec.dtype), node, of="spare") if spare else None
    name = f"{function[type(node.op)]}_{ending(node.spec.dtype)}"
    writes = [buffer, memory] if memory else [buffer]
    return Convolution(name, numbers, axes, arrays, memory), writes


def is_three_by_three(axes, numbers):
    """Is it 3 x 3 with stride 1, of images with enough channels?"""
    one, channels = [1] * AXES, min(numbers["inputs"], numbers["outputs"])
    steps = axes["stride"] == axes["dilation"] == one and axes["size"][0] == axes["result"][0] == 1
    return axes["kernel"] == [1, 3, 3] and steps and channels >= CHANNELS


def pays_in_twos(numbers, made):
    """Are there so many tiles of 2 x 2 that sixteen products in place of thirty-six pay for the way there?"""
    tiles = numbers["images"] * math.ceil(made[1] / 2) * math.ceil(made[2] / 2)
    return tiles >= TILES and made[2] >= WIDTH


def pays_in_fours(numbers, made, channels):
    """The same of 36 in place of 144. Of what tiles at the lower and right edge make, half may be for nothing."""
    tiles = math.ceil(made[1] / 4) * math.ceil(made[2] / 4)
    enough = min(numbers["inputs"], numbers["outputs"]) >= channels
    few = numbers["images"] * tiles < FEW_TILES
    return enough and not few and 16 * tiles <= 2 * made[1] * made[2] and made[2] <= WIDEST


def fours(numbers, made, of_input, itemsize):
    """How tiles of 4 x 4 are divided, and how many numbers they need memory for.

    Outputs are cut into chunks so that what they have together with inputs (elements of kernels, or sums of them) stays
    in the cache; lines of tiles are cut into slices so that what either has by itself does. Both are filled up to whole
    panels, whose width is the processor's affair.
    """
    wide, panel, lines = math.ceil(made[2] / 4), PANEL_BYTES // itemsize, numbers["images"] * math.ceil(made[1] / 4)
    inputs, outputs = [numbers[name] for name in (("outputs", "inputs") if of_input else ("inputs", "outputs"))]
    chunks = min(math.ceil(outputs / panel), math.ceil(ELEMENTS * inputs * outputs * itemsize / KERNEL_BYTES))
    inputs, outputs = inputs + 2 * panel, math.ceil(outputs / chunks) + 2 * panel
    most = min(SLICE_TILES, SLICE_BYTES // (ELEMENTS * (inputs + outputs) * itemsize))
    slices = math.ceil(lines / max(1, most // wide))
    tiles = math.ceil(lines / slices) * wide
    of_element = inputs * tiles + outputs * tiles + inputs * outputs + 3 * panel
    return {"slices": slices, "chunks": chunks, "in_tiles": 4}, ELEMENTS * of_element


def filled(values, lacking):
    """One number for each axis of the struct."""
    return [lacking] * (AXES - len(values)) + list(values)


def files(calls):
    """The files of the runtime that these calls need, beyond what all programs share."""
    return sorted({call.what.file for call in calls if isinstance(call.what, Convolution)})


def multiplications(node):
    """How many there are in a convolution or a gradient of one: all weights of a kernel for each number of y."""
    y, w = {
        ops.Convolve: (node, node.inputs[1]),
        ops.ConvolveInput: node.inputs,
        ops.ConvolveKernel: (node.inputs[1], node),
    }[type(node.op)]
    return math.prod(y.spec.shape) * math.prod(w.spec.shape[1:])
