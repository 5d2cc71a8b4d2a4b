"""Beside PyTorch: which dtype comes out, for every pair of dtypes."""

import itertools
import operator

import numpy as np
import pytest
from against_torch import (
    BINARY,
    EVERY_DTYPE,
    MARKS,
    agree,
    close,
    compares,
    torch,
)

import pellucid as pc
from pellucid import errors

pytestmark = MARKS


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
