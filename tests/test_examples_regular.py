"""The programs in `examples/` about bias and variance, and about what keeps a network from learning by heart."""

import runpy

import numpy as np
import pytest

from tests.example_runs import ROOT, numbers_in, shown


def names_of(example, monkeypatch):
    """The functions and numbers of an example, which does not run its main."""
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    return runpy.run_path(str(ROOT / "examples" / example), run_name="looked_at")


def only(lines, beginning):
    """The numbers after `beginning` in the one line that begins so."""
    (line,) = [line for line in lines if line.startswith(beginning)]
    return numbers_in(line[len(beginning) :])


def above_two_errors(numbers):
    """Whether a mean, followed by its standard error, is above two of them."""
    mean, error = numbers[:2]
    return error > 0 and mean > 2 * error


# ---- bias and variance


def test_bias_variance_and_noise_are_the_error(tmp_path):
    lines = shown("bias_and_variance.py", tmp_path)
    table = np.array([numbers_in(line) for line in lines if line.startswith("degree")])
    degree, training, validation, bias, variance, noise, theory = table.T
    sets, n = 300, 25
    np.testing.assert_allclose(bias + variance + noise, validation, rtol=0.04)
    assert (abs(variance / theory - 1) < 0.02 + 4 * np.sqrt(2 / (sets * (degree + 1)))).all()
    np.testing.assert_allclose(training, bias + noise * (n - degree - 1) / n, rtol=0.04)
    # The bias by itself: NumPy's own fit to the sine without noise.
    x = np.linspace(0, 2 * np.pi, n)
    fits = [np.polynomial.Polynomial.fit(x, np.sin(x), int(d))(x) for d in degree]
    np.testing.assert_allclose(bias, [((fit - np.sin(x)) ** 2).mean() for fit in fits], atol=0.004)
    assert (np.diff(training) < 0).all()
    assert 2 < validation.argmin() < 8  # not at either end


@pytest.mark.real_data
def test_real_points_are_under_fitted_and_over_fitted(tmp_path, real_data):
    lines = shown("bias_and_variance.py", tmp_path)
    found = [numbers_in(line) for line in lines if line.startswith("25 points")]
    degree, training, test = np.array(found)[:, 1:].T
    assert 1 < degree[1] < 15
    assert test[1] < 0.2 * test[0]
    assert test[1] < 0.2 * test[2]
    assert training[0] > training[1] > training[2]


# ---- penalties


def test_the_soft_threshold_makes_zeros_and_keeps_the_right_features(tmp_path):
    soft, plain = shown("l1.py", tmp_path)[:2]
    _, zeros, _, kept, _, right = numbers_in(soft)
    assert (zeros, right) == (100 - kept, 8)
    assert kept <= 14
    assert numbers_in(plain)[1] == 0


@pytest.mark.peers
@pytest.mark.compiler
def test_the_proximal_step_comes_to_scikit_learns_lasso(monkeypatch):
    linear_model = pytest.importorskip("sklearn.linear_model")
    example = names_of("l1.py", monkeypatch)
    X, Y = (part.astype(np.float64) for part in example["make_samples"]())
    lasso = linear_model.Lasso(alpha=example["LAMBDA"], fit_intercept=False, tol=1e-9, max_iter=100_000).fit(X, Y)
    found = example["learn"](proximal=True)
    np.testing.assert_allclose(found, lasso.coef_, atol=2e-4)
    assert np.array_equal(found != 0, lasso.coef_ != 0)


@pytest.mark.compiler
def test_weight_decay_is_the_ridge_formula_and_has_a_best_strength(tmp_path):
    lines = shown("l2.py", tmp_path)
    end = next(number for number, line in enumerate(lines) if line.startswith("network:"))
    strength, norm, formula, difference, error = np.array([numbers_in(line) for line in lines[1:end]]).T
    assert (difference < 1e-12).all()
    np.testing.assert_array_equal(norm, formula)
    assert (np.diff(norm) < 0).all()
    assert strength[error.argmin()] == 1.0  # the U: it falls to here, and rises again
    net = np.array([numbers_in(line) for line in lines[end + 1 :]])
    assert (np.diff(net[:, 1]) < 0).all()
    best = net[:, 2].argmin()
    assert 0 < best < len(net) - 1
    assert above_two_errors(net[0, 3:])
    assert above_two_errors(net[-1, 3:])


@pytest.mark.peers
@pytest.mark.compiler
def test_the_linear_case_is_scikit_learns_ridge(monkeypatch):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rows = names_of("l2.py", monkeypatch)["linear_case"]()
    random = np.random.default_rng(0)
    truth = random.normal(size=(30, 1)) / 5
    X, _ = random.normal(size=(40, 30)), random.normal(size=(1000, 30))
    Y = X @ truth + random.normal(size=(40, 1))
    for strength, norm, *_ in rows:
        ridge = linear_model.Ridge(alpha=40 * strength, fit_intercept=False).fit(X, Y)
        assert abs(np.linalg.norm(ridge.coef_) - norm) < 1e-9


# ---- what falls out


@pytest.mark.compiler
def test_dropout_keeps_the_mean_closes_the_gap_and_is_cheap_bagging(tmp_path):
    lines = shown("dropout.py", tmp_path)
    for line in lines[:5]:
        _, mean, error, whole = numbers_in(line)
        assert abs(mean - whole) < 4 * error
        assert error < 0.01
    assert above_two_errors(only(lines, "gap closed by"))
    assert above_two_errors(only(lines, "test better by"))
    one, _, many, whole = only(lines, "one mask")
    assert one + 2 < many
    assert abs(whole - many) < 0.2 * (many - one)


@pytest.mark.compiler
def test_dropconnect_has_the_mean_and_the_spread_of_its_formula(tmp_path):
    lines = shown("dropconnect.py", tmp_path)
    for line in lines[1:6]:
        _, mean, whole, spread, formula = numbers_in(line)
        assert abs(mean - whole) < 4 * formula / np.sqrt(4000)
        assert abs(spread / formula - 1) < 4 / np.sqrt(2 * 4000)
    assert above_two_errors(only(lines, "weights (DropConnect) falls out: training")[2:])
    assert above_two_errors(only(lines, "units (Dropout)       falls out: training")[2:])


# ---- stopping, noise, many networks


def test_early_stopping_finds_the_valley(tmp_path):
    lines = shown("early_stopping.py", tmp_path)
    rows = lines[1:-1]
    assert len(rows) == 4
    for line in rows:
        _, valley, stopped, _, _ = numbers_in(line)
        assert "(the same)" in line  # the training that was stopped, and the whole one
        assert stopped == valley + 10 < 60
    assert above_two_errors(numbers_in(lines[-1])[2:])


@pytest.mark.compiler
def test_noise_on_inputs_is_the_ridge_formula(tmp_path):
    lines = shown("noise_is_ridge.py", tmp_path)
    for name in ("noise added", "inputs replaced"):
        distances = only(lines, name)
        assert 25 < distances[0] / distances[-1] < 60  # 1000 copies: sqrt(1000) is 32
    places = {line[:32].strip(): number for number, line in enumerate(lines)}
    plain = np.array(numbers_in(lines[places["least squares, no noise"]]))
    for formula, ways in (
        ("formula: noise added", ("1000 copies: noise added", "training: noise at each step")),
        ("formula: inputs replaced", ("1000 copies: inputs replaced",)),
    ):
        expected = np.array(numbers_in(lines[places[formula]]))
        assert abs(expected - plain).max() > 0.2
        for way in ways:
            at = places[way]
            found, error = (np.array(numbers_in(line[32:])) for line in lines[at : at + 2])
            assert (abs(found - expected) < 5 * error + 1e-4).all(), way
            assert (error < 0.02).all()


@pytest.mark.peers
def test_the_ridge_formula_is_scikit_learns(monkeypatch):
    linear_model = pytest.importorskip("sklearn.linear_model")
    example = names_of("noise_is_ridge.py", monkeypatch)
    X, Y = example["make_samples"]()
    ridge = linear_model.Ridge(alpha=example["N"] * example["S"] ** 2, fit_intercept=False).fit(X, Y)
    np.testing.assert_allclose(example["formulas"](X, Y)[1].ravel(), ridge.coef_.ravel(), rtol=1e-10)


@pytest.mark.compiler
def test_some_noise_on_the_weights_helps_and_much_hurts(tmp_path):
    found = [numbers_in(line) for line in shown("noise_on_weights.py", tmp_path)]
    test = np.array([row[2] for row in found])
    assert 0 < test.argmax() < len(test) - 1
    assert above_two_errors(found[test.argmax()][3:])


@pytest.mark.compiler
def test_bagged_networks_are_better_than_one(tmp_path):
    lines = shown("bagging.py", tmp_path)
    drawn, _, _, expected = numbers_in(lines[0].replace("1 - (1 - 1/n)^n", "1 1"))
    assert abs(drawn - 100 * (1 - np.exp(-1))) < 2
    assert abs(expected - 63.3) < 0.11
    for way in ("5 bagged, voting", "5 bagged, averaged"):
        assert above_two_errors(only(lines, way)[1:])
    alone, together = only(lines, "one bootstrap network")[0], only(lines, "5 bagged, averaged")[0]
    assert together < alone


# ---- what may be believed


def test_leaks_find_what_is_not_there_and_honest_tests_do_not(tmp_path):
    refused, *rows = shown("splits.py", tmp_path)
    assert "are equal, but one is in the" in refused
    assert "what was learned would be tested" in refused
    assert len(rows) == 3
    for line in rows:
        leak, error, honest, other = numbers_in(line.replace("of 50", ""))[:4]
        assert leak - 0.5 > 4 * error
        assert abs(honest - 0.5) < 3 * other
        assert leak - honest > 2 * np.hypot(error, other)


def test_the_size_of_a_test_set_is_its_standard_error(tmp_path):
    first, *rows = shown("size_of_test_set.py", tmp_path)
    p = numbers_in(first)[0]
    assert 0.8 < p < 0.95
    for line in rows:
        n, spread = numbers_in(line.replace("sqrt(p(1-p)/n)", ""))[:2]
        assert abs(spread / np.sqrt(p * (1 - p) / n) - 1) < 4 / np.sqrt(2 * 1000)
    assert len(rows) == 5


@pytest.mark.compiler
def test_accuracy_is_worthless_at_one_to_fifty(tmp_path):
    lines = shown("class_imbalance.py", tmp_path)
    rows = {line.split("  ")[0]: numbers_in(line) for line in lines[1:6]}
    accuracy, precision, recall, f1, area = rows["always no"]
    assert abs(accuracy - 50 / 51) < 0.002
    assert (recall, f1, area) == (0, 0, 0.5)
    plain = rows["plain"]
    for name in ("weights", "re-sampled", "threshold"):
        accuracy, precision, recall, f1, area = rows[name]
        assert abs(f1 - 2 * precision * recall / (precision + recall)) < 0.03  # of means, so not quite
        assert accuracy < 50 / 51 < plain[0] + 0.01
        assert recall > plain[2] + 0.2
        assert precision < plain[1]
        assert abs(area - plain[4]) < 0.03
        assert above_two_errors(only(lines, f"recall, {name} over plain:"))


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.compiler
def test_many_looks_are_better_than_one(tmp_path, real_data):
    lines = shown("many_looks.py", tmp_path)
    assert "18 looks" in lines[0]
    assert above_two_errors(only(lines, "gain"))
