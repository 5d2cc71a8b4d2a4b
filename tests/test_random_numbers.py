"""Random numbers: the same for one seed, whoever draws them and how many; and as good as random."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors, ops
from pellucid.ops.source import BLOCK, draw_keys, random_word, random_words
from pellucid.tensors.random import default_generator


def test_the_same_seed_and_count_give_the_same_numbers():
    pc.manual_seed(5)
    first = [pc.rand(4).tolist(), pc.randn(3).tolist(), pc.randint(0, 10, (6,)).tolist(), pc.randperm(5).tolist()]
    pc.manual_seed(5)
    again = [pc.rand(4).tolist(), pc.randn(3).tolist(), pc.randint(0, 10, (6,)).tolist(), pc.randperm(5).tolist()]
    assert first == again
    pc.manual_seed(6)
    assert pc.rand(4).tolist() != first[0]


def test_generators_do_not_disturb_each_other():
    mine = pc.Generator(3)
    expected = [pc.rand(4, generator=mine).tolist() for _ in range(2)]
    mine.manual_seed(3)
    pc.rand(100)
    first = pc.rand(4, generator=mine).tolist()
    pc.randn(7)
    assert [first, pc.rand(4, generator=mine).tolist()] == expected


def test_element_i_does_not_depend_on_how_many_are_drawn():
    key = pc.State(np.array([9, 4], np.uint32))
    for dtype in ("float32", "float64"):
        long = ops.Uniform((BLOCK + 1000,), dtype)(key).numpy()
        for n in (0, 1, 2, 17, 999, BLOCK, BLOCK + 1):
            np.testing.assert_array_equal(ops.Uniform((n,), dtype)(key).numpy(), long[:n])


def test_draws_made_ahead_are_those_made_one_by_one():
    """Short draws are made together with those that follow (ops/source.py), without gradients also by no op."""
    for dtype in ("float32", "float64"):
        mine = pc.Generator(11)
        for count in range(40):
            key = pc.State(np.array([11, count], np.uint32))
            long = ops.Uniform((BLOCK + 1,), dtype)(key).numpy()[:6]
            np.testing.assert_array_equal(ops.Uniform((2, 3), dtype)(key).numpy().ravel(), long)
            y = pc.rand(2, 3, dtype=dtype, generator=mine)
            np.testing.assert_array_equal(y.numpy().ravel(), long)
            y += 1.0  # what is handed out belongs to the caller
        with pc.no_grad(), pc.detect_anomaly():  # somebody watches: op by op
            slow = pc.Generator(12).normal((5,), dtype).numpy()
        np.testing.assert_array_equal(pc.Generator(12).normal((5,), dtype).numpy(), slow)
        last = pc.State(np.array([11, 2**32 - 1], np.uint32))
        assert len(set(ops.Uniform((4,), dtype)(last).tolist())) == 4


def test_both_dtypes_agree_in_their_first_24_bits():
    key = pc.State(np.array([5, 6], np.uint32))
    single, double = (ops.Uniform((1000,), dtype)(key).numpy() for dtype in ("float32", "float64"))
    np.testing.assert_array_equal(np.floor(double * 2**24), single.astype("float64") * 2**24)


def test_the_numbers_are_those_that_were_tested_for_randomness():
    """Known answers: docs/choices/random-numbers.md."""
    assert draw_keys(0, 0) == (0x4BE3DEE8, 0x0BE48427)
    assert random_words(*draw_keys(0, 0), 0, 4).tolist() == [0xCADE302C, 0x1D3DAFB9, 0x5D79EC98, 0xA87A3B32]


def test_random_bits_agree_with_the_definition_for_one_word():
    """The vectorized form and the one for Python integers are two programs for the same numbers."""
    for seed, count in ((0, 0), (1, 0), (0, 1), (2**32 - 1, 2**32 - 1), (12345, 678)):
        keys = draw_keys(seed, count)
        for start in (0, 1, 2**31, 2**32 - 30):
            expected = [random_word(i, *keys) for i in range(start, start + 50)]
            assert random_words(*keys, start % 2**32, 50).tolist() == expected


def test_uniform_numbers_are_uniform():
    """Of n numbers the mean lies within 4 standard errors, and so do the counts in 64 boxes (chi-square)."""
    n = 200_000
    for dtype in ("float32", "float64"):
        u = pc.rand(n, dtype=np.dtype(dtype)).numpy()
        assert u.dtype == dtype
        assert u.min() >= 0.0
        assert u.max() < 1.0
        u = u.astype("float64")
        assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / n)
        assert abs(u.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / n)
        counts = np.bincount((u * 64).astype(int), minlength=64)
        chi_square = ((counts - n / 64) ** 2 / (n / 64)).sum()
        assert abs(chi_square - 63) < 5 * np.sqrt(2 * 63)


def test_draws_are_not_correlated():
    """Neighbours in one draw, the same place in two draws, and the same place for two seeds."""
    n = 100_000
    bound = 4.5 / np.sqrt(n)

    def drawn(seed, count):
        return ops.Uniform((n,), "float64")(pc.State(np.array([seed, count], np.uint32))).numpy()

    first = drawn(0, 0)
    for lag in (1, 2, 3, 16, 32, 256):
        assert abs(np.corrcoef(first[:-lag], first[lag:])[0, 1]) < bound
    for seed, count in ((0, 1), (1, 0), (1, 1), (2, 0), (0, 2**31), (2**31, 0)):
        assert abs(np.corrcoef(first, drawn(seed, count))[0, 1]) < bound


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    n = 200_000
    x = pc.randn(n, dtype=np.dtype("float64")).numpy()
    assert abs(x.mean()) < 4 / np.sqrt(n)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((x**3).mean()) < 4 * np.sqrt(15 / n)
    assert abs((x**4).mean() - 3) < 4 * np.sqrt(96 / n)
    assert abs((np.abs(x) < 1).mean() - 0.6826895) < 4 * np.sqrt(0.217 / n)
    assert np.isfinite(x).all()


def test_randint_and_randperm():
    x = pc.randint(-2, 3, (50_000,)).numpy()
    assert x.dtype == np.int64
    counts = np.bincount(x + 2, minlength=5)
    assert counts.size == 5
    assert (abs(counts - 10_000) < 4 * np.sqrt(10_000 * 0.8)).all()
    assert sorted(pc.randperm(100).tolist()) == list(range(100))
    assert pc.randperm(0).tolist() == []


def test_a_compiled_step_draws_on_where_eager_code_stopped():
    def draw():
        return pc.rand(3), pc.randn(2)

    pc.manual_seed(1)
    eager = [draw() for _ in range(4)]
    pc.manual_seed(1)
    step = pc.compile(draw)
    for ours, theirs in zip([draw(), step(), step(), draw()], eager, strict=True):
        assert ours[0].tolist() == theirs[0].tolist()
        np.testing.assert_allclose(ours[1].numpy(), theirs[1].numpy(), rtol=1e-6)  # C has logarithms of its own


def test_a_recording_that_fails_leaves_the_generator_alone():
    pc.manual_seed(2)
    before = default_generator.key.tolist()

    @pc.compile
    def step():
        return pc.rand(3).item()

    with pytest.raises(errors.RecordedValueError):
        step()
    assert default_generator.key.tolist() == before
