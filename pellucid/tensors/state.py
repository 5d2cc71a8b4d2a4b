"""State as the user meets it: a Tensor that a training step may read and assign."""

import copy

import numpy as np

from pellucid import engine
from pellucid.engine import mode
from pellucid.errors import DtypeError, RecordingError, ShapeError
from pellucid.tensors.core import Tensor
from pellucid.tensors.promote import as_tensor, cast


class State(engine.State, Tensor):
    """A tensor that owns one piece of memory for life. Assigning copies into it; compiled steps see the change.

    Parameters, buffers, optimizer slots, learning rates and random keys are States.

    >>> import pellucid as pc
    >>> count = pc.State(0)
    >>> count += 1
    >>> count
    tensor(1)
    """

    def __init__(self, data, requires_grad=False):
        self.own(as_tensor(data).array)
        self.requires_grad = requires_grad

    @engine.State.grad.setter
    def grad(self, value):
        """Set what `backward` has collected: None, or a tensor of the shape and dtype of this State."""
        self.keep_grad(None if value is None else fitting_gradient(self, value))

    def assign(self, new):
        """Let this State have the numbers of `new`: a tensor of its shape, an array or a number."""
        new = as_tensor(new)
        if new.shape == () and self.shape != ():
            new = new.broadcast_to(self.shape)
        engine.State.assign(self, cast(new, self.array.dtype))
        return self

    def __deepcopy__(self, memo):
        twin = memo[id(self)] = object.__new__(type(self))
        twin.own(self.array)
        for name, value in vars(self).items():
            if name not in ("array", "exposed", "kept_grad", "grad_state", "marks"):
                twin.__dict__[name] = copy.deepcopy(value, memo)
        if self.kept_grad is not None:
            twin.kept_grad = copy.deepcopy(self.kept_grad, memo)
        return twin


State.state_family = State


def fitting_gradient(state, value):
    """Refuse what cannot be the gradient of a State."""
    if not isinstance(value, Tensor):
        raise DtypeError(
            f"a gradient is a tensor or None, not {type(value).__name__}.", remedy="Make one: pc.tensor(...)."
        )
    if value.shape != state.shape:
        raise ShapeError(f"a gradient of shape {value.shape} does not fit shape {state.shape}.")
    if value.dtype != state.dtype:
        raise DtypeError(f"a gradient of dtype {value.dtype} does not fit {state.dtype}.", remedy="Convert it: g.to().")
    if type(value.array) is engine.Spec and mode.local.recording is None:
        raise engine.has_no_numbers(".grad, a gradient,")
    # Of another State it has the numbers of now: they will change.
    return value.detach() if value.is_state and value is not state.grad_state else value


def become_state(x):
    """Turn an ordinary leaf into a State, in place: everyone who holds it then holds a State."""
    memory = engine.aligned(np.asarray(x.array))
    grad, changed = x.grad, x.changed
    for name in ("grad", "changed"):
        x.__dict__.pop(name, None)
    x.__class__ = State
    x.array = memory
    x.assigned = changed
    x.kept_grad = grad


def become_dtype(state, dtype):
    """Give a State other memory, with its numbers in another dtype: the one time that a State moves.

    Compiled programs that hold the old memory look again, and see that it is gone.
    """
    if mode.local.recording is not None:
        raise RecordingError(
            "the dtype of a State was changed inside a step that is being recorded.", remedy="Convert before the step."
        )
    grad = state.kept_grad
    state.array = engine.aligned(state.array.astype(dtype))
    state.grad_state = None
    state.kept_grad = None if grad is None else cast(grad.detach(), dtype)
    state.touch()
    mode.structure += 1
    mode.gradients += 1
