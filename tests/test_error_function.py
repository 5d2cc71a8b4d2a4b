"""erf beside that of the C library: every range, special values, every dtype and shape."""

import math

import numpy as np
import pytest

from pellucid.ops.error_function import BLOCK, END, NEAR, erf


def by_the_c_library(x):
    return np.array([math.erf(number) for number in np.ravel(x).tolist()]).reshape(x.shape)


def assert_within(x, units):
    """At most so many units in the last place away, and always an odd function."""
    found, expected = erf(x), by_the_c_library(x)
    assert (np.abs(found - expected) <= units * np.spacing(np.abs(expected))).all()
    assert np.array_equal(erf(-x), -found)


@pytest.mark.parametrize("units_from_to", [(2, 0.0, NEAR), (3, NEAR, 1.0), (2, 1.0, 2.0), (1, 2.0, END + 1.0)])
def test_near_the_c_library_everywhere(units_from_to):
    units, start, end = units_from_to
    assert_within(np.random.default_rng(0).uniform(start, end, 20_000), units)


def test_numbers_of_every_size():
    """From the smallest there is to the largest; where erf is 2x / sqrt(pi), the digits are right as well."""
    assert_within(np.geomspace(5e-324, 1e308, 20_000), 3)


def test_on_both_sides_of_the_seams():
    for seam in (NEAR, END):
        steps = seam + np.arange(-50, 50) * np.spacing(seam)
        assert_within(steps, 3)


def test_special_values():
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0])
    y = erf(x)
    assert np.array_equal(y, [np.nan, 1.0, -1.0, 0.0, -0.0], equal_nan=True)
    assert np.signbit(y[3:]).tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_narrow_floats_are_rounded_once(dtype):
    x = np.random.default_rng(1).normal(size=5000).astype(dtype)
    y = erf(x)
    assert y.dtype == dtype
    exact = by_the_c_library(x.astype(np.float64))
    assert (np.abs(y - exact) <= 0.5001 * np.spacing(np.abs(y)).astype(np.float64)).all()


def test_shapes_and_orders_of_memory():
    x = np.random.default_rng(2).normal(size=(3, BLOCK + 1))
    expected = by_the_c_library(x)
    for array in (x, np.asfortranarray(x)):
        assert (np.abs(erf(array) - expected) <= 3 * np.spacing(np.abs(expected))).all()
    assert np.array_equal(erf(x[::2, ::-3]), erf(x)[::2, ::-3])
    for shape in ((), (0,), (2, 0, 3), (1, 1)):
        assert erf(np.zeros(shape)).shape == shape
    assert erf(np.array(0.5)) == math.erf(0.5)
