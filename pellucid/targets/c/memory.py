"""Where everything lies: States at their own addresses, all else in one arena, reused as soon as it is free.

A State's new value is written straight into its memory if nobody needs the old one any more: every call that reads it
comes before the one that writes, or is that call and reads only the element that it then writes; and no index is
checked later, because a refused step must leave all States as they were. Otherwise the value goes to the arena and is
committed at the end, by a plain copy. Commits never read what another commit writes: a State that is committed is never
one whose memory a value was written into. So their order does not matter.
"""

from typing import NamedTuple

from pellucid.fusion.fuse import PASSES
from pellucid.targets.c.at_once import update_at_once
from pellucid.targets.c.lower import Check, Kernel, Lowering
from pellucid.targets.c.packs import keep_weights
from pellucid.targets.c.slices import in_slices

LINE = 64  # bytes of a cache line; every buffer begins at one


class Commit(NamedTuple):
    """At the end: copy a buffer into the memory of State number `slot`."""

    buffer: object
    slot: int


def lowered(graph, passes=PASSES):
    """(the graph as calls, commits, size of the arena in bytes)."""
    lowering = Lowering(graph, passes)
    if "slices" in passes:
        in_slices(lowering)
    if "rows" in passes:
        update_at_once(lowering)
    keep_weights(lowering)
    planned = plan(lowering)
    if any(buffer.kind != "state" for buffer in lowering.in_place):  # rows that are left out would be lost
        return lowered(graph, [each for each in passes if each != "rows"])
    return lowering, *planned


def plan(lowering):
    """Give every arena buffer a start. Returns (commits, size of the arena in bytes)."""
    calls, graph = lowering.calls, lowering.graph
    writers, readers = who_touches(calls)
    last_check = max([i for i, call in enumerate(calls) if isinstance(call.what, Check)], default=-1)
    commits = []
    for effect in graph.effects:
        buffer = lowering.place(effect.node).buffer
        old = readers.get(("state", effect.slot), [])
        if in_place(buffer, effect, writers, old, last_check):
            buffer.kind, buffer.number = "state", effect.slot
        else:
            commits.append(Commit(buffer, effect.slot))
    keep = {id(commit.buffer) for commit in commits} | {id(lowering.place(x).buffer) for x in graph.outputs}
    lifetimes(calls, writers, readers, keep)
    share(calls, keep)
    return commits, place_all(calls)


def key_of(buffer):
    """What a buffer's memory is: two buffers may stand for one State."""
    return ("state", buffer.number) if buffer.kind == "state" else id(buffer)


def who_touches(calls):
    """For each buffer: the calls that write it, and the calls that read it, with whether they read in step."""
    writers, readers = {}, {}
    for i, call in enumerate(calls):
        for buffer in call.writes:
            writers.setdefault(key_of(buffer), []).append(i)
        for buffer, aligned in call.reads:
            readers.setdefault(key_of(buffer), []).append((i, aligned))
    return writers, readers


def in_place(buffer, effect, writers, old, last_check):
    """May this buffer be the State's own memory?"""
    if buffer.kind != "arena" or buffer.bytes != effect.state.array.nbytes:
        return False
    own = writers[id(buffer)]
    if own[0] < last_check:
        return False
    return all(i < own[0] or (i == own[0] and aligned and len(own) == 1) for i, aligned in old)


def lifetimes(calls, writers, readers, keep):
    """From which call to which each arena buffer is needed."""
    for i, call in enumerate(calls):
        for buffer in call.writes:
            if buffer.kind == "arena" and buffer.first is None:
                reads = [at for at, _ in readers.get(id(buffer), [])]
                buffer.first = i
                buffer.last = len(calls) if id(buffer) in keep else max([*reads, *writers[id(buffer)]])


def share(calls, keep):
    """Let a result lie where an operand lay that is read for the last time, element by element, to make it."""
    for i, call in enumerate(calls):
        if not isinstance(call.what, Kernel):
            continue
        aligned = {}
        for buffer, in_step in call.reads:
            aligned[buffer] = in_step and aligned.get(buffer, True)
        free = [x for x, ok in aligned.items() if ok and x.kind == "arena" and root(x).last == i and id(x) not in keep]
        for y in call.writes:
            if y.kind != "arena" or y.first != i or y.shares is not None:
                continue
            for x in free:
                same = x.spec.dtype.itemsize == y.spec.dtype.itemsize and x.bytes == y.bytes
                if same and root(x) is not root(y):
                    y.shares = root(x)
                    root(x).last = y.last
                    free.remove(x)
                    break


def root(buffer):
    """The buffer whose memory this one has."""
    while buffer.shares is not None:
        buffer = buffer.shares
    return buffer


def place_all(calls):
    """Hand out the arena call by call, and take back what is no longer needed. Returns its size."""
    free, size = [], 0  # free: (start, bytes), in order
    ending = {}
    for i, call in enumerate(calls):
        for buffer in call.writes:
            if buffer.kind == "arena" and buffer.shares is None and buffer.start is None:
                need = max(-(-buffer.bytes // LINE) * LINE, LINE)
                buffer.start, size = take(free, need, size)
                ending.setdefault(buffer.last, []).append((buffer.start, need))
        for start, length in ending.pop(i, []):
            give_back(free, start, length)
    for call in calls:
        for buffer in call.writes:
            if buffer.kind == "arena":
                buffer.start = root(buffer).start
    return size


def take(free, need, size):
    """The smallest hole that is large enough, or new room at the end."""
    fitting = [(length, start, at) for at, (start, length) in enumerate(free) if length >= need]
    if fitting:
        length, start, at = min(fitting)
        free[at : at + 1] = [(start + need, length - need)] if length > need else []
        return start, size
    if free and free[-1][0] + free[-1][1] == size:  # the last hole can grow
        start, _ = free.pop()
        return start, start + need
    return size, size + need


def give_back(free, start, length):
    """A hole; holes side by side become one."""
    free.append((start, length))
    free.sort()
    merged = []
    for hole in free:
        if merged and merged[-1][0] + merged[-1][1] == hole[0]:
            merged[-1] = (merged[-1][0], merged[-1][1] + hole[1])
        else:
            merged.append(hole)
    free[:] = merged
