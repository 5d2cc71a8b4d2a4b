"""Scalers: the formulas, constant columns, the way through JSON and back, and scikit-learn as the reference."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pellucid.data import MinMaxScaler, StandardScaler
from pellucid.errors import ArgumentError, ShapeError

tables = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32))


def make_table():
    random = np.random.default_rng(0)
    x = random.standard_normal((50, 5)) * [1, 10, 0.1, 1e4, 1] + [0, 100, -3, 1e5, 0]
    x[:, 4] = 0.1  # constant, and its mean is not 0.1 in floating point
    return x


@pytest.mark.peers
@pytest.mark.parametrize("name", ["StandardScaler", "MinMaxScaler"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_equals_scikit_learn(name, dtype):
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    ours = {"StandardScaler": StandardScaler, "MinMaxScaler": MinMaxScaler}[name]()
    theirs = getattr(preprocessing, name)()
    x = make_table().astype(dtype)
    train, other = x[:30], x[30:]
    tolerance = 1e-5 if dtype == np.float32 else 1e-11
    assert ours.fit_transform(train).dtype == (np.float32 if dtype == np.float32 else np.float64)
    np.testing.assert_allclose(ours.fit_transform(train), theirs.fit_transform(train), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(ours.transform(other), theirs.transform(other), rtol=tolerance, atol=tolerance)
    back = ours.inverse_transform(ours.transform(other))
    np.testing.assert_allclose(back, other, rtol=1e-5, atol=tolerance)


@given(tables)
def test_standard_scaler_properties(x):
    scaler = StandardScaler().fit(x)
    z = scaler.transform(x)
    constant = (x == x[0]).all(axis=0)
    assert (z[:, constant] == 0).all()
    # Columns whose spread drowns in the rounding of their own size cannot have a standard deviation of exactly 1.
    clear = ~constant & (np.ptp(x, axis=0) > 1e-6 * np.abs(x).max(axis=0))
    np.testing.assert_allclose(z[:, clear].mean(axis=0), 0, atol=1e-8)
    np.testing.assert_allclose(z[:, clear].std(axis=0), 1, rtol=1e-8)
    np.testing.assert_allclose(scaler.inverse_transform(z), x, rtol=1e-9, atol=1e-9)


@given(tables, st.floats(-5, 5), st.floats(0.1, 5))
def test_min_max_scaler_properties(x, low, width):
    high = low + width
    scaler = MinMaxScaler((low, high)).fit(x)
    z = scaler.transform(x)
    constant = (x == x[0]).all(axis=0)
    assert (z[:, constant] == low).all()
    np.testing.assert_allclose(z[:, ~constant].min(axis=0), low, atol=1e-12)
    np.testing.assert_allclose(z[:, ~constant].max(axis=0), high, atol=1e-12)
    np.testing.assert_allclose(scaler.inverse_transform(z), x, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler((-1, 2.5))])
def test_through_json(scaler):
    x = make_table()
    scaler.fit(x)
    copy = type(scaler).from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert copy.transform(x).tobytes() == scaler.transform(x).tobytes()
    assert copy.inverse_transform(x).tobytes() == scaler.inverse_transform(x).tobytes()


def test_fit_sees_only_what_it_is_given():
    x = make_table()
    scaler = StandardScaler().fit(x[:30])
    np.testing.assert_allclose(scaler.mean_[0], x[:30, 0].mean())
    assert abs(scaler.transform(x[30:])[:, 0].mean()) > 1e-3
    x[:30] = 0
    assert scaler.mean_[0] != 0, "the scaler must not hold on to the caller's array"


def test_constant_columns_are_zero_exactly():
    x = np.full((7, 1), 0.1)
    assert StandardScaler().fit_transform(x).tolist() == [[0.0]] * 7
    assert StandardScaler().fit(x).transform([[1.1]]).tolist() == [[1.1 - 0.1]]
    assert MinMaxScaler().fit_transform(x).tolist() == [[0.0]] * 7


def test_images_are_scaled_pixel_by_pixel():
    images = np.random.default_rng(1).random((20, 3, 4), np.float32)
    z = StandardScaler().fit_transform(images)
    assert z.shape == (20, 3, 4)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-6)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_refusals(scaler):
    with pytest.raises(ArgumentError, match="before fit"):
        scaler().transform(np.zeros((2, 2)))
    with pytest.raises(ArgumentError, match="before fit"):
        scaler().inverse_transform(np.zeros((2, 2)))
    with pytest.raises(ArgumentError, match="before fit"):
        scaler().to_dict()
    with pytest.raises(ArgumentError, match="at least one row"):
        scaler().fit(np.zeros((0, 2)))
    with pytest.raises(ArgumentError, match=r"nan at index \(1, 0\)"):
        scaler().fit(np.array([[1.0, 2.0], [np.nan, 3.0]]))
    with pytest.raises(ArgumentError, match="inf"):
        scaler().fit(np.array([[1.0], [np.inf]]))
    with pytest.raises(ArgumentError, match="real numbers"):
        scaler().fit(np.array([["a"]]))
    with pytest.raises(ShapeError, match=r"\(2, 3\)"):
        scaler().fit(np.zeros((4, 2))).transform(np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="'Other'"):
        scaler.from_dict({"kind": "Other"})
    with pytest.raises(ArgumentError, match="misses"):
        scaler.from_dict({"kind": scaler.__name__})


def test_feature_range():
    for wrong in [(1, 0), (1, 1), (0, float("nan"))]:
        with pytest.raises(ArgumentError, match="feature_range"):
            MinMaxScaler(wrong)
