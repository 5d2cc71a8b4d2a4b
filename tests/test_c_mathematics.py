"""The mathematics of the C runtime by itself, against NumPy's: bounds in ulp, the same bits anywhere, in vectors."""

import ctypes
import math
import platform
from functools import cache

import numpy as np
import pytest
from c_runtime import COMPILER, PROCESSORS, RUNTIME, compile_c, is_clang

X86 = platform.machine().lower() in ("x86_64", "amd64")

pytestmark = [pytest.mark.compiler, pytest.mark.skipif(COMPILER is None, reason="no C compiler")]

# Largest errors allowed, in ulp: what each header states, rounded up.
ULP = {"exp": 1.1, "log": 0.9, "log1p": 1.4, "tanh": 1.4, "sigmoid": 2.5, "erf": 1.3, "sin": 1.6, "cos": 1.6}


def header(name, seen):
    """The text of runtime/math/NAME.h after those that it needs, as a kernel's file has them."""
    if name in seen:
        return ""
    seen.add(name)
    text = (RUNTIME / "math" / f"{name}.h").read_text(encoding="utf-8")
    first = text.split("\n", 1)[0]
    needed = first.removeprefix("// needs:").split() if first.startswith("// needs:") else []
    return "".join(header(other, seen) for other in needed) + text


def loops(names, kinds):
    """C with one function NAME_KIND_loop(x, y, n) for each."""
    seen = set()
    text = "#include <stdint.h>\n" + "".join(header(name, seen) for name in names)
    for name in names:
        for kind in kinds:
            real = {"f32": "float", "f64": "double"}[kind]
            text += (
                f"void {name}_{kind}_loop(const {real} *restrict x, {real} *restrict y, int64_t n)\n{{\n"
                f'    _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = {name}_{kind}(x[i]);\n}}\n'
            )
    return text


@pytest.fixture(scope="module", params=PROCESSORS)
def mathematics(request, tmp_path_factory):
    """A function that applies a C function to an array."""
    folder = tmp_path_factory.mktemp("math")
    (folder / "math.c").write_text(loops(ULP, ("f32", "f64")), encoding="utf-8")
    flags = (*PROCESSORS[request.param], "-O3", "-ffp-contract=off", "-shared", "-fPIC")
    compile_c(folder / "math.so", [folder / "math.c"], *flags)
    library = ctypes.CDLL(str(folder / "math.so"))

    def apply(name, x):
        x, y = np.ascontiguousarray(x), np.empty(x.shape, x.dtype)
        kind = {np.float32: "f32", np.float64: "f64"}[x.dtype.type]
        loop = getattr(library, f"{name}_{kind}_loop")
        loop(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), ctypes.c_int64(x.size))
        return y

    return apply


@cache
def samples():
    """Floats of all exponents and both signs, more between -12 and 12, and those where something changes."""
    random = np.random.default_rng(20)
    strata = np.arange(1 << 20, dtype=np.uint64) * 4096 + random.integers(0, 4096, 1 << 20).astype(np.uint64)
    everywhere = strata.astype(np.uint32).view(np.float32)
    near = random.uniform(-12, 12, 1 << 18).astype(np.float32)
    marks = [0, 1, math.inf, math.nan, 88.72283, 87.33654, 103.97208, 103.27893, 0.5, 0.625, 0.92, 3.92, 4, 0.70710677]
    marks += [math.pi / 4, math.pi / 2, math.pi, 1.1754944e-38, 3.4028235e38, 1e-45, 2.0**24, 2.0**25]
    marks = np.array(marks + [-x for x in marks], np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        around = [np.nextafter(marks, np.float32(side)) for side in (-math.inf, math.inf)]
    x = np.concatenate([everywhere, near, marks, *around])
    x.setflags(write=False)
    return x


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def error_function(x):
    return np.array([math.erf(value) for value in x.tolist()])


def reference(name, x):
    functions = {"sigmoid": sigmoid, "erf": error_function}
    with np.errstate(all="ignore"):
        return (functions.get(name) or getattr(np, name))(x.astype(np.float64))


def errors_in_ulp(y, exact):
    """|y - exact| over the distance of neighbouring floats there; infinite where one is NaN and the other is not."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(np.float32)
        size = np.clip(np.abs(exact), 2.0**-126, np.finfo(np.float32).max)
        ulp = 2.0 ** (np.floor(np.log2(size)) - 23)
        same = (y == rounded) | (np.isnan(y) & np.isnan(rounded))
        error = np.where(same, 0, np.abs(y - exact) / ulp)
    return np.where(np.isnan(error), np.inf, error)


@pytest.mark.parametrize("name", ULP)
def test_function_of_floats_is_as_close_as_stated(mathematics, name):
    x = samples()
    y, exact = mathematics(name, x), reference(name, x)
    errors = errors_in_ulp(y, exact)
    worst = np.argmax(errors)
    assert errors[worst] <= ULP[name], f"{name}({x[worst]!r}) = {y[worst]!r}, not {exact[worst]!r}"
    zero = exact == 0
    np.testing.assert_array_equal(np.signbit(y[zero]), np.signbit(exact[zero]))


@pytest.mark.parametrize("name", ULP)
def test_function_gives_the_same_bits_in_any_place_of_a_loop(mathematics, name):
    """A loop does most numbers as vectors and the last few one by one: both must round alike."""
    x = samples()[:: 1 << 10]
    y = mathematics(name, x)
    for begin in range(20):
        part = mathematics(name, x[begin : begin + 37])
        np.testing.assert_array_equal(part.view(np.uint32), y[begin : begin + 37].view(np.uint32))


@pytest.mark.parametrize("name", ULP)
def test_function_of_doubles(mathematics, name):
    x = np.concatenate([np.random.default_rng(1).uniform(-40, 40, 2000), [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-300]])
    with np.errstate(all="ignore"):
        expected = reference(name, x)
    y = mathematics(name, x)
    np.testing.assert_allclose(y, expected, rtol=1e-15, atol=0)
    np.testing.assert_array_equal(np.signbit(y[expected == 0]), np.signbit(expected[expected == 0]))


def test_sigmoid_keeps_its_digits_near_zero(mathematics):
    x = np.array([-30, -87, -100], np.float32)
    assert (errors_in_ulp(mathematics("sigmoid", x), np.exp(x.astype(np.float64))) <= ULP["sigmoid"]).all()
    np.testing.assert_allclose(mathematics("sigmoid", np.array([-30.0, -700.0])), np.exp([-30.0, -700.0]), rtol=1e-12)


@pytest.mark.skipif(not X86, reason="the flags are those of x86")
@pytest.mark.parametrize("name", ULP)
def test_function_of_floats_vectorizes(tmp_path, name):
    (tmp_path / "loop.c").write_text(loops([name], ["f32"]), encoding="utf-8")
    report = "-Rpass=loop-vectorize" if is_clang() else "-fopt-info-vec-optimized"
    flags = ("-O3", "-ffp-contract=off", "-mavx2", "-mfma", "-shared", "-fPIC", "-Wno-unused-function", report)
    said = compile_c(tmp_path / "loop.so", [tmp_path / "loop.c"], *flags)
    assert "vectorized" in said
