"""The histories of several training runs in one picture, to be compared."""

import math

from pellucid.errors import ArgumentError
from pellucid.view.canvas import INK, PALETTE, new_figure, save, tidy
from pellucid.view.history import LABELS, check_history, metrics_of, number

MOST = 12  # runs whose curves can still be told apart
LINES = ("-", "--", ":")


def histories(runs, path=None, *, title=None):
    """Draw the curves of several runs, one panel per metric: of the validation data where a run has them.

    Args:
        runs: name -> history, a list of dicts as for `curves`; at most 12. They may differ in length and in metrics.
        path: where to save the picture as PNG; None saves nothing.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ArgumentError: there is no run, too many, or a history has no numbers to draw.

    >>> figure = histories({"slow": [{"loss": 2.0}, {"loss": 1.5}], "fast": [{"loss": 2.0}, {"loss": 0.4}]})
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['slow', 'fast']
    """
    if not isinstance(runs, dict) or not 1 <= len(runs) <= MOST:
        came = f"{len(runs)} of them" if isinstance(runs, dict) else type(runs).__name__
        raise ArgumentError(f"histories draws a dict of 1 to {MOST} runs, name -> history, and got {came}.")
    checked = {str(name): check_history(history) for name, history in runs.items()}
    names = sorted(
        {name for history in checked.values() for name in metrics_of(history)},
        key=lambda name: (name != "loss", name != "accuracy", name),
    )
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(4.8 * len(names), 3.7)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        logarithmic, drawn = name == "loss", []
        for index, (run, history) in enumerate(checked.items()):
            key = f"val_{name}" if any(f"val_{name}" in entry for entry in history) else name
            epochs = [entry.get("epoch", position) for position, entry in enumerate(history, start=1)]
            values = [number(entry, key, position) for position, entry in enumerate(history)]
            look = {"color": PALETTE[index % len(PALETTE)], "linestyle": LINES[index // len(PALETTE) % len(LINES)]}
            axes.plot(epochs, values, label=run, linewidth=1.6, marker="o", markersize=3, **look)
            drawn += [value for value in values if not math.isnan(value)]
        if logarithmic and drawn and min(drawn) > 0 and max(drawn) > 100 * min(drawn):
            axes.set_yscale("log")
        axes.set(xlabel="epoch (passes over the training set)", ylabel=LABELS.get(name, name))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        tidy(axes)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(3, len(labels)), frameon=False, fontsize=8,
                  labelcolor=INK)  # fmt: skip
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure
