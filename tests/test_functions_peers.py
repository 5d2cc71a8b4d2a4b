"""Every function of the table bench/calls.py beside PyTorch's of the same name: values and gradients, in float64.

And the points at which a choice was made: kinks, ties, zeros, infinities, NaN. There the slopes are PyTorch's too.
"""

import itertools
import operator

import numpy as np
import pytest

import pellucid as pc
from bench.calls import CALLS, Call

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

NAN, INF = float("nan"), float("inf")
SPECIAL = np.array([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5])
LEFT, RIGHT = (np.array(x) for x in zip(*itertools.product(SPECIAL, SPECIAL), strict=True))
FINITE = np.array([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0])
A, B = (np.array(x) for x in zip(*itertools.product(FINITE, FINITE), strict=True))
WHOLE = np.array([0, 1, -1, 2, -2, 7, -7, 2**62])
M, N = (np.array(x) for x in zip(*itertools.product(WHOLE, WHOLE[1:]), strict=True))

ZEROS = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [NAN, 1.0, NAN]])

POINTS = [
    *[Call(name, SPECIAL) for name in (
        "square", "sqrt", "rsqrt", "reciprocal", "exp", "exp2", "expm1", "log", "log2", "log10",
        "log1p", "sigmoid", "erf", "erfc", "relu", "floor", "ceil", "trunc", "frac", "round", "sin", "cos", "tan",
        "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sinc", "nan_to_num",
    )],
    *[Call(name, SPECIAL[1:]) for name in ("abs", "sign")],  # of NaN the sign is NaN here, in PyTorch 0
    Call("logit", np.array([0.0, 1.0, 0.5, 0.25])),
    *[Call(name, SPECIAL, slopes=False) for name in (
        "isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logical_not",
    )],
    *[Call(name, LEFT, RIGHT, slopes=False) for name in (
        "add", "mul", "div", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "fmax", "fmin",
        "atan2", "hypot", "logaddexp", "logaddexp2", "copysign", "xlogy", "heaviside", "isclose", "eq", "lt",
    )],
    *[Call(name, A, B) for name in ("maximum", "minimum", "fmax", "fmin", "atan2", "copysign", "hypot")],
    *[Call(name, A, B[B != 0.0].repeat(2)[: A.size]) for name in ("remainder", "fmod")],
    *[Call(name, M, N) for name in (
        "floor_divide", "remainder", "fmod", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift",
        "bitwise_right_shift", "maximum",
    )],
    Call("div", M, N, rounding_mode="trunc"),
    Call("pow", A, 0),
    Call("pow", A, 2),
    Call("pow", A, 0.5),
    Call("pow", A, 3),
    Call("xlogy", np.zeros(3), np.array([0.5, 2.0, 1.0])),
    Call("clamp", A, -1.0, 1.0),
    Call("clamp", A, B, B - 0.5),
    Call("nan_to_num", SPECIAL, 1.0, 2.0, -2.0),
    *[Call(name, ZEROS, 1) for name in ("prod", "cumprod", "std", "logsumexp", "logcumsumexp")],
    *[Call(name, ZEROS) for name in ("prod", "norm")],
    *[Call("norm", ZEROS * 0.0, p, 1) for p in (0, 1, 2, 3, 0.5)],
    Call("norm", ZEROS, 0.5),
    Call("dist", ZEROS, ZEROS),
    *[Call(name, TIES, 1) for name in ("max", "min", "amax", "amin", "cummax", "cummin", "argmax", "argmin")],
    *[Call(name, TIES[:2]) for name in ("max", "min", "amax", "amin")],
    *[Call(name, np.full((2, 3), -INF), 1, slopes=False) for name in ("logsumexp", "logcumsumexp")],
    *[Call(name, np.zeros((2, 0)), 1) for name in ("sum", "prod", "mean", "any", "all", "cumsum", "cumprod", "norm")],
    *[Call("std", np.ones((3, 1)), 1), Call("var", np.ones((3, 1)), 1)],
]  # fmt: skip


def ours(name):
    return operator.attrgetter(name.replace("F.", "functional."))(pc)


def theirs(call):
    for place in (torch, torch.Tensor):
        try:
            return operator.attrgetter(call.theirs.replace("F.", "nn.functional."))(place)
        except AttributeError:
            continue
    return None


def flat(y):
    return [part for item in y for part in flat(item)] if isinstance(y, (tuple, list)) else [y]


def outcome(call, function, tensor, number):
    """Results, and gradients of the float arguments (0 where there are none), as NumPy arrays."""
    leaves = []

    def argument(array):
        x = tensor(array, array.dtype.kind == "f" and call.slopes)
        if x.requires_grad:
            leaves.append(x)
        return x

    arguments, named = call.given(argument)
    results = flat(function(*arguments, **named))
    wanted = [y for y in results if getattr(y, "requires_grad", False)]
    for y in wanted:
        y.backward(tensor(np.linspace(0.5, 1.5, y.numel()).reshape(tuple(y.shape)), False), retain_graph=True)
    results = [number(y) if hasattr(y, "detach") else np.asarray(y) for y in results]
    return results, [np.zeros(tuple(x.shape)) if x.grad is None else number(x.grad) for x in leaves]


WITHOUT_SLOPE = {"floor_divide"}  # PyTorch refuses to walk back through it
SIXTH = {"F.hardsigmoid": 1e-7}  # PyTorch has rounded 1/6 to float32 in its slope


def makers(call):
    """What makes a tensor of an array: Pellucid's, and PyTorch's."""
    wanted = call.name not in WITHOUT_SLOPE
    return (
        lambda array, slopes: pc.tensor(array, requires_grad=slopes and wanted),
        lambda array, slopes: torch.tensor(array, requires_grad=slopes and wanted),
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", [*CALLS, *POINTS], ids=str)
def test_values_and_gradients_are_pytorchs(call):
    function = theirs(call)
    if function is None:
        pytest.skip(f"PyTorch has no {call.theirs}")
    our_tensor, their_tensor = makers(call)
    expected = outcome(call, function, their_tensor, lambda y: y.detach().numpy(force=True))
    found = outcome(call, ours(call.name), our_tensor, lambda y: y.detach().numpy())
    for a, b in zip(expected[0], found[0], strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(b, a, rtol=1e-6 if a.dtype == np.float32 else 1e-12, atol=1e-12)
    for a, b in zip(expected[1], found[1], strict=True):
        np.testing.assert_allclose(b, a, rtol=SIXTH.get(call.name, 1e-9), atol=1e-12)


OPERATORS = [
    (operator.floordiv, A, B[B != 0.0].repeat(2)[: A.size]), (operator.mod, M, N), (operator.floordiv, M, N),
    (operator.and_, M, N), (operator.or_, M, N), (operator.xor, M, N), (operator.xor, M > 0, N > 0),
    (operator.lshift, M, N), (operator.rshift, M, N), (operator.and_, M > 0, N > 0),
]  # fmt: skip


@pytest.mark.parametrize(("function", "a", "b"), OPERATORS, ids=str)
def test_operators(function, a, b):
    pairs = [(function(pc.tensor(a), pc.tensor(b)), function(torch.tensor(a), torch.tensor(b)))]
    two = True if a.dtype == bool else 2
    pairs.append((function(pc.tensor(a), two), function(torch.tensor(a), two)))
    pairs.append((function(two, pc.tensor(b)), function(two, torch.tensor(b))))
    for found, expected in pairs:
        assert str(found.dtype) == str(expected.dtype).removeprefix("torch.")
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_turning_bits_round():
    assert (~pc.tensor(M)).tolist() == (~torch.tensor(M)).tolist()
    assert (~pc.tensor(M > 0)).tolist() == (~torch.tensor(M > 0)).tolist()


def test_what_is_no_number_is_refused():
    x = pc.tensor([1.5, 2.0])
    for call in (
        lambda: pc.add(x, "1"),
        lambda: pc.bitwise_and(x, 1),
        lambda: x & 1,
        lambda: ~x,
        lambda: pc.remainder(pc.tensor([True]), pc.tensor([True])),
        lambda: pc.mean(pc.tensor([1, 2])),
        lambda: pc.masked_fill(x, pc.tensor([1, 0]), 0.0),
        lambda: pc.masked_fill(pc.tensor([1, 2]), pc.tensor([True, False]), 0.5),
        lambda: pc.isclose(x, pc.tensor([1, 2])),
        lambda: pc.maximum(x, None),
        lambda: pc.add(pc.tensor([1, 2]), pc.tensor([1, 2]), alpha=0.5),
    ):
        with pytest.raises(pc.errors.DtypeError):
            call()
    for call in (
        lambda: pc.div(x, x, rounding_mode="up"),
        lambda: pc.clamp(x),
        lambda: pc.var(x, unbiased=True, correction=0),
        lambda: pc.softmax(x, None),
        lambda: pc.diff(x, -1),
        lambda: pc.linalg.vector_norm(x, "fro"),
    ):
        with pytest.raises(pc.errors.ArgumentError):
            call()
    for call in (lambda: pc.norm(x, "nuc"), lambda: pc.exp(x, out=x), lambda: pc.linalg.matrix_norm(pc.ones(2, 2), 2)):
        with pytest.raises(pc.errors.UnsupportedError):
            call()
    for call in (lambda: pc.cumsum(x, 1), lambda: pc.amax(pc.ones(2, 0), 1), lambda: pc.add(x, pc.ones(3))):
        with pytest.raises(pc.errors.ShapeError):
            call()
