"""Tensor: the notation over the ops."""

from pellucid.tensors import autograd
from pellucid.tensors.core import Tensor
from pellucid.tensors.create import (
    arange,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from pellucid.tensors.functions import matmul, maximum, minimum, where
from pellucid.tensors.promote import as_tensor
from pellucid.tensors.random import Generator, default_generator, manual_seed, rand, randint, randn, randperm
from pellucid.tensors.shape import cat, stack
from pellucid.tensors.state import State

__all__ = [
    "Generator",
    "State",
    "Tensor",
    "arange",
    "as_tensor",
    "autograd",
    "cat",
    "default_generator",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "manual_seed",
    "matmul",
    "maximum",
    "minimum",
    "ones",
    "ones_like",
    "rand",
    "randint",
    "randn",
    "randperm",
    "stack",
    "tensor",
    "where",
    "zeros",
    "zeros_like",
]
