"""Time of uniform numbers in NumPy: the words of Pellucid, NumPy's own generators, Philox4x32-10 written in NumPy."""

import time

import numpy as np
from words import bits, uniform32, uniform64


def philox(key, n, rounds=10):
    """Philox4x32-10 (Salmon et al. 2011), four words per counter."""
    quarter = (n + 3) // 4
    low32 = np.uint64(0xFFFFFFFF)
    c0, c1 = np.arange(quarter, dtype=np.uint64), np.zeros(quarter, np.uint64)
    c2, c3 = np.zeros(quarter, np.uint64), np.zeros(quarter, np.uint64)
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(rounds):
        a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1 = (b >> np.uint64(32)) ^ c1 ^ np.uint64(k0), b & low32
        c2, c3 = (a >> np.uint64(32)) ^ c3 ^ np.uint64(k1), a & low32
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32).reshape(-1)[:n]


def best(call, repeats=200):
    """Shortest time of one call in microseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e6


def calls(n):
    """What is timed: name and function."""
    key = np.array([7, 3], np.uint32)
    pcg = np.random.Generator(np.random.PCG64(7))
    philox_of_numpy = np.random.Generator(np.random.Philox(7))
    return {
        "words": lambda: uniform32(key, n),
        "words, float64": lambda: uniform64(key, n),
        "words, as uint32": lambda: bits(key, n),
        "PCG64": lambda: pcg.random(n, dtype=np.float32),
        "PCG64, float64": lambda: pcg.random(n),
        "Philox of NumPy (C)": lambda: philox_of_numpy.random(n, dtype=np.float32),
        "Philox4x32-10 in NumPy": lambda: (philox(key, n) >> np.uint32(8)).astype(np.float32) * np.float32(2**-24),
    }


def main():
    # test vector of Random123 for counter 0 and key 0
    assert [hex(w) for w in philox((0, 0), 4)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    for n, repeats in ((100, 2000), (1_000, 2000), (10_000, 1000), (100_000, 200), (1_000_000, 20)):
        for name, call in calls(n).items():
            print(f"{n:>9} {name:<28} {best(call, repeats):10.1f} us")


if __name__ == "__main__":
    main()
