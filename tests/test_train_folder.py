"""The folder of a run, and the lines of progress."""

import json

import numpy as np
import pytest
from trainings import X, Y, fit

from pellucid import data, metrics, train
from pellucid.errors import ArgumentError, DataNotFoundError, FormatError
from pellucid.train.run import processor


def test_a_run_folder_holds_what_it_says(tmp_path):
    run = train.Run.create("test", {"seed": 5}, tmp_path / "run")
    _, history = fit(run=run, validation=(X, Y), metrics=[metrics.accuracy])
    config = json.loads((run.folder / "config.json").read_text(encoding="utf-8"))
    assert (config["format"], config["recipe"], config["arguments"]) == (1, "test", {"seed": 5})
    assert config["versions"]["numpy"] == np.__version__
    assert config["versions"]["processor"] == processor()
    assert (config["compiled"], config["target"]) == (False, "numpy")
    assert config["compiled_because"].startswith("15 steps of ")
    lines = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == [{"format": 1, **epoch} for epoch in history]
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors",
    ]  # fmt: skip


def test_the_line_of_an_epoch_is_there_as_soon_as_the_epoch_is_done(tmp_path):
    run = train.Run.create("test", folder=tmp_path / "run")
    counts = []

    class Counting:
        def batch(self, training):
            counts.append(len((run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()))

    fit(run=run, loader=data.DataLoader((X, Y), 150), callbacks=[Counting()])
    assert counts == [0, 1, 2]


def test_a_run_writes_over_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match="there already"):
        train.Run.create("test", folder=tmp_path)
    with pytest.raises(ArgumentError, match="there already"):
        train.Run.create("test", folder=tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_two_runs_of_one_second_have_two_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [train.Run.create("test").folder for _ in range(3)]
    assert len(set(folders)) == 3


def test_a_folder_that_is_no_run_and_a_newer_one_are_refused(tmp_path):
    with pytest.raises(DataNotFoundError, match="not the folder of a run"):
        train.Run.open(tmp_path)
    (tmp_path / "config.json").write_text('{"format": 99, "recipe": "digits", "arguments": {}}', encoding="utf-8")
    with pytest.raises(FormatError, match="newer version"):
        train.Run.open(tmp_path)


# progress


def test_progress_without_a_terminal_is_plain_lines(capsys):
    fit(progress=True, validation=(X, Y), epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2  loss ")
    assert "\x1b" not in "".join(lines)


def test_progress_prints_some_of_many_epochs_and_always_the_last(capsys):
    fit(progress=True, epochs=90, loader=data.DataLoader((X[:10], Y[:10]), 10))
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 22
    assert lines[-1].startswith("epoch 90/90")


def test_progress_in_a_terminal_moves_and_respects_no_color(monkeypatch):
    import io

    from rich.console import Console

    for no_color in (False, True):
        monkeypatch.delenv("NO_COLOR", raising=False)
        if no_color:
            monkeypatch.setenv("NO_COLOR", "1")
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=True, width=100, color_system="standard", highlight=False)
        fit(callbacks=[train.Progress(console)], epochs=2)
        assert "epoch 2/2" in screen.getvalue()
        assert ("\x1b[3" in screen.getvalue()) is not no_color
