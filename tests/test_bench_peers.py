"""The benchmarks with peers: rows are checked, what is wrong is void, and every framework computes the same."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from test_bench import ROOT, measured, needs

from bench import fit, rounds
from bench.workloads import WORKLOADS


@pytest.mark.peers
@pytest.mark.slow
def test_command_line_rows_and_page(tmp_path):
    needs("torch", "jax")
    file, page = tmp_path / "figures.json", tmp_path / "page.md"
    words = [sys.executable, "-m", "bench"]
    asked = ["--fast", "--only", "tiny_xor,moons", "--fw", "pellucid,eager,torch,jax,onnxruntime"]
    done = subprocess.run(
        [*words, *asked, "--json", str(file)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {"format", "date", "commit", "versions", "machine", "how", "rows"} <= set(found)
    assert found["machine"]["peaks"]["gflops"] > 0
    assert found["machine"]["peaks"]["gb_s"] > 0
    trained = [row for row in found["rows"] if row["framework"] != "onnxruntime"]
    kinds = {(row["workload"], row["framework"], row["kind"]) for row in trained}
    assert kinds == {
        (name, framework, kind)
        for name in ("tiny_xor", "moons")
        for framework, kind in [
            ("pellucid", "train"),
            ("eager", "train"),
            ("torch", "train"),
            ("jax", "train"),
            ("pellucid", "repeat"),
            ("jax", "repeat"),
        ]
    }
    for row in trained:
        assert row["status"] == "ok", row
        assert row["difference"] <= row["tolerance"] < 1e-3
        assert 0 < row["min_ms"] <= row["median_ms"]
        assert len(row["rounds_ms"]) == 2
        assert 0.01 < row["first_s"] < 600
        assert 10 < row["rss_mb"] < 5000
        assert row["gflops"] == pytest.approx(WORKLOADS[row["workload"]].flops / row["median_ms"] / 1e6)
        assert math.isfinite(row["last"])
    for row in found["rows"]:
        if row["framework"] == "onnxruntime":  # it does not train, which is said
            assert (row["status"], row["median_ms"]) == ("left out", None)
            assert row["reason"] in done.stdout
    assert "best peer / ours, train:" in done.stdout

    refused = subprocess.run([*words, "--docs", str(file), "--page", str(page)], cwd=ROOT, check=False)
    assert refused.returncode == 1  # such figures are worth nothing
    assert not page.exists()
    found["how"]["fast"] = False
    file.write_text(json.dumps(found), encoding="utf-8")
    subprocess.run([*words, "--docs", str(file), "--page", str(page)], cwd=ROOT, check=True)
    text = page.read_text(encoding="utf-8")
    assert "## tiny_xor" in text
    assert "| moons, train |" in text
    assert str(ROOT) not in text


@pytest.mark.peers
def test_a_wrong_step_is_void():
    """Weights that are 1 % off are what a small mistake looks like: the times look as good as ever."""
    needs("torch")
    rows = measured(["tiny_xor"], ["eager", "numpy"], wrong=("eager",))
    wrong, right = rows["tiny_xor", "eager", "train"], rows["tiny_xor", "numpy", "train"]
    assert (wrong.status, right.status) == ("void", "ok")
    assert wrong.difference > 10 * wrong.tolerance
    assert "differs from PyTorch's by" in wrong.reason
    assert wrong.median_ms > 0
    assert not [row for row in rows.values() if row.framework == "torch"]  # asked for its losses only


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["mnist_mlp", "lenet", "word2vec_sparse", "infer_mnist_mlp", "infer_lenet", "infer_resnet18_cifar"]
)
def test_every_peer_computes_the_same(name):
    """Larger workloads, for the frameworks that begin quickly. (gpt_small, resnet18_cifar take too long for a test.)"""
    needs("torch", "jax", "onnxruntime", "onnx")
    for row in measured([name], ["pellucid", "torch_tuned", "jax", "onnxruntime"], rounds=1).values():
        cannot = row.framework == "onnxruntime" and not name.startswith("infer")
        assert row.status == ("left out" if cannot else "ok"), row


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["matmul_tn_784x128x512", "cross_entropy_128x10", "layer_norm_2048x128", "attention_64x128x32", "adam_400k"]
)
def test_operations_alone_compute_the_same(name):
    """One of each family. Results and gradients are compared; there is nothing that is learned."""
    needs("torch", "jax")
    rows = measured([name], ["pellucid", "torch", "torch_tuned", "jax", "eager"], rounds=1)
    assert {framework for _, framework, _ in rows} == {"pellucid", "torch", "torch_tuned", "jax"}
    for row in rows.values():
        assert row.status == ("left out" if row.reason == "the same as `torch`" else "ok"), row


@pytest.mark.peers
def test_a_wrong_operation_is_void():
    needs("torch")
    rows = measured(["matmul_nt_128x512x784"], ["pellucid", "torch"], wrong=("pellucid",))
    row = rows["matmul_nt_128x512x784", "pellucid", "alone"]
    assert row.status == "void"
    assert row.difference == pytest.approx(1.01**2 - 1, rel=1e-3)  # both factors are 1 % too large
    assert rows["matmul_nt_128x512x784", "torch", "alone"].status == "ok"


@pytest.mark.peers
@pytest.mark.slow
def test_epochs_are_timed_and_judged(monkeypatch, tmp_path):
    """On the digits that the package brings: 1797 pictures of 8 x 8 points, put into the middle of 28 x 28."""
    needs("torch")
    from pellucid import data

    def digits(split):
        x, y = data.digits()
        frame = np.zeros((len(x), 28, 28), np.uint8)
        frame[:, 10:18, 10:18] = x.reshape(-1, 8, 8) * 255
        return frame, y

    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(data, "mnist", digits)
    fit.make_data(folder, 1500)
    with np.load(folder / "mnist.npz") as file:
        assert {key: file[key].shape for key in file.files} == {
            "x": (1500, 784), "y": (1500,), "x_test": (1500, 784), "y_test": (1500,)
        }  # fmt: skip
        assert file["x"].max() == 1
    for name in ("pellucid", "torch_tuned"):
        row = fit.Fitted(name)
        options = rounds.Options(rounds=4, rest=0.0)
        worker = fit.begin(row, folder, options)
        try:
            for _ in range(options.rounds):
                fit.take_turn(row, worker)
            fit.finish(row, worker, least=0.8)
        finally:
            worker.close()
        assert row.status == "ok", row
        assert len(row.epochs_s) == 4
        assert row.min_s <= row.median_s
        assert 0.8 < row.accuracy <= 1
