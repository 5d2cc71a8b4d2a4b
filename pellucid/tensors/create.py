"""Making tensors out of numbers."""

import operator

import numpy as np
from numpy.typing import DTypeLike

from pellucid.engine import Spec, Value, has_no_numbers
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.tensors.core import Tensor
from pellucid.tensors.promote import FLOAT32, broadcast, kind_of
from pellucid.tensors.state import State


def tensor(data, dtype=None, requires_grad=False):
    """A tensor from a number, nested lists or an array; the numbers are copied.

    Python floats become float32, integers int64; a NumPy array keeps its dtype. With requires_grad the result
    is a State: a leaf that can be learned.

    >>> tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if isinstance(data, Value):
        if type(data.array) is Spec:
            raise has_no_numbers("pc.tensor()")
        data = data.array
    try:
        array = np.array(data, dtype=dtype)
    except ValueError as error:
        why = "its rows have different lengths" if "inhomogeneous" in str(error) else error
        raise DtypeError(
            f"no tensor can be made of this {type(data).__name__}: {why}.",
            remedy="All rows of a nested list need one length.",
        ) from None
    except TypeError as error:  # a dtype that there is not, or a thing that has none of its numbers
        raise DtypeError(
            f"no tensor can be made of {type(data).__name__} with dtype {dtype!r}: {error}.",
            remedy="Dtypes are pc.float32, pc.float64, pc.int64, pc.bool and the like.",
        ) from None
    if dtype is None and array.dtype == np.float64 and not isinstance(data, (np.ndarray, np.generic)):
        array = array.astype(FLOAT32)
    if array.dtype.kind == "O" or array.dtype.kind in "US":
        raise DtypeError(
            f"no tensor can be made of {type(data).__name__} ({array.dtype}): numbers are needed.",
            remedy="Give each class a number: 0, 1, 2 ...",
        )
    kind = kind_of(array.dtype)
    if requires_grad:
        if kind != 2:
            raise DtypeError(
                f"only floats can require a gradient, not {array.dtype}.",
                remedy="Write 1.0 instead of 1, or pass dtype=pc.float32.",
            )
        return State(array, requires_grad=True)
    y = Tensor()
    y.array = array
    return y


def from_numpy(array):
    """A tensor that shares the memory of a NumPy array."""
    kind_of(array.dtype)
    y = Tensor()
    y.array = array
    return y


def full(size, fill_value, dtype=None, requires_grad=False):
    """A tensor of shape `size` in which every element is `fill_value`."""
    one = tensor(fill_value, dtype)
    y = broadcast(one, shape_of(size))
    return State(y, True) if requires_grad else y


def zeros(*size, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of zeros: zeros(2, 3) or zeros((2, 3))."""
    return full(size, 0, dtype or FLOAT32, requires_grad)


def ones(*size, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of ones: ones(2, 3) or ones((2, 3))."""
    return full(size, 1, dtype or FLOAT32, requires_grad)


def zeros_like(x, dtype=None):
    """Zeros of the shape and dtype of x."""
    return full(x.shape, 0, dtype or x.dtype)


def ones_like(x, dtype=None):
    """Ones of the shape and dtype of x."""
    return full(x.shape, 1, dtype or x.dtype)


def full_like(x, fill_value, dtype=None):
    """`fill_value` everywhere, in the shape and dtype of x."""
    return full(x.shape, fill_value, dtype or x.dtype)


def eye(n, m=None, dtype: DTypeLike = FLOAT32):
    """The identity matrix."""
    return tensor(np.eye(n, m, dtype=dtype))


def arange(start, end=None, step=1, dtype=None):
    """start, start + step, ... up to but without end."""
    if end is None:
        start, end = 0, start
    whole = all(isinstance(n, (int, np.integer)) for n in (start, end, step))
    return tensor(np.arange(start, end, step), dtype or (np.int64 if whole else FLOAT32))


def linspace(start, end, steps, dtype: DTypeLike = FLOAT32):
    """`steps` numbers at equal distances from start to end, both included."""
    return tensor(np.linspace(start, end, steps), dtype)


def shape_of(size):
    """zeros(2, 3), zeros((2, 3)) and zeros([2, 3]) mean the same."""
    if isinstance(size, (int, np.integer)):
        return (int(size),)
    if len(size) == 1 and not isinstance(size[0], (int, np.integer)):
        size = size[0]
    try:
        shape = tuple([operator.index(n) for n in size])
    except TypeError:
        raise ArgumentError(
            f"lengths of axes are whole numbers, and {', '.join(map(repr, size))} came.",
            remedy="Divide with //, which gives whole numbers: n // 2.",
        ) from None
    if shape and min(shape) < 0:
        raise ShapeError(f"no tensor has the shape {shape}: lengths are 0 or more.", remedy="Only reshape takes -1.")
    return shape
