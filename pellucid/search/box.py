"""What all searches share: a box of allowed points, a notebook of what was tried, and the plainest way, by chance."""

import math
from typing import NamedTuple

import numpy as np

from pellucid.errors import ArgumentError


class Found(NamedTuple):
    """What a search found: the best point (d,), its value, and all points (trials, d) and values in order.

    >>> found = random_search(lambda x: (x[0] - 1.0) ** 2, [(0.0, 4.0)], trials=50)
    >>> len(found.values), abs(float(found.point[0]) - 1.0) < 0.2
    (50, True)
    """

    point: np.ndarray
    value: float
    points: np.ndarray
    values: np.ndarray

    def best_so_far(self):
        """The lowest value after each trial, (trials,): the curve by which searches are compared."""
        return np.minimum.accumulate(self.values)


class Trials:
    """The notebook of a search. Points lie in the unit cube, whose axes are equally long; the function gets its own.

    A value that is not a number (a training that went astray) counts as infinitely bad.
    """

    def __init__(self, function, bounds, trials):
        box = np.asarray(bounds, dtype=np.float64)
        if box.ndim != 2 or box.shape[1] != 2 or not len(box):
            raise ArgumentError(
                f"bounds are pairs (low, high), one for each number that is searched, not {bounds!r}.",
                remedy="bounds=[(-5.0, -1.0), (0.0, 1.0)]",
            )
        self.low, self.high = box.T
        if not (np.isfinite(box).all() and (self.low < self.high).all()):
            raise ArgumentError(f"each pair of bounds is (low, high) with low below high, and finite, not {bounds!r}.")
        if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
            raise ArgumentError(f"trials is a whole number of at least 1, not {trials!r}.")
        self.function, self.trials = function, trials
        self.cube, self.values = [], []

    def left(self):
        """How many trials may still be made."""
        return self.trials - len(self.values)

    def try_out(self, u):
        """Ask the function for its value at a point of the unit cube, and note both."""
        value = float(self.function(self.scaled(u)))
        self.cube.append(u)
        self.values.append(math.inf if math.isnan(value) else value)
        return self.values[-1]

    def scaled(self, u):
        """A point of the unit cube as a point between the bounds."""
        return self.low + u * (self.high - self.low)

    def found(self):
        """What the search hands back."""
        points, values = self.scaled(np.array(self.cube)), np.array(self.values)
        best = values.argmin()
        return Found(points[best], float(values[best]), points, values)


def random_search(function, bounds, *, trials, seed=0):
    """Try points drawn uniformly from the box. Returns a Found.

    Of n points one lies, with probability 1 - (1 - q)^n, in the best part q of the box, however many numbers are
    searched: 60 points find the best twentieth in 95 of 100 searches. A grid of as many points tries few different
    values of each number, and most of them in vain if only some of the numbers matter.

    Args:
        function: called with a point, an array (d,) of floats; gives the number that shall be low.
        bounds: pairs (low, high), one for each of the d numbers. Search the exponent of what spans several powers of
            ten, such as a learning rate.
        trials: how often the function is called.
        seed: the same seed tries the same points.

    Raises ArgumentError for bounds that are no box and trials below 1.

    Source: Bergstra and Bengio, "Random search for hyper-parameter optimization" (2012).

    >>> found = random_search(lambda x: (x[0] - 1.0) ** 2 + x[1] ** 2, [(-2.0, 2.0), (-2.0, 2.0)], trials=200)
    >>> found.value < 0.1
    True
    """
    notes, random = Trials(function, bounds, trials), np.random.default_rng(seed)
    while notes.left():
        notes.try_out(random.random(len(notes.low)))
    return notes.found()


def grid_search(function, bounds, *, trials, seed=0):
    """Try all combinations of a few values of each number, in a random order. Returns a Found.

    Each of the d numbers gets k = floor(trials^(1/d)) values, in the middles of k equal parts of its range; k^d trials
    are made. Arguments and errors are those of `random_search`, beside which it shows its weakness: where one number
    matters and the other does not, 49 trials have tried 7 different values of the one that does.

    >>> found = grid_search(lambda x: abs(x[0] - 1.0), [(0.0, 4.0), (0.0, 1.0)], trials=10)
    >>> len(found.values), sorted(set(found.points[:, 1].round(2).tolist()))
    (9, [0.17, 0.5, 0.83])
    """
    notes = Trials(function, bounds, trials)
    dims = len(notes.low)
    count = int(trials ** (1 / dims) + 1e-9)
    middles = (np.arange(count) + 0.5) / count
    grid = np.stack(np.meshgrid(*[middles] * dims), axis=-1).reshape(-1, dims)
    for u in np.random.default_rng(seed).permutation(grid):
        notes.try_out(u)
    return notes.found()
