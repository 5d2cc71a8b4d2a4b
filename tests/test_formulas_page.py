"""docs/formulas.md: each row holds against automatic differentiation and against finite differences."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "formulas.md").read_text(encoding="utf-8")
ONE_NUMBER, MATRICES = PAGE.split("## Functions of matrices")


def rows(text, cells):
    """The code in the rows of the tables, for rows that end in so many cells of code."""
    pattern = r"^\|(?: [a-z, ]+ \|)?" + r" `([^`]+)` \|" * cells + "$"
    return re.findall(pattern, text, flags=re.MULTILINE)


SCALAR, MATRIX = rows(ONE_NUMBER, 2), rows(MATRICES, 3)


def det(A):
    """a . (b x c) of the rows of a (3, 3) matrix."""
    return A[0] @ pc.cross(A[1], A[2], dim=0)


def inverse(A):
    """The cross products of the rows as columns, divided by the determinant."""
    pairs = [pc.cross(A[i], A[j], dim=0) for i, j in ((1, 2), (2, 0), (0, 1))]
    return pc.stack(pairs, 1) / det(A)


def convolution(picture, kernel):
    """As the page says: for each weight the part of the picture that it meets."""
    height, width = (1 + n - k for n, k in zip(picture.shape, kernel.shape, strict=True))
    places = np.ndindex(tuple(kernel.shape))
    parts = [kernel[i, j] * picture[i : i + height, j : j + width] for i, j in places]
    return sum(parts[1:], parts[0])


FUNCTIONS = {
    name: getattr(pc, name)
    for name in (
        "sqrt", "exp", "log", "log2", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
        "atanh", "relu", "erf", "outer", "trace", "ones",
    )
} | {
    "s": pc.sigmoid, "pi": math.pi, "det": det, "inverse": inverse, "convolution": convolution, "pad": F.pad,
    "cross_entropy": F.cross_entropy, "layer_norm": F.layer_norm,
}  # fmt: skip
(CODE,) = re.findall(r"```python\n(.*?)```", MATRICES, flags=re.DOTALL)
exec(CODE, FUNCTIONS)  # layer_norm_gradient, as the page gives it


def of(code, names):
    """The value of a formula of the page."""
    return eval(code, {**FUNCTIONS, **names})


def differences(code, names, by, step=1e-6):
    """Central differences of a formula's sum of elements along each element of one of its letters."""
    base = np.array(names[by].detach())
    slopes = np.zeros_like(base)
    for place in np.ndindex(base.shape):
        ends = []
        for shift in (step, -step):
            moved = base.copy()
            moved[place] += shift
            ends.append(of(code, {**names, by: pc.tensor(moved)}).sum().item())
        slopes[place] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def letters():
    """All matrices of the page, in the shapes that it states."""
    random = np.random.default_rng(4)
    shapes = {"X": (4, 3), "Y": (4, 2), "W": (2, 3), "B": (2,), "A": (3, 3), "v": (3,), "u": (3,), "G": (4, 2)}
    shapes |= {"M": (4, 3), "P": (5, 5), "K": (2, 2), "H": (4, 4)}
    arrays = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    square = random.standard_normal((3, 3))
    arrays |= {"S": square + square.T, "C": np.eye(3) + 0.2 * random.standard_normal((3, 3)), "I": np.eye(3)}
    labels = np.array([0, 2, 1, 2])
    names = {name: pc.tensor(array) for name, array in arrays.items()}
    return names | {"labels": pc.tensor(labels), "one_hot": pc.tensor(np.eye(3)[labels])}


def test_the_page_has_enough_rows_and_all_are_read():
    assert len(SCALAR) >= 30
    assert len(MATRIX) >= 20
    assert len(SCALAR) + len(MATRIX) == len(re.findall(r"^\|.*`", PAGE, flags=re.MULTILINE))


@pytest.mark.parametrize(("code", "slope"), SCALAR)
def test_functions_of_one_number(code, slope):
    x = pc.tensor(np.linspace(0.15, 0.85, 7), requires_grad=True)
    names = {"x": x, "a": pc.tensor(1.7, dtype=pc.float64), "n": 3.5, "t": 0.3}
    of(code, names).sum().backward()
    stated = np.asarray(of(slope, names).detach())
    assert stated.shape == x.shape
    np.testing.assert_allclose(stated, np.asarray(x.grad), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(stated, differences(code, names, "x"), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("code", "by", "gradient"), MATRIX)
def test_functions_of_matrices(code, by, gradient):
    names = letters()
    leaf = names[by].requires_grad_()
    of(code, names).backward()
    stated = np.asarray(of(gradient, names).detach())
    assert stated.shape == leaf.shape
    np.testing.assert_allclose(stated, np.asarray(leaf.grad), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(stated, differences(code, names, by), rtol=1e-5, atol=1e-6)


def test_a_wrong_row_would_be_found():
    with pytest.raises(AssertionError):
        test_functions_of_matrices("trace(A @ C)", "C", "A")
    with pytest.raises(AssertionError):
        test_functions_of_one_number("sin(x)", "-cos(x)")


def test_determinant_and_inverse_of_this_test_are_numpys():
    A = letters()["C"]
    assert det(A).item() == pytest.approx(np.linalg.det(np.asarray(A)), rel=1e-12)
    np.testing.assert_allclose(np.asarray(inverse(A)), np.linalg.inv(np.asarray(A)), rtol=1e-10, atol=1e-12)
