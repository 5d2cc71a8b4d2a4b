"""One function in Pellucid and in PyTorch, in float64: values, gradients, and gradients of gradients."""

import numpy as np

import pellucid as pc


def played(pkg, function, arrays, twice):
    """All results, the gradients of their weighted squares, and those of the weighted gradients."""
    random = np.random.default_rng(5)
    tensors = [pkg.tensor(x) for x in arrays]
    leaves = [x.requires_grad_() for x in tensors if "float" in str(x.dtype)]
    results = function(*tensors)
    results = results if isinstance(results, tuple) else (results,)
    found = list(results)
    if leaves:
        y = results[0]
        total = (y * y * pkg.tensor(random.normal(size=tuple(y.shape)))).sum()
        grad = pkg.autograd.grad
        first = [*grad(total, leaves, create_graph=twice)]
        found += first
        if twice:
            total = sum([(g * pkg.tensor(random.normal(size=tuple(g.shape)))).sum() for g in first])
            found += grad(total, leaves)
    return [x.detach().numpy(force=True) if pkg is not pc else x.detach().numpy() for x in found]


def assert_equal_pytorch(torch, ours, theirs, *arrays, twice=True):
    """`ours` takes Pellucid's tensors, `theirs` PyTorch's; both get the same numbers."""
    expected = played(torch, theirs, arrays, twice)
    found = played(pc, ours, arrays, twice)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        if a.dtype.kind == "i":
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
