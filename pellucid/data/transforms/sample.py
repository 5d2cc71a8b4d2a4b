"""The sampler behind turning, shearing and resized crops: a batch of pictures, looked up through one matrix each."""

import numpy as np

from pellucid.data.transforms.resize import rounded

TOGETHER = 16  # pictures worked on at a time, so that their coordinates stay in the cache


def sample(images, matrices, centers, size, interpolation, fill):
    """New pictures whose pixel at q, from their center, is the old one at `centers + matrices q`.

    Coordinates are (x, y) in pixels; the center of pixel (i, j) lies at (j + 1/2, i + 1/2).

    Args:
        images: uint8 (n, channels, height, width).
        matrices: (n, 2, 2).
        centers: (n, 2), the place in each old picture that becomes the center of the new one.
        size: (height, width) of the new pictures.
        interpolation: "nearest" or "bilinear".
        fill: float32 (channels, 1, 1), the value outside of the old picture; None repeats its outermost pixels.
    """
    n, channels = images.shape[:2]
    look_up = nearest if interpolation == "nearest" else bilinear
    y = np.empty((n, channels, *size), np.uint8)
    for start in range(0, n, TOGETHER):
        these = slice(start, start + TOGETHER)
        places = old_places(matrices[these], centers[these], size)
        y[these] = look_up(framed(images[these], fill), *places).swapaxes(0, 1)
    return y


def old_places(matrices, centers, size):
    """x and y in the old picture for each new pixel: two arrays (n, height, width)."""
    height, width = size
    q_x = np.arange(width) + (0.5 - width / 2)
    q_y = (np.arange(height) + (0.5 - height / 2))[:, np.newaxis]
    a, b, c, d = (matrices[:, i, j, np.newaxis, np.newaxis] for i in (0, 1) for j in (0, 1))
    center_x, center_y = centers[:, 0, np.newaxis, np.newaxis], centers[:, 1, np.newaxis, np.newaxis]
    return a * q_x + (b * q_y + center_x), c * q_x + (d * q_y + center_y)


def framed(images, fill):
    """The pictures with one pixel more on all sides: what lies outside of them, however far.

    Their shape is (channels, n, height + 2, width + 2), so that a place is the same number in each channel.
    """
    images = images.swapaxes(0, 1)
    if fill is None:
        return np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), "edge")
    channels, n, height, width = images.shape
    y = np.empty((channels, n, height + 2, width + 2), images.dtype)
    y[:] = fill.astype(images.dtype)[:, np.newaxis]
    y[:, :, 1:-1, 1:-1] = images
    return y


def nearest(images, x, y):
    """The pixel that holds the place."""
    height, width = images.shape[2:]
    column = np.clip(x + 1, 0, width - 1).astype(np.intp)
    row = np.clip(y + 1, 0, height - 1).astype(np.intp)
    return picked(images, in_all(images, row, column))


def bilinear(images, x, y):
    """The mean of the four pixels whose centers surround the place, weighted by how near they are."""
    height, width = images.shape[2:]
    # In the framed picture the center of pixel (i, j) lies at (j + 3/2, i + 3/2); here it is (j, i).
    x, y = np.clip(x + 0.5, 0, width - 1), np.clip(y + 0.5, 0, height - 1)
    column, row = np.minimum(x.astype(np.intp), width - 2), np.minimum(y.astype(np.intp), height - 2)
    right, down = (x - column).astype(np.float32), (y - row).astype(np.float32)
    corner = in_all(images, row, column)
    images = images.astype(np.float32)
    upper = blended(picked(images, corner), picked(images, corner + 1), right)
    lower = blended(picked(images, corner + width), picked(images, corner + (width + 1)), right)
    return rounded(blended(upper, lower, down))


def in_all(images, row, column):
    """The numbers of pixels, counted row by row through all pictures of a channel: (n, height, width)."""
    _, n, height, width = images.shape
    return (np.arange(n)[:, np.newaxis, np.newaxis] * height + row) * width + column


def picked(images, places):
    """The pixels with these numbers: (channels, n, height, width)."""
    # No number is too large; without "clip", NumPy would look whether one is.
    return images.reshape(len(images), -1).take(places, axis=1, mode="clip")


def blended(first, second, share):
    """first (1 - share) + second share; `second` is overwritten."""
    second -= first
    second *= share
    second += first
    return second
