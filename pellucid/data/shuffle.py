"""A random order that is a pure function of its seed, the same on every machine and with every NumPy.

NumPy promises that the raw 64-bit numbers of a bit generator never change; it makes no such promise for
`Generator.permutation`. So each row draws one raw number, and the rows are sorted by their numbers.
"""

import operator

import numpy as np

from pellucid.errors import ArgumentError

# What the seed is used for. Two uses of one seed must not give the same order.
EPOCH = 0
SPLIT = 1
TRANSFORM = 2


def permutation(count, seed, use, number=0):
    """The numbers 0 to count - 1 in a random order: an int64 array of shape (count,).

    `use` (EPOCH or SPLIT) and `number` (which epoch) tell several orders made from one `seed` apart.

    >>> permutation(5, seed=0, use=EPOCH).tolist() == permutation(5, seed=0, use=EPOCH).tolist()
    True
    >>> sorted(permutation(5, seed=0, use=EPOCH).tolist())
    [0, 1, 2, 3, 4]
    """
    source = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(use, number)))
    return np.argsort(source.random_raw(count), kind="stable").astype(np.int64, copy=False)


def whole_number(value, name, least=0):
    """`value` as a Python int that is at least `least`; otherwise an ArgumentError that names the argument."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name} must be a whole number, not {value!r}.") from None
    if isinstance(value, bool) or number < least:
        raise ArgumentError(f"{name} must be a whole number of at least {least}, not {value!r}.")
    return number
