"""The random numbers of transforms: what a picture gets depends on the seed, the epoch and its row, nothing else.

So it does not matter in which batch a picture lies, which thread prepares it, or whether training was interrupted in
between. The function that makes a word of a row and two keys is the one of docs/choices/random-numbers.md.
"""

import functools

import numpy as np

from pellucid.data.shuffle import TRANSFORM, whole_number
from pellucid.errors import ShapeError

WEYL, FIRST, SECOND = (np.asarray(n, np.uint32) for n in (0x9E3779B9, 0x21F0AAAD, 0x735A2D97))
BY_15, BY_16 = np.asarray(15, np.uint32), np.asarray(16, np.uint32)


class Draws:
    """Random numbers for the pictures with these row numbers, in this epoch: one for each picture at every call.

    Draw number d gives picture `row` a number that is a pure function of (seed, epoch, d, row). The first call is
    draw 0, the next one draw 1, so the order of calls matters and the size of the batch does not.

    >>> alone, among = Draws(seed=0, epoch=3, rows=[7]), Draws(seed=0, epoch=3, rows=[5, 6, 7])
    >>> alone.uniform()[0] == among.uniform()[2]
    np.True_
    """

    def __init__(self, seed, epoch, rows):
        self.seed = whole_number(seed, "seed")
        self.epoch = whole_number(epoch, "epoch")
        rows = np.asarray(rows)
        if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
            raise ShapeError(f"rows must be the number of each picture in its data set, (n,), not {rows!r}.")
        self.rows = rows.astype(np.uint32)
        self.number = 0

    def words(self):
        """The 32 random bits of each picture: uint32 (n,)."""
        return mixed(self.rows, *self._next_keys())

    def uniform(self, low=0.0, high=1.0):
        """A number of [low, high) for each picture: float64 (n,), in steps of (high - low) / 2**32."""
        return low + (high - low) * (self.words() * 2.0**-32)

    def integers(self, count):
        """A whole number from 0 to count - 1 for each picture: int64 (n,). `count` is one number or one for each."""
        return ((self.words().astype(np.uint64) * np.asarray(count, np.uint64)) >> np.uint64(32)).astype(np.int64)

    def chance(self, p):
        """True with probability p for each picture: bool (n,)."""
        return self.uniform() < p

    def partners(self):
        """For each picture the place of another one in its batch: int64 (n,), each place once.

        The pictures form a ring in random order, and each has the next one as its partner. This alone depends on which
        pictures are in the batch.
        """
        ring = np.argsort(self.words(), kind="stable")
        partner = np.empty(len(ring), np.int64)
        partner[ring] = np.roll(ring, -1)
        return partner

    def noise(self, size):
        """`size` bytes for each picture, all values equally likely: uint8 (n, size)."""
        places = self.rows[:, np.newaxis] * np.uint32(size) + np.arange(size, dtype=np.uint32)
        return (mixed(places, *self._next_keys()) >> np.uint32(24)).astype(np.uint8)

    def _next_keys(self):
        self.number += 1
        return keys(self.seed, self.epoch, self.number - 1)


@functools.lru_cache(64)  # all batches of an epoch ask for the same few
def keys(seed, epoch, number):
    """The two keys of a draw; NumPy promises that they never change."""
    first, second = np.random.SeedSequence(seed, spawn_key=(TRANSFORM, epoch, number)).generate_state(2, np.uint32)
    return first, second


def mixed(places, first, second):
    """A random word for each place: a golden-ratio step, then two rounds of xorshift and multiplication."""
    x = places * WEYL
    x += first
    x ^= x >> BY_16
    x *= FIRST
    x += second
    x ^= x >> BY_15
    x *= SECOND
    x ^= x >> BY_15
    return x
