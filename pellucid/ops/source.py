"""Random numbers that need no hidden state: element i of a draw is a function of (seed, count, i).

So a draw can be repeated anywhere: in the backward pass instead of storing a dropout mask, in C, on any
number of threads, with the same bits. The idea is Salmon et al., "Parallel random numbers: as easy as
1, 2, 3" (2011); the mixing function and how it was tested are in docs/choices/random-numbers.md.
"""

import math

import numpy as np

from pellucid.engine import Op, Spec
from pellucid.errors import DtypeError, ShapeError


def mix(x):
    """Scramble uint32 numbers in place so that every input bit can change every output bit."""
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x21F0AAAD)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x735A2D97)
    x ^= x >> np.uint32(15)
    return x


def random_bits(key, n):
    """n uint32 numbers from key = (seed, count)."""
    words = mix(np.array([key[0], key[0] ^ np.uint32(0x9E3779B9)], np.uint32))
    first, second = mix(words + np.array([key[1], ~key[1]], np.uint32))
    x = np.arange(n, dtype=np.uint32)
    x += first
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x21F0AAAD)
    x ^= second
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x735A2D97)
    x ^= x >> np.uint32(15)
    return x


class Uniform(Op):
    """Numbers from [0, 1), each equally likely, from the uint32 pair key = (seed, count).

    float32 has 24 bits of mantissa, so 24 random bits make one number; float64 takes 53 from two words.
    """

    reads_inputs = False
    reads_output = False

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
        n = math.prod(self.shape)
        if self.dtype == "float32":
            y = (random_bits(key, n) >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
        else:
            bits = random_bits(key, 2 * n).astype(np.uint64)
            y = ((bits[:n] << np.uint64(21)) ^ (bits[n:] >> np.uint64(11))).astype(np.float64) * 2**-53
        return y.reshape(self.shape)

    def gradient(self, g, y, key):
        return None
