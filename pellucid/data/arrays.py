"""Rows in memory, and batches of them.

An ArrayDataset holds arrays that belong together row by row (images and their labels). A DataLoader cuts
it into batches, in an order that depends on nothing but the seed and the number of the epoch. So training
that was interrupted in the middle of an epoch can go on with the very batches it would have seen.
"""

import numpy as np

from pellucid.data.prefetch import prefetched
from pellucid.data.shuffle import EPOCH, permutation, whole_number
from pellucid.errors import ArgumentError, ShapeError


class ArrayDataset:
    """Arrays with a common first axis: row i of each array belongs to sample i.

    `len(dataset)` is the number of samples. `dataset[i]` gives a tuple with row i of each array;
    a slice, a list or array of row numbers, or a mask gives a tuple of arrays. `dataset.arrays` is the
    tuple of all arrays.

    Raises ArgumentError without arrays, ShapeError if the first axes differ or an array has none.

    >>> dataset = ArrayDataset(np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), np.array([7, 8, 9]))
    >>> len(dataset)
    3
    >>> x, y = dataset[[2, 0]]
    >>> x.tolist(), y.tolist()
    ([[4.0, 5.0], [0.0, 1.0]], [9, 7])
    """

    def __init__(self, *arrays):
        self.arrays = same_length(arrays, "ArrayDataset")

    def __len__(self):
        return len(self.arrays[0])

    def __getitem__(self, index):
        if isinstance(index, np.ndarray) and index.dtype.kind in "iu":  # take is half as long at it as array[index]
            return tuple(array.take(index, axis=0) for array in self.arrays)
        return tuple(array[index] for array in self.arrays)

    def __repr__(self):
        return f"ArrayDataset({', '.join(f'{array.dtype}{list(array.shape)}' for array in self.arrays)})"


class DataLoader:
    """Batches of a data set, as tuples of new contiguous NumPy arrays.

    `dataset` is an ArrayDataset, a tuple of arrays, one array, or any object with a length that gives a
    tuple of arrays for an array of row numbers. The last batch is smaller where the length is not a
    multiple of `batch_size`, unless `drop_last` leaves it out.

    With `shuffle`, epoch e has an order of its own, a pure function of (`seed`, e). `loader.epoch` is the
    number of the epoch that iterating gives next; it rises when an iteration has come to its end, and may
    be set. To resume in mid-epoch: `loader.batches(epoch, start)` gives the batches of that epoch from
    batch number `start` on, and leaves `loader.epoch` alone.

    With `prefetch=2` a thread reads up to two batches ahead while the caller works: the same batches in the same order,
    sooner where reading takes time (images, files). An error inside it arrives as usual.

    `transform` changes every batch, in that thread if there is one: one of `data.transforms`, or any function that is
    called as transform(*arrays, seed=..., epoch=..., rows=...) and gives an array or a tuple of arrays. Those of
    `data.transforms` draw random numbers for each row that depend on (seed, epoch, row) only, so they too are the same
    with any prefetch, and after an interruption.

    Raises ArgumentError for a batch size below 1 or a negative seed.

    >>> loader = DataLoader(np.arange(5), batch_size=2)
    >>> [batch.tolist() for (batch,) in loader]
    [[0, 1], [2, 3], [4]]
    >>> len(loader), loader.epoch
    (3, 1)
    >>> [batch.tolist() for (batch,) in loader.batches(epoch=1, start=2)]
    [[4]]
    """

    def __init__(self, dataset, batch_size=1, shuffle=False, *, drop_last=False, seed=0, prefetch=0, transform=None):
        if hasattr(dataset, "__array__"):
            dataset = (dataset,)
        if isinstance(dataset, (tuple, list)):
            dataset = ArrayDataset(*dataset)
        self.dataset = dataset
        self.batch_size = whole_number(batch_size, "batch_size", least=1)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.seed = whole_number(seed, "seed")
        self.prefetch = whole_number(prefetch, "prefetch")
        if transform is not None and (isinstance(transform, type) or not callable(transform)):
            raise ArgumentError(
                f"DataLoader: transform must be a transform or a function, not {transform!r}.",
                remedy="Make an object of a class: transforms.RandomHorizontalFlip(). Several make one by Compose.",
            )
        self.transform = transform
        self.epoch = 0

    def __len__(self):
        """The number of batches in an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or rest == 0 else whole + 1

    def __iter__(self):
        epoch = self.epoch
        yield from self.batches(epoch)  # a caller that stops closes this, and with it the thread that reads ahead
        self.epoch = epoch + 1

    def order(self, epoch):
        """The row numbers in the order in which epoch number `epoch` visits them: int64 (rows,)."""
        epoch = whole_number(epoch, "epoch")
        rows = len(self.dataset)
        return permutation(rows, self.seed, EPOCH, epoch) if self.shuffle else np.arange(rows)

    def batches(self, epoch, start=0):
        """The batches of epoch number `epoch`, from batch number `start` on.

        Raises ArgumentError if the epoch has no batch number `start`; `start == len(loader)` is an epoch
        that is already done.
        """
        start = whole_number(start, "start")
        if start > len(self):
            raise ArgumentError(f"start is {start}, but an epoch has only {len(self)} batches.")
        batches = self._batches_of(self.order(epoch), epoch, start)
        return prefetched(batches, self.prefetch) if self.prefetch else batches

    def _batches_of(self, order, epoch, start):
        for number in range(start, len(self)):
            rows = order[number * self.batch_size : (number + 1) * self.batch_size]
            batch = self.dataset[rows]
            if not isinstance(batch, (tuple, list)):
                raise ArgumentError(
                    f"A data set must give a tuple of arrays for an array of row numbers; "
                    f"{type(self.dataset).__name__} gave {type(batch).__name__}."
                )
            # Whoever changes a batch must not change the data. Row numbers in an array always give a copy; what other
            # data sets give may be memory that they keep.
            copied = type(self.dataset) is ArrayDataset
            batch = tuple(np.ascontiguousarray(array) if copied else np.array(array, order="C") for array in batch)
            if self.transform is not None:
                changed = self.transform(*batch, seed=self.seed, epoch=epoch, rows=rows)
                arrays = changed if isinstance(changed, (tuple, list)) else (changed,)
                batch = tuple(np.ascontiguousarray(array) for array in arrays)
            yield batch

    def __repr__(self):
        return (
            f"DataLoader({self.dataset!r}, batch_size={self.batch_size}, shuffle={self.shuffle}, "
            f"drop_last={self.drop_last}, seed={self.seed}, prefetch={self.prefetch}"
            + (")" if self.transform is None else f", transform={self.transform!r})")
        )


def same_length(arrays, who):
    """The arrays as a tuple of NumPy arrays, after checking that their first axes are equally long."""
    try:
        arrays = tuple(np.asarray(array) for array in arrays)
    except ValueError:  # NumPy's words for rows of different lengths
        raise ShapeError(f"{who} needs arrays; nested lists must have rows of one length.") from None
    if not arrays:
        raise ArgumentError(f"{who} needs at least one array.")
    shapes = ", ".join(str(array.shape) for array in arrays)
    if any(array.ndim == 0 for array in arrays):
        raise ShapeError(f"{who} needs arrays whose first axis counts the samples; the shapes are {shapes}.")
    if any(len(array) != len(arrays[0]) for array in arrays):
        raise ShapeError(
            f"{who} needs arrays with the same number of rows; the shapes are {shapes}.",
            remedy="Each sample has one row in each array, and one label.",
        )
    return arrays
