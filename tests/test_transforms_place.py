"""Transforms that move pixels: crops, flips, affine maps, sizes; by loops and beside Pillow."""

import math

import numpy as np
import pytest
from photos import X, apply, draws, photos
from PIL import Image

from pellucid.data import transforms


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
@pytest.mark.parametrize(("size", "padding"), [(8, 0), ((12, 10), 2), ((13, 7), (1, 2)), (9, (0, 1, 2, 3))])
def test_random_crop(mode, size, padding):
    found = apply(transforms.RandomCrop(size, padding, fill=(1, 2, 3), padding_mode=mode))
    left, top, right, bottom = {0: (0,) * 4, 2: (2,) * 4, (1, 2): (1, 2, 1, 2)}.get(padding, padding)
    height, width = size if isinstance(size, tuple) else (size, size)
    d = draws()
    tops = d.integers(12 + top + bottom - height + 1)
    lefts = d.integers(10 + left + right - width + 1)
    for i in range(6):
        for c in range(3):
            how = {"constant_values": c + 1} if mode == "constant" else {}
            padded = np.pad(X[i, c], ((top, bottom), (left, right)), mode, **how)
            expected = padded[tops[i] : tops[i] + height, lefts[i] : lefts[i] + width]
            np.testing.assert_array_equal(found[i, c], expected)


def test_random_crop_reaches_every_place():
    x = np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)
    seen = {transforms.RandomCrop(1)(x, epoch=epoch).item() for epoch in range(200)}
    assert seen == set(range(9))


def test_center_crop():
    np.testing.assert_array_equal(transforms.CenterCrop((6, 5))(X), X[:, :, 3:9, 2:7])
    np.testing.assert_array_equal(transforms.CenterCrop((12, 10))(X), X)


@pytest.mark.parametrize("kind", [transforms.RandomHorizontalFlip, transforms.RandomVerticalFlip])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_flips(kind, dtype):
    x = X.astype(dtype)
    found, chosen = apply(kind(0.4), x), draws().chance(0.4)
    assert 0 < chosen.sum() < 6
    for i in range(6):
        other = x[i, :, :, ::-1] if kind is transforms.RandomHorizontalFlip else x[i, :, ::-1]
        np.testing.assert_array_equal(found[i], other if chosen[i] else x[i])
    np.testing.assert_array_equal(kind(0)(x), x)


def looked_up(picture, matrix, center, size, interpolation, fill):
    """One channel by plain loops: each new pixel at its place in the old picture. `fill` None: the outermost pixels."""
    height, width = size
    old_height, old_width = picture.shape

    def pixel(i, j):
        if fill is None:
            return float(picture[min(max(i, 0), old_height - 1), min(max(j, 0), old_width - 1)])
        return float(picture[i, j]) if 0 <= i < old_height and 0 <= j < old_width else fill

    new = np.zeros(size)
    for i in range(height):
        for j in range(width):
            q = np.array([j + 0.5 - width / 2, i + 0.5 - height / 2])
            x, y = matrix @ q + center
            if interpolation == "nearest":
                new[i, j] = pixel(math.floor(y), math.floor(x))
                continue
            x, y = x - 0.5, y - 0.5
            column, row = math.floor(x), math.floor(y)
            right, down = x - column, y - row
            upper = (1 - right) * pixel(row, column) + right * pixel(row, column + 1)
            lower = (1 - right) * pixel(row + 1, column) + right * pixel(row + 1, column + 1)
            new[i, j] = (1 - down) * upper + down * lower
    return new


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_random_affine_by_loops(interpolation):
    transform = transforms.RandomAffine(70, (0.3, 0.2), (0.5, 1.8), (-20, 20, -10, 30), interpolation, (7, 8, 9))
    found, d = apply(transform), draws()
    angle = np.radians(d.uniform(-70, 70))
    shift = np.stack([np.round(d.uniform(-0.3, 0.3) * 10), np.round(d.uniform(-0.2, 0.2) * 12)], 1)
    scale, u, v = d.uniform(0.5, 1.8), np.radians(d.uniform(-20, 20)), np.radians(d.uniform(-10, 30))
    for i in range(6):
        # torchvision's formula, written out
        a = math.cos(angle[i] - v[i]) / math.cos(v[i])
        b = -math.cos(angle[i] - v[i]) * math.tan(u[i]) / math.cos(v[i]) - math.sin(angle[i])
        c = math.sin(angle[i] - v[i]) / math.cos(v[i])
        e = -math.sin(angle[i] - v[i]) * math.tan(u[i]) / math.cos(v[i]) + math.cos(angle[i])
        backwards = np.linalg.inv(scale[i] * np.array([[a, b], [c, e]]))
        center = np.array([5, 6]) - backwards @ shift[i]
        for channel, fill in enumerate((7, 8, 9)):
            expected = looked_up(X[i, channel], backwards, center, (12, 10), interpolation, fill)
            assert np.abs(found[i, channel] - expected).max() <= 0.501


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_quarter_turns_are_exact(interpolation):
    square = photos(4, 3, 9, 9)
    for quarters in range(-4, 5):
        degrees = (90 * quarters, 90 * quarters)
        left = np.rot90(square, quarters, (2, 3))
        np.testing.assert_array_equal(transforms.RandomRotation(degrees, interpolation)(square), left)
        right = np.rot90(square, -quarters, (2, 3))
        np.testing.assert_array_equal(transforms.RandomAffine(degrees, interpolation=interpolation)(square), right)


def test_rotation_is_pillows():
    found, angles = apply(transforms.RandomRotation(45)), draws().uniform(-45, 45)
    for i in range(6):
        picture = Image.fromarray(X[i].transpose(1, 2, 0))
        expected = np.asarray(picture.rotate(angles[i], Image.Resampling.NEAREST)).transpose(2, 0, 1)
        assert (found[i] != expected).mean() < 0.02, "but for places on the line between two pixels"


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_random_resized_crop_by_loops(interpolation):
    found = apply(transforms.RandomResizedCrop((5, 7), (0.2, 0.9), (0.5, 2), interpolation))
    d = draws()
    area, ratio = d.uniform(0.2, 0.9) * 120, np.exp(d.uniform(math.log(0.5), math.log(2)))
    width, height = np.minimum(np.sqrt(area * ratio), 10), np.minimum(np.sqrt(area / ratio), 12)
    x, y = width / 2 + (10 - width) * d.uniform(), height / 2 + (12 - height) * d.uniform()
    for i in range(6):
        matrix = np.diag([width[i] / 7, height[i] / 5])
        for channel in range(3):
            expected = looked_up(X[i, channel], matrix, (x[i], y[i]), (5, 7), interpolation, None)
            assert np.abs(found[i, channel] - expected).max() <= 0.501


def test_the_whole_picture_is_a_resized_crop_that_changes_nothing():
    square = photos(3, 1, 8, 8)
    np.testing.assert_array_equal(transforms.RandomResizedCrop(8, (1, 1), (1, 1))(square), square)


@pytest.mark.parametrize("size", [(12, 10), (24, 30), (5, 4), (1, 1), (7, 40), 13])
def test_resize_is_pillows(size):
    height, width = size if isinstance(size, tuple) else (size, size)
    for interpolation, most in (("bilinear", 1), ("nearest", 0)):
        found = transforms.Resize(size, interpolation)(X)
        how = getattr(Image.Resampling, interpolation.upper())
        for i in range(6):
            expected = np.asarray(Image.fromarray(X[i].transpose(1, 2, 0)).resize((width, height), how))
            difference = found[i].transpose(1, 2, 0).astype(int) - expected
            assert np.abs(difference).max() <= most  # Pillow rounds between rows and columns
