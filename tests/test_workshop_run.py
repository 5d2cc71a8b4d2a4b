"""Running programs on the learner's parts: what is put in place is used, is counted, and shows in training."""

import importlib

import pytest
from workshop_small import small  # noqa: F401  a fixture

import pellucid as pc
from pellucid.errors import ArgumentError, RecordingError
from pellucid.modes import mode
from pellucid.workshop import run as runs
from pellucid.workshop import table
from pellucid.workshop.folder import Folder, fingerprint
from pellucid.workshop.hook import Place
from pellucid.workshop.proof import lines_of
from pellucid.workshop.referee import right_texts

PARTS = [piece.name for piece in table.pieces() if piece.lives]


def ran(what, names, known_texts=None, **options):
    return runs.Run(what, names, known_texts or right_texts(table.NAMES), **options).finish()


@pytest.fixture(scope="module")
def on_parts():
    """The program of digits on all parts at once: the second right answers, so that it is not the text of the first."""
    known = {name: (table.piece(name).right[1], f"{name}.py") for name in table.NAMES}
    return ran(runs.program("digits"), PARTS, known, eager=runs.needs_eager(PARTS), silent=True)


@pytest.fixture(scope="module")
def on_ours():
    return ran(runs.program("digits"), [], eager=runs.needs_eager(PARTS), silent=True)


def test_every_part_is_called_in_every_place(on_parts):
    assert on_parts.error is None
    counted = {(row["piece"], row["lives"]): row["calls"] for row in on_parts.proof}
    assert set(counted) == {(name, lives) for name in PARTS for lives in table.piece(name).lives}
    assert min(counted.values()) > 0, counted
    assert all(row["seconds"] > 0 for row in on_parts.proof)


def test_training_on_the_parts_is_as_good(on_parts, on_ours):
    assert on_ours.proof == []
    assert set(on_parts.figures) == set(on_ours.figures) == {"SGD with momentum", "Adam"}
    for name, figures in on_parts.figures.items():
        assert figures["losses"] == pytest.approx(on_ours.figures[name]["losses"], rel=1e-3)
        assert figures["accuracy"] == pytest.approx(on_ours.figures[name]["accuracy"], abs=0.01)
        assert figures["accuracy"] > 0.94


@pytest.mark.parametrize("name", PARTS)
def test_each_part_takes_the_place_of_what_it_says(name):
    """What it lives as is a function or a method of ours, and `plug` answers for exactly these places."""
    one = table.piece(name)
    for lives in one.lives:
        module, _, qualname = lives.partition(":")
        thing = importlib.import_module(module)
        for word in qualname.split("."):
            thing = getattr(thing, word)
        assert callable(thing)


# ---- programs in files


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


SOFTMAX = """
import pellucid as pc
from pellucid.functional import softmax
from workshop.double import double
x = pc.tensor([1.0, 2.0])
assert softmax(x, 0).numpy().sum() == 1.0
assert pc.functional.softmax(x, dim=0) is not None
assert double(4) == 8
"""


def test_a_file_runs_on_them(small, tmp_path):  # noqa: F811
    found = ran(runs.program(write(tmp_path / "mine.py", SOFTMAX)), ["soft"], eager=True)
    assert found.error is None
    assert [row["calls"] for row in found.proof] == [2]


def test_a_part_that_is_broken_shows_where(small, tmp_path):  # noqa: F811
    known = {**right_texts(table.NAMES), "soft": ("def soft(x):\n    return x / zero", "soft.py")}
    found = ran(runs.program(write(tmp_path / "mine.py", SOFTMAX)), ["soft"], known, eager=True)
    assert "zero" in found.error
    assert found.line == "soft.py, 2"
    assert found.proof[0]["calls"] == 1


def test_calls_that_are_recorded_are_counted(tmp_path):
    """A part that is written with ops may be recorded and compiled."""
    program = write(
        tmp_path / "mine.py",
        """
import pellucid as pc
w = pc.tensor([[1.0]], requires_grad=True)
optimizer = pc.optim.SGD([w], lr=0.1)
@pc.compile(target="numpy")
def step(x):
    loss = (x @ w).sum()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    return loss
for _ in range(5):
    step(pc.tensor([[2.0]]))
assert abs(w.item()) < 1e-6, w
""",
    )
    row = ran(runs.program(program), ["matmul_gradient"], eager=False).proof[0]
    assert row["calls"] == row["recordings"] > 0
    assert row["calls"] < 5
    row = ran(runs.program(program), ["matmul_gradient"], eager=True).proof[0]
    assert (row["calls"], row["recordings"]) == (5, 0)


def test_an_unknown_program_is_refused():
    with pytest.raises(ArgumentError, match="no program, lesson or file 'dijits'"):
        runs.program("dijits")


def test_which_parts_are_put_in_place(small, tmp_path):  # noqa: F811
    folder = Folder(tmp_path)
    folder.start("en")
    assert runs.plugged_names(folder.states()) == []
    assert runs.plugged_names(folder.states(), ["soft"]) == ["soft"]
    with pytest.raises(ArgumentError, match="soft has not passed"):
        runs.plugged_names(folder.states(), only=["soft"])
    with pytest.raises(ArgumentError, match="double is a study"):
        runs.plugged_names(folder.states(), ["double"])
    text = table.piece("soft").right[1]
    folder.file("soft").write_text(text, encoding="utf-8")
    folder.log("check", piece="soft", verdict="passed", sha256=fingerprint(text))
    assert runs.plugged_names(folder.states()) == ["soft"]
    known = runs.texts(folder, folder.states())
    assert known["soft"][0] == text
    assert known["double"][0] == table.piece("double").right[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_proof_in_words(on_parts, on_ours, language):
    text = "\n".join(lines_of(on_parts, on_ours, PARTS, [], language))
    for name in PARTS:
        assert name in text
    assert f"{on_parts.figures['Adam']['accuracy']:.1%}" in text


def test_nan_in_training_is_shown():
    nan = runs.Ran({"A": {"losses": [1.0, float("nan")], "accuracy": 0.1}}, None, [])
    good = runs.Ran({"A": {"losses": [1.0, 0.5, 0.25], "accuracy": 0.9}}, None, [])
    text = "\n".join(lines_of(nan, good, [], [], "en"))
    assert "NaN" in text
    assert "0.2500" in text
    assert "A: 10.0% right with your parts, 90.0% with ours." in text


# ---- the hook


def test_a_place_must_be_a_function():
    place = Place("x", "pellucid.optim.sgd:SGD")
    importlib.import_module(place.module)
    with pytest.raises(TypeError, match="only functions and methods"):
        place.put()


def test_a_stand_in_counts_time_once_for_calls_inside_calls():
    place = Place("x", "none:f")

    def f(n):
        return n and stand_in(n - 1)

    place.original = place.target = f
    stand_in = place.stand_in()
    stand_in(3)
    assert place.calls == 0
    place.counting = True
    stand_in(3)
    assert place.calls == 4
    assert place.depth == 0


# ---- eager mode


def test_nothing_is_compiled_in_eager_mode(monkeypatch):
    calls = []

    @pc.compile
    def step(x):
        calls.append(type(x.array).__name__)
        return x + 1

    monkeypatch.setattr(mode, "eager", True)
    for _ in range(3):
        step(pc.tensor([1.0]))
    assert calls == ["ndarray"] * 3
    assert step.programs == []
    with pytest.raises(RecordingError, match="nothing is compiled"):
        step.repeat(pc.tensor([[1.0]]))


def test_fit_does_not_compile_in_eager_mode(monkeypatch):
    from pellucid import nn, train

    monkeypatch.setattr(mode, "eager", True)
    seen = []

    class Look:
        def epoch(self, training):
            seen.append(training.decision.compiled)

    model = nn.Linear(2, 1)
    data = ([[0.0, 1.0]] * 4, [[1.0]] * 4)
    import numpy as np

    arrays = tuple(np.array(part, np.float32) for part in data)
    train.fit(
        model, arrays, loss=pc.functional.mse_loss, optimizer=pc.optim.SGD(model.parameters()), epochs=1, compile=True,
        callbacks=[Look()], progress=False,
    )  # fmt: skip
    assert seen == [False]
