"""From a tensor to its numbers, and from one dtype to another.

Whoever asks a recorded value for its numbers is told that there are none yet: `known` is the one place.
"""

from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec, Value, has_no_numbers, mode
from pellucid.errors import DtypeError, ShapeError, UnsupportedError
from pellucid.tensors.promote import BOOL, FLOAT32, INT64, cast, dtype_of, kind_of


class NumbersMixin:
    """The methods of Tensor that convert it, and that give its numbers away."""

    __getitem__: Callable  # IndexMixin has it
    exposed = False  # has the memory of a State been handed out, so that it may change without an assignment?

    def numpy(self):
        """The numbers as a NumPy array: the tensor's own memory, not a copy."""
        return self._memory(".numpy()")

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

    def _memory(self, asked):
        """The same, for one who may also write there. A State remembers that it was given away."""
        array = self.known(asked)
        if self.is_state:
            self.exposed = True
        return array

    def __array__(self, dtype=None, copy=None):
        asked = "np.asarray()"
        return np.array(self.known(asked) if copy else self._memory(asked), dtype=dtype, copy=copy)

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

    def __contains__(self, element):
        """Is an element equal to this?"""
        equal = self == element  # False, if they cannot be compared
        return bool(equal.any()) if isinstance(equal, Value) else False

    # ---- dtype

    @property
    def dtype(self):
        """The dtype of the elements, a NumPy dtype."""
        return self.array.dtype

    def to(self, dtype):
        """The same numbers in another dtype, or in that of another tensor. All is computed by the processor, "cpu"."""
        if isinstance(dtype, str) and dtype.partition(":")[0] in ("cpu", "cuda", "mps"):
            if dtype != "cpu":
                raise UnsupportedError(f"there is no device {dtype!r}: all is computed by the processor.")
            return self
        dtype = dtype.dtype if isinstance(dtype, Value) else dtype_of(dtype)
        return cast(self, dtype)

    def type_as(self, tensor):
        """The same numbers in the dtype of another tensor."""
        return cast(self, tensor.dtype)

    def float(self):
        """As float32."""
        return cast(self, FLOAT32)

    def double(self):
        """As float64."""
        return cast(self, np.dtype(np.float64))

    def half(self):
        """As float16."""
        return cast(self, np.dtype(np.float16))

    def long(self):
        """As int64."""
        return cast(self, INT64)

    def int(self):
        """As int32."""
        return cast(self, np.dtype(np.int32))

    def short(self):
        """As int16."""
        return cast(self, np.dtype(np.int16))

    def char(self):
        """As int8."""
        return cast(self, np.dtype(np.int8))

    def byte(self):
        """As uint8."""
        return cast(self, np.dtype(np.uint8))

    def bool(self):
        """As bool: what is not 0 is True."""
        return cast(self, BOOL)

    def is_floating_point(self):
        """Are the elements floats?"""
        return self.dtype.kind == "f"
