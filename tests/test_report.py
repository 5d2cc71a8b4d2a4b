"""Reports of runs: figures that others find too, the four diagnoses on made cases, and pages that are never half."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import pellucid as pc
from pellucid import data, metrics, nn, report, train
from pellucid.cli import main
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, FormatError, LabelError, ShapeError
from pellucid.report import rounds
from pellucid.report.kept import FILE, read
from pellucid.report.write import make
from pellucid.shell import program, quoted
from pellucid.train import Run
from tests.runs_made import Seen, made, page_of, part, with_answers


@pytest.fixture
def run(tmp_path):
    return made(tmp_path / "run", lr=0.1)


@pytest.fixture(scope="module")
def iris(tmp_path_factory):
    """A finished run of a recipe, made by the command."""
    folder = tmp_path_factory.mktemp("runs") / "iris"
    with pytest.raises(SystemExit) as ended:
        main(["train", "iris", "--epochs", "5", "--out", str(folder)])
    assert ended.value.code == 0
    return folder


# ---- what is kept


def test_answers_are_kept_as_probabilities(run):
    scores = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]], np.float32)
    kept = read(with_answers(run, test=(scores, np.array([2, 1])), validation=(scores[:1], np.array([0]))))
    e = np.exp(scores.astype(float))
    np.testing.assert_allclose(kept.parts["test"].answers, e / e.sum(1, keepdims=True), rtol=1e-6)
    assert kept.kind == "classes"
    assert kept.parts["test"].shown[0] == 1, "the worst first"
    np.testing.assert_array_equal(kept.parts["test"].x[0], scores[1])
    assert list(kept.parts) == ["validation", "test"]
    assert kept.parts["test"].wrong.tolist() == [False, True]


def test_probabilities_one_score_and_one_hot_answers_are_understood(run):
    p = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    kept = read(with_answers(run, test=(p, np.array([1, 0]))))
    np.testing.assert_array_equal(kept.parts["test"].answers, p)
    logits = np.array([[np.log(3.0)], [-2.0]], np.float32)
    kept = read(with_answers(run, test=(logits, np.array([[1.0], [0.0]], np.float32))))
    np.testing.assert_allclose(kept.parts["test"].answers, [[0.25, 0.75], [0.8808, 0.1192]], atol=1e-4)
    kept = read(with_answers(run, test=(3 * p, np.eye(2, dtype=np.float32))))
    assert kept.parts["test"].y.tolist() == [0, 1]


def test_counts_are_numbers_and_no_classes(run):
    counts = np.array([[3, 1], [0, 2], [5, 4]])
    kept = read(with_answers(run, test=(counts + np.float32(0.5), counts)))
    assert kept.kind == "numbers"
    assert np.array_equal(kept.parts["test"].y, counts)


def test_logits_are_logits_in_every_part(run):
    """In the first part all of them happen to lie from 0 to 1."""
    y = np.array([1, 0])
    parts = {"validation": np.array([0.3, 0.9], np.float32), "test": np.array([2.0, -3.0], np.float32)}
    kept = read(with_answers(run, **{name: (scores.reshape(-1, 1), y) for name, scores in parts.items()}))
    for name, scores in parts.items():
        assert kept.parts[name].answers[:, 1] == pytest.approx(1 / (1 + np.exp(-scores)))


def test_numbers_are_kept_as_they_are(run):
    predictions, y = np.array([[1.0], [2.0], [4.0]], np.float32), np.array([1.0, 2.5, 3.0], np.float32)
    kept = read(with_answers(run, test=(predictions, y)))
    assert kept.kind == "numbers"
    np.testing.assert_array_equal(kept.parts["test"].errors[:, 0], [0.0, -0.5, 1.0])
    assert kept.parts["test"].shown[0] == 2
    page = page_of(run)
    row = next(row for row in page.rows if row[0] == "test")
    assert float(row[2]) == pytest.approx(np.sqrt(1.25 / 3), rel=1e-4)
    assert float(row[4]) == pytest.approx(1 - 1.25 / ((y - y.mean()) ** 2).sum(), rel=1e-4)


def test_of_a_large_part_some_rows_are_looked_at_all_over_it(run, monkeypatch):
    monkeypatch.setattr("pellucid.report.kept.MOST", 100)
    scores, y = part(1000, 0.1)
    kept = read(with_answers(run, test=(scores, y)))
    test = kept.parts["test"]
    assert (test.size, len(test.y), test.rows[0], test.rows[-1]) == (1000, 100, 0, 999)
    np.testing.assert_array_equal(test.y, y[test.rows])
    assert "100 of 1000" in page_of(run).text


def test_a_loader_may_hand_in_what_it_transforms(run):
    images = np.arange(12, dtype=np.uint8).reshape(4, 1, 1, 3)
    loader = data.DataLoader((images, np.array([0, 1, 2, 0])), 2, transform=data.transforms.ToFloat())
    report.keep(run, nn.Flatten(), test=loader)
    test = read(run).parts["test"]
    assert test.rows.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(sorted(test.x.ravel()), np.arange(12) / 255, rtol=1e-6)
    mixed = data.DataLoader((images, np.array([0, 1, 2, 0])), 2, shuffle=True)
    with pytest.raises(ArgumentError, match="random order"):
        report.keep(run, nn.Identity(), test=mixed)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({}, ArgumentError),
        ({"test": np.ones(3)}, ArgumentError),
        ({"test": (np.ones((3, 2), np.float32), np.array([0, 1]))}, ShapeError),
        ({"test": (np.ones((2, 2), np.float32), np.array([0, 2]))}, LabelError),
        ({"test": (np.ones((2, 2), np.float32), np.array(["a", "b"]))}, ArgumentError),
        ({"test": (np.full((2, 2), np.nan, np.float32), np.array([0, 1]))}, ArgumentError),
        ({"test": (np.ones((0, 2), np.float32), np.zeros(0, int))}, ShapeError),
        ({"test": part(9, 0), "classes": ["a", "b"]}, ArgumentError),
        ({"test": part(9, 0), "picture": (2, 2)}, ArgumentError),
        ({"test": part(9, 0), "training": (np.ones((2, 1), np.float32), np.array([0.5, 1.5]))}, ArgumentError),
    ],
)
def test_data_that_do_not_fit_are_refused_and_nothing_is_written(run, parts, error):
    with pytest.raises(error):
        report.keep(run, nn.Identity(), **parts)
    assert not (run.folder / FILE).exists()


# ---- the figures, beside others


def test_expected_calibration_error_by_hand():
    """Two bins: 0.6 and 0.9 are in the upper; certainty 0.75 on average, half of them right."""
    p = np.array([[0.6, 0.4], [0.1, 0.9]])
    assert metrics.expected_calibration_error(p, np.array([0, 0]), bins=2) == pytest.approx(0.25)
    curve = metrics.calibration_curve(p, np.array([0, 0]), bins=2)
    assert curve.count.tolist() == [0, 2]
    assert np.isnan(curve.accuracy[0])
    with pytest.raises(ArgumentError, match="no probabilities"):
        metrics.expected_calibration_error(np.array([[2.0, 1.0]]), np.array([0]))


def test_calibration_over_batches_is_that_of_all_samples():
    scores, y = part(300, 0.2, sure=1.5)
    p = pc.softmax(pc.tensor(scores), 1).numpy()
    metric = metrics.expected_calibration_error.over_batches(bins=7)
    merged = metric.merge(metric.collect(p[:77], y[:77]), metric.collect(p[77:], y[77:]))
    assert metric.figure(merged) == pytest.approx(metrics.expected_calibration_error(p, y, bins=7))


@pytest.mark.peers
def test_the_calibration_curve_is_that_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.calibration")
    scores, y = part(500, 0.3, classes=4, sure=1.2)
    p = pc.softmax(pc.tensor(scores), 1).numpy().astype(float)
    share, mean = sklearn.calibration_curve(p.argmax(1) == y, p.max(1), n_bins=10)
    curve = metrics.calibration_curve(p, y, bins=10)
    there = curve.count > 0
    np.testing.assert_allclose(curve.accuracy[there], share)
    np.testing.assert_allclose(curve.confidence[there], mean)


@pytest.mark.peers
def test_the_confusion_matrix_on_the_page_is_that_of_scikit_learn(run):
    sklearn = pytest.importorskip("sklearn.metrics")
    scores, y = part(200, 0.2)
    page = page_of(with_answers(run, test=(scores, y), classes=["ant", "bee", "cow"]))
    found = [
        [int(value) for value in row[1:]] for row in page.rows if len(row) == 4 and row[0] in ("ant", "bee", "cow")
    ]
    np.testing.assert_array_equal(found, sklearn.confusion_matrix(y, scores.argmax(1)))
    row = next(row for row in page.rows if row[0] == "test")
    assert row[2] == f"{100 * sklearn.accuracy_score(y, scores.argmax(1)):.1f} %"
    assert float(row[5]) == pytest.approx(sklearn.f1_score(y, scores.argmax(1), average="macro"), rel=1e-4)


# ---- the page


def test_a_recipe_keeps_what_its_report_needs(iris):
    kept = read(Run.open(iris))
    assert {name: part.size for name, part in kept.parts.items()} == {"training": 105, "validation": 15, "test": 30}
    figures = json.loads((iris / "metrics.json").read_text(encoding="utf-8"))
    assert 1 - kept.parts["test"].wrong.mean() == pytest.approx(figures["test"]["accuracy"])
    assert kept.parts["test"].badness.mean() == pytest.approx(figures["test"]["loss"], rel=1e-4)
    page = page_of(iris)
    for words in ("Diagnosis", "Confusion matrix", "Calibration", "setosa", "learning", "Configuration", "batch_size"):
        assert words in page.text
    assert kept.parts["test"].wrong.any(), "train it less: the next line needs a wrong answer"
    assert "sepal length (cm)" in page.text, "worst rows of a table are a table"


def test_a_page_is_one_file_with_texts_for_its_pictures(run):
    random = np.random.default_rng(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    images = random.random((60, 8, 8)).astype(np.float32)
    report.keep(run, model, training=(images, np.arange(60) % 3), test=(images, np.arange(60) % 3))
    page = page_of(run)
    pictures = [found for tag, found in page.tags if tag == "img"]
    assert len(pictures) > 10
    assert all(found["src"].startswith("data:image/png") and found["alt"] for found in pictures)
    assert not [tag for tag, _ in page.tags if tag in ("script", "iframe", "object")]
    addresses = [found.get("href", "") for tag, found in page.tags if tag in ("a", "link")]
    assert all(address.startswith(("#", "data:")) for address in addresses)
    names = {found["id"] for _, found in page.tags if "id" in found}
    assert {address[1:] for address in addresses if address.startswith("#")} <= names


def test_a_run_of_ones_own_without_answers_has_curves_and_says_how_to_hand_in_data(run):
    page = page_of(run)
    assert "report.keep(run, model" in page.text
    assert "under-fit: no" in page.text.lower()
    assert "Confusion matrix" not in page.text
    assert sum(tag == "img" for tag, _ in page.tags) == 1


def test_what_comes_from_files_is_escaped(tmp_path):
    bad = '"><img src=x onerror=alert(1)><script>alert(1)</script>&'
    history = [{"loss": 1.0, bad: 2.0}, {"loss": 0.5, bad: 1.0}]
    run = made(tmp_path / "run", history, note=bad, **{bad: 1})
    run.note(idea=bad, target=bad)
    scores, y = part(60, 0.2)
    with_answers(run, test=(scores, y), classes=[bad, "b", "c"], features=[bad, "b", "c"])
    text = report.write(run).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not [found for _, found in Seen(text).tags if "onerror" in found]


def test_not_finite_figures_are_said(tmp_path):
    history = [{"loss": 1.0, "val_loss": float("nan")}, {"loss": 0.5, "val_loss": 0.7}, {"loss": 0.4, "val_loss": 0.6}]
    assert "not finite" in page_of(made(tmp_path / "run", history)).text


def test_the_log_is_filled_in_and_asks_for_the_rest(iris):
    _, findings, entries = make(Run.open(iris), 0.01)
    answers = dict(entries)
    assert answers["Metric: the one number that decides"] == "accuracy"
    assert (
        answers["Split: what is learned from, chosen by, judged by"]
        == "training 105 rows, validation 15 rows, test 30 rows"
    )
    assert "lr 0.01" in answers["Build: what was trained"]
    assert answers["Idea"] == "(to be filled in)"
    assert answers["Best possible error (Bayes error, or that of a person)"] == "1.0 %"
    assert len(findings) == 4


# ---- one round of an idea


def test_an_experiment_trains_reports_logs_and_compares(tmp_path, capsys):
    common = ["experiment", "iris", "--epochs", "2", "--bayes", "0.02"]
    for number, lr in enumerate(("0.01", "0.05")):
        with pytest.raises(SystemExit) as ended:
            main([*common, "--lr", lr, "--idea", f"rate {lr}", "--out", str(tmp_path / f"run{number}")])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert ("Beside the experiment before" in said) == (number == 1)
    assert "0.01" in said.split("what differs")[1]
    log = (tmp_path / "run1" / rounds.LOG).read_text(encoding="utf-8")
    assert "rate 0.05" in log
    assert "2.0 %" in log
    assert (tmp_path / "run1" / "report.html").exists()


def test_an_experiment_with_an_unknown_recipe_was_asked_wrongly(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["experiment", "irish"])
    assert ended.value.code == 2
    assert "iris" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_interrupted_experiment_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def interrupted(name, out, **arguments):
        run = SimpleNamespace(folder=tmp_path / "my run", interrupted=True)
        return rounds.Round(run)

    monkeypatch.setattr(rounds, "experiment", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["experiment", "iris"])
    assert ended.value.code == 130
    said = capsys.readouterr().out
    assert f"{program()} resume {quoted(tmp_path / 'my run')}" in said
    assert "'" in said or '"' in said


# ---- what is wrong with a folder


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    with pytest.raises(DataNotFoundError, match="not the folder of a run"):
        report.write(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 1
    assert "pellucid train" in capsys.readouterr().err
    for wrong in (None, 3, object()):
        with pytest.raises(ArgumentError):
            report.write(wrong)


def test_an_unfinished_run_is_refused_with_what_to_do(tmp_path):
    run = made(tmp_path / "digits", name="digits", epochs=12)
    with pytest.raises(ArgumentError, match="not finished") as caught:
        report.write(run)
    assert "pellucid resume" in caught.value.remedy
    empty = Run.create("mine", folder=tmp_path / "empty")
    with pytest.raises(DataNotFoundError, match="no epoch"):
        report.write(empty)
    assert not (run.folder / "report.html").exists()


def test_a_run_of_ones_own_may_be_called_like_a_recipe(tmp_path):
    assert report.write(made(tmp_path / "mine", name="mnist")).is_file()


def test_a_run_of_an_older_version_has_a_report_without_answers(iris, tmp_path):
    import shutil

    old = tmp_path / "old"
    shutil.copytree(iris, old)
    (old / FILE).unlink()
    config = json.loads((old / "config.json").read_text(encoding="utf-8"))
    kept = {name: config[name] for name in ("format", "recipe", "arguments")}
    (old / "config.json").write_text(json.dumps(kept), encoding="utf-8")
    assert "older version" in page_of(old).text


def test_a_run_of_a_newer_version_is_refused(run):
    path = run.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"format": 99}), encoding="utf-8")
    with pytest.raises(FormatError, match="newer"):
        report.write(run.folder)


@pytest.mark.parametrize("line", ["{", "[1, 2]", '{"loss": "low"}', "7", "\udcff"])
def test_damaged_figures_are_refused(run, line):
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + line.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(DataFileError, match=r"metrics\.jsonl is damaged") as caught:
        report.write(run.folder)
    assert caught.value.remedy


def test_damaged_final_figures_and_answers_are_refused(run):
    with_answers(run, test=part(30, 0.1))
    path = run.folder / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    with pytest.raises(DataFileError):
        report.write(run)
    path.write_bytes(whole[:-4] + b"\0\1\2\3")
    with pytest.raises(DataFileError):
        report.write(run)
    train.save({"w": pc.ones(2)}, path, {"kind": "model"})
    with pytest.raises(DataFileError, match="damaged") as caught:
        report.write(run)
    assert "Move it away" in caught.value.remedy
    path.unlink()
    (run.folder / "metrics.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataFileError):
        report.write(run)
    assert not (run.folder / "report.html").exists()


def test_nothing_is_half_written(run, monkeypatch):
    path = report.write(run)
    before = path.read_bytes()

    def refuse(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="full"):
        report.write(run)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert not list(run.folder.glob(".*unfinished"))


def test_places_that_are_no_page_are_refused(run, tmp_path):
    for wrong, error in ((tmp_path, ArgumentError), (tmp_path / "page.txt", ArgumentError), (3, ArgumentError)):
        with pytest.raises(error):
            report.write(run, wrong)
    with pytest.raises(DataNotFoundError, match="no folder"):
        report.write(run, tmp_path / "none" / "page.html")
    for wrong in (2.0, -0.1, "much", True):
        with pytest.raises(ArgumentError, match="bayes_error"):
            report.write(run, bayes_error=wrong)
