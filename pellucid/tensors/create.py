"""Making tensors out of numbers."""

import operator

import numpy as np
from numpy.typing import DTypeLike

from pellucid.engine import Spec, Value, has_no_numbers, mode
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.tensors.core import Tensor
from pellucid.tensors.promote import FLOAT32, INT64, broadcast, cast, constant, kind_of
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
            f"no tensor can be made with dtype {dtype!r} of this {type(data).__name__}: {error}.",
            remedy="Dtypes are pc.float32, pc.float64, pc.int64, pc.bool and the like.",
        ) from None
    if dtype is None and array.dtype == np.float64 and not isinstance(data, (np.ndarray, np.generic)):
        array = array.astype(FLOAT32)
    if array.dtype.kind == "O" or array.dtype.kind in "US":
        held = "text" if array.dtype.kind in "US" else "objects of Python"
        raise DtypeError(
            f"no tensor can be made of {type(data).__name__}: numbers are needed, and it holds {held}.",
            remedy="Give each class a number: 0, 1, 2 ..."
            if held == "text"
            else "Give a number, a list of numbers or a NumPy array of a dtype of numbers.",
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
    if not isinstance(array, np.ndarray):
        raise DtypeError(f"from_numpy takes an array, not {type(array).__name__}.", remedy="pc.tensor takes the rest.")
    kind_of(array.dtype)
    y = Tensor()
    y.array = array
    return y


def full(size, fill_value, *, dtype=None, requires_grad=False):
    """A tensor of shape `size` in which every element is `fill_value`."""
    one, shape = tensor(fill_value, dtype), shape_of(size)
    # A recorded step keeps the number and repeats it where it is read; eagerly, memory is filled at once.
    y = from_numpy(np.full(shape, one.array)) if mode.local.recording is None else broadcast(one, shape)
    return State(y, True) if requires_grad else y


def zeros(*size, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of zeros: zeros(2, 3) or zeros((2, 3))."""
    return full(size, 0, dtype=dtype or FLOAT32, requires_grad=requires_grad)


def ones(*size, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of ones: ones(2, 3) or ones((2, 3))."""
    return full(size, 1, dtype=dtype or FLOAT32, requires_grad=requires_grad)


def empty(*size, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of zeros, like `zeros`: what lies in memory by chance would differ from run to run."""
    return zeros(*size, dtype=dtype, requires_grad=requires_grad)


def zeros_like(input, *, dtype=None, requires_grad=False):
    """Zeros of the shape and dtype of another tensor."""
    return full_like(input, 0, dtype=dtype, requires_grad=requires_grad)


def ones_like(input, *, dtype=None, requires_grad=False):
    """Ones of the shape and dtype of another tensor."""
    return full_like(input, 1, dtype=dtype, requires_grad=requires_grad)


def empty_like(input, *, dtype=None, requires_grad=False):
    """Zeros, like `zeros_like`: see `empty`."""
    return full_like(input, 0, dtype=dtype, requires_grad=requires_grad)


def full_like(input, fill_value, *, dtype=None, requires_grad=False):
    """`fill_value` everywhere, in the shape and dtype of another tensor."""
    return full(input.shape, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad)


def scalar_tensor(s, *, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """A tensor of shape () with this number; float32 unless `dtype` says otherwise."""
    return tensor(s, dtype or FLOAT32, requires_grad)


def eye(n, m=None, *, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """The identity matrix, n times n or n times m: 1 on the diagonal, 0 elsewhere."""
    if n < 0 or (m is not None and m < 0):
        raise ArgumentError(f"eye needs lengths of at least 0, not {n} and {m}.")
    return tensor(np.eye(n, m, dtype=dtype or FLOAT32), requires_grad=requires_grad)


def arange(start, end=None, step=1, *, dtype=None, requires_grad=False):
    """start, start + step, ... up to but without end; arange(end) begins at 0.

    >>> arange(0, 1, 0.25)
    tensor([0.  , 0.25, 0.5 , 0.75])
    """
    if end is None:
        start, end = 0, start
    start, end, step = [plain(n) for n in (start, end, step)]
    if step == 0 or (end - start) * step < 0:
        raise ArgumentError(f"arange cannot go from {start} to {end} in steps of {step}.")
    whole = all(isinstance(n, (int, np.integer)) for n in (start, end, step))
    return tensor(np.arange(start, end, step), dtype or (np.int64 if whole else FLOAT32), requires_grad)


def linspace(start, end, steps, *, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """`steps` numbers at equal distances from start to end, both included.

    >>> linspace(0, 1, 5)
    tensor([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    return tensor(evenly(start, end, steps, dtype, "linspace"), dtype or FLOAT32, requires_grad)


def logspace(start, end, steps, base=10.0, *, dtype: DTypeLike = FLOAT32, requires_grad=False):
    """base ** x for `steps` numbers x at equal distances from start to end.

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    exponents = evenly(start, end, steps, np.float64, "logspace")
    return tensor(np.power(float(base), exponents), dtype or FLOAT32, requires_grad)


def evenly(start, end, steps, dtype, name):
    """Equal distances, counted from the nearer end, so that both ends are met exactly."""
    start, end = plain(start), plain(end)
    if not isinstance(steps, (int, np.integer)) or steps < 0:
        raise ArgumentError(
            f"{name} makes a whole number of steps, 0 or more, not {steps}.",
            remedy="steps counts the numbers; arange(start, end, step) takes the distance between them.",
        )
    step, middle = (end - start) / max(steps - 1, 1), (steps + 1) // 2
    if kind_of(np.dtype(dtype or FLOAT32)) != 2:
        step = np.float64(np.float32(step))  # as PyTorch has it
    if steps < 2:
        return [start] * steps
    y = np.arange(float(steps))
    y[:middle] = start + step * y[:middle]
    y[middle:] = end - step * (steps - 1 - y[middle:])
    return y


def plain(number):
    """A number, also of a tensor with one."""
    return number.item() if isinstance(number, (Value, np.generic)) else number


def vander(x, N=None, increasing=False):  # noqa: N803  PyTorch's name
    """The powers of each element of a vector, one row for each: x^(N-1), ..., x, 1, or `increasing`.

    >>> vander(tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    if x.ndim != 1:
        raise ShapeError(f"vander takes a vector, not shape {x.shape}.")
    powers = np.arange(x.shape[0] if N is None else N)
    powers = constant(powers if increasing else powers[::-1].copy())
    x = x if kind_of(x.dtype) else cast(x, INT64)
    return x.unsqueeze(1) ** cast(powers, x.dtype)


def shape_of(size):
    """zeros(2, 3), zeros((2, 3)) and zeros([2, 3]) mean the same."""
    if not isinstance(size, (tuple, list)):
        size = (size,)
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = size[0]
    try:
        shape = tuple([operator.index(n) for n in size])
    except TypeError:
        raise ArgumentError(
            f"lengths of axes are whole numbers, and {', '.join(map(repr, size))} came.",
            remedy="Divide with //, which gives whole numbers: n // 2; a text becomes one by int(text).",
        ) from None
    if shape and min(shape) < 0:
        raise ShapeError(f"no tensor has the shape {shape}: lengths are 0 or more.", remedy="Only reshape takes -1.")
    return shape
