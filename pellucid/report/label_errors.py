"""Which labels are probably wrong? Confident learning.

A network that has not seen a sample while it learned has no reason to repeat a mistake of its label. Where such a
network is surely of another opinion, a person should look. How sure is sure depends on the class: among samples with
label j the network gives class j some probability on average, t_j; it takes a sample for class j if it gives j at
least that. Samples that it takes for another class than their label says are suspects. (Each class its own threshold:
so a class of which the network is seldom sure is not accused as a whole.)

Source: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels" (2021).
"""

from typing import Any, NamedTuple

import numpy as np

from pellucid.data import k_fold
from pellucid.errors import ArgumentError, ShapeError
from pellucid.metrics.calibration import require_probabilities
from pellucid.metrics.classes import checked_classes

FAR = 6.0  # robust standard deviations: of normal errors one in a billion is so far from the median


class Suspects(NamedTuple):
    """Samples whose labels are probably wrong, the most suspicious first.

    `order` has all row numbers, by the margin p(label) - largest other p, smallest first. `count` says of how many the
    network is surely of another opinion, so that is how far to go down the list. `guess` is, for each row in the order
    of the data, the most probable class other than its label, `margin` that difference, and `certain` says which rows
    the network takes for another class. `label_errors` makes it.

    >>> label_errors(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1])).certain.tolist()
    [False, False]
    """

    count: int
    order: Any
    guess: Any
    margin: Any
    certain: Any


def label_errors(probabilities, labels):
    """Find labels that are probably wrong, from probabilities of a network that did not learn from these rows.

    Args:
        probabilities: (n, classes), of data held back (validation or test), or from `cross_predict`. Those of a network
            for its own training data say little: it may have learned wrong labels by heart.
        labels: the n labels as they are written in the data.

    Returns:
        Suspects. `suspects.order[:suspects.count]` are the rows to look at, the most suspicious first.

    Raises ShapeError if the shapes do not fit, LabelError for a label that is no class, ArgumentError for numbers that
    are no probabilities or no samples.

    Source: Northcutt, Jiang and Chuang, "Confident learning" (2021).

    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1], [0.2, 0.8], [0.1, 0.9]])
    >>> suspects = label_errors(p, np.array([0, 0, 1, 1, 1]))  # the third looks like class 0
    >>> suspects.count, int(suspects.order[0]), int(suspects.guess[2])
    (1, 2, 0)
    """
    p, labels = np.asarray(probabilities), np.asarray(labels)
    if p.ndim != 2 or labels.shape != p.shape[:1] or p.shape[1] < 2 or p.dtype.kind not in "fiu":
        raise ShapeError(
            f"label_errors needs probabilities (n, classes) and n labels, and got {p.dtype}{list(p.shape)} and "
            f"{list(labels.shape)}."
        )
    p = p.astype(np.float64)
    if not len(p) or not np.isfinite(p).all():
        raise ArgumentError("label_errors needs at least one row, and finite numbers.")
    require_probabilities(p)
    labels = checked_classes("label_errors", "label", labels, p.shape[1])
    rows = np.arange(len(p))
    own = p[rows, labels]
    others = p.copy()
    others[rows, labels] = -1
    guess = others.argmax(axis=1)
    margin = own - others.max(axis=1)
    # The threshold of a class; one that no label names accuses nobody.
    counts = np.bincount(labels, minlength=p.shape[1])
    thresholds = np.where(counts > 0, np.bincount(labels, own, p.shape[1]) / np.maximum(counts, 1), 2.0)
    taken = np.where(p >= thresholds, p, -1.0)
    certain = (taken.max(axis=1) >= 0) & (taken.argmax(axis=1) != labels) & (margin < 0)
    return Suspects(int(certain.sum()), np.argsort(margin, kind="stable"), guess, margin, certain)


def cross_predict(learn, x, y, k=5, seed=0):
    """Probabilities for each row from a network that did not learn from it: k networks, each without one of k parts.

    Args:
        learn: a function of (x, y) that trains on these rows and returns a function from rows to their probabilities
            (n, classes).
        x, y: all rows and their labels (0, 1, 2 ...). Each part has its fair share of every class.
        k: how many parts: 5 trains five times on 80 %.
        seed: of the division.

    Returns the probabilities as an array (n, classes). Raises ArgumentError if `learn` does not do that.

    >>> def learn(x, y):  # the share of each class: no network at all
    ...     shares = np.bincount(y, minlength=2) / len(y)
    ...     return lambda rows: np.tile(shares, (len(rows), 1))
    >>> cross_predict(learn, np.arange(4.0), np.array([0, 1, 0, 1]), k=2).tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """
    x, y = np.asarray(x), np.asarray(y)
    if not callable(learn):
        raise ArgumentError(f"cross_predict needs a function learn(x, y), and got {type(learn).__name__}.")
    if x.ndim < 1 or y.ndim != 1 or len(x) != len(y) or not len(x):
        raise ShapeError(f"cross_predict needs as many rows as labels, and got {list(x.shape)} and {list(y.shape)}.")
    found = None
    for train, held in k_fold(y, k, stratify=y, duplicates="allow", seed=seed):
        predict = learn(x[train], y[train])
        if not callable(predict):
            raise ArgumentError(
                f"learn(x, y) returned {type(predict).__name__}, and a function from rows to probabilities is needed.",
                remedy="Let it end with: return lambda rows: pc.softmax(model(pc.tensor(rows)), 1).numpy()",
            )
        p = np.asarray(predict(x[held]))
        if p.ndim != 2 or len(p) != len(held) or (found is not None and p.shape[1] != found.shape[1]):
            raise ArgumentError(
                f"for {len(held)} rows probabilities of shape {list(p.shape)} came; ({len(held)}, classes) is needed."
            )
        found = np.zeros((len(x), p.shape[1])) if found is None else found
        found[held] = p
    return found


def suspect_rows(answers, y):
    """Which rows have a right answer that is probably wrong, the most suspicious first.

    Of classes, `answers` being probabilities (n, classes), those that `label_errors` is certain of; of numbers
    (n, outputs) those whose error is more than 6 robust standard deviations from the median error (1.4826 times the
    median of the distances: Hampel, "The influence curve and its role in robust estimation", 1974).
    """
    if y.ndim == 1:
        suspects = label_errors(answers, y)
        return suspects.order[suspects.certain[suspects.order]]
    errors = answers - y
    distances = abs(errors - np.median(errors, axis=0))
    spread = 1.4826 * np.median(distances, axis=0)
    apart = (distances / np.where(spread > 0, spread, np.inf)).max(axis=1)
    order = np.argsort(-apart, kind="stable")
    return order[apart[order] > FAR]
