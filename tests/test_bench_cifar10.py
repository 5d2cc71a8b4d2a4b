"""The long training in two frameworks: both learn the same, in turns."""

import inspect
import json

import pytest

from bench import cifar10
from pellucid import recipes


def test_it_trains_as_long_as_the_recipe():
    assert inspect.signature(recipes.find("cifar10").run).parameters["epochs"].default == cifar10.EPOCHS


@pytest.mark.peers
@pytest.mark.real_data
@pytest.mark.slow
def test_both_frameworks_learn_the_same(real_data, tmp_path):
    pytest.importorskip("torch")
    file = tmp_path / "figures.json"
    found = cifar10.main(["--fast", "--epochs", "2", "--json", str(file)])
    assert json.loads(file.read_text(encoding="utf-8")) == found
    ours, theirs = found["pellucid"], found["torch"]
    assert ours["epochs"][0]["loss"] == pytest.approx(theirs["epochs"][0]["loss"], rel=0.02)  # 23 steps at a large rate
    assert [epoch["epoch"] for epoch in ours["epochs"] + theirs["epochs"]] == [1, 2, 1, 2]
    assert all(0 < epoch["seconds"] < 600 for epoch in ours["epochs"] + theirs["epochs"])
    assert 0.05 < ours["test"]["accuracy"] < 1


def test_a_worker_that_fails_ends_the_run(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody answers there: nothing is downloaded
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(SystemExit, match="a worker ended"):
        cifar10.main(["--fast", "--epochs", "1", "--only", "pellucid"])
    assert "DataNotFoundError" in capfd.readouterr().err
