"""The operators of Tensor, for those who look at a mixin alone: type checkers and editors."""

from collections.abc import Callable
from typing import Any


class Operators:
    """What the mixins may write about themselves. Tensor, which is made of them, has it all."""

    array: Any
    dtype: Any
    shape: Any
    ndim: Any
    step: Any
    requires_grad: Any
    __add__: Callable
    __radd__: Callable
    __sub__: Callable
    __rsub__: Callable
    __mul__: Callable
    __rmul__: Callable
    __truediv__: Callable
    __rtruediv__: Callable
    __pow__: Callable
    __rpow__: Callable
    __matmul__: Callable
    __neg__: Callable
    __gt__: Callable
    __ge__: Callable
    __lt__: Callable
    __le__: Callable
    __and__: Callable
    __or__: Callable
    __xor__: Callable
