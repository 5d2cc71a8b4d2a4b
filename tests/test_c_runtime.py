"""The C runtime by itself: its matmul against float64, its threads under sanitizers.

The C of pellucid/targets/c/runtime is compiled here directly, with the flags of the C target, so that these tests
need nothing of the rest of the package.
"""

import ctypes
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
from c_runtime import COMPILER, PROCESSORS, RUNTIME, compile_c, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DRIVER = Path(__file__).parent / "c" / "runtime_driver.c"

pytestmark = [pytest.mark.compiler, pytest.mark.skipif(COMPILER is None, reason="no C compiler")]


# ---- matmul


class Matmul(ctypes.Structure):
    _fields_ = (
        [(name, ctypes.c_int64) for name in ("batch", "m", "n", "k")]
        + [("a", ctypes.c_void_p)]
        + [(name, ctypes.c_int64) for name in ("a_batch", "a_row", "a_column")]
        + [("b", ctypes.c_void_p)]
        + [(name, ctypes.c_int64) for name in ("b_batch", "b_row", "b_column")]
        + [("c", ctypes.c_void_p), ("c_batch", ctypes.c_int64), ("c_row", ctypes.c_int64), ("add", ctypes.c_int)]
        + [(name, ctypes.c_int64) for name in ("groups", "a_group", "b_group", "c_group")]
        + [("packed", ctypes.c_void_p)]
    )


FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Matmul))
PACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Matmul), ctypes.c_void_p)


class Runtime(ctypes.Structure):
    _fields_ = (
        *(("parallel", ctypes.c_void_p), ("float32", FUNCTION), ("float64", FUNCTION)),
        *(("pack_float32", PACK), ("pack_float64", PACK)),
    )


@pytest.fixture(scope="module", params=PROCESSORS)
def runtime(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("runtime") / "runtime.so"
    flags = (*PROCESSORS[request.param], "-O3", "-ffp-contract=fast", "-shared", "-fPIC", "-pthread")
    compile_c(path, sorted(RUNTIME.glob("*.c")), *flags)
    library = ctypes.CDLL(str(path))
    library.runtime_open.restype = ctypes.POINTER(Runtime)
    library.scratch.restype = ctypes.c_void_p
    library.scratch.argtypes = [ctypes.c_size_t]
    return library


def matmul(library, a, b, c, add=False, packed=False):
    """C's a @ b into c; all three have three axes, or four: then the first one counts groups."""
    size = a.itemsize
    *group, batch, m, n = c.shape
    strides = {name: [s // size for s in array.strides] for name, array in (("a", a), ("b", b), ("c", c))}
    of = Matmul(batch, m, n, a.shape[-1], a.ctypes.data, *strides["a"][-3:])
    of.b, (of.b_batch, of.b_row, of.b_column) = b.ctypes.data, strides["b"][-3:]
    of.c, (of.c_batch, of.c_row, column), of.add = c.ctypes.data, strides["c"][-3:], add
    if group:
        of.groups, of.a_group, of.b_group, of.c_group = *group, *[strides[name][0] for name in "abc"]
    assert column == 1 or n == 1 or c.size == 0
    here = library.runtime_open(library.threads)
    if packed:
        room = np.full(of.k * (of.n + 32) + 1, 7.0, a.dtype)
        of.packed = room.ctypes.data
        getattr(here.contents, f"pack_{a.dtype.name}")(ctypes.addressof(here.contents), ctypes.byref(of), of.packed)
        assert room[-1] == 7.0
        b[...] = np.nan  # is read no more
    getattr(here.contents, a.dtype.name)(ctypes.addressof(here.contents), ctypes.byref(of))


def laid_out(random, shape, dtype, layout):
    """Random numbers of a shape, as a view with unusual strides."""
    batch, rows, columns = shape
    if layout == "transposed":
        return random.standard_normal((batch, columns, rows)).astype(dtype).transpose(0, 2, 1)
    if layout == "reversed":
        return random.standard_normal(shape).astype(dtype)[::-1, ::-1, ::-1]
    if layout == "stepped":
        return random.standard_normal((2 * batch, 3 * rows, 2 * columns)).astype(dtype)[::2, ::3, ::2]
    if layout == "shifted":  # aligned to one number, not to a vector of them
        return random.standard_normal(batch * rows * columns + 1).astype(dtype)[1:].reshape(shape)
    if layout == "one matrix":
        return np.broadcast_to(random.standard_normal((1, rows, columns)).astype(dtype), shape)
    if layout == "one row":
        return np.broadcast_to(random.standard_normal((batch, 1, columns)).astype(dtype), shape)
    if layout == "one column":
        return np.broadcast_to(random.standard_normal((batch, rows, 1)).astype(dtype), shape)
    return random.standard_normal(shape).astype(dtype)


LAYOUTS = ("plain", "transposed", "reversed", "stepped", "shifted", "one matrix", "one row", "one column")


def check(library, batch, m, n, k, layout_a="plain", layout_b="plain", add=False, dtype=np.float32):
    """Right to rounding, the same bits with 1, 2 and 4 threads, and nothing written beside c."""
    random = np.random.default_rng(m * 1009 + n * 31 + k)
    a = laid_out(random, (batch, m, k), dtype, layout_a)
    b = laid_out(random, (batch, k, n), dtype, layout_b)
    start = random.standard_normal((batch, m, n + 3)).astype(dtype)
    product = a.astype(np.float64) @ b.astype(np.float64)
    expected = product + (start[..., :n] if add else 0)
    size = np.abs(a.astype(np.float64)) @ np.abs(b.astype(np.float64)) + np.abs(start[..., :n])
    results = []
    for library.threads in (1, 2, 4):
        c = start.copy()
        if not add:
            c[..., :n] = np.nan  # which must not be read
        matmul(library, a, b, c[..., :n], add)
        np.testing.assert_array_equal(c[..., n:], start[..., n:])
        assert (np.abs(c[..., :n] - expected) <= 2 * (k + 2) * np.finfo(dtype).eps * size).all()
        results.append(c.tobytes())
    assert len(set(results)) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", ["plain", "transposed", "stepped"])
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize(
    ("m", "n", "k"), [(1, 33, 40), (5, 512, 784), (64, 70, 1100), (256, 32, 32), (100, 257, 515), (3, 1, 1)]
)
def test_matmul_with_a_b_that_is_packed_once(runtime, m, n, k, layout, add, dtype):
    random = np.random.default_rng(m)
    a, start = random.standard_normal((1, m, k)).astype(dtype), random.standard_normal((1, m, n)).astype(dtype)
    b = laid_out(random, (1, k, n), dtype, layout)
    expected, numbers = start * add + a.astype(np.float64) @ b, b.copy()
    results = []
    for runtime.threads in (1, 2, 4):
        c, b[...] = start.copy(), numbers
        matmul(runtime, a, b, c, add, packed=True)
        np.testing.assert_allclose(c, expected, rtol=0, atol=20 * k * np.finfo(dtype).eps)
        results.append(c.tobytes())
    assert len(set(results)) == 1


SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 16, 17, 24, 31, 32, 33, 37, 64, 67, 97, 128, 131, 200, 259, 513, 1031)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    batch=st.sampled_from((0, 1, 2, 3, 17, 40)),
    sizes=st.tuples(*[st.sampled_from(SIZES)] * 3),
    layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 2),
    add=st.booleans(),
    dtype=st.sampled_from((np.float32, np.float64)),
)
def test_matmul_of_any_shape_and_strides(runtime, batch, sizes, layouts, add, dtype):
    m, n, k = sizes
    while batch * m * n * k > 2_000_000:  # keep it short
        m, n, k = (max(size // 2, 1) for size in (m, n, k))
    check(runtime, batch, m, n, k, *layouts, add, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize(
    ("shape", "layouts"),
    [
        ((1, 128, 512, 784), ("plain", "plain")),  # a layer's output
        ((1, 128, 512, 784), ("plain", "transposed")),
        ((1, 784, 512, 128), ("transposed", "plain")),  # the gradient of its weights
        ((1, 128, 784, 512), ("plain", "transposed")),  # the gradient of its input
        ((1, 97, 131, 2053), ("plain", "plain")),  # several cuts of k
        ((1, 97, 131, 1031), ("transposed", "plain")),  # and strips that several blocks share
        ((1, 97, 131, 1031), ("plain", "transposed")),  # and panels that are transposed
        ((1, 40, 48, 700), ("plain", "plain")),  # the last panel is one vector wide
        ((1, 300, 700, 90), ("shifted", "shifted")),  # several blocks in both directions
        ((1, 700, 130, 100), ("plain", "transposed")),  # short rows of a, which are fetched ahead
        ((1, 515, 131, 610), ("transposed", "plain")),  # strips packed a few rows at a time
        ((1, 515, 61, 1300), ("transposed", "plain")),  # and strips that each block packs by itself
        ((1, 64, 64, 64), ("plain", "transposed")),  # as little as is shared out
        ((1, 64, 64, 64), ("transposed", "plain")),  # nothing is packed
        ((1, 130, 67, 1024), ("plain", "plain")),  # rows 4 KiB apart
        ((1, 1, 1031, 784), ("plain", "plain")),  # one row
        ((1, 2, 1031, 784), ("transposed", "plain")),  # two rows
        ((1, 3, 1031, 784), ("plain", "transposed")),  # dot products
        ((1, 3, 1031, 784), ("transposed", "transposed")),  # rows are copied for them
        ((1, 1031, 1, 784), ("plain", "plain")),  # one column
        ((1, 1031, 2, 784), ("plain", "plain")),  # two columns
        ((1, 1031, 2, 784), ("plain", "transposed")),
        ((20, 50, 2, 70), ("plain", "plain")),
        ((1, 64, 64, 1), ("plain", "transposed")),  # sums of one to four terms
        ((1, 70, 300, 2), ("plain", "transposed")),
        ((1, 70, 300, 3), ("reversed", "stepped")),
        ((2, 70, 300, 4), ("transposed", "plain")),
        ((1, 300, 2, 70), ("transposed", "plain")),  # few columns, made as rows
        ((2, 530, 2, 70), ("transposed", "reversed")),
        ((5, 64, 96, 80), ("plain", "one matrix")),  # one tall matrix
        ((5, 64, 96, 80), ("one matrix", "plain")),
        ((64, 16, 16, 8), ("plain", "transposed")),  # many small ones
        ((3, 97, 101, 103), ("reversed", "stepped")),
        ((2, 7, 9, 0), ("plain", "plain")),  # sums of nothing
        ((0, 3, 3, 3), ("plain", "plain")),
    ],
)
def test_matmul_of_chosen_shapes(runtime, shape, layouts, add, dtype):
    check(runtime, *shape, *layouts, add, dtype)


def heads(random, *shape):
    """Matrices as the heads of attention lie in memory: group, row, head, column, seen as group, head, row, column."""
    groups, batch, rows, columns = shape
    return random.standard_normal((groups, rows, batch, columns)).astype(np.float32).transpose(0, 2, 1, 3)


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize(
    ("groups", "batch", "m", "n", "k"),
    [
        (16, 4, 128, 128, 32),
        (16, 4, 128, 32, 128),
        (3, 2, 70, 50, 90),
        (5, 1, 9, 8, 7),
        (1, 5, 9, 8, 7),
        (7, 3, 1, 5, 6),
    ],
)
def test_groups_of_matrices_that_have_no_common_stride(runtime, groups, batch, m, n, k, add):
    random = np.random.default_rng(5)
    a, transposed = heads(random, groups, batch, m, k), heads(random, groups, batch, n, k)
    start = heads(random, groups, batch, m, n)
    for layout in (transposed.swapaxes(2, 3), heads(random, groups, batch, k, n), transposed[0].swapaxes(1, 2)[None]):
        b = np.broadcast_to(layout, (groups, batch, k, n))  # the last: one batch for all groups
        expected = a.astype(np.float64) @ b + (start if add else 0)
        results = []
        for runtime.threads in (1, 2, 4):
            c = start.copy(order="K")
            matmul(runtime, a, b, c, add)
            np.testing.assert_allclose(c, expected, rtol=0, atol=2e-7 * (k + 2) * np.abs(expected).max())
            results.append(c.tobytes())
        assert len(set(results)) == 1


def test_matmul_into_a_column_of_a_larger_matrix(runtime):
    a, b = np.arange(12, dtype=np.float32).reshape(1, 4, 3), np.ones((1, 3, 1), np.float32)
    c = np.zeros((1, 4, 5), np.float32)
    runtime.threads = 1
    matmul(runtime, a, b, c[..., 2:3])
    np.testing.assert_array_equal(c[0, :, 2], [3, 12, 21, 30])
    assert np.count_nonzero(c) == 4


@pytest.mark.parametrize("shape", [(5, 7, 3), (40, 70, 50), (40, 70, 300), (2, 70, 300), (70, 2, 300)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_matmul_spreads_nan_and_infinity_only_where_they_belong(runtime, shape, value):
    m, n, k = shape
    a, b = np.ones((1, m, k), np.float32), np.ones((1, k, n), np.float32)
    c = np.empty((1, m, n), np.float32)
    a[0, m - 2, k - 1] = value
    b[0, 0, n - 1] = value
    runtime.threads = 2
    matmul(runtime, a, b, c)
    expected = np.full((m, n), np.float32(k))
    expected[m - 2] = expected[:, n - 1] = value
    np.testing.assert_array_equal(c[0], expected)


def test_memory_for_packing_is_used_again(runtime):
    first = runtime.scratch(100_000)
    assert first % 64 == 0
    assert runtime.scratch(10) == runtime.scratch(100_000) == first


def test_several_python_threads_multiply_at_once_and_the_number_of_threads_changes(runtime):
    random = np.random.default_rng(3)
    a = random.standard_normal((1, 150, 160)).astype(np.float32)
    b = random.standard_normal((1, 160, 170)).astype(np.float32)
    expected = np.empty((1, 150, 170), np.float32)
    runtime.threads = 1
    matmul(runtime, a, b, expected)
    wrong = []

    def multiply():
        for i in range(100):
            c = np.full_like(expected, np.nan)
            runtime.threads = 1 + i % 4
            matmul(runtime, a, b, c)
            wrong.append(c.tobytes() != expected.tobytes())

    threads = [threading.Thread(target=multiply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [False] * 400


# ---- sanitizers, another processor


def drive(folder, *flags, compiler=None, under=()):
    """Compile the driver with the runtime, and run it."""
    program = folder / "driver"
    sources = [DRIVER, *sorted(RUNTIME.glob("*.c"))]
    compile_c(program, sources, "-ffp-contract=fast", "-pthread", f"-I{RUNTIME}", *flags, compiler=compiler)
    run([*under, program])


def test_driver(tmp_path):
    drive(tmp_path, "-O2", "-march=native")


def test_driver_with_one_thread(tmp_path):
    drive(tmp_path, "-O2", "-DONE_THREAD")


@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
def test_driver_under_sanitizers(tmp_path, sanitizer):
    # Without -fwrapv, so that an overflow of a signed integer is reported.
    flags = ["-O1", "-g", "-fno-wrapv", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all"]
    (tmp_path / "empty.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
    linked = subprocess.run(
        [COMPILER, *flags, "-o", tmp_path / "empty", tmp_path / "empty.c"], capture_output=True, check=False, timeout=60
    )
    if linked.returncode or subprocess.run([tmp_path / "empty"], check=False, timeout=60).returncode:
        pytest.skip(f"this compiler has no {sanitizer} sanitizer")
    # ThreadSanitizer does not follow a fork.
    drive(tmp_path, *flags, *(["-DNO_FORK"] if sanitizer == "thread" else ["-march=native"]))


def test_driver_on_aarch64(tmp_path):
    compiler, emulator = shutil.which("aarch64-linux-gnu-gcc"), shutil.which("qemu-aarch64")
    if not compiler or not emulator:
        pytest.skip("needs aarch64-linux-gnu-gcc and qemu-aarch64")
    # The emulator itself does not survive a fork of a program with threads.
    drive(tmp_path, "-O2", "-static", "-DNO_FORK", compiler=compiler, under=[emulator])
