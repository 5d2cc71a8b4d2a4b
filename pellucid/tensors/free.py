"""Functions that are methods: `pc.exp(x)` is `x.exp()`, for whatever can become a tensor.

PyTorch has nearly every operation twice, as a function and as a method. Here the method is written, with its
explanation, and this file makes the function of the same name from it.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from pellucid.blame import blame, is_ours
from pellucid.engine import Value
from pellucid.errors import UnsupportedError
from pellucid.tensors.promote import NUMBERS, as_tensor, operand

P = ParamSpec("P")
R = TypeVar("R")


def free(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """The function that calls the method of this name; PyTorch calls its first argument `input`.

    The method is looked up at each call, so that a piece of the workshop can take its place.
    """
    name = method.__name__

    @functools.wraps(method)
    def function(input, *arguments, **named):
        if named and "out" in named:
            raise UnsupportedError(f"{name} has no out=.", remedy=f"Take its result: y = pc.{name}(x), y.copy_(...).")
        try:
            x = input if isinstance(input, Value) else first_operand(input, (*arguments, *named.values()))
            return getattr(x, name)(*arguments, **named)
        except Exception as error:
            better = None if is_ours(sys._getframe(1)) else blame(error, name, function, (input, *arguments), named)
            if better is None:
                raise
            raise better from error

    _, *others = inspect.signature(method).parameters.values()
    own = inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    function.answers = True  # pyright: ignore[reportAttributeAccessIssue]  for its arguments, see blame.py
    function.__signature__ = inspect.Signature([own, *others])  # pyright: ignore[reportAttributeAccessIssue]
    return function


def first_operand(x, others):
    """What is no tensor, as one. A Python number beside a tensor only decides the kind: pow(0.1, y) is of y's dtype."""
    beside = next((y for y in others if isinstance(y, Value)), None)
    return as_tensor(x) if beside is None or not isinstance(x, NUMBERS) else operand(x, beside)
