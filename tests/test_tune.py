"""`pellucid tune`: trials that are kept in a file, go on where they were, and end in settings to train with."""

import json
import signal
import sys

import pytest

from pellucid import view
from pellucid.cli import main
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, UnsupportedError
from pellucid.recipes import configuration, space, start
from pellucid.recipes import tune as tuning
from pellucid.train import Run
from pellucid.train.progress import Progress

pytest.importorskip("optuna")
QUICK = {"epochs": 2, "tell": lambda line: None}


def kept(folder, number):
    return Run.open(folder / "trials" / f"{number:04d}")


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """A search of four trials, without a break."""
    return tuning.tune("iris", tmp_path_factory.mktemp("tune") / "four", trials=4, **QUICK)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """The search above has drawn its picture; half a second each for all the others would show nothing new."""
    monkeypatch.setattr(tuning.view, "trials", lambda *drawn, **options: None)


# ---- what is found and what is kept


def test_the_best_trial_is_the_one_with_the_lowest_validation_loss(four):
    losses = [kept(four.folder, number).history()[-1]["val_loss"] for number in (1, 2, 3, 4)]
    assert [trial.figure for trial in four.trials] == losses
    assert four.best.figure == min(losses)
    assert four.by == "val_loss"
    assert not four.interrupted
    for trial in four.trials:
        arguments = kept(four.folder, trial.number).config["arguments"]
        assert trial.settings == {name: arguments[name] for name in ("lr", "batch_size")}
        assert 0.001 <= trial.settings["lr"] <= 0.1
        assert trial.settings["batch_size"] in (4, 8, 16, 32, 64)
        assert (arguments["epochs"], arguments["seed"]) == (2, 0)
    assert len({trial.settings["lr"] for trial in four.trials}) == 4


def test_training_with_the_best_settings_gives_the_bits_of_the_best_trial(four, tmp_path):
    recipe, arguments = configuration(four.folder / "best.json")
    assert recipe == "iris"
    assert configuration(four.folder) == (recipe, arguments)
    run = start(recipe, tmp_path / "again", **arguments).run
    assert run.model.read_bytes() == kept(four.folder, four.best.number).model.read_bytes()


def test_there_is_a_picture_of_the_trials(four):
    assert (four.folder / "trials.png").read_bytes().startswith(b"\x89PNG")


def test_a_search_that_goes_on_has_the_trials_of_one_without_a_break(four, tmp_path):
    two = tuning.tune("iris", tmp_path / "two", trials=2, **QUICK)
    assert two.trials == four.trials[:2]
    assert tuning.go_on(tmp_path / "two", trials=4, tell=QUICK["tell"]).trials == four.trials


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupted_trial_goes_on_where_it_was(four, tmp_path, monkeypatch):
    """Ctrl-C after the first epoch of the third trial."""
    epochs = []

    def then_interrupt(self, training):
        epochs.append(training.epoch)
        if len(epochs) == 5:
            signal.raise_signal(signal.SIGINT)  # in this thread, at once

    monkeypatch.setattr(Progress, "epoch", then_interrupt)
    broken = tuning.tune("iris", tmp_path / "broken", trials=4, **QUICK)
    assert broken.interrupted
    assert broken.trials == four.trials[:2]
    assert epochs == [1, 2, 1, 2, 1]
    whole = tuning.go_on(tmp_path / "broken", tell=QUICK["tell"])
    assert epochs == [1, 2, 1, 2, 1, 2, 1, 2], "only what was missing is trained"
    assert whole.trials == four.trials
    assert kept(whole.folder, 3).model.read_bytes() == kept(four.folder, 3).model.read_bytes()


def test_a_program_that_died_before_it_could_note_the_result_loses_nothing(four, tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "conclude", lambda *told: (_ for _ in ()).throw(SystemExit("killed")))
    with pytest.raises(SystemExit):
        tuning.tune("iris", tmp_path / "died", trials=4, **QUICK)
    monkeypatch.undo()
    assert tuning.go_on(tmp_path / "died", tell=QUICK["tell"]).trials == four.trials


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_seed_decides_the_trials(four, sampler, tmp_path):
    a, b = [
        tuning.tune("xor", tmp_path / f"{sampler}{seed}", trials=2, sampler=sampler, seed=seed, **QUICK).trials
        for seed in (0, 1)
    ]
    assert a != b
    assert {trial.settings["lr"] for trial in a} != {trial.settings["lr"] for trial in b}


def test_a_grid_tries_each_combination_once(tmp_path):
    vary = ["lr=0.001:0.1", "batch_size=8,64"]
    found = tuning.tune("iris", tmp_path / "grid", trials=7, sampler="grid", vary=vary, **QUICK)
    tried = sorted((trial.settings["lr"], trial.settings["batch_size"]) for trial in found.trials)
    assert tried == [(rate, size) for rate in (0.001, 0.01, 0.1) for size in (8, 64)]


def test_a_recipe_without_validation_data_is_judged_by_its_loss(tmp_path):
    found = tuning.tune("xor", tmp_path / "xor", trials=1, **QUICK)
    assert found.by == "loss"
    assert found.best.figure == kept(found.folder, 1).history()[-1]["loss"]


def test_an_accuracy_shall_be_high(tmp_path):
    vary = ["lr=0.00001,0.05"]
    found = tuning.tune(
        "iris", tmp_path / "a", trials=2, sampler="grid", vary=vary, by="val_accuracy", epochs=4, tell=str
    )
    assert found.best.settings == {"lr": 0.05}
    assert found.best.figure == max(trial.figure for trial in found.trials) > 0.5


def test_a_training_that_goes_astray_is_a_failed_trial_and_the_search_goes_on(tmp_path):
    lines = []
    vary = ["lr=1e30,0.05"]
    found = tuning.tune("iris", tmp_path / "f", trials=2, sampler="grid", vary=vary, epochs=2, tell=lines.append)
    assert sorted(trial.figure is None for trial in found.trials) == [False, True]
    assert found.best.settings == {"lr": 0.05}
    assert any("failed: the loss" in line for line in lines)
    alone = tuning.tune("iris", tmp_path / "g", trials=1, vary=["lr=1e30"], **QUICK)
    assert alone.best is None
    assert not (alone.folder / "best.json").exists()


def test_test_data_judge_nothing(four):
    assert "test" not in (four.folder / "trials.journal").read_text(encoding="utf-8")


# ---- what is varied


def test_what_is_varied_is_read_as_it_is_written():
    assert space.read("lr=0.001:0.1") == ("lr", space.Range(0.001, 0.1))
    assert space.read("batch-size = 16, 32,16") == ("batch_size", space.Choices([16, 32]))
    assert space.Range(0.001, 0.1).log
    assert not space.Range(0.1, 0.5).log
    assert not space.Range(0.0, 0.5).log
    assert space.Range(0.01, 1.0).grid(3) == [0.01, 0.1, 1.0]
    assert space.Range(1, 3).grid(9) == [1, 2, 3]
    assert space.Range(0.0, 1.0).grid(1) == [0.5]
    assert space.grid_of({"lr": space.Range(0.1, 0.3), "n": space.Choices([1, 2])}, 6)["lr"] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize("text", ["lr", "lr=", "=3", "lr=a", "lr=1:2:3", "lr=2:1", "lr=1,,2", "lr=inf", "lr=nan:1"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(ArgumentError, match=r"vary|number|range"):
        space.read(text)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"vary": ["depth=1,2"]}, "no argument 'depth'(.|\n)*batch_size, epochs"),
        ({"vary": ["lr=0:1"]}, "lr, the learning rate"),
        ({"vary": ["batch_size=0,4"]}, "batch_size must be"),
        ({"vary": ["epochs=2,3"]}, "fixed and varied"),
        ({"sampler": "cmaes"}, "tpe, random, grid"),
        ({"trials": 0}, "trials"),
    ],
)
def test_nonsense_is_refused_before_anything_is_made(asked, words, tmp_path):
    with pytest.raises(ArgumentError, match=words):
        tuning.tune("iris", tmp_path / "s", **{"trials": 2} | asked, **QUICK)
    assert not (tmp_path / "s").exists()


def test_figures_and_files_that_are_not_there_are_named(four, tmp_path):
    with pytest.raises(ArgumentError, match=r"no such figure(.|\n)*val_accuracy"):
        tuning.tune("iris", tmp_path / "b", trials=1, by="f1", **QUICK)
    with pytest.raises(ArgumentError, match="writes over nothing"):
        tuning.tune("iris", four.folder, trials=1, **QUICK)
    with pytest.raises(DataNotFoundError, match=r"tune\.json"):
        tuning.go_on(tmp_path)
    with pytest.raises(DataNotFoundError, match="no configuration"):
        configuration(tmp_path / "none.json")
    with pytest.raises(DataFileError, match="recipe or arguments"):
        configuration(four.folder / "tune.json")


def test_without_optuna_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UnsupportedError, match=r'pip install "pellucid\[tune\]"'):
        tuning.tune("iris", tmp_path / "s", trials=1, **QUICK)
    assert not (tmp_path / "s").exists()


# ---- the picture


def test_the_picture_shows_what_varied_and_rings_the_best(monkeypatch):
    monkeypatch.undo()
    settings = [{"lr": 10.0**-i, "seed": 0, "kind": "ab"[i % 2]} for i in range(4)]
    figure = view.trials(settings, [3.0, None, 1.0, 2.0], name="val_loss", title="a search")
    assert [axes.get_xlabel() for axes in figure.axes] == ["trial", "lr", "kind"]
    assert [axes.get_xscale() for axes in figure.axes] == ["linear", "log", "linear"]
    _, labels = figure.axes[0].get_legend_handles_labels()
    assert labels == ["failed", "best: 1 in trial 3", "best so far"]
    (stairs,) = [line for line in figure.axes[0].get_lines() if line.get_label() == "best so far"]
    assert list(stairs.get_ydata()) == [3, 3, 1, 1]
    highest = view.trials(settings, [3.0, None, 1.0, 2.0], higher_is_better=True)
    assert "best: 3 in trial 1" in highest.axes[0].get_legend_handles_labels()[1]
    with pytest.raises(ArgumentError, match="for each trial"):
        view.trials(settings, [1.0])
    view.trials(settings[:1], [None])


# ---- the command


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """Run `pellucid ...` in a folder of its own; what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out if code == 0 else said.err

    return run


def test_the_command_searches_goes_on_and_its_best_settings_train(command, tmp_path):
    printed = command("tune", "xor", "--trials", 2, "--fast", "--epochs", 20, "--out", "s")
    assert "trial 2 of 2: lr" in printed
    assert "Best of 2 trials: loss" in printed
    assert "trial 3 of 3" in command("tune", "--resume", "s", "--trials", 3)
    (line,) = [line for line in printed.splitlines() if " train --config " in line]
    chosen = line.split(" train ")[1].split()
    command("train", *chosen, "--epochs", 30, "--out", "r")
    best = json.loads((tmp_path / "s" / "best.json").read_text(encoding="utf-8"))
    config = json.loads((tmp_path / "r" / "config.json").read_text(encoding="utf-8"))
    assert config["arguments"] == best["arguments"] | {"epochs": 30}
    assert "of the recipe xor" in command("train", "iris", *chosen, code=2)
    assert "--trials only" in command("tune", "--resume", "s", "--seed", 1, code=2)
    assert "which recipe" in command("tune", code=2)
