"""The random words of Pellucid in NumPy, as they were tested: element i of draw `count` of a seed."""

import numpy as np

GOLDEN, SALT = 0x9E3779B9, 0x7F4A7C15  # the first and the second half of 2**64 / golden ratio
FIRST, SECOND = 0x21F0AAAD, 0x735A2D97
BLOCK = 32768  # elements worked on together: they stay in the cache
STEPS = np.arange(BLOCK, dtype=np.uint32) * np.uint32(GOLDEN)


def word(i, k1, k2):
    """Element i of the draw with keys (k1, k2), for Python integers."""
    x = (i * GOLDEN + k1) & 0xFFFFFFFF
    x = ((x ^ x >> 16) * FIRST + k2) & 0xFFFFFFFF
    x = ((x ^ x >> 15) * SECOND) & 0xFFFFFFFF
    return x ^ x >> 15


def keys(seed, count):
    """The two keys of a draw, for Python integers: words themselves."""
    a = word(seed, GOLDEN, SALT)
    b = word(a, SALT, GOLDEN)
    k1 = word(count, a, b)
    return k1, word(k1, b, a)


def block(k1, k2, start, n):
    """Elements start to start + n of the draw with keys (k1, k2), as uint32; n is at most BLOCK."""
    x = STEPS[:n] + np.uint32((start * GOLDEN + k1) & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(FIRST)
    x += np.uint32(k2)
    x ^= x >> np.uint32(15)
    x *= np.uint32(SECOND)
    x ^= x >> np.uint32(15)
    return x


def bits(key, n):
    """n words of the draw key = (seed, count), as uint32."""
    k1, k2 = keys(int(key[0]), int(key[1]))
    words = np.empty(n, np.uint32)
    for start in range(0, n, BLOCK):
        part = words[start : start + BLOCK]
        part[:] = block(k1, k2, start, len(part))
    return words


def uniform32(key, n):
    """n numbers in [0, 1) as float32: the top 24 bits of each word, times 2**-24."""
    k1, k2 = keys(int(key[0]), int(key[1]))
    values = np.empty(n, np.float32)
    for start in range(0, n, BLOCK):
        part = values[start : start + BLOCK]
        part[:] = block(k1, k2, start, len(part)) >> np.uint32(8)
        part *= np.float32(2**-24)
    return values


def uniform64(key, n):
    """n numbers in [0, 1) as float64: 27 bits of the word, then 26 bits of the word with the keys exchanged.

    Element i agrees with element i of `uniform32` in its first 24 bits.
    """
    k1, k2 = keys(int(key[0]), int(key[1]))
    values = np.empty(n, np.float64)
    for start in range(0, n, BLOCK):
        part = values[start : start + BLOCK]
        part[:] = block(k1, k2, start, len(part)) >> np.uint32(5)
        part *= 2.0**26
        part += block(k2, k1, start, len(part)) >> np.uint32(6)
        part *= 2.0**-53
    return values
