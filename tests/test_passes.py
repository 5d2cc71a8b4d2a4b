"""Passes over graphs that replace nodes: what they find, and that the numbers stay."""

import numpy as np
import pytest
from c_close import assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid.errors import PellucidError
from pellucid.graph import Leaf
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.pads import pads
from pellucid.graph.passes.pick import pick, source
from pellucid.ops import Add, Concatenate, Gather, Matmul, Pad, ScatterAdd, Sum

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


def recorded(step, *arguments):
    compiled = pc.compile(step, target="numpy")
    compiled(*arguments)
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


def loss(x, labels):
    """Cross entropy."""
    return -F.log_softmax(x, 1).gather(1, labels.unsqueeze(1)).mean()


PICKING = {
    "scores that lie in memory": lambda x, w: x,
    "scores that are a product": lambda x, w: x @ w,
    "scores with a bias": lambda x, w: x @ w + w[0],
    "scores that are scaled": lambda x, w: x * 3.0 - 1.0,
}


@pytest.mark.parametrize("name", PICKING)
@pytest.mark.parametrize("classes", [4, 70])
def test_what_is_picked_is_computed_there_alone(name, classes):
    random = np.random.default_rng(1)
    x, w = pc.State(random.normal(size=(30, classes))), pc.State(random.normal(size=(classes, classes)))
    labels = pc.tensor(random.integers(0, classes, 30))
    x.requires_grad = True

    def step(labels):
        x.grad = None
        result = loss(PICKING[name](x, w), labels)
        result.backward()
        return result, x.grad + 0.0

    compiled = pc.compile(step, target="c")
    for ours, eager in zip(compiled(labels), step(labels), strict=True):
        assert_close(eager.data, ours.data)
    graph = dead(pick(recorded(step, labels)))
    gathered = [source(node.inputs[0]).op for node in graph.nodes if isinstance(node.op, Gather)]
    assert gathered
    assert all(isinstance(op, (Leaf, Matmul)) for op in gathered)
    scattered = {node for node in graph.nodes if isinstance(node.op, ScatterAdd)}
    assert scattered
    assert not [n for n in graph.nodes if isinstance(n.op, Sum) and source(n.inputs[0]) in scattered]


def test_what_is_picked_out_of_other_values_stays():
    """A softmax that is picked is a quotient, and made of the sum that is only known at the end of the row."""
    x = pc.State(X)
    index = pc.tensor([[1], [0], [3], [3], [2], [0]])

    def step():
        return F.softmax(x, 1).gather(1, index), (x * x.sum(0, keepdim=True)).gather(1, index)

    for ours, eager in zip(pc.compile(step, target="c")(), step(), strict=True):
        assert_close(eager.data, ours.data)


def test_an_index_out_of_range_is_still_refused():
    x = pc.State(X)

    def step(labels):
        return loss(x * 2.0, labels)

    compiled = pc.compile(step, target="c")
    compiled(pc.tensor([0, 1, 2, 3, 0, 1]))
    with pytest.raises(PellucidError) as ours:
        compiled(pc.tensor([0, 1, 2, 4, 0, 1]))
    with pytest.raises(PellucidError) as eager:
        step(pc.tensor([0, 1, 2, 4, 0, 1]))
    assert str(ours.value) == str(eager.value)
