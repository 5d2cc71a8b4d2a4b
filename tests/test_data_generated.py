"""Data sets that are computed: each follows its formula, its noise has the spread that was asked for, seeds repeat."""

import numpy as np
import pytest

from pellucid import data
from pellucid.errors import ArgumentError

CLASSES = {"arcs": data.arcs, "spirals": data.spirals, "blobs": data.blobs, "checkerboard": data.checkerboard}
NUMBERS = {"line": data.line, "plane": data.plane, "polynomial": data.polynomial}
ALL = {**CLASSES, **NUMBERS, "curves": data.curves, "coins": data.coins, "moons": data.moons}


def arrays(made):
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize("name", ALL)
def test_seeds_repeat_and_differ(name):
    make = ALL[name]
    first, again, other = make(n=50), make(n=50), make(n=50, seed=1)
    assert [a.tobytes() for a in arrays(first)] == [a.tobytes() for a in arrays(again)]
    assert arrays(first)[0].tobytes() != arrays(other)[0].tobytes()
    assert all(len(a) == 50 for a in arrays(first))


@pytest.mark.parametrize("name", CLASSES)
def test_points_and_classes(name):
    x, y = CLASSES[name](n=301)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((301, 2), np.float32, (301,), np.int64)
    assert len(set(y[:40].tolist())) == y.max() + 1, "in random order"
    if name != "checkerboard":
        counts = np.bincount(y)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_and_targets(name):
    x, y = NUMBERS[name](n=20000, noise=0.25)
    exact = NUMBERS[name](n=20000, noise=0)
    assert (x.dtype, y.dtype, y.shape) == (np.float32, np.float32, (20000, 1))
    assert x.tobytes() == exact[0].tobytes(), "noise changes y only"
    assert abs((y - exact[1]).std() - 0.25) < 2 * 0.25 / np.sqrt(2 * 20000) * 2  # 4 standard errors
    assert abs(x.min() + 1) < 0.01
    assert abs(x.max() - 1) < 0.01


def test_formulas():
    x, y = data.line(n=9, slope=-3, intercept=0.5, noise=0)
    np.testing.assert_allclose(y, -3 * x + 0.5, rtol=1e-6)
    x, y = data.plane(n=9, weights=[2, -1, 4, 0], bias=-1, noise=0)
    np.testing.assert_allclose(y[:, 0], 2 * x[:, 0] - x[:, 1] + 4 * x[:, 2] - 1, atol=1e-6)
    x, y = data.polynomial(n=9, coefficients=[1, -2, 0, 5], noise=0)
    np.testing.assert_allclose(y, 1 - 2 * x + 5 * x**3, atol=1e-6)
    x, y = data.arcs(n=30, classes=3, noise=0)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), y + 1, rtol=1e-6)
    assert x[:, 1].min() > -1e-6
    x, y = data.spirals(n=90, classes=3, turns=0.5, noise=0)
    r = np.linalg.norm(x, axis=1)
    angle = 2 * np.pi * (y / 3 + 0.5 * r)
    np.testing.assert_allclose(x, np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1), atol=1e-6)
    x, y = data.blobs(n=8, centers=4, noise=0)
    np.testing.assert_allclose(x[y == 1], [[0, 2], [0, 2]], atol=1e-6)
    waves = data.curves(n=40, length=200, noise=0)
    periods = (np.diff(np.sign(waves[:, :, 0]), axis=1) > 0).sum(axis=1)
    assert set(periods.tolist()) <= {1, 2, 3, 4}
    assert len(set(periods.tolist())) > 1


def test_blobs_and_coins_have_the_spread_they_say():
    x, y = data.blobs(n=30000, centers=[[0.0, 5.0, 1.0]], noise=0.7)
    assert x.shape == (30000, 3)
    assert set(y.tolist()) == {0}
    assert abs(x.mean(axis=0) - [0, 5, 1]).max() < 4 * 0.7 / np.sqrt(30000)
    assert abs(x.std(axis=0) - 0.7).max() < 4 * 0.7 / np.sqrt(60000)
    throws = data.coins(n=10000, p=[0.1, 0.5])
    assert throws.shape == (10000, 2)
    assert abs(throws.mean(axis=0) - [0.1, 0.5]).max() < 4 * 0.5 / 100


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: data.arcs(n=1), "n must be"),
        (lambda: data.arcs(noise=-1), "noise"),
        (lambda: data.spirals(classes=0), "classes"),
        (lambda: data.blobs(centers=[1.0, 2.0]), "centers"),
        (lambda: data.checkerboard(squares=0), "squares"),
        (lambda: data.line(n=0), "n must be"),
        (lambda: data.line(noise=float("nan")), "noise"),
        (lambda: data.plane(weights=[]), "weights"),
        (lambda: data.polynomial(coefficients=[]), "coefficients"),
        (lambda: data.curves(length=0), "length"),
        (lambda: data.coins(p=1.5), "probability"),
        (lambda: data.coins(p=float("nan")), "probability"),
    ],
)
def test_wrong_arguments_are_named(make, words):
    with pytest.raises(ArgumentError, match=words):
        make()
