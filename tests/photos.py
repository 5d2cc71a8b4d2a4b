"""Pictures for the tests of transforms, and how those are called."""

import numpy as np

from pellucid.data.transforms.draws import Draws

SEED, EPOCH = 5, 3


def photos(n=6, channels=3, height=12, width=10, seed=0):
    """Pictures with slopes, edges and noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    slopes = 100 + 8 * random.normal(size=(n, channels, 1, 1)) * (x - y) + 10 * random.normal(size=(n, channels, 1, 1))
    blocks = 60 * ((x // 3 + y // 4) % 2)
    return np.clip(slopes + blocks + random.normal(0, 5, (n, channels, height, width)), 0, 255).astype(np.uint8)


X = photos()
LABELS = np.array([3, 1, 4, 1, 5, 9])


def draws(rows=range(6)):
    return Draws(SEED, EPOCH, np.array(rows))


def apply(transform, images=X):
    return transform(images, seed=SEED, epoch=EPOCH)
