"""The same bits everywhere: Python integers, NumPy, C, and JAX where it is installed."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from words import FIRST, GOLDEN, SECOND, bits, keys, uniform32, uniform64, word

N, DRAWS = 100_000, 3


def from_c(seed):
    """Three draws of N words from stream.c."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, "stream"))
        here = Path(__file__).parent
        subprocess.run([os.environ.get("CC", "cc"), "-O2", str(here / "stream.c"), "-o", program], check=True)
        with subprocess.Popen([program, f"short:{N}", str(seed), "words"], stdout=subprocess.PIPE) as process:
            data = process.stdout.read(4 * N * DRAWS)
            process.kill()
    return np.frombuffer(data, "<u4").reshape(DRAWS, N)


def from_jax(k1, k2):
    """One draw of N words in JAX."""
    import jax
    import jax.numpy as jnp

    @jax.jit
    def draw(k1, k2):
        x = jnp.arange(N, dtype=jnp.uint32) * jnp.uint32(GOLDEN) + k1
        x = (x ^ (x >> 16)) * jnp.uint32(FIRST) + k2
        x = (x ^ (x >> 15)) * jnp.uint32(SECOND)
        return x ^ (x >> 15)

    return np.asarray(draw(jnp.uint32(k1), jnp.uint32(k2)))


def main():
    for seed in (0, 7, 2**32 - 1):
        c = from_c(seed)
        for count in range(DRAWS):
            k = keys(seed, count)
            expected = np.array([word(i, *k) for i in range(N)], np.uint32)
            others = {"NumPy": bits((seed, count), N), "C": c[count]}
            with contextlib.suppress(ImportError):
                others["jax"] = from_jax(*k)
            for name, words in others.items():
                assert np.array_equal(words, expected), (name, seed, count)
        print(f"seed {seed}: {', '.join(others)} give the same {DRAWS} draws of {N} words")
    u32, u64, words = uniform32((7, 3), N), uniform64((7, 3), N), bits((7, 3), N)
    k1, k2 = keys(7, 3)
    assert u32.tolist() == [(int(w) >> 8) / 2**24 for w in words]
    assert u64.tolist() == [((int(w) >> 5 << 26) + (word(i, k2, k1) >> 6)) / 2**53 for i, w in enumerate(words)]
    assert np.array_equal(np.floor(u64 * 2**24), u32 * np.float64(2**24))
    print("float32 is 24 bits of the word, float64 is 53 bits that begin with the same 24")


if __name__ == "__main__":
    main()
