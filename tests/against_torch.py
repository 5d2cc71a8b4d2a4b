"""What the tests beside PyTorch share: numbers and shapes that meet ties and empty axes, and the comparison."""

import operator

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes_of

import pellucid as pc

torch = pytest.importorskip("torch")

MARKS = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
quick = settings(max_examples=30, deadline=None, derandomize=True)
thorough = settings(max_examples=120, deadline=None, derandomize=True)

SEEDS = st.integers(0, 2**32 - 1)
SHAPE = shapes_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
NOT_EMPTY = shapes_of.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=4)
TWO_SHAPES = shapes_of.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4, max_dims=4)
THREE_SHAPES = shapes_of.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=4, max_dims=3)
FLOATS = st.sampled_from(["float32", "float64"])
EVERY_DTYPE = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
ANY, ABOVE, NEAR = (-2.0, 2.0), (0.1, 3.0), (-0.9, 2.0)  # where a function's inputs lie
BINARY = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def made(shape, seed, dtype="float64", low=-2.0, high=2.0):
    """Numbers of which half are whole or half, so that ties and kinks are met."""
    random = np.random.default_rng(seed)
    x = random.uniform(low, high, shape)
    x = np.where(random.random(shape) < 0.5, np.clip(np.round(x * 2) / 2, low, high), x)
    return np.asarray(x).astype(dtype)


# ---- the comparison


def close(ours, theirs, what="value"):
    """Shape and dtype equal, numbers too, up to rounding."""
    assert tuple(ours.shape) == tuple(theirs.shape), f"{what}: {ours.shape} and {tuple(theirs.shape)}"
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), f"{what}: {ours.dtype} and {theirs.dtype}"
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    if found.dtype.kind != "f":
        np.testing.assert_array_equal(found, expected, err_msg=what)
        return
    rtol = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-11}[found.dtype.name]
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol, err_msg=what)


def agree(ours, theirs, *arrays, gradient=True):
    """Apply both to the same numbers; compare results, then the gradients of every float among the inputs."""
    a = [pc.tensor(x, requires_grad=gradient and x.dtype.kind == "f") for x in arrays]
    b = [torch.tensor(x, requires_grad=gradient and x.dtype.kind == "f") for x in arrays]
    found, expected = ours(*a), theirs(*b)
    if not isinstance(found, (tuple, list)):
        found, expected = [found], [expected]
    assert len(found) == len(expected)
    for y, z in zip(found, expected, strict=True):
        close(y, z)
    if not gradient:
        return
    pairs = [(y, z) for y, z in zip(found, expected, strict=True) if z.requires_grad]
    assert [y.requires_grad for y in found] == [z.requires_grad for z in expected]
    if not pairs:
        return
    seeds = [made(y.shape, 5, y.dtype) for y, _ in pairs]
    wanted = [x for x in a if x.requires_grad]
    wanted_there = [x for x in b if x.requires_grad]
    ours_back = pc.autograd.grad(
        [y for y, _ in pairs], wanted, [pc.tensor(s) for s in seeds], allow_unused=True, retain_graph=True
    )
    theirs_back = torch.autograd.grad(
        [z for _, z in pairs], wanted_there, [torch.tensor(s) for s in seeds], allow_unused=True
    )
    for g, h in zip(ours_back, theirs_back, strict=True):
        if g is None or h is None:
            assert g is None or not g.numpy().any()
            assert h is None or not h.numpy().any()
            continue
        close(g, h, "gradient")


COMPARED = set()


def compares(*names):
    """Note that a test compares these methods of Tensor, or ops."""
    COMPARED.update(names)
    return lambda test: test
