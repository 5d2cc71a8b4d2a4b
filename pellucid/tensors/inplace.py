"""Changing a tensor in place: `+=`, `x[i] = v`, and the methods that end in `_`.

A State is written where it lies. An ordinary tensor gets new memory, so that no view and no step that used
the old numbers sees the change. In a recording only State can be changed.
"""

import functools

import numpy as np

from pellucid.engine import LEAF, Setting, Spec, Value, mode
from pellucid.errors import DtypeError, GradientError, RecordingError, ShapeError
from pellucid.ops import AddRows, PutRows, Reshape, TakeRows
from pellucid.tensors.functions import where
from pellucid.tensors.index import as_parts, rows_named, spelled_out, turned
from pellucid.tensors.promote import BOOL, INT64, broadcast, cast, constant, kind_of


class InplaceMixin:
    """The methods of Tensor that change it."""

    owner = None  # of `state.data`: the State

    def __iadd__(self, other):
        return overwrite(self, as_it_was(self) + other)

    def __isub__(self, other):
        return overwrite(self, as_it_was(self) - other)

    def __imul__(self, other):
        return overwrite(self, as_it_was(self) * other)

    def __itruediv__(self, other):
        return overwrite(self, as_it_was(self) / other)

    def add_(self, other, alpha=1):
        """x += alpha * other."""
        return overwrite(self, as_it_was(self) + other * alpha)

    def sub_(self, other, alpha=1):
        """x -= alpha * other."""
        return overwrite(self, as_it_was(self) - other * alpha)

    def mul_(self, other):
        """x *= other."""
        return overwrite(self, as_it_was(self) * other)

    def div_(self, other):
        """x /= other."""
        return overwrite(self, as_it_was(self) / other)

    def clamp_(self, min=None, max=None):
        """Move every element into [min, max]."""
        return overwrite(self, as_it_was(self).clamp(min, max))

    def copy_(self, source):
        """Let this tensor have the numbers of `source`, which broadcasts."""
        if not hasattr(source, "array"):
            source = constant(np.asarray(source))
            kind_of(source.dtype)  # numbers only
        new = broadcast(cast(source, self.dtype), self.shape)
        if new is source and not self.is_state:
            new = Reshape(self.shape)(source)  # numbers of its own, not the memory of `source`
            if mode.local.recording is None:
                new.array = np.array(new.array)
        return overwrite(self, new)

    def fill_(self, value):
        """Make every element `value`."""
        return self.copy_(value)

    def zero_(self):
        """Make every element 0."""
        return self.copy_(0)

    def assign(self, new):
        """The same as `copy_`, without broadcasting: State's word for it."""
        if new.shape != self.shape:
            raise ShapeError(f"cannot assign a value of shape {new.shape} to a tensor of shape {self.shape}.")
        return self.copy_(new)

    @property
    def data(self):
        """The same numbers without their history. Assigning copies into the tensor.

        What is changed in place in the `.data` of a State is changed in the State: `w.data.add_(1)`, `w.data[0] = 1`.
        """
        y = mode.family()
        y.array = self._memory(".data")
        y.owner = self if self.is_state else None
        return y

    @data.setter
    def data(self, source):
        source = source if hasattr(source, "array") else constant(np.asarray(source))
        if self.is_state and source.shape != self.shape:
            raise ShapeError(
                f"data of shape {source.shape} does not fit a State of shape {self.shape}, which keeps its memory."
            )
        if mode.local.recording is not None or self.is_state:
            with_no_grad(self, source)
        else:
            replace_array(self, np.array(source.array), None)

    def __setitem__(self, index, value):
        value = value if hasattr(value, "array") else constant(np.asarray(value, self.dtype))
        overwrite(self, replaced(as_it_was(self), index, value))


def in_place(method):
    """The method of this name with `_` behind it, which changes the tensor instead of making a new one."""
    name = method.__name__

    @functools.wraps(method)
    def change(self, *arguments, **named):
        return overwrite(self, getattr(as_it_was(self), name)(*arguments, **named))

    change.__name__ = f"{name}_"
    change.__doc__ = f"`{name}`, in place."
    return change


def with_no_grad(x, source):
    """Assign without asking about gradients: `.data` means just that."""
    new = cast(source, x.dtype)
    if x.is_state:
        x.assign(new)
    else:
        overwrite(x, new)


def as_it_was(x):
    """What the step of an in-place change must remember: x itself will have other numbers, and another step."""
    if x.is_state:
        return x  # no gradient flows through an assignment
    y = mode.family()
    vars(y).update(vars(x))
    return y


def overwrite(x, new):
    """Let x have the value `new`, which was computed from it."""
    if new is NotImplemented:
        return new
    if new.shape != x.shape:
        raise ShapeError(
            f"an in-place change cannot turn shape {x.shape} into {new.shape}: the result must keep the shape."
        )
    if kind_of(new.dtype) > kind_of(x.dtype):
        raise DtypeError(
            f"an in-place change cannot put {new.dtype} into {x.dtype}.", remedy="Compute a new tensor: x = x + y."
        )
    new = cast(new, x.dtype)
    if x.step is LEAF and mode.local.grad:
        raise GradientError(
            "a leaf that requires a gradient was changed in place while steps are noted.",
            remedy="Update parameters inside `with pc.no_grad():`.",
        )
    if x.step is LEAF and not x.is_state:
        x.requires_grad_()
    if x.is_state:
        x.assign(new)
    elif mode.local.recording is not None:
        mode.local.recording.overwrite(x, new)
    else:
        replace_array(x, new.array, new.step)
    return x


def replace_array(x, array, step):
    """Give an ordinary tensor other numbers, and note when. If it is the `.data` of a State, that one gets them."""
    if x.owner is not None:
        x.owner.assign(constant(array))
        array = x.owner.array
    x.array, x.step = array, step
    mode.clock += 1
    x.changed = mode.clock


def replaced(x, index, value):
    """x with `value` at `index`, as a new value."""
    parts = as_parts(index)
    if not all(is_known(part) for part in parts):
        return replaced_where_recorded(x, parts, value)
    if x.array.ndim == 0 and parts in ((), (Ellipsis,)):
        return broadcast(cast(value, x.dtype), ())
    eager = type(x.array) is not Spec and not x.requires_grad and not value.requires_grad
    eager = eager and mode.local.recording is None
    if eager and (all(map(is_regular, parts)) or all(map(is_index, parts))):
        # NumPy means the same by numbers and plain slices, and by index tensors alone.
        array = np.array(x.array, order="C")
        try:
            array[tuple([part.array if isinstance(part, Value) else part for part in parts])] = value.array
        except (IndexError, ValueError):
            pass  # the way below knows the better message
        else:
            return constant(array)
    with Setting(tracer=None, recording=None):
        numbers = constant(np.arange(x.numel()).reshape(x.shape))
        chosen = numbers[parts].array  # which elements are replaced
    value = fitted(value, chosen.shape, x.dtype)
    if eager:
        array = np.array(x.array, order="C")
        array.reshape(-1)[chosen] = value.array
        return constant(array)
    # Each position knows which element of `value` it takes, if any.
    source = np.full(x.shape, -1, np.int64)
    source.reshape(-1)[chosen] = np.arange(chosen.size).reshape(chosen.shape)
    if chosen.size == 0:
        return Reshape(x.shape)(x)
    taken = TakeRows()(value.reshape(-1), constant(np.maximum(source, 0)))
    return taken.where(constant(source >= 0), x)


def is_regular(part):
    """Is this part of an index a number, or a slice without a step?"""
    return isinstance(part, (int, slice)) and getattr(part, "step", None) is None


def is_index(part):
    """Is this part of an index a tensor of positions or a mask?"""
    return isinstance(part, Value) and part.array.dtype in (INT64, BOOL)


def replaced_where_recorded(x, parts, value):
    """x with `value` at an index whose numbers are not known yet."""
    if len(parts) == 1 and parts[0].dtype == bool:
        mask = parts[0]
        if mask.shape == x.shape[: mask.ndim] and value.numel() == 1:
            each = mask.reshape(*mask.shape, *[1] * (x.ndim - mask.ndim))
            return where(each, cast(value.reshape(()), x.dtype), x)
    parts = spelled_out(x, parts)
    if any(
        isinstance(part, int) or part is None or (isinstance(part, slice) and part != slice(None)) for part in parts
    ):
        raise RecordingError(
            "x[index] = value with numbers or slices beside an index that is being recorded.",
            remedy="Write x = x.index_put((rows, columns), value), or pc.where(mask, value, x).",
        )
    return put_rows(x, parts, value)


def put_rows(x, parts, value, accumulate=False):
    """x with `value` at an index with arrays and whole axes, or with it added there."""
    rows, index, order, back = rows_named(x, parts)
    shape = tuple([(*index.shape, *rows.shape[1:])[axis] for axis in back])
    value = turned(fitted(value, shape, x.dtype), inverse(back))
    if accumulate:
        y = AddRows(rows.shape[0], index.ndim)(index, value)
    else:
        y = PutRows("set")(rows, index.reshape(-1), value.reshape(index.numel(), *rows.shape[1:]))
    y = turned(y.reshape([x.shape[axis] for axis in order]), inverse(order))
    return x + y if accumulate else y


def inverse(order):
    """The order of axes that undoes `order`."""
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def fitted(value, shape, dtype):
    """The value in the dtype and shape of what it replaces."""
    value = cast(value, dtype)
    extra = value.ndim - len(shape)
    if extra > 0 and value.shape[:extra] == (1,) * extra:
        value = value.reshape(value.shape[extra:])  # as NumPy and PyTorch allow here
    return broadcast(value, shape)


def is_known(index):
    """Does this part of an index have numbers now? In a recording, what is recorded and what is State has none."""
    if not hasattr(index, "array"):
        return True
    return type(index.array) is not Spec and not (index.is_state and mode.local.recording is not None)
