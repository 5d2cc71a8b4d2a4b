"""Transforms of pictures: each against a plain loop or another library, seeded, the same in any batch."""

import colorsys
import math
import runpy
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import EPOCH, LABELS, SEED, X, apply, draws, photos
from PIL import Image, ImageEnhance

import pellucid as pc
import pellucid.functional as F
from pellucid import data
from pellucid.data import transforms
from pellucid.data.transforms.draws import Draws, keys
from pellucid.data.transforms.mix import beta
from pellucid.ops.source import random_word

# ---- random numbers


def test_words_are_those_of_the_page_on_random_numbers():
    d = draws([0, 1, 77, 2**32 - 1])
    for number in range(3):
        first, second = (int(key) for key in keys(SEED, EPOCH, number))
        assert d.words().tolist() == [random_word(row, first, second) for row in (0, 1, 77, 2**32 - 1)]


FIRST_WORDS = [1673425178, 3582703936, 2304863791]


def test_words_never_change():
    """Whoever resumes a training with a later version gets the pictures of the first one."""
    assert Draws(0, 0, [0, 1, 2]).words().tolist() == FIRST_WORDS
    assert Draws(1, 2, [3]).integers(1000).tolist() == [int(Draws(1, 2, [3]).words()[0]) * 1000 >> 32]


def test_draws_are_even_and_independent():
    d = Draws(1, 0, np.arange(20000))
    first, second = d.uniform(), d.uniform()
    assert 0 <= first.min() < 0.001 < 0.999 < first.max() < 1
    for u in (first, second):
        assert abs(u.mean() - 0.5) < 4 * math.sqrt(1 / 12 / 20000)
    others = [Draws(2, 0, np.arange(20000)).uniform(), Draws(1, 1, np.arange(20000)).uniform(), second, first[1:]]
    for other in others:
        assert abs(np.corrcoef(first[: len(other)], other)[0, 1]) < 4 / math.sqrt(20000)
    counts = np.bincount(d.integers(7), minlength=7)
    assert ((counts - 20000 / 7) ** 2 / (20000 / 7)).sum() < 22.5  # chi-square of 6 degrees: 0.1 %
    assert abs(d.chance(0.3).mean() - 0.3) < 4 * math.sqrt(0.21 / 20000)
    noise = Draws(1, 0, np.arange(50)).noise(1000)
    assert abs(noise.mean() - 127.5) < 4 * 73.9 / math.sqrt(50000)
    assert sorted(d.partners().tolist()) == list(range(20000))
    assert (Draws(1, 0, np.arange(7)).partners() != np.arange(7)).all()
    assert Draws(1, 0, [5]).partners().tolist() == [0]


# ---- light


@pytest.mark.parametrize(
    ("name", "enhance"),
    [("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast), ("saturation", ImageEnhance.Color)],
)
def test_jitter_is_pillows(name, enhance):
    found, d = apply(transforms.ColorJitter(**{name: (0.3, 1.9)})), draws()
    for each in ("brightness", "contrast", "saturation"):
        factor = d.uniform(0.3, 1.9)  # drawn whether it is used or not
        if each == name:
            break
    for i in range(6):
        expected = np.asarray(enhance(Image.fromarray(X[i].transpose(1, 2, 0))).enhance(factor[i])).transpose(2, 0, 1)
        assert np.abs(found[i] - expected.astype(int)).max() <= 2  # Pillow rounds gray and mean, and cuts off


def test_hue_is_the_one_of_colorsys():
    found, d = apply(transforms.ColorJitter(hue=0.5)), draws()
    for _ in range(3):
        d.uniform()
    turn = d.uniform(-0.5, 0.5)
    for i in range(6):
        for row in range(12):
            for column in range(10):
                h, s, v = colorsys.rgb_to_hsv(*(X[i, :, row, column] / 255))
                expected = np.array(colorsys.hsv_to_rgb((h + turn[i]) % 1, s, v)) * 255
                assert np.abs(found[i, :, row, column] - expected).max() < 0.51


def test_jitter_in_its_order():
    both = transforms.ColorJitter(brightness=(1.5, 1.5), contrast=(0.5, 0.5), saturation=(1.3, 1.3), hue=(0.1, 0.1))
    x = X.astype(np.float64)
    x = np.clip(1.5 * x, 0, 255)
    gray = 0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:]
    x = np.clip(0.5 * x + 0.5 * gray.mean(axis=(1, 2, 3), keepdims=True), 0, 255)
    gray = 0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:]
    x = np.clip(1.3 * x - 0.3 * gray, 0, 255)
    expected = [[colorsys.rgb_to_hsv(*pixel) for pixel in p.reshape(3, -1).T] for p in x]
    expected = np.array([[colorsys.hsv_to_rgb((h + 0.1) % 1, s, v) for h, s, v in p] for p in expected])
    found = both(X).reshape(6, 3, -1).swapaxes(1, 2)
    assert np.abs(found - expected).max() < 0.51
    np.testing.assert_array_equal(transforms.ColorJitter()(X), X)
    one = X[:, :1]
    np.testing.assert_array_equal(transforms.ColorJitter(saturation=1, hue=0.5)(one), one)


def test_grayscale():
    expected = np.stack([np.asarray(Image.fromarray(x.transpose(1, 2, 0)).convert("L")) for x in X])
    for channels in (1, 3):
        found = transforms.Grayscale(channels)(X)
        assert found.shape == (6, channels, 12, 10)
        assert np.abs(found - expected[:, np.newaxis].astype(int)).max() <= 1


# ---- parts


@pytest.mark.parametrize("value", [0, (1, 2, 3), "random"])
def test_random_erasing_by_loops(value):
    found, d = apply(transforms.RandomErasing(0.7, (0.1, 0.4), (0.5, 2), value)), draws()
    chosen, area = d.chance(0.7), d.uniform(0.1, 0.4) * 120
    ratio = np.exp(d.uniform(math.log(0.5), math.log(2)))
    assert 0 < chosen.sum() < 6
    high = [min(round(math.sqrt(a * r)), 12) if c else 0 for a, r, c in zip(area, ratio, chosen, strict=True)]
    wide = [min(round(math.sqrt(a / r)), 10) for a, r in zip(area, ratio, strict=True)]
    top, left = d.integers(13 - np.array(high)), d.integers(11 - np.array(wide))
    noise = d.noise(360).reshape(X.shape)
    for i in range(6):
        expected = X[i].copy()
        for row in range(top[i], top[i] + high[i]):
            for column in range(left[i], left[i] + wide[i]):
                expected[:, row, column] = noise[i, :, row, column] if value == "random" else value
        np.testing.assert_array_equal(found[i], expected)


def test_random_erasing_keeps_to_its_share():
    white = np.full((2000, 1, 32, 32), 255, np.uint8)
    erased = (transforms.RandomErasing(0.5)(white) == 0).mean(axis=(1, 2, 3))
    hit = erased > 0
    assert abs(hit.mean() - 0.5) < 4 * math.sqrt(0.25 / 2000)
    assert 0.015 < erased[hit].min() < 0.03
    assert 0.3 < erased[hit].max() < 0.35
    assert abs(erased[hit].mean() - 0.175) < 0.01


def test_cutout_by_loops():
    found, d = apply(transforms.Cutout(5, value=(1, 2, 3))), draws()
    rows, columns = d.integers(12), d.integers(10)
    for i in range(6):
        expected = X[i].copy()
        for row in range(max(rows[i] - 2, 0), min(rows[i] + 3, 12)):
            for column in range(max(columns[i] - 2, 0), min(columns[i] + 3, 10)):
                expected[:, row, column] = (1, 2, 3)
        np.testing.assert_array_equal(found[i], expected)


# ---- two in one


def test_mixup_by_loops():
    transform = transforms.MixUp(0.7, num_classes=10)
    images, labels = transform(X, LABELS, seed=SEED, epoch=EPOCH)
    d = draws()
    partner, share = d.partners(), beta(0.7, d.uniform())
    assert labels.dtype == np.float32
    for i in range(6):
        mixed = share[i] * X[i] + (1 - share[i]) * X[partner[i]]
        assert np.abs(images[i] - mixed).max() < 0.501
        expected = np.zeros(10)
        expected[LABELS[i]] += share[i]
        expected[LABELS[partner[i]]] += 1 - share[i]
        np.testing.assert_allclose(labels[i], expected, atol=1e-6)
    as_vectors = transform(X, np.eye(10)[LABELS], seed=SEED, epoch=EPOCH)
    np.testing.assert_array_equal(as_vectors[1], labels)
    scaled = transform(X.astype(np.float32) / 255, LABELS, seed=SEED, epoch=EPOCH)[0]
    np.testing.assert_allclose(scaled * 255, images, atol=0.501)


def test_the_loss_of_mixed_labels_is_the_mixture_of_the_losses():
    _, labels = transforms.MixUp(1.0, num_classes=10)(X, LABELS, seed=SEED, epoch=EPOCH)
    d = draws()
    partner, share = d.partners(), beta(1.0, d.uniform())
    scores = pc.tensor(np.random.default_rng(0).normal(size=(6, 10)))
    first = F.cross_entropy(scores, pc.tensor(LABELS), reduction="none").numpy()
    second = F.cross_entropy(scores, pc.tensor(LABELS[partner]), reduction="none").numpy()
    found = F.cross_entropy(scores, pc.tensor(labels)).item()
    assert found == pytest.approx((share * first + (1 - share) * second).mean(), rel=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 2.0, 8.0])
def test_shares_have_the_distribution_beta(alpha):
    u = (np.arange(100_000) + 0.5) / 100_000
    shares = beta(alpha, u)
    assert (np.diff(shares) >= 0).all()
    assert shares.mean() == pytest.approx(0.5, abs=1e-6)
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=1e-3)
    if alpha == 1:
        np.testing.assert_allclose(shares, u, atol=1e-9)


@pytest.mark.peers
def test_shares_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    u = np.linspace(0.001, 0.999, 999)
    for alpha in (0.1, 0.4, 1.5, 4.0):
        np.testing.assert_allclose(beta(alpha, u), stats.beta.ppf(u, alpha, alpha), rtol=1e-3, atol=1e-6)


def test_cutmix_shows_in_its_labels():
    plain = np.arange(6, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis].repeat(8, 2).repeat(9, 3)
    images, labels = transforms.CutMix(1.0, num_classes=6)(plain, np.arange(6), seed=SEED, epoch=EPOCH)
    assert (labels.max(axis=1) < 1).sum() >= 3
    for i in range(6):
        np.testing.assert_allclose(labels[i], np.bincount(images[i].ravel(), minlength=6) / 72, atol=1e-6)
        for other in set(np.unique(images[i]).tolist()) - {i}:
            rows, columns = np.nonzero(images[i, 0] == other)
            assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1), "a rectangle"


# ---- numbers


def test_normalize_and_to_float():
    mean, std = np.array([0.4, 0.5, 0.6]), np.array([0.2, 0.25, 0.3])
    expected = (X / 255.0 - mean[:, None, None]) / std[:, None, None]
    for x in (X, transforms.ToFloat()(X)):
        found = transforms.Normalize(tuple(mean), tuple(std))(x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(transforms.ToFloat()(X), np.float32(X) / np.float32(255))
    np.testing.assert_allclose(transforms.Normalize(0.5, 0.25)(X), (X / 255 - 0.5) / 0.25, atol=1e-6)


# ---- all of them

EACH = [
    transforms.RandomCrop(3, padding=2),
    transforms.RandomCrop((2, 1), padding=1, padding_mode="edge"),
    transforms.CenterCrop(1),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.RandomRotation(50),
    transforms.RandomRotation(50, "bilinear"),
    transforms.RandomAffine(20, (0.2, 0.1), (0.8, 1.2), 10, "bilinear", 3),
    transforms.RandomResizedCrop(4),
    transforms.Resize((3, 5)),
    transforms.ColorJitter(0.5, 0.5, 0.5, 0.2),
    transforms.Grayscale(3),
    transforms.RandomErasing(0.8),
    transforms.RandomErasing(value="random"),
    transforms.Cutout(2),
    transforms.ToFloat(),
    transforms.Normalize(0.5, 0.25),
    transforms.Compose([transforms.RandomCrop(3, 2), transforms.ColorJitter(0.3), transforms.Normalize(0.5, 0.25)]),
]

LARGER = [
    transforms.RandomCrop(32, padding=4),
    transforms.RandomResizedCrop(32),
    transforms.Resize(48),
    transforms.Resize((20, 7)),
]


@pytest.mark.parametrize("transform", EACH, ids=lambda transform: repr(transform)[:40])
@given(
    st.integers(0, 20), st.sampled_from([1, 3]), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**40), st.data()
)
@settings(max_examples=15, deadline=None)
def test_a_picture_gets_the_same_alone_and_among_others(transform, n, channels, height, width, seed, data):
    x = photos(n, channels, height, width)
    before = x.copy()
    whole = transform(x, seed=seed, epoch=2)
    np.testing.assert_array_equal(x, before)
    assert len(whole) == n
    assert whole.ndim == 4
    assert not np.shares_memory(whole, x)
    rows = np.array(data.draw(st.lists(st.integers(0, max(n - 1, 0)), max_size=4 if n else 0)), np.int64)
    np.testing.assert_array_equal(transform(x[rows], seed=seed, epoch=2, rows=rows), whole[rows])
    images, labels = transform(x, np.arange(n), seed=seed, epoch=2)
    np.testing.assert_array_equal(images, whole)
    assert labels.tolist() == list(range(n))


@pytest.mark.parametrize("transform", [*EACH, *LARGER], ids=lambda transform: repr(transform)[:40])
def test_the_same_at_the_size_of_real_batches(transform):
    """Where sums are long and arrays leave the cache, NumPy and BLAS go other ways than for small ones."""
    x = photos(70, 3, 32, 32)
    whole = transform(x, seed=3, epoch=1)
    assert whole.flags.c_contiguous
    for rows in map(np.array, ([5], [0, 69], range(37), range(33, 70))):
        some = transform(x[rows], seed=3, epoch=1, rows=rows)
        np.testing.assert_array_equal(some, whole[rows])


def test_seeds_and_epochs_differ():
    x = photos(64)
    transform = transforms.Compose([transforms.RandomCrop((12, 10), 2), transforms.RandomHorizontalFlip()])
    made = [transform(x, seed=seed, epoch=epoch).tobytes() for seed in range(3) for epoch in range(3)]
    assert len(set(made)) == 9
    assert transform(x, seed=1, epoch=1).tobytes() == made[4]


def test_a_transform_at_the_end_leaves_the_others_alone():
    crop, erase = transforms.RandomCrop((12, 10), 2), transforms.RandomErasing(1.0, value=0)
    alone, both = apply(crop), apply(transforms.Compose([crop, erase]))
    assert ((both == alone) | (both == 0)).all()
    assert (both != alone).any()


def test_transforms_say_what_they_are():
    text = repr(transforms.Compose([transforms.RandomCrop(32, padding=4)]))
    assert "RandomCrop(size=32, padding=4" in text
    assert transforms.RandomErasing(0.5) == transforms.RandomErasing()


# ---- speed


@pytest.mark.slow
def test_a_batch_is_ready_in_a_few_milliseconds():
    """1 ms for 128 pictures of CIFAR-10's size on a quiet core; ten times as long would hold training up."""
    x = photos(128, 3, 32, 32)
    transform = transforms.Compose(
        [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), transforms.Normalize(0.5, 0.25)]
    )
    seconds = []
    for _ in range(20):
        begin = time.perf_counter()
        transform(x)
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.01


def test_the_sheet_of_all_transforms_knows_them_all():
    example = runpy.run_path(str(Path(__file__).resolve().parent.parent / "examples" / "transforms.py"))
    images, labels = example["signs"](10)
    sheet = example["gallery"](images, labels)
    assert sheet.shape == (10 * len(example["ROWS"]), 3, 32, 32)
    rows = sheet.reshape(-1, 10, 3, 32, 32)
    assert (rows[0] == images).all()
    assert all((row != images).any() for row in rows[1:])
    shown = {type(transform).__name__ for transform in example["ROWS"].values()}
    plain = {"CenterCrop", "Normalize", "RandomVerticalFlip", "Resize", "ToFloat", "Transform"}  # nothing to see
    assert shown | plain == set(transforms.__all__)
    assert data.transforms is transforms
