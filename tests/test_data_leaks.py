"""Splits that leak nothing: groups stay together, equal rows are found, folds cover all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.data import check_leakage, iris, k_fold, split, train_test_split
from pellucid.data.leaks import joined
from pellucid.errors import ArgumentError, ShapeError


def test_without_groups_it_is_train_test_split():
    x = np.arange(20.0)
    labels = np.arange(20) % 3
    for stratify in (None, labels):
        ours = split(x, labels, test_size=0.3, stratify=stratify, seed=5)
        theirs = train_test_split(x, labels, test_size=0.3, stratify=stratify, seed=5)
        assert [a.tolist() for a in ours] == [a.tolist() for a in theirs]
    x_train, x_val, x_test = split(x, test_size=4, val_size=3)
    assert (len(x_train), len(x_val), len(x_test)) == (13, 3, 4)


@settings(deadline=None)
@given(
    groups=st.lists(st.integers(0, 12), min_size=20, max_size=60).filter(lambda g: len(set(g)) >= 6),
    seed=st.integers(0, 100),
)
def test_groups_stay_together(groups, seed):
    rows = np.arange(len(groups))
    groups = np.array(groups)
    x_train, x_val, x_test, g_train, g_val, g_test = split(
        rows, groups, test_size=0.25, val_size=0.25, groups=groups, seed=seed
    )
    assert sorted([*x_train, *x_val, *x_test]) == rows.tolist()
    for mine, others in [(g_train, g_test), (g_train, g_val), (g_val, g_test)]:
        assert not set(mine) & set(others)
    assert (groups[x_train] == g_train).all()


def test_groups_come_close_to_the_sizes_and_shares_asked_for():
    """Over seeds: 60 patients with 1 to 9 pictures each, 3 classes; no part is off by more than the largest group."""
    random = np.random.default_rng(0)
    sizes = random.integers(1, 10, 60)
    groups = np.repeat(np.arange(60), sizes)
    labels = np.repeat(random.integers(0, 3, 60), sizes)
    rows = np.arange(len(groups))
    for seed in range(20):
        parts = split(rows, test_size=0.2, val_size=0.1, stratify=labels, groups=groups, seed=seed)
        for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
            found = np.bincount(labels[part], minlength=3)
            assert abs(found - share * np.bincount(labels)).max() <= sizes.max()
    assert split(rows, groups=groups)[1].tolist() == split(rows, groups=groups)[1].tolist()
    assert split(rows, groups=groups)[1].tolist() != split(rows, groups=groups, seed=1)[1].tolist()


def test_equal_rows_in_two_parts_are_refused_and_named():
    x = np.arange(20.0).reshape(10, 2)
    x[7] = x[2]
    refused = []
    for seed in range(20):
        try:
            x_train, x_test = split(x, test_size=0.3, seed=seed)
        except ArgumentError as error:
            refused.append(str(error))
        else:
            assert sum((part == x[2]).all(axis=1).any() for part in (x_train, x_test)) == 1
        parts = split(x, test_size=0.3, duplicates="together", seed=seed)
        assert sum((part == x[2]).all(axis=1).any() for part in parts) == 1
        split(x, test_size=0.3, duplicates="allow", seed=seed)
    assert 0 < len(refused) < 20
    assert all("rows 2 and 7 are equal" in text and "duplicates='together'" in text for text in refused)


def test_what_counts_as_equal():
    for x in [
        np.array([[0.0], [-0.0]]), np.array(["a", "a"]), np.zeros((2, 3, 3), np.uint8), np.array([[np.nan], [np.nan]]),
        np.array([5, 5], "f4"),
    ]:  # fmt: skip
        with pytest.raises(ArgumentError, match="rows 0 and 1 are equal"):
            split(x, test_size=1)
    split(np.array([[1.0, 2.0], [2.0, 1.0]]), test_size=1)


def test_iris_has_a_pair_of_equal_flowers():
    """Rows 101 and 142 of Fisher's table: known, and found."""
    x, y = iris()
    with pytest.raises(ArgumentError, match="rows 101 and 142 are equal"):
        [split(x, y, stratify=y, seed=seed) for seed in range(20)]
    x_train, x_test, _, y_test = split(x, y, stratify=y, duplicates="together")
    check_leakage(x_train, x_test)
    assert abs(np.bincount(y_test) - 10).max() <= 1


def test_groups_and_equal_rows_are_joined():
    """Row 0 equals row 1, which shares a group with row 2, which equals row 3: all four are one."""
    assert joined(np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 3, 4])).tolist() == [0, 0, 0, 0, 1, 2]
    x = np.array([1, 1, 2, 2, 3, 4, 5, 6])
    train, test = split(x, test_size=0.5, groups=np.array([0, 1, 1, 2, 3, 4, 5, 6]), duplicates="together")
    assert sorted([sorted(train), sorted(test)]) == [[1, 1, 2, 2], [3, 4, 5, 6]]


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(2, 8), st.integers(0, 1000))
def test_folds_cover_every_row_once(rows, k, seed):
    if rows < k:
        with pytest.raises(ArgumentError, match="needs at least 1"):
            k_fold(rows, k, seed=seed)
        return
    folds = k_fold(rows, k, seed=seed)
    assert len(folds) == k
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(rows))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(rows))
        assert len(test) in (rows // k, rows // k + 1)


def test_stratified_and_grouped_folds():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    for _, test in k_fold(100, 5, stratify=labels):
        assert np.bincount(labels[test]).tolist() == [10, 6, 4]
    groups = np.arange(100) // 5
    for train, test in k_fold(np.arange(100.0), 5, groups=groups):
        assert not set(groups[train]) & set(groups[test])
        assert len(test) == 20
    x = np.arange(10.0)
    x[9] = x[0]
    with pytest.raises(ArgumentError, match="rows 0 and 9 are equal, but one is in the fold"):
        [k_fold(x, 5, seed=seed) for seed in range(9)]


def test_leakage_between_given_parts():
    with pytest.raises(ArgumentError, match="row 1 of part 1 is row 0 of part 0"):
        check_leakage(np.array([[1, 2], [3, 4]]), np.array([[5, 6], [1, 2]]))
    check_leakage(np.array([1.0, 1.0]), np.array([2.0]), np.array([3.0]))
    with pytest.raises(ShapeError, match="rows of one shape"):
        check_leakage(np.zeros((2, 3)), np.zeros((2, 4)))


def test_what_cannot_be_is_refused():
    x = np.arange(10)
    for make, error, words in [
        (lambda: split(x, groups=np.zeros(10)), ArgumentError, r"1 group\(s\) cannot fill 2 parts"),
        (lambda: split(x, groups=np.zeros(9)), ShapeError, "groups needs one entry for each row"),
        (lambda: split(x, duplicates="drop"), ArgumentError, "duplicates must be one of"),
        (lambda: split(x, stratify=x % 2, groups=x % 2), ArgumentError, "no rows of class number"),
        (lambda: split(x, test_size=10), ArgumentError, "needs at least 1"),
        (lambda: split(np.array([{}, {}]), test_size=1), ArgumentError, "not objects"),
        (lambda: k_fold(10, 1), ArgumentError, "k must be"),
        (lambda: k_fold(10, 3, stratify=np.arange(10)), ArgumentError, "Class 0 has 1 row"),
    ]:
        with pytest.raises(error, match=words):
            make()


def test_every_nan_is_the_same():
    x = np.array([[1.0, np.nan], [1.0, -np.nan]])
    assert len(set(map(bytes, x))) == 2  # they differ in a bit
    with pytest.raises(ArgumentError, match="are equal"):
        split(x, test_size=1)


def test_a_leak_between_dtypes():
    for other in (np.float64, np.int64, ">f4"):
        with pytest.raises(ArgumentError, match="row 0 of part 1 is row 1 of part 0"):
            check_leakage(np.array([[2.0], [1.0]], np.float32), np.array([[1], [3]], other))
    with pytest.raises(ArgumentError, match="row 0"):
        check_leakage(np.array(["a", "b"]), np.array(["a", "long"]))
