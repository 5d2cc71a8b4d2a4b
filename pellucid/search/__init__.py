"""Searching for the lowest value of a function that is dear to compute, such as a training's loss by its settings.

Four ways with one interface, `search(function, bounds, trials=..., seed=...)`, which returns a Found:

- `random_search` throws points into the box; every other way has to beat it;
- `grid_search` tries all combinations of a few values;
- `bayesian_search` keeps a Gaussian process, a guess of the function with its doubt, and tries where it may gain most;
- `genetic_search` breeds points from the better of those that it has.

Each is a short file to read. For searches over recipes that are kept in a file there is `pellucid tune`.
"""

from pellucid import blame
from pellucid.search.bayesian import bayesian_search
from pellucid.search.box import Found, grid_search, random_search
from pellucid.search.gaussian_process import GaussianProcess, expected_improvement
from pellucid.search.genetic import genetic_search

__all__ = [
    "Found",
    "GaussianProcess",
    "bayesian_search",
    "expected_improvement",
    "genetic_search",
    "grid_search",
    "random_search",
]

blame.answer_for(globals())
