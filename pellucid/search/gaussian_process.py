"""A Gaussian process: from values at some points a guess of a function everywhere, and how much to doubt it."""

import math

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.tensors import erf, from_numpy


class GaussianProcess:
    """A normal distribution over functions: nearby points have similar values, by the kernel

        k(a, b) = exp(-|a - b|^2 / (2 l^2))            l: the length over which the function changes

    Given values y at points X (with K = k(X, X) + noise I and k = k(X, x)), the value at x is normal with

        mean(x) = k^T K^-1 y            variance(x) = 1 - k^T K^-1 k

    The mean goes through the values (as nearly as the noise says), and the doubt grows with the distance from them. `y`
    is first brought to mean 0 and deviation 1. Of several lengths l and noises those are taken that make y likeliest:

        log p(y) = -y^T K^-1 y / 2 - log|K| / 2 - n log(2 pi) / 2

    Source: Rasmussen and Williams, "Gaussian processes for machine learning" (2006), algorithm 2.1.

    >>> process = GaussianProcess().fit(np.array([[0.0], [0.5], [1.0]]), np.array([0.0, 1.0, 0.0]))
    >>> mean, deviation = process.predict(np.array([[0.5], [0.75]]))
    >>> round(float(mean[0]), 2), bool(deviation[1] > 10 * deviation[0])
    (1.0, True)
    """

    def __init__(self, lengths=(0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0), noises=(1e-6, 1e-3, 1e-2, 1e-1)):
        if not all(number > 0 for number in [*lengths, *noises]):
            raise ArgumentError(f"lengths and noises are numbers above 0, not {lengths!r} and {noises!r}.")
        self.lengths = lengths
        self.noises = noises

    def fit(self, points, values):
        """Learn from points (n, d) and their values (n,). Returns the process."""
        self.points = np.asarray(points, dtype=np.float64)
        values = np.asarray(values, dtype=np.float64)
        self.shift, self.scale = values.mean(), values.std() or 1.0
        y = (values - self.shift) / self.scale
        fits = [self.factored(length, noise, y) for length in self.lengths for noise in self.noises]
        self.length, self.root, self.weights, self.log_likelihood = max(fits, key=lambda fit: fit[-1])
        return self

    def factored(self, length, noise, y):
        """For one length and noise: the length, L with L L^T = K, the weights K^-1 y, and log p(y)."""
        root = np.linalg.cholesky(kernel(self.points, self.points, length) + noise * np.eye(len(y)))
        weights = np.linalg.solve(root.T, np.linalg.solve(root, y))
        log_determinant = 2 * np.log(np.diag(root)).sum()
        return length, root, weights, -(y @ weights + log_determinant + len(y) * math.log(2 * math.pi)) / 2

    def predict(self, points):
        """Mean and standard deviation at points (m, d): two arrays (m,), in the units of the values."""
        k = kernel(self.points, np.asarray(points, dtype=np.float64), self.length)  # (n, m)
        v = np.linalg.solve(self.root, k)  # k^T K^-1 k = |v|^2
        variance = np.maximum(1 - (v * v).sum(axis=0), 0)
        return self.shift + self.scale * (k.T @ self.weights), self.scale * np.sqrt(variance)


def kernel(a, b, length):
    """exp(-|a - b|^2 / (2 l^2)) for each pair of rows: (n, d) and (m, d) give (n, m)."""
    squares = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    return np.exp(-squares / (2 * length**2))


def expected_improvement(mean, deviation, best):
    """How far below `best` a normal value falls, on the average, if falling above it counts as 0:

        E[max(best - f, 0)] = (best - m) Phi(z) + s phi(z)            z = (best - m) / s

    Phi and phi are the standard normal's distribution and density. It is large where the mean m is low, and where the
    deviation s is large: what is promising and what is unknown are weighed against each other. Arrays of one shape.

    Source: Mockus, Tiesis and Zilinskas, "The application of Bayesian methods for seeking the extremum" (1978).

    >>> round(float(expected_improvement(np.array(0.0), np.array(1.0), 0.0)), 4)  # 1 / sqrt(2 pi)
    0.3989
    """
    deviation = np.maximum(deviation, 1e-12)
    z = (best - mean) / deviation
    below = (1 + erf(from_numpy(np.asarray(z / math.sqrt(2)))).numpy()) / 2
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return (best - mean) * below + deviation * density
