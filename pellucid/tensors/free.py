"""Functions that are methods: `pc.exp(x)` is `x.exp()`, for whatever can become a tensor.

PyTorch has nearly every operation twice, as a function and as a method. Here the method is written, with its
explanation, and this file makes the function of the same name from it.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from pellucid.tensors.promote import as_tensor

P = ParamSpec("P")
R = TypeVar("R")


def free(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """The function that calls the method of this name; PyTorch calls its first argument `input`.

    The method is looked up at each call, so that a piece of the workshop can take its place.
    """
    name = method.__name__

    @functools.wraps(method)
    def function(input, *arguments, **named):
        return getattr(as_tensor(input), name)(*arguments, **named)

    _, *others = inspect.signature(method).parameters.values()
    own = inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    function.__signature__ = inspect.Signature([own, *others])  # pyright: ignore[reportAttributeAccessIssue]
    return function
