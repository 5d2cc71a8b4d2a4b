"""Every primitive and every Tensor method beside PyTorch: values, dtypes, shapes and gradients.

Shapes are made by hypothesis, with broadcasting, empty axes and axes of length 1; numbers often coincide, so that
ties happen. What differs on purpose is excluded where it is excluded, with the reason.
"""

import itertools
import operator

import numpy as np
import pytest
from against_torch import (
    ABOVE,
    ANY,
    BINARY,
    COMPARED,
    EVERY_DTYPE,
    FLOATS,
    MARKS,
    NEAR,
    SEEDS,
    SHAPE,
    THREE_SHAPES,
    TWO_SHAPES,
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
from bench.calls import CALLS
from bench.calls_moving import CALLS_MOVING
from pellucid import ops

pytestmark = MARKS


# ---- functions of one value

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
    "Uniform",  # other random numbers than PyTorch's; tests/test_random_numbers.py looks at them
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
    """A new method of Tensor, or a new op, belongs into a test of these four files, or into bench/calls.py."""
    ours = [kind for kind in pc.Tensor.__mro__ if kind.__module__.startswith("pellucid")]
    of_python = {"__module__", "__doc__", "__dict__", "__weakref__", "__slotnames__", "__annotations__"}
    of_python |= {"__static_attributes__", "__firstlineno__", "__annotate_func__", "__annotations_cache__"}
    methods = {name for kind in ours for name in vars(kind)} - of_python
    pytest.importorskip("expecttest")  # PyTorch's table of samples asks for it
    import test_against_torch_dtypes  # noqa: F401  (they note what they compare)
    import test_against_torch_indices  # noqa: F401
    import test_against_torch_shapes  # noqa: F401
    import torch_ops
    from test_functions_moving import ALSO_COMPARED

    images = {"Convolve", "ConvolveInput", "ConvolveKernel"}  # tests/test_convolution.py
    images |= {"MaxPool", "MaxPoolPick", "MaxPoolSpread", "SumPool", "SumPoolSpread"}  # tests/test_pooling.py
    in_place = {name for name in methods if name.endswith("_") and name[:-1] in methods}  # made of the other one
    compared = COMPARED | OF_THE_TABLE | set(torch_ops.operators()) | ALSO_COMPARED | images | in_place
    assert (methods | set(ops.__all__)) - compared - WITHOUT_PEER == set()
