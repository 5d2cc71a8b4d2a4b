"""Do two recordings of one step say the same? If not, something that the step closes over has changed."""

from typing import NamedTuple

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import ConstantChangedError
from pellucid.graph.graph import Constant, Read


class Line(NamedTuple):
    """What one node of a recording says. Nodes themselves are renumbered by the passes."""

    op: Op
    inputs: tuple
    spec: Spec
    value: np.ndarray | None
    site: object


class Recorded(NamedTuple):
    """All that a recording says, as data that can be compared with a later one."""

    lines: list
    states: list
    outputs: list
    effects: list


def recorded(graph):
    """A recording before the passes renumber its nodes."""
    lines = [
        Line(node.op, tuple([x.number for x in node.inputs]), node.spec, node.value, node.site) for node in graph.nodes
    ]
    outputs = [node.number for node in graph.outputs]
    effects = [(effect.slot, effect.node.number) for effect in graph.effects]
    return Recorded(lines, [id(state) for state in graph.states], outputs, effects)


def compare(before, after):
    """Two recordings of one step must be equal. If they are not, say which constant changed, and where."""
    compare_lines(before.lines, after.lines)
    remedy = "What varies must be an argument of the step or a pc.State."
    if before.states != after.states:
        slot = next(i for i, (a, b) in enumerate(zip(before.states, after.states, strict=True)) if a != b)
        line = next(line for line in after.lines if isinstance(line.op, Read) and line.op.slot == slot)
        raise ConstantChangedError(
            f"the compiled step now reads another State ({line.spec}) than when it was recorded.",
            remedy="Give the old one new numbers, state.assign(new), instead of putting another in its place.",
            site=line.site,
        )
    if before[2:] != after[2:]:
        raise ConstantChangedError(
            "the compiled step now returns or assigns other values than when it was recorded. "
            "Something that it closes over has changed.",
            remedy=remedy,
        )


def compare_lines(old, new):
    """The ops, one after the other."""
    for before, after in zip(old, new, strict=False):
        if before[:3] != after[:3]:
            raise ConstantChangedError(
                f"the compiled step now does something else than when it was recorded: {before.op} giving "
                f"{before.spec} has become {after.op} giving {after.spec}. Something that it closes over has changed.",
                remedy="What varies must be an argument of the step or a pc.State.",
                site=after.site,
            )
        if isinstance(before.op, Constant) and before.value.tobytes() != after.value.tobytes():
            raise constant_changed(before, after)
    if len(old) != len(new):
        raise ConstantChangedError(
            f"the compiled step had {len(old)} operations when it was recorded, and has {len(new)} now. "
            "Something that it closes over has changed.",
            remedy="What varies must be an argument of the step or a pc.State.",
        )


def constant_changed(before, after):
    if before.value.size == 1:
        what = f"the number {before.value.item()!r} has become {after.value.item()!r}"
        if before.value.dtype.kind == "f":
            what = f"the number {before.value.reshape(())} has become {after.value.reshape(())}"
    else:
        old, new = before.value, after.value
        other = (old != new) | (np.signbit(old) != np.signbit(new) if old.dtype.kind == "f" else False)
        place = tuple(np.argwhere(other)[0].tolist())
        what = f"a tensor of {before.spec} has changed: at {place} from {old[place]} to {new[place]}"
    return ConstantChangedError(
        f"{what}. A compiled step closes over it, so its program keeps the old value.",
        remedy="Make it a pc.State (state.assign(new) changes it), or an argument of the step.",
        site=after.site,
    )
