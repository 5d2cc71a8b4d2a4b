"""Dividing data so that nothing leaks: what the test part shows must not have been learned.

Two leaks are frequent. The same row stands in the training part and in the test part: learned by heart, it looks
understood. And rows of one group (pictures of one patient, sentences of one author) stand in both: the group is
recognised, not the class. So equal rows are looked for, and groups are kept together.
"""

import numpy as np

from pellucid.data.arrays import same_length
from pellucid.data.shuffle import SPLIT, permutation, whole_number
from pellucid.data.splits import class_numbers, in_random_order, part_size, rows_of_parts
from pellucid.errors import ArgumentError, ShapeError

DUPLICATES = ("refuse", "together", "allow")


def split(*arrays, test_size=0.2, val_size=None, stratify=None, groups=None, duplicates="refuse", seed=0):
    """Divide the rows of the arrays: returns x_train, x_test, y_train, y_test for arrays x, y, as `train_test_split`.

    With `val_size` there is a third part, in the middle: x_train, x_val, x_test, y_train, ... Sizes are fractions of
    all rows or numbers of rows. `groups` is an array of n names or numbers: rows of one group stay together. Then sizes
    are met only as well as whole groups allow, and with `stratify` so are the shares of the classes: the largest groups
    first, each goes where most rows of its classes are lacking. Without groups, sizes and shares are exact.

    `duplicates` says what becomes of equal rows of the first array: "refuse" raises an error that names some if they
    would land in different parts, "together" makes equal rows a group, "allow" does not look.

    Raises ArgumentError for a leak, for a part that would be empty or would lack a class; ShapeError for arrays of
    different lengths.

    >>> x = np.array([[1.0], [2.0], [1.0], [3.0], [4.0], [1.0]])
    >>> x_train, x_test = split(x, test_size=0.5, duplicates="together")
    >>> sorted(map(sorted, [x_train.ravel().tolist(), x_test.ravel().tolist()]))
    [[1.0, 1.0, 1.0], [2.0, 3.0, 4.0]]
    """
    arrays = same_length(arrays, "split")
    rows = len(arrays[0])
    test = part_size(test_size, rows, "test_size")
    sizes = {"train": rows - test, "test": test}
    if val_size is not None:
        val = part_size(val_size, rows, "val_size")
        sizes = {"train": rows - val - test, "val": val, "test": test}
    parts = kept_apart(arrays[0], sizes, stratify, groups, duplicates, seed)
    return tuple(array[part] for array in arrays for part in parts)


def k_fold(x, k=5, *, stratify=None, groups=None, duplicates="refuse", seed=0):
    """Divide rows into k folds, each to judge by once: a list of k pairs (training rows, test rows) of row numbers.

    `x` is an array, whose first axis counts the rows, or their number. Each row is in exactly one test part; the sizes
    of these differ by at most one, unless `groups` must stay together. All else is as in `split`.

    >>> for train, test in k_fold(6, k=3):
    ...     print(len(train), len(test))
    4 2
    4 2
    4 2
    """
    x = np.arange(whole_number(x, "x", least=1)) if np.ndim(x) == 0 else same_length([x], "k_fold")[0]
    k = whole_number(k, "k", least=2)
    whole, rest = divmod(len(x), k)
    sizes = {f"fold {i}": whole + (i < rest) for i in range(k)}
    folds = kept_apart(x, sizes, stratify, groups, duplicates, seed)
    return [(np.concatenate([*folds[:i], *folds[i + 1 :]]), test) for i, test in enumerate(folds)]


def check_leakage(*parts):
    """Refuse parts that have a row in common: arrays of rows of one shape, such as x_train and x_test.

    Raises ArgumentError that names the rows.

    >>> check_leakage(np.array([[1, 2]]), np.array([[2, 1], [3, 4]]))
    """
    parts = [same_length([part], "check_leakage")[0] for part in parts]
    shapes = [part.shape[1:] for part in parts]
    if len(set(shapes)) > 1:
        raise ShapeError(f"check_leakage needs rows of one shape; they are {', '.join(map(str, shapes))}.")
    try:
        dtype = np.result_type(*parts)  # 1.0 in float32 is 1.0 in float64, with other bytes
    except TypeError:
        raise ArgumentError(
            f"check_leakage cannot compare {' and '.join(str(part.dtype) for part in parts)}.",
            remedy="Give all parts one dtype.",
        ) from None
    parts = [part.astype(dtype, copy=False) for part in parts]
    first = {}
    for number, part in enumerate(parts):
        for row, mark in enumerate(marks_of(part)):
            other, other_row = first.setdefault(mark, (number, row))
            if other != number:
                raise ArgumentError(
                    f"row {row} of part {number} is row {other_row} of part {other}: what was learned would be tested.",
                    remedy="Divide all rows anew: data.split(..., duplicates='together').",
                )


def kept_apart(x, sizes, stratify, groups, duplicates, seed):
    """The row numbers of each part, with groups in one part each and equal rows as asked."""
    if duplicates not in DUPLICATES:
        raise ArgumentError(f"duplicates must be one of {', '.join(map(repr, DUPLICATES))}, not {duplicates!r}.")
    rows = len(x)
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != (rows,):
            raise ShapeError(f"groups needs one entry for each row, shape ({rows},), but has shape {groups.shape}.")
        groups = np.unique(groups, return_inverse=True)[1].reshape(rows)
    if duplicates == "together":
        groups = joined(equal_rows(x), groups)
    if groups is None:
        parts = rows_of_parts(rows, sizes, stratify, seed)
    else:
        labels = np.zeros(rows, np.int64) if stratify is None else class_numbers(stratify, rows, sizes)
        parts = parts_of_groups(groups, labels, sizes, whole_number(seed, "seed"))
    if duplicates == "refuse":
        refuse_equal_rows(x, parts, list(sizes))
    return parts


def marks_of(x):
    """For each row 16 bytes that tell it from every other: its hash. -0.0 counts as 0.0, and every NaN as the same."""
    import hashlib  # only now: it takes 4 ms

    if x.dtype.hasobject:
        raise ArgumentError(
            "equal rows are looked for among numbers and texts, not objects.", remedy="duplicates='allow'"
        )
    rows = (np.where(np.isnan(row), x.dtype.type(np.nan), row + x.dtype.type(0)) for row in x)
    if x.dtype.kind != "f":
        rows = x
    return [hashlib.blake2b(np.asarray(row).tobytes(), digest_size=16).digest() for row in rows]


def equal_rows(x):
    """A number for each row; equal rows have equal numbers."""
    numbers = {}
    return np.array([numbers.setdefault(mark, len(numbers)) for mark in marks_of(x)], np.int64)


def joined(first, second):
    """Groups such that rows that are together in either division are together."""
    if second is None:
        return first
    group = np.arange(len(first))
    while True:  # each round hands the smallest number on; it ends when nothing changes
        before = group
        for division in (first, second):
            smallest = np.full(division.max(initial=-1) + 1, len(group))
            np.minimum.at(smallest, division, group)
            group = smallest[division]
        if (group == before).all():
            return np.unique(group, return_inverse=True)[1].reshape(len(group))


def parts_of_groups(groups, labels, sizes, seed):
    """The row numbers of each part. The largest groups first, each goes where most rows of its classes are lacking."""
    count = groups.max(initial=-1) + 1
    if count < len(sizes):
        raise ArgumentError(f"{count} group(s) cannot fill {len(sizes)} parts.", remedy="Fewer parts, or more groups.")
    table = np.zeros((count, labels.max(initial=0) + 1), np.int64)  # how many rows of a class a group has
    np.add.at(table, (groups, labels), 1)
    totals = table.sum(axis=0)
    lacking = np.outer(list(sizes.values()), totals) / len(groups)
    part_of_group = np.empty(count, np.int64)
    order = permutation(count, seed, SPLIT)
    for group in order[np.argsort(-table[order].sum(axis=1), kind="stable")]:
        gain = (lacking * (table[group] / totals)).sum(axis=1)
        part = int(gain.argmax())
        part_of_group[group] = part
        lacking[part] -= table[group]
    part_of_row = part_of_group[groups]
    for part, name in enumerate(sizes):
        found = np.bincount(labels[part_of_row == part], minlength=len(totals))
        if not found.all():
            what = "rows" if len(totals) == 1 else f"rows of class number {found.argmin()}"
            raise ArgumentError(
                f"the {name} part would get no {what}: the groups are too few or too large.",
                remedy="Try another seed or other sizes; without stratify, classes are not looked at.",
            )
    return in_random_order(part_of_row, len(sizes), seed)


def refuse_equal_rows(x, parts, names):
    """Raise an error that names equal rows in different parts."""
    number = equal_rows(x)
    part_of_row = np.empty(len(x), np.int64)
    for part, rows in enumerate(parts):
        part_of_row[rows] = part
    first = np.full(number.max(initial=-1) + 1, len(x))
    np.minimum.at(first, number, np.arange(len(x)))
    leaks = np.flatnonzero(part_of_row != part_of_row[first[number]])
    if len(leaks):
        row = leaks[0]
        twin = first[number[row]]
        raise ArgumentError(
            f"rows {twin} and {row} are equal, but one is in the {names[part_of_row[twin]]} part and the other in the "
            f"{names[part_of_row[row]]} part ({len(leaks)} such row{'s' if len(leaks) > 1 else ''}): "
            "what was learned would be tested.",
            remedy="duplicates='together' keeps equal rows in one part; 'allow' does not look.",
        )
