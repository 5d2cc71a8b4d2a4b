"""What the folder of a run says of how its steps ran, and how compiled runs go on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stopping import Stop
from test_train_compiled import fit, needs_c, worth_it  # noqa: F401
from trainings import weights

from pellucid import train
from pellucid.train import decide

ROOT = Path(__file__).resolve().parent.parent


def config_of(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


@needs_c
def test_the_config_says_what_the_steps_ran_on(tmp_path):
    from pellucid.toolchain.compilers import find_compiler

    fit(run=train.Run.create("test", folder=tmp_path / "run"), compile=True)
    config = config_of(tmp_path / "run")
    assert (config["compiled"], config["compiled_because"], config["target"]) == (True, "as asked", "c")
    assert config["compiler"] == find_compiler().title
    assert "-O3" in config["flags"].split()
    assert config["threads"] >= 1
    assert train.Run.open(tmp_path / "run").differences() == []


@needs_c
def test_a_run_goes_on_as_it_began(tmp_path, worth_it, monkeypatch):  # noqa: F811
    """The bits depend on whether steps are compiled, so the second part does not decide anew."""
    for began, cost in [(True, 1e9), (False, 0.0)]:
        folder = tmp_path / str(began)
        fit(run=train.Run.create("test", folder=folder), compile=began, callbacks=[Stop(7)])
        monkeypatch.setattr(decide, "COMPILING", cost)
        resumed, _, decision = fit(run=train.Run.open(folder), compile="auto", seed=5)
        assert decision.compiled is began
        whole, _, _ = fit(compile=began)
        assert weights(resumed) == weights(whole)


@needs_c
def test_another_compiler_processor_or_target_is_told(tmp_path, monkeypatch):
    run = train.Run.create("test", folder=tmp_path / "run")
    fit(run=run, compile=True)
    before = run.config["compiler"]
    run.note(compiler="gcc 3.1", threads=99, versions={**run.config["versions"], "processor": "a faster one"})
    told = train.Run.open(tmp_path / "run").differences()
    assert [line.partition(":")[0] for line in told] == ["processor", "compiler"]  # threads change no bit
    assert f"gcc 3.1 then, {before} now" in told[1]
    monkeypatch.setenv("CC", "no-such-compiler")
    told = train.Run.open(tmp_path / "run").differences()
    assert told[1:] == ["target: c then, numpy now"]


def test_a_run_of_an_older_version_has_no_difference_in_what_it_did_not_note(tmp_path):
    run = train.Run.create("test", folder=tmp_path / "run")
    versions = {name: value for name, value in run.config["versions"].items() if name != "processor"}
    run.note(versions=versions)
    assert train.Run.open(tmp_path / "run").differences() == []


# the recipes


@needs_c
@pytest.mark.slow
@pytest.mark.parametrize(("name", "compiled"), [("digits", True), ("iris", False), ("xor", False)])
def test_what_is_decided_for_the_recipes_inside_the_package(tmp_path, name, compiled):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pellucid", "train", name, "--out", "run"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    config = config_of(tmp_path / "run")
    assert config["compiled"] is compiled, config["compiled_because"]
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert figures["test"]["accuracy"] >= 0.93
