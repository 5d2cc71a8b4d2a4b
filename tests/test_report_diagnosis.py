"""The four diagnoses, each on a made case, and label errors that were planted in real data."""

import math
import re

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, report, train
from pellucid.errors import ArgumentError, ShapeError
from pellucid.recipes.result import probabilities
from pellucid.report.gaps import rate
from pellucid.report.kept import read
from pellucid.report.label_errors import suspect_rows
from tests.runs_made import falling, made, page_of, part, with_answers


def states(history, kept=None, bayes_error=None):
    return {finding.name: finding.state for finding in report.diagnose(history, kept, bayes_error)}


@pytest.fixture
def run(tmp_path):
    return made(tmp_path / "run", lr=0.1)


def test_nothing_is_found_where_nothing_is_wrong(run):
    kept = read(
        with_answers(run, training=part(600, 0.01), validation=part(300, 0.01, seed=1), test=part(300, 0.01, seed=2))
    )
    found = states(run.history(), kept)
    assert found == dict.fromkeys(found, "no")


def test_under_fit_is_an_error_on_the_training_data_themselves(run):
    kept = read(with_answers(run, training=part(600, 0.2, sure=3.0), validation=part(300, 0.2, seed=1, sure=3.0)))
    assert states(run.history(), kept)["under-fit"] == "yes"
    assert states(run.history(), kept)["over-fit"] == "no"
    assert states(run.history(), kept, bayes_error=0.18)["under-fit"] == "no", "as good as it can be"
    (finding, *_) = report.diagnose(run.history(), kept)
    assert "20.0 % ± 1.6 %" in finding.evidence[0]  # sqrt(0.2 * 0.8 / 600) = 0.0163


def test_under_fit_from_curves_alone():
    slow = [{"loss": 2.0 - 0.05 * epoch} for epoch in range(8)]
    assert states(slow)["under-fit"] == "yes"
    (finding, *_) = report.diagnose(slow)
    assert any("82.5 %" in line for line in finding.evidence)  # 1.65 / 2
    still = [{"loss": 2.0 * 0.8**epoch, "accuracy": 0.5 + 0.05 * epoch} for epoch in range(9)]
    assert "more epochs" in report.diagnose(still)[0].next[0]


def test_over_fit_is_a_gap_between_training_and_validation(run):
    kept = read(with_answers(run, training=part(600, 0.0), validation=part(300, 0.1, seed=1)))
    assert states(run.history(), kept)["over-fit"] == "yes"
    assert states(run.history(), kept)["under-fit"] == "no"
    few = read(with_answers(run, training=part(600, 0.0), validation=part(20, 0.05, seed=1)))
    assert states(run.history(), few)["over-fit"] == "no", "one wrong of 20 may be chance"


def test_over_fit_from_curves_alone():
    rising = [{"loss": 1.0 / epoch, "val_loss": 0.5 + 0.05 * abs(epoch - 4)} for epoch in range(1, 11)]
    finding = report.diagnose(rising)[1]
    assert finding.state == "yes"
    assert "epoch 4" in finding.evidence[0]
    assert "60.0 %" in finding.evidence[0]  # 0.8 / 0.5 - 1
    assert states(falling())["over-fit"] == "no"
    assert states([{"loss": 1.0}, {"loss": 0.5}])["over-fit"] == "unknown"


def test_mismatch_is_found_in_errors_in_classes_and_in_inputs(run):
    worse = read(with_answers(run, validation=part(400, 0.02), test=part(400, 0.15, seed=1)))
    assert states(run.history(), worse)["mismatch between splits"] == "yes"
    scores, y = part(600, 0.0)
    rare = np.nonzero((y > 0) | (np.arange(600) % 4 == 0))[0]
    other = read(with_answers(run, validation=(scores, y), test=(scores[rare], y[rare])))
    assert states(run.history(), other)["mismatch between splits"] == "yes"
    lines = report.diagnose(run.history(), other)[2].evidence
    assert any("would have to change class" in line and "They differ" in line for line in lines)
    moved = read(with_answers(run, validation=(scores, y), test=(scores + 3, y)))  # softmax does not see it
    lines = report.diagnose(run.history(), moved)[2].evidence
    assert any(line.startswith("Mean inputs") and "They differ" in line for line in lines)
    assert states(run.history())["mismatch between splits"] == "unknown"


def test_wrong_labels_are_surely_of_another_class(run):
    scores, y = part(300, 0.0, sure=6.0)
    planted = [5, 50, 100, 150, 200, 250]
    y[planted] = (y[planted] + 1) % 3
    kept = read(with_answers(run, training=part(300, 0.0), validation=(scores, y)))
    finding = report.diagnose(run.history(), kept)[3]
    assert finding.state == "yes"
    assert finding.evidence[0] == "validation: 6 of 300 rows (2.0 %)."
    assert sorted(suspect_rows(kept.parts["validation"].answers, y).tolist()) == planted
    for row in planted:
        assert re.search(rf"validation row {row}\b", page_of(run).text)


def test_wrong_numbers_are_far_from_all_others(run):
    random = np.random.default_rng(0)
    y = random.normal(size=200)
    predictions = (y + random.normal(0, 0.1, 200)).astype(np.float32)[:, None]
    y[[3, 70, 120]] += 5
    kept = read(with_answers(run, test=(predictions, y)))
    assert sorted(suspect_rows(kept.parts["test"].answers, kept.parts["test"].y).tolist()) == [3, 70, 120]
    assert states(run.history(), kept)["likely label errors"] == "yes"


@pytest.mark.parametrize("wrong", [None, "no", {"loss": 1}, [1], [{"loss": "low"}]])
def test_what_is_no_history_is_refused(wrong):
    with pytest.raises(ArgumentError, match="history"):
        report.diagnose(wrong)


# ---- label errors, planted in real data


def learner(seed):
    """A small network on the digits, ready to be asked for probabilities."""

    def learn(x, y):
        pc.manual_seed(seed)
        model = models.mlp(64, 64, 10)
        train.fit(
            model, data.DataLoader((x, y), 64, shuffle=True, seed=seed), loss=F.cross_entropy, epochs=12,
            optimizer=optim.Adam(model.parameters(), lr=0.003), progress=False,
        )  # fmt: skip
        return model

    return learn


def with_wrong(y, share, seed):
    """Labels of which a share is wrong, and which."""
    random = np.random.default_rng(seed)
    rows = random.choice(len(y), round(share * len(y)), replace=False)
    noisy = y.copy()
    noisy[rows] = (y[rows] + random.integers(1, 10, len(rows))) % 10
    return noisy, rows


def test_planted_label_errors_are_first_in_the_list_by_cross_validation():
    """3 % of the labels are wrong, so chance would find 3 % of them among the first; more than 75 % are there."""
    x, y = data.digits()
    found = []
    for seed in range(3):
        noisy, planted = with_wrong(y, 0.03, seed)
        learn = learner(seed)

        def learned(x, y, learn=learn):
            model = learn(x, y)
            return lambda rows: probabilities(model, rows)

        suspects = report.label_errors(report.cross_predict(learned, x, noisy, k=3, seed=seed), noisy)
        found.append(np.isin(suspects.order[: len(planted)], planted).mean())
        assert 0.5 * len(planted) < suspects.count < 1.5 * len(planted)
    assert np.mean(found) - 2 * np.std(found, ddof=1) / np.sqrt(3) > 0.75


def test_planted_label_errors_are_first_on_the_page(run):
    """The same with half of the data held back, both halves with wrong labels, as a report finds them."""
    x, y = data.digits()
    found = []
    for seed in range(3):
        noisy, planted = with_wrong(y, 0.03, seed)
        half = len(y) // 2
        model = learner(seed)(x[:half], noisy[:half])
        report.keep(run, model, training=(x[:half], noisy[:half]), test=(x[half:], noisy[half:]))
        listed = page_of(run).text.split("Likely label errors")[-1]
        rows = [int(row) for row in re.findall(r"test row (\d+)", listed.split("All else that is known")[0])]
        wrong = planted[planted >= half] - half
        found.append(np.isin(rows[: len(wrong)], wrong).sum() / min(len(wrong), len(rows)))
    assert np.mean(found) - 2 * np.std(found, ddof=1) / np.sqrt(3) > 0.6, found


def test_few_rows_without_a_mistake_are_not_certain(run):
    kept = read(with_answers(run, validation=part(15, 0.0), test=part(30, 0.0)))
    few, more = rate(kept, "validation"), rate(kept, "test")
    assert few.value == more.value == 0
    assert few.doubt == pytest.approx((1 / 17 * 16 / 17 / 17) ** 0.5)
    assert few.doubt > more.doubt > 0


def test_figures_that_were_not_finite_are_no_obstacle():
    history = [{"loss": None, "val_loss": 1.0}, {"loss": 1.0, "val_loss": 0.5}, {"loss": 0.5, "val_loss": 1.0}]
    assert report.diagnose(history)[1].state == "yes"  # the validation loss rises while the other falls
    history[-1] |= {"accuracy": 0.9, "val_accuracy": math.nan}
    assert not any("nan" in line for line in report.diagnose(history)[1].evidence)


def test_logits_are_no_probabilities():
    with pytest.raises(ArgumentError, match="no probabilities"):
        report.label_errors(np.array([[-3.0, -1.0], [2.0, 5.0]]), np.array([0, 1]))


def test_label_errors_by_hand():
    """Class 0 is given 0.9 and 0.6 where it is the label, so t0 = 0.75, and t1 = (0.2 + 0.9 + 0.6) / 3 = 0.567."""
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.1, 0.9], [0.4, 0.6]])
    suspects = report.label_errors(p, np.array([0, 0, 1, 1, 1]))
    assert suspects.certain.tolist() == [False, False, True, False, False]
    np.testing.assert_allclose(suspects.margin, [0.8, 0.2, -0.6, 0.8, 0.2])
    for wrong in (np.ones(5), np.ones((5, 1)), p[:4], np.where(p == 0.9, np.nan, p)):
        with pytest.raises((ShapeError, ArgumentError)):
            report.label_errors(wrong, np.array([0, 0, 1, 1, 1]))
