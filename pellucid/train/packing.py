"""State dicts of any nesting as flat named tensors and JSON, and back.

An optimizer's state dict holds dicts with numbers as keys, lists, tensors and plain numbers. Safetensors hold
named tensors only, and JSON turns keys into texts. So tensors are taken out under a name that says where they
stood, and dicts are written as lists of pairs.
"""

import numpy as np

from pellucid.errors import ArgumentError, DataFileError
from pellucid.tensors import Tensor

PLAIN = (bool, int, float, str, type(None))


def pack(tree, name, tensors):
    """JSON for `tree`; its tensors are put into the dict `tensors` under names that begin with `name`.

    >>> tensors = {}
    >>> pack({0: [1.5, Tensor.__name__]}, "optimizer", tensors)
    {'pairs': [[0, {'list': [1.5, 'Tensor']}]]}
    """
    if isinstance(tree, (Tensor, np.ndarray)):
        tensors[name] = tree
        return {"tensor": name}
    if isinstance(tree, dict):
        return {"pairs": [[key, pack(value, f"{name}.{key}", tensors)] for key, value in tree.items()]}
    if isinstance(tree, (list, tuple)):
        kind = "tuple" if isinstance(tree, tuple) else "list"
        return {kind: [pack(value, f"{name}.{place}", tensors) for place, value in enumerate(tree)]}
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, PLAIN):
        return tree
    raise ArgumentError(
        f"{name} is a {type(tree).__name__}, which a checkpoint cannot hold: only numbers, texts and tensors."
    )


def unpack(packed, tensors):
    """The tree that `pack` was given."""
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "tensor" and content in tensors:
        return tensors[content]
    if kind == "pairs":
        return {key: unpack(value, tensors) for key, value in content}
    if kind == "list":
        return [unpack(value, tensors) for value in content]
    if kind == "tuple":
        return tuple([unpack(value, tensors) for value in content])
    raise DataFileError(f"a checkpoint names {kind} {content!r}, which it does not hold.")
