"""`report.write`: the page of a run."""

import html

from pellucid import view
from pellucid.errors import ArgumentError
from pellucid.report import diagnosis, evidence
from pellucid.report.experiment import log
from pellucid.report.folders import final_figures, finished_history, name_of, of_recipe, run_of, target_path
from pellucid.report.gaps import rate
from pellucid.report.html import bullets, folded, paragraph, said, table, whole
from pellucid.report.kept import read
from pellucid.report.pictures import figure_tag
from pellucid.train.files import write_bytes

WORDS = {"yes": "yes", "no": "no", "unknown": "not known"}
TABLE = [
    ["training error far above the best possible", "under-fit (bias)", "larger network, more epochs, other rate"],
    ["validation error far above training error", "over-fit (variance)", "more data, augmentation, regularization"],
    ["both gaps", "both; the larger gap first", "first fit the training data, then generalise"],
    ["test error far above validation error, or other inputs", "mismatch", "divide anew; train on such data"],
    ["sure answers against the labels of held-back rows", "likely label errors", "look at these rows, correct them"],
    ["none of these", "done, or the goal is too low", "compare with the goal; look at the worst examples"],
]  # fmt: skip


def write(run, path=None, *, bayes_error=None):
    """Write the report of a run: one HTML page that needs no network, with a diagnosis. Returns its path.

    The page shows the diagnosis with its evidence (`diagnose`), the figures of each part of the data, the curves, the
    confusion matrix, calibration, the worst examples, labels that are probably wrong, the configuration, and the log of
    the experiment. Of a run whose answers are not kept (see `keep`) it shows configuration, curves and what these tell.

    Args:
        run: a Run or the path of its folder.
        path: the page; None writes report.html in the folder of the run. A page that is there is replaced in one move.
        bayes_error: the smallest possible error, or that of a person, from 0 to 1; None takes what config.json says.

    Raises DataNotFoundError if there is no run or no epoch, ArgumentError for one that is not finished, DataFileError
    and FormatError for damaged and newer files.

    >>> import os, tempfile
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = train.Run.create("gates", folder=os.path.join(folder, "run"))
    ...     history = train.fit(
    ...         model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=2, run=run, progress=False
    ...     )
    ...     write(run).name
    'report.html'
    """
    return written(run, path, bayes_error)[0]


def written(run, path=None, bayes_error=None):
    """`write`; returns the path of the page, the findings, and the log of the experiment."""
    run = run_of(run)
    path = target_path(path, run, "report.html")
    page, findings, entries = make(run, bayes_error)
    write_bytes(path, page.encode("utf-8", "replace"))
    return path, findings, entries


def make(run, bayes_error=None):
    """The page of a run as text, its findings, and the log of its experiment."""
    history = finished_history(run)
    kept = read(run)
    bayes_error = run.config.get("bayes_error") if bayes_error is None else bayes_error
    findings = diagnosis.diagnose(history, kept, bayes_error)
    entries = log(run, history, kept, findings, bayes_error)
    sections = [("diagnosis", "Diagnosis", summary(run, history, kept) + diagnosis_part(findings))]
    if kept is None:
        sections.append(("answers", "Answers", paragraph(missing(run))))
    else:
        sections.append(("figures", "Figures", evidence.figures(kept)))
    sections.append(("curves", "Curves", curves(run, history)))
    if kept is not None and kept.kind == "classes":
        sections.append(("confusion", "Confusion matrix", evidence.confusion(kept)))
        sections.append(("calibration", "Calibration", evidence.calibration(kept)))
    elif kept is not None:
        sections.append(("predictions", "Predictions", evidence.scatter(kept)))
    if kept is not None:
        sections.append(("worst", "Worst examples", evidence.worst(kept)))
        sections.append(("labels", "Likely label errors", evidence.label_errors(kept)))
    sections.append(("configuration", "Configuration", configuration(run)))
    asked = "The questions of an experiment; what the run knows is filled in."
    sections.append(("log", "Log of the experiment", paragraph(asked) + table("Log", ["question", "answer"], entries)))
    return whole(f"Report: {name_of(run)}", sections), findings, entries


def missing(run):
    """Why there are no answers, and how they come."""
    if of_recipe(run):
        return (
            "This run has no predictions: it was made by an older version, or as a trial of a search. Train again with "
            f"its arguments and they are kept: pellucid train --config {run.folder / 'config.json'}"
        )
    return (
        "The answers of this network are not kept. Hand in data, and the page shows confusion, calibration, worst "
        "examples and a better diagnosis: report.keep(run, model, training=(x, y), validation=(x, y), test=(x, y)), "
        "then report.write(run)."
    )


def summary(run, history, kept):
    """What was trained, for how long, and how good it is."""
    text = f"{run.config['recipe']}: {len(history)} epochs"
    planned = run.config.get("epochs")
    if isinstance(planned, int) and planned > len(history):
        text += f" of {planned}"
    seconds = [entry.get("seconds") for entry in history]
    if all(isinstance(value, (int, float)) for value in seconds):
        text += f", {sum(seconds):.1f} s"
    if run.config.get("idea"):
        text += f". Idea: {run.config['idea']}"
    if kept is None:
        return paragraph(text + ".")
    name = evidence.judged(kept)
    error = rate(kept, name)
    measure = "of the answers are wrong" if kept.kind == "classes" else "of the variance are not explained (1 - R2)"
    told = f"{100 * error.value:.2f} % ± {100 * error.doubt:.2f} % {measure} on the {name} data."
    return paragraph(text + ".") + f'<p class="lead">{html.escape(told)}</p>'


def diagnosis_part(findings):
    """The findings with their evidence, and the table by which they were found."""
    shown = []
    for finding in findings:
        name = finding.name.capitalize()
        todo = f"<h4>What to do next</h4>{bullets(finding.next)}" if finding.next else ""
        shown.append(
            f'<div class="finding {finding.state}"><h3>{html.escape(name)}: {WORDS[finding.state]}</h3>'
            f"<h4>Evidence</h4>{bullets(finding.evidence)}{todo}</div>"
        )
    rules = table("Decision table", ["what is seen", "diagnosis", "what helps"], TABLE)
    source = paragraph("Source: Ng, Machine Learning Yearning (2018), chapters 20 to 41.")
    return "".join(shown) + folded("The decision table", rules + source)


def curves(run, history):
    """The curves as a picture, and their numbers."""
    if not any(isinstance(v, float) and name != "seconds" for entry in history for name, v in entry.items()):
        return paragraph("There is no figure to draw.")
    names = list(dict.fromkeys(name for entry in history for name in entry))
    rows = [[entry.get(name) for name in names] for entry in history]
    numbers = folded("The numbers of the curves", table("Figures of each epoch", names, rows))
    try:
        figure = view.curves(history)
    except ArgumentError:  # a training that notes other figures only
        return numbers
    last = ", ".join(f"{name} {said(value)}" for name, value in history[-1].items() if name not in ("epoch", "seconds"))
    alt = f"Curves over {len(history)} epochs. Last epoch: {last}."
    caption = "Training and validation, epoch by epoch. Training figures are measured while it learns."
    return figure_tag(figure, alt, caption) + numbers


def configuration(run):
    """What was asked for, what it ran on, and the final figures."""
    config = run.config
    rows = [[name, value] for name, value in config["arguments"].items()]
    shown = table("Arguments", ["argument", "value"], rows) if rows else paragraph("No arguments are written down.")
    figures = final_figures(run)
    if figures:
        test = figures.get("test")
        rows = [[f"test {name}", value] for name, value in test.items()] if isinstance(test, dict) else []
        rows += [[name, v] for name, v in figures.items() if not isinstance(v, (dict, list))]
        shown += table("Final figures", ["figure", "value"], rows)
    rest = [[name, value] for name, value in config.items() if name not in ("arguments", "versions", "recipe")]
    versions = config.get("versions")
    rest += [[name, value] for name, value in versions.items()] if isinstance(versions, dict) else []
    return shown + folded("All else that is known of the run", table("Run", ["name", "value"], rest))
