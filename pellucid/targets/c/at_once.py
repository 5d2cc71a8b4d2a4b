"""A table's gradient and its update, row by row: what is added up for a row is read again while it lies in the cache.

Where rows rest (`pellucid/fusion/rows.py`), one call adds up the gradient of the listed rows, and a later one updates
the same rows. Both divide the list alike, so they can be a Chain, whose slices are parts of the list: a thread updates
what it has added up itself, and no gradient travels from core to core.

Either the update moves up to the sums, or the sums move down to the update, if nothing in between stands in the way.
"""

from pellucid.targets.c.lower import Call
from pellucid.targets.c.slices import Chain, Sliced

PARTS = 64  # of the list, at most: a row that is named often takes longer, so parts must be small enough to even out


def update_at_once(lowering):
    """Chain the sums of each table's gradient with the only update that visits the listed rows."""
    slots = {id(lowering.place(effect.node).buffer): ("state", effect.slot) for effect in lowering.graph.effects}
    for gradient in dict.fromkeys(lowering.skipping.values()):
        listed, y = lowering.touched.get(gradient), lowering.buffer(gradient)
        if listed is None:
            continue
        calls = lowering.calls
        visits = [i for i, call in enumerate(calls) if listed.buffer in [buffer for buffer, _ in call.reads]]
        if len(visits) != 2 or y not in calls[visits[0]].writes:
            continue
        first, last = visits
        sums, update, between = calls[first], calls[last], calls[first + 1 : last]
        if meet(sums, update, slots, but=y):  # it reads what the update changes in other rows
            continue
        if not any(meet(call, update, slots) for call in between):
            at = first
        elif not any(meet(call, sums, slots) for call in between):
            at = last - 1
        else:
            continue
        del calls[last], calls[first]
        calls.insert(at, together(sums, update))


def together(sums, update):
    """Both calls, part by part of the list."""
    parts = min(PARTS, max(sums.what.units, update.what.units))
    kernels = [call.what._replace(units=parts, sizes=[parts, *call.what.sizes[1:]]) for call in (sums, update)]
    calls = [Sliced(call._replace(what=kernel), 1) for call, kernel in zip((sums, update), kernels, strict=True)]
    reads = [*[(buffer, False) for buffer, _ in sums.reads], *update.reads]
    return Call(Chain(parts, calls), [*sums.nodes, *update.nodes], reads, [*sums.writes, *update.writes])


def meet(one, other, slots, but=None):
    """Does one call write what the other reads or writes? A new value of a State counts as the State."""

    def keys(buffers):
        found = {slots.get(id(x), ("state", x.number) if x.kind == "state" else id(x)) for x in buffers if x is not but}
        return found | {id(x) for x in buffers if x is not but}

    written = keys(one.writes), keys(other.writes)
    touched = [written[i] | keys([x for x, _ in call.reads]) for i, call in enumerate((one, other))]
    return not (written[0].isdisjoint(touched[1]) and written[1].isdisjoint(touched[0]))
