"""Which class was taken for which: the confusion matrix as a picture."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.graph.draw import shorten
from pellucid.view.canvas import INK, new_figure, save

MOST = 30  # classes whose counts can still be read
LONGEST = 24  # letters of a name: longer ones would leave no room for the counts


def confusion_matrix(counts, path=None, *, names=None, title=None):
    """Draw how often each class (a row) was taken for each class (a column). What is right lies on the diagonal.

    A cell is as dark as its share of its row, so that rare classes are seen as well; its number is the count. The
    share on the diagonal is the recall of the class, written at the right.

    Args:
        counts: a (k, k) array of whole numbers, such as `pc.metrics.confusion_matrix` gives; at most 30 classes.
        path: where to save the picture as PNG; None saves nothing.
        names: a name for each class; default 0, 1, ... Those longer than 24 letters are cut.
        title: a line above the picture; the number of right ones is added.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ShapeError: counts is not square.
        ArgumentError: counts are negative or no whole numbers, too many, or names are missing.

    >>> figure = confusion_matrix([[8, 2], [1, 9]], names=["cat", "dog"], title="pets")
    >>> figure.axes[0].get_title()
    'pets: 17 of 20 right (85.0 %)'
    """
    counts = check_counts(counts)
    classes = len(counts)
    names = [str(number) for number in range(classes)] if names is None else [str(name) for name in names]
    if len(names) != classes:
        raise ArgumentError(f"confusion_matrix got {len(names)} names for {classes} classes.")
    names = [shorten(name, LONGEST) for name in names]
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(rows, 1)

    side = max(3.2, 0.42 * classes + 1.6)
    figure = new_figure(side + 0.6, side)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    size = min(10, 90 / max(classes, 1) + 3)
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            color = "white" if shares[row, column] > 0.55 else INK
            weight = "bold" if row == column else "normal"
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                color=color,
                fontsize=size,
                weight=weight,
            )
    for row in range(classes):
        recall = f"{shares[row, row]:.0%}" if rows[row, 0] else "none"
        axes.text(classes - 0.35, row, recall, ha="left", va="center", color=INK, fontsize=size)
    axes.text(classes - 0.35, -0.75, "recall", ha="left", va="center", color=INK, fontsize=8)
    turn = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 3 else {}
    axes.set_xticks(range(classes), names, fontsize=9, **turn)
    axes.set_yticks(range(classes), names, fontsize=9)
    axes.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="both", length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("taken for (prediction)", color=INK)
    axes.set_ylabel("is (label)", color=INK)
    right, every = int(np.trace(counts)), int(counts.sum())
    score = f"{right} of {every} right" + (f" ({right / every:.1%})".replace("%", " %") if every else "")
    axes.set_title(f"{title}: {score}" if title else score, color=INK, fontsize=11)
    if path is not None:
        save(figure, path)
    return figure


def check_counts(counts):
    """The counts as a square int64 array, or an error that says what is wrong with them."""
    counts = np.asarray(counts.detach() if hasattr(counts, "detach") else counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not len(counts):
        raise ShapeError(
            f"confusion_matrix got counts of shape {counts.shape}, and a square (k, k) is needed.",
            remedy="Count them first: pc.metrics.confusion_matrix(predictions, labels).",
        )
    if len(counts) > MOST:
        raise ArgumentError(f"confusion_matrix got {len(counts)} classes, and draws at most {MOST}.")
    whole = np.asarray(np.round(counts), dtype=np.int64)
    if (whole != counts).any() or (whole < 0).any():
        raise ArgumentError(
            "confusion_matrix draws counts: whole numbers from 0.", remedy="Leave them as they were counted."
        )
    return whole
