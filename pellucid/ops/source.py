"""Random numbers that need no hidden state: element i of a draw is a function of (seed, count, i).

So a draw can be repeated anywhere: in the backward pass instead of storing a dropout mask, in C, on any
number of threads, with the same bits. The idea is Salmon et al., "Parallel random numbers: as easy as
1, 2, 3" (2011); the mixing function and how it was tested are in docs/choices/random-numbers.md.
"""

import functools
import math

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, ShapeError

WEYL, OTHER, FIRST, SECOND, MASK = 0x9E3779B9, 0x7F4A7C15, 0x21F0AAAD, 0x735A2D97, 0xFFFFFFFF


def random_word(i, k1, k2):
    """Element i of the draw with the keys k1 and k2: 32 random bits, for Python integers."""
    x = (i * WEYL + k1) & MASK
    x = ((x ^ x >> 16) * FIRST + k2) & MASK
    x = ((x ^ x >> 15) * SECOND) & MASK
    return x ^ x >> 15


def draw_keys(seed, count):
    """The two keys of draw number `count`: random words themselves, so that no draw is another one shifted."""
    a, b = words_of_seed(seed)
    k1 = random_word(count, a, b)
    return k1, random_word(k1, b, a)


@functools.lru_cache(64)
def words_of_seed(seed):
    """The two words in which all draws of a seed begin: few seeds are in use at a time."""
    a = random_word(seed, WEYL, OTHER)
    return a, random_word(a, OTHER, WEYL)


BLOCK = 32768  # numbers worked on together, so that they stay in the cache
STEPS = np.arange(BLOCK, dtype=np.uint32) * np.uint32(WEYL)
# Arrays of shape (): beside an array, NumPy takes them in two thirds of the time that a number of its own costs.
TIMES_FIRST, TIMES_SECOND, BY_5, BY_6, BY_8, BY_15, BY_16 = [
    np.asarray(n, np.uint32) for n in (FIRST, SECOND, 5, 6, 8, 15, 16)
]


def random_words(k1, k2, start, n):
    """`random_word` for the elements start .. start + n - 1, n at most BLOCK, as a uint32 array."""
    return mixed(STEPS[:n] + np.uint32((start * WEYL + k1) & MASK), np.uint32(k2))


def keys_of_draws(seed, first, draws):
    """`draw_keys` of so many draws from number `first` on, one row each."""
    a, b = words_of_seed(seed)
    k1 = random_words(a, b, first, draws)
    return np.stack([k1, mixed(k1 * np.uint32(WEYL) + np.uint32(b), np.uint32(a))], axis=1)


def rows_of_words(keys, n):
    """The first n words, at most BLOCK, for each of several pairs of keys: one row each, in one go."""
    return mixed(STEPS[:n] + keys[:, :1], keys[:, 1:])


def mixed(x, k2):
    """What `random_word` does after its first line, for uint32 arrays; x is overwritten."""
    x ^= x >> BY_16
    x *= TIMES_FIRST
    x += k2
    x ^= x >> BY_15
    x *= TIMES_SECOND
    x ^= x >> BY_15
    return x


SMALL, AHEAD = 256, 4096  # draws of up to so many numbers are made AHEAD numbers at a time: hardly longer than for one


def draws_ahead(n):
    """How many draws of n numbers are made together: an even number."""
    return AHEAD // max(n, 16) // 2 * 2


def short_draw(seed, count, n, dtype):
    """The n numbers, at most BLOCK, that Uniform draws with the key (seed, count); not to be written to."""
    if n > SMALL:
        return drawn(seed, count, 1, n, dtype)[0]
    draws = draws_ahead(n)
    return drawn_ahead(seed, count // draws, n, dtype)[count % draws]


@functools.lru_cache(64)
def drawn_ahead(seed, block, n, dtype):
    """Draws depend on seed and count only, so the next ones can be made now, and looked up when they are asked for."""
    draws = draws_ahead(n)
    numbers = drawn(seed, block * draws, draws, n, dtype)
    numbers.flags.writeable = False
    return numbers


def drawn(seed, first, draws, n, dtype):
    """The first n numbers, at most BLOCK, of so many draws from number `first` on: one row each."""
    keys = keys_of_draws(seed, first, draws)
    if dtype == "float32":
        y = (rows_of_words(keys, n) >> BY_8).astype(np.float32)
        y *= 2.0**-24
        return y
    y = (rows_of_words(keys, n) >> BY_5).astype(np.float64)
    y *= 2.0**26
    y += rows_of_words(keys[:, ::-1], n) >> BY_6
    y *= 2.0**-53
    return y


class Uniform(Op):
    """Numbers from [0, 1), each equally likely, from the uint32 pair key = (seed, count).

    float32 has 24 bits of mantissa, so the top 24 bits of a word make one number. float64 takes 53: 27 from the
    same word and 26 from the word with the two keys exchanged, so both dtypes agree in their first 24 bits.
    """

    differentiable = False

    shape: tuple[int, ...]
    dtype: str

    def infer(self, key):
        if key.shape != (2,):
            raise ShapeError(f"a random key has shape (2,): seed and count; {key} came.")
        if key.dtype != np.uint32 or self.dtype not in ("float32", "float64"):
            raise DtypeError(f"Uniform makes float32 or float64 from a uint32 key, not {self.dtype} from {key}.")
        return Spec(self.shape, self.dtype)

    def forward(self, key):
        if key.shape != (2,) or key.dtype != np.uint32 or self.dtype not in ("float32", "float64"):
            self.infer(Spec(key.shape, key.dtype))  # knows the message
        n = math.prod(self.shape)
        seed, count = key.tolist()
        if n <= BLOCK:
            return short_draw(seed, count, n, self.dtype).reshape(self.shape).copy()
        k1, k2 = draw_keys(seed, count)
        y = np.empty(n, self.dtype)
        for start in range(0, len(y), BLOCK):
            part = y[start : start + BLOCK]
            words = random_words(k1, k2, start, len(part))
            if self.dtype == "float32":
                part[:] = words >> BY_8
                part *= np.float32(2**-24)
            else:
                part[:] = words >> BY_5
                part *= 2.0**26
                part += random_words(k2, k1, start, len(part)) >> BY_6
                part *= 2.0**-53
        return y.reshape(self.shape)
