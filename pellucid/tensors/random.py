"""Random tensors. Each draw uses up one count of the key; `manual_seed` starts the counts again.

The key is a State, so a compiled step goes on drawing where the last call stopped.
"""

import math

import numpy as np
from numpy.typing import DTypeLike

from pellucid.ops import Uniform
from pellucid.tensors.create import shape_of, tensor
from pellucid.tensors.promote import FLOAT32, cast
from pellucid.tensors.state import State

ONE_COUNT = np.array([0, 1], np.uint32)


class Generator:
    """A source of random numbers of its own: the pair (seed, count).

    >>> Generator(7).uniform((2,)).shape
    (2,)
    """

    def __init__(self, seed=0):
        self.key = State(np.array([0, 0], np.uint32))
        self.manual_seed(seed)

    def manual_seed(self, seed):
        """Begin again with this seed (an integer; 32 bits of it count)."""
        self.key.assign(tensor(np.array([int(seed) % 2**32, 0], np.uint32)))
        return self

    def uniform(self, shape, dtype: DTypeLike = FLOAT32):
        """Numbers from [0, 1)."""
        y = Uniform(tuple(shape), np.dtype(dtype).name)(self.key)
        self.key.assign(self.key + tensor(ONE_COUNT))
        return y

    def normal(self, shape, dtype: DTypeLike = FLOAT32):
        """Numbers from the standard normal distribution, by Box and Muller (1958).

        With u, v uniform, sqrt(-2 log(1 - u)) cos(2 pi v) is normal; 1 - u is never 0.
        """
        radius = ((1.0 - self.uniform(shape, dtype)).log() * -2.0).sqrt()
        return radius * (self.uniform(shape, dtype) * (2 * math.pi)).cos()


default_generator = Generator(0)


def manual_seed(seed):
    """Seed the generator that everything draws from by default: initialisation, dropout, `rand`."""
    return default_generator.manual_seed(seed)


def rand(*size, dtype: DTypeLike = FLOAT32, generator=None):
    """Numbers from [0, 1), each equally likely."""
    return (generator or default_generator).uniform(shape_of(size), dtype)


def randn(*size, dtype: DTypeLike = FLOAT32, generator=None):
    """Numbers from the normal distribution with mean 0 and standard deviation 1."""
    return (generator or default_generator).normal(shape_of(size), dtype)


def randint(low, high, size, generator=None):
    """Integers (int64) from low to high - 1."""
    span = high - low
    u = (generator or default_generator).uniform(shape_of(size), np.float64)
    return cast(u * float(span), np.dtype(np.int64)) + low


def randperm(n, generator=None):
    """The integers 0 .. n - 1 in random order."""
    return tensor(np.argsort((generator or default_generator).uniform((n,), np.float64).numpy(), kind="stable"))
