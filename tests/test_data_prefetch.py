"""Reading ahead: the same batches in the same order, errors as they are, and no thread that stays."""

import subprocess
import sys
import textwrap
import threading
import time
import traceback

import numpy as np
import pytest

from pellucid.data import DataLoader
from pellucid.errors import ArgumentError


def readers():
    """The threads of ours that live."""
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


class Rows:
    """A data set that counts what is asked of it, and may fail at a row."""

    def __init__(self, count, fail_at=None, wait=0.0):
        self.count, self.fail_at, self.wait = count, fail_at, wait
        self.asked = 0

    def __len__(self):
        return self.count

    def __getitem__(self, rows):
        self.asked += 1
        time.sleep(self.wait)
        if self.fail_at in rows:
            raise ZeroDivisionError(f"row {self.fail_at}")
        return rows * 10, rows


@pytest.mark.parametrize("depth", [1, 2, 7, 100])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_same_bits_in_the_same_order(depth, shuffle):
    x = np.random.default_rng(0).normal(size=(103, 5)).astype("f4")
    plain = DataLoader((x, np.arange(103)), 8, shuffle, seed=3)
    ahead = DataLoader((x, np.arange(103)), 8, shuffle, seed=3, prefetch=depth)
    for epoch in range(3):
        assert plain.epoch == ahead.epoch == epoch
        for a, b in zip(plain, ahead, strict=True):
            assert [y.tobytes() for y in a] == [y.tobytes() for y in b]
    assert [b[1].tolist() for b in plain.batches(1, 5)] == [b[1].tolist() for b in ahead.batches(1, 5)]
    assert not readers()
    assert "prefetch=" in repr(ahead)


def test_it_reads_ahead_and_no_further():
    rows = Rows(100)
    batches = DataLoader(rows, 1, prefetch=3).batches(0)
    next(batches)
    limit = time.monotonic() + 5
    while rows.asked < 4 and time.monotonic() < limit:
        time.sleep(0.01)
    time.sleep(0.05)
    assert rows.asked in (4, 5), "one taken, three that wait, and one that finds no room"
    batches.close()
    assert not readers()


@pytest.mark.alone
def test_reading_overlaps_with_work():
    """30 batches of 10 ms reading and 10 ms work: together well below their sum."""

    def epoch(prefetch):
        begin = time.perf_counter()
        for _ in DataLoader(Rows(30, wait=0.01), 1, prefetch=prefetch):
            time.sleep(0.01)
        return time.perf_counter() - begin

    assert min(epoch(2) for _ in range(3)) < 0.8 * min(epoch(0) for _ in range(3))


def test_an_error_arrives_with_its_place_after_the_batches_before_it():
    seen = []

    def epoch():
        for _, rows in DataLoader(Rows(20, fail_at=7), 2, prefetch=2):
            seen.extend(rows.tolist())

    with pytest.raises(ZeroDivisionError, match="row 7") as caught:
        epoch()
    assert seen == [0, 1, 2, 3, 4, 5]
    places = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "__getitem__" in places, "the traceback leads into the data set"
    assert places[0].startswith("test_an_error_arrives")
    assert not readers()


def test_leaving_early_leaves_no_thread():
    loader = DataLoader(Rows(1000), 1, prefetch=4)
    for _ in loader:
        break
    assert not readers()
    assert loader.epoch == 0

    def stop_in_the_middle():
        for number, _ in enumerate(loader):
            if number == 3:
                raise LookupError

    with pytest.raises(LookupError):
        stop_in_the_middle()
    assert not readers()
    begun = iter(loader)
    del begun  # never asked for a batch
    next(loader.batches(0))  # asked once, then forgotten
    assert not readers()


def test_ctrl_c_ends_the_thread():
    program = textwrap.dedent("""
        import _thread, threading, time
        import numpy as np
        from pellucid.data import DataLoader

        class Slow:
            def __len__(self):
                return 100
            def __getitem__(self, rows):
                time.sleep(0.2)
                return (rows,)

        threading.Timer(0.5, _thread.interrupt_main).start()
        try:
            for _ in DataLoader(Slow(), 1, prefetch=2):
                pass
        except KeyboardInterrupt:
            print([thread.name for thread in threading.enumerate() if thread.name == "prefetch"])
    """)
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
    assert time.monotonic() - begin < 15, "20 s would be the whole epoch"


def test_wrong_depths_are_refused():
    for depth in (-1, 1.5, True):
        with pytest.raises(ArgumentError, match="prefetch"):
            DataLoader(np.arange(3), prefetch=depth)
