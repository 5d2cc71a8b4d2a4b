"""pellucid.sklearn: scikit-learn's own checks, its own networks from the same weights, and its tools around ours."""

import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid import data
from pellucid.errors import AnomalyError, ArgumentError

pytestmark = pytest.mark.peers
sklearn = pytest.importorskip("sklearn")
pytest.importorskip("sklearn.utils.validation", reason="scikit-learn")

from sklearn import neural_network as theirs  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

from pellucid import sklearn as ours  # noqa: E402

KINDS = ("MLPClassifier", "MLPRegressor")
ROOT = Path(__file__).resolve().parent.parent


def cases():
    """Data of each kind: (class, y's kind) -> X, y."""
    random = np.random.default_rng(0)
    X = random.standard_normal((60, 5))
    score = X[:, 0] - X[:, 1] * X[:, 2]
    yield "MLPClassifier", X, np.where(score > 0, "yes", "no")
    yield "MLPClassifier", X, np.digitize(score, [-0.7, 0.7])
    yield "MLPClassifier", X, np.stack([score > 0, X[:, 3] > 0, X[:, 4] > X[:, 0]], axis=1).astype(int)
    yield "MLPRegressor", X, score
    yield "MLPRegressor", X, np.stack([score, X[:, 3] ** 2], axis=1)


CASES = list(cases())
IDS = ["two classes", "three classes", "three labels", "a number", "two numbers"]
each_case = pytest.mark.parametrize(("kind", "X", "y"), CASES, ids=IDS)


def quietly_fitted(net, X, y):
    """Fitted for as many epochs as were asked for, converged or not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return net.fit(X, y)


def both(kind, X, y, **arguments):
    """Their network and ours, from the same arguments."""
    return [quietly_fitted(getattr(module, kind)(**arguments), X, y) for module in (theirs, ours)]


# ---- what scikit-learn asks of every estimator


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learns_checks_pass(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quick = {"hidden_layer_sizes": (20,), "learning_rate_init": 0.02, "tol": 1e-3, "n_iter_no_change": 3}
        results = check_estimator(getattr(ours, kind)(**quick), on_fail="raise")
    passed = [result["check_name"] for result in results if result["status"] == "passed"]
    assert len(passed) > 40
    assert all(result["status"] in ("passed", "skipped") for result in results)


# ---- the same numbers as scikit-learn's networks


@each_case
def test_full_batches_of_sgd_give_the_numbers_of_scikit_learn(kind, X, y):
    """float64, 30 steps, momentum and penalty included; the first weights are equal by the seed."""
    arguments = {"solver": "sgd", "learning_rate_init": 0.05, "alpha": 0.3, "batch_size": 60, "shuffle": False}
    them, us = both(kind, X, y, hidden_layer_sizes=(7, 4), random_state=3, max_iter=30, **arguments)
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(them, name), getattr(us, name), strict=True):
            assert a.dtype == b.dtype == np.float64
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)
    if np.ndim(y) == 1:  # of several numbers they report the mean, and follow the slope of the sum
        np.testing.assert_allclose(us.loss_curve_, them.loss_curve_, rtol=1e-9)
    assert us.loss_ < us.loss_curve_[0]
    np.testing.assert_array_equal(us.predict(X) if kind == KINDS[0] else 0, them.predict(X) if kind == KINDS[0] else 0)
    answer = "predict_proba" if kind == KINDS[0] else "predict"
    np.testing.assert_allclose(getattr(us, answer)(X), getattr(them, answer)(X), rtol=1e-8, atol=1e-10)
    for name in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "t_", "n_features_in_"):
        assert getattr(us, name) == getattr(them, name), name


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize(
    "solver",
    [
        # A tiny epsilon: it stands beside sqrt(s / (1 - beta2^t)) here, as in Adam's paper, and beside sqrt(s) there.
        {"solver": "adam", "beta_1": 0.8, "learning_rate_init": 0.01, "epsilon": 1e-14},
        {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1},
        {"solver": "sgd", "momentum": 0.5, "nesterovs_momentum": False, "learning_rate_init": 0.1},
        {"solver": "sgd", "momentum": 0.0, "learning_rate": "invscaling", "learning_rate_init": 0.5, "power_t": 0.3},
    ],
    ids=["adam", "sgd", "momentum", "invscaling"],
)
def test_small_batches_in_order_give_the_numbers_of_scikit_learn(solver, activation):
    """60 rows in batches of 25, 25 and 10."""
    _, X, y = CASES[1]
    arguments = {"batch_size": 25, "shuffle": False, "max_iter": 8, "random_state": 1, "activation": activation}
    them, us = both("MLPClassifier", X, y, hidden_layer_sizes=6, **arguments, **solver)
    np.testing.assert_allclose(us.predict_proba(X), them.predict_proba(X), rtol=1e-8)
    np.testing.assert_allclose(us.loss_curve_, them.loss_curve_, rtol=1e-8)


@pytest.mark.parametrize("learning_rate", ["constant", "adaptive"])
def test_training_stops_in_the_epoch_in_which_scikit_learns_does(learning_rate):
    _, X, y = CASES[0]
    arguments = {"solver": "sgd", "learning_rate_init": 0.3, "momentum": 0.0, "batch_size": 60, "shuffle": False}
    arguments |= {"tol": 3e-3, "n_iter_no_change": 3, "learning_rate": learning_rate, "max_iter": 900}
    them, us = both("MLPClassifier", X, y, hidden_layer_sizes=(5,), random_state=0, **arguments)
    assert us.n_iter_ == them.n_iter_ < 900
    np.testing.assert_allclose(us.loss_curve_, them.loss_curve_, rtol=1e-8)


def test_weights_may_be_given_from_outside():
    """Theirs put into ours by warm_start: one step is one step of the formula."""
    _, X, y = CASES[3]
    them = quietly_fitted(theirs.MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=5), X, y)
    arguments = {"solver": "sgd", "momentum": 0.0, "batch_size": 60, "alpha": 0.0, "learning_rate_init": 0.1}
    us = ours.MLPRegressor((4,), warm_start=True, max_iter=1, random_state=0, **arguments)
    quietly_fitted(us, X, y)
    us.coefs_, us.intercepts_ = [c.copy() for c in them.coefs_], [b.copy() for b in them.intercepts_]
    quietly_fitted(us, X, y)
    hidden = np.maximum(X @ them.coefs_[0] + them.intercepts_[0], 0)
    error = hidden @ them.coefs_[1] + them.intercepts_[1] - y[:, None]
    np.testing.assert_allclose(us.coefs_[1], them.coefs_[1] - 0.1 * hidden.T @ error / 60, rtol=1e-10)
    np.testing.assert_allclose(us.intercepts_[1], them.intercepts_[1] - 0.1 * error.mean(axis=0), rtol=1e-10)


@each_case
def test_partial_fit_goes_on_where_it_was(kind, X, y):
    """Six epochs one by one, with Adam's means kept in between, are six epochs at once."""
    arguments = {"batch_size": 60, "shuffle": False, "random_state": 2, "learning_rate_init": 0.01}
    at_once = quietly_fitted(getattr(ours, kind)((6,), max_iter=6, **arguments), X, y)
    by_steps = getattr(ours, kind)((6,), **arguments)
    for _ in range(6):
        first = {} if hasattr(by_steps, "coefs_") or kind == KINDS[1] else {"classes": np.unique(y)}
        by_steps = pickle.loads(pickle.dumps(by_steps.partial_fit(X, y, **first)))
    for a, b in zip(at_once.coefs_, by_steps.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert by_steps.loss_curve_ == at_once.loss_curve_
    assert by_steps.t_ == at_once.t_ == 360


def test_early_stopping_keeps_the_best_weights():
    images, labels = data.digits()
    rows = images.reshape(-1, 64)
    X, tested, y, truth = rows[:1200], rows[1200:], labels[:1200], labels[1200:]
    net = ours.MLPClassifier((32,), early_stopping=True, n_iter_no_change=3, learning_rate_init=0.01, random_state=0)
    net.fit(X, y)
    assert net.n_iter_ == len(net.validation_scores_) == len(net.loss_curve_) < 200
    assert net.best_validation_score_ == max(net.validation_scores_) > 0.9
    assert net.validation_scores_[-4:] != sorted(net.validation_scores_[-4:]), "it had not become better lately"
    assert net.score(tested, truth) > 0.85
    # The rows held back are those of the same draw, so the best score is that of the weights that were kept.
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state

    random = check_random_state(0)
    for a, b in [(64, 32), (32, 10)]:  # the draws of the first weights come before
        random.uniform(size=(a, b)), random.uniform(size=b)
    _, held, _, its_labels = train_test_split(X, y, test_size=0.1, random_state=random, stratify=y)
    assert net.score(held, its_labels) == net.best_validation_score_


# ---- scikit-learn's tools around it


def test_a_grid_search_over_a_pipeline_finds_what_learns():
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = data.iris()
    net = ours.MLPClassifier((16,), max_iter=60, n_iter_no_change=60, random_state=0)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), net), {"mlpclassifier__learning_rate_init": [1e-6, 0.02]}, cv=3
    )
    quietly_fitted(search, X, y)
    assert search.best_params_ == {"mlpclassifier__learning_rate_init": 0.02}
    assert search.best_score_ > 0.9
    assert search.cv_results_["mean_test_score"][0] < 0.7


@pytest.mark.parametrize("kind", KINDS)
def test_clones_have_the_arguments_and_nothing_learned(kind):
    net = getattr(ours, kind)((3, 2), alpha=0.5, max_iter=4)
    _, X, y = CASES[0 if kind == KINDS[0] else 3]
    quietly_fitted(net, X, y)
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    assert not hasattr(copy, "coefs_")
    assert type(getattr(theirs, kind)(**{k: v for k, v in net.get_params().items() if k != "compile"}))
    assert set(getattr(theirs, kind)().get_params()) - set(net.get_params()) <= {"max_fun", "loss"}
    ours_now, theirs_now = getattr(ours, kind)().get_params(), getattr(theirs, kind)().get_params()
    assert {k: v for k, v in ours_now.items() if k in theirs_now} == {
        k: v for k, v in theirs_now.items() if k in ours_now
    }


def test_a_pickled_network_answers_the_same():
    kind, X, y = CASES[1]
    net = quietly_fitted(getattr(ours, kind)((5,), max_iter=5, random_state=0), X, y)
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))


@pytest.mark.compiler
def test_compiled_training_learns_the_same():
    _, X, y = CASES[1]
    arguments = {"max_iter": 10, "random_state": 0, "batch_size": 20}
    a, b = [quietly_fitted(ours.MLPClassifier((5,), compile=way, **arguments), X, y) for way in (True, False)]
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-9)


def test_it_computes_in_the_dtype_of_the_data_and_draws_none_of_the_users_random_numbers():
    _, X, y = CASES[1]
    pc.manual_seed(7)
    expected = pc.rand(3).tolist()
    pc.manual_seed(7)
    net = quietly_fitted(ours.MLPClassifier((5,), max_iter=2), X.astype(np.float32), y)
    assert net.coefs_[0].dtype == net.predict_proba(X).dtype == np.float32
    assert pc.rand(3).tolist() == expected


# ---- what is refused


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({"solver": "lbfgs"}, "adam, sgd(.|\n)*sklearn.neural_network"),
        ({"activation": "gelu"}, "identity, logistic, tanh, relu"),
        ({"alpha": -1}, "alpha is a number of at least 0"),
        ({"learning_rate_init": 0.0}, "learning_rate_init is a number above 0"),
        ({"max_iter": 2.5}, "max_iter is a whole number"),
        ({"hidden_layer_sizes": (5, 0)}, "hidden_layer_sizes"),
        ({"batch_size": 0}, "batch_size"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"learning_rate": "cosine"}, "constant, invscaling, adaptive"),
    ],
)
def test_arguments_out_of_range_are_refused(argument, words):
    _, X, y = CASES[0]
    with pytest.raises(ArgumentError, match=words):
        ours.MLPClassifier(**argument).fit(X, y)


def test_data_that_do_not_fit_are_refused():
    _, X, y = CASES[1]
    with pytest.raises(ArgumentError, match=r"needs to know all classes(.|\n)*np.unique"):
        ours.MLPClassifier().partial_fit(X, y)
    net = ours.MLPClassifier((3,)).partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ArgumentError, match="classes that were not named"):
        net.partial_fit(X, y + 1)
    with pytest.raises(ArgumentError, match="others than those of the first call"):
        net.partial_fit(X, y, classes=[0, 1, 2, 3])
    with pytest.raises(ArgumentError, match="at least two classes"):
        ours.MLPClassifier().fit(X, np.zeros(60))
    warm = quietly_fitted(ours.MLPClassifier((3,), warm_start=True, max_iter=1), X, y)
    with pytest.raises(ArgumentError, match="partial_fit"):
        warm.fit(X, np.minimum(y, 1))
    with pytest.raises(ArgumentError, match="early_stopping"):
        ours.MLPRegressor(early_stopping=True).partial_fit(X, y)
    with pytest.raises(AnomalyError, match="learning rate"):
        quietly_fitted(ours.MLPRegressor(solver="sgd", learning_rate_init=1e6, max_iter=50), X * 100, y * 100.0)


def test_training_that_has_not_converged_says_so():
    _, X, y = CASES[1]
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        ours.MLPClassifier((3,), max_iter=2).fit(X, y)


def test_without_scikit_learn_the_import_says_what_to_install():
    program = "import sys; sys.modules['sklearn'] = None; import pellucid; import pellucid.sklearn"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert 'pip install "pellucid[sklearn]"' in done.stderr
