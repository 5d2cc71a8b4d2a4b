"""The folder of a run: what was asked for, what came out, and what is needed to go on.

config.json         recipe and arguments, seeds, versions; never code
metrics.jsonl       one line for each epoch, written when it is done
metrics.json        the final figures; it is there when the run is finished
model.safetensors   the trained weights
checkpoint.safetensors   where training goes on
curves.png          loss and metrics, epoch by epoch
"""

import json
import os
import platform
import re
import sys
import time
from pathlib import Path

import numpy as np

import pellucid
from pellucid.errors import ArgumentError, CompilerError, DataFileError, DataNotFoundError, FormatError
from pellucid.train.checkpoint import load, load_with_metadata, save
from pellucid.train.files import FORMAT, read_json, without_nan, write_bytes, write_json


class Run:
    """A run folder. `Run.create` makes a new one, `Run.open` finds one again.

    Given to `fit(..., run=run)`, it holds config.json, metrics.jsonl (a line for each epoch), model.safetensors and the
    checkpoint from which an interrupted training goes on: the same call with `Run.open(folder)` does so, to the bit.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = Run.create("gates", {"epochs": 2}, folder=os.path.join(folder, "run"))
    ...     history = train.fit(
    ...         model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=2, run=run, progress=False
    ...     )
    ...     [epoch["epoch"] for epoch in Run.open(run.folder).history()]
    [1, 2]
    """

    def __init__(self, folder, config):
        self.folder = Path(folder)
        self.config = config
        self.interrupted = False

    @classmethod
    def create(cls, name, arguments=None, folder=None):
        """A new folder: `folder`, which must be empty or absent, or runs/NAME-TIME."""
        if not re.fullmatch(r"[\w.-]+", name):
            raise ArgumentError(f"a run cannot be called {name!r}: letters, digits, '-', '_' and '.' only.")
        if folder is None:
            folder = new_folder(Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
        folder = Path(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ArgumentError(
                f"{folder} is there already and not an empty folder; a new run writes over nothing.",
                remedy=f"Choose another folder, or go on with that run: pellucid resume {folder}",
            )
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder, {"recipe": name, "arguments": dict(arguments or {}), "versions": versions()})
        run.write_config()
        return run

    @classmethod
    def open(cls, folder):
        """The run in an existing folder. Raises DataNotFoundError, DataFileError, FormatError."""
        folder = Path(folder)
        if not (folder / "config.json").is_file():
            raise DataNotFoundError(
                f"{folder} is not the folder of a run: there is no config.json in it.",
                remedy="Give the folder that `pellucid train` named at its end, such as runs/digits-20260101-120000.",
            )
        config = read_json(folder / "config.json")
        recipe, arguments = config.get("recipe"), config.get("arguments")
        if not isinstance(recipe, str) or not isinstance(arguments, dict):
            raise DataFileError(f"{folder / 'config.json'} is damaged: recipe or arguments are missing.")
        return cls(folder, config)

    # ---- where things are

    @property
    def checkpoint(self):
        """The file from which training goes on."""
        return self.folder / "checkpoint.safetensors"

    @property
    def model(self):
        """The file of the trained weights."""
        return self.folder / "model.safetensors"

    @property
    def finished(self):
        """True if the run came to its end and has its final figures."""
        return (self.folder / "metrics.json").exists()

    @property
    def compiled(self):
        """Was the part that is done already, if there is one, trained with compiled steps?"""
        return self.config.get("compiled") if self.checkpoint.exists() else None

    # ---- while it trains

    def note(self, **values):
        """Add values to config.json: what is needed to use the model, such as the scale of the inputs."""
        if any(self.config.get(name) != value for name, value in values.items()):
            self.config.update(values)
            self.write_config()

    def write_config(self):
        """Write config.json."""
        write_json(self.folder / "config.json", self.config)

    def begin(self, training):
        """Training starts or goes on: note how, and drop the lines of epochs that will be done again."""
        decision = training.decision
        self.note(
            compiled=decision.compiled,
            compiled_because=decision.because,
            epochs=training.epochs,
            **runs_on(decision.target),
        )
        lines = [line_of(epoch) for epoch in training.history]
        write_bytes(self.folder / "metrics.jsonl", "".join(lines).encode("utf-8"))

    def append(self, epoch):
        """One more line for metrics.jsonl."""
        with open(self.folder / "metrics.jsonl", "a", encoding="utf-8", newline="\n") as file:
            file.write(line_of(epoch))

    def save_model(self, model):
        """Write the weights."""
        save(model, self.model, {"kind": "model", "recipe": self.config["recipe"]})

    def finish(self, figures):
        """Write the final figures. After this the run is finished."""
        write_json(self.folder / "metrics.json", figures)

    # ---- afterwards

    def history(self):
        """The epochs so far: one dict each."""
        path = self.folder / "metrics.jsonl"
        if not path.exists():
            return []
        try:
            return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        except ValueError as error:
            raise DataFileError(f"{path} is damaged: {error}.") from None

    def weights(self):
        """The weights of the model: the trained ones, or those of the checkpoint while there are none yet."""
        if self.model.exists():
            return load(self.model)
        if not self.checkpoint.exists():
            raise DataNotFoundError(
                f"{self.folder} holds no trained model yet.", remedy=f"Train it: pellucid resume {self.folder}"
            )
        tensors, notes = load_with_metadata(self.checkpoint)
        if not isinstance(notes, dict) or notes.get("kind") != "checkpoint":
            raise FormatError(f"{self.checkpoint} is not a checkpoint of a training.")
        return {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}

    def differences(self):
        """What of this computer is not as it was when the run began: then the last bits of results may differ."""
        now, then = versions(), self.config.get("versions")
        then = dict(then) if isinstance(then, dict) else {}
        if self.config.get("target") == "c":
            now |= runs_on("c" if c_works() else "numpy")
            matters = ("target", "compiler", "flags") if "compiler" in now else ("target",)  # threads change no bit
            then |= {name: self.config.get(name) for name in matters}
        return [
            f"{name}: {before} then, {now.get(name, 'none')} now"
            for name, before in then.items()
            if now.get(name) != before
        ]


def line_of(epoch):
    """An epoch as a line of metrics.jsonl."""
    return json.dumps(without_nan({"format": FORMAT, **epoch}), allow_nan=False) + "\n"


def versions():
    """What the bits of a result may depend on."""
    return {
        "pellucid": pellucid.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas(),
        "system": f"{sys.platform} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
    }


def runs_on(target):
    """What the steps of a training run on, and what made it."""
    if target != "c":
        return {"target": target}
    from pellucid.targets.c.pool import threads
    from pellucid.toolchain.compilers import find_compiler

    found = find_compiler()
    return {"target": "c", "compiler": found.title, "flags": " ".join(found.flags), "threads": threads()}


def c_works():
    """Would a step that is compiled now be a C program?"""
    from pellucid.toolchain.compilers import find_compiler

    try:
        find_compiler()
    except CompilerError:
        return False
    return os.environ.get("PELLUCID_TARGET") != "numpy"


def processor():
    """The processor's name, and a number that differs if it or what it can do differs."""
    from pellucid.toolchain import machine
    from pellucid.toolchain.compilers import digest

    said = machine.processor()
    name = re.search(r"^model name\s*:\s*(.*)$", said, flags=re.MULTILINE)
    return f"{name.group(1) if name else platform.machine()} ({digest(said)[:8]})"


def blas():
    """The name and version of the library that multiplies NumPy's matrices."""
    try:
        library = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{library['name']} {library['version']}"
    except (KeyError, TypeError):
        return "unknown"


def new_folder(folder):
    """Make this folder, or the same with -2, -3 ... where it is taken. Two programs never get the same one."""
    candidate, number = folder, 1
    while True:
        try:
            candidate.mkdir(parents=True)
        except FileExistsError:
            number += 1
            candidate = folder.with_name(f"{folder.name}-{number}")
        else:
            return candidate
