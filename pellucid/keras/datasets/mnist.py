"""MNIST: handwritten digits."""

import numpy as np

from pellucid import blame, data


def load_data(path=None):
    """((x_train, y_train), (x_test, y_test)): images uint8 (60000, 28, 28) and (10000, 28, 28), labels uint8.

    The files are looked for in `path`/mnist if it is given, in $PELLUCID_DATA/mnist and in the user's cache folder, and
    downloaded where they are missing: see pellucid.data.mnist. DataNotFoundError if they are not to be had.
    """
    return both(data.mnist, path)


def both(load, path):
    """Both parts of a data set, as Keras gives them: labels as uint8."""
    parts = [load(split, path) for split in ("train", "test")]
    return tuple([(x, y.astype(np.uint8)) for x, y in parts])


blame.answer_for(globals())
