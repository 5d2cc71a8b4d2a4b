"""The trials of a search for good settings: how the best came down, and which setting gave what."""

import math
from numbers import Real

from pellucid.errors import ArgumentError
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

WIDE = 30  # from so many times the smallest number on an axis is logarithmic
FEW = 6  # so many different numbers are written below the axis, each at its place


def trials(settings, values, path=None, *, name="value", higher_is_better=False, title=None):
    """Draw the value of each trial with the best so far as a staircase, and a panel for each setting that was varied.

    In the panels of the settings a valley shows what matters and where it is best; points at any height everywhere show
    a setting that does not matter. A ring marks the best trial; a trial without a value is a cross at the bottom.

    Args:
        settings: a dict for each trial: name of the setting -> number or word.
        values: the value of each trial; NaN or None for one that failed.
        path: where to save the picture as PNG; None saves nothing.
        name: what the values are, such as "val_loss".
        higher_is_better: True for an accuracy.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ArgumentError: there is no trial, or the two lists differ in length.

    >>> figure = trials([{"lr": 0.1}, {"lr": 0.01}, {"lr": 0.001}], [0.9, 0.3, 0.6], name="val_loss")
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['trial', 'lr']
    """
    settings, values = list(settings), [math.nan if value is None else float(value) for value in values]
    if not settings or len(settings) != len(values):
        raise ArgumentError(
            f"trials needs settings and a value for each trial, at least one, not {len(settings)} and {len(values)}.",
        )
    known = [i for i, value in enumerate(values) if math.isfinite(value)]
    best = max(known, key=lambda i: values[i] if higher_is_better else -values[i]) if known else None
    names = [key for key in settings[0] if len({str(one.get(key)) for one in settings}) > 1]
    figure = new_figure(4.8 + 3.2 * len(names), 3.5)
    first, *panels = figure.subplots(
        1, 1 + len(names), squeeze=False, width_ratios=[1.4] + [1.0] * len(names), sharey=True
    )[0]
    draw_trials(first, range(1, len(values) + 1), values, known, best, name)
    draw_best_so_far(first, values, higher_is_better)
    for axes, key in zip(panels, names, strict=True):
        draw_trials(axes, places(axes, [one.get(key) for one in settings]), values, known, best, None)
        axes.set_xlabel(key)
        tidy(axes)
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure


def draw_trials(axes, places, values, known, best, name):
    """A point for each trial, a ring around the best, and crosses at the bottom for those without a value."""
    places = list(places)
    failed = [place for i, place in enumerate(places) if i not in known]
    axes.plot([places[i] for i in known], [values[i] for i in known], "o", color=BLUE, markersize=4.5, alpha=0.7)
    if failed:
        across = axes.get_xaxis_transform()
        axes.plot(failed, [0.02] * len(failed), "x", color=VERMILLION, transform=across, label="failed")
    if best is not None:
        label = f"best: {values[best]:.4g} in trial {best + 1}"
        look = {"color": INK, "markerfacecolor": "none", "markersize": 11, "clip_on": False}
        axes.plot([places[best]], [values[best]], "o", label=label, **look)
    positive = [values[i] for i in known if values[i] > 0]
    if name is not None and len(positive) == len(known) and positive and max(positive) > WIDE * min(positive):
        axes.set_yscale("log")
    if name is not None:
        axes.set_ylabel(name)


def draw_best_so_far(axes, values, higher_is_better):
    """The staircase, the legend above the panel, and whole numbers for the trials."""
    from matplotlib.ticker import MaxNLocator

    stairs, best = [], math.nan
    for value in values:
        if math.isfinite(value) and not (value <= best if higher_is_better else value >= best):
            best = value
        stairs.append(best)
    axes.step(range(1, len(values) + 1), stairs, where="post", color=VERMILLION, linewidth=1.6, label="best so far")
    axes.set_xlabel("trial")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    tidy(axes)
    place = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1), "ncols": 3, "frameon": False}
    axes.legend(**place, fontsize=9, labelcolor=INK, handletextpad=0.4, columnspacing=0.9)


def places(axes, settings):
    """Where the settings of the trials stand on the axis: numbers by their size, words side by side."""
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in settings):
        if min(settings) > 0 and max(settings) >= 8 * min(settings):
            axes.set_xscale("log")
        different = sorted(set(settings))
        if len(different) <= FEW:
            axes.set_xticks(different, [f"{value:.4g}" for value in different])
            axes.set_xticks([], minor=True)
        return settings
    words = sorted({str(value) for value in settings})
    axes.set_xticks(range(len(words)), words)
    return [words.index(str(value)) for value in settings]
