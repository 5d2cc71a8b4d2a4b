"""A genetic search: points breed, the better ones more often, and their children are a little changed."""

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.search.box import Trials


def genetic_search(function, bounds, *, trials, seed=0, population=10, mutation=0.15):
    """Breed new points from the better of those that live. Returns a Found.

    The first `population` points are those of `random_search`. Then, for each child:

    - selection: a parent is the better of two points of the population (a tournament), so is the other;
    - crossover: each number comes from one parent or the other, by a coin;
    - mutation: to each number is added a normal step of deviation `mutation` (of the length of its axis), which shrinks
      as the trials are used up: first wide jumps, at last fine ones.

    A child takes the place of the worst of the population if it is better. Besides values nothing is asked of the
    function: neither a slope nor that near points have near values in every direction.

    Arguments and errors are those of `random_search`; `population` is how many points live at a time, at least 2.

    Sources: Holland, "Adaptation in natural and artificial systems" (1975); Goldberg, "Genetic algorithms in search,
    optimization and machine learning" (1989).

    >>> found = genetic_search(lambda x: (x[0] - 1.0) ** 2 + x[1] ** 2, [(-2.0, 2.0), (-2.0, 2.0)], trials=60)
    >>> found.value < 0.1
    True
    """
    if not population >= 2 or not mutation > 0:
        raise ArgumentError(
            f"population is at least 2 and mutation above 0; {population!r} and {mutation!r} came.",
        )
    notes, random = Trials(function, bounds, trials), np.random.default_rng(seed)
    dims, living = len(notes.low), []  # pairs (value, point)
    while notes.left():
        if len(living) < population:
            u = random.random(dims)
            living.append((notes.try_out(u), u))
            continue
        mother, father = tournament(living, random), tournament(living, random)
        child = np.where(random.random(dims) < 0.5, mother, father)
        step = mutation * notes.left() / trials
        child = (child + step * random.standard_normal(dims)).clip(0, 1)
        value = notes.try_out(child)
        worst = max(range(population), key=lambda i: living[i][0])
        if value < living[worst][0]:
            living[worst] = (value, child)
    return notes.found()


def tournament(living, random):
    """The better of two points that are drawn from the population."""
    one, other = random.choice(len(living), size=2, replace=False)
    return min(living[one], living[other], key=lambda pair: pair[0])[1]
