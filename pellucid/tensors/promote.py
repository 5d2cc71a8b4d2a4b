"""Bringing operands together: one shape, one dtype, by explicit Reshape, Broadcast and Cast steps.

This is the only place that knows of broadcasting and of mixed dtypes, so no gradient rule has to. Results
have the dtype that PyTorch gives them: a higher kind (bool < integer < float) wins, Python numbers and
0-dimensional tensors only decide the kind, and integers that are divided become float32.
"""

import functools
import math
import typing

import numpy as np

from pellucid.engine import Spec, Value, mode
from pellucid.errors import DtypeError, ShapeError, UnsupportedError
from pellucid.ops import Broadcast, Cast, Reshape

KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}
FLOAT32 = np.dtype("float32")
INT64 = np.dtype("int64")
BOOL = np.dtype("bool")
NUMBERS = (bool, int, float, np.generic)
TEXTS = "Texts become numbers first: one for each class (0, 1, ...), or float(text)."


def kind_of(dtype):
    """0 for bool, 1 for integers, 2 for floats."""
    try:
        return KINDS[dtype.kind]
    except KeyError:
        remedies = {"U": TEXTS, "S": TEXTS, "O": "None, rows of several lengths, and other objects are no numbers."}
        raise UnsupportedError(
            f"dtype {dtype} is not supported: use a float, an integer or bool.", remedies.get(dtype.kind)
        ) from None


def dtype_of(name):
    """What may stand for a dtype (pc.float32, "float32", np.float32) as a NumPy dtype."""
    try:
        dtype = np.dtype(name)
    except (TypeError, ValueError):
        raise DtypeError(f"{name!r} is no dtype.", remedy="Say pc.float32, pc.float64, pc.int64 or pc.bool.") from None
    kind_of(dtype)
    return dtype


def number_dtype(number, dtype):
    """The dtype that a Python number has beside a tensor of `dtype`."""
    kind = kind_of(np.asarray(number).dtype)
    if kind <= kind_of(dtype):
        return dtype
    return FLOAT32 if kind == 2 else INT64


@functools.cache
def common_dtype(first, first_is_point, second, second_is_point):
    """The dtype in which two tensors meet; a `point` is 0-dimensional."""
    first_kind, second_kind = kind_of(first), kind_of(second)
    if first_kind != second_kind:
        return first if first_kind > second_kind else second
    if first_is_point != second_is_point:
        return second if first_is_point else first
    return np.promote_types(first, second)


def constant(array):
    """A value that is just numbers."""
    y = mode.family()
    y.array = array
    return y


@functools.lru_cache(4096)
def kept_number(number, kind, dtype):
    # The kind of Python number is part of the key, because True == 1 == 1.0; and 0.0 == -0.0, so no zeros here.
    return constant(np.asarray(number, dtype))


@functools.lru_cache(64)
def kept_zero(sign, dtype):
    """0 or -0."""
    return constant(np.asarray(math.copysign(0.0, sign), dtype))


def number(x, dtype):
    """A Python number as a constant of shape (), which elementwise ops take without a Broadcast."""
    try:
        if x and x == x:
            return kept_number(x, type(x), dtype)
        return kept_zero(math.copysign(1.0, x), dtype) if x == x else constant(np.asarray(x, dtype))
    except OverflowError:
        raise DtypeError(f"the number {x} does not fit into {dtype}.") from None


def operand(x, beside):
    """Anything that may stand beside the tensor `beside` in a formula, as a tensor; None if it may not."""
    if isinstance(x, Value):
        return x
    if type(x) is float and beside.array.dtype.kind == "f":  # the usual case, first
        return number(x, beside.array.dtype)
    if isinstance(x, NUMBERS):
        return number(x, number_dtype(x, beside.array.dtype))
    if isinstance(x, np.ndarray):
        return constant(x)
    return None


def cast(x, dtype):
    """x in `dtype`; x itself if it has it already."""
    return x if x.array.dtype == dtype else cast_to(dtype)(x)


@functools.cache
def cast_to(dtype):
    """The Cast to a dtype, kept: to ask a dtype for its name takes longer than to convert a few numbers."""
    return Cast(dtype.name)


def only_numbers(x):
    """Does nothing but the numbers of x matter? Nobody asks for a gradient, records, watches or has replaced a piece.

    Then a function that is made of many ops may compute with NumPy at once, with the same bits: on a few numbers most
    of the time goes into noting what nobody will read. tests/test_functions_compiled.py compares the two ways.
    """
    if mode.eager:
        return False
    if not mode.special:
        return x.step is None and type(x.array) is not Spec
    local = mode.local
    return local.tracer is None and (x.step is None or not local.grad) and type(x.array) is not Spec


def all_numbers(*values):
    """Does nothing but the numbers of all of these matter?"""
    return all([only_numbers(x) for x in values])  # noqa: C419  a generator is slower


def meet(a, b):
    """Bring the tensor `a` and any operand `b` to one shape and dtype. None if b cannot stand beside a tensor."""
    second = b if isinstance(b, Value) else operand(b, a)
    if second is None:
        return None
    first_dtype, second_dtype = a.array.dtype, second.array.dtype
    if first_dtype is not second_dtype and first_dtype != second_dtype:
        if second is b:
            dtype = common_dtype(first_dtype, a.array.ndim == 0, second_dtype, second.array.ndim == 0)
        else:
            dtype = second_dtype if isinstance(b, NUMBERS) else common_dtype(first_dtype, False, second_dtype, False)
        a, second = cast(a, dtype), cast(second, dtype)
    return meet_shapes(a, second)


def meet_shapes(a, b):
    """Bring two tensors to one shape. A number of shape () without gradient may stay as it is."""
    first, second = a.array.shape, b.array.shape
    if first == second or (second == () and b.step is None) or (first == () and a.step is None):
        return a, b
    for_first, for_second = plan(first, second)
    if only_numbers(a) and only_numbers(b):
        return a, b  # no gradient will ask for the shapes, and NumPy brings them together itself
    for op in for_first:
        a = op(a)
    for op in for_second:
        b = op(b)
    return a, b


@functools.lru_cache(4096)
def plan(first, second):
    """The ops that bring values of two shapes to their common shape, made once for each pair of shapes."""
    shape = common_shape(first, second)
    return spread(first, shape), spread(second, shape)


def common_shape(*shapes):
    """The shape to which values of all these shapes broadcast."""
    if shapes.count(shapes[0] if shapes else ()) == len(shapes):  # np.broadcast_shapes costs 7 us
        return tuple(shapes[0]) if shapes else ()
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            f"values of shape {' and '.join(map(str, shapes))} do not meet: "
            "read from the right, lengths must be equal or 1.",
            remedy="Give the smaller one an axis of length 1 where it is to be repeated: x.unsqueeze(-1), x[:, None].",
        ) from None


@functools.lru_cache(4096)
def spread(have, want) -> tuple:
    """The ops that repeat a value of shape `have` until it has shape `want`."""
    padded = (1,) * (len(want) - len(have)) + have
    reshape = (Reshape(padded),) if padded != have else ()
    return (*reshape, Broadcast(want)) if padded != want else reshape


def broadcast(x, shape):
    """x repeated to `shape`."""
    if x.array.shape == shape:
        return x
    if not broadcasts(x.array.shape, shape):
        raise ShapeError(
            f"{Spec(x.array.shape, x.array.dtype)} cannot be broadcast to {shape}: "
            "read from the right, each of its lengths must be equal or 1."
        )
    ops = spread(x.array.shape, shape)
    if type(ops[-1]) is Broadcast and only_numbers(x):
        y = np.empty(shape, x.array.dtype)
        y[...] = x.array
        return constant(y)
    for op in ops:
        x = op(x)
    return x


@functools.lru_cache(4096)
def broadcasts(have, want):
    """Can a value of shape `have` be repeated until it has shape `want`?"""
    padded = (1,) * (len(want) - len(have)) + have
    return len(padded) == len(want) and all(n in (1, m) for n, m in zip(padded, want, strict=True))


def as_float(x):
    """Integers and bool become float32; floats stay."""
    return x if x.array.dtype.kind == "f" else cast(x, FLOAT32)


def as_tensor(x) -> typing.Any:
    """A tensor as it is; a number or array as a tensor."""
    if isinstance(x, Value):
        return x
    array = np.asarray(x)
    if array.dtype == np.float64 and not isinstance(x, (np.ndarray, np.generic)):
        array = array.astype(FLOAT32)
    kind_of(array.dtype)
    return constant(array)
