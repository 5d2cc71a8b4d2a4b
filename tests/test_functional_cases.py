"""Every function and loss of tests/functional_cases.py equals PyTorch's, recorded equals eager, in both targets.

Values and gradients in float64 and float32, second gradients in float64.
"""

import numpy as np
import pytest
from functional_cases import FAMILIES

import pellucid as pc
import pellucid.functional as F

NAMES = sorted(FAMILIES)
FLOAT32_CONSTANTS = ("celu", "hardsigmoid")  # PyTorch computes 1 / alpha and 1 / 6 with 24 bits

pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch's opinion of kl_div


def tensors(case, dtype, make, leaf):
    """The arrays and options of a case for one framework, and the leaves among them."""
    leaves = []

    def tensor(i, x):
        if not isinstance(x, np.ndarray):
            return x
        x = x.astype(dtype) if x.dtype.kind == "f" else x
        if i not in case.differentiable:
            return make(x)
        leaves.append(leaf(x))
        return leaves[-1]

    arrays = [tensor(i, x) for i, x in enumerate(case.arrays)]
    return arrays, {name: tensor(None, x) for name, x in case.options.items()}, leaves


def numbers(x):
    """The numbers of a tensor; PyTorch's zeros without memory have to be asked twice."""
    if x is None:
        return None
    return x.detach().numpy() if isinstance(x, pc.Tensor) else x.detach().numpy(force=True)


def weighted(y, weights, make):
    """One number that depends on every element of y in a way of its own."""
    return (y * make(weights)).sum()


def ours(case, dtype, second=True):
    """The value, the gradients, and the gradients of the sum of squares of the gradients."""
    arrays, options, leaves = tensors(case, dtype, pc.tensor, lambda x: pc.tensor(x, requires_grad=True))
    y = getattr(F, case.name)(*arrays, **options)
    weights = weights_for(y.shape, dtype)
    first = pc.autograd.grad(weighted(y, weights, pc.tensor), leaves, create_graph=True)
    found = [numbers(y), *map(numbers, first)]
    if second:
        total = sum([(g * g).sum() for g in first])
        if total.requires_grad:
            found += [numbers(g) for g in pc.autograd.grad(total, leaves, allow_unused=True)]
    return found


def theirs(torch, case, dtype, second=True):
    """The same in PyTorch. Where it has no second gradient, only the first."""
    arrays, options, leaves = tensors(case, dtype, torch.tensor, lambda x: torch.tensor(x, requires_grad=True))
    y = getattr(torch.nn.functional, case.name)(*arrays, **options)
    weights = weights_for(tuple(y.shape), dtype)
    first = torch.autograd.grad(weighted(y, weights, torch.tensor), leaves, create_graph=second)
    found = [numbers(y), *map(numbers, first)]
    if second:
        total = sum([(g * g).sum() for g in first])
        if total.requires_grad:
            try:
                found += [numbers(g) for g in torch.autograd.grad(total, leaves, allow_unused=True)]
            except RuntimeError as error:  # PyTorch has no second gradient of these: hardsigmoid, multi_margin_loss
                if "is not implemented" not in str(error):
                    raise
    return found


def weights_for(shape, dtype):
    return np.asarray(np.random.default_rng(1).normal(size=shape)).astype(dtype)


def close(a, b, rtol, atol):
    if a is None and b is None:
        return
    a = np.zeros_like(b) if a is None else a
    b = np.zeros_like(a) if b is None else b
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@pytest.mark.peers
@pytest.mark.parametrize("family", NAMES)
def test_equals_pytorch_in_float64(family):
    torch = pytest.importorskip("torch")
    failures = []
    for case in FAMILIES[family]:
        second = case.note == ""  # at a corner the second slope is anyone's; far out PyTorch's may be NaN
        tolerance = 1e-7 if case.name in FLOAT32_CONSTANTS else 1e-9
        try:
            for a, b in zip(ours(case, "float64", second), theirs(torch, case, "float64", second), strict=False):
                close(a, b, tolerance, tolerance)
        except (AssertionError, pc.errors.PellucidError) as error:
            failures.append(f"{case}: {error}")
    assert failures == [], f"{len(failures)} of {len(FAMILIES[family])}\n" + "\n".join(failures[:10])


@pytest.mark.peers
@pytest.mark.parametrize("family", NAMES)
def test_equals_pytorch_in_float32(family):
    torch = pytest.importorskip("torch")
    failures = []
    for case in FAMILIES[family]:
        try:
            for a, b in zip(ours(case, "float32", False), theirs(torch, case, "float32", False), strict=True):
                close(a, b, 2e-5, 2e-5)
        except AssertionError as error:
            failures.append(f"{case}: {error}")
    assert failures == [], f"{len(failures)} of {len(FAMILIES[family])}\n" + "\n".join(failures[:10])


def calls_of(family, every):
    """Some of the cases as one step: each a value and its gradients."""
    cases = FAMILIES[family][::every]
    prepared = [tensors(case, "float64", pc.tensor, lambda x: pc.tensor(x, requires_grad=True)) for case in cases]

    def step():
        results = []
        for case, (arrays, options, leaves) in zip(cases, prepared, strict=True):
            y = getattr(F, case.name)(*arrays, **options)
            weights = pc.tensor(weights_for(y.shape, "float64"))
            results.append([y, *pc.autograd.grad((y * weights).sum(), leaves)])
        return results

    return cases, step


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=pytest.mark.compiler)])
def test_recorded_equals_eager(family, target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    cases, step = calls_of(family, every=5 if target == "c" else 1)
    for case, eager, recorded in zip(cases, step(), pc.compile(step)(), strict=True):
        for a, b in zip(eager, recorded, strict=True):
            if target == "numpy":
                assert np.array_equal(a.detach().numpy(), b.detach().numpy(), equal_nan=True), case
            else:
                np.testing.assert_allclose(
                    b.detach().numpy(), a.detach().numpy(), rtol=1e-9, atol=1e-11, err_msg=str(case)
                )
