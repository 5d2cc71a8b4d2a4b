"""ArrayDataset and DataLoader: every row once, in an order that only the seed and the epoch decide."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import ArrayDataset, DataLoader
from pellucid.data.shuffle import EPOCH, SPLIT, permutation
from pellucid.errors import ArgumentError, ShapeError


def make_rows(count):
    """Two arrays whose rows tell their own number."""
    numbers = np.arange(count)
    return np.stack([numbers, numbers * 10], axis=1).astype(np.float32), numbers


def test_dataset_indexing():
    x, y = make_rows(6)
    dataset = ArrayDataset(x, y)
    assert len(dataset) == 6
    assert dataset.arrays[0] is x
    row, label = dataset[4]
    assert row.tolist() == [4, 40]
    assert label == 4
    assert dataset[-1][1] == 5
    assert dataset[1:3][1].tolist() == [1, 2]
    assert dataset[[5, 0]][0].tolist() == [[5, 50], [0, 0]]
    assert dataset[np.array([3, 3])][1].tolist() == [3, 3]
    assert dataset[y % 2 == 1][1].tolist() == [1, 3, 5]
    assert "float32[6, 2]" in repr(dataset)
    with pytest.raises(IndexError):
        dataset[6]


def test_dataset_refuses():
    with pytest.raises(ArgumentError, match="at least one array"):
        ArrayDataset()
    with pytest.raises(ShapeError, match=r"\(3,\), \(4,\)"):
        ArrayDataset(np.zeros(3), np.zeros(4))
    with pytest.raises(ShapeError, match="rows of one length"):
        ArrayDataset([[1, 2], [3]])
    with pytest.raises(ShapeError, match="first axis"):
        ArrayDataset(np.zeros(3), np.float32(1))


def test_loader_refuses():
    for size in (0, -1, 2.5, True, "8"):
        with pytest.raises(ArgumentError, match="batch_size"):
            DataLoader(np.arange(4), batch_size=size)
    with pytest.raises(ArgumentError, match="seed"):
        DataLoader(np.arange(4), seed=-1)
    loader = DataLoader(np.arange(4), batch_size=2)
    with pytest.raises(ArgumentError, match="only 2 batches"):
        loader.batches(0, start=3)
    assert list(loader.batches(0, start=2)) == []

    class Wrong:
        def __len__(self):
            return 4

        def __getitem__(self, rows):
            return rows

    with pytest.raises(ArgumentError, match="Wrong gave ndarray"):
        list(DataLoader(Wrong()))


@given(
    count=st.integers(0, 40),
    batch_size=st.integers(1, 12),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    seed=st.integers(0, 2**70),
    epoch=st.integers(0, 2**40),
    data=st.data(),
)
def test_loader_properties(count, batch_size, shuffle, drop_last, seed, epoch, data):
    x, y = make_rows(count)
    loader = DataLoader((x, y), batch_size, shuffle, drop_last=drop_last, seed=seed)
    loader.epoch = epoch
    batches = list(loader)
    assert loader.epoch == epoch + 1
    assert len(batches) == len(loader)

    seen = [number for _, labels in batches for number in labels.tolist()]
    assert len(set(seen)) == len(seen)
    assert len(seen) == (count // batch_size * batch_size if drop_last else count)
    if not shuffle:
        assert seen == list(range(len(seen)))
    assert all(len(labels) == batch_size for _, labels in batches[:-1])
    for rows, labels in batches:
        assert isinstance(rows, np.ndarray)
        assert rows.flags.c_contiguous
        assert rows.dtype == np.float32
        assert rows[:, 1].tolist() == (labels * 10).tolist()

    # Resuming: a loader made anew gives the same batches from any batch on, and keeps its own epoch.
    start = data.draw(st.integers(0, len(loader)))
    again = DataLoader(ArrayDataset(x, y), batch_size, shuffle, drop_last=drop_last, seed=seed)
    rest = list(again.batches(epoch, start))
    assert again.epoch == 0
    assert len(rest) == len(batches) - start
    for (rows, labels), (other_rows, other_labels) in zip(rest, batches[start:], strict=True):
        assert rows.tobytes() == other_rows.tobytes()
        assert labels.tobytes() == other_labels.tobytes()


def test_epochs_and_seeds_differ():
    def order(seed, epoch):
        return tuple(DataLoader(np.arange(50), shuffle=True, seed=seed).order(epoch).tolist())

    orders = [order(seed, epoch) for seed in (0, 1, 2**32, 2**64) for epoch in range(5)]
    assert len(set(orders)) == len(orders)
    assert tuple(permutation(50, 0, SPLIT).tolist()) not in orders


def test_an_iteration_broken_off_is_given_again():
    loader = DataLoader(np.arange(10), batch_size=3, shuffle=True)
    first = next(iter(loader))[0]
    assert loader.epoch == 0
    assert next(iter(loader))[0].tolist() == first.tolist()


def test_batches_are_copies():
    x = np.arange(6.0)
    for shuffle in (False, True):
        for (batch,) in DataLoader(x, batch_size=2, shuffle=shuffle):
            batch[:] = -1
    assert x.tolist() == [0, 1, 2, 3, 4, 5]


def test_batches_are_copies_of_what_a_data_set_keeps():
    """fit hands batches on without copying them again."""

    class Kept:
        def __init__(self):
            self.x = np.zeros((4, 2), np.float32)

        def __len__(self):
            return 4

        def __getitem__(self, rows):
            return (self.x,)

    data = Kept()
    for (batch,) in DataLoader(data, batch_size=4):
        batch[:] = 1
    assert data.x.max() == 0


def test_rows_of_a_transposed_array_are_contiguous():
    x = np.arange(12.0).reshape(3, 4).T
    (batch,) = next(iter(DataLoader(x, batch_size=2)))
    assert batch.flags.c_contiguous
    assert batch.tolist() == x[:2].tolist()

    class Turned:
        """A data set that gives views of its own making."""

        def __len__(self):
            return 4

        def __getitem__(self, rows):
            return (np.ones((5, len(rows))).T,)

    (batch,) = next(iter(DataLoader(Turned(), batch_size=2)))
    assert batch.shape == (2, 5)
    assert batch.flags.c_contiguous


def test_order_is_uniform():
    """All 24 orders of four rows are equally likely: chi-square with 23 degrees of freedom is below 50 (p > 0.999)."""
    epochs = 4800
    counts = Counter(tuple(permutation(4, 123, EPOCH, epoch).tolist()) for epoch in range(epochs))
    assert len(counts) == 24
    expected = epochs / 24
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 50


def test_order_never_changes():
    """A run that was interrupted must find its order again after an upgrade of NumPy or of this package."""
    assert permutation(10, 0, EPOCH, 0).tolist() == [9, 7, 2, 0, 4, 3, 5, 6, 1, 8]
    assert permutation(10, 7, EPOCH, 3).tolist() == [8, 4, 9, 3, 6, 1, 5, 2, 7, 0]
