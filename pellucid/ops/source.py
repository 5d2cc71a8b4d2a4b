"""Random numbers that need no hidden state: element i of a draw is a function of (seed, count, i).

So a draw can be repeated anywhere: in the backward pass instead of storing a dropout mask, in C, on any
number of threads, with the same bits. The idea is Salmon et al., "Parallel random numbers: as easy as
1, 2, 3" (2011); the mixing function and how it was tested are in docs/choices/random-numbers.md.
"""

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
    a = random_word(seed, WEYL, OTHER)
    b = random_word(a, OTHER, WEYL)
    k1 = random_word(count, a, b)
    return k1, random_word(k1, b, a)


BLOCK = 32768  # numbers worked on together, so that they stay in the cache
STEPS = np.arange(BLOCK, dtype=np.uint32) * np.uint32(WEYL)


def random_words(k1, k2, start, n):
    """`random_word` for the elements start .. start + n - 1, n at most BLOCK, as a uint32 array."""
    x = STEPS[:n] + np.uint32((start * WEYL + k1) & MASK)
    x ^= x >> np.uint32(16)
    x *= np.uint32(FIRST)
    x += np.uint32(k2)
    x ^= x >> np.uint32(15)
    x *= np.uint32(SECOND)
    x ^= x >> np.uint32(15)
    return x


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
        self.infer(Spec(key.shape, key.dtype))
        k1, k2 = draw_keys(int(key[0]), int(key[1]))
        y = np.empty(math.prod(self.shape), self.dtype)
        for start in range(0, len(y), BLOCK):
            part = y[start : start + BLOCK]
            words = random_words(k1, k2, start, len(part))
            if self.dtype == "float32":
                part[:] = words >> np.uint32(8)
                part *= np.float32(2**-24)
            else:
                part[:] = words >> np.uint32(5)
                part *= 2.0**26
                part += random_words(k2, k1, start, len(part)) >> np.uint32(6)
                part *= 2.0**-53
        return y.reshape(self.shape)
