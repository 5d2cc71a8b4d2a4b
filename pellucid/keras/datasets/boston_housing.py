"""House prices in Boston, 1978: a small table for regression."""

import numpy as np

from pellucid import blame
from pellucid.data.download import fetch
from pellucid.errors import ArgumentError, DataFileError

FILES = {"boston-housing.data": "e3e36f7b9e5435f9eb8320e106aebad00031fefa3064527da0c71dec59e49b76"}
ROWS, COLUMNS = 506, 14


def load_data(path=None, test_split=0.2, seed=113):
    """((x_train, y_train), (x_test, y_test)): x float64 (n, 13), y float64 (n,), median prices in 1000 dollars.

    The rows are in an order that follows from `seed`, as in Keras; the last share test_split of them is for the test.
    One column, B, was made from the share of black inhabitants: use the table to show what may go wrong, not as advice.

    The file boston-housing.data is looked for in `path`/tabular, in $PELLUCID_DATA/tabular and in the user's cache
    folder. It is not downloaded: DataNotFoundError says where to put it.

    Source: Harrison and Rubinfeld, "Hedonic prices and the demand for clean air" (1978).
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(f"test_split is a share from 0 to below 1, not {test_split}.")
    (file,) = fetch("tabular", FILES, (), path)
    with open(file, encoding="ascii") as lines:
        numbers = np.array(lines.read().split(), np.float64)
    if numbers.size != ROWS * COLUMNS:
        raise DataFileError(f"{file} has {numbers.size} numbers; {ROWS} rows of {COLUMNS} are needed.")
    table = numbers.reshape(ROWS, COLUMNS)
    order = np.arange(ROWS)
    np.random.RandomState(seed).shuffle(order)
    table = table[order]
    first = int(ROWS * (1 - test_split))
    return tuple([(part[:, :-1].copy(), part[:, -1].copy()) for part in (table[:first], table[first:])])


blame.answer_for(globals())
