"""Data sets that are computed, for learning numbers instead of classes: lines, planes, curves, coins."""

import numpy as np

from pellucid.data.shuffle import whole_number
from pellucid.errors import ArgumentError


def line(n=100, slope=2.0, intercept=1.0, noise=0.3, seed=0):
    """Points near a straight line: x float32 (n, 1) from -1 to 1, y float32 (n, 1).

    y = slope x + intercept + e, with x uniform and e normal of standard deviation `noise`.

    >>> x, y = line(n=3, noise=0)
    >>> np.allclose(y, 2 * x + 1)
    True
    """
    return polynomial(n, (intercept, slope), noise, seed)


def plane(n=200, weights=(1.0, -2.0), bias=0.5, noise=0.1, seed=0):
    """Points near a plane over any number of axes: x float32 (n, axes) from -1 to 1, y float32 (n, 1).

    y = x . weights + bias + e, with x uniform and e normal of standard deviation `noise`.

    >>> x, y = plane(n=5, weights=[1.0, 2.0, 3.0], bias=4.0, noise=0)
    >>> np.allclose(y, x @ [[1.0], [2.0], [3.0]] + 4.0, atol=1e-6)
    True
    """
    weights = np.asarray(weights, np.float64)
    if weights.ndim != 1 or not len(weights):
        raise ArgumentError(f"weights must be a list of at least one number, not of shape {weights.shape}.")
    random = source(n, noise, seed)
    x = random.uniform(-1, 1, (n, len(weights)))
    y = x @ weights[:, np.newaxis] + bias
    return with_noise(x, y, noise, random)


def polynomial(n=100, coefficients=(0.0, -1.0, 0.0, 2.0), noise=0.1, seed=0):
    """Points near a polynomial: x float32 (n, 1) from -1 to 1, y float32 (n, 1).

    y = c0 + c1 x + c2 x^2 + ... + e, with x uniform and e normal of standard deviation `noise`.

    >>> x, y = polynomial(n=4, coefficients=[1.0, 0.0, 3.0], noise=0)
    >>> np.allclose(y, 1 + 3 * x**2)
    True
    """
    coefficients = np.asarray(coefficients, np.float64)
    if coefficients.ndim != 1 or not len(coefficients):
        raise ArgumentError(f"coefficients must be a list of at least one number, not {coefficients.shape}.")
    random = source(n, noise, seed)
    x = random.uniform(-1, 1, (n, 1))
    return with_noise(x, np.polynomial.polynomial.polyval(x, coefficients), noise, random)


def curves(n=100, length=50, noise=0.05, seed=0):
    """Waves, for sequence models: float32 (n, length, 1). Each has a frequency and a phase of its own.

    Wave i at time t = 0 ... length - 1 is sin(2 pi f_i t / length + p_i) plus normal noise of standard deviation
    `noise`, with f_i uniform from 1 to 4 periods and p_i uniform from 0 to 2 pi.

    >>> waves = curves(n=3, length=20, noise=0)
    >>> waves.shape, bool(abs(waves).max() <= 1)
    ((3, 20, 1), True)
    """
    random = source(n, noise, seed)
    length = whole_number(length, "length", least=1)
    frequency, phase = random.uniform(1, 4, (n, 1)), random.uniform(0, 2 * np.pi, (n, 1))
    waves = np.sin(2 * np.pi * frequency * np.arange(length) / length + phase)
    waves += noise * random.standard_normal(waves.shape)
    return waves[:, :, np.newaxis].astype(np.float32)


def coins(n=100, p=0.5, seed=0):
    """Throws of a coin that shows 1 with probability p: int64 (n,). `p` may be a list, for a coin each: (n, coins).

    >>> coins(n=5, p=1.0).tolist(), coins(n=2, p=[0.0, 1.0]).tolist()
    ([1, 1, 1, 1, 1], [[0, 1], [0, 1]])
    """
    p = np.asarray(p, np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ArgumentError(f"p is a probability, from 0 to 1, not {p.tolist()}.")
    n = whole_number(n, "n", least=1)
    return (np.random.default_rng(whole_number(seed, "seed")).random((n, *p.shape)) < p).astype(np.int64)


def source(n, noise, seed):
    """Random numbers, after a look at the arguments."""
    whole_number(n, "n", least=1)
    if not noise >= 0:
        raise ArgumentError(f"noise must be 0 or more, not {noise!r}.")
    return np.random.default_rng(whole_number(seed, "seed"))


def with_noise(x, y, noise, random):
    """x and y as float32, with noise on y."""
    y = y + noise * random.standard_normal(y.shape)
    return x.astype(np.float32), y.astype(np.float32)
