"""The parts of a report that show answers: figures of each part, mix-ups, calibration, worst rows, suspects."""

import html

import numpy as np

from pellucid import metrics, view
from pellucid.report.diagnosis import share
from pellucid.report.gaps import rate
from pellucid.report.html import bullets, folded, paragraph, table
from pellucid.report.kept import SUSPECTS
from pellucid.report.label_errors import suspect_rows
from pellucid.report.pictures import as_pictures, figure_tag, small_picture

WORST = 24  # rows that are shown
MOST_CLASSES = 30  # in one confusion matrix
BINS = 10
COLUMNS = 12  # of an input that is shown as numbers


def class_name(kept, label):
    """The name of a class."""
    return kept.classes[label] if label < len(kept.classes) else str(int(label))


def rows_of(part):
    """How many rows of a part were looked at."""
    return str(len(part.y)) if len(part.y) == part.size else f"{len(part.y)} of {part.size}"


def figures(kept):
    """The figures of each part as a table."""
    if kept.kind == "classes":
        headings = ["part", "rows", "accuracy", "standard error", "mean -log p", "F1 (macro)", "calibration error"]
        rows = []
        for name, part in kept.parts.items():
            right, doubt = share(1 - float(part.wrong.mean())), share(rate(kept, name).doubt)
            f1 = metrics.f1(part.answers, part.y, average="macro")
            error = share(metrics.expected_calibration_error(part.answers, part.y, BINS))
            rows.append([name, rows_of(part), right, doubt, float(part.badness.mean()), f1, error])
    else:
        headings = ["part", "rows", "root mean square error", "mean absolute error", "R2"]
        rows = [
            [
                name, rows_of(part), float(np.sqrt((part.errors**2).mean())),
                metrics.mean_absolute_error(part.answers, part.y), metrics.r2(part.answers, part.y),
            ]
            for name, part in kept.parts.items()
        ]  # fmt: skip
    note = "What the finished network answers, in evaluation mode. The test part alone says how good it is on new data."
    return paragraph(note) + table("Figures of each part", headings, rows)


def judged(kept):
    """The part by which the network is judged: test, else validation, else training."""
    return next(name for name in ("test", "validation", "training") if name in kept.parts)


def confusion(kept):
    """Which class is taken for which."""
    name = judged(kept)
    part = kept.parts[name]
    classes = part.answers.shape[1]
    names = [class_name(kept, label) for label in range(classes)]
    counts = metrics.confusion_matrix(part.answers, part.y, classes)
    mixed = counts.copy()
    np.fill_diagonal(mixed, 0)
    order = [tuple(pair) for pair in np.argwhere(mixed)]
    order.sort(key=lambda pair: (-mixed[pair], pair))
    said = [f"{names[a]} taken for {names[b]}: {mixed[a, b]} of {counts[a].sum()}" for a, b in order[:5]]
    shown = [paragraph(f"On the {name} data. The most frequent mix-ups:"), bullets(said or ["none"])]
    if classes <= MOST_CLASSES:
        right = int(np.trace(counts))
        alt = f"Confusion matrix of {classes} classes: {right} of {counts.sum()} right. " + "; ".join(said)
        caption = "A row for each class as it is labelled, a column for each answer; on the diagonal what is right."
        drawn = [name.replace("$", r"\$") for name in names]  # else matplotlib reads formulas
        shown.append(figure_tag(view.confusion_matrix(counts, names=drawn), alt, caption))
        rows = [[names[label], *[int(count) for count in counts[label]]] for label in range(classes)]
        shown.append(
            folded("The counts as a table", table("Labelled as (rows), taken for (columns)", ["", *names], rows))
        )
    return "".join(shown)


def scatter(kept):
    """Predicted numbers beside the right ones."""
    from pellucid.view.canvas import BLUE, INK, new_figure, tidy

    name = judged(kept)
    part = kept.parts[name]
    figure = new_figure(4.6, 4.2)
    axes = figure.add_subplot()
    axes.scatter(part.y.ravel(), part.answers.ravel(), s=9, color=BLUE, alpha=0.5, linewidths=0)
    ends = [float(min(part.y.min(), part.answers.min())), float(max(part.y.max(), part.answers.max()))]
    axes.plot(ends, ends, color=INK, linewidth=1, linestyle="--")
    axes.set(xlabel="right answer", ylabel="prediction")
    tidy(axes)
    r2 = metrics.r2(part.answers, part.y)
    alt = f"Predictions over right answers of {part.y.size} numbers; R2 {r2:.3f}. Good predictions lie on the diagonal."
    return paragraph(f"On the {name} data.") + figure_tag(figure, alt, "On the dashed line predictions are right.")


def calibration(kept):
    """Whether certainty means what it says."""
    name = judged(kept)
    part = kept.parts[name]
    curve = metrics.calibration_curve(part.answers, part.y, BINS)
    error = metrics.expected_calibration_error(part.answers, part.y, BINS)
    sure, right = float(part.answers.max(axis=1).mean()), 1 - float(part.wrong.mean())
    lean = "too sure of itself" if sure > right else "too modest"
    text = (
        f"On the {name} data the network is certain of {share(sure)} on average, and {share(right)} of its answers are "
        f"right: it is {lean} by {share(abs(sure - right))}. The expected calibration error over {BINS} bins is "
        f"{share(error)}: so far is certainty from the share of right answers on average (Guo et al., 2017). Above a "
        "few percent, divide the scores by a temperature that is chosen on the validation data before the softmax."
    )
    there = np.nonzero(curve.count)[0]
    rows = [
        [
            f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}",
            int(curve.count[i]),
            share(curve.confidence[i]),
            share(curve.accuracy[i]),
        ]
        for i in there
    ]
    alt = "Reliability diagram: " + "; ".join(f"{row[0]}: {row[3]} right of {row[1]}" for row in rows)
    headings = ["certainty", "answers", "mean certainty", "right"]
    return (
        paragraph(text)
        + figure_tag(
            view.reliability(part.answers, part.y, bins=BINS), alt, "Bars below the diagonal: too sure of itself."
        )
        + folded("The bins as a table", table("Bins of the reliability diagram", headings, rows))
    )


def described(kept, part, place):
    """What is to be said of a row: (what it is, what it was taken for, how certain)."""
    if kept.kind == "classes":
        label, answer = int(part.y[place]), int(part.answers[place].argmax())
        sure, own = float(part.answers[place, answer]), float(part.answers[place, label])
        answered = f"answer {class_name(kept, answer)} ({share(sure)})"
        return f"labelled {class_name(kept, label)} ({share(own)})", answered
    numbers = [", ".join(f"{value:.5g}" for value in array[place]) for array in (part.y, part.answers)]
    return f"is {numbers[0]}", f"predicted {numbers[1]}"


def listed(kept, name, places, title):
    """Rows of a part with pictures, or as a table where inputs are no pictures."""
    part = kept.parts[name]
    where = {int(place): index for index, place in enumerate(part.shown)}
    places = [int(place) for place in places if int(place) in where]
    if not places:
        return ""
    x = part.x[[where[place] for place in places]]
    pictures = as_pictures(x, kept.picture)
    lines = [(f"{name} row {part.rows[place]}", *described(kept, part, place)) for place in places]
    if pictures is not None:
        items = "".join(
            f"<li>{small_picture(picture, ', '.join(line))}<b>{html.escape(line[0])}</b>"
            f"{html.escape(line[1])}<br>{html.escape(line[2])}</li>"
            for picture, line in zip(pictures, lines, strict=True)
        )
        return f'<h3>{html.escape(title)}</h3><ol class="samples">{items}</ol>'
    flat = x.reshape(len(x), -1)
    names = kept.features if len(kept.features) == flat.shape[1] else [f"x{i}" for i in range(flat.shape[1])]
    rows = [[*line, *[float(value) for value in row[:COLUMNS]]] for line, row in zip(lines, flat, strict=True)]
    return table(title, ["row", "is", "answer", *names[:COLUMNS]], rows)


def worst(kept):
    """The rows with the largest loss."""
    shown = [
        paragraph(
            "The answers that cost most, worst first: the loss is -log of the probability of the label."
            if kept.kind == "classes"
            else "The predictions that are farthest off, worst first."
        )
    ]
    for name in [part for part in ("test", "validation", "training") if part in kept.parts]:
        part = kept.parts[name]
        places = part.shown[:WORST]
        if kept.kind == "classes":
            places = [place for place in part.shown if part.wrong[place]][:WORST]
            count = int(part.wrong.sum())
            title = f"{name}: {len(places)} of {count} wrong answers"
            if not count:
                shown.append(paragraph(f"{name}: no answer is wrong."))
                continue
        else:
            title = f"{name}: the {len(places)} worst of {len(part.y)}"
        shown.append(listed(kept, name, places, title))
    return "".join(shown)


def label_errors(kept):
    """Held-back rows whose labels are probably wrong."""
    shown = [
        paragraph(
            "Rows that the network did not learn from and of which it is surely of another opinion, the most "
            "suspicious first. Some labels are wrong, some samples are only hard: a person has to look."
        )
    ]
    held = [name for name in ("validation", "test") if name in kept.parts]
    for name in held:
        places = suspect_rows(kept.parts[name].answers, kept.parts[name].y)
        if len(places):
            count = min(SUSPECTS, len(places))
            shown.append(listed(kept, name, places[:SUSPECTS], f"{name}: {count} of {len(places)}"))
        else:
            shown.append(paragraph(f"{name}: none."))
    if not held:
        shown.append(paragraph("Nothing was held back, so nothing can be said."))
    return "".join(shown)
