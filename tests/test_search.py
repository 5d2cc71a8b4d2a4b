"""Searches: they beat chance on the same budget, the Gaussian process is the textbook's, nonsense is refused."""

import math

import numpy as np
import pytest

from pellucid import search
from pellucid.errors import ArgumentError

SEARCHES = [search.random_search, search.grid_search, search.bayesian_search, search.genetic_search]
each_search = pytest.mark.parametrize("find", SEARCHES, ids=lambda find: find.__name__)


def branin(x):
    """Three valleys of equal depth 0.397887 (Branin, 1972)."""
    a, b = x
    bowl = (b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


def ackley(x):
    """A funnel with many small dents; 0 at the origin (Ackley, 1987)."""
    dents = np.exp(np.cos(2 * np.pi * x).mean())
    return float(-20 * np.exp(-0.2 * np.sqrt((x * x).mean())) - dents + 20 + math.e)


def bowl(x):
    return float(((x - 0.3) ** 2).sum())


BRANIN = (branin, [(-5.0, 10.0), (0.0, 15.0)])
ACKLEY = (ackley, [(-5.0, 4.0)] * 3)
BOWL = (bowl, [(-1.0, 1.0)] * 4)


def advantage(find, function, bounds, trials, seeds):
    """By how many standard errors the best value is lower than that of random search, over seeds."""
    values = [
        [way(function, bounds, trials=trials, seed=s).value for way in (search.random_search, find)] for s in seeds
    ]
    gains = np.array([chance - own for chance, own in values])
    return gains.mean() / (gains.std(ddof=1) / math.sqrt(len(gains)))


# ---- better than chance


@pytest.mark.parametrize(("problem", "trials"), [(BRANIN, 30), (ACKLEY, 40)], ids=["branin", "ackley"])
def test_bayesian_search_beats_random_search(problem, trials):
    assert advantage(search.bayesian_search, *problem, trials, range(10)) > 2


@pytest.mark.parametrize(
    ("problem", "trials"), [(BOWL, 50), (ACKLEY, 60), (BRANIN, 80)], ids=["bowl", "ackley", "branin"]
)
def test_genetic_search_beats_random_search(problem, trials):
    assert advantage(search.genetic_search, *problem, trials, range(40)) > 2


def test_bayesian_search_finds_the_known_minimum():
    found = search.bayesian_search(*BRANIN, trials=40, seed=1)
    assert found.value == pytest.approx(0.397887, abs=0.05)
    valleys = np.array([[-math.pi, 12.275], [math.pi, 2.275], [9.42478, 2.475]])
    assert np.abs(valleys - found.point).sum(axis=1).min() < 0.5


def test_random_search_beats_a_grid_where_one_number_does_not_matter():
    """Bergstra and Bengio (2012): of 49 trials the grid has tried 7 values of the number that matters."""

    def narrow(x):
        return abs(x[0] - 0.613)

    assert len(np.unique(search.grid_search(narrow, [(0.0, 1.0)] * 2, trials=49).points[:, 0])) == 7
    gains = [
        search.grid_search(narrow, [(0.0, 1.0)] * 2, trials=49).value
        - search.random_search(narrow, [(0.0, 1.0)] * 2, trials=49, seed=seed).value
        for seed in range(20)
    ]
    assert np.mean(gains) > 2 * np.std(gains, ddof=1) / math.sqrt(20)


# ---- what all have in common


@each_search
def test_points_lie_between_the_bounds_and_the_budget_is_kept(find):
    asked = []

    def function(x):
        asked.append(x.copy())
        return float(x.sum())

    found = find(function, [(-2.0, 1.0), (10.0, 30.0)], trials=25, seed=3)
    assert len(asked) == len(found.values) == len(found.points) == 25
    np.testing.assert_array_equal(found.points, asked)
    np.testing.assert_array_equal(found.values, found.points.sum(axis=1))
    assert ((found.points >= [-2, 10]) & (found.points <= [1, 30])).all()
    assert found.value == found.values.min() == found.best_so_far()[-1]
    np.testing.assert_array_equal(found.point, found.points[found.values.argmin()])
    assert (np.diff(found.best_so_far()) <= 0).all()


@each_search
def test_a_seed_decides_everything(find):
    a, b, c = [find(*ACKLEY, trials=27, seed=seed).points for seed in (1, 1, 2)]
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


@each_search
def test_trainings_that_go_astray_are_survived(find):
    def function(x):
        return math.nan if x[0] < 0.3 else math.inf if x[0] < 0.4 else x[0]

    found = find(function, [(0.0, 1.0), (0.0, 1.0)], trials=25)
    assert 0.4 <= found.value < 0.6
    assert np.isinf(found.values).any()
    assert find(lambda x: math.nan, [(0.0, 1.0)], trials=9).value == math.inf


def test_the_others_begin_with_the_points_of_random_search():
    first = search.random_search(*ACKLEY, trials=10, seed=4).points
    np.testing.assert_array_equal(search.bayesian_search(*ACKLEY, trials=7, seed=4).points[:5], first[:5])
    np.testing.assert_array_equal(search.genetic_search(*ACKLEY, trials=12, seed=4).points[:10], first)


@each_search
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bounds": [0.0, 1.0]}, "pairs"),
        ({"bounds": []}, "pairs"),
        ({"bounds": [(1.0, 0.0)]}, "low below high"),
        ({"bounds": [(0.0, math.inf)]}, "finite"),
        ({"trials": 0}, "trials"),
        ({"trials": 2.5}, "trials"),
    ],
)
def test_nonsense_is_refused(find, change, words):
    with pytest.raises(ArgumentError, match=words):
        find(**{"function": bowl, "bounds": [(0.0, 1.0)], "trials": 5} | change)


@pytest.mark.parametrize("change", [{"population": 1}, {"mutation": 0.0}])
def test_a_population_of_one_breeds_nothing(change):
    with pytest.raises(ArgumentError, match="population"):
        search.genetic_search(bowl, [(0.0, 1.0)], trials=5, **change)


# ---- the Gaussian process


def test_a_process_of_one_point_by_hand():
    """y = (-1, 1) after scaling; with k = exp(-1/2) between them, K^-1 = ((1, -k), (-k, 1)) / (1 - k^2)."""
    process = search.GaussianProcess(lengths=(1.0,), noises=(1e-12,)).fit(
        np.array([[0.0], [1.0]]), np.array([3.0, 5.0])
    )
    mean, deviation = process.predict(np.array([[0.5], [0.0], [9.0]]))
    assert mean[0] == pytest.approx(4.0)
    assert mean[1] == pytest.approx(3.0)
    assert mean[2] == pytest.approx(4.0, abs=1e-6), "far away it knows nothing: the mean of all"
    near, k = math.exp(-1 / 8), math.exp(-1 / 2)
    assert deviation[0] == pytest.approx(math.sqrt(1 - 2 * near**2 / (1 + k)))
    assert deviation[1] == pytest.approx(0.0, abs=1e-5)
    assert deviation[2] == pytest.approx(1.0)


@pytest.mark.peers
def test_the_process_is_scikit_learns():
    gaussian = pytest.importorskip("sklearn.gaussian_process")
    random = np.random.default_rng(0)
    x, asked = random.random((12, 3)), random.random((40, 3))
    y = np.sin(5 * x).sum(axis=1)
    likelihoods = {}
    for length in (0.2, 0.7):
        kernel = gaussian.kernels.RBF(length, "fixed")
        theirs = gaussian.GaussianProcessRegressor(kernel, alpha=1e-6, normalize_y=True).fit(x, y)
        ours = search.GaussianProcess(lengths=(length,), noises=(1e-6,)).fit(x, y)
        for a, b in zip(ours.predict(asked), theirs.predict(asked, return_std=True), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
        likelihoods[length] = theirs.log_marginal_likelihood_value_
        assert ours.log_likelihood == pytest.approx(likelihoods[length], rel=1e-6)
    chosen = search.GaussianProcess(lengths=(0.2, 0.7), noises=(1e-6,)).fit(x, y).length
    assert chosen == max(likelihoods, key=lambda length: likelihoods[length])


def test_expected_improvement_is_the_mean_of_what_falls_below():
    draws = np.random.default_rng(0).standard_normal(400_000)
    for mean, deviation, best in [(0.0, 1.0, 0.0), (1.0, 2.0, 0.5), (-1.0, 0.3, 0.0), (2.0, 0.5, 0.0)]:
        gains = np.maximum(best - (mean + deviation * draws), 0)
        error = gains.std() / math.sqrt(len(gains))
        value = float(search.expected_improvement(np.array(mean), np.array(deviation), best))
        assert abs(value - gains.mean()) < 4 * error + 1e-12
    sure = search.expected_improvement(np.array([1.0, -2.0]), np.zeros(2), 0.0)
    np.testing.assert_allclose(sure, [0.0, 2.0], atol=1e-9)
