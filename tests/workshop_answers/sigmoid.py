"""Written from the contract alone."""

import numpy as np


def forward(x):
    e = np.exp(-np.abs(x))  # never above 1
    return np.where(x >= 0, 1, e) / (1 + e)


def gradient(g, y):
    return g * (y - y * y)
