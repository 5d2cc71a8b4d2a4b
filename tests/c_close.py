"""What the tests of compiled steps share: both targets as a parameter, and how close C must come to NumPy.

C adds in another order, multiplies and adds in one rounding inside of matrix products, and has its own exp, log, tanh,
sigmoid, sin, cos and erf. All else gives the same bits. So whole numbers, booleans, shapes, dtypes, random numbers, and
where NaN and infinities stand are compared exactly; floats are compared relative to the largest number of their array.
"""

import numpy as np
import pytest
from c_compilers import REAL

COMPILER = (pytest.mark.compiler, pytest.mark.skipif(REAL is None, reason="no C compiler"))
TARGETS = ("numpy", pytest.param("c", marks=COMPILER))

# A few steps of training: a single number is a loss, arrays are parameters and gradients. Where a gradient is nothing
# but rounding, Adam and RMSprop divide it by its own size and walk the learning rate into either direction; so the
# second number is relative to what a few steps at the learning rates used here (0.1 and less) can change.
NUMBER = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-10}
ARRAY = {np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-9}


def largest(x):
    """The largest absolute value that is finite, at least 1."""
    return max(1.0, float(np.abs(x[np.isfinite(x)]).max(initial=0)))


def far(a, b, tolerance):
    """Where floats differ by more than `tolerance` times the largest of them, or in being NaN or infinite."""
    a, b = np.asarray(a), np.asarray(b)
    with np.errstate(invalid="ignore", over="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        finite = np.isfinite(a) & np.isfinite(b)
        return ~(same | (finite & (np.abs(a - b) <= tolerance * largest(a))))


def assert_close(eager, compiled):
    """Equal dtype, shape, and numbers: whole numbers exactly, floats closely."""
    eager, compiled = np.asarray(eager), np.asarray(compiled)
    assert (eager.dtype, eager.shape) == (compiled.dtype, compiled.shape)
    if eager.dtype.kind != "f":
        np.testing.assert_array_equal(eager, compiled)
        return
    tolerance = (NUMBER if eager.size == 1 else ARRAY)[eager.dtype]
    wrong = far(eager, compiled, tolerance)
    assert not wrong.any(), f"{wrong.sum()} of {eager.size} differ: {eager[wrong][:5]} and {compiled[wrong][:5]}"


def short_way(step):
    """The short way into the program that ran last: what is returned is MISSED where it is not open."""
    entry = step.last.entry

    def way(*args, **named):
        long_way, entry.call.long_way = entry.call.long_way, None
        try:
            return entry.function(*args, **named)
        finally:
            entry.call.long_way = long_way

    return way
