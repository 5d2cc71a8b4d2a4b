"""Functions of two and three tensors: they bring their operands together, then apply one op."""

from pellucid.engine import Spec
from pellucid.errors import DtypeError
from pellucid.ops import Matmul, Maximum, Minimum, Where
from pellucid.tensors.promote import BOOL, as_tensor, broadcast, cast, common_shape, meet, meet_shapes, operand


def binary(op, a, b):
    """op(a, b) once both have one shape and dtype."""
    pair = meet(a, b)
    return NotImplemented if pair is None else op(*pair)


def swapped(op, a, b):
    """op(b, a) once both have one shape and dtype: for operators whose left side was not a tensor."""
    pair = meet(a, b)
    return NotImplemented if pair is None else op(pair[1], pair[0])


def logical(op, a, b):
    """and, or: both sides as bool."""
    b = operand(b, a)
    return NotImplemented if b is None else op(*meet_shapes(cast(a, BOOL), cast(b, BOOL)))


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
    if rows:
        a = a.unsqueeze(0)
    if columns:
        b = b.unsqueeze(1)
    if a.array.dtype != b.array.dtype:
        Matmul().infer(Spec(a.array.shape, a.array.dtype), Spec(b.array.shape, b.array.dtype))  # knows the message
    fits = a.array.ndim and b.array.ndim and a.array.shape[-1] == b.array.shape[-2]
    if fits and a.array.shape[:-2] != b.array.shape[:-2]:
        batch = common_shape(a.array.shape[:-2], b.array.shape[:-2])
        a = broadcast(a, (*batch, *a.array.shape[-2:]))
        b = broadcast(b, (*batch, *b.array.shape[-2:]))
    y = Matmul()(a, b)
    if rows:
        y = y.squeeze(-2)
    return y.squeeze(-1) if columns else y


def where(condition, a, b):
    """a where the condition holds, else b, element by element. All three broadcast.

    >>> import pellucid as pc
    >>> pc.where(pc.tensor([True, False]), 1.0, pc.tensor([5.0, 6.0]))
    tensor([1., 6.])
    """
    condition = as_tensor(condition)
    if condition.dtype != BOOL:
        raise DtypeError(f"where needs a bool condition, not {condition.dtype}.", remedy="Ask: where(x != 0, a, b).")
    if hasattr(b, "array") and not hasattr(a, "array"):
        b, a = brought_together("where", b, a)
    else:
        a, b = brought_together("where", as_tensor(a), b)
    shape = condition.array.shape
    if all(x.array.shape == shape or (x.array.shape == () and x.step is None) for x in (a, b)):  # the usual case
        return Where()(condition, a, b)
    shape = common_shape(shape, a.shape, b.shape)
    return Where()(*[x if x.shape == () and not x.requires_grad else broadcast(x, shape) for x in (condition, a, b)])


def maximum(a, b):
    """The larger of a and b, element by element; they broadcast."""
    return Maximum()(*brought_together("maximum", as_tensor(a), b))


def minimum(a, b):
    """The smaller of a and b, element by element; they broadcast."""
    return Minimum()(*brought_together("minimum", as_tensor(a), b))


def brought_together(name, a, b):
    """Both in one shape and dtype; an error if b is nothing that can stand beside a tensor."""
    pair = meet(a, b)
    if pair is None:
        raise DtypeError(f"{name} takes tensors, arrays and numbers, not {type(b).__name__}.")
    return pair
