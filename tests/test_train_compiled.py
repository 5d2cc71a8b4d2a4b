"""Compiled steps in fit: when they are chosen, that they learn the same, and that nothing changes in silence."""

from pathlib import Path

import numpy as np
import pytest
from trainings import X, Y, weights, without_seconds

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, targets, train
from pellucid.errors import ConstantChangedError, RecordedValueError, ShapeError
from pellucid.train import decide
from pellucid.train.run import c_works

X64 = X.astype(np.float64)
NOISE = np.random.default_rng(0)

needs_c = pytest.mark.skipif(not c_works(), reason="no C compiler")


@pytest.fixture(autouse=True)
def each_line_is_news():
    targets.tell_once.cache_clear()


@pytest.fixture
def worth_it(monkeypatch):
    """Compiling costs nothing: every step of which there are enough is compiled."""
    monkeypatch.setattr(decide, "COMPILING", 0.0)
    monkeypatch.setattr(decide, "COMPILING_OP", 0.0)


class Noting:
    """A callback that keeps what was decided."""

    def start(self, training):
        self.decision = training.decision


def fit(model=None, optimizer=None, callbacks=(), seed=0, **options):
    """A small training; the model, the history and what was decided."""
    pc.manual_seed(seed)
    model = models.mlp(4, 8, 3, dropout=0.2) if model is None else model
    optimizer = optim.Adam(model.parameters(), lr=0.01) if optimizer is None else optimizer
    noting = Noting()
    options = {"epochs": 3, "loss": F.cross_entropy, "progress": False, **options}
    options.setdefault("data", data.DataLoader((X, Y), 32, shuffle=True, seed=1))
    history = train.fit(model, optimizer=optimizer, callbacks=[*callbacks, noting], **options)
    return model, history, noting.decision


# that it learns the same


def test_a_recording_on_numpy_gives_the_bits_of_eager_training(monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", "numpy")
    eager, eager_history, _ = fit(compile=False, validation=(X, Y), metrics=[metrics.accuracy])
    recorded, recorded_history, decision = fit(compile=True, validation=(X, Y), metrics=[metrics.accuracy])
    assert decision == (True, "as asked", "numpy")
    assert weights(recorded) == weights(eager)
    assert without_seconds(recorded_history) == without_seconds(eager_history)


@needs_c
@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "RMSprop"])
def test_compiled_in_c_it_learns_what_eager_training_learns(optimizer):
    """With dropout, batch norm, a schedule, an odd last batch, and validation after each epoch."""
    trained = []
    for compile in (False, True):
        pc.manual_seed(4)
        # Without a bias before the batch norm, whose gradient is nothing but rounding, which Adam makes large.
        first, last = nn.Linear(4, 16, bias=False, dtype=pc.float64), nn.Linear(16, 3, dtype=pc.float64)
        model = nn.Sequential(first, nn.BatchNorm1d(16, dtype=pc.float64), nn.ReLU(), nn.Dropout(0.3), last)
        chosen = getattr(optim, optimizer)(model.parameters(), lr=0.01)
        schedule = train.Schedule(optim.StepLR(chosen, step_size=2, gamma=0.5))
        trained.append(fit(model, chosen, [schedule], compile=compile, epochs=6, data=(X64, Y), validation=(X64, Y)))
    (eager, eager_history, _), (compiled, history, decision) = trained
    assert decision == (True, "as asked", "c")
    for name, value in eager.state_dict().items():
        np.testing.assert_allclose(compiled.state_dict()[name].numpy(), value.numpy(), rtol=1e-9, atol=1e-12)
    for before, after in zip(eager_history, history, strict=True):
        assert after["loss"] == pytest.approx(before["loss"], rel=1e-9)
        assert after["val_loss"] == pytest.approx(before["val_loss"], rel=1e-9)


def test_a_compiled_training_really_repeats_a_recording():
    calls = []

    class Counting(nn.Module):
        def __init__(self):
            self.inside = nn.Linear(4, 3)

        def forward(self, x):
            calls.append(1)
            return self.inside(x)

    counts = []
    for compile in (False, True):
        calls.clear()
        fit(Counting(), compile=compile, epochs=4, data=data.DataLoader((X, Y), 10))
        counts.append(len(calls))
    assert counts == [60, 6]  # recorded once, and again to compare: at the calls 2 and 10, and between the epochs


# when it is chosen


def sized(hidden, batch_size, epochs):
    """What is decided for a network of this size."""
    samples = 64 * 40
    x, y = np.zeros((samples, 64), np.float32), np.zeros(samples, np.int64)
    model = models.mlp(64, hidden, 10)

    class Enough:
        def batch(self, training):
            training.stopped = "enough for this test"

    loader = data.DataLoader((x, y), batch_size)
    _, _, decision = fit(model, callbacks=[Enough()], data=loader, epochs=epochs, compile="auto")
    return decision


@needs_c
def test_long_and_large_trainings_are_compiled_and_short_and_small_ones_not():
    assert not sized(hidden=32, batch_size=64, epochs=1).compiled
    many = sized(hidden=32, batch_size=64, epochs=200)
    assert (many.compiled, many.target) == (True, "c")
    assert many.because.startswith("8000 steps of ")
    assert "compiling saves about" in many.because
    assert not sized(hidden=32, batch_size=64, epochs=10).compiled
    assert sized(hidden=1500, batch_size=320, epochs=100).compiled  # fewer steps, each of more work


def test_what_is_decided_depends_on_shapes_and_counts_only(monkeypatch):
    """Two runs decide alike: no clock is read, and whether kernels lie in the cache makes no difference."""
    first = sized(32, 64, 10)
    monkeypatch.setattr("time.perf_counter", lambda: 0.0)
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    assert sized(32, 64, 10) == first


def test_a_handful_of_steps_is_not_even_recorded(worth_it):
    calls = []

    class Counting(nn.Module):
        def __init__(self):
            self.inside = nn.Linear(4, 3)

        def forward(self, x):
            calls.append(x.numpy().shape)  # no recorded value has numbers
            return self.inside(x)

    _, _, decision = fit(Counting(), data=(X[:64], Y[:64]))
    assert decision == (False, "it has 6 steps only", "numpy")
    assert calls == [(32, 4)] * 6


@needs_c
def test_where_it_is_worth_it_auto_compiles(worth_it):
    automatic, history, decision = fit(compile="auto")
    asked, expected, _ = fit(compile=True)
    assert (decision.compiled, decision.target) == (True, "c")
    assert weights(automatic) == weights(asked)
    assert without_seconds(history) == without_seconds(expected)


def test_a_target_that_saves_nothing_is_not_chosen(worth_it, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", "numpy")
    _, _, decision = fit(compile="auto")
    assert decision == (False, "the recording would run on NumPy, which saves no time", "numpy")


def test_without_a_compiler_training_is_eager_and_one_line_says_how_to_get_one(worth_it, monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.delenv("PELLUCID_TARGET", raising=False)
    model, _, decision = fit(compile="auto")
    fit(compile="auto")
    assert not decision.compiled
    assert "NumPy" in decision.because
    assert capsys.readouterr().err.count("no-such-compiler") == 2  # one message, in which it is named twice
    eager, _, _ = fit(compile=False)
    assert weights(model) == weights(eager)


def test_a_missing_compiler_is_no_news_where_none_is_needed(monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler")
    fit(compile="auto")
    assert capsys.readouterr().err == ""


def test_whoever_watches_each_op_sees_them(worth_it):
    with pc.detect_anomaly():
        _, _, decision = fit(compile="auto", epochs=4)
    assert decision.because == "each op is watched, as by detect_anomaly"


# steps that cannot be recorded


class Asking(nn.Module):
    """Asks for a number, which a recorded value does not have."""

    def __init__(self):
        self.inside = nn.Linear(4, 3)

    def forward(self, x):
        scores = self.inside(x)
        return scores * 0.5 if scores.mean().item() > 0 else scores


class Noisy(Asking):
    """Draws numbers that no program knows of."""

    def forward(self, x):
        return self.inside(x + NOISE.normal(size=x.shape).astype(np.float32))


class Counts(Asking):
    """Counts in an attribute, which a program would not do."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        return self.inside(x)


class Keeps(Asking):
    """Keeps activations to be looked at later."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(self.inside(x))
        return self.seen[-1]


@pytest.mark.parametrize(("kind", "said"), [
    (Asking, "item()"), (Noisy, "has changed"), (Counts, "Counts.calls changes"), (Keeps, "Keeps.seen changes"),
])  # fmt: skip
def test_a_step_that_cannot_be_recorded_runs_line_by_line_and_one_line_says_why(worth_it, capsys, kind, said):
    model, _, decision = fit(kind(), compile="auto")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("The steps of this training are not compiled: ")
    assert said in lines[0]
    assert not decision.compiled
    assert decision.because in lines[0]
    if kind is not Noisy:
        eager, _, _ = fit(kind(), compile=False)
        assert weights(model) == weights(eager)
    if kind is Counts:
        assert model.calls == 15  # those of the training alone
    if kind is Keeps:
        assert len(model.seen) == 15
        assert all(np.isfinite(y.numpy()).all() for y in model.seen)


def test_the_line_names_the_users_line(worth_it, capsys):
    fit(Asking(), compile="auto")
    assert f"{Path(__file__).name}:" in capsys.readouterr().err


def test_what_cannot_be_recorded_is_an_error_if_it_was_asked_for():
    with pytest.raises(RecordedValueError, match="item"):
        fit(Asking(), compile=True)


def test_a_mistake_in_the_model_is_told_as_without_a_recording(worth_it, capsys):
    with pytest.raises(ShapeError, match=r"float32\[32, 4\]"):
        fit(nn.Sequential(nn.Linear(5, 3)), compile="auto")
    assert capsys.readouterr().err == ""


# numbers that change while it trains


class Scaled(nn.Module):
    """Its scale is a Python number, so a program has it as a constant."""

    def __init__(self):
        self.inside = nn.Linear(4, 3)
        self.scale = 1.0

    def forward(self, x):
        return self.inside(x) * self.scale


class Cooling:
    """Halves the scale after each epoch."""

    def epoch(self, training):
        training.model.scale *= 0.5


@needs_c
@pytest.mark.parametrize("compile", [True, "auto"])
def test_a_number_that_is_changed_between_epochs_is_not_overlooked(worth_it, compile):
    data_ = data.DataLoader((X, Y), 10)  # more than ten steps in an epoch: a compiled step looks no more by itself
    model = Scaled()
    with pytest.raises(ConstantChangedError, match=r"1.0 has become 0.5") as caught:
        fit(model, callbacks=[Cooling()], data=data_, compile=compile)
    assert "compile=False" in str(caught.value)
    fit(Scaled(), callbacks=[Cooling()], data=data_, compile=False)


@needs_c
def test_layers_may_be_frozen_between_epochs(worth_it):
    class Freeze:
        def epoch(self, training):
            training.model[1].weight.requires_grad_(False)
            self.weight = training.model[1].weight.numpy().tobytes()

    freeze = [Freeze(), Freeze()]
    model, _, _ = fit(models.mlp(4, 8, 3), callbacks=[freeze[0]], compile="auto")
    eager, _, _ = fit(models.mlp(4, 8, 3), callbacks=[freeze[1]], compile=False)
    assert model[1].weight.numpy().tobytes() == freeze[0].weight
    np.testing.assert_allclose(model[3].weight.numpy(), eager[3].weight.numpy(), rtol=1e-3, atol=1e-5)
