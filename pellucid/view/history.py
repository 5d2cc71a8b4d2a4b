"""The history of a training run as curves: how the loss falls and the metrics rise, epoch by epoch."""

import math
from numbers import Real

from pellucid.errors import ArgumentError
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

LABELS = {"loss": "loss (mean per sample)", "accuracy": "accuracy (% of samples)"}
PERCENT = {"accuracy"}
BEST = {"loss": min, "accuracy": max}


def curves(history, path=None, *, title=None):
    """Draw training and validation curves, one panel per metric, and mark the best epoch of the validation.

    Where the two curves of the loss part, the training loss still falling and the validation loss rising,
    the network has begun to learn its training samples by heart: overfitting.

    Args:
        history: one dict per epoch, as in a run's `metrics.jsonl`. Read are `epoch` (default: 1, 2, ...),
            `loss`, `accuracy` and every other metric that also comes with the prefix `val_`. Any may be
            missing from any epoch; NaN and infinite numbers leave a gap in the curve.
        path: where to save the picture as PNG; None saves nothing.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`. Loss is the mean per sample (on a logarithmic axis where it spans more than
        two powers of ten), accuracy is in percent, and epochs are passes over the training set.

    Raises:
        ArgumentError: there is no epoch to draw, or an entry is not a dict of numbers.

    >>> figure = curves([{"loss": 2.3, "val_loss": 2.2}, {"loss": 1.1, "val_loss": 1.3}])
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss (mean per sample)']
    """
    history = check_history(history)
    names = metrics_of(history)
    epochs = [entry.get("epoch", position) for position, entry in enumerate(history, start=1)]
    figure = new_figure(4.8 * len(names), 3.5)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        draw_metric(axes, name, epochs, history)
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure


def check_history(history):
    """The history as a list of dicts, or an error that says which entry is not one."""
    if isinstance(history, dict) or not hasattr(history, "__iter__"):
        raise ArgumentError(
            f"curves needs a list with one dict per epoch, and got {type(history).__name__}.",
            remedy='For a single epoch: curves([{"loss": 0.5}]).',
        )
    history = list(history)
    if not history:
        raise ArgumentError("curves got an empty history: there is no epoch to draw.", remedy="Train an epoch first.")
    for position, entry in enumerate(history):
        if not isinstance(entry, dict):
            raise ArgumentError(
                f"history[{position}] is {type(entry).__name__}, and one dict per epoch is needed.",
                remedy="Each line of metrics.jsonl, read by json.loads, is such a dict.",
            )
    return history


def metrics_of(history):
    """The metrics worth a panel: loss, then accuracy, then whatever was also measured on the validation set."""
    names = {name for entry in history for name in entry}
    bases = {name.removeprefix("val_") for name in names if name.startswith("val_")} | ({"loss", "accuracy"} & names)
    if not bases:
        found = ", ".join(sorted(map(str, names))) or "nothing"
        raise ArgumentError(
            f"the history holds {found}: no loss, no accuracy, no val_... to draw.",
            remedy='Each epoch\'s dict needs at least one of "loss", "accuracy", "val_loss", "val_accuracy".',
        )
    return sorted(bases, key=lambda name: (name != "loss", name != "accuracy", name))


def draw_metric(axes, name, epochs, history):
    """One panel: the training curve solid with round marks, the validation curve dashed with square ones."""
    from matplotlib.ticker import MaxNLocator

    training = [number(entry, name, position) for position, entry in enumerate(history)]
    validation = [number(entry, f"val_{name}", position) for position, entry in enumerate(history)]
    drawn = [value for value in training + validation if not math.isnan(value)]
    # A mark on every epoch of a long run would hide the line, so about twelve are spread over it.
    marks = {"markersize": 4.5, "markevery": max(1, len(epochs) // 12), "linewidth": 1.6}
    if any(not math.isnan(value) for value in training):
        axes.plot(epochs, training, color=BLUE, marker="o", label="training", **marks)
    if any(not math.isnan(value) for value in validation):
        axes.plot(epochs, validation, color=VERMILLION, marker="s", linestyle="--", label="validation", **marks)
        mark_best(axes, name, epochs, validation)
    if not drawn:
        axes.text(0.5, 0.5, "no finite number", ha="center", va="center", transform=axes.transAxes, color=INK)
    elif name == "loss" and min(drawn) > 0 and max(drawn) > 100 * min(drawn):
        axes.set_yscale("log")
    axes.set_xlabel("epoch (passes over the training set)")
    axes.set_ylabel(LABELS.get(name, name))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    tidy(axes)
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    if drawn:  # the legend stands above the panel, where it can hide no point
        place = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1), "ncols": 3, "frameon": False}
        axes.legend(**place, fontsize=9, labelcolor=INK, handletextpad=0.4, columnspacing=0.9)


def mark_best(axes, name, epochs, values):
    """A ring around the best epoch: the lowest loss or the highest accuracy. Of other metrics "best" is not known."""
    if name not in BEST:
        return
    points = [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if not math.isnan(value)]
    epoch, value = BEST[name](points, key=lambda point: point[1])
    label = f"best: {value:.3g} in epoch {epoch}"
    look = {"color": INK, "markerfacecolor": "none", "markersize": 11, "clip_on": False}
    axes.plot([epoch], [value], "o", label=label, **look)


def number(entry, name, position):
    """The value of one metric in one epoch. What is missing, NaN or infinite becomes NaN, which is not drawn."""
    value = entry.get(name)
    if value is None:
        return math.nan
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ArgumentError(
            f"history[{position}][{name!r}] is {type(value).__name__}, and curves draws plain numbers.",
            remedy="Take the number out of a tensor with .item() before keeping it in the history.",
        )
    value = float(value) * (100 if name.removeprefix("val_") in PERCENT else 1)
    return value if math.isfinite(value) else math.nan
