"""Dividing data into a part to learn from and parts to judge by.

Every row lands in exactly one part. A stratified split also gives each class its fair share of each part:
the share may be a fraction, so the count is that share rounded up or down.
"""

import numpy as np

from pellucid.data.arrays import same_length
from pellucid.data.shuffle import SPLIT, permutation, whole_number
from pellucid.errors import ArgumentError, ShapeError


def train_test_split(*arrays, test_size=0.2, stratify=None, seed=0):
    """Divide the rows of the arrays at random: returns x_train, x_test, y_train, y_test for arrays x, y.

    `test_size` is a fraction between 0 and 1 (of n rows, the nearest whole number to n * test_size) or a
    number of rows. `stratify` is an array of n class labels: then each class is within one row of its
    exact share n_class * n_part / n in both parts. The same `seed` gives the same parts everywhere.

    Raises ShapeError if the arrays differ in length, ArgumentError if a part would be empty or a class
    cannot be represented in it.

    >>> x_train, x_test = train_test_split(np.arange(10), test_size=0.3)
    >>> len(x_train), len(x_test)
    (7, 3)
    """
    arrays = same_length(arrays, "train_test_split")
    rows = len(arrays[0])
    test = part_size(test_size, rows, "test_size")
    return divide(arrays, {"train": rows - test, "test": test}, stratify, seed)


def train_val_test_split(*arrays, val_size=0.1, test_size=0.2, stratify=None, seed=0):
    """Divide the rows in three: returns x_train, x_val, x_test, y_train, y_val, y_test for arrays x, y.

    The validation part is for choosing (when to stop, which model), the test part for the final figure
    only. Both sizes are fractions of all rows, or numbers of rows; all else is as in `train_test_split`.

    >>> x_train, x_val, x_test = train_val_test_split(np.arange(10), val_size=0.2, test_size=0.3)
    >>> len(x_train), len(x_val), len(x_test)
    (5, 2, 3)
    """
    arrays = same_length(arrays, "train_val_test_split")
    rows = len(arrays[0])
    val = part_size(val_size, rows, "val_size")
    test = part_size(test_size, rows, "test_size")
    return divide(arrays, {"train": rows - val - test, "val": val, "test": test}, stratify, seed)


def part_size(size, rows, name):
    """The number of rows that a fraction or a count asks for."""
    if isinstance(size, (float, np.floating)):
        if not 0 < size < 1:
            raise ArgumentError(f"{name} must be a fraction between 0 and 1 or a number of rows, not {size}.")
        return round(float(size) * rows)
    return whole_number(size, name, least=1)


def divide(arrays, sizes, stratify, seed):
    """Cut all arrays into parts of the given sizes (name -> rows): part by part of the first array, then on."""
    parts = rows_of_parts(len(arrays[0]), sizes, stratify, seed)
    return tuple(array[part] for array in arrays for part in parts)


def rows_of_parts(rows, sizes, stratify, seed):
    """The row numbers of each part, in a random order."""
    empty = [name for name, size in sizes.items() if size < 1]
    if empty:
        asked = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ArgumentError(
            f"{rows} rows cannot be divided like that: the parts would get {asked}, and {empty[0]} needs at least 1.",
            remedy="Ask for other sizes (0.2 is a fifth, 20 are 20 rows), or bring more rows.",
        )
    labels = np.zeros(rows, np.int64) if stratify is None else class_numbers(stratify, rows, sizes)

    order = permutation(rows, whole_number(seed, "seed"), SPLIT)
    part_of_row = np.empty(rows, np.int64)
    for label, shares in enumerate(fair_shares(np.bincount(labels).tolist(), list(sizes.values()))):
        members = order[labels[order] == label]
        part_of_row[members] = np.repeat(np.arange(len(sizes)), shares)
    return in_random_order(part_of_row, len(sizes), seed)


def in_random_order(part_of_row, parts, seed):
    """The row numbers of each part.

    Within a part the rows stand in another random order. In the first one, each class leaves a part at a place of its
    own, so the beginning and the end of a part would have more of some classes than of others.
    """
    order = permutation(len(part_of_row), seed, SPLIT, 1)
    return [order[part_of_row[order] == part] for part in range(parts)]


def class_numbers(stratify, rows, sizes):
    """The class of each row as 0, 1, 2 ..., after checking that every class can be in every part."""
    stratify = np.asarray(stratify)
    if stratify.shape != (rows,):
        raise ShapeError(f"stratify needs one label for each row, shape ({rows},), but has shape {stratify.shape}.")
    classes, labels, counts = np.unique(stratify, return_inverse=True, return_counts=True)
    rarest = counts.argmin()
    if counts[rarest] < len(sizes):
        raise ArgumentError(
            f"Class {classes[rarest]} has {counts[rarest]} row(s); to be in each of the {len(sizes)} parts "
            f"it needs at least {len(sizes)}.",
            remedy="Leave out stratify, or bring more rows of that class.",
        )
    for name, size in sizes.items():
        if size < len(classes):
            raise ArgumentError(
                f"The {name} part gets {size} row(s), too few for {len(classes)} classes.",
                remedy=f"Make the {name} part larger, or leave out stratify.",
            )
    return labels.reshape(rows)


def fair_shares(class_counts, part_sizes):
    """How many rows of each class go to each part: lists of whole numbers, one list for each class.

    Class c has the exact share n_c * size / n of a part. Each share is rounded down; what a class still
    has to give then goes, one row each, to the parts that lack most. So every number is the exact share
    rounded up or down, each class gives all its rows, and each part gets its size: the rule of Gale and
    Ryser (1957) for tables of zeros and ones with given sums of rows and columns.

    >>> fair_shares([5, 5], [7, 3])
    [[4, 1], [3, 2]]
    """
    rows = sum(class_counts)
    shares = [[count * size // rows for size in part_sizes] for count in class_counts]
    lacking = [size - sum(column) for size, column in zip(part_sizes, zip(*shares, strict=True), strict=True)]
    for count, share in zip(class_counts, shares, strict=True):
        remainders = [count * size % rows for size in part_sizes]
        neediest = sorted(range(len(part_sizes)), key=lambda part: (-lacking[part], -remainders[part]))
        for part in neediest[: count - sum(share)]:
            share[part] += 1
            lacking[part] -= 1
    return shares
