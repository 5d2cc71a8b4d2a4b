"""Bayesian optimisation: spend each trial where a Gaussian process expects the greatest improvement."""

import numpy as np

from pellucid.search.box import Trials
from pellucid.search.gaussian_process import GaussianProcess, expected_improvement

FIRST = 5  # trials by chance, before there is anything to learn from
ANYWHERE, NEARBY = 1000, 200  # candidates in the whole cube, and around the best point


def bayesian_search(function, bounds, *, trials, seed=0):
    """Guess the function from all trials so far, and try next where the guess promises the most. Returns a Found.

    The first five trials are those of `random_search`. From then on a Gaussian process is fitted to all values, and of
    1200 candidate points (1000 anywhere, 200 near the best so far) the one with the largest expected improvement is
    tried. Computing that costs about as much as a few hundred products of small matrices: it pays where the function
    costs more, as a training does. Arguments and errors are those of `random_search`.

    Sources: Mockus (1975); Jones, Schonlau and Welch, "Efficient global optimization of expensive black-box functions"
    (1998); for learning: Snoek, Larochelle and Adams, "Practical Bayesian optimization of machine learning algorithms"
    (2012).

    >>> found = bayesian_search(lambda x: (x[0] - 1.0) ** 2 + x[1] ** 2, [(-2.0, 2.0), (-2.0, 2.0)], trials=20)
    >>> found.value < 0.01
    True
    """
    notes, random = Trials(function, bounds, trials), np.random.default_rng(seed)
    dims = len(notes.low)
    while notes.left():
        if len(notes.values) < FIRST:
            notes.try_out(random.random(dims))
            continue
        points, values = np.array(notes.cube), finite(np.array(notes.values))
        process = GaussianProcess().fit(points, values)
        near = points[values.argmin()] + 0.05 * random.standard_normal((NEARBY, dims))
        candidates = np.concatenate([random.random((ANYWHERE, dims)), near.clip(0, 1)])
        mean, deviation = process.predict(candidates)
        notes.try_out(candidates[expected_improvement(mean, deviation, values.min()).argmax()])
    return notes.found()


def finite(values):
    """What went astray counts as the worst that did not, so that one such point does not drown all differences."""
    known = values[np.isfinite(values)]
    return np.where(np.isfinite(values), values, known.max() if len(known) else 0.0)
