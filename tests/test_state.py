"""States: tensors that keep their place while what is in them changes."""

import copy

import numpy as np
import pytest
from both_worlds import in_both_worlds, leaf, made

import pellucid as pc
from pellucid import errors


def address(x):
    return x.array.__array_interface__["data"][0]


def test_a_state_keeps_its_address_and_counts_versions():
    w = pc.State(np.arange(6.0).reshape(2, 3))
    home, versions = address(w), [w.version]

    def changed():
        versions.append(w.version)
        return address(w) == home

    w += 1.0
    assert changed()
    w -= pc.tensor(np.ones(3))
    assert changed()
    w *= 2.0
    assert changed()
    w /= 2.0
    assert changed()
    w.assign(np.ones((2, 3)))
    assert changed()
    w.data = pc.tensor(np.zeros((2, 3)))
    assert changed()
    w.data = np.full((2, 3), 2.0)
    assert changed()
    w.copy_(pc.tensor(np.full((1, 3), 7.0)))
    assert changed()
    assert w.tolist() == [[7.0] * 3] * 2
    w[0, 1] = 5.0
    assert changed()
    w.zero_()
    assert changed()
    w.fill_(3.0)
    assert changed()
    w.clamp_(max=1.0)
    assert changed()
    assert w.tolist() == [[1.0] * 3] * 2
    assert versions == sorted(set(versions)), "every change raises the version"


def test_a_compiled_step_writes_where_the_state_lies():
    w = pc.State(np.zeros(3))
    home = address(w)

    @pc.compile
    def step():
        w.add_(1.0)

    for _ in range(3):
        step()
    assert w.tolist() == [3.0] * 3
    assert address(w) == home
    assert w.version == 3


@in_both_worlds
@pytest.mark.parametrize("look", [lambda x: x.detach(), lambda x: x.T, lambda x: x[:, 0:2], lambda x: x.reshape(2, 2)])
def test_two_states_are_swapped(compiled, look):
    """What was read before an assignment keeps its numbers, also if it only looks at the memory of the State."""
    a, b = pc.State(np.array([[1.0, 2.0], [3.0, 4.0]])), pc.State(np.array([[5.0, 6.0], [7.0, 8.0]]))

    def swap():
        of_a, of_b = look(a), look(b)
        a.assign(of_b)
        b.assign(of_a)

    expected = look(pc.tensor(b)).tolist(), look(pc.tensor(a)).tolist()
    made(swap, compiled)()
    assert (a.tolist(), b.tolist()) == expected


def test_a_state_shape_and_dtype_are_fixed():
    w = pc.State(np.zeros((2, 3), np.float32))
    with pytest.raises(errors.ShapeError, match=r"float32\[2, 3\]"):
        w.assign(pc.tensor(np.zeros((3, 2), np.float32)))
    with pytest.raises(errors.ShapeError, match="keeps its memory"):
        w.data = np.zeros(3)
    w.assign(np.ones((2, 3), np.float64))
    assert w.dtype == np.float32
    with pytest.raises(errors.DtypeError, match="in-place"):
        pc.State(np.zeros(3, np.int64)).add_(0.5)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (0, 4), (100, 100)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_a_state_begins_at_a_multiple_of_64_bytes(shape, dtype):
    states = [pc.State(np.ones(shape, dtype)) for _ in range(5)]
    states += [pc.tensor(np.ones(shape, "float32"), requires_grad=True) for _ in range(5)]
    assert all(address(x) % 64 == 0 for x in states if x.numel())
    assert all(x.array.flags["C_CONTIGUOUS"] and x.array.flags["ALIGNED"] for x in states)


def test_a_state_copies_what_it_is_made_of():
    array = np.zeros(3)
    w = pc.State(array)
    array[:] = 5
    assert w.tolist() == [0.0] * 3
    other = pc.State(w)
    other.fill_(1.0)
    assert w.tolist() == [0.0] * 3


def test_deepcopy_of_states():
    w = leaf(3)
    (w * w).sum().backward()
    twin = copy.deepcopy({"w": w, "again": w})
    assert twin["w"] is twin["again"]
    v = twin["w"]
    assert type(v) is pc.State
    assert v.requires_grad
    assert v.tolist() == w.tolist()
    assert v.grad.tolist() == w.grad.tolist()
    assert not np.shares_memory(v.array, w.array)
    assert not np.shares_memory(v.grad.array, w.grad.array)
    assert address(v) % 64 == 0
    before = w.tolist()
    with pc.no_grad():
        v.fill_(0.0)
    assert w.tolist() == before


def test_deepcopy_after_a_compiled_step_has_its_own_gradient_memory():
    w = leaf(3)

    @pc.compile
    def step():
        (w * w).sum().backward()

    step()
    twin = copy.deepcopy(w)
    step()
    np.testing.assert_allclose(twin.grad.numpy(), 2 * w.numpy())
    np.testing.assert_allclose(w.grad.numpy(), 4 * w.numpy())


def test_requires_grad_makes_a_state_for_everyone_who_holds_it():
    x = pc.tensor([1.0, 2.0])
    same = x
    assert x.requires_grad_() is x
    assert isinstance(same, pc.State)
    assert address(same) % 64 == 0
    x.requires_grad_(False)
    assert not (x * x).requires_grad


def test_a_gradient_of_another_shape_is_refused():
    w = leaf(3)
    with pytest.raises(errors.ShapeError, match="does not fit"):
        w.grad = pc.tensor(np.zeros(4))
