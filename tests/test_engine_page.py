"""docs/engine.md says what the engine does: its counts and excerpts are made again, and passes change no numbers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from c_compilers import REAL

ROOT = Path(__file__).resolve().parent.parent

pytestmark = [pytest.mark.compiler, pytest.mark.skipif(REAL is None, reason="no C compiler")]


def timeless(text):
    """Without times, the speeds and shares that are made of times, and the digits that end the name of a kernel."""
    text = re.sub(r"[\d.,?]+ (µs|GFLOP/s|GB/s|%)", r"# \1", text)
    text = re.sub(r"^Measured on .*$", "Measured on #", text, flags=re.MULTILINE)
    return re.sub(r"_[0-9a-f]{8}\b", "_########", text)


@pytest.mark.slow
def test_the_page_says_what_the_engine_does(tmp_path):
    command = [sys.executable, "-W", "error", "-m", "bench.engine", "--counts"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    page = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    assert timeless(done.stdout).splitlines() == timeless(page).splitlines(), "make it again: python -m bench.engine"
    assert "? µs" not in page, "the page has been made without measuring"


def test_times_are_left_out_and_counts_are_not():
    assert timeless("| join | 20 | 2,665 µs |") == timeless("| join | 20 | ? µs |")
    assert timeless("| join | 20 | 2,665 µs |") != timeless("| join | 21 | 2,665 µs |")


def test_a_block_reaches_to_the_next_empty_line():
    from bench.engine.__main__ import page_with

    text = "<!-- made: a -->\nold\nold\n\nprose\n\n<!-- made: b c -->\n\nmore\n"
    made = page_with(text, {"a": "new", "b c": "x"})
    assert made == "<!-- made: a -->\nnew\n\nprose\n\n<!-- made: b c -->\nx\n\nmore\n"
    assert page_with(made, {"a": "new", "b c": "x"}) == made


@pytest.mark.parametrize("name", ["mnist", "normed", "moons", "words"])
def test_all_rungs_compute_the_same(name):
    from bench.engine import ladder

    step = getattr(ladder, name)()
    arrays = [x.array for x in step.batch]
    rungs = ladder.ladder(step)
    states = ladder.recorded(step).states
    start = [state.array.copy() for state in states]
    found = []
    for rung in rungs[:-1]:
        for state, old in zip(states, start, strict=True):
            state.array[...] = old
        (loss,) = rung.program.run(arrays)
        found.append([loss, *[state.array.copy() for state in states]])
    for rung, values in zip(rungs, found, strict=False):
        for value, expected in zip(values, found[0], strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-3, atol=1e-5, err_msg=rung.name)
    changed = [not np.array_equal(old, new) for old, new in zip(start, found[0][1:], strict=True)]
    assert any(changed)


def test_products_in_all_ways_give_the_product(monkeypatch):
    from bench.engine import products

    monkeypatch.setenv("PELLUCID_THREADS", "1")  # so that it is put back: some of the ways change it

    for case in products.cases():
        expected = case.a.astype(float) @ case.b.astype(float)
        for way in (*products.WAYS, *products.RUNTIME_WAYS):
            multiply, c = products.multiply(way, case)
            multiply()
            np.testing.assert_allclose(c, expected, rtol=1e-5, err_msg=way)
