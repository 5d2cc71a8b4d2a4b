"""Small helpers by Keras' names: one-hot rows, rows of length 1, seeds."""

import random

import numpy as np

from pellucid import blame
from pellucid.errors import ArgumentError, LabelError
from pellucid.keras.missing import answer
from pellucid.keras.names import COUNTS
from pellucid.tensors import manual_seed

__all__ = ["clear_session", "normalize", "set_random_seed", "to_categorical"]


def to_categorical(x, num_classes=None):
    """Class numbers (n,) as one-hot rows float64 (n, num_classes); (n, 1) gives the same. LabelError for others.

    Without num_classes there are as many as the largest number asks for.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    labels = np.asarray(x)
    if labels.size == 0 or labels.dtype.kind not in "biuf":
        raise ArgumentError(f"to_categorical takes the numbers of classes, and {labels.dtype} {labels.shape} came.")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = labels.astype(np.int64)
    classes = int(whole.max()) + 1 if num_classes is None else num_classes
    if (whole != labels).any() or whole.min() < 0 or whole.max() >= classes:
        raise LabelError(
            f"to_categorical: labels are whole numbers from 0 to {classes - 1}, not {whole.min()} .. {whole.max()}."
        )
    rows = np.zeros((*labels.shape, classes))
    np.put_along_axis(rows, whole[..., None], 1.0, -1)
    return rows


def normalize(x, axis=-1, order=2):
    """Rows divided by their length (the norm of this order along the axis); rows of zeros stay.

    >>> normalize([[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    x = np.asarray(x)
    length = np.linalg.norm(x, order, axis, keepdims=True) if x.ndim > 1 else np.atleast_1d(np.linalg.norm(x, order))
    return x / np.where(length == 0, 1.0, length)


def set_random_seed(seed):
    """Let weights, dropout and the order of batches be the same in each run: seeds Pellucid, NumPy and Python.

    >>> set_random_seed(0)
    """
    manual_seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002  programs of users draw from it
    random.seed(seed)


def clear_session():
    """Begin the names of layers anew: dense, dense_1 ...

    >>> clear_session()
    """
    COUNTS.clear()


blame.answer_for(globals())
__getattr__ = answer(__name__)
