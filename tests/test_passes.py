"""Passes over graphs that replace nodes: what they find, and that the numbers stay."""

import numpy as np
import pytest
from c_close import assert_close

import pellucid as pc
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.pads import pads
from pellucid.ops import Add, Concatenate, Pad

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def gradient_of(cut):
    """The step that gives the gradient of what `cut` makes of an array, and its graph after the pass."""
    x = pc.State(X)
    x.requires_grad = True

    def step():
        x.grad = None
        cut(x).backward()
        return x.grad

    compiled = pc.compile(step, target="c")
    result = compiled()
    graph = dead(pads(recorded(step)))
    return result, step(), graph


def recorded(step):
    compiled = pc.compile(step, target="numpy")
    compiled()
    return compiled.graph


def count(graph, op):
    return sum(isinstance(node.op, op) for node in graph.nodes)


TILING = {
    "halves": lambda x: (x[:3].exp() * x[3:]).sum(),
    "columns": lambda x: (x[:, 0] * x[:, 1] * x[:, 2] + x[:, 3].exp()).sum(),
    "three parts in another order": lambda x: (x[4:].exp() + x[2:4] * x[:2]).sum(),
}
NOT_TILING = {
    "a gap": lambda x: (x[:2] * x[4:]).sum(),
    "an overlap": lambda x: (x[:4] * x[2:]).sum(),
    "every other row": lambda x: (x[::2] * x[1::2]).sum(),
    "two axes": lambda x: (x[:3, :2] * x[3:, 2:]).sum(),
}


@pytest.mark.parametrize("name", TILING)
def test_parts_side_by_side_are_joined(name):
    ours, eager, graph = gradient_of(TILING[name])
    assert_close(eager.data, ours.data)
    assert (count(graph, Concatenate), count(graph, Pad)) == (1, 0)


@pytest.mark.parametrize("name", NOT_TILING)
def test_other_parts_are_added(name):
    ours, eager, graph = gradient_of(NOT_TILING[name])
    assert_close(eager.data, ours.data)
    assert count(graph, Concatenate) == 0
    assert count(graph, Add) >= 1


def test_a_part_that_somebody_else_needs_stays():
    """A partial sum that is a result itself is still made; the whole is joined from its terms all the same or added."""

    def step(a, b):
        first, second = Pad((0,), (5,), (1,))(a), Pad((2,), (5,), (1,))(b)
        return first, first + second

    a, b = np.float32([1, 2]), np.float32([3, 4, 5])
    compiled = pc.compile(step, target="c")
    first, whole = compiled(pc.tensor(a), pc.tensor(b))
    np.testing.assert_array_equal(first.numpy(), [1, 2, 0, 0, 0])
    np.testing.assert_array_equal(whole.numpy(), [1, 2, 3, 4, 5])
