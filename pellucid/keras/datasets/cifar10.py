"""CIFAR-10: small color pictures."""

import numpy as np

from pellucid import blame, data
from pellucid.keras.datasets.mnist import both


def load_data(path=None):
    """((x_train, y_train), (x_test, y_test)): images uint8 (n, 32, 32, 3) with channels last, labels uint8 (n, 1).

    n is 50,000 for train and 10,000 for test. Places, forms and errors are those of pellucid.data.cifar10.
    """
    parts = both(data.cifar10, path)
    return tuple([(np.ascontiguousarray(x.transpose(0, 2, 3, 1)), y[:, None]) for x, y in parts])


blame.answer_for(globals())
