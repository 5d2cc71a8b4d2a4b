"""From a tensor to its numbers, and from one dtype to another.

Whoever asks a recorded value for its numbers is told that there are none yet: `known` is the one place.
"""

from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec, has_no_numbers, mode
from pellucid.errors import DtypeError, ShapeError
from pellucid.tensors.promote import BOOL, FLOAT32, cast, kind_of


class NumbersMixin:
    """The methods of Tensor that convert it, and that give its numbers away."""

    __getitem__: Callable  # IndexMixin has it

    def numpy(self):
        """The numbers as a NumPy array: the tensor's own memory, not a copy."""
        return self.lent(".numpy()")

    def item(self):
        """The single number of a tensor with one element, as a Python number."""
        array = self.known(".item()")
        if array.size != 1:
            raise ShapeError(
                f"item() needs a single element, but {Spec(self.shape, self.dtype)} has {array.size}.",
                remedy="Use x.tolist(), or reduce first: x.mean().item().",
            )
        return array.item()

    def tolist(self):
        """The numbers as nested lists."""
        return self.known(".tolist()").tolist()

    def known(self, asked):
        """The numbers, for one who looks at them; an error that says what was `asked` if there are none yet."""
        if type(self.array) is Spec or (self.is_state and mode.local.recording is not None):
            raise has_no_numbers(asked)
        return np.asarray(self.array)

    def lent(self, asked):
        """The numbers, for one who may write there: what compiled steps know of a State's numbers is void then."""
        array = self.known(asked)
        if self.is_state:
            self.loans += 1
        return array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.lent("np.asarray()"), dtype=dtype, copy=copy)

    def __bool__(self):
        array = self.known("true or false (if, while, and, or, not)")
        if array.size != 1:
            raise ShapeError(
                f"a tensor with {array.size} elements is neither true nor false.",
                remedy="Say which is meant: x.any() or x.all().",
            )
        return bool(array.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if kind_of(self.dtype) == 2:
            raise DtypeError(f"only an integer tensor can be an index, not {self.dtype}.")
        return int(self.item())

    def __len__(self):
        if self.ndim == 0:
            raise ShapeError("a tensor without axes has no length.")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # ---- dtype

    @property
    def dtype(self):
        """The dtype of the elements, a NumPy dtype."""
        return self.array.dtype

    def to(self, dtype):
        """The same numbers in another dtype."""
        dtype = np.dtype(dtype)
        kind_of(dtype)
        return cast(self, dtype)

    def float(self):
        """As float32."""
        return self.to(FLOAT32)

    def double(self):
        """As float64."""
        return self.to(np.float64)

    def long(self):
        """As int64."""
        return self.to(np.int64)

    def int(self):
        """As int32."""
        return self.to(np.int32)

    def bool(self):
        """As bool: what is not 0 is True."""
        return self.to(BOOL)
