"""Random tensors. Each draw uses up one count of the key; `manual_seed` starts the counts again.

The key is a State, so a compiled step goes on drawing where the last call stopped.
"""

import functools
import math
import typing

import numpy as np
from numpy.typing import DTypeLike

from pellucid.engine import Spec, mode
from pellucid.errors import ArgumentError
from pellucid.ops import ArgSort, Uniform
from pellucid.ops.source import BLOCK, MASK, SMALL, drawn, draws_ahead, short_draw
from pellucid.tensors.create import shape_of, tensor
from pellucid.tensors.functions import where
from pellucid.tensors.promote import (
    FLOAT32,
    INT64,
    as_tensor,
    cast,
    common_shape,
    constant,
    dtype_of,
    kind_of,
    only_numbers,
)
from pellucid.tensors.state import State

FLOAT64 = np.dtype(np.float64)
ONE_COUNT = constant(np.array([0, 1], np.uint32))
MINUS_TWO, FULL_TURN = -2.0, 2 * math.pi


def name_of(dtype):
    """The name of a dtype; those of the usual ones are not asked of NumPy, which makes them anew each time."""
    return "float32" if dtype is FLOAT32 else "float64" if dtype is FLOAT64 else dtype_of(dtype).name


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
        name, n = name_of(dtype), math.prod(shape)
        key = self.used_up(n, name, 1)
        if key:
            return constant(short_draw(*key, n, name).reshape(shape).copy())
        y = Uniform(tuple(shape), name)(self.key)
        self.key.assign(self.key + ONE_COUNT)
        return y

    def normal(self, shape, dtype: DTypeLike = FLOAT32):
        """Numbers from the standard normal distribution, by Box and Muller (1958).

        With u, v uniform, sqrt(-2 log(1 - u)) cos(2 pi v) is normal; 1 - u is never 0.
        """
        name, n = name_of(dtype), math.prod(shape)
        key = self.used_up(n, name, 2)
        if key:
            return constant(short_normal(*key, n, name).reshape(shape).copy())
        radius = ((1.0 - self.uniform(shape, dtype)).log() * MINUS_TWO).sqrt()
        return radius * (self.uniform(shape, dtype) * FULL_TURN).cos()

    def used_up(self, n, name, draws):
        """(seed, count) of the next draws, which are used up by this, if they are short and only numbers matter."""
        if n > BLOCK or name not in ("float32", "float64") or not only_numbers(self.key):
            return None
        key = self.key.array
        seed, count = key.tolist()
        key[1] = (count + draws) & MASK
        self.key.touch()
        return seed, count


default_generator = Generator(0)


def short_normal(seed, count, n, dtype):
    """The n numbers, at most BLOCK, that a Generator draws with the counts `count` and the next."""
    if n > SMALL:
        return normal_of(drawn(seed, count, 2, n, dtype))[0]
    draws, odd = draws_ahead(n), count % 2  # pairs of draws may begin at an odd count
    block, at = divmod(count - odd, draws)
    return normals_ahead(seed, block * draws + odd, n, dtype)[at // 2]


@functools.lru_cache(64)
def normals_ahead(seed, first, n, dtype):
    """As `drawn_ahead`: the normal numbers of the next draws from number `first` on, a row for each pair of draws."""
    return normal_of(drawn(seed, first, draws_ahead(n), n, dtype))


def normal_of(draws):
    """The formula of Generator.normal for rows u, v, u, v, ... of uniform numbers."""
    u, v = draws[::2], draws[1::2]
    return np.sqrt(np.log(1.0 - u) * MINUS_TWO) * np.cos(v * FULL_TURN)


def manual_seed(seed):
    """Seed the generator that everything draws from by default: initialisation, dropout, `rand`."""
    return default_generator.manual_seed(seed)


def rand(*size, dtype: DTypeLike = FLOAT32, generator=None, requires_grad=False):
    """Numbers from [0, 1), each equally likely."""
    y = (generator or default_generator).uniform(shape_of(size), dtype or FLOAT32)
    return State(y, True) if requires_grad else y


def randn(*size, dtype: DTypeLike = FLOAT32, generator=None, requires_grad=False):
    """Numbers from the normal distribution with mean 0 and standard deviation 1."""
    y = (generator or default_generator).normal(shape_of(size), dtype or FLOAT32)
    return State(y, True) if requires_grad else y


def randint(low, high: typing.Any = None, size: typing.Any = None, *, generator=None, dtype: DTypeLike = np.int64):
    """Integers from low to high - 1, each equally likely: randint(low, high, size), or from 0: randint(high, size)."""
    if size is None:
        low, high, size = 0, low, high
    if size is None or high <= low:
        raise ArgumentError(f"randint needs a shape and low < high, not {low}, {high} and shape {size}.")
    dtype = INT64 if dtype is np.int64 else dtype_of(dtype)
    u = (generator or default_generator).uniform(shape_of(size), FLOAT64)
    if only_numbers(u):
        return constant(((u.array * float(high - low)).astype(INT64) + low).astype(dtype, copy=False))
    return cast(cast(u * float(high - low), INT64) + low, dtype)


def rand_like(input, *, dtype=None, generator=None):
    """`rand` of the shape and dtype of another tensor."""
    return (generator or default_generator).uniform(input.shape, dtype or input.dtype)


def randn_like(input, *, dtype=None, generator=None):
    """`randn` of the shape and dtype of another tensor."""
    return (generator or default_generator).normal(input.shape, dtype or input.dtype)


def randint_like(input, low, high=None, *, dtype=None, generator=None):
    """`randint` of the shape and dtype of another tensor."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input.shape, dtype=dtype or input.dtype, generator=generator)


def normal(mean, std=1.0, size=None, *, generator=None, dtype: DTypeLike = FLOAT32):
    """Numbers from normal distributions: mean + std z. Mean and std are numbers (with a `size`) or tensors.

    >>> normal(0.0, 1.0, (2, 3)).shape
    (2, 3)
    """
    tensors = [x for x in (mean, std) if hasattr(x, "array")]
    if (size is None) == (not tensors):
        raise ArgumentError("normal needs a size for numbers, and none for tensors.")
    shape = shape_of(size) if size is not None else common_shape(*[x.shape for x in tensors])
    if not hasattr(std, "array") and std < 0:
        raise ArgumentError(f"normal needs a standard deviation of 0 or more, not {std}.")
    z = (generator or default_generator).normal(shape, tensors[0].dtype if tensors else dtype)
    return z * std + mean


def bernoulli(input, p=None, *, generator=None):
    """1 with the probability that the element is (or with p), else 0, in the dtype of `input`. No gradient flows."""
    x = as_tensor(input).detach()
    if p is None and only_numbers(x) and lie_within(x.array, 0, 1):
        u = (generator or default_generator).uniform(x.shape, FLOAT64)
        return constant((u.array < x.array).astype(x.array.dtype))
    require_known(
        x if p is None else as_tensor(p), lambda p: (p >= 0) & (p <= 1), "bernoulli needs probabilities, 0 to 1"
    )
    u = (generator or default_generator).uniform(x.shape, FLOAT64)
    return cast(u < (cast(x, u.dtype) if p is None else p), x.dtype)


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Positions along the last axis, drawn with probabilities in proportion to the weights there (int64).

    A race: the time -log(u) / weight is exponential, and the first is i with probability weight i / sum of all. The
    first ones of one race are a draw without replacement (Efraimidis and Spirakis, 2006).

    >>> multinomial(tensor([0.0, 3.0, 0.0]), 1)
    tensor([1])
    """
    x = as_tensor(input).detach()
    if kind_of(x.dtype) != 2 or x.ndim not in (1, 2) or num_samples < 1:
        raise ArgumentError(f"multinomial takes 1 or 2 axes of float weights, and draws at least 1, not {num_samples}.")
    if not replacement and num_samples > x.shape[-1]:
        raise ArgumentError(f"multinomial cannot draw {num_samples} of {x.shape[-1]} without replacement.")
    require_known(x, lambda x: (x >= 0) & (x < np.inf), "multinomial needs finite weights of 0 or more")
    require_known((x > 0).sum(-1), lambda n: n > 0, "multinomial needs a weight above 0 in each row")
    x = x.unsqueeze(-2).expand(*x.shape[:-1], num_samples, x.shape[-1]) if replacement else x
    u = (generator or default_generator).uniform(x.shape, FLOAT64)
    if only_numbers(x) and not replacement:
        times = np.where(x.array > 0, -np.log(1.0 - u.array) / x.array, np.inf)
        return constant(times.argsort(-1, kind="stable")[..., :num_samples].copy())
    times = where(x > 0, -(1.0 - u).log() / cast(x, u.dtype), float("inf"))
    return times.argmin(-1) if replacement else times.topk(num_samples, -1, largest=False).indices


def randperm(n, *, generator=None):
    """The integers 0 .. n - 1 in random order."""
    return ArgSort(False)((generator or default_generator).uniform((n,), FLOAT64))


def lie_within(array, low, high):
    """Do all numbers lie from low to high? NaN does not."""
    if not array.size:
        return True
    return array.item(array.argmin()) >= low and array.item(array.argmax()) <= high


def require_known(x, holds, what):
    """ArgumentError if the numbers of x are known now (a recorded step has none) and this does not hold for all."""
    if type(x.array) is not Spec and not (x.is_state and mode.local.recording is not None):
        wrong = x.array[~holds(x.array)]
        if wrong.size:
            raise ArgumentError(f"{what}; {wrong.flat[0]} came.")
