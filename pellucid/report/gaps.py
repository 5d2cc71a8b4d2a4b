"""The figures from which a diagnosis is made: errors of the parts with their doubt, gaps between them, and shifts."""

import math
from typing import NamedTuple

import numpy as np


class Rate(NamedTuple):
    """An error and its standard error. Errors of classes: the share of wrong answers; of numbers: 1 - R2."""

    value: float
    doubt: float


def rate(kept, name):
    """The error of a part, or None if nothing is kept of it."""
    part = kept.parts.get(name) if kept is not None else None
    if part is None:
        return None
    if kept.kind == "classes":
        # With one wrong and one right answer added (Laplace), so that 0 wrong of 15 are not taken for certain.
        n = len(part.y) + 2
        p = (int(part.wrong.sum()) + 1) / n
        return Rate(float(part.wrong.mean()), math.sqrt(p * (1 - p) / n))
    spread = part.y.var(axis=0)
    squares = (part.errors**2 / np.where(spread > 0, spread, 1.0)).mean(axis=1)
    doubt = float(squares.std(ddof=1)) / math.sqrt(len(squares)) if len(squares) > 1 else math.inf
    return Rate(float(squares.mean()), doubt)


def gap(worse, better):
    """How much larger one error is than another, with the standard error of the difference."""
    return Rate(worse.value - better.value, math.hypot(worse.doubt, better.doubt))


def label_shift(kept, one, other):
    """Are the classes as frequent in one part as in the other?

    The total variation of their shares (half the sum of |p - q|: the share of samples that would have to change
    class), and the chi-square statistic in standard deviations above what chance gives (Pearson, 1900).
    """
    a, b = kept.parts[one], kept.parts[other]
    classes = a.answers.shape[1]
    counts = np.stack([np.bincount(part.y, minlength=classes) for part in (a, b)]).astype(np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True)
    variation = float(abs(shares[0] - shares[1]).sum() / 2)
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    statistic, freedom = float(((counts - expected) ** 2 / expected).sum()), max(1, counts.shape[1] - 1)
    return variation, (statistic - freedom) / math.sqrt(2 * freedom)


def input_shift(kept, one, other):
    """Are the inputs alike?

    The root mean square, over the numbers of an input, of the difference of means in standard deviations; and what
    chance alone gives for so many rows, sqrt(1 / n + 1 / m).
    """
    a, b = kept.parts[one], kept.parts[other]
    if a.mean.shape != b.mean.shape:
        return math.nan, math.nan
    std = np.sqrt((a.std**2 + b.std**2) / 2)
    there = std > 1e-6 * max(1e-12, float(std.max(initial=0)))
    if not there.any():
        return 0.0, math.sqrt(1 / len(a.y) + 1 / len(b.y))
    difference = (a.mean - b.mean)[there] / std[there]
    return float(np.sqrt((difference**2).mean())), math.sqrt(1 / len(a.y) + 1 / len(b.y))


class Curve(NamedTuple):
    """What the curve of one figure did: first, best and last value, and the epochs of best and last (from 1)."""

    first: float
    best: float
    last: float
    best_epoch: int
    last_epoch: int
    still: float  # how much it improved in the last quarter of the epochs, as a share of its value before


def curve_of(history, name):
    """The Curve of a figure that shall be low, over the epochs in which it is finite; None for fewer than 2."""
    points = [(number, e.get(name)) for number, e in enumerate(history, start=1)]
    points = [(number, float(value)) for number, value in points if value is not None and math.isfinite(value)]
    if len(points) < 2:
        return None
    epoch, best = min(points, key=lambda point: point[1])
    last_epoch, last = points[-1]
    before = points[max(0, len(points) - 1 - max(1, len(points) // 4))][1]
    still = (before - last) / abs(before) if before else 0.0
    return Curve(points[0][1], best, last, epoch, last_epoch, still)
