"""Beside PyTorch: reading by indices, and changes in place."""

import itertools

import numpy as np
import pytest
from against_torch import (
    ABOVE,
    ANY,
    EVERY_DTYPE,
    MARKS,
    SEEDS,
    agree,
    close,
    compares,
    made,
    quick,
    thorough,
    torch,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes_of

import pellucid as pc
from pellucid import errors

pytestmark = MARKS


# ---- indexing

INDEXED = shapes_of.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)


def forwards(index):
    """PyTorch knows no negative steps, and neither do we."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(part, slice) or part.step is None or part.step > 0 for part in parts)


@st.composite
def shape_and_basic_index(draw):
    shape = draw(shapes_of.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    return shape, draw(shapes_of.basic_indices(shape, allow_newaxis=True).filter(forwards))


@compares("__getitem__")
@thorough
@given(choice=shape_and_basic_index(), seed=SEEDS)
def test_basic_indexing(choice, seed):
    shape, index = choice
    agree(lambda x: x[index], lambda x: x[index], made(shape, seed))


def fancy(shape, random):
    """An index tuple with arrays side by side, and anything else around them."""
    ndim = len(shape)
    first = random.integers(0, ndim)
    count = random.integers(1, ndim - first + 1)
    common = tuple(random.integers(1, 4, random.integers(0, 3)))
    index = []
    for axis in range(ndim):
        if first <= axis < first + count:
            keep = [n if random.random() < 0.7 else 1 for n in common]
            index.append(random.integers(-shape[axis], shape[axis], keep))
        elif axis > first + count and random.random() < 0.3:
            break
        else:
            index.append(slice(int(random.integers(0, 2)), None, int(random.integers(1, 3))))
    return tuple(index)


def with_arrays(index, make):
    return tuple([make(part) if isinstance(part, np.ndarray) else part for part in index])


@compares("TakeRows", "AddRows")
@thorough
@given(shape=INDEXED, seed=SEEDS)
def test_fancy_indexing(shape, seed):
    index = fancy(shape, np.random.default_rng(seed))
    x = made(shape, seed)
    agree(lambda x: x[with_arrays(index, pc.tensor)], lambda x: x[with_arrays(index, torch.tensor)], x)
    agree(lambda x: x[with_arrays(index, lambda i: i)], lambda x: x[with_arrays(index, torch.tensor)], x)


@quick
@given(shape=INDEXED, seed=SEEDS, data=st.data())
def test_boolean_indexing(shape, seed, data):
    count = data.draw(st.integers(1, len(shape)))
    mask = made(shape[:count], seed + 1) > 0
    x = made(shape, seed)
    agree(lambda x: x[pc.tensor(mask)], lambda x: x[torch.tensor(mask)], x)
    agree(lambda x: x[mask], lambda x: x[torch.tensor(mask)], x)
    if count < len(shape):
        rows = made(shape[1 : 1 + count], seed + 1) > 0
        agree(lambda x: x[:, pc.tensor(rows)], lambda x: x[:, torch.tensor(rows)], x)


@pytest.mark.parametrize(
    "index",
    [
        (0,), (-1,), (..., 0), (None,), (None, ..., None), (slice(None), 0), (slice(1, None), None, -1), (...,),
        ([0, 2],), ([0, -1], [1, 1]), (..., [1, 0]), (slice(None), [0, 0, 2]), ([[0, 1], [2, 0]],), (1, [0, 3]),
        (slice(0, 0),), (slice(5, 2),), (slice(-2, None),), (slice(None, None, 2), slice(1, 9, 3)), ([],), (0, ..., 1),
    ],
    ids=str,
)  # fmt: skip
def test_indexing_by_hand(index):
    x = made((3, 4, 2), 1)
    agree(lambda x: x[index], lambda x: x[index], x)
    if len(index) == 1 and index != ([[0, 1], [2, 0]],):  # this list of lists PyTorch reads as a tuple, NumPy as rows
        agree(lambda x: x[index[0]], lambda x: x[index[0]], x)


@compares("gather", "scatter_add", "index_select", "ScatterAdd")
@quick
@given(shape=INDEXED, seed=SEEDS, data=st.data())
def test_lookups(shape, seed, data):
    random = np.random.default_rng(seed)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = made(shape, seed)
    wide = list(shape)
    wide[dim] = 5
    index = random.integers(0, shape[dim], wide)
    agree(lambda x, i: x.gather(dim, i), lambda x, i: x.gather(dim, i), x, index)
    source = made(tuple(wide), seed + 1)
    agree(lambda x, i, s: x.scatter_add(dim, i, s), lambda x, i, s: x.scatter_add(dim, i, s), x, index, source)
    rows = random.integers(0, shape[dim], 3)
    agree(lambda x, i: x.index_select(dim, i), lambda x, i: x.index_select(dim, i), x, rows)


@compares("nonzero", "unique", "__iter__", "__len__")
@quick
@given(shape=INDEXED, seed=SEEDS)
def test_nonzero_unique_and_iteration(shape, seed):
    x = np.round(made(shape, seed))
    agree(lambda x: x.nonzero(), lambda x: x.nonzero(), x, gradient=False)
    agree(lambda x: x.unique(), lambda x: x.unique(), x, gradient=False)
    agree(list, list, x)


# ---- changes in place


def changed(change, target, *others):
    """y = 2x, then a change of y in place: the values of y, and the gradients of x and of what was written."""

    def run(x, *rest):
        y = x * 2.0
        change(y, *rest)
        return y

    agree(run, run, target, *others)


@compares("__setitem__")
@thorough
@given(choice=shape_and_basic_index(), seed=SEEDS)
def test_setitem_with_basic_indices(choice, seed):
    shape, index = choice
    x = made(shape, seed)
    value = made(x[index].shape, seed + 1)

    def write(y, v):
        y[index] = v

    def write_number(y):
        y[index] = 0.5

    changed(write, x, value)
    changed(write_number, x)
    if value.ndim:
        changed(write, x, made(value.shape[1:], seed + 1))  # broadcasts


@thorough
@given(shape=INDEXED, seed=SEEDS)
def test_setitem_with_arrays_and_masks(shape, seed):
    random = np.random.default_rng(seed)
    x = made(shape, seed)
    rows = random.permutation(shape[0])[: random.integers(1, shape[0] + 1)]
    mask = made(shape, seed + 2) > 0

    def write_rows(y, v):
        y[type_of(y)(rows)] = v

    def write_mask(y):
        y[type_of(y)(mask)] = 0.5

    changed(write_rows, x, made((len(rows), *shape[1:]), seed + 1))
    changed(write_mask, x)


def type_of(y):
    return pc.tensor if isinstance(y, pc.Tensor) else torch.tensor


INPLACE = {
    "__iadd__": ANY, "__isub__": ANY, "__imul__": ANY, "__itruediv__": ABOVE, "add_": ANY, "sub_": ANY, "mul_": ANY,
    "div_": ABOVE, "copy_": ANY,
}  # fmt: skip


@compares(*INPLACE, "fill_", "zero_", "clamp_", "data", "detach")
@quick
@given(shapes=shapes_of.mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3, 4), max_dims=3), seed=SEEDS)
def test_changes_in_place(shapes, seed):
    (shape,) = shapes.input_shapes
    if len(np.broadcast_shapes(shape, (2, 3, 4))) != 3 or np.broadcast_shapes(shape, (2, 3, 4)) != (2, 3, 4):
        return
    x = made((2, 3, 4), seed)
    for name, (low, high) in INPLACE.items():
        changed(lambda y, v: getattr(y, name)(v), x, made(shape, seed + 1, low=low, high=high))  # noqa: B023
    for name in ("__iadd__", "__isub__", "__imul__", "__itruediv__", "mul_", "div_"):
        changed(lambda y: getattr(y, name)(3), x)  # noqa: B023
    for name in ("add_", "sub_"):
        changed(lambda y, v: getattr(y, name)(v, alpha=0.25), x, made(shape, seed + 1))  # noqa: B023
    for word, arguments in (("zero_", ()), ("fill_", (3,))):  # here nothing of y remains, and it needs no gradient
        close(getattr(pc.tensor(x), word)(*arguments), getattr(torch.tensor(x), word)(*arguments))
    changed(lambda y: y.clamp_(-1.0, 1.0), np.random.default_rng(seed).standard_normal((2, 3, 4)))
    agree(lambda x: x.detach() * x, lambda x: x.detach() * x, x)
    agree(lambda x: x.data * x, lambda x: x.data * x, x)


def test_changes_in_place_keep_the_dtype():
    for first, second in itertools.product(EVERY_DTYPE, EVERY_DTYPE):
        for name in ("__iadd__", "__imul__"):
            ours, theirs = pc.tensor(np.ones(2, first)), torch.tensor(np.ones(2, first))
            beside = np.ones(2, second)
            try:
                expected = getattr(theirs, name)(torch.tensor(beside))
            except RuntimeError:
                with pytest.raises(errors.PellucidError):
                    getattr(ours, name)(pc.tensor(beside))
            else:
                close(getattr(ours, name)(pc.tensor(beside)), expected, f"{first} {name} {second}")
