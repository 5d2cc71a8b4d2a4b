"""Kernels of convolutions that a program only reads stay laid out from call to call (runtime/convolution_strips.h).

As with the weights of products (packs.py), the State's `version` and `exposed` say whether what is kept holds. If it
does not, the convolution lays the kernels out again before it uses them: the bits are the same either way. It pays
where there are few pixels, as for one picture at a time: each weight is then used so seldom that its way here is what
costs.
"""

import math

from pellucid.engine import Spec
from pellucid.ops import Convolve
from pellucid.targets.c.convolution import is_three_by_three
from pellucid.targets.c.places import HEAD, Buffer

LARGE = 16_384  # numbers of a kernel from which Python's look at the State costs less than what is saved
COLUMNS = 16  # of a panel, about
PIXELS = 256  # up to so many it pays to lay out patches for all outputs together
PANELS = 1 << 21  # bytes of all panels, at most
STREAM = 1.25  # tiles have 16 numbers of a kernel to fetch instead of 9; so they must save more than this
SLACK = 32  # what TILE_ROWS and PATCH_COLUMNS of the runtime may round up by


def is_kept(call, taken):
    """Is this a convolution (no gradient) of few pixels by a large State that is none of `taken`?"""
    what = call.what
    x, w = [what.arrays[name].buffer for name in "xw"]
    if not isinstance(call.nodes[0].op, Convolve) or what.numbers["groups"] != 1 or w.kind != "state":
        return False
    elements, rows, columns = sizes(what)
    fits = elements * rows * (columns + SLACK) * w.spec.dtype.itemsize <= PANELS and x.bytes < 2**31
    few = elements > 1 or columns <= PIXELS
    return w.number not in taken and math.prod(w.spec.shape) >= LARGE and fits and few


def sizes(what):
    """Numbers of elements, and of rows and columns of each: of tiles, if that is less work, or of patches."""
    numbers, axes = what.numbers, what.axes
    inputs, places = numbers["inputs"], math.prod(axes["kernel"])
    pixels = numbers["images"] * math.prod(axes["result"])
    if is_three_by_three(axes, numbers):
        tiles = numbers["images"] * math.prod([math.ceil(n / 2) for n in axes["result"]])
        if 16 * STREAM * math.ceil(tiles / COLUMNS) < 9 * math.ceil(pixels / COLUMNS):
            return 16, inputs, tiles
    return 1, inputs * places, pixels


def with_strips(call):
    """The call with its kernels kept."""
    what, node = call.what, call.nodes[0]
    w = what.arrays["w"].buffer
    elements, rows, columns = sizes(what)
    head = HEAD // w.spec.dtype.itemsize
    count = head + elements * rows * (what.numbers["outputs"] + SLACK)
    kept = Buffer("kept", Spec((count,), w.spec.dtype), w.node, of="strips")
    spare = Buffer("arena", Spec((elements * rows * (columns + SLACK),), w.spec.dtype), node, of="spare")
    numbers = {name: what.numbers[name] for name in ("images", "groups", "outputs", "inputs")}
    numbers |= {"in_tiles": 2} if elements > 1 else {}
    what = what._replace(numbers=numbers, kept=kept, spare=spare)
    return call._replace(what=what, reads=[*call.reads, (kept, False)], writes=[call.writes[0], spare])
