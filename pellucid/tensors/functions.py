"""Functions of two and three tensors: they bring their operands together, then apply one op."""

import functools
from typing import Any

import numpy as np

from pellucid.engine import Spec, Value
from pellucid.errors import DtypeError
from pellucid.ops import Matmul, Reshape, Where
from pellucid.tensors.promote import (
    BOOL,
    all_numbers,
    as_float,
    as_tensor,
    broadcast,
    common_shape,
    constant,
    meet,
    only_numbers,
    operand,
)


def binary(op, a, b):
    """op(a, b) once both have one shape and dtype."""
    pair = meet(a, b)
    return NotImplemented if pair is None else op(*pair)


def swapped(op, a, b):
    """op(b, a) once both have one shape and dtype: for operators whose left side was not a tensor."""
    pair = meet(a, b)
    return NotImplemented if pair is None else op(pair[1], pair[0])


def both(op, a, b):
    """op(a, b) for a method: as `binary`, but what cannot stand beside a tensor is an error."""
    pair = meet(a, b)
    if pair is None:
        raise no_operand(op, b)
    return op(*pair)


def both_floats(op, a, b):
    """op(a, b) of floats: integers and bool become float32."""
    pair = meet(a, b)
    if pair is None:
        raise no_operand(op, b)
    a, b = pair
    return op(a, b) if a.array.dtype.kind == "f" else op(as_float(a), as_float(b))


def no_operand(op, b):
    """The error for an operand that is no tensor, array or number."""
    return DtypeError(f"{type(op).__name__} takes tensors, arrays and numbers, not {type(b).__name__}.")


def matmul(a, b):
    """The matrix product over the last two axes; leading axes broadcast. A vector is a row left, a column right.

    >>> import pellucid as pc
    >>> pc.matmul(pc.tensor([[1.0, 2.0]]), pc.tensor([3.0, 4.0]))
    tensor([11.])
    """
    y = product(as_tensor(a), b)
    if y is NotImplemented:
        raise DtypeError(f"matmul takes tensors and arrays, not {type(b).__name__}.")
    return y


def product(a, b):
    """matmul for the operator @: NotImplemented if b cannot stand beside a tensor."""
    b = operand(b, a)
    if b is None:
        return NotImplemented
    rows, columns = a.array.ndim == 1, b.array.ndim == 1
    a_vector_meets = a.array.ndim * b.array.ndim == 2 and a.array.shape[-1] == b.array.shape[0]  # a matrix that fits
    if a_vector_meets and a.array.dtype == b.array.dtype and all_numbers(a, b):
        return constant(np.matmul(a.array, b.array))
    if rows:
        a = Reshape((1, *a.array.shape))(a)
    if columns:
        b = Reshape((*b.array.shape, 1))(b)
    if a.array.dtype != b.array.dtype:
        Matmul().infer(Spec(a.array.shape, a.array.dtype), Spec(b.array.shape, b.array.dtype))  # knows the message
    fits = a.array.ndim and b.array.ndim and a.array.shape[-1] == b.array.shape[-2]
    if fits and a.array.shape[:-2] != b.array.shape[:-2]:
        batch = common_shape(a.array.shape[:-2], b.array.shape[:-2])
        a = broadcast(a, (*batch, *a.array.shape[-2:]))
        b = broadcast(b, (*batch, *b.array.shape[-2:]))
    y = Matmul()(a, b)
    if rows or columns:
        *batch, n, m = y.array.shape
        y = Reshape((*batch, *([] if rows else [n]), *([] if columns else [m])))(y)
    return y


def where(condition, input=None, other=None) -> Any:
    """input where the condition (bool) holds, else other, element by element. All three broadcast.

    With the condition alone, the positions where it holds: a tuple with one int64 tensor for each axis.
    DtypeError if the condition is not bool.

    >>> import pellucid as pc
    >>> pc.where(pc.tensor([True, False]), 1.0, pc.tensor([5.0, 6.0]))
    tensor([1., 6.])
    """
    condition = as_tensor(condition)
    if input is None and other is None:
        return tuple([constant(places) for places in np.nonzero(condition.known("where() of a condition alone"))])
    if condition.dtype != BOOL:
        raise DtypeError(f"where needs a bool condition, not {condition.dtype}.", remedy="Ask: where(x != 0, a, b).")
    if isinstance(other, Value) and not isinstance(input, Value):
        b, a = brought_together("where", other, input)
    else:
        a, b = brought_together("where", as_tensor(input), other)
    shape = shared_shape(condition.array.shape, a.array.shape, b.array.shape)
    if not (only_numbers(a) and only_numbers(b)):  # else NumPy brings them together: see `meet_shapes`
        values = [x if x.array.shape == () and x.step is None else broadcast(x, shape) for x in (condition, a, b)]
        return Where()(*values)
    return Where()(condition, a, b)


@functools.lru_cache(4096)
def shared_shape(*shapes):
    """`common_shape`, worked out once for each combination of shapes."""
    return common_shape(*shapes)


def brought_together(name, a, b):
    """Both in one shape and dtype; an error if b is nothing that can stand beside a tensor."""
    pair = meet(a, b)
    if pair is None:
        raise DtypeError(f"{name} takes tensors, arrays and numbers, not {type(b).__name__}.")
    return pair


def floats_together(name, a, b):
    """As `brought_together`; integers and bool beside each other become float32, beside a float that float's dtype."""
    a, b = brought_together(name, a, b)
    return as_float(a), as_float(b)
