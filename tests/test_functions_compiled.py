"""Every function of the table bench/calls.py, compiled to C, beside the same call eagerly: values and gradients.

A new function needs a line in that table and none here.
"""

import itertools

import numpy as np
import pytest
from c_close import COMPILER

import pellucid as pc
from bench.calls import CALLS as OTHERS
from bench.calls_images import CALLS_IMAGES
from bench.calls_moving import CALLS_MOVING, DRAWING
from pellucid.engine import mode

CALLS = [*OTHERS, *CALLS_IMAGES, *CALLS_MOVING]
pytestmark = list(COMPILER)

TOGETHER = 12  # so many calls are compiled as one step: a compiler takes half a second to begin
RECORDED = [call for call in CALLS if call.recorded]
GROUPS = [RECORDED[i : i + TOGETHER] for i in range(0, len(RECORDED), TOGETHER)]
TOLERANCE = {"float32": 3e-5, "float64": 1e-12}


def function_of(name):
    """`pc.NAME`, or that of a module of functions."""
    place = pc
    for part in name.replace("F.", "functional.").split("."):
        place = getattr(place, part)
    return place


def flat(y):
    """The tensors of a result."""
    return [part for item in y for part in flat(item)] if isinstance(y, (tuple, list)) else [y]


def run(call, tensors):
    """The results of a call, and the gradients of its float arguments. `tensors` gives the arguments in order."""
    leaves = []

    def argument(array):
        x = next(tensors)
        if array.dtype.kind == "f" and call.slopes:
            x = x.detach().requires_grad_()
            leaves.append(x)
        return x

    arguments, named = call.given(argument)
    results = flat(function_of(call.name)(*arguments, **named))
    wanted = [y for y in results if y.requires_grad]
    for y in wanted:
        y.backward(pc.tensor(np.linspace(0.5, 1.5, y.numel()).reshape(y.shape).astype(y.dtype)), retain_graph=True)
    return [y.detach() for y in results], [x.grad for x in leaves if x.grad is not None]


def arrays_of(call, dtype):
    found = []
    call.given(lambda array: found.append(array.astype(dtype) if array.dtype.kind == "f" else array))
    return found


def differs(a, b):
    """In what two arrays differ, or None. (Of integers the functions are float32 in both.)"""
    a, b = np.asarray(a), np.asarray(b)
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return f"{a.dtype}{a.shape} and {b.dtype}{b.shape}"
    if a.dtype.kind != "f":
        return None if (a == b).all() else f"{a} and {b}"
    size = max(1.0, float(np.abs(a[np.isfinite(a)]).max(initial=0)))
    tolerance = TOLERANCE[str(a.dtype)]
    same = (a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= tolerance * size)
    return None if same.all() else f"{a[~same][:4]} and {b[~same][:4]}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].name}...{group[-1].name}")
def test_compiled_equals_eager(group, dtype):
    arrays = [array for call in group for array in arrays_of(call, dtype)]

    def step(*tensors):
        tensors = iter(tensors)
        return [run(call, tensors) for call in group]

    compiled = pc.compile(step, target="c")
    eager, found = step(*map(pc.tensor, arrays)), compiled(*arrays)
    assert compiled.target == "c"
    wrong = []
    for call, ours, theirs in zip(group, eager, found, strict=True):
        parts = zip(itertools.chain(*ours), itertools.chain(*theirs), strict=True)
        differences = [differs(a, b) for a, b in parts]
        wrong += [f"{call}: {difference}" for difference in differences if difference]
    assert wrong == []


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("call", [call for call in CALLS if call not in DRAWING], ids=str)
def test_with_and_without_gradients_a_function_gives_the_same(call, dtype):
    """Without, some go a shorter way (`only_numbers`). The bits are the same, but for the sign of zeros."""
    function, results = function_of(call.name), []
    for slopes in (True, False):

        def argument(array, slopes=slopes):
            floats = array.dtype.kind == "f"
            return pc.tensor(array.astype(dtype) if floats else array, requires_grad=floats and slopes)

        arguments, named = call.given(argument)
        results.append([np.asarray(y) for y in flat(function(*arguments, **named))])
    for a, b in zip(*results, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("call", "dtype"),
    [(call, dtype) for call in CALLS for dtype in ("float16", "float32", "float64")
     if call not in DRAWING or dtype != "float16"],  # in which nothing is drawn
    ids=str,
)  # fmt: skip
def test_the_short_way_and_the_long_way_give_the_same(call, dtype, monkeypatch):
    """Without gradients in both, so also for integers and for what is drawn; `mode.eager` bars the short way."""
    function, results = function_of(call.name), []
    for barred in (False, True):
        monkeypatch.setattr(mode, "eager", barred)
        pc.manual_seed(5)
        arguments, named = call.given(lambda a: pc.tensor(a.astype(dtype) if a.dtype.kind == "f" else a))
        results.append([np.asarray(y) for y in flat(function(*arguments, **named))])
    for a, b in zip(*results, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)


def test_every_function_of_tensors_is_in_the_table():
    """All of them but those that make or hold tensors."""
    makers = {
        "arange", "as_tensor", "compile", "detect_anomaly", "enable_grad", "eye", "from_numpy", "full", "full_like",
        "gradcheck",
        "linspace", "load", "manual_seed", "no_grad", "ones", "ones_like", "rand", "randint", "randn", "randperm",
        "save", "tensor", "zeros", "zeros_like",
    }  # fmt: skip
    functions = {n for n in pc.__all__ if callable(getattr(pc, n)) and not isinstance(getattr(pc, n), type)} - makers
    asked = {call.name for call in CALLS}
    assert sorted(functions - asked - {"cat", "matmul", "stack"}) == []
