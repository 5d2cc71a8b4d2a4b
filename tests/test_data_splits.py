"""Splits: every row in exactly one part, fair shares for every class, and a refusal of what cannot be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import train_test_split, train_val_test_split
from pellucid.data.splits import fair_shares
from pellucid.errors import ArgumentError, ShapeError


@given(st.integers(2, 200), st.floats(0.01, 0.99), st.integers(0, 2**40))
def test_every_row_lands_in_one_part(rows, test_size, seed):
    x = np.arange(rows)
    y = x * 3
    if round(rows * test_size) in (0, rows):
        with pytest.raises(ArgumentError, match="needs at least 1"):
            train_test_split(x, y, test_size=test_size, seed=seed)
        return
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=test_size, seed=seed)
    assert sorted([*x_train.tolist(), *x_test.tolist()]) == list(range(rows))
    assert len(x_test) == round(rows * test_size)
    assert (x_train * 3).tolist() == y_train.tolist()
    assert (x_test * 3).tolist() == y_test.tolist()
    again = train_test_split(x, test_size=test_size, seed=seed)
    assert again[0].tolist() == x_train.tolist()


@given(
    counts=st.lists(st.integers(3, 30), min_size=1, max_size=6),
    val_size=st.floats(0.05, 0.4),
    test_size=st.floats(0.05, 0.4),
    seed=st.integers(0, 1000),
)
def test_stratified_shares(counts, val_size, test_size, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = labels[np.random.default_rng(seed).permutation(len(labels))]
    rows = np.arange(len(labels))
    sizes = [round(len(rows) * val_size), round(len(rows) * test_size)]
    sizes = [len(rows) - sum(sizes), *sizes]
    if min(sizes) < len(counts):
        with pytest.raises(ArgumentError):
            train_val_test_split(rows, val_size=val_size, test_size=test_size, stratify=labels, seed=seed)
        return
    parts = train_val_test_split(rows, val_size=val_size, test_size=test_size, stratify=labels, seed=seed)
    assert sorted(np.concatenate(parts).tolist()) == rows.tolist()
    assert [len(part) for part in parts] == sizes
    for part in parts:
        found = np.bincount(labels[part], minlength=len(counts))
        assert (np.abs(found - np.array(counts) * len(part) / len(rows)) <= 1).all()


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=8).filter(any),
    st.lists(st.integers(0, 2**16), min_size=1, max_size=5),
)
def test_fair_shares(counts, cuts):
    rows = sum(counts)
    edges = [0, *sorted(cut % (rows + 1) for cut in cuts), rows]
    sizes = np.diff(edges).tolist()
    shares = np.array(fair_shares(counts, sizes))
    assert shares.sum(axis=1).tolist() == counts
    assert shares.sum(axis=0).tolist() == sizes
    exact = np.outer(counts, sizes) / rows
    assert (np.abs(shares - exact) <= 1 + 1e-9).all()
    assert (shares >= 0).all()


def test_sizes_and_names():
    x = np.arange(100)
    assert [len(part) for part in train_test_split(x)] == [80, 20]
    assert [len(part) for part in train_test_split(x, test_size=7)] == [93, 7]
    assert [len(part) for part in train_test_split(x, test_size=np.int64(7))] == [93, 7]
    assert [len(part) for part in train_val_test_split(x)] == [70, 10, 20]
    assert [len(part) for part in train_val_test_split(x, val_size=1, test_size=1)] == [98, 1, 1]


def test_string_labels_and_balance():
    labels = np.array(["cat"] * 50 + ["dog"] * 50 + ["eel"] * 50)
    train, test = train_test_split(labels, test_size=0.2, stratify=labels)
    assert np.unique(test, return_counts=True)[1].tolist() == [10, 10, 10]
    assert np.unique(train, return_counts=True)[1].tolist() == [40, 40, 40]
    assert (train[:-1] != train[1:]).sum() > 20, "the parts must not be sorted by class"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_the_beginning_of_a_stratified_part_has_every_class_as_often(part):
    """Over 2,000 seeds each class comes first equally often, and two neighbours agree as often as by chance."""
    labels = np.arange(60) % 3
    first, same = np.zeros(3), 0
    for seed in range(2000):
        rows = train_val_test_split(labels, val_size=0.2, test_size=0.3, stratify=labels, seed=seed)[part]
        first[rows[0]] += 1
        same += rows[0] == rows[1]
    size = [30, 12, 18][part]
    chance = (size / 3 - 1) / (size - 1)
    assert np.abs(first / 2000 - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 2000)  # four standard errors
    assert abs(same / 2000 - chance) < 4 * np.sqrt(chance * (1 - chance) / 2000)


def test_seeds_differ():
    x = np.arange(30)
    assert len({tuple(train_test_split(x, seed=seed)[1].tolist()) for seed in range(20)}) == 20


@pytest.mark.parametrize("size", [0.0, 1.0, -0.1, 1.5, float("nan"), 0, -3, True, "half", None])
def test_impossible_sizes(size):
    with pytest.raises(ArgumentError, match="test_size"):
        train_test_split(np.arange(10), test_size=size)


def test_impossible_requests():
    x = np.arange(10)
    with pytest.raises(ArgumentError, match="train 0, test 10"):
        train_test_split(x, test_size=10)
    with pytest.raises(ArgumentError, match="train -1"):
        train_test_split(x, test_size=11)
    with pytest.raises(ArgumentError, match="train 0, val 5, test 5"):
        train_val_test_split(x, val_size=0.5, test_size=0.5)
    with pytest.raises(ArgumentError, match="Class 1 has 1 row"):
        train_test_split(x, stratify=[0] * 9 + [1])
    with pytest.raises(ArgumentError, match="test part gets 1 row"):
        train_test_split(x, test_size=1, stratify=[0] * 5 + [1] * 5)
    with pytest.raises(ShapeError, match="one label for each row"):
        train_test_split(x, stratify=[0, 1])
    with pytest.raises(ShapeError, match="same number of rows"):
        train_test_split(x, np.arange(9))
    with pytest.raises(ArgumentError, match="seed"):
        train_test_split(x, seed=-1)
    with pytest.raises(ArgumentError, match="at least one array"):
        train_test_split()
    with pytest.raises(ArgumentError, match="0 rows"):
        train_test_split(np.zeros(0))
