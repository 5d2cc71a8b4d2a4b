"""Callbacks of fit: what they keep, what they write, and that a training killed on the way loses none of it."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, optim, train
from pellucid.errors import ArgumentError, UnsupportedError

ROOT = Path(__file__).resolve().parent.parent
X, Y = data.iris()


def fit(*callbacks, epochs=5, lr=0.1, validation=(X, Y), **options):
    pc.manual_seed(1)
    model = models.mlp(4, 8, 3)
    optimizer = options.pop("optimizer", None) or optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    history = train.fit(
        model, data.DataLoader((X, Y), 30, shuffle=True), loss=F.cross_entropy, optimizer=optimizer, epochs=epochs,
        validation=validation, callbacks=callbacks, progress=False, **options,
    )  # fmt: skip
    return model, history


class Scripted:
    """Puts figures of our choice into the history."""

    def __init__(self, *values, name="val_loss"):
        self.values, self.name = values, name

    def epoch(self, training):
        training.history[-1][self.name] = self.values[training.epoch - 1]


class Stop:
    """Ctrl-C in the given epoch."""

    def __init__(self, epoch):
        self.at = epoch

    def batch(self, training):
        if training.epoch == self.at and training.batch == 2:
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def ctrl_c():
    """SIGINT is Python's own, as in a program that a user runs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# steering


@pytest.mark.parametrize(("min_delta", "epochs"), [(0.0, 6), (0.05, 4), (1.5, 3)])
def test_early_stopping_counts_an_improvement_only_above_min_delta(min_delta, epochs):
    """Two epochs after the best one, which is epoch 4, epoch 2, and the first."""
    losses = Scripted(3.0, 2.0, 1.99, 1.98, 2.5, 2.6, 2.7)
    _, history = fit(losses, train.EarlyStopping(patience=2, min_delta=min_delta), epochs=7)
    assert len(history) == epochs


def test_best_weights_are_those_after_the_best_epoch():
    weights = []

    class Noting:
        def epoch(self, training):
            weights.append(training.model.state_dict()["1.weight"].numpy())

    best = train.BestWeights()
    model, _ = fit(Scripted(3.0, 1.0, 2.0, 1.0, 5.0), Noting(), best)
    assert best.epoch_number == 2, "the first of two that are equally good"
    np.testing.assert_array_equal(model.state_dict()["1.weight"].numpy(), weights[1])
    assert not np.array_equal(weights[1], weights[4])


def test_best_weights_of_a_figure_that_shall_rise():
    best = train.BestWeights("val_accuracy")
    fit(Scripted(0.5, 0.9, 0.7, name="val_accuracy"), best, epochs=3)
    assert best.epoch_number == 2


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupted_training_keeps_its_latest_weights_and_the_best_are_at_hand():
    latest = {}

    class Noting:
        def batch(self, training):
            latest["weight"] = training.model.state_dict()["1.weight"].numpy()

    best = train.BestWeights()
    model, history = fit(Scripted(1.0, 2.0, 3.0), best, Noting(), Stop(2))
    assert len(history) == 2
    np.testing.assert_array_equal(model.state_dict()["1.weight"].numpy(), latest["weight"])
    best.restore(model)
    np.testing.assert_array_equal(model.state_dict()["1.weight"].numpy(), best.state["1.weight"].numpy())
    assert not np.array_equal(best.state["1.weight"].numpy(), latest["weight"])


def test_best_weights_go_into_the_file_of_the_run(tmp_path):
    run = train.Run.create("test", folder=tmp_path / "run")
    best = train.BestWeights()
    fit(Scripted(3.0, 1.0, 2.0), best, epochs=3, run=run)
    np.testing.assert_array_equal(run.weights()["1.weight"].numpy(), best.state["1.weight"].numpy())


# saving


def test_weights_are_saved_every_so_many_epochs_and_the_last_few_stay(tmp_path):
    (tmp_path / "epoch-best.safetensors").write_bytes(b"somebody else's")
    model, _ = fit(train.SaveWeights(tmp_path, every=2, keep=2), epochs=7)
    names = [path.name for path in sorted(tmp_path.iterdir())]
    assert names == ["epoch-0006.safetensors", "epoch-0007.safetensors", "epoch-best.safetensors"]
    saved, notes = train.load_with_metadata(tmp_path / "epoch-0007.safetensors")
    np.testing.assert_array_equal(saved["1.weight"].numpy(), model.state_dict()["1.weight"].numpy())
    assert notes["epoch"] == 7
    assert notes["val_loss"] > 0


@pytest.mark.parametrize("options", [{"every": 0}, {"keep": 0}, {"every": 1.5}])
def test_save_weights_refuses_numbers_that_make_no_sense(tmp_path, options):
    with pytest.raises(ArgumentError, match="at least 1"):
        train.SaveWeights(tmp_path, **options)


# writing down


def test_the_learning_rate_is_the_one_of_the_epoch_wherever_the_schedule_stands(tmp_path):
    for order in (1, -1):
        pc.manual_seed(1)
        model = models.mlp(4, 3)
        optimizer = optim.SGD(model.parameters(), lr=0.8)
        callbacks = [train.LearningRate(), train.Schedule(optim.StepLR(optimizer, step_size=1, gamma=0.5))][::order]
        history = train.fit(
            model, (X, Y), loss=F.cross_entropy, optimizer=optimizer, epochs=3, callbacks=callbacks, progress=False
        )
        assert [epoch["lr"] for epoch in history] == [0.8, 0.4, 0.2]


def test_learning_rates_of_several_groups_have_numbers():
    model = models.mlp(4, 8, 3)
    groups = [{"params": model[1].parameters(), "lr": 0.5}, {"params": model[3].parameters()}]
    history = train.fit(
        model, (X, Y), loss=F.cross_entropy, optimizer=optim.SGD(groups, lr=0.1), epochs=1,
        callbacks=[train.LearningRate()], progress=False,
    )  # fmt: skip
    assert (history[0]["lr_0"], history[0]["lr_1"]) == (0.5, 0.1)


def test_the_csv_file_holds_the_history(tmp_path):
    path = tmp_path / "history.csv"
    _, history = fit(train.LearningRate(), train.CSVLog(path), epochs=3, metrics=[metrics.accuracy])
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds", "lr"]
    assert list(rows[0]) == columns
    assert [[float(value) for value in row.values()] for row in rows] == [list(epoch.values()) for epoch in history]
    fit(train.CSVLog(path), epochs=1)  # a second training writes it anew
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_csv_log_writes_over_nothing_else(tmp_path):
    (tmp_path / "results.csv").write_text("my,years,of,work\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match="does not write over it"):
        fit(train.CSVLog(tmp_path / "results.csv"))
    assert (tmp_path / "results.csv").read_text(encoding="utf-8") == "my,years,of,work\n"


def curves(folder):
    """What is in event files: curve -> [(step, value)], read with tensorboardX's own messages."""
    from tensorboardX.proto.event_pb2 import Event

    found, order = {}, sorted(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in order:
        content = path.read_bytes()
        while content:  # length (8 bytes), its checksum (4), the event, its checksum (4)
            length = int.from_bytes(content[:8], "little")
            if len(content) < 16 + length:
                break  # the writer was killed in the middle of it
            event = Event.FromString(content[12 : 12 + length])
            content = content[16 + length :]
            if event.HasField("session_log"):  # what was written of these steps is taken back
                found = {name: [point for point in points if point[0] < event.step] for name, points in found.items()}
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_tensorboard_reads_the_figures_back(tmp_path):
    pytest.importorskip("tensorboardX")
    _, history = fit(train.LearningRate(), train.TensorBoard(tmp_path), epochs=3)
    points = curves(tmp_path)
    assert set(points) == {"loss/train", "loss/validation", "seconds", "lr"}
    assert points["loss/train"] == [(e["epoch"], pytest.approx(e["loss"], rel=1e-6)) for e in history]
    assert points["loss/validation"] == [(e["epoch"], pytest.approx(e["val_loss"], rel=1e-6)) for e in history]


def test_tensorboards_own_reader_reads_them_too(tmp_path):
    pytest.importorskip("tensorboardX")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    _, history = fit(train.TensorBoard(tmp_path), epochs=2)
    events = accumulator.EventAccumulator(str(tmp_path)).Reload()
    assert [e.value for e in events.Scalars("loss/train")] == pytest.approx([e["loss"] for e in history])


def test_without_tensorboardx_a_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UnsupportedError, match="tensorboardX") as caught:
        fit(train.TensorBoard(tmp_path / "events"))
    assert "pellucid[tensorboard]" in caught.value.remedy


# what goes wrong


@pytest.mark.parametrize("wrong", [train.CSVLog, print, "early stopping"])
def test_what_is_no_callback_is_refused(wrong):
    with pytest.raises(ArgumentError, match=r"class CSVLog|none of the methods"):
        fit(wrong)


def test_a_callback_of_ones_own_is_any_object():
    class StopAtNoon:
        def epoch(self, training):
            if training.epoch == 2:
                training.stopped = "it is noon"

    _, history = fit(StopAtNoon())
    assert len(history) == 2


PROGRAM = """
import os, signal, sys
import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, train

folder, kill_after = sys.argv[1], int(sys.argv[2])
X, Y = data.iris()
pc.manual_seed(3)
model = models.mlp(4, 8, 3, dropout=0.2)
optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)

class Kill:
    batches = 0
    def batch(self, training):
        self.batches += 1
        if self.batches == kill_after:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

os.makedirs(folder, exist_ok=True)
where = os.path.join(folder, "run")
run = train.Run.open(where) if os.path.exists(where) else train.Run.create("test", folder=where)
schedule = train.Schedule(optim.StepLR(optimizer, step_size=2, gamma=0.5))
best = train.BestWeights()
callbacks = [train.LearningRate(), schedule, train.EarlyStopping(patience=4), best,
             train.SaveWeights(os.path.join(folder, "weights"), keep=2),
             train.CSVLog(os.path.join(folder, "history.csv")), train.TensorBoard(os.path.join(folder, "events")),
             train.Checkpoint(run, batches=2), Kill()]
if not int(sys.argv[3]):
    callbacks = [callback for callback in callbacks if not isinstance(callback, train.TensorBoard)]
train.fit(model, data.DataLoader((X, Y), 30, shuffle=True), loss=F.cross_entropy, optimizer=optimizer, epochs=8,
          validation=(X, Y), callbacks=callbacks, run=run, compile=False, progress=False)
print(best.epoch_number)
"""


def test_killed_and_resumed_all_of_them_have_what_an_undisturbed_training_has(tmp_path):
    """Killed in the middle of epochs 3 and 5: best weights, rates, CSV lines and curves are as if nothing had been."""
    try:
        import tensorboardX  # noqa: F401
    except ImportError:
        events = "0"
    else:
        events = "1"

    def launch(folder, kill_after):
        command = [sys.executable, "-c", PROGRAM, str(folder), str(kill_after), events]
        return subprocess.run(
            command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8", check=False
        )

    whole = launch(tmp_path / "whole", 0)
    assert whole.returncode == 0, whole.stderr
    for kill_after in (13, 10):
        assert launch(tmp_path / "broken", kill_after).returncode != 0
    resumed = launch(tmp_path / "broken", 0)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == whole.stdout, "the best epoch"

    def kept(folder):
        with open(folder / "history.csv", encoding="utf-8", newline="") as file:
            rows = [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
        files = {path.name: path.read_bytes() for path in [folder / "run" / "model.safetensors"]}
        points = curves(folder / "events") if events == "1" else {}
        points.pop("seconds", None)
        return rows, files, sorted(path.name for path in (folder / "weights").iterdir()), points

    assert kept(tmp_path / "broken") == kept(tmp_path / "whole")


def test_any_figure_is_better_than_nan():
    best = train.BestWeights("val_f1")
    model = models.mlp(4, 8, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    training = train.training.Training(model, [None], optimizer, epochs=4)
    for epoch, figure in enumerate([float("nan"), 0.5, float("nan"), 0.4], 1):
        training.epoch = epoch
        training.history.append({"epoch": epoch, "val_f1": figure})
        best.epoch(training)
    assert best.epoch_number == 2


def test_weights_of_a_longer_training_do_not_push_out_new_ones(tmp_path):
    for name in ("epoch-0050.safetensors", "epoch-0051.safetensors"):
        (tmp_path / name).write_bytes(b"of another training")
    fit(train.SaveWeights(tmp_path, keep=2), epochs=3)
    numbers = sorted(int(path.stem.removeprefix("epoch-")) for path in tmp_path.iterdir())
    assert numbers == [2, 3, 50, 51]
