"""Views: nodes that compute nothing and only say which element of another node is read.

`position(node, at)` turns the position of an element of a view into that of an element of its input. A position is a
list with one `Index` per axis: a sum of loop variables, each times a number of steps, plus a start.
"""

from typing import NamedTuple

from pellucid import ops
from pellucid.graph import Argument, Constant, InOrder, Read


class Index(NamedTuple):
    """start + sum of steps[axis] * (loop variable of that axis)."""

    steps: tuple = ()  # pairs (axis, step)
    start: int = 0

    def sliced(self, start, step):
        """The index of what this one reaches in a slice."""
        return Index(tuple([(axis, step * by) for axis, by in self.steps]), start + step * self.start)


NOWHERE = Index()  # the only place on an axis of length 1


def here(shape):
    """The position at which a loop nest over `shape` is."""
    return [Index(((axis, 1),)) if n != 1 else NOWHERE for axis, n in enumerate(shape)]


def is_view(node):
    """Does this node only look at its input?"""
    return isinstance(node.op, (ops.Broadcast, ops.Transpose, ops.Slice, ops.Reshape, InOrder))


def steps_of(node):
    """For a Reshape that only adds or drops axes of length 1: which axis of the result each axis of the input is.

    None for any other Reshape, which can only look at memory that lies row after row.
    """
    have, want = node.inputs[0].spec.shape, node.spec.shape
    real = [axis for axis, n in enumerate(want) if n != 1]
    if [n for n in have if n != 1] != [want[axis] for axis in real]:
        return None
    real = iter(real)
    return [None if n == 1 else next(real) for n in have]


def position(node, at):
    """Where a view at `at` looks in its input. None for a Reshape that mixes axes."""
    x = node.inputs[0].spec
    match node.op:
        case InOrder():
            return at
        case ops.Broadcast():
            return [NOWHERE if n == 1 else index for n, index in zip(x.shape, at, strict=True)]
        case ops.Transpose(order=order):
            return [at[order.index(axis)] for axis in range(x.ndim)]
        case ops.Slice(starts=starts, steps=steps):
            return [index.sliced(a, step) for index, a, step in zip(at, starts, steps, strict=True)]
        case ops.Reshape():
            axes = steps_of(node)
            return None if axes is None else [NOWHERE if axis is None else at[axis] for axis in axes]
    raise AssertionError(node.op)


def same_position(node):
    """Does a view show each element where its input has it? (Then both have one shape.)"""
    x = node.inputs[0].spec
    if node.spec.shape != x.shape:
        return False
    at = here(node.spec.shape)
    return position(node, at) == at


def contiguous(node, copied):
    """Will the elements of this node lie row after row in memory? `copied` views are laid out so."""
    if not is_view(node) or node in copied:
        return True
    if isinstance(node.op, (ops.Reshape, InOrder)):
        return contiguous(node.inputs[0], copied)
    same = same_position(node)  # a Slice that takes all, a Broadcast of nothing
    return (same or is_stretch(node)) and contiguous(node.inputs[0], copied)


def is_stretch(node):
    """Is this a Slice that takes neighbours along the first axis, and all else whole?"""
    if not isinstance(node.op, ops.Slice) or node.spec.ndim == 0:
        return False
    return node.op.steps == (1,) * node.spec.ndim and node.spec.shape[1:] == node.inputs[0].spec.shape[1:]


def row_major(shape):
    """The steps from element to element along each axis of an array that lies row after row."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def is_leaf(node):
    """An argument, a State's value at the start, or a constant."""
    return isinstance(node.op, (Argument, Constant, Read))
