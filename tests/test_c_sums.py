"""Long sums of floats in C: blocks of each row in float, in vectors, and what they give in double."""

import numpy as np
import pytest
from c_close import COMPILER

import pellucid as pc
import pellucid.functional as F
from pellucid.fusion.layout import BLOCK

pytestmark = [*COMPILER]
LENGTHS = [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 7, 10_000]


@pytest.mark.parametrize("rows", [1, 4, 5], ids=["one row", "pairs", "odd"])
@pytest.mark.parametrize("length", LENGTHS)
def test_sums_of_rows_are_exact_to_a_few_ulp(rows, length):
    """Where signs cancel, the error is small beside the sum of the absolute values."""
    x = np.random.default_rng(length).standard_normal((rows, length)).astype(np.float32)
    step = pc.compile(lambda x: (x.sum(1), x.mean(1), (x * x).sum(1), x.abs().sum(1)), target="c")
    wide = x.astype(np.float64)
    size = np.abs(wide).sum(1)
    exact = [(wide.sum(1), size), (wide.mean(1), size / length), ((wide * wide).sum(1),) * 2, (size, size)]
    for ours, (theirs, scale) in zip(step(pc.tensor(x)), exact, strict=True):
        assert (np.abs(ours.numpy() - theirs) <= 3e-7 * scale).all()


def test_the_source_adds_blocks_in_float_and_their_sums_in_double():
    step = pc.compile(lambda x: x.sum(1), target="c")
    step(pc.ones(6, 4 * BLOCK))
    assert f"block += {BLOCK}" in step.source
    assert "double running_" in step.source
    assert "float block_" in step.source
    step = pc.compile(lambda x: x.sum(1), target="c")
    step(pc.ones(6, BLOCK))
    assert "float running_" in step.source
    assert "block" not in step.source.partition("KERNEL void")[2].partition("int step")[0]


def test_many_ones_are_counted():
    """A single sum in float would stand still at 2^24, since 2^24 + 1 is no float."""
    step = pc.compile(lambda x: x.sum(1), target="c")
    assert step(pc.ones(2, 2**24 + 1024)).tolist() == [2.0**24 + 1024] * 2


def test_several_sums_and_a_maximum_in_one_loop():
    """Softmax, the variance and layer norm of long rows: maxima and sums of one row."""
    x = np.random.default_rng(1).standard_normal((6, 3000)).astype(np.float32) * 5

    def look(x):
        return F.softmax(x, -1), x.var(1), x.amax(1), F.layer_norm(x, (3000,))

    for ours, theirs in zip(pc.compile(look, target="c")(pc.tensor(x)), look(pc.tensor(x).double()), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_one_odd_number_reaches_its_sum_only(odd):
    x = np.ones((4, 2000), np.float32)
    x[1, 1999] = odd
    sums = pc.compile(lambda x: x.sum(1), target="c")(pc.tensor(x)).numpy()
    np.testing.assert_array_equal(sums, [2000, odd, 2000, 2000])


def test_the_bias_of_a_relu_gets_the_gradient_of_eager_code():
    """What LeNet's convolutions do: the gradient through relu is stored and added up in one loop."""
    x = np.random.default_rng(2).standard_normal((8, 6, 30, 30)).astype(np.float32)
    bias, same = (pc.zeros(6, 1, 1, requires_grad=True) for _ in range(2))

    def loss(x, bias):
        return ((x + bias).relu() * x).sum()

    pc.compile(lambda x: loss(x, bias).backward(), target="c")(pc.tensor(x))
    loss(pc.tensor(x).double(), same).backward()
    np.testing.assert_allclose(bias.grad.numpy(), same.grad.numpy(), rtol=1e-6)
