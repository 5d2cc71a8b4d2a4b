"""Spec: what is known of a value before its numbers are. While a step is recorded, it stands in place of the array."""

import numpy as np

from pellucid import errors
from pellucid.modes import mode


class Spec:
    """Shape and dtype: all that is known of a value before its numbers are.

    >>> Spec((32, 10), np.float32)
    float32[32, 10]
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape, dtype):
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)

    def __eq__(self, other):
        return type(other) is Spec and self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self):
        return hash((self.shape, self.dtype))

    def __repr__(self):
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"

    def __array__(self, *args, **kwargs):
        raise has_no_numbers("a number")


def has_no_numbers(asked):
    """The error for whoever asks a recorded value for its numbers."""
    if mode.local.recording is None:
        return errors.RecordedValueError(
            f"{asked} was asked of a value that was recorded in a compiled step and kept after it ended.",
            remedy="Return it from the step, in tuples, lists or dicts, instead of keeping it.",
        )
    return errors.RecordedValueError(
        f"{asked} was asked of a value that is being recorded: it has a shape and a dtype, but no numbers yet.",
        remedy="Return it from the step and look there; choose with pc.where(condition, a, b), select with a mask.",
    )
