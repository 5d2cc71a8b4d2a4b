"""`pellucid compare`: what differs between runs, what came out, and their curves."""

import pytest

from pellucid import report, view
from pellucid.cli import main
from pellucid.errors import ArgumentError, DataNotFoundError
from tests.runs_made import falling, made


@pytest.fixture
def two(tmp_path):
    """Two runs that differ in the learning rate, of which the second is better and longer."""
    history = [{"loss": 0.5, "val_loss": 0.6, "val_accuracy": 0.8}, {"loss": 0.4, "val_loss": 0.7, "val_accuracy": 0.9}]
    a = made(tmp_path / "a", history, lr=0.1, seed=0)
    b = made(tmp_path / "b", falling(5), lr=0.01, seed=0)
    a.finish({"test": {"loss": 0.65, "accuracy": 0.85}})
    return [a, b]


def rows(text):
    """name -> values of the lines of the table, with columns two spaces apart."""
    lines = [line[2:].split("  ") for line in text.splitlines() if line.startswith("  ")]
    return {line[0].strip(): [value.strip() for value in line[1:] if value.strip()] for line in lines}


def test_settings_that_differ_are_listed_and_others_are_not(two):
    found = rows(report.compare(two))
    assert found["lr"] == ["0.1", "0.01"]
    assert "seed" not in found
    assert "numpy" not in found


def test_final_figures_and_best_epochs_stand_side_by_side(two):
    before, after = report.compare([run.folder for run in two]).split("best epoch")
    final, best = rows(before), rows(after)
    assert final["test accuracy"] == ["0.85", "-"]
    assert final["epochs"] == ["2", "5"]
    assert final["loss"][0] == "0.4"
    assert final["val_loss"][0] == "0.7"
    assert best["val_loss"][0] == "0.6 (epoch 1)"
    assert best["val_accuracy"][0] == "0.9 (epoch 2)"  # an accuracy shall be high


def test_the_same_run_twice_differs_in_nothing(two):
    text = report.compare([two[0], two[0]])
    assert "nothing" in text
    assert "a (1)" in text


def test_the_page_has_the_same_tables_and_the_curves(two, tmp_path):
    path = tmp_path / "compare.html"
    two[0].note(idea="<script>alert(1)</script>")
    report.compare(two, path)
    text = path.read_text(encoding="utf-8")
    assert text.count("<img") == 1
    assert "0.6 (epoch 1)" in text
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_the_command_prints_the_table(two, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["compare", *[str(run.folder) for run in two], "--html", str(tmp_path / "page.html")])
    assert ended.value.code == 0
    assert "what differs" in capsys.readouterr().out
    assert (tmp_path / "page.html").exists()
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(two[0].folder)])
    assert ended.value.code == 2


def test_what_cannot_be_compared_is_refused(two, tmp_path):
    for wrong in (None, "runs", [two[0]], two * 7, [two[0], 3]):
        with pytest.raises(ArgumentError):
            report.compare(wrong)
    with pytest.raises(DataNotFoundError):
        report.compare([two[0], tmp_path])
    with pytest.raises(ArgumentError, match="html"):
        report.compare(two, tmp_path / "page.txt")
    assert not (tmp_path / "page.txt").exists()


def test_the_picture_draws_the_validation_figures_of_each_run():
    figure = view.histories({"a": falling(4), "b": [{"loss": 1.0}, {"loss": 0.5}]})
    a, b = figure.axes[0].lines
    assert list(a.get_ydata()) == [entry["val_loss"] for entry in falling(4)]
    assert list(b.get_ydata()) == [1.0, 0.5]
    with pytest.raises(ArgumentError, match="dict"):
        view.histories([falling(4)])
