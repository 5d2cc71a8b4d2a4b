"""Schedules and metrics in a training: the rate of each epoch or batch, figures that are no means, going on."""

import functools

import pytest
from trainings import X, Y, fit, weights, without_seconds

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, optim, train
from pellucid.errors import ArgumentError


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
