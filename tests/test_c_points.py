"""Fewer multiplications by six points (runtime/convolution_points.h): the formulas, exactly, and how they round."""

import re
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from c_close import COMPILER

import pellucid as pc
from pellucid import ops
from pellucid.targets import c

pytestmark = [*COMPILER]

A, B = Fraction(3, 4), Fraction(3, 2)
POINTS = [0, A, -A, B, -B]  # and infinity


def times(one, other):
    """The product of two polynomials, given their coefficients."""
    result = [Fraction(0)] * (len(one) + len(other) - 1)
    for (i, a), (j, b) in product(enumerate(one), enumerate(other)):
        result[i + j] += a * b
    return result


def matrices(results, terms):
    """A^T, G and B^T of F(results, terms), as the head of convolution_points.h defines them."""

    def over_all(points, value):
        for point in points:
            value = times(value, [-point, Fraction(1)])
        return value

    others = [[q for q in POINTS if q != p] for p in POINTS]
    f = [np.prod([p - q for q in rest]) for p, rest in zip(POINTS, others, strict=True)]
    above = [[p**i for p in POINTS] + [Fraction(i == results - 1)] for i in range(results)]
    of_g = [[p**j / f[k] for j in range(terms)] for k, p in enumerate(POINTS)]
    of_d = [[*over_all(rest, [Fraction(1)]), Fraction(0)] for rest in others] + [over_all(POINTS, [Fraction(1)])]
    return [np.array(rows) for rows in (above, [*of_g, [Fraction(j == terms - 1) for j in range(terms)]], of_d)]


@pytest.mark.parametrize(("results", "terms"), [(4, 3), (3, 4)])
def test_six_multiplications_are_enough(results, terms):
    above, of_g, of_d = matrices(results, terms)
    rng = np.random.default_rng(0)
    d, g = rng.integers(-99, 100, 6), rng.integers(-99, 100, terms)
    assert list(above @ ((of_g @ g) * (of_d @ d))) == [sum(g * d[i : i + terms]) for i in range(results)]


@pytest.mark.parametrize(("results", "terms", "one_axis", "two_axes"), [(4, 3, 27.4, 84), (3, 4, 33.1, 69)])
def test_the_bound_is_as_stated(results, terms, one_axis, two_axes):
    above, of_g, of_d = matrices(results, terms)
    largest = max(abs(above) @ (abs(of_g).sum(axis=1) * abs(of_d).sum(axis=1)))
    assert round(float(largest), 1) == one_axis
    assert two_axes - 1 < float(largest / terms) ** 2 <= two_axes


def test_the_points_are_those_of_the_runtime():
    with open(c.__path__[0] + "/runtime/convolution_points.h", encoding="utf-8") as file:
        found = re.findall(r"#define POINT_[AB] (\S+)", file.read())
    assert [Fraction(point) for point in found] == [A, B]


@pytest.mark.parametrize("channels", [32, 128, 512])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_are_as_stated(channels, dtype):
    rng, eps = np.random.default_rng(0), np.finfo(dtype).eps
    x = rng.standard_normal((4, channels, 12, 12)).astype(dtype)
    w = rng.standard_normal((32, channels, 3, 3)).astype(dtype)
    g = rng.standard_normal((4, 32, 12, 12)).astype(dtype)
    settings = ((1, 1), ((1, 1), (1, 1)), (1, 1), 1)

    def three(x, w, g):
        back, kernel = ops.ConvolveInput(*settings, (12, 12)), ops.ConvolveKernel(*settings, (3, 3))
        return [ops.Convolve(*settings)(x, w), back(g, w), kernel(x, g)]

    step = pc.compile(three, target="c")
    exact = three(*[pc.tensor(array.astype(np.float64)) for array in (x, w, g)])
    for ours, theirs in zip(step(x, w, g), exact, strict=True):
        error = np.abs(np.array(ours) - np.array(theirs)).max()
        assert error <= 26 * eps * np.abs(np.array(theirs)).max()  # 3e-6 in float32
    assert step.source.count(".in_tiles = 4") == 3


def test_infinity_stays_in_its_tile():
    x, w = np.ones((2, 32, 12, 12), np.float32), np.ones((32, 32, 3, 3), np.float32)
    x[0, 3, 0, 0] = np.inf
    op = ops.Convolve((1, 1), ((1, 1), (1, 1)), (1, 1), 1)
    y = np.array(pc.compile(op, target="c")(x, w))
    assert not np.isfinite(y[0, :, :2, :2]).any()  # those that look at it
    assert np.isfinite(y[0, :, 4:]).all()
    assert np.isfinite(y[0, :, :, 4:]).all()
    assert np.isfinite(y[1]).all()
