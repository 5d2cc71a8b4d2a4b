"""The training loop: against PyTorch and a loop by hand, its callbacks, its files, and how it stops."""

import functools
import json
import signal
import threading

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, train
from pellucid.errors import AnomalyError, ArgumentError, DataNotFoundError, FormatError
from pellucid.train.run import processor
from pellucid.train.training import Means

X, Y = data.iris()


def fit(model=None, optimizer=None, loader=None, **options):
    """A small training with everything that a test does not care about filled in."""
    pc.manual_seed(0)
    model = models.mlp(4, 8, 3, dropout=0.2) if model is None else model
    optimizer = optim.Adam(model.parameters(), lr=0.01) if optimizer is None else optimizer
    loader = data.DataLoader((X, Y), 32, shuffle=True, seed=1) if loader is None else loader
    options = {"epochs": 3, "loss": F.cross_entropy, "progress": False, **options}
    history = train.fit(model, loader, optimizer=optimizer, **options)
    return model, history


def weights(model):
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


def without_seconds(history):
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history]


# what it learns


@pytest.mark.peers
def test_fit_learns_what_the_same_loop_in_pytorch_learns():
    torch = pytest.importorskip("torch")
    mine = nn.Sequential(nn.Linear(4, 8, dtype=pc.float64), nn.Tanh(), nn.Linear(8, 3, dtype=pc.float64))
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).double()
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in mine.state_dict().items()})
    loader = data.DataLoader((X.astype(np.float64), Y), 20, shuffle=True, seed=3)
    history = train.fit(
        mine,
        loader,
        loss=F.cross_entropy,
        optimizer=optim.SGD(mine.parameters(), lr=0.05, momentum=0.9),
        epochs=4,
        progress=False,
    )

    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(4):
        total = 0.0
        for x, y in loader.batches(epoch):
            loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        assert history[epoch]["loss"] == pytest.approx(total / len(X), rel=1e-9)
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[name].numpy(), value.numpy(), rtol=1e-9, atol=1e-12)


def test_evaluate_weighs_batches_by_their_samples():
    model = nn.Sequential(nn.Linear(4, 3))
    figures = train.evaluate(model, data.DataLoader((X, Y), 100), loss=F.cross_entropy, metrics=[metrics.accuracy])
    assert figures["loss"] == pytest.approx(F.cross_entropy(model(pc.tensor(X)), pc.tensor(Y)).item(), rel=1e-5)
    assert figures["accuracy"] == pytest.approx(metrics.accuracy(model(pc.tensor(X)), Y))


def test_a_perceptron_of_several_layers_is_made_as_asked():
    def kinds(model):
        return [type(layer).__name__ for layer in model]

    assert kinds(models.mlp(4, 8, 5, 3)) == ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    net = models.mlp(4, 8, 3, dropout=0.25)
    assert kinds(net) == ["Flatten", "Linear", "ReLU", "Dropout", "Linear"]
    assert net[3].p == 0.25


def test_the_history_has_means_over_samples_not_over_batches():
    model = nn.Sequential(nn.Linear(4, 3))
    loader = data.DataLoader((X, Y), 100)  # batches of 100 and 50
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    _, history = fit(model, optimizer, loader, epochs=1, metrics=[metrics.accuracy], validation=(X, Y))
    expected_loss = F.cross_entropy(model(pc.tensor(X)), pc.tensor(Y)).item()
    expected = metrics.accuracy(model(pc.tensor(X)), Y)
    assert list(history[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert history[0]["loss"] == pytest.approx(expected_loss, rel=1e-5)
    assert history[0]["val_loss"] == pytest.approx(expected_loss, rel=1e-5)
    assert history[0]["accuracy"] == pytest.approx(expected)
    assert history[0]["val_accuracy"] == pytest.approx(expected)


def test_validation_is_in_evaluation_mode_and_training_in_training_mode():
    seen = []

    class Watcher(nn.Module):
        def __init__(self):
            self.inside = nn.Linear(4, 3)

        def forward(self, x):
            seen.append((self.training, self.inside.weight.requires_grad and self.inside(x).requires_grad))
            return self.inside(x)

    fit(Watcher(), validation=(X[:10], Y[:10]), epochs=2, loader=data.DataLoader((X[:20], Y[:20]), 10))
    assert seen == [(True, True), (True, True), (False, False)] * 2


def test_evaluate_leaves_the_mode_as_it_was():
    model = models.mlp(4, 3)
    for mode in (True, False):
        model.train(mode)
        train.evaluate(model, (X, Y), loss=F.cross_entropy)
        assert model.training is mode


def test_evaluate_leaves_every_module_in_the_mode_it_had():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    model[1].eval()  # frozen statistics inside a model that trains

    def broken(predictions, y):
        raise RuntimeError("of the loss")

    train.evaluate(model, (X, Y), loss=F.cross_entropy)
    with pytest.raises(RuntimeError, match="of the loss"):
        train.evaluate(model, (X, Y), loss=broken)
    assert [module.training for module in model.modules()] == [True, True, False, True]


def test_evaluate_needs_a_sample():
    with pytest.raises(ArgumentError, match="not a single sample"):
        train.evaluate(models.mlp(4, 3), (X[:0], Y[:0]), loss=F.cross_entropy)


def test_a_partial_is_a_metric_too():
    sure = functools.partial(metrics.binary_accuracy, threshold=0.0)
    loader = data.DataLoader((X, (Y[:, None] == 0).astype(np.float32)), 50)
    _, history = fit(models.mlp(4, 1), loader=loader, loss=F.binary_cross_entropy_with_logits, metrics=[sure], epochs=1)
    assert 0.0 <= history[0]["binary_accuracy"] <= 1.0


def test_a_pair_of_arrays_will_do_and_modules_are_losses():
    _, history = fit(loader=(X, Y), loss=nn.CrossEntropyLoss(), epochs=2)
    assert history[1]["loss"] < history[0]["loss"]


def test_means_are_weighted_by_the_number_of_samples():
    means = Means()
    means.add({"loss": 1.0}, 3)
    means.add({"loss": 5.0}, 1)
    assert means.values() == {"loss": 2.0}


# callbacks


def test_callbacks_are_told_everything_in_order():
    told = []

    class Noting:
        def __getattr__(self, event):
            if event in ("start", "batch", "epoch", "end"):
                return lambda training: told.append((event, training.epoch, training.batch))
            raise AttributeError(event)

    fit(loader=data.DataLoader((X[:4], Y[:4]), 2), epochs=2, callbacks=[Noting()])
    assert told == [
        ("start", 0, 0), ("batch", 0, 1), ("batch", 0, 2), ("epoch", 1, 0),
        ("batch", 1, 1), ("batch", 1, 2), ("epoch", 2, 0), ("end", 2, 0),
    ]  # fmt: skip


def test_end_is_told_after_an_error_too():
    told = []

    class Failing:
        def batch(self, training):
            raise RuntimeError("of a callback")

        def end(self, training):
            told.append(training.error)

    with pytest.raises(RuntimeError, match="of a callback"):
        fit(callbacks=[Failing()])
    assert str(told[0]) == "of a callback"


def test_end_is_told_if_a_callback_cannot_start():
    told = []

    class Noting:
        def end(self, training):
            told.append(training.error)

    class Failing:
        def start(self, training):
            raise RuntimeError("at the start")

    with pytest.raises(RuntimeError, match="at the start"):
        fit(callbacks=[Noting(), Failing()])
    assert str(told[0]) == "at the start"


def test_early_stopping_waits_for_its_patience():
    losses = iter([3.0, 2.0, 2.5, 2.6, 1.0])

    class Scripted:
        def epoch(self, training):
            training.history[-1]["val_loss"] = next(losses)

    _, history = fit(epochs=5, callbacks=[Scripted(), train.EarlyStopping(patience=2)])
    assert [epoch["val_loss"] for epoch in history] == [3.0, 2.0, 2.5, 2.6]


def test_early_stopping_knows_that_accuracy_shall_rise():
    accuracies = iter([0.5, 0.6, 0.7, 0.7, 0.8])

    class Scripted:
        def epoch(self, training):
            training.history[-1]["val_accuracy"] = next(accuracies)

    stopping = train.EarlyStopping("val_accuracy", patience=1)
    _, history = fit(epochs=5, callbacks=[Scripted(), stopping])
    assert len(history) == 4


def test_early_stopping_knows_which_figures_shall_rise():
    rising = ("val_accuracy", "accuracy", "val_binary_accuracy", "val_f1")
    assert [train.EarlyStopping(name).sign for name in (*rising, "val_loss", "loss")] == [1, 1, 1, 1, -1, -1]
    assert train.EarlyStopping("val_accuracy", higher_is_better=False).sign == -1


def test_early_stopping_says_which_figures_there_are():
    with pytest.raises(ArgumentError, match="'val_loss', and the history has epoch, loss"):
        fit(callbacks=[train.EarlyStopping()])


@pytest.mark.parametrize("compile", [False, True])
def test_a_schedule_changes_the_rate_of_every_epoch(compile):
    model = models.mlp(4, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    rates = []

    class Noting:
        def batch(self, training):
            rates.append(optimizer.param_groups[0]["lr"])

    schedule = train.Schedule(optim.StepLR(optimizer, step_size=1, gamma=0.5))
    fit(model, optimizer, data.DataLoader((X, Y), 150), callbacks=[schedule, Noting()], compile=compile)
    assert rates == [0.1, 0.05, 0.025]


@pytest.mark.parametrize("compile", [False, True])
def test_a_schedule_may_change_the_rate_of_every_batch(compile):
    model = models.mlp(4, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    schedule = optim.OneCycleLR(optimizer, max_lr=0.5, epochs=3, steps_per_epoch=3)
    rates = []

    class Noting:
        def batch(self, training):
            rates.append(optimizer.param_groups[0]["lr"])

    callbacks = [Noting(), train.Schedule(schedule, every="batch")]
    fit(model, optimizer, data.DataLoader((X, Y), 50), callbacks=callbacks, compile=compile)
    alone = optim.OneCycleLR(optim.Adam(models.mlp(4, 3).parameters()), max_lr=0.5, total_steps=9)
    for rate in rates:
        assert rate == alone.get_last_lr()[0]
        alone.step()
    assert len(rates) == 9


@pytest.mark.parametrize("compile", [False, True])
def test_a_plateau_looks_at_the_validation_loss(compile):
    model = models.mlp(4, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    plateau = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=0.5)  # half is an improvement
    _, history = fit(model, optimizer, callbacks=[train.Schedule(plateau)], validation=(X, Y), compile=compile)
    assert plateau.best == history[0]["val_loss"]
    assert optimizer.param_groups[0]["lr"] == 0.1 / 4
    with pytest.raises(ArgumentError, match="ReduceLROnPlateau watches 'val_loss', and the history has epoch, loss"):
        fit(callbacks=[train.Schedule(plateau, monitor="val_loss")])
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    plateau = optim.ReduceLROnPlateau(optimizer)
    _, history = fit(model, optimizer, callbacks=[train.Schedule(plateau)])
    assert plateau.best == min(epoch["loss"] for epoch in history)


def test_what_the_schedule_callback_refuses():
    optimizer = optim.SGD(models.mlp(4, 3).parameters(), lr=0.1)
    with pytest.raises(ArgumentError, match="every is"):
        train.Schedule(optim.StepLR(optimizer, 1), every="week")
    with pytest.raises(ArgumentError, match="StepLR looks at no figure"):
        train.Schedule(optim.StepLR(optimizer, 1), monitor="loss")
    with pytest.raises(ArgumentError, match="figures of whole epochs"):
        train.Schedule(optim.ReduceLROnPlateau(optimizer), every="batch")


# figures that are no means over batches


@pytest.mark.parametrize("size", [7, 32, 150])
def test_metrics_that_are_no_means_are_those_of_all_samples(size):
    model, loader = models.mlp(4, 8, 3), data.DataLoader((X, Y), size)
    macro = functools.partial(metrics.f1, average="macro")
    figures = train.evaluate(model, loader, loss=F.cross_entropy, metrics=[macro, metrics.roc_auc, metrics.accuracy])
    model.eval()
    scores = model(pc.tensor(X)).detach()
    assert figures["f1"] == metrics.f1(scores, Y, average="macro")
    assert figures["roc_auc"] == pytest.approx(metrics.roc_auc(scores, Y))
    assert figures["accuracy"] == pytest.approx(metrics.accuracy(scores, Y))


def test_metrics_may_have_names():
    named = {average: functools.partial(metrics.f1, average=average) for average in ("macro", "micro")}
    _, history = fit(metrics=named, validation=(X, Y))
    for epoch in history:
        assert epoch["micro"] != epoch["macro"]
        assert {"val_micro", "val_macro"} < set(epoch)
    with pytest.raises(ArgumentError, match=r"two figures would be called 'f1'(.|\n)*Give a dict"):
        fit(metrics=list(named.values()))
    with pytest.raises(ArgumentError, match="gives 3 numbers"):
        fit(metrics=[functools.partial(metrics.f1, average=None)])
    with pytest.raises(ArgumentError, match="no function"):
        fit(metrics=["accuracy"])


@pytest.mark.parametrize("compile", [False, True])
def test_schedules_go_on_in_the_midst_of_an_epoch(tmp_path, compile):
    class Stop:
        def batch(self, training):
            if (training.epoch, training.batch) == (1, 3):
                training.stopped = "enough"

    def run(folder, *callbacks):
        pc.manual_seed(0)
        model = models.mlp(4, 8, 3)
        optimizer = optim.NAdam(model.parameters(), lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)
        cycle = optim.OneCycleLR(optimizer, max_lr=0.05, epochs=3, steps_per_epoch=5)
        plateau = optim.ReduceLROnPlateau(optim.SGD(model.parameters(), lr=0.1), patience=0, threshold=0.9)
        schedules = [train.Schedule(cycle, every="batch"), train.Schedule(plateau)]
        kept = train.Run.open(folder) if folder.exists() else train.Run.create("test", folder=folder)
        _, history = fit(
            model, optimizer, validation=(X, Y), callbacks=[*schedules, *callbacks], run=kept, compile=compile
        )
        return without_seconds(history), weights(model), cycle.state_dict(), plateau.state_dict()

    whole = run(tmp_path / "whole")
    run(tmp_path / "parts", Stop())
    assert run(tmp_path / "parts") == whole
    assert whole[3]["_last_lr"] == [pytest.approx(0.1 / 100)]


def test_metrics_go_on_in_the_midst_of_an_epoch(tmp_path):
    macro = functools.partial(metrics.f1, average="macro")

    class Stop:
        def batch(self, training):
            if (training.epoch, training.batch) == (1, 3):
                training.stopped = "enough"

    def run(folder, *callbacks):
        pc.manual_seed(0)
        model = models.mlp(4, 8, 3)
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        kept = train.Run.open(folder) if folder.exists() else train.Run.create("test", folder=folder)
        figures = [macro, metrics.roc_auc]
        _, history = fit(model, optimizer, metrics=figures, callbacks=callbacks, run=kept)
        return without_seconds(history)

    whole = run(tmp_path / "whole")
    run(tmp_path / "parts", Stop())
    assert run(tmp_path / "parts") == whole


# how it stops


def test_a_loss_that_is_not_finite_stops_with_epoch_and_batch_and_advice():
    model = models.mlp(4, 8, 3)
    bad = X.copy()
    bad[70] = np.nan
    loader = data.DataLoader((bad, Y), 50)
    with pytest.raises(AnomalyError, match=r"nan in epoch 1, batch 2 of 3") as caught:
        fit(model, loader=loader)
    assert "smaller learning rate (it is 0.01" in caught.value.remedy
    assert "detect_anomaly" in caught.value.remedy


def test_a_huge_learning_rate_stops_and_leaves_the_last_good_checkpoint(tmp_path):
    run = train.Run.create("test", folder=tmp_path / "run")
    model = models.mlp(4, 8, 3)
    before = weights(model)
    with pytest.raises(AnomalyError):
        fit(model, optim.SGD(model.parameters(), lr=1e38), run=run)
    assert weights(model) != before
    kept = run.weights()
    assert all(np.isfinite(value.numpy()).all() for value in kept.values())
    assert {name: value.numpy().tobytes() for name, value in kept.items()} == before
    assert not run.model.exists()
    assert not run.finished


def test_weights_that_go_astray_in_the_very_last_step_are_not_saved(tmp_path):
    """The last loss is still finite; only the weights that come of it are not."""
    run = train.Run.create("test", folder=tmp_path / "run")
    model = models.mlp(4, 3)
    loader = data.DataLoader((X * np.float32(1000), Y), 150)
    with pytest.raises(AnomalyError, match=r"the parameter 1\.weight is no longer finite"):
        fit(model, optim.SGD(model.parameters(), lr=1e38), loader, epochs=1, run=run)
    assert not run.model.exists()
    assert all(np.isfinite(value.numpy()).all() for value in run.weights().values())


class InterruptAfter:
    """Sends this process what Ctrl-C sends, after some batches."""

    def __init__(self, batches):
        self.batches = batches

    def batch(self, training):
        self.batches -= 1
        if self.batches == 0:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_stops_after_the_batch_and_keeps_what_was_trained(tmp_path):
    run = train.Run.create("test", folder=tmp_path / "run")
    model, history = fit(run=run, callbacks=[InterruptAfter(7)])  # five batches make an epoch
    assert len(history) == 1
    assert run.interrupted
    assert not run.finished
    assert {name: value.numpy().tobytes() for name, value in run.weights().items()} == weights(model)
    again, whole = fit(run=train.Run.open(tmp_path / "run"))
    expected, expected_history = fit()
    assert weights(again) == weights(expected)
    assert without_seconds(whole) == without_seconds(expected_history)


@pytest.mark.usefixtures("ctrl_c")
def test_the_second_ctrl_c_breaks_off_at_once():
    class Twice:
        def batch(self, training):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(callbacks=[Twice()])


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_means_what_it_meant_before_once_training_is_over():
    before = signal.getsignal(signal.SIGINT)
    fit(epochs=1)
    assert signal.getsignal(signal.SIGINT) is before


def test_training_works_in_another_thread():
    result = []
    thread = threading.Thread(target=lambda: result.append(fit(epochs=1)[1]))
    thread.start()
    thread.join()
    assert len(result[0]) == 1


@pytest.mark.parametrize(("options", "message"), [
    ({"epochs": 0}, "epochs"), ({"epochs": 1.5}, "epochs"), ({"compile": "yes"}, "compile"),
    ({"loader": "digits"}, "DataLoader"), ({"loader": data.DataLoader(X)}, r"a pair \(x, y\)"),
    ({"loader": data.DataLoader((X, Y, Y))}, "3 arrays"),
    ({"loader": data.DataLoader((X[:3], Y[:3]), 5, drop_last=True)}, "batch"),
])  # fmt: skip
def test_arguments_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ArgumentError, match=message):
        fit(**options)


# the folder of a run


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
