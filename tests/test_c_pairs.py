"""Two rows side by side: whatever the number and the length of rows, compiled norms and softmaxes are PyTorch's."""

import numpy as np
import pytest
from c_close import COMPILER

import pellucid as pc
import pellucid.functional as F

torch = pytest.importorskip("torch")

pytestmark = [*COMPILER, pytest.mark.peers]
LENGTHS = (1, 2, 7, 31, 32, 33, 57, 100, 128)


def both(name, x, weight, upstream):
    """What a compiled Pellucid step and PyTorch make of a row-wise operation: the result and two gradients."""
    ours = [pc.State(array, requires_grad=True) for array in (x, weight)]
    kept = pc.State(np.zeros_like(x))

    @pc.compile
    def step():
        y = apply(F, name, *ours)
        for state in ours:
            state.grad = None
        y.backward(pc.tensor(upstream))
        kept.assign(y.detach())

    for _ in range(2):
        step()
    theirs = [torch.tensor(array, requires_grad=True) for array in (x, weight)]
    y = apply(torch.nn.functional, name, *theirs)
    y.backward(torch.tensor(upstream))
    found = [kept.numpy(), *[state.grad.numpy() for state in ours]]
    return found, [y.detach().numpy(), *[tensor.grad.numpy() for tensor in theirs]]


def apply(functional, name, x, weight):
    if name == "softmax":
        return functional.softmax(x * weight, -1)
    return functional.layer_norm(x, x.shape[-1:], weight)


@pytest.mark.parametrize("name", ["layer_norm", "softmax"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [6, 7, 200])
def test_any_length_of_rows(name, dtype, rows):
    random = np.random.default_rng(rows)
    for length in LENGTHS:
        x, upstream = [random.normal(0, 1, (rows, length)).astype(dtype) for _ in range(2)]
        found, expected = both(name, x, random.normal(0, 1, length).astype(dtype), upstream)
        for ours, theirs in zip(found, expected, strict=True):
            # Rows of two that are nearly equal: terms of a few hundred cancel in the gradient.
            close = 2e-3 if dtype == np.float32 else 1e-10
            np.testing.assert_allclose(ours, theirs, close, close, err_msg=f"rows of {length}")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_number_stays_in_its_row(bad):
    random = np.random.default_rng(0)
    x, upstream = [random.normal(0, 1, (8, 100)).astype(np.float32) for _ in range(2)]
    x[3, 70] = bad
    found, expected = both("layer_norm", x, np.ones(100, np.float32), upstream)
    for ours, theirs in zip(found[:2], expected[:2], strict=True):
        assert np.isnan(ours[3]).any()
        assert np.isfinite(np.delete(ours, 3, 0)).all()
        np.testing.assert_allclose(np.delete(ours, 3, 0), np.delete(theirs, 3, 0), 2e-4, 2e-4)
