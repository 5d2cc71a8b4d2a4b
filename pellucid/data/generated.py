"""Data sets that are computed instead of stored: small, in the plane, good to draw."""

import numpy as np

from pellucid.data.shuffle import whole_number
from pellucid.errors import ArgumentError


def xor():
    """The four points of "either, but not both": features float32 (4, 2), labels int64 (4,).

    No straight line separates the classes, so a single layer cannot learn them: the example by which
    M. Minsky and S. Papert ("Perceptrons", 1969) made hidden layers famous.

    >>> features, labels = xor()
    >>> features.tolist(), labels.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    features = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = np.array([0, 1, 1, 0], np.int64)
    return features, labels


def moons(n=200, noise=0.1, seed=0):
    """Two interleaved half circles: features float32 (n, 2), labels int64 (n,), in random order.

    With t spread evenly from 0 to pi, class 0 lies at (cos t, sin t) and class 1 at (1 - cos t, 1/2 - sin t);
    each coordinate gets normal noise of standard deviation `noise`. Class 0 has n // 2 points.

    Raises ArgumentError for fewer than 2 points or negative noise.

    >>> features, labels = moons(n=100, noise=0)
    >>> features.shape, np.bincount(labels).tolist()
    ((100, 2), [50, 50])
    """
    n = whole_number(n, "n", least=2)
    if not noise >= 0:
        raise ArgumentError(f"noise must be 0 or more, not {noise!r}.")
    random = np.random.default_rng(whole_number(seed, "seed"))
    upper = np.linspace(0, np.pi, n // 2)
    lower = np.linspace(0, np.pi, n - n // 2)
    points = np.concatenate(
        [
            np.stack([np.cos(upper), np.sin(upper)], axis=1),
            np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1),
        ]
    )
    points += noise * random.standard_normal(points.shape)
    labels = np.repeat(np.array([0, 1], np.int64), [len(upper), len(lower)])
    order = random.permutation(n)
    return points[order].astype(np.float32), labels[order]
