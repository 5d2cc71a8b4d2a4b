"""A training that is killed in mid-epoch and resumed gives the bits of one that was left in peace."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stopping import Stop

import pellucid.functional as F
from pellucid import data, models, nn, optim, tensors, train
from pellucid.errors import ArgumentError, DataFileError, StateDictError
from pellucid.train import load
from pellucid.train.run import c_works

ROOT = Path(__file__).resolve().parent.parent
CPUS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# Everything at once: dropout (random key), batch norm (buffers), momentum (slots), a schedule, a validation set.
PROGRAM = """
import os, signal, sys
import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train

folder, kill_after, compile = sys.argv[1], int(sys.argv[2]), sys.argv[3] != "eager"
X, Y = data.iris()
pc.manual_seed(3)
model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
optimizer = optim.{optimizer}
schedule = train.Schedule(optim.StepLR(optimizer, step_size=2, gamma=0.5))

class Kill:
    batches = 0
    def batch(self, training):
        self.batches += 1
        if self.batches == kill_after:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

if os.path.exists(os.path.join(folder, "config.json")):
    run = train.Run.open(folder)
else:
    run = train.Run.create("test", folder=folder)
loader = data.DataLoader((X, Y), 16, shuffle=True, seed=3)
callbacks = [schedule, train.Checkpoint(run, batches=3), Kill()]
train.fit(model, loader, loss=F.cross_entropy, optimizer=optimizer, epochs=5, validation=(X, Y),
          metrics=[metrics.accuracy], callbacks=callbacks, compile=compile, progress=False)
"""
OPTIMIZERS = {
    "Adam": "Adam(model.parameters(), lr=0.01, weight_decay=1e-4)",
    "SGD": "SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)",
    "RMSprop": "RMSprop(model.parameters(), lr=0.01, momentum=0.5, centered=True)",
}


def launch(program, folder, kill_after=0, how="eager", threads=2):
    """Train in a process of its own: eager, or compiled for target "numpy" or "c"."""
    environment = os.environ | CPUS | {"PYTHONPATH": str(ROOT), "PELLUCID_THREADS": str(threads)}
    if how != "eager":
        environment["PELLUCID_TARGET"] = how
    arguments = [str(folder), str(kill_after), how]
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False)


def bits(folder):
    """The weights of a run, bit for bit, and its figures without the seconds."""
    weights = {name: value.numpy().tobytes() for name, value in load(folder / "model.safetensors").items()}
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    epochs = [json.loads(line) for line in lines]
    return weights, [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in epochs]


@pytest.mark.parametrize(("optimizer", "how"), [
    ("Adam", "eager"), ("Adam", "numpy"), ("Adam", "c"), ("SGD", "eager"), ("SGD", "c"), ("RMSprop", "numpy"),
    ("RMSprop", "c"),
])  # fmt: skip
def test_killed_in_mid_epoch_and_resumed_gives_the_bits_of_an_undisturbed_run(tmp_path, optimizer, how):
    if how == "c" and not c_works():
        pytest.skip("no C compiler")
    program = PROGRAM.replace("{optimizer}", OPTIMIZERS[optimizer])
    whole = launch(program, tmp_path / "whole", how=how)
    assert whole.returncode == 0, whole.stderr
    config = json.loads((tmp_path / "whole" / "config.json").read_text(encoding="utf-8"))
    assert (config["compiled"], config["target"]) == (how != "eager", "c" if how == "c" else "numpy")

    broken = tmp_path / "broken"
    # Ten batches make an epoch. Killed after batch 5 of epoch 3, then again after a few more, in epoch 4.
    for kill_after in (25, 14):
        killed = launch(program, broken, kill_after, how)
        assert killed.returncode != 0
        assert not (broken / "model.safetensors").exists()
    resumed = launch(program, broken, how=how, threads=1)  # the number of threads changes no bit
    assert resumed.returncode == 0, resumed.stderr

    weights, epochs = bits(broken)
    expected_weights, expected_epochs = bits(tmp_path / "whole")
    assert epochs == expected_epochs
    assert len(epochs) == 5
    assert weights == expected_weights
    assert len(weights) == 9


def test_the_command_line_killed_at_any_time_and_resumed(tmp_path):
    """`pellucid train` killed from outside, wherever it happens to be, again and again."""
    environment = os.environ | CPUS | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pellucid"]
    arguments = ["train", "iris", "--epochs", "60", "--seed", "2", "--out"]
    subprocess.run([*command, *arguments, "whole"], cwd=tmp_path, env=environment, check=True, capture_output=True)

    process = subprocess.Popen(
        [*command, *arguments, "broken"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    figures = tmp_path / "broken" / "metrics.jsonl"
    while time.monotonic() < deadline and not (figures.exists() and figures.stat().st_size > 400):
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (tmp_path / "broken" / "metrics.json").exists(), "it was done before it could be killed"

    done = subprocess.run(
        [*command, "train", "--resume", "broken"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert "Test accuracy" in done.stdout
    assert bits(tmp_path / "broken") == bits(tmp_path / "whole")
    first, second = [
        json.loads((tmp_path / run / "metrics.json").read_text(encoding="utf-8")) for run in ("whole", "broken")
    ]
    assert first["test"] == second["test"]

    again = subprocess.run(
        [*command, "resume", "broken"], cwd=tmp_path, env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    assert "finished already" in again.stdout


# in one process


X, Y = data.iris()


def begin(folder, batch_size=16, hidden=8, optimizer="Adam", callbacks=(), seed=0, arrays=(X, Y)):
    tensors.manual_seed(seed)
    model = models.mlp(4, hidden, 3, dropout=0.5)
    run = train.Run.open(folder) if (folder / "config.json").exists() else train.Run.create("test", folder=folder)
    train.fit(
        model,
        data.DataLoader(arrays, batch_size, shuffle=True),
        loss=F.cross_entropy,
        optimizer=getattr(optim, optimizer)(model.parameters(), lr=0.01),
        epochs=3,
        callbacks=callbacks,
        run=run,
        progress=False,
    )
    return model


@pytest.mark.parametrize("batches", [1, 9, 10, 11, 29, 30])
def test_stopped_after_any_batch_and_resumed(tmp_path, batches):
    """Ten batches an epoch: the first, the last two of an epoch, the first of the next, and the very last two."""
    begin(tmp_path / "whole")
    begin(tmp_path / "broken", callbacks=[Stop(batches)])
    tensors.manual_seed(99)
    begin(tmp_path / "broken", seed=99)  # the seed of the second part has no influence: the key is in the checkpoint
    assert bits(tmp_path / "broken") == bits(tmp_path / "whole")


def test_the_line_of_an_epoch_that_no_checkpoint_knows_of_is_dropped(tmp_path):
    """A program killed after the line of epoch 2 was written, but before the checkpoint was."""
    begin(tmp_path / "whole")
    begin(tmp_path / "broken", callbacks=[Stop(14)])
    with open(tmp_path / "broken" / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write('{"format": 1, "epoch": 2, "loss": 0.5, "seconds": 1.0}\n')
    begin(tmp_path / "broken")
    assert bits(tmp_path / "broken") == bits(tmp_path / "whole")


def test_a_checkpoint_fits_only_the_training_that_wrote_it(tmp_path):
    begin(tmp_path / "run", callbacks=[Stop(4)])
    with pytest.raises(ArgumentError, match=r"batch_size 16.*batch_size 32"):
        begin(tmp_path / "run", batch_size=32)
    with pytest.raises(ArgumentError, match=r"samples 150.*samples 100"):
        begin(tmp_path / "run", arrays=(X[:100], Y[:100]))
    with pytest.raises(StateDictError, match="weight"):
        begin(tmp_path / "run", hidden=9)
    with pytest.raises(StateDictError):
        begin(tmp_path / "run", optimizer="RMSprop")
    begin(tmp_path / "run")


class Counting:
    """A callback that has something to keep: how many batches it has seen."""

    def __init__(self):
        self.seen = 0

    def batch(self, training):
        self.seen += 1

    def state_dict(self):
        return {"seen": self.seen}

    def load_state_dict(self, state_dict):
        self.seen = state_dict["seen"]


def test_what_callbacks_have_noted_goes_to_the_same_callbacks(tmp_path):
    begin(tmp_path / "run", callbacks=[Counting(), Stop(4)])
    for callbacks in ([], [Counting(), Counting()]):
        with pytest.raises(ArgumentError, match="1 callbacks had noted"):
            begin(tmp_path / "run", callbacks=callbacks)
    counting = Counting()
    begin(tmp_path / "run", callbacks=[Stop(99), counting])  # those that note nothing may come and go
    assert counting.seen == 30


def test_a_damaged_checkpoint_is_refused_and_left_as_it_is(tmp_path):
    begin(tmp_path / "run", callbacks=[Stop(4)])
    path = tmp_path / "run" / "checkpoint.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 16
    path.write_bytes(content)
    with pytest.raises(DataFileError, match="checksum"):
        begin(tmp_path / "run")
    assert path.read_bytes() == bytes(content)


def test_a_model_file_is_no_checkpoint(tmp_path):
    begin(tmp_path / "run", callbacks=[Stop(4)])
    run = train.Run.open(tmp_path / "run")
    train.save(nn.Linear(2, 2), run.checkpoint)
    with pytest.raises(DataFileError, match="no checkpoint"):
        begin(tmp_path / "run")
