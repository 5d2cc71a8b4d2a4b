"""`report.compare`: runs beside each other. What was different, and what came of it."""

import math

from pellucid import view
from pellucid.errors import ArgumentError
from pellucid.report.folders import final_figures, finished_history, name_of, run_of, target_path
from pellucid.report.html import folded, paragraph, said, table, whole
from pellucid.report.pictures import figure_tag
from pellucid.train.callbacks import HIGHER_IS_BETTER
from pellucid.train.files import write_bytes
from pellucid.view.histories import MOST

ABSENT = "-"


def compare(runs, path=None):
    """Compare runs: the settings that differ, the final figures, and the best epochs, as a table in plain text.

    Args:
        runs: at least two and at most 12, each a Run or the path of its folder.
        path: where to write the same as an HTML page, with the curves; None writes none.

    Returns the text. Raises what `write` raises.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for lr in (0.1, 0.5):
    ...         model = models.mlp(2, 4, 2)
    ...         optimizer = optim.SGD(model.parameters(), lr=lr)
    ...         run = train.Run.create("gates", {"lr": lr}, folder=os.path.join(folder, f"lr{lr}"))
    ...         history = train.fit(
    ...             model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=2, run=run, progress=False
    ...         )
    ...     text = compare([os.path.join(folder, "lr0.1"), os.path.join(folder, "lr0.5")])
    >>> [line.split() for line in text.splitlines()[:3]]
    [['lr0.1', 'lr0.5'], ['what', 'differs'], ['lr', '0.1', '0.5']]
    """
    if isinstance(runs, (str, bytes, dict)) or not hasattr(runs, "__iter__"):
        raise ArgumentError(f"compare needs a list of runs, not {type(runs).__name__}.")
    runs = [run_of(run) for run in runs]
    if not 2 <= len(runs) <= MOST:
        raise ArgumentError(f"compare needs 2 to {MOST} runs, and got {len(runs)}.")
    path = None if path is None else target_path(path, runs[0], "compare.html")
    histories = [finished_history(run) for run in runs]
    groups = [
        ("what differs", differences(runs)),
        ("final figures", finals(runs, histories)),
        ("best epoch of each figure", bests(histories)),
    ]
    names = names_of(runs)
    if path is not None:
        write_bytes(path, page(names, groups, histories).encode("utf-8", "replace"))
    return as_text(names, groups)


def names_of(runs):
    """A name for each run: its folder, with the number of its place where two are called alike."""
    names = [name_of(run) for run in runs]
    return [name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names, start=1)]


def differences(runs):
    """Rows of settings in which the runs differ."""
    flat = [settings(run.config) for run in runs]
    names = list(dict.fromkeys(name for each in flat for name in each))
    rows = [[name, *[each.get(name, ABSENT) for each in flat]] for name in names]
    return [row for row in rows if any(value != row[1] for value in row[2:])]


def settings(config):
    """All that a run's config.json says, one level deep: arguments and versions by their own names."""
    flat = {}
    for name, value in config.items():
        if name in ("arguments", "versions") and isinstance(value, dict):
            flat |= {key: readable(each) for key, each in value.items()}
        elif name not in ("epochs", "compiled_because"):
            flat[name] = readable(value)
    return flat


def readable(value):
    """A number as it is, all else as a text."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else said(value)


def finals(runs, histories):
    """Rows of the final figures: those of the test data, then those of the last epoch."""
    figures = []
    for run, history in zip(runs, histories, strict=True):
        test = final_figures(run).get("test")
        found = {f"test {name}": value for name, value in test.items()} if isinstance(test, dict) else {}
        found |= {name: value for name, value in history[-1].items() if name not in ("epoch", "seconds")}
        seconds = [entry["seconds"] for entry in history if isinstance(entry.get("seconds"), (int, float))]
        found |= {"epochs": len(history), "seconds": round(sum(seconds), 1)}
        figures.append(found)
    names = list(dict.fromkeys(name for found in figures for name in found))
    return [[name, *[found.get(name, ABSENT) for found in figures]] for name in names]


def bests(histories):
    """Rows of the best value of each figure that is measured on the validation data, and its epoch."""
    names = list(dict.fromkeys(n for history in histories for entry in history for n in entry if n.startswith("val_")))
    return [[name, *[best(history, name) for history in histories]] for name in names]


def best(history, name):
    """The best value of a figure and its epoch, as text."""
    points = [(entry.get(name), epoch) for epoch, entry in enumerate(history, start=1)]
    points = [(value, epoch) for value, epoch in points if value is not None and math.isfinite(value)]
    if not points:
        return ABSENT
    choose = max if name.endswith(HIGHER_IS_BETTER) else min
    value, epoch = choose(points, key=lambda point: point[0])
    return f"{said(float(value))} (epoch {epoch})"


def as_text(names, groups):
    """A table for a terminal: a column for each run."""
    rows = [["", *names]]
    for title, group in groups:
        rows.append([title])
        rows += [[f"  {row[0]}", *map(said, row[1:])] for row in group] or [["  nothing"]]
    widths = [max(len(row[i]) for row in rows if len(row) > max(i, 1)) for i in range(len(names) + 1)]
    widths[0] = max(widths[0], *[len(row[0]) for row in rows])
    lines = ["  ".join(f"{value:<{width}}" for value, width in zip(row, widths, strict=False)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def page(names, groups, histories):
    """The same as a page, with the curves."""
    sections = []
    for (title, rows), anchor in zip(groups, ("differences", "figures", "best"), strict=True):
        content = table(title.capitalize(), ["", *names], rows) if rows else paragraph("Nothing.")
        sections.append((anchor, title.capitalize(), content))
    runs = dict(zip(names, histories, strict=True))
    finals = "; ".join(
        f"{name} ends at {said(history[-1].get('val_loss', history[-1].get('loss')))}" for name, history in runs.items()
    )
    try:
        picture = figure_tag(
            view.histories(runs),
            f"The curves of {len(runs)} runs. Loss: {finals}.",
            "Measured on the validation data, where a run has them; else on the training data.",
        )
    except ArgumentError:  # runs that note other figures only
        picture = paragraph("The runs have no figures that could be drawn together.")
    longest = max(map(len, histories))
    losses = [
        [epoch + 1, *[h[epoch].get("val_loss", h[epoch].get("loss")) if epoch < len(h) else ABSENT for h in histories]]
        for epoch in range(longest)
    ]
    numbers = folded("The losses as a table", table("Loss of each epoch", ["epoch", *names], losses))
    sections.insert(2, ("curves", "Curves", picture + numbers))
    return whole(f"Comparison of {len(names)} runs", sections)
