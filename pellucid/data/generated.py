"""Data sets that are computed instead of stored: small, in the plane, good to draw."""

import numpy as np
from numpy.typing import ArrayLike

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


def arcs(n=200, classes=2, noise=0.05, seed=0):
    """Half circles of growing radius around one centre: features float32 (n, 2), labels int64 (n,), in random order.

    Class k lies at (k + 1) (cos t, sin t), with t spread evenly from 0 to pi, plus normal noise of standard deviation
    `noise` in each coordinate. A straight line cannot separate them; the distance from the centre can.

    >>> features, labels = arcs(n=6, noise=0)
    >>> np.linalg.norm(features, axis=1).round(3).tolist() == (labels + 1.0).tolist()
    True
    """
    random, labels, place = prepared(n, classes, noise, seed)
    t = np.pi * place
    radius = labels + 1.0
    return shuffled(np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1), labels, noise, random)


def spirals(n=300, classes=3, turns=0.75, noise=0.02, seed=0):
    """Arms of a spiral: features float32 (n, 2), labels int64 (n,), in random order.

    Class k of K lies at r (cos t, sin t), with r spread evenly from 0 to 1 and t = 2 pi (k / K + turns r), plus normal
    noise of standard deviation `noise` in each coordinate.

    >>> features, labels = spirals(n=300)
    >>> features.shape, np.bincount(labels).tolist()
    ((300, 2), [100, 100, 100])
    """
    random, labels, r = prepared(n, classes, noise, seed)
    t = 2 * np.pi * (labels / classes + turns * r)
    return shuffled(np.stack([r * np.cos(t), r * np.sin(t)], axis=1), labels, noise, random)


def blobs(n=300, centers: int | ArrayLike = 3, noise=0.5, seed=0):
    """Round clouds of points: features float32 (n, axes), labels int64 (n,), in random order.

    `centers` is an array (classes, axes), or a number of classes, whose centers then stand evenly on a circle of radius
    2 in the plane. The points of a class are normal around its center, with standard deviation `noise` along each axis.

    >>> features, labels = blobs(n=4, centers=[[0.0, 0.0], [10.0, 10.0]], noise=0)
    >>> sorted(zip(labels.tolist(), features.tolist()))[::2]
    [(0, [0.0, 0.0]), (1, [10.0, 10.0])]
    """
    if np.ndim(centers) == 0:
        classes = whole_number(centers, "centers", least=1)
        angle = 2 * np.pi * np.arange(classes) / classes
        centers = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centers = np.asarray(centers, np.float64)
    if centers.ndim != 2:
        raise ArgumentError(f"centers must be a number of classes or an array (classes, axes), not {centers.shape}.")
    random, labels, _ = prepared(n, len(centers), noise, seed)
    return shuffled(centers[labels], labels, noise, random)


def checkerboard(n=400, squares=4, seed=0):
    """Black and white squares: features float32 (n, 2) from 0 to `squares`, labels int64 (n,).

    The points are uniform; the label is 1 where floor(x) + floor(y) is odd.

    >>> features, labels = checkerboard(n=100)
    >>> (np.floor(features).sum(axis=1) % 2 == labels).all().item()
    True
    """
    n, squares = whole_number(n, "n", least=1), whole_number(squares, "squares", least=1)
    points = np.random.default_rng(whole_number(seed, "seed")).uniform(0, squares, (n, 2)).astype(np.float32)
    points = np.minimum(points, np.nextafter(np.float32(squares), np.float32(0)))  # rounding may reach the edge
    return points, (np.floor(points).sum(axis=1) % 2).astype(np.int64)


def prepared(n, classes, noise, seed):
    """The source of random numbers, the label of each point, and where in its class it stands, from 0 to 1.

    n // classes points for each class; the first ones have one more each if a rest is left.
    """
    classes = whole_number(classes, "classes", least=1)
    n = whole_number(n, "n", least=classes)
    if not noise >= 0:
        raise ArgumentError(f"noise must be 0 or more, not {noise!r}.")
    labels = np.sort(np.arange(n) % classes)
    place = np.concatenate([np.linspace(0, 1, count) for count in np.bincount(labels)])
    return np.random.default_rng(whole_number(seed, "seed")), labels.astype(np.int64), place


def shuffled(points, labels, noise, random):
    """The points with noise, as float32, and their labels, in one random order."""
    points = points + noise * random.standard_normal(points.shape)
    order = random.permutation(len(points))
    return points[order].astype(np.float32), labels[order]
