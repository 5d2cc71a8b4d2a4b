"""For tests of the engine: leaves, lines of a test, and functions that run as they are and compiled."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc

random = np.random.default_rng(3)


def leaf(*shape, dtype="float64"):
    """A leaf with random numbers."""
    return pc.tensor(random.standard_normal(shape).astype(dtype), requires_grad=True)


def in_both_worlds(test):
    """Run a test with a plain function and with a compiled one."""
    return pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])(test)


def made(function, compiled):
    return pc.compile(function) if compiled else function


def line_below(by=1):
    """`FILE:LINE` of a line below the one that asks."""
    asks = inspect.currentframe().f_back
    return f"{Path(asks.f_code.co_filename).name}:{asks.f_lineno + by}"
