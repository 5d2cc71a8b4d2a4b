"""Beside PyTorch: reductions, and what changes shapes."""

import itertools
import operator

import numpy as np
import pytest
from against_torch import (
    EVERY_DTYPE,
    FLOATS,
    MARKS,
    NOT_EMPTY,
    SEEDS,
    SHAPE,
    TWO_SHAPES,
    agree,
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

pytestmark = MARKS


# ---- reductions


@st.composite
def shape_and_dim(draw, shapes=SHAPE, several=True):
    """A shape, and what may be said for `dim` of a tensor of that shape."""
    shape = draw(shapes)
    if not shape:
        return shape, draw(st.sampled_from([None, 0, -1]))
    one = st.integers(-len(shape), len(shape) - 1)
    choices = [st.none(), one]
    if several:
        some = st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=len(shape), unique=True)
        choices.append(some.map(tuple))
    return shape, draw(st.one_of(choices))


@compares("sum", "mean", "Sum")
@pytest.mark.parametrize("name", ["sum", "mean"])
@thorough
@given(choice=shape_and_dim(), keepdim=st.booleans(), seed=SEEDS, dtype=FLOATS)
def test_sum_and_mean(name, choice, keepdim, seed, dtype):
    shape, dim = choice
    call = operator.methodcaller(name, dim=dim, keepdim=keepdim)
    agree(call, call, made(shape, seed, dtype))
    if dim is None:
        agree(operator.methodcaller(name), operator.methodcaller(name), made(shape, seed, dtype))


@compares("var", "std")
@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("correction", [0, 1])
@quick
@given(choice=shape_and_dim(shapes_of.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=4)), seed=SEEDS)
def test_variance_is_unbiased_as_in_torch(name, correction, choice, seed):
    shape, dim = choice
    call = operator.methodcaller(name, dim=dim, correction=correction)
    x = np.random.default_rng(seed).standard_normal(shape)  # without ties: the slope of std at 0 is infinite
    agree(call, call, x)
    agree(operator.methodcaller(name), operator.methodcaller(name), x)


def test_variance_of_too_few_elements():
    for shape in ((1,), (0,), (3, 1)):
        call = operator.methodcaller("var", dim=-1)
        agree(call, call, np.ones(shape), gradient=False)


@compares("amax", "amin", "Max")
@pytest.mark.parametrize("name", ["amax", "amin"])
@thorough
@given(choice=shape_and_dim(NOT_EMPTY), keepdim=st.booleans(), seed=SEEDS, dtype=FLOATS)
def test_largest_elements_share_the_gradient(name, choice, keepdim, seed, dtype):
    shape, dim = choice
    x = np.round(made(shape, seed)).astype(dtype)  # five different numbers: many ties
    everything = () if dim is None else dim
    agree(lambda x: getattr(x, name)(dim, keepdim), lambda x: getattr(x, name)(everything, keepdim), x)


@compares("max", "min", "argmax", "argmin", "ArgMax", "Gather")
@pytest.mark.parametrize("name", ["max", "min"])
@thorough
@given(choice=shape_and_dim(NOT_EMPTY, several=False), keepdim=st.booleans(), seed=SEEDS, dtype=FLOATS)
def test_max_and_argmax(name, choice, keepdim, seed, dtype):
    shape, dim = choice
    x = np.round(made(shape, seed)).astype(dtype)
    if dim is None:
        agree(operator.methodcaller(name), operator.methodcaller(name), x)
    else:
        agree(lambda x: tuple(getattr(x, name)(dim, keepdim)), lambda x: tuple(getattr(x, name)(dim, keepdim)), x)
    call = operator.methodcaller(f"arg{name}", dim=dim, keepdim=keepdim)
    agree(call, call, x, gradient=False)


def test_reductions_meet_nan():
    x = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 2.0], [np.nan, np.nan, 1.0], [-np.inf, np.inf, np.inf]])
    for name in ("sum", "mean", "amax", "amin", "argmax", "argmin", "max", "min"):
        call = operator.methodcaller(name, 1)
        agree(lambda x: call(x) if name[0] == "a" else _plain(call(x)), lambda x: _plain(call(x)), x, gradient=False)  # noqa: B023
        if name not in ("amax", "amin"):
            agree(lambda x: _plain(getattr(x, name)()), lambda x: _plain(getattr(x, name)()), x, gradient=False)  # noqa: B023


def _plain(y):
    return tuple(y) if isinstance(y, tuple) else y


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_reductions_of_every_dtype(dtype):
    x = np.array([[1, 0, 3], [4, 1, 1]]).astype(dtype)
    for name in ("sum", "amax", "amin"):
        for dim in (0, 1):
            call = operator.methodcaller(name, dim)
            agree(call, call, x, gradient=False)
    for name in ("sum", "max", "min"):
        call = operator.methodcaller(name)
        agree(call, call, x, gradient=False)
    for name in ("argmax", "argmin", "max", "min"):
        if dtype == "bool" and name.startswith("arg"):
            continue  # PyTorch has none for bool
        agree(lambda x: _plain(getattr(x, name)(1)), lambda x: _plain(getattr(x, name)(1)), x, gradient=False)  # noqa: B023


def test_smallest_numbers_of_integers():
    """-x of the smallest integer is that integer again, and -x of unsigned numbers wraps: no way to a minimum."""
    for dtype in ("int8", "int64", "uint8"):
        x = np.array([np.iinfo(dtype).min, 3, 1, np.iinfo(dtype).max]).astype(dtype)
        for name in ("amin", "argmin", "min", "amax", "argmax", "max"):
            agree(operator.methodcaller(name), operator.methodcaller(name), x, gradient=False)


@compares("any", "all")
@pytest.mark.parametrize("name", ["any", "all"])
@quick
@given(choice=shape_and_dim(several=False), keepdim=st.booleans(), seed=SEEDS)
def test_any_and_all(name, choice, keepdim, seed):
    shape, dim = choice
    x = made(shape, seed) > 0
    if dim is None:
        agree(operator.methodcaller(name), operator.methodcaller(name), x, gradient=False)
    else:
        call = operator.methodcaller(name, dim=dim, keepdim=keepdim)
        agree(call, call, x, gradient=False)


# ---- movement


@compares("reshape", "view", "flatten", "squeeze", "unsqueeze", "contiguous", "ndim", "dim", "numel", "shape", "size")
@thorough
@given(shape=SHAPE, seed=SEEDS, data=st.data())
def test_shapes(shape, seed, data):
    x = made(shape, seed)
    for name in ("squeeze", "contiguous", "flatten"):
        agree(operator.methodcaller(name), operator.methodcaller(name), x)
    dim = data.draw(st.integers(-max(len(shape), 1), max(len(shape), 1) - 1))
    for call in (operator.methodcaller("squeeze", dim), operator.methodcaller("unsqueeze", dim)):
        agree(call, call, x)
    first = data.draw(st.integers(0, max(len(shape) - 1, 0)))
    last = data.draw(st.integers(first, max(len(shape) - 1, 0)))
    call = operator.methodcaller("flatten", first, last)
    agree(call, call, x)
    new = [*np.random.default_rng(seed).permutation(shape), 1]
    agree(lambda x: x.reshape(*map(int, new)), lambda x: x.reshape(*map(int, new)), x)
    agree(lambda x: x.view(tuple(map(int, new))), lambda x: x.view(tuple(map(int, new))), x)
    if x.size:
        agree(operator.methodcaller("reshape", -1), operator.methodcaller("reshape", -1), x)
        agree(lambda x: x.reshape((1, -1)), lambda x: x.reshape((1, -1)), x)
    ours, theirs = pc.tensor(x), torch.tensor(x)
    assert (ours.ndim, ours.dim(), ours.numel(), tuple(ours.size())) == (
        theirs.ndim, theirs.dim(), theirs.numel(), tuple(theirs.size()),
    )  # fmt: skip
    if shape:
        assert len(ours) == len(theirs)
        assert ours.size(dim) == theirs.size(dim)


@compares("permute", "transpose", "T", "mT", "t")
@thorough
@given(shape=SHAPE, seed=SEEDS, data=st.data())
def test_transposes(shape, seed, data):
    x = made(shape, seed)
    order = data.draw(st.permutations(range(len(shape))))
    agree(lambda x: x.permute(order), lambda x: x.permute(order), x)
    if shape:
        agree(lambda x: x.permute(*order), lambda x: x.permute(*order), x)
        a, b = (data.draw(st.integers(-len(shape), len(shape) - 1)) for _ in range(2))
        agree(lambda x: x.transpose(a, b), lambda x: x.transpose(a, b), x)
    if len(shape) == 2:
        agree(lambda x: x.T, lambda x: x.T, x)
    if len(shape) <= 2:
        agree(lambda x: x.t(), lambda x: x.t(), x)
    if len(shape) >= 2:
        agree(lambda x: x.mT, lambda x: x.mT, x)


@compares("expand", "broadcast_to")
@quick
@given(shapes=TWO_SHAPES, seed=SEEDS)
def test_expand(shapes, seed):
    x = made(shapes.input_shapes[0], seed)
    agree(lambda x: x.expand(*shapes.result_shape), lambda x: x.expand(shapes.result_shape), x)
    agree(lambda x: x.broadcast_to(shapes.result_shape), lambda x: x.broadcast_to(shapes.result_shape), x)
    agree(lambda x: x.expand(2, *[-1] * x.ndim), lambda x: x.expand(2, *[-1] * x.ndim), x)


@compares("split", "chunk", "Concatenate", "Slice", "Pad")
@quick
@given(shape=shapes_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5), seed=SEEDS, data=st.data())
def test_pieces_and_joins(shape, seed, data):
    x, y = made(shape, seed), made(shape, seed + 1)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    agree(lambda x, y: pc.cat([x, y, x], dim), lambda x, y: torch.cat([x, y, x], dim), x, y)
    agree(lambda x, y: pc.stack([x, y], dim), lambda x, y: torch.stack([x, y], dim), x, y)
    size = data.draw(st.integers(1, 4))
    agree(lambda x: x.split(size, dim), lambda x: x.split(size, dim), x)
    if shape[dim]:
        agree(lambda x: x.chunk(size, dim), lambda x: x.chunk(size, dim), x)
        cut = data.draw(st.integers(0, shape[dim]))
        agree(lambda x: x.split([cut, shape[dim] - cut], dim), lambda x: x.split([cut, shape[dim] - cut], dim), x)


def test_joins_of_several_dtypes():
    for first, second in itertools.product(EVERY_DTYPE, EVERY_DTYPE):
        a, b = np.array([1, 0]).astype(first), np.array([1]).astype(second)
        agree(lambda a, b: pc.cat([a, b]), lambda a, b: torch.cat([a, b]), a, b, gradient=False)
