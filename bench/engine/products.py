"""The products of the MNIST step in several ways: as the definition says it, and with one idea more each time."""

import ctypes
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.engine.ladder import use_threads
from pellucid.targets.c.emit import RUNTIME
from pellucid.targets.c.pool import runtime
from pellucid.toolchain.build import Unit, load

TEXT = (Path(__file__).parent / "products.c").read_text(encoding="utf-8")
WAYS = ("three_loops", "row_by_row", "tiles", "packed")
FLAGS = ("-ffp-contract=fast",)  # a * b + c may be one instruction, as in the runtime's products
RUNTIME_WAYS = {"the runtime, one thread": 1, "the runtime, two threads": 2}


class Case(NamedTuple):
    """A product of two matrices, either of which may be a transposed view."""

    title: str
    a: np.ndarray
    b: np.ndarray

    @property
    def operations(self):
        return 2 * self.a.shape[0] * self.a.shape[1] * self.b.shape[1]


def cases():
    """The two products of the MNIST step in which nearly all of its arithmetic is."""
    random = np.random.default_rng(0)
    x, w, g = [random.random(shape, dtype=np.float32) for shape in ((128, 784), (512, 784), (128, 512))]
    return [Case("forward, X W^T", x, w.T), Case("gradient of W, G^T X", g.T, x)]


def multiply(way, case):
    """(a function without arguments that multiplies in this way, the array that it writes)."""
    function = load([Unit("products", with_runtime(TEXT), FLAGS)], "products").multiply
    c = np.full((case.a.shape[0], case.b.shape[1]), np.nan, np.float32)
    address, number = None, WAYS.index(way) if way in WAYS else 0
    if way in RUNTIME_WAYS:
        use_threads(RUNTIME_WAYS[way])
        address = runtime()
    sizes = [ctypes.c_int64(size) for size in (*c.shape, case.a.shape[1])]
    arguments = [address, number, *sizes, *place_of(case.a), *place_of(case.b), ctypes.c_void_p(c.ctypes.data)]
    return lambda: function(*arguments), c


def place_of(matrix):
    """Where a matrix begins, and how many numbers lie from row to row and from column to column."""
    steps = [ctypes.c_int64(step // matrix.itemsize) for step in matrix.strides]
    return [ctypes.c_void_p(matrix.ctypes.data), *steps]


def with_runtime(text):
    """The file with runtime.h in its place."""
    return text.replace('#include "runtime.h"\n', (RUNTIME / "runtime.h").read_text(encoding="utf-8"))


def gflops(way, case, seconds=0.3):
    """The median speed of one call."""
    run, _ = multiply(way, case)
    run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return case.operations / float(np.median(times)) / 1e9
