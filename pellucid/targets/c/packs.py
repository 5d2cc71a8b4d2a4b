"""Weights laid out once for many products, in the order in which the runtime reads them.

A program that does not change a weight keeps it so from call to call. Whether it still holds, the State says: by its
`version`, which every assignment raises, and by `exposed`, once its memory has been handed out as a NumPy array that
anybody may write to. From then on the weight is read as it lies (program.py). The bits are the same either way.
"""

import math
from typing import NamedTuple

from pellucid.engine import Spec
from pellucid.targets.c.convolution import Convolution
from pellucid.targets.c.kept_kernels import is_kept, with_strips
from pellucid.targets.c.lower import Call, Product
from pellucid.targets.c.places import HEAD, Buffer

PANEL = 32  # columns and rows of a weight from which laying it out pays
FEWEST, MOST = 5, 128  # rows of the other factor between which it pays to keep it: fewer make dot products
LARGE = 65_536  # numbers of a weight from which Python's look at the State costs less than what is saved


class Pack(NamedTuple):
    """Lay out the b of a product, where `product.packed` says. With `once`, only if what is kept there asks for it."""

    product: Product
    once: bool = False


def packed(call, kind):
    """The call of a product with a b that has been laid out, and the call that does it."""
    product = call.what
    (weight, *_), (*_, n, k) = product.b, product.sizes
    kept, dtype = kind == "kept", product.b[0].spec.dtype
    head = HEAD // dtype.itemsize if kept else 0
    node = weight.node if kept else call.nodes[0]
    buffer = Buffer(kind, Spec((head + k * (n + 32),), dtype), node, of="packed")  # as much as runtime.h asks for
    product = product._replace(packed=(buffer, head))
    pack = Call(Pack(product, kept), call.nodes, [(weight, False)], [buffer])
    return call._replace(what=product, reads=[*call.reads, (buffer, False)]), pack


def keep_weights(lowering):
    """Keep the large weights that a program only reads, each for the first call that multiplies by it."""
    assigned = {effect.slot for effect in lowering.graph.effects}
    calls, kept = lowering.calls, set()
    lowering.calls = []
    for call in calls:
        if isinstance(call.what, Product) and pays(call.what) and call.what.b[0].number not in assigned | kept:
            kept.add(call.what.b[0].number)
            lowering.calls += reversed(packed(call, "kept"))
        elif isinstance(call.what, Convolution) and is_kept(call, assigned | kept):
            kept.add(call.what.arrays["w"].buffer.number)
            lowering.calls.append(with_strips(call))
        else:
            lowering.calls.append(call)


def pays(product):
    """Is this a product by a large weight, with a few rows?"""
    groups, batch, m, n, k = product.sizes
    alone = groups == batch == 1 and not product.outer and product.b[0].kind == "state"
    return alone and FEWEST <= m <= MOST and min(n, k) >= PANEL and math.prod((n, k)) >= LARGE
