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


class Matmul(ctypes.Structure):
    """`struct matmul` of runtime.h."""

    _fields_ = [
        *[(name, ctypes.c_int64) for name in ("batch", "m", "n", "k")],
        *[("a", ctypes.c_void_p), ("a_batch", ctypes.c_int64), ("a_row", ctypes.c_int64), ("a_column", ctypes.c_int64)],
        *[("b", ctypes.c_void_p), ("b_batch", ctypes.c_int64), ("b_row", ctypes.c_int64), ("b_column", ctypes.c_int64)],
        *[("c", ctypes.c_void_p), ("c_batch", ctypes.c_int64), ("c_row", ctypes.c_int64), ("add", ctypes.c_int)],
    ]


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
    a, b = case.a, case.b
    c = np.full((a.shape[0], b.shape[1]), np.nan, np.float32)
    of = Matmul(batch=1, m=a.shape[0], n=b.shape[1], k=a.shape[1], c=c.ctypes.data, c_row=b.shape[1])
    of.a, of.a_row, of.a_column = a.ctypes.data, a.strides[0] // 4, a.strides[1] // 4
    of.b, of.b_row, of.b_column = b.ctypes.data, b.strides[0] // 4, b.strides[1] // 4
    if way in WAYS:
        function = getattr(load([Unit("products", with_runtime(TEXT), FLAGS)], "products"), way)
        return lambda: function(ctypes.byref(of)), c
    use_threads(RUNTIME_WAYS[way])
    address = runtime()  # struct runtime: parallel, matmul_f32, matmul_f64
    entry = ctypes.cast(address, ctypes.POINTER(ctypes.c_void_p))[1]
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(entry)
    return lambda: function(address, ctypes.byref(of)), c


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
