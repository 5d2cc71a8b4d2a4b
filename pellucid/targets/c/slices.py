"""A slice of the batch through several layers at a time, so that it passes from one to the next within the cache.

Most calls of a step treat each row of a batch like every other: products with weights, biases, activations, losses, and
the same on the way back. Instead of all rows through one call, then all through the next, a Chain takes some rows
through all of its calls, and then the next ones. Threads take whole slices, and need not wait for each other between
calls. The gradient of a weight is a sum over all rows: each slice makes a part of its own, and the parts are added up
when the chain is done, always in the same order.

A call that does not fit in is put off until after the chain, if the chain can do without it. The weights by which the
slices multiply are laid out once, before the chain, as the runtime likes to read them. A chain pays if what it keeps
in the cache is much more than these weights and the parts of gradients.
"""

import math
from typing import NamedTuple

from pellucid.engine import Spec
from pellucid.targets.c.lower import Call, Check, Product
from pellucid.targets.c.packs import PANEL, packed
from pellucid.targets.c.places import Buffer, Kernel

ROWS = 256  # of a slice, at most
FEWEST = 64  # and at least
SLICES = 4  # at least, or threads would have nothing to share
CACHE = 1_048_576  # bytes of arrays that stay in the cache anyhow
WORTH = 10  # writing one of those numbers was seen to cost as much as so many that stay in the cache


class Sliced(NamedTuple):
    """One call of a Chain. `units` is how many units of a kernel a slice has; `steps` how far a product moves on."""

    call: Call
    units: int = 0
    steps: tuple = ()  # of a, b, c, in elements from slice to slice


class Chain(NamedTuple):
    """Calls that are done together for one slice after the other."""

    slices: int
    calls: list  # of Sliced

    @property
    def products(self):
        return [each.call.what for each in self.calls if isinstance(each.call.what, Product)]


def in_slices(lowering):
    """Replace calls of a lowered graph by Chains where that pays."""
    calls, found = lowering.calls, []
    at = 0
    while at < len(calls):
        rows = rows_of(calls[at].what)
        builder = rows and ChainBuilder(lowering, rows)
        taken = builder.take(calls[at:]) if builder else 0
        found += builder.result() if taken else [calls[at]]
        at += taken or 1
    lowering.calls = found


def rows_of(what):
    """How many rows a slice has if a chain begins with this call; 0 if none may."""
    if not isinstance(what, Product) or what.outer or math.prod(what.sizes[:2]) != 1:
        return 0
    fitting = [rows for rows in range(FEWEST, ROWS + 1) if what.sizes[2] % rows == 0]
    return max([rows for rows in fitting if what.sizes[2] // rows >= SLICES], default=0)


class ChainBuilder:
    """Collects the calls of one chain, beginning with a product."""

    def __init__(self, lowering, rows):
        self.lowering = lowering
        self.rows = rows
        self.slices = 0
        self.packs, self.chain, self.later = [], [], []
        self.made, self.postponed = set(), set()  # buffers written by the chain, and by what is put off

    def take(self, calls):
        """Go through calls until one must come first. Returns how many were taken: 0 if a chain does not pay."""
        self.slices = calls[0].what.sizes[2] // self.rows
        checks = [i for i, call in enumerate(calls) if isinstance(call.what, Check)]
        taken, late = 0, 0
        for i, call in enumerate(calls[: min(checks, default=len(calls))]):
            sliced = None if self.waits(call) else self.sliced(call)
            if sliced is None:
                self.later.append(call)
                self.postponed.update(call.writes)
            else:
                self.chain.append(sliced)
                self.made.update(sliced.call.writes)
                taken, late = i + 1, len(self.later)
        self.later = self.later[:late]  # what comes behind the last call of the chain may begin another one
        return taken if self.pays() else 0

    def waits(self, call):
        """Does the call need, or write again, what is made only after the chain?"""
        return any(buffer in self.postponed for buffer in (*[buffer for buffer, _ in call.reads], *call.writes))

    def sliced(self, call):
        """The call for one slice; None if its rows are not those of the chain."""
        if isinstance(call.what, Kernel):
            return self.sliced_kernel(call)
        if isinstance(call.what, Product) and not call.what.outer and math.prod(call.what.sizes[:2]) == 1:
            return self.sliced_rows(call) or self.sliced_sum(call)
        return None

    def sliced_kernel(self, call):
        kernel = call.what
        rounds, block = kernel.sizes[:2] if call.by_rows else (0, 1)
        if any(buffer.kind == "state" and in_step for buffer, in_step in call.reads):
            return None  # an update: in a call of its own it is written where the old value lies
        if rounds == 0 or rounds % self.slices or any(buffer in self.made - call.by_rows for buffer, _ in call.reads):
            return None
        here = rounds // self.slices
        if set(call.writes) <= call.by_rows:
            kernel = kernel._replace(sizes=[rounds, here, *kernel.sizes[2:]], units=self.slices)
            return Sliced(call._replace(what=kernel), 1)
        sums = all(buffer.of == "parts" for buffer in set(call.writes) - call.by_rows)  # their units are fixed
        return Sliced(call, here // block) if sums and here % block == 0 else None

    def sliced_rows(self, call):
        """A product of which each row of c needs one row of a."""
        product = call.what
        *_, m, n, k = product.sizes
        (a, a_start, *_, a_row, a_column), c = product.a, product.c
        whole = a_start == 0 and a_row * m == math.prod(a.spec.shape) and 0 <= (k - 1) * a_column < a_row
        if m % self.slices or product.b[0] in self.made or (a in self.made and not whole) or c[-2] != n or c[1]:
            return None
        here = m // self.slices
        call = call._replace(what=product._replace(sizes=(*product.sizes[:2], here, n, k)))
        if min(n, k) >= PANEL:
            call, pack = packed(call, "arena")
            self.packs.append(pack)
        return Sliced(call, steps=(here * a_row, 0, here * n))

    def sliced_sum(self, call):
        """A product that adds up over all rows, as the gradient of a weight does: a part of c for each slice."""
        product = call.what
        *_, m, n, k = product.sizes
        (a, a_start, *_, a_row, a_column), (b, b_start, *_, b_row, b_column) = product.a, product.b
        a_whole = a_start == 0 and a_column * k == math.prod(a.spec.shape) and 0 <= (m - 1) * a_row < a_column
        b_whole = b_start == 0 and b_row * k == math.prod(b.spec.shape) and 0 <= (n - 1) * b_column < b_row
        if not (a_whole and b_whole) or k % self.slices or m * n * self.slices > k * (m + n) or not self.made & {a, b}:
            return None
        (node,) = call.nodes
        here, parts = k // self.slices, Buffer("arena", Spec((self.slices, m * n), node.spec.dtype), node, of="parts")
        c = (parts, 0, 0, 0, n, 1)
        sliced = call._replace(what=product._replace(sizes=(*product.sizes[:2], m, n, here), c=c), writes=[parts])
        before, self.lowering.calls = self.lowering.calls, []
        self.lowering.join_parts(node, parts)
        joins, self.lowering.calls = self.lowering.calls, before
        self.later += joins
        self.postponed.update(call.writes)
        return Sliced(sliced, steps=(here * a_column, here * b_row, m * n))

    def pays(self):
        """Is what stays in the cache much more than the weights that are laid out, and the parts that are added up?"""
        moved = sum(buffer.bytes for each in self.chain for buffer in (*each.call.writes, *self.read(each.call)))
        written = [buffer for each in (*self.packs, *[each.call for each in self.chain]) for buffer in each.writes]
        extra = sum(buffer.bytes for buffer in written if buffer.of)
        return len(self.chain) > 2 and moved > max(CACHE, WORTH * extra)

    def read(self, call):
        """What the call reads of what the chain has made."""
        return {buffer for buffer, _ in call.reads} & self.made

    def result(self):
        """The chain as one call, and what was put off."""
        calls = [each.call for each in self.chain]
        reads = [(buffer, False) for call in calls for buffer, _ in call.reads]
        writes = list(dict.fromkeys(buffer for call in calls for buffer in call.writes))
        nodes = [node for call in calls for node in call.nodes]
        return [*self.packs, Call(Chain(self.slices, self.chain), nodes, reads, writes), *self.later]
