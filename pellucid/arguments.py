"""The arguments of a compiled step: which of them are tensors, and what the rest is, as something hashable.

A call is taken apart into arrays and a structure. The structure is part of the key of a program, and puts the arguments
together again, with recorded values in place of the tensors.
"""

import numpy as np

from pellucid.engine import Value, mode
from pellucid.errors import ArgumentError, RecordingError
from pellucid.tensors.promote import kind_of


class Slot(str):
    """In the structure of a call: here stands a tensor."""

    __slots__ = ()


def take_apart(tree, name, names, arrays):
    """Collect the tensors and arrays of the arguments; return the hashable structure of the rest."""
    if isinstance(tree, Value):
        if tree.requires_grad and mode.local.grad:
            raise RecordingError(
                f"argument {name} of a compiled step requires a gradient, but arguments are copied in and get none.",
                remedy="Close over parameters: use them inside the step without passing them. "
                "Pass other values as x.detach().",
            )
        names.append(name)
        arrays.append(tree.known("the argument of a compiled step"))
        return Slot(name)
    if isinstance(tree, np.ndarray):
        kind_of(tree.dtype)  # numbers only
        names.append(name)
        arrays.append(np.asarray(tree))
        return Slot(name)
    if isinstance(tree, (tuple, list)):
        parts = [take_apart(part, f"{name}[{i}]" if name else str(i), names, arrays) for i, part in enumerate(tree)]
        return (type(tree), *parts)
    if isinstance(tree, dict):
        parts = [
            (key, take_apart(part, f"{name}.{key}" if name else str(key), names, arrays)) for key, part in tree.items()
        ]
        return (dict, *parts)
    try:
        hash(tree)
    except TypeError:
        raise ArgumentError(
            f"argument {name} of a compiled step is a {type(tree).__name__}, which cannot be told apart by value.",
            remedy="Pass tensors, arrays, numbers, strings, and tuples, lists or dicts of them.",
        ) from None
    if isinstance(tree, (float, np.floating)):  # by their bits, for 0.0 == -0.0, and nan is not even equal to itself
        return (float, type(tree), np.asarray(tree).tobytes(), np.asarray(tree).dtype)
    return (object, type(tree), tree)  # the type is part of the key: 1 == 1.0 == True


def put_together(structure, values):
    """The arguments again, with a value for each slot."""
    if isinstance(structure, Slot):
        return next(values)
    kind, *parts = structure
    if kind is object:
        return parts[1]
    if kind is float:
        number_type, bits, dtype = parts
        return number_type(np.frombuffer(bits, dtype)[0])
    if kind is dict:
        return {key: put_together(part, values) for key, part in parts}
    parts = [put_together(part, values) for part in parts]
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def rebuilt_arguments(structure, values):
    """args and kwargs for the function, with these values in place of the tensors."""
    values = iter(values)
    return put_together(structure[0], values), put_together(structure[1], values)


def plain(key):
    """Is this the key of a call whose arguments are tensors, given by place, and nothing else?"""
    _, ((_, *positional), named), *_ = key
    return named == (dict,) and all(isinstance(part, Slot) for part in positional)
