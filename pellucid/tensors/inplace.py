"""Changing a tensor in place: `+=`, `x[i] = v`, and the methods that end in `_`.

A State is written where it lies. An ordinary tensor gets new memory, so that no view and no step that used
the old numbers sees the change. In a recording only State can be changed.
"""

import numpy as np

from pellucid.engine import LEAF, Spec, mode
from pellucid.errors import DtypeError, GradientError, RecordingError, ShapeError
from pellucid.ops import Reshape, TakeRows
from pellucid.tensors.promote import broadcast, cast, constant, kind_of


class InplaceMixin:
    """The methods of Tensor that change it."""

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
        """The same numbers without their history. Assigning copies into the tensor."""
        y = mode.family()
        y.array = self.memory(".data")
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
        new = replaced(as_it_was(self), index, value)
        overwrite(self, new)


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
    """Give an ordinary tensor other numbers, and note when."""
    x.array, x.step = array, step
    mode.clock += 1
    x.changed = mode.clock


def replaced(x, index, value):
    """x with `value` at `index`, as a new value: each position knows which element of `value` it takes, if any."""
    if type(x.array) is not Spec and not x.requires_grad and not value.requires_grad and mode.local.recording is None:
        array = np.array(x.array)
        try:
            array[plain(index)] = value.array
        except (IndexError, ValueError) as error:
            raise ShapeError(f"x[index] = value does not fit x of {Spec(x.shape, x.dtype)}: {error}.") from None
        return constant(array)
    source = np.full(x.shape, -1, np.int64)
    try:
        chosen = source[plain(index)]
    except IndexError as error:
        raise ShapeError(f"x[index] = value does not fit x of {Spec(x.shape, x.dtype)}: {error}.") from None
    value = cast(value, x.dtype)
    extra = value.ndim - np.ndim(chosen)
    if extra > 0 and value.shape[:extra] == (1,) * extra:
        value = value.reshape(value.shape[extra:])  # as NumPy and PyTorch allow here
    value = broadcast(value, np.shape(chosen))
    source[plain(index)] = np.arange(np.size(chosen)).reshape(np.shape(chosen))
    if np.size(chosen) == 0:
        return Reshape(x.shape)(x)
    taken = TakeRows()(value.reshape(-1), constant(np.maximum(source, 0)))
    return taken.where(constant(source >= 0), x)


def plain(index):
    """An index in NumPy's terms. In a recording it must be known: `known` refuses a recorded one."""
    if isinstance(index, tuple):
        return tuple([plain(part) for part in index])
    if not hasattr(index, "array"):
        return index
    if type(index.array) is Spec:
        raise RecordingError(
            "x[index] = value with an index that is being recorded.",
            remedy="Write x = x.scatter_add(...) or pc.where(mask, value, x).",
        )
    return index.known("an index")
