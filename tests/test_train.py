"""The training loop: against PyTorch and a loop by hand, its callbacks, and how it stops."""

import functools
import signal
import threading

import numpy as np
import pytest
from trainings import X, Y, fit, weights, without_seconds

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, train
from pellucid.errors import AnomalyError, ArgumentError
from pellucid.train.training import Means

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
