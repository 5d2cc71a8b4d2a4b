"""The benchmarks without peers: what is said, what is wrong is void, and that nothing is silently left out.

No time is looked at: that would say more of the machine than of the code.
"""

import itertools
import math
import os
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from bench import fit, frameworks, load, report, rounds
from bench.__main__ import main
from bench.alone import sample
from bench.worker import LONG, Bench
from bench.workload import Session, mlp_flops, noisy_labels
from bench.workloads import GROUPS, WORKLOADS
from bench.workloads.resnet18_cifar import MULTIPLICATIONS

ROOT = Path(__file__).resolve().parent.parent
FAST = rounds.Options(rounds=2, seconds=0.01, rest=0.0, cold=False)


def measured(names, chosen, **options):
    """The rows of a very short measurement, by workload, framework and kind."""
    rows = rounds.measure(names, chosen, rounds.Options(**vars(FAST) | options), say=lambda line: None)
    return {(row.workload, row.framework, row.kind): row for row in rows}


def needs(*packages):
    for package in packages:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def test_words_of_the_command_line(monkeypatch):
    asked = []
    monkeypatch.setattr("bench.__main__.run", lambda *words: asked.append(words) or {})
    monkeypatch.setattr(report, "terminal", lambda found: "")

    def names(*words):
        main.main(list(words), standalone_mode=False)
        return asked[-1][0], *asked[-1][-2:]

    assert names() == (list(WORKLOADS), True, True)
    assert names("--fit") == ([], True, False)
    assert names("--load", "--only", "moons") == (["moons"], False, True)
    assert names("--only", "alone") == (GROUPS["alone"], False, False)
    with pytest.raises(Exception, match="'moon' is none of"):
        main.main(["--only", "moon"], standalone_mode=False)


def test_samples_come_from_all_columns_and_the_end():
    array = np.arange(512 * 512, dtype=np.float32).reshape(512, 512)
    found = sample(array)
    assert found[0] == array[-1, -1]
    assert 50 < len(found) < 80
    assert len({number % 512 for number in found}) > 50
    assert sample(np.float32(3)) == [3.0]


def test_a_busy_core_is_busy_and_is_left():
    started = []
    begin = subprocess.Popen

    class Noted(begin):
        def __init__(self, *words, **options):
            super().__init__(*words, **options)
            started.append(self)

    subprocess.Popen = Noted
    try:
        with load.busy_core():
            (process,) = started
            assert process.poll() is None
    finally:
        subprocess.Popen = begin
    assert process.poll() is not None


@pytest.mark.slow
def test_a_step_beside_another_process(monkeypatch):
    """Without peers nothing is compared here: how long a step takes is no matter of right or wrong."""
    monkeypatch.setattr(load, "NAMES", ("moons",))
    (row,) = load.measure(["pellucid"], FAST, say=lambda line: None)
    assert (row.workload, row.framework, row.status) == ("moons", "pellucid", "ok"), row
    assert row.slower == row.loaded_ms / row.alone_ms
    assert 0 <= row.idle_part < 0.5


def test_a_network_that_has_not_learned_is_void():
    class Worker:
        def ask(self, **order):
            return {"accuracy": 0.5, "rss_mb": 100.0}

    row = fit.Fitted("pellucid", epochs_s=[2.0, 1.0, 4.0])
    fit.finish(row, Worker(), 0.97)
    assert (row.median_s, row.status) == (2.0, "void")
    assert row.reason == "recognises 0.5 of the test pictures, and 0.97 are expected"


def test_without_data_the_epochs_say_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path / "nothing"))
    monkeypatch.setattr(fit, "ROOT", tmp_path)  # so that no module is found, nor anything downloaded
    (row,) = fit.measure(["pellucid"], FAST, say=lambda line: None)
    assert row.status == "missing"
    assert row.reason.startswith("no data: ")


def test_tables_of_epochs_and_load():
    values = {"median_s": 0.5, "min_s": 0.4, "first_s": 2.0, "accuracy": 0.98, "rss_mb": 100.0}
    ours, peer = fit.Fitted("pellucid", **values), fit.Fitted("torch", **(values | {"median_s": 1.0}))
    _, lines, remarks = report.fit_table([vars(ours), vars(peer), vars(fit.Fitted("keras", "void", "it has not"))])
    assert [(line[0], line[-1]) for line in lines] == [("pellucid", "1.00"), ("torch", "2.00")]
    assert remarks == ["keras: void: it has not"]
    row = load.Loaded("mnist_mlp", "pellucid", alone_ms=1.0, loaded_ms=1.5, slower=1.5, idle_part=0.0)
    _, lines, remarks = report.load_table([vars(row), vars(load.Loaded("gpt_small", "jax", "failed", "no memory"))])
    assert lines == [["mnist_mlp, pellucid", "1.00", "1.50", "1.50", "< 0.1%"]]
    assert remarks == ["gpt_small, jax: failed: no memory"]


def test_table_of_operations_alone():
    def alone(framework, status, milliseconds):
        return row_of(framework, status, milliseconds) | {"workload": "adam_400k", "kind": "alone", "reason": "why"}

    rows = [alone("pellucid", "ok", 0.5), alone("torch", "ok", 2.0), alone("jax", "void", 0.1)]
    header, (line,), remarks = report.alone_table(rows, {"gflops": 100.0, "gb_s": 100.0})
    assert header == ["workload", "pellucid", "torch", "best peer / Pellucid", "goal", "share of peak"]
    assert line == ["adam_400k", "0.500", "2.00", "4.00", "2", "23%"]  # 11.4 MB take 0.114 ms at 100 GB/s
    assert remarks == ["adam_400k: jax: void: why"]


def test_without_pytorch_nothing_counts(monkeypatch):
    monkeypatch.setattr(rounds, "lacking", lambda name: name if name == "torch" else None)
    rows = measured(["tiny_xor"], ["eager", "torch"])
    assert rows["tiny_xor", "eager", "train"].status == "void"
    assert rows["tiny_xor", "torch", "train"].reason == "torch is not installed"


def test_a_missing_peer_has_a_row(monkeypatch):
    absent = frameworks.FRAMEWORKS["keras"]._replace(packages=("no_such_package_anywhere",))
    monkeypatch.setitem(frameworks.FRAMEWORKS, "keras", absent)
    (row,) = rounds.rows_of(WORKLOADS["mnist_mlp"], ["keras"])
    assert (row.status, row.reason) == ("missing", "no_such_package_anywhere is not installed")
    assert "no_such_package_anywhere is not installed" in "\n".join(report.lines_of([vars(row)], "mnist_mlp", {})[1])


def test_every_framework_has_a_row_in_every_workload():
    for workload in WORKLOADS.values():
        named = {row.framework for row in rounds.rows_of(workload, list(frameworks.FRAMEWORKS))}
        assert named == set(workload.columns), workload.name


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise ImportError('this one is broken')", "ImportError: this one is broken"),
        ("import os, sys; print('out of luck', file=sys.stderr, flush=True); os._exit(3)", "ended (3): out of luck"),
    ],
)
def test_a_worker_that_fails_or_dies_says_why(monkeypatch, tmp_path, program, reason):
    """And the others go on."""
    (tmp_path / "torch.py").write_text(program + "\n", encoding="utf-8")
    monkeypatch.setattr(rounds, "lacking", lambda name: None)
    monkeypatch.setattr(rounds, "environment", lambda threads, cache: os.environ | {"PYTHONPATH": str(tmp_path)})
    rows = measured(["tiny_xor"], ["torch", "eager"])
    row = rows["tiny_xor", "torch", "train"]
    assert row.status == "failed"
    assert row.reason.endswith(reason)
    assert row.median_ms is None
    assert rows["tiny_xor", "eager", "train"].median_ms > 0


def test_a_worker_that_is_silent_is_ended(tmp_path):
    row = rounds.Row("tiny_xor", "eager", "train")
    worker = rounds.Worker(row, tmp_path, rounds.Options(limit=0.01))
    try:
        with pytest.raises(rounds.WorkerError, match="the process ended"):
            worker.answer()
    finally:
        worker.close()


@pytest.mark.parametrize(
    ("found", "expected", "largest"),
    [
        ([[1.0], [2.0]], [[1.0], [2.0]], 0.0),
        ([[1.0], [2.2]], [[1.0], [2.0]], 0.1),
        ([[2.2]], [[1.0], [2.0]], 0.1),  # many steps in one call: the last loss only
        ([[0.0, 1.5]], [[0.5, 2.0]], 0.25),  # outputs: relative to the largest one
        ([[1.0]], [[1.0, 2.0]], math.inf),
    ],
)
def test_difference(found, expected, largest):
    assert rounds.difference(found, expected) == pytest.approx(largest)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_never_right(bad):
    assert not rounds.difference([[1.0], [bad]], [[1.0], [2.0]]) <= 1e9
    assert not rounds.difference([[bad], [2.0]], [[bad], [2.0]]) <= 1e9


def row_of(framework, status, milliseconds):
    values = {"status": status, "median_ms": milliseconds, "min_ms": milliseconds, "gflops": 1.0, "rss_mb": 1.0}
    return vars(rounds.Row("mnist_mlp", framework, "train")) | values


def test_ratios_leave_void_rows_out():
    rows = [row_of("pellucid", "ok", 2.0), row_of("torch", "ok", 6.0), row_of("jax", "void", 1.0)]
    assert report.ratio(rows, "mnist_mlp", "train") == 3.0
    table, remarks = report.lines_of(rows, "mnist_mlp", {"gflops": 100.0, "gb_s": 10.0})
    assert [line[1] for line in table] == ["train", "train", "train VOID"]
    assert table[2][-1] == "-"
    assert len(remarks) == 1
    rows[0]["status"] = "void"
    assert report.ratio(rows, "mnist_mlp", "train") is None


def test_share_of_the_peaks():
    """A step of 209 MFLOP takes at least 2.09 ms at 100 GFLOP/s; 48 MB take at least 4.8 ms at 10 GB/s."""
    row = row_of("pellucid", "ok", 2 * WORKLOADS["mnist_mlp"].flops / 100e6)
    assert report.share(row, {"gflops": 100.0, "gb_s": 10.0}) == pytest.approx(0.5)
    row = row_of("pellucid", "ok", 9.6) | {"workload": "word2vec_dense"}
    assert report.share(row, {"gflops": 100.0, "gb_s": 10.0}) == pytest.approx(0.5)


def test_counts_of_operations():
    assert mlp_flops(4, [2, 8, 1], training=False) == 2 * 4 * (2 * 8 + 8)
    assert mlp_flops(4, [2, 8, 1]) == 2 * 4 * (2 * 8 * 2 + 8 * 3)  # no gradient of the network's own input
    # All weights but tokens and positions are in products; every token uses each of them once.
    weights = WORKLOADS["gpt_small"].weights(np.random.default_rng(0))
    used = sum(
        w.size for name, w in weights.items() if w.ndim == 2 and name not in ("tokens.weight", "positions.weight")
    )
    attention = 4 * 2 * 2 * 16 * 4 * (128 * 128 / 2) * 32
    assert WORKLOADS["gpt_small"].flops == 3 * (2 * 16 * 128 * used + attention)
    # Stages 2 to 4 of a ResNet cost the same: half the rows and columns, twice the channels on both sides.
    first, later = 9 * 64 * 64, 9 * (64 * 128 + 3 * 128 * 128) + 64 * 128
    assert 32 * 32 * (9 * 3 * 64 + 4 * first) + 3 * 16 * 16 * later == MULTIPLICATIONS


def test_a_long_step_is_measured_once_a_turn():
    """A turn of a step that fills it is that step; of a short one, many blocks, of which the first does not count."""
    blocks = itertools.count(1)
    bench = Bench(Session(step=lambda: 0.0), [()], "train")
    bench.timed_block = lambda: next(blocks)
    found = bench.measure(0.001)
    assert len(found) >= 2
    assert found[0] == 2000.0  # milliseconds of the second block
    bench.timed_block = lambda: time.sleep(LONG) or LONG
    assert bench.measure(0.01) == [LONG * 1e3]


@pytest.mark.parametrize("name", GROUPS["networks"])
def test_data_is_the_same_each_time(name):
    def made():
        random = np.random.default_rng(3)
        return WORKLOADS[name].weights(random), WORKLOADS[name].batches(random)

    (weights, batches), (again, others) = made(), made()
    assert all(np.array_equal(weights[key], again[key]) for key in weights)
    for batch, other in zip(batches, others, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(batch, other, strict=True))
        assert all(part.dtype in (np.float32, np.int64) for part in batch)
    for key, array in weights.items():
        assert array.dtype == (np.int64 if key.endswith("num_batches_tracked") else np.float32)


def test_labels_are_noisy_so_that_no_loss_goes_to_zero():
    labels = np.zeros(10_000, np.int64)
    noisy = noisy_labels(np.random.default_rng(0), labels, 10, 0.1)
    assert np.mean(noisy != labels) == pytest.approx(0.09, abs=0.01)  # a tenth of the random ones are right by chance
    for name in ("moons", "mnist_mlp"):
        batches = WORKLOADS[name].batches(np.random.default_rng(0))
        assert np.array_equal(batches[0][0], batches[4][0])
        assert not np.array_equal(batches[0][1], batches[4][1])


def test_touched_rows_are_counted():
    from bench.workloads.word2vec_dense import word_pairs
    from bench.workloads.word2vec_sparse import ROWS

    pairs = word_pairs(np.random.default_rng(0))
    found = np.mean([len(np.unique(words)) + len(np.unique(contexts)) for words, contexts in pairs])
    assert pytest.approx(found, rel=0.05) == ROWS


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    from bench.__main__ import write

    write(tmp_path / "page.md", "é\n")
    assert (tmp_path / "page.md").read_bytes() == "é\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


@pytest.mark.parametrize("path", sorted((ROOT / "bench").rglob("*.py")), ids=lambda path: path.name)
def test_files_are_short_and_load_no_peer(path):
    """A framework that the parent has loaded would count as memory of its workers, and take time."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert len(text.splitlines()) < 400
    # Those of JAX are imported by methods named `jax` only, the others are programs of their own.
    if path.name not in ("jax_images.py", "jax_optimizers.py", "tiny.py") and path.parent.name != "engine":
        tops = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in tops if line.split()[1].partition(".")[0] in {"torch", "jax", "keras", "pellucid"}]
