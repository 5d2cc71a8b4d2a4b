"""What the engine keeps of the forward pass, read from its own record."""

from dataclasses import dataclass
from typing import Any

from pellucid import engine
from pellucid.engine import Spec


@dataclass
class Kept:
    """What one operation of a small program keeps for the backward pass."""

    line: str
    op: str
    reads_inputs: bool
    reads_output: bool
    kept: list[str]  # names of numbers


def kept_by(recording):
    """For each line of a program: which numbers its step still holds. Whoever kept one is named, not counted."""
    rows = []
    for node in recording.nodes.values():
        if not node.op:
            continue
        step = node.tensor.step
        pairs = zip(node.inputs, step[engine.INPUTS], strict=True)
        kept = [name for name, x in pairs if name and node.op.reads_inputs and type(x.array) is not Spec]
        kept += [node.name] if step[engine.OUTPUT] is not None else []
        reads = node.op.reads_inputs, node.op.reads_output
        rows.append(Kept(recording.lines[node.line], node.kind, *reads, list(dict.fromkeys(kept))))
    return rows


@dataclass
class Memory:
    """One array of the forward pass that is kept."""

    made_by: str
    array: Any
    kept_for: list[str]  # the operations whose gradient rules will read it

    def __str__(self):
        size, readers = f"{self.array.nbytes / 1000:8.1f} kB", " and ".join(self.kept_for)
        return f"{size}  result of {self.made_by}, kept for {readers}"


def memory_of(result):
    """The arrays that the steps behind `result` keep, first made first, without those that are there anyway.

    There anyway are leaves and constants, and what only looks at their memory, such as a transposed weight.
    """
    kept, seen, stack = {}, set(), [result]
    while stack:
        value = stack.pop()
        step = value.step
        if type(step) is not list or id(step) in seen:
            continue
        seen.add(id(step))
        op, inputs = step[engine.OP], step[engine.INPUTS]
        held = [x for x in inputs if op.reads_inputs and type(x.array) is not Spec and is_computed(x)]
        for made_by, array in [*[(x.step[engine.OP], x.array) for x in held], (op, step[engine.OUTPUT])]:
            if array is not None:
                row = kept.setdefault(id(array), Memory(type(made_by).__name__, array, []))
                row.kept_for.insert(0, type(op).__name__)
        stack.extend(inputs)
    return list(kept.values())[::-1]


def is_computed(x):
    """Does x have memory of its own, which the forward pass has filled?"""
    while type(x.step) is list:
        if not x.step[engine.OP].view:
            return True
        x = x.step[engine.INPUTS][0]
    return False
