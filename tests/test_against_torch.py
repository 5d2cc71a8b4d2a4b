"""Every primitive and every Tensor method beside PyTorch: values, dtypes, shapes and gradients.

Shapes are made by hypothesis, with broadcasting, empty axes and axes of length 1; numbers often coincide, so that
ties happen. What differs on purpose is excluded where it is excluded, with the reason.
"""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes_of

import pellucid as pc
from bench.calls import CALLS
from bench.calls_moving import CALLS_MOVING
from pellucid import errors, ops

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
quick = settings(max_examples=30, deadline=None, derandomize=True)
thorough = settings(max_examples=120, deadline=None, derandomize=True)

SEEDS = st.integers(0, 2**32 - 1)
SHAPE = shapes_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
NOT_EMPTY = shapes_of.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=4)
TWO_SHAPES = shapes_of.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4, max_dims=4)
THREE_SHAPES = shapes_of.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=4, max_dims=3)
FLOATS = st.sampled_from(["float32", "float64"])
EVERY_DTYPE = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def made(shape, seed, dtype="float64", low=-2.0, high=2.0):
    """Numbers of which half are whole or half, so that ties and kinks are met."""
    random = np.random.default_rng(seed)
    x = random.uniform(low, high, shape)
    x = np.where(random.random(shape) < 0.5, np.clip(np.round(x * 2) / 2, low, high), x)
    return np.asarray(x).astype(dtype)


# ---- the comparison


def close(ours, theirs, what="value"):
    """Shape and dtype equal, numbers too, up to rounding."""
    assert tuple(ours.shape) == tuple(theirs.shape), f"{what}: {ours.shape} and {tuple(theirs.shape)}"
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), f"{what}: {ours.dtype} and {theirs.dtype}"
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    if found.dtype.kind != "f":
        np.testing.assert_array_equal(found, expected, err_msg=what)
        return
    rtol = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-11}[found.dtype.name]
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol, err_msg=what)


def agree(ours, theirs, *arrays, gradient=True):
    """Apply both to the same numbers; compare results, then the gradients of every float among the inputs."""
    a = [pc.tensor(x, requires_grad=gradient and x.dtype.kind == "f") for x in arrays]
    b = [torch.tensor(x, requires_grad=gradient and x.dtype.kind == "f") for x in arrays]
    found, expected = ours(*a), theirs(*b)
    if not isinstance(found, (tuple, list)):
        found, expected = [found], [expected]
    assert len(found) == len(expected)
    for y, z in zip(found, expected, strict=True):
        close(y, z)
    if not gradient:
        return
    pairs = [(y, z) for y, z in zip(found, expected, strict=True) if z.requires_grad]
    assert [y.requires_grad for y in found] == [z.requires_grad for z in expected]
    if not pairs:
        return
    seeds = [made(y.shape, 5, y.dtype) for y, _ in pairs]
    wanted = [x for x in a if x.requires_grad]
    wanted_there = [x for x in b if x.requires_grad]
    ours_back = pc.autograd.grad(
        [y for y, _ in pairs], wanted, [pc.tensor(s) for s in seeds], allow_unused=True, retain_graph=True
    )
    theirs_back = torch.autograd.grad(
        [z for _, z in pairs], wanted_there, [torch.tensor(s) for s in seeds], allow_unused=True
    )
    for g, h in zip(ours_back, theirs_back, strict=True):
        if g is None or h is None:
            assert g is None or not g.numpy().any()
            assert h is None or not h.numpy().any()
            continue
        close(g, h, "gradient")


COMPARED = set()


def compares(*names):
    """Note that a test compares these methods of Tensor, or ops."""
    COMPARED.update(names)
    return lambda test: test


# ---- functions of one value

ANY, ABOVE, NEAR = (-2.0, 2.0), (0.1, 3.0), (-0.9, 2.0)
UNARY = {
    "exp": ANY, "log": ABOVE, "log1p": NEAR, "sqrt": ABOVE, "sin": ANY, "cos": ANY, "tanh": ANY, "sigmoid": ANY,
    "erf": ANY, "relu": ANY, "abs": ANY, "sign": ANY, "__neg__": ANY, "__abs__": ANY, "__pos__": ANY,
}  # fmt: skip


@compares(
    *UNARY, "Exp", "Log", "Log1p", "Sqrt", "Sin", "Cos", "Tanh", "Sigmoid", "Erf", "Relu", "Abs", "Sign", "Negative"
)
@pytest.mark.parametrize("name", UNARY)
@quick
@given(shape=SHAPE, seed=SEEDS, dtype=FLOATS)
def test_functions_of_one_value(name, shape, seed, dtype):
    call = operator.methodcaller(name)
    agree(call, call, made(shape, seed, dtype, *UNARY[name]))


@pytest.mark.parametrize("name", ["exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "sigmoid", "erf"])
@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_functions_of_one_value_make_floats(name, dtype):
    call = operator.methodcaller(name)
    agree(call, call, np.array([1, 2, 3]).astype(dtype), gradient=False)


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_value_at_special_values(name):
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, 1e-30])
    if name in ("sign", "abs", "__abs__"):
        x = x[1:]  # the sign of NaN is NaN as in NumPy; PyTorch says 0
    call = operator.methodcaller(name)
    agree(call, call, x)


# ---- functions of two values

BINARY = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@compares(
    *("__add__", "__sub__", "__mul__", "__truediv__", "__gt__", "__ge__", "__lt__", "__le__", "__eq__", "__ne__"),
    *("Add", "Subtract", "Multiply", "Divide", "Greater", "GreaterEqual", "Equal", "NotEqual", "Broadcast", "Reshape"),
)
@pytest.mark.parametrize("name", BINARY)
@quick
@given(shapes=TWO_SHAPES, seed=SEEDS, dtype=FLOATS)
def test_operators(name, shapes, seed, dtype):
    first, second = shapes.input_shapes
    b = made(second, seed + 1, dtype)
    if name == "/":
        b = np.where(b == 0, 0.25, b).astype(dtype)
    agree(BINARY[name], BINARY[name], made(first, seed, dtype), b)


@compares("Maximum", "Minimum")
@pytest.mark.parametrize("name", ["maximum", "minimum"])
@quick
@given(shapes=TWO_SHAPES, seed=SEEDS, dtype=FLOATS)
def test_maximum_and_minimum_with_ties(name, shapes, seed, dtype):
    first, second = shapes.input_shapes
    agree(getattr(pc, name), getattr(torch, name), made(first, seed, dtype), made(second, seed + 1, dtype))


@compares("Power", "__pow__", "pow", "__rpow__")
@quick
@given(shapes=TWO_SHAPES, seed=SEEDS)
def test_power(shapes, seed):
    first, second = shapes.input_shapes
    agree(operator.pow, operator.pow, made(first, seed, low=0.25), made(second, seed + 1))
    agree(lambda x: x.pow(3), lambda x: x.pow(3), made(first, seed))
    for number in (0, 1, 2, 3, 0.5, -1, 2.5):
        agree(lambda x: x**number, lambda x: x**number, made(first, seed, low=0.25))  # noqa: B023
        if number > 0:
            agree(lambda x: number**x, lambda x: number**x, made(first, seed))  # noqa: B023


def test_power_at_zero():
    """The slope of x^0 is 0 everywhere, and that of 0^b along b is 0, not NaN."""
    x = np.array([0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 0.0])
    b = np.array([0.0, 1.0, 2.0, 0.0, 2.0, 3.0, 0.5])
    agree(operator.pow, operator.pow, x, b[:7])
    for number in (0, 1, 2, 3):
        agree(lambda x: x**number, lambda x: x**number, x)  # noqa: B023


@compares("__matmul__", "Matmul", "Transpose")
@thorough
@given(
    shapes=shapes_of.mutually_broadcastable_shapes(signature=np.matmul.signature, max_side=4, max_dims=3, min_side=0),
    seed=SEEDS,
    dtype=FLOATS,
)
def test_matmul(shapes, seed, dtype):
    first, second = shapes.input_shapes
    a, b = made(first, seed, dtype), made(second, seed + 1, dtype)
    agree(operator.matmul, operator.matmul, a, b)
    agree(pc.matmul, torch.matmul, a, b)


@compares("__rmatmul__", "__radd__", "__rsub__", "__rmul__", "__rtruediv__", "__rand__", "__ror__")
def test_reflected_operators_with_numpy_arrays_and_numbers():
    a, b = made((2, 3), 1), made((3, 2), 2)
    for left in (a.T, 2.0, 3):
        for call in (operator.add, operator.sub, operator.mul, operator.truediv):
            close(call(left, pc.tensor(np.abs(b) + 1)), call(torch.tensor(left), torch.tensor(np.abs(b) + 1)))
    close(a @ pc.tensor(b), torch.tensor(a) @ torch.tensor(b))
    close(True & pc.tensor([True, False]), True & torch.tensor([True, False]))
    close(False | pc.tensor([True, False]), False | torch.tensor([True, False]))


@compares("__and__", "__or__", "__invert__", "logical_not", "And", "Or", "Not")
@quick
@given(shapes=TWO_SHAPES, seed=SEEDS)
def test_logic(shapes, seed):
    first, second = (made(shape, seed) > 0 for shape in shapes.input_shapes)
    agree(operator.and_, operator.and_, first, second, gradient=False)
    agree(operator.or_, operator.or_, first, second, gradient=False)
    agree(operator.invert, operator.invert, first, gradient=False)
    not_zero = operator.methodcaller("logical_not")
    agree(not_zero, not_zero, made(shapes.input_shapes[0], seed), gradient=False)


@compares("where", "Where")
@quick
@given(shapes=THREE_SHAPES, seed=SEEDS, dtype=FLOATS)
def test_where(shapes, seed, dtype):
    first, second, third = shapes.input_shapes
    condition = made(first, seed) > 0
    a, b = made(second, seed + 1, dtype), made(third, seed + 2, dtype)
    agree(pc.where, torch.where, condition, a, b)
    agree(lambda c, a: a.where(c, 0.5), lambda c, a: torch.where(c, a, 0.5), condition, a)
    agree(lambda c, a: pc.where(c, 1.5, a), lambda c, a: torch.where(c, 1.5, a), condition, a)


@compares("clamp")
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (None, 0.5), (0.0, None), (0.5, 0.5), (1.0, -1.0), (0, 1)])
@quick
@given(shape=SHAPE, seed=SEEDS)
def test_clamp_also_at_its_ends(low, high, shape, seed):
    agree(lambda x: x.clamp(low, high), lambda x: x.clamp(low, high), made(shape, seed))


def test_two_values_with_special_values():
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5]
    a, b = (np.array(x) for x in zip(*itertools.product(special, special), strict=True))
    for call in BINARY.values():
        agree(call, call, a, b)
    for name in ("maximum", "minimum"):
        agree(getattr(pc, name), getattr(torch, name), a, b, gradient=False)
        numbers = ~(
            np.isnan(a) | np.isnan(b)
        )  # where one is NaN, PyTorch's choice of who gets the gradient is not ours
        agree(getattr(pc, name), getattr(torch, name), a[numbers], b[numbers])


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


# ---- attention


@st.composite
def shapes_of_attention(draw):
    """Queries (..., T, E), keys (..., S, E) and values (..., S, D). Only queries and the leading axes may be empty."""
    batch = draw(shapes_of.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    queries = draw(st.integers(0, 5))
    keys, of_keys, of_values = (draw(st.integers(1, 5)) for _ in range(3))
    return (*batch, queries, of_keys), (*batch, keys, of_keys), (*batch, keys, of_values)


SCALES = st.sampled_from([1.0, 0.3, -0.5])


@compares("Attention")
@pytest.mark.parametrize("causal", [False, True])
@thorough
@given(shapes=shapes_of_attention(), scale=SCALES, seed=SEEDS)
def test_attention(causal, shapes, scale, seed):
    def theirs(q, k, v):
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)

    agree(ops.Attention(scale, causal), theirs, *[made(shape, seed + i) for i, shape in enumerate(shapes)])


@compares("AttentionGradient")
@pytest.mark.parametrize("causal", [False, True])
@thorough
@given(shapes=shapes_of_attention(), scale=SCALES, seed=SEEDS)
def test_gradient_of_attention_and_its_own_gradient(causal, shapes, scale, seed):
    def theirs(q, k, v, g):
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # the others have no second gradient
            y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
        parts = torch.autograd.grad(y, (q, k, v), g, create_graph=True)
        return torch.cat([part.flatten() for part in parts])

    queries, _, values = shapes
    arrays = [made(shape, seed + i) for i, shape in enumerate([*shapes, (*queries[:-1], values[-1])])]
    agree(ops.AttentionGradient(scale, causal), theirs, *arrays)


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


# ---- promotion: every pair of dtypes, as tensors, as 0-dimensional tensors and as Python numbers


def operands(dtype):
    """Values beside one another: a tensor and a single number of this dtype."""
    return {"tensor": np.array([1, 0, 3]).astype(dtype), "0-d": np.array(1).astype(dtype)}


def result_of(call, a, b):
    """What comes out as (dtype, numbers), or the word `refused`."""
    try:
        y = call(a, b)
    except (RuntimeError, errors.PellucidError):
        return "refused"
    array = y.numpy()
    return (
        str(array.dtype),
        array.shape,
        np.nan_to_num(array.astype("float64"), posinf=9e9, neginf=-9e9).round(2).tolist(),
    )


@pytest.mark.parametrize("name", ["+", "-", "*", "/", ">", ">=", "<", "<=", "==", "!="])
def test_promotion_of_every_pair(name):
    call, wrong = BINARY[name], []
    for first, second in itertools.product(EVERY_DTYPE, EVERY_DTYPE):
        for (kind, a), (other, b) in itertools.product(operands(first).items(), operands(second).items()):
            found = result_of(call, pc.tensor(a), pc.tensor(b))
            expected = result_of(call, torch.tensor(a), torch.tensor(b))
            if name == "-" and expected == "refused" and first != second:
                continue  # PyTorch subtracts no bool at all; here it counts as 0 or 1 beside a number, as for +
            if found != expected:
                wrong.append(f"{first} {kind} {name} {second} {other}: {found}, in PyTorch {expected}")
    assert wrong == []


@pytest.mark.parametrize("name", ["+", "-", "*", "/", ">", ">=", "<", "<=", "==", "!="])
def test_promotion_beside_python_numbers(name):
    call, wrong = BINARY[name], []
    for dtype, number in itertools.product(EVERY_DTYPE, (True, 2, 2.5)):
        for kind, a in operands(dtype).items():
            for swap in (False, True):
                pair = (lambda x: (number, x)) if swap else (lambda x: (x, number))  # noqa: B023
                found = result_of(call, *pair(pc.tensor(a)))
                expected = result_of(call, *pair(torch.tensor(a)))
                if name == "-" and expected == "refused" and {dtype, type(number)} != {"bool", bool}:
                    continue  # see above
                if found != expected:
                    wrong.append(f"{dtype} {kind} {name} {number} swapped={swap}: {found}, in PyTorch {expected}")
    assert wrong == []


def test_promotion_of_power_maximum_and_where():
    wrong = []
    for first, second in itertools.product(EVERY_DTYPE, EVERY_DTYPE):
        for (kind, a), (other, b) in itertools.product(operands(first).items(), operands(second).items()):
            calls = {
                "maximum": (pc.maximum, torch.maximum),
                "where": (lambda a, b: pc.where(a > 0, a, b), lambda a, b: torch.where(a > 0, a, b)),
            }
            if "bool" not in (first, second):  # PyTorch has no power of bool
                calls["**"] = operator.pow, operator.pow
            for name, (ours, theirs) in calls.items():
                found = result_of(ours, pc.tensor(a), pc.tensor(b))
                expected = result_of(theirs, torch.tensor(a), torch.tensor(b))
                if found != expected:
                    wrong.append(f"{name} {first} {kind} {second} {other}: {found}, in PyTorch {expected}")
    assert wrong == []


def test_gradients_have_the_dtype_of_their_leaf():
    for first, second in itertools.product(["float16", "float32", "float64"], repeat=2):
        for shape in ((), (3,)):
            agree(operator.mul, operator.mul, np.full(3, 2.0, first), np.full(shape, 3.0, second))


@compares("to", "float", "double", "long", "int", "bool", "Cast", "dtype")
def test_change_of_dtype():
    x = np.array([0.0, -0.0, 1.9, -1.9, 100.5])
    for dtype in EVERY_DTYPE:
        kept = np.abs(x) if dtype == "uint8" else x  # what a negative number becomes as unsigned is undefined in C
        agree(lambda x: x.to(getattr(pc, dtype)), lambda x: x.to(getattr(torch, dtype)), kept)  # noqa: B023
    for name in ("float", "double", "long", "int", "bool"):
        agree(operator.methodcaller(name), operator.methodcaller(name), x)


def test_default_dtypes():
    for data in (
        1,
        1.5,
        True,
        [1, 2],
        [1.0, 2],
        [True, False],
        [],
        [[1.0], [2.0]],
        np.float64(3.5),
        np.ones(2, "int16"),
    ):
        close(pc.tensor(data), torch.tensor(data))
    close(pc.arange(5), torch.arange(5))
    close(pc.arange(1, 2, 0.25), torch.arange(1, 2, 0.25))
    close(pc.arange(2, 7, 2), torch.arange(2, 7, 2))
    close(pc.linspace(0, 1, 5), torch.linspace(0, 1, 5))
    close(pc.zeros(2, 3), torch.zeros(2, 3))
    close(pc.ones((2, 0)), torch.ones((2, 0)))
    close(pc.full((2,), 7), torch.full((2,), 7))
    close(pc.full((2,), 7.0), torch.full((2,), 7.0))
    close(pc.full((2,), True), torch.full((2,), True))
    close(pc.eye(2, 3), torch.eye(2, 3))
    for like in ("zeros_like", "ones_like"):
        for dtype in EVERY_DTYPE:
            x = np.ones((2, 1), dtype)
            close(getattr(pc, like)(pc.tensor(x)), getattr(torch, like)(torch.tensor(x)))
    close(pc.full_like(pc.ones(2), 3), torch.full_like(torch.ones(2), 3))


# ---- numbers out of tensors


@compares("item", "tolist", "numpy", "__float__", "__int__", "__bool__", "__index__", "__array__")
def test_numbers():
    for data in (1, 2.5, True, [3], [[4.5]]):
        ours, theirs = pc.tensor(data), torch.tensor(data)
        assert ours.item() == theirs.item()
        assert type(ours.item()) is type(theirs.item())
        assert ours.tolist() == theirs.tolist()
        assert (float(ours), int(ours), bool(ours)) == (float(theirs), int(theirs), bool(theirs))
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    assert [10, 20, 30][pc.tensor(2)] == [10, 20, 30][torch.tensor(2)]


@compares("backward", "grad", "requires_grad", "requires_grad_", "is_leaf")
def test_a_small_network():
    """Everything at once: two layers, a loss, and the gradients of all parameters, added up over two calls."""
    random = np.random.default_rng(4)
    arrays = [random.standard_normal(shape) for shape in ((8, 3), (3, 16), (16,), (16, 4), (4,))]
    labels = random.integers(0, 4, 8)

    def loss(x, w1, b1, w2, b2):
        hidden = (x @ w1 + b1).tanh()
        scores = hidden @ w2 + b2
        scores = scores - scores.amax(1, True)
        log_probabilities = scores - scores.exp().sum(1, True).log()
        return -log_probabilities[list(range(8)), labels.tolist()].mean()

    ours = [pc.tensor(x, requires_grad=i > 0) for i, x in enumerate(arrays)]
    theirs = [torch.tensor(x, requires_grad=i > 0) for i, x in enumerate(arrays)]
    for _ in range(2):
        mine, other = loss(*ours), loss(*theirs)
        close(mine, other)
        mine.backward()
        other.backward()
    for a, b in zip(ours[1:], theirs[1:], strict=True):
        close(a.grad, b.grad)
        assert a.is_leaf == b.is_leaf
        assert a.requires_grad == b.requires_grad
    assert ours[0].grad is None


def test_second_gradients_of_a_composition():
    x = made((3, 4), 7, low=0.3)

    def twice(library, x):
        y = ((x.log() * x.tanh() + x**3).sum(0) / (x.exp().sum(0) + 1.0)).amax()
        (first,) = library.autograd.grad(y, x, create_graph=True)
        (second,) = library.autograd.grad((first * first).sum(), x)
        return first, second

    ours, theirs = pc.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    for a, b in zip(twice(pc, ours), twice(torch, theirs), strict=True):
        close(a, b)


# ---- nothing is left out

WITHOUT_PEER = {
    "array", "changed", "exposed", "family", "is_recorded", "is_state", "keep_grad", "known", "_memory",  # the inside
    "overwritten", "owner", "step",
    "__array_ufunc__",  # tells NumPy to leave mixed arithmetic to us
    "assign",  # PyTorch has no State
    "grad_fn",  # names our ops
    "Uniform",  # other random numbers than PyTorch's; tests/test_engine.py looks at them
    "__contains__", "__hash__", "__repr__", "__format__", "_repr_html_",  # tests/test_tensor.py looks at printing
}  # fmt: skip


# What tests/test_functions_peers.py compares: the functions of its table, the ops that they are made of, operators.
OF_THE_TABLE = {call.name for call in [*CALLS, *CALLS_MOVING]} | {
    "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "BitAnd", "BitNot", "BitOr", "BitXor", "Ceil", "Cosh",
    "CumulativeLogSumExp", "CumulativeMax", "CumulativeProduct", "CumulativeSum", "Erfc", "Exp2", "Expm1", "Floor",
    "FloorDivide", "Fmod", "Hypot", "Log2", "Log10", "LogAddExp", "Recurrence", "Remainder", "Round", "ShiftLeft",
    "ShiftRight", "SignBit", "Sinh", "Tan", "Trunc",
    "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__", "__xor__", "__rxor__", "__lshift__", "__rlshift__",
    "__rshift__", "__rrshift__",
}  # fmt: skip


def test_every_method_and_op_is_compared():
    """A new method of Tensor, or a new op, belongs into a test above, or into bench/calls.py."""
    ours = [kind for kind in pc.Tensor.__mro__ if kind.__module__.startswith("pellucid")]
    of_python = {"__module__", "__doc__", "__dict__", "__weakref__", "__slotnames__", "__annotations__"}
    of_python |= {"__static_attributes__", "__firstlineno__", "__annotate_func__", "__annotations_cache__"}
    methods = {name for kind in ours for name in vars(kind)} - of_python
    pytest.importorskip("expecttest")  # PyTorch's table of samples asks for it
    import torch_ops
    from test_functions_moving import ALSO_COMPARED

    images = {"Convolve", "ConvolveInput", "ConvolveKernel"}  # tests/test_convolution.py
    images |= {"MaxPool", "MaxPoolPick", "MaxPoolSpread", "SumPool", "SumPoolSpread"}  # tests/test_pooling.py
    in_place = {name for name in methods if name.endswith("_") and name[:-1] in methods}  # made of the other one
    compared = COMPARED | OF_THE_TABLE | set(torch_ops.operators()) | ALSO_COMPARED | images | in_place
    assert (methods | set(ops.__all__)) - compared - WITHOUT_PEER == set()
