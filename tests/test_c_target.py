"""The C target beside NumPy, op by op: every sample, every dtype, odd shapes and odd numbers.

How far a result may be from NumPy's is said in ulp (units in the last place) in one table, `ULPS`; ops that are not in
it give the same bits. The sign of a zero is compared too, but for ops where NumPy itself leaves it open.
"""

import itertools

import numpy as np
import pytest
from c_close import COMPILER
from samples import IN_C

import pellucid as pc
from pellucid import ops

pytestmark = [*COMPILER, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

# For float32 and float64, at most so many ulp from NumPy's result, for numbers of the size of the samples (up to some
# dozens of terms in a sum). NumPy itself is allowed 1 to 4 ulp for functions, so this is the sum of two errors. The
# second pair is for gradients, in which a few such results are multiplied and added.
ULPS = {
    ops.Exp: (2, 2, 4, 4),
    ops.Log: (2, 2, 2, 2),
    ops.Log1p: (2, 2, 4, 4),
    ops.Sin: (2, 2, 2, 2),
    ops.Cos: (2, 2, 2, 2),
    ops.Tanh: (3, 3, 8, 8),
    ops.Sigmoid: (3, 3, 4, 4),
    ops.Erf: (3, 3, 6, 6),
    ops.Power: (2, 2, 6, 6),
    ops.Expm1: (4, 6, 32, 48),  # the slope is y + 1: where y is near -1, an ulp of it is eight of theirs
    **dict.fromkeys((ops.Exp2, ops.Log2, ops.Log10, ops.LogAddExp, ops.Erfc), (4, 6, 8, 8)),
    **dict.fromkeys((ops.Tan, ops.Asin, ops.Acos, ops.Atan, ops.Atan2, ops.Hypot), (4, 4, 8, 8)),
    **dict.fromkeys((ops.Sinh, ops.Cosh, ops.Asinh, ops.Acosh, ops.Atanh), (4, 4, 8, 8)),
    ops.CumulativeLogSumExp: (4, 4, 32, 32),
    ops.Sum: (4, 4, 2, 2),
    ops.Matmul: (4, 4, 4, 4),
    ops.Attention: (4, 4, 8, 8),
    ops.AttentionGradient: (8, 8, 32, 32),
    **dict.fromkeys((ops.Convolve, ops.ConvolveInput, ops.ConvolveKernel), (4, 4, 8, 8)),
    **dict.fromkeys((ops.SumPool, ops.SumPoolSpread), (4, 4, 4, 4)),
    ops.ScatterAdd: (2, 2, 0, 0),
    ops.AddRows: (2, 2, 0, 0),
    ops.Max: (0, 0, 2, 2),  # its gradient has a sum
}
# Sums of products of both signs, of which several are subtracted from each other: an ulp is that of the largest number.
CANCELLING = (
    ops.Attention, ops.AttentionGradient, ops.Convolve, ops.ConvolveInput, ops.ConvolveKernel,
    ops.SumPool, ops.SumPoolSpread,
)  # fmt: skip
OPEN_ZERO = (
    ops.Maximum,
    ops.Minimum,
    ops.Max,
    ops.MaxPool,
    ops.Where,
)  # -0 and 0 are equal: either may be taken


def ulps(a, b, cancelling=False):
    """How many units in the last place of `a` lie between a and b. Below the smallest normal number nothing counts.

    With `cancelling`, the unit is that of the largest number in `a`.
    """
    with np.errstate(all="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        tiny = np.finfo(a.dtype).tiny
        apart = np.abs(a - b)
        size = np.abs(a[np.isfinite(a)]).max(initial=tiny) if cancelling else np.maximum(np.abs(a), tiny)
        apart = np.where((np.abs(a) < tiny) & (np.abs(b) < tiny), 0, apart / np.spacing(size))
        apart = np.where(np.isfinite(a) & np.isfinite(b), apart, np.inf)
        return np.where(same, 0.0, apart).max(initial=0.0)


def agree(eager, compiled, ulp=0, zeros=True, where="", cancelling=False):
    """Equal dtype and shape, NaN and infinities in the same places, at most `ulp` apart, zeros with the same sign."""
    a, b = np.asarray(eager), np.asarray(compiled)
    assert (a.dtype, a.shape) == (b.dtype, b.shape), where
    if a.dtype.kind != "f":
        np.testing.assert_array_equal(a, b, err_msg=where)
        return
    apart = ulps(a, b, cancelling)
    assert apart <= ulp, f"{where}: {apart} ulp, {a} and {b}"
    if zeros:
        both = (a == 0) & (b == 0)
        assert (np.signbit(a) == np.signbit(b))[both].all(), f"{where}: sign of zero in {a} and {b}"


def same(function, *arrays, ulp=0, zeros=True):
    """A function on tensors, eagerly and in C: the same results. Returns the step."""
    step = pc.compile(function, target="c")
    eager, compiled = function(*[pc.tensor(array) for array in arrays]), step(*arrays)
    assert step.target == "c"
    if not isinstance(eager, (list, tuple)):
        eager, compiled = [eager], [compiled]
    assert len(eager) == len(compiled)
    for i, (a, b) in enumerate(zip(eager, compiled, strict=True)):
        agree(a, b, ulp, zeros, f"result {i}")
    return step


def run_samples(samples, dtype, wrap):
    """All samples in one step: for each its result, and the gradients of its inputs."""
    arrays = [array for sample in samples for array in sample.cast(dtype)]

    def step(*tensors):
        tensors, results = iter(tensors), []
        for sample in samples:
            inputs = [next(tensors) for _ in sample.inputs]
            wanted = sample.differentiable if sample.op.differentiable else ()
            for i in wanted:
                inputs[i] = inputs[i].detach().requires_grad_()
            y = sample.op(*inputs)
            if y.requires_grad:
                start = np.linspace(0.5, 1.5, y.numel()).reshape(y.shape).astype(y.dtype)
                y.backward(gradient=pc.tensor(start))
            results.append([y.detach(), *[inputs[i].grad for i in wanted]])
        return results

    return wrap(step)(*[pc.tensor(array) for array in arrays])


KINDS = list(dict.fromkeys(type(sample.op) for sample in IN_C))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_samples(kind, dtype):
    samples = [sample for sample in IN_C if type(sample.op) is kind]
    eager = run_samples(samples, dtype, lambda step: step)
    compiled = run_samples(samples, dtype, lambda step: pc.compile(step, target="c"))
    allowed = ULPS.get(kind, (0, 0, 0, 0))
    allowed = allowed[dtype == "float64"], allowed[2 + (dtype == "float64")]
    for sample, ours, theirs in zip(samples, eager, compiled, strict=True):
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            what = f"gradient {i}" if i else "result"
            assert (a is None) == (b is None)
            if a is not None:
                zeros, cancelling = kind not in OPEN_ZERO, kind in CANCELLING
                agree(a, b, allowed[i > 0], zeros, f"{sample}: {what}", cancelling)


# ---- dtypes

WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]
OF_WHOLE = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "maximum": pc.maximum,
    "minimum": pc.minimum,
    "greater": lambda a, b: a > b,
    "at least": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "unequal": lambda a, b: a != b,
    "negative": lambda a, b: -a,
    "abs": lambda a, b: a.abs(),
    "sign": lambda a, b: a.sign(),
    "not": lambda a, b: a.logical_not(),
    "sum": lambda a, b: a.sum(),
    "sum of rows": lambda a, b: (a * b).reshape(2, 3).sum(0),
    "amax": lambda a, b: a.amax(),
    "amax of rows": lambda a, b: a.reshape(3, 2).amax(1),
    "argmax": lambda a, b: a.argmax(),
    "any": lambda a, b: a.any(),
    "power": lambda a, b: a ** pc.where(b > 3, 3, 2).to(a.dtype),
    "where": lambda a, b: pc.where(a > b, a, b),
    "cat": lambda a, b: pc.cat([a, b[1:]]),
    "product": lambda a, b: a.reshape(2, 3) @ b.reshape(3, 2),
    "dot": lambda a, b: a @ b,
    "rows": lambda a, b: a.reshape(3, 2)[[2, 0, 2]],
    "casts": lambda a, b: [a.to(dtype) for dtype in (pc.float32, pc.float64, pc.int64, pc.bool)],
    "exp": lambda a, b: a.sign().float().exp(),
}


@pytest.mark.parametrize("dtype", WHOLE)
def test_whole_numbers(dtype):
    """Whatever eager code takes, C takes, with the same result; sums and products wrap around as NumPy's do."""
    low, high = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    a = np.array([0, 1, high, 2 % (high + 1), low, high], dtype)
    b = np.array([1, 1, high, 3 % (high + 1), 1, low or 1], dtype)
    taken = {}
    for name, function in OF_WHOLE.items():
        try:
            function(pc.tensor(a), pc.tensor(b))
        except (pc.errors.PellucidError, TypeError):  # no negative of booleans, say
            continue
        taken[name] = function
    assert len(taken) > 20
    if dtype == "bool":  # one that nobody needs is left to NumPy; powers of booleans are refused by eager code already
        assert "power" not in taken
        with pytest.raises(pc.errors.UnsupportedError):
            pc.compile(taken.pop("abs"), target="c")(a, b)

    def step(a, b):
        results = []
        for function in taken.values():
            y = function(a, b)
            results += y if isinstance(y, list) else [y]
        return results

    same(step, a, b, ulp=2)


def test_floats_out_of_the_range_of_whole_numbers():
    """In range the value without its fraction; out of it what comes is open, but nothing breaks."""
    x = np.array([0.0, -0.0, 0.99, -0.99, 1.5, -1.5, 126.9, -127.5, 2.0**31 - 1, -(2.0**31), 2.0**52 + 0.0, -(2.0**62)])
    for dtype in (np.float32, np.float64):
        same(lambda x: [x.to(pc.int64), x.to(pc.bool)], x.astype(dtype))
        same(lambda x: x.to(pc.int32), x.astype(dtype)[:8])
    y = pc.compile(lambda x: x.to(pc.int64), target="c")(np.array([np.nan, np.inf, -np.inf, 1e300]))
    assert y.dtype == pc.int64


@pytest.mark.parametrize("dtype", ["float16", "longdouble", "f4-other-order", "f8-other-order", "i8-other-order"])
def test_dtypes_that_c_does_not_know(dtype):
    """Without a target such a step runs on NumPy; asked for C, it is refused."""
    other_order = dtype.endswith("order")
    x = np.array([1, 2], np.dtype(dtype[:2]).newbyteorder("S") if other_order else dtype)
    if x.dtype == np.float64 and not other_order:
        pytest.skip("here longdouble is float64")
    step = pc.compile(lambda x: x * 2)
    assert step(x).tolist() == [2.0, 4.0]
    assert step.target == "numpy"
    with pytest.raises(pc.errors.UnsupportedError, match=r"numpy"):
        pc.compile(lambda x: x * 2, target="c")(x)


# ---- shapes

SHAPES = [(), (1,), (7,), (1, 1), (1, 13), (13, 1), (0,), (0, 3), (3, 0), (5, 7), (2, 3, 5), (3, 1, 5), (2, 0, 3)]
LARGE = [(2, 3, 1, 5, 7), (63,), (64,), (65,), (3, 63), (3, 64), (3, 65), (129, 3), (127, 131), (2, 67, 5)]


@pytest.mark.parametrize("shape", SHAPES + LARGE, ids=str)
def test_shapes(shape):
    """Prime sizes, 1, none at all, five axes, one more and one less than a strip of 64."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, *shape))

    def step(x, y):
        results = [x + y, x * 2.0 - y, x.T if x.ndim == 2 else x.reshape(-1), (x > y), x + y.sum()]
        results += [x.sum(), x.abs().sum(keepdim=True) if x.ndim else x]
        for axis in range(x.ndim):
            results += [x.sum(axis), (x * y).sum(axis, keepdim=True), x - x.sum(axis, keepdim=True), x[..., None, :1]]
            results.append(pc.cat([x, y, x], axis))
            if x.shape[axis]:
                results += [x.amax(axis), x.argmax(axis), x.transpose(0, axis) * 3.0]
        return results

    tolerance = 64 * max(1, x.size) ** 0.5  # ulp of a sum that may be near 0
    step = pc.compile(step, target="c")
    for eager, compiled in zip(step.function(pc.tensor(x), pc.tensor(y)), step(x, y), strict=True):
        a, b = np.asarray(eager), np.asarray(compiled)
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind == "f":
            np.testing.assert_allclose(b, a, rtol=1e-13, atol=tolerance * 2.0**-52)
        else:
            np.testing.assert_array_equal(b, a)


@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (3, 1, 65, 2), (2, 64, 1, 3), (1, 2, 3, 67)], ids=str)
def test_reductions_over_every_set_of_axes(shape):
    rng = np.random.default_rng(5)
    whole = rng.integers(-4, 5, shape)  # sums of small whole numbers are exact, in floats too
    sets = [axes for n in range(1, 5) for axes in itertools.combinations(range(4), n)]

    def step(x, turned):
        results = []
        for axes in sets:
            results += [ops.Sum(axes)(x), ops.Max(axes)(x), ops.Sum(axes)(x * 2.0 + 1.0)]
            results += [ops.Sum(axes)(turned.transpose(0, 3)), ops.Max(axes)(turned.transpose(0, 3))]
        results += [ops.ArgMax(axis)(x) for axis in range(4)]
        return results

    same(step, whole.astype(np.float32), whole.swapaxes(0, 3).astype(np.float32), zeros=False)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_sums(dtype):
    """A million numbers: as near to the exact sum as if it had been added up in float64."""
    x = (np.random.default_rng(0).random(1_000_000) * 3).astype(dtype).reshape(1000, 1000)
    step = pc.compile(lambda x: (x.sum(), x.sum(0), x.sum(1), x.mean()), target="c")
    exact = [x.sum(dtype=np.longdouble), x.sum(0, dtype=np.longdouble), x.sum(1, dtype=np.longdouble)]
    exact.append(x.mean(dtype=np.longdouble))
    for ours, theirs in zip(step(x), exact, strict=True):
        np.testing.assert_allclose(np.array(ours), theirs.astype(dtype), rtol=2e-7 if dtype == np.float32 else 1e-12)


def test_the_position_of_the_largest_with_ties_and_nan():
    """The first of several; the first NaN if there is one."""
    nan, inf = np.nan, np.inf
    x = np.array([[1, 3, 3, 2], [nan, 1, nan, 5], [-inf, -inf, -inf, -inf], [2, nan, inf, nan], [-1, -1, -2, -1.0]])
    for dtype in (np.float32, np.float64):
        same(
            lambda x: [x.argmax(1), x.argmax(0), x.argmax(), x.amax(1), x.amax(0), x.T.argmax(1), x[:, ::2].argmax(1)],
            x.astype(dtype),
        )
    many = np.zeros((3, 200), np.float32)
    many[1, 130:150] = 1.0
    many[2, [70, 199]] = nan
    same(lambda x: [x.argmax(1), x.argmax(0), x.argmax(), x.amax(1), x.amax(0)], many)


def test_odd_numbers_survive_reductions_and_products():
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0])
    x = np.array(list(itertools.product(special, repeat=3)))
    for dtype in (np.float32, np.float64):
        same(
            lambda x: [x.sum(1), x.sum(0), x.amax(1), x.prod(1) if hasattr(x, "prod") else x],
            x.astype(dtype),
            zeros=False,
        )
        rows = x[:12].astype(dtype)
        same(lambda x: [x @ x.T, x.T @ x], rows, zeros=False)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("m", "n", "k"), [(1, 1, 1), (4, 8, 2), (8, 8, 8), (1, 512, 1), (3, 1, 7), (8, 8, 9)])
def test_products_of_few_numbers_are_written_out(m, n, k, turned):
    random = np.random.default_rng(0)
    a, b = [random.normal(size=shape).astype(np.float32) for shape in [(m, k), (n, k) if turned else (k, n)]]
    step = pc.compile((lambda a, b: a @ b.mT) if turned else (lambda a, b: a @ b), target="c")
    exact = a.astype(float) @ (b.T if turned else b)
    np.testing.assert_allclose(step(a, b).numpy(), exact, rtol=1e-5, atol=1e-5)
    assert ("tiny_f32(&" in step.source) == (m * n * k <= 512)
