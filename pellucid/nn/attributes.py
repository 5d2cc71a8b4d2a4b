"""What setting an attribute of a Module means, where there is a Parameter or a buffer of that name already."""

from pellucid.engine import Value
from pellucid.errors import ArgumentError
from pellucid.nn.parameter import Parameter
from pellucid.tensors import State, Tensor


def require_plain_name(name):
    """A dot in the name of a part would make names in a state dict that lead nowhere."""
    if "." in name:
        raise ArgumentError(f"a part cannot have the name {name!r}: dots stand between the names of parts.")


def takes_numbers(module, name, before, value):
    """Does the buffer `before` take the numbers of `value` instead of being replaced? It stays a buffer then.

    So it is for `self.count = self.count + 1`. ArgumentError for a plain tensor in the place of a Parameter.
    """
    if isinstance(before, Parameter) and isinstance(value, Value) and not isinstance(value, State):
        raise ArgumentError(
            f"{type(module).__name__}.{name} is a Parameter; a plain tensor would be neither learned nor saved.",
            remedy=f"Copy its numbers: with pc.no_grad(): module.{name}.copy_(x). Or set nn.Parameter(x).",
        )
    if not isinstance(before, State) or type(value) is not Tensor or value.requires_grad:
        return False
    if (value.shape, value.dtype) != (before.shape, before.dtype):
        return False
    before.assign(value)
    return True
