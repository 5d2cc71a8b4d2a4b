"""The reliability diagram: how often answers are right, for each degree of certainty."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.metrics import calibration_curve, expected_calibration_error
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy


def reliability(probabilities, labels, path=None, *, bins=10, title=None):
    """Draw how often answers are right (bars) beside how certain they were (the diagonal).

    A bar that ends below the diagonal: there the network is too sure of itself; above it, too modest. The lower panel
    shows how many answers each bar stands for: short ones say little.

    Args:
        probabilities: (n, classes), rows of sum 1.
        labels: the n right classes.
        path: where to save the picture as PNG; None saves nothing.
        bins: equal parts of [0, 1].
        title: a line above the picture; the expected calibration error is added.

    Returns the matplotlib `Figure`. Raises what `pc.metrics.calibration_curve` raises.

    Source: Guo et al., "On calibration of modern neural networks" (2017).

    >>> import numpy as np
    >>> figure = reliability(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 1]))
    >>> figure.axes[0].get_title()
    'expected calibration error 25.0 %'
    """
    try:
        curve = calibration_curve(probabilities, labels, bins)
        error = expected_calibration_error(probabilities, labels, bins)
    except (TypeError, IndexError) as bad:
        raise ShapeError(f"reliability needs probabilities (n, classes) and n labels: {bad}.") from None
    if not (title is None or isinstance(title, str)):
        raise ArgumentError(f"title is a text, not {title!r}.")
    edges = np.linspace(0, 1, bins + 1)
    figure = new_figure(4.6, 5.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    there = curve.count > 0
    look = {"align": "edge", "edgecolor": "white", "linewidth": 1}
    upper.bar(edges[:-1][there], curve.accuracy[there], 1 / bins, color=BLUE, label="share of right answers", **look)
    upper.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--", label="as often right as certain")
    upper.plot(
        curve.confidence[there], curve.accuracy[there], color=VERMILLION, marker="o", markersize=4, linewidth=1,
        label="the same over the mean certainty of the bar",
    )  # fmt: skip
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share of right answers")
    figure.legend(loc="outside lower center", frameon=False, fontsize=8, labelcolor=INK)
    lower.bar(edges[:-1], curve.count, 1 / bins, color="#888888", **look)
    lower.set(xlabel="certainty (largest probability)", ylabel="answers")
    for axes in (upper, lower):
        tidy(axes)
    score = f"expected calibration error {error:.1%}".replace("%", " %")
    upper.set_title(f"{title}: {score}" if title else score, color=INK, fontsize=11)
    if path is not None:
        save(figure, path)
    return figure
