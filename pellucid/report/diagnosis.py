"""What is wrong with a network, and what to do next: found from the figures of its parts and from its curves.

The gaps between four errors say where the loss lies (Ng, "Machine Learning Yearning", 2018, chapters 20 to 41;
Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 11.3):

    the best possible (Bayes error, or that of a person)
      | avoidable bias: under-fit
    training data
      | variance: over-fit
    validation data
      | mismatch, or chosen too often by the validation data
    test data

A gap counts if it is more than two of its standard errors (else it may be chance) and large enough to be worth work.
"""

import math
from numbers import Real
from typing import NamedTuple

from pellucid.errors import ArgumentError
from pellucid.report.gaps import curve_of, gap, input_shift, label_shift, rate
from pellucid.report.kept import Kept
from pellucid.report.label_errors import suspect_rows

BIAS = {"classes": 0.05, "numbers": 0.2}  # above the best possible error: 5 points of wrong answers, 20 % of variance
GAP = {"classes": 0.02, "numbers": 0.1}  # between two parts
CURVES_GAP = 0.05  # between training and validation accuracy where the numbers of samples are not known
RISE = 0.10  # of the validation loss above its best
FALL = 0.10  # of a loss in the last quarter of the epochs: it is still learning
HALF = 0.5  # a training loss that has not fallen to half of what it was
SHIFT = 0.25  # standard deviations between mean inputs
CHANCE = 3.0  # how many times what chance gives
VARIATION = 0.05  # of samples that would have to change class
SUSPECTS = 0.01  # of the held-back rows


class Finding(NamedTuple):
    """One diagnosis: `state` is "yes", "no" or "unknown"; `evidence` and `next` are lists of sentences.

    >>> [finding.state for finding in diagnose([{"loss": 1.0}, {"loss": 0.1}])]
    ['no', 'unknown', 'unknown', 'unknown']
    """

    name: str
    state: str
    evidence: list
    next: list


def diagnose(history, kept=None, bayes_error=None):
    """Look for the four usual troubles: a list of Findings, under-fit, over-fit, mismatch and label errors.

    Args:
        history: one dict for each epoch, as `fit` returns it.
        kept: what `report.keep` has written for the run, read by `write`; None judges by the curves alone.
        bayes_error: the smallest error that is possible, or that of a person, as a share from 0 to 1; None takes 0.

    Raises ArgumentError for what is no history or no share.

    >>> curves = [{"loss": 1.0, "val_loss": 1.0}, {"loss": 0.3, "val_loss": 0.6}, {"loss": 0.1, "val_loss": 0.9}]
    >>> [(finding.name, finding.state) for finding in diagnose(curves)][:2]
    [('under-fit', 'no'), ('over-fit', 'yes')]
    """
    history = check(history)
    if kept is not None and not isinstance(kept, Kept):
        raise ArgumentError(f"kept is what report.keep wrote, not {type(kept).__name__}.")
    if bayes_error is not None and (
        isinstance(bayes_error, bool) or not isinstance(bayes_error, (int, float)) or not 0 <= bayes_error < 1
    ):
        raise ArgumentError(f"bayes_error is a share of errors from 0 to below 1, not {bayes_error!r:.50}.")
    return [
        under_fit(history, kept, bayes_error),
        over_fit(history, kept),
        mismatch(kept),
        wrong_labels(kept),
    ]


def check(history):
    """The history as a list of dicts of numbers."""
    if isinstance(history, (str, bytes, dict)) or not hasattr(history, "__iter__"):
        raise ArgumentError(f"a history is a list with one dict per epoch, not {type(history).__name__}.")
    history = list(history)
    for entry in history:
        if not isinstance(entry, dict) or any(not (v is None or isinstance(v, Real)) for v in entry.values()):
            raise ArgumentError(f"a history is a list with one dict of numbers per epoch; it has {entry!r:.50}.")
    # Figures that were not finite are None in the folder of a run.
    return [{name: math.nan if v is None else float(v) for name, v in entry.items()} for entry in history]


def share(value):
    """A share in words: 3.4 %."""
    return f"{100 * value:.1f} %"


def doubtful(rate, kind):
    """An error with its standard error."""
    what = "" if kind == "classes" else " of the variance"
    return f"{share(rate.value)} ± {share(rate.doubt)}{what}"


def under_fit(history, kept, bayes_error):
    """Is the error on the training data itself large?"""
    evidence, wrong, known = [], False, False
    best = bayes_error or 0.0
    said = "the smallest possible error was not given, so 0 is taken" if bayes_error is None else "as given"
    error = rate(kept, "training")
    loss, watched = curve_of(history, "loss"), curve_of(history, "val_loss") or curve_of(history, "loss")
    if error is not None and kept is not None:
        known = True
        bias = error.value - best
        wrong = bias > max(BIAS[kept.kind], 2 * error.doubt)
        evidence.append(
            f"Error on the training data: {doubtful(error, kept.kind)}; best possible: {share(best)} ({said})."
        )
        evidence.append(
            f"Avoidable bias {share(bias)}; it counts above {share(BIAS[kept.kind])} and two standard errors."
        )
    elif history and isinstance(history[-1].get("accuracy"), (int, float)) and math.isfinite(history[-1]["accuracy"]):
        known = True
        bias = 1 - history[-1]["accuracy"] - best
        wrong = bias > BIAS["classes"]
        evidence.append(
            f"Training accuracy of the last epoch: {share(history[-1]['accuracy'])}; best possible error: "
            f"{share(best)} ({said}). Avoidable bias {share(bias)}; it counts above {share(BIAS['classes'])}."
        )
    elif loss is not None and loss.first > 0:
        known = True
        wrong = loss.last > HALF * loss.first
        evidence.append(
            f"The training loss went from {loss.first:.4g} to {loss.last:.4g}: {share(loss.last / loss.first)} of the "
            f"first epoch's; more than {share(HALF)} counts."
        )
    todo = []
    if watched is not None:
        still = watched.still > FALL and watched.best_epoch == watched.last_epoch
        evidence.append(
            f"In the last quarter of the epochs the loss {'fell' if watched.still >= 0 else 'rose'} by "
            f"{share(abs(watched.still))}" + (": it was still learning." if still else ".")
        )
        if still:
            todo.append("Train for more epochs: the loss was still falling.")
    todo += [
        "Make the network larger (wider first, then deeper) until it fits the training data.",
        "Try other learning rates: pellucid tune searches them.",
        "Weaken what holds it back: dropout, weight decay, augmentation.",
        "Find out how well a person does on these inputs: that may be all there is (give it as --bayes).",
    ]
    return finding("under-fit", known, wrong, evidence, todo, "There is no history and no answer on training data.")


def over_fit(history, kept):
    """Is it much better on what it has learned from than on the rest?"""
    evidence, wrong, known = [], False, False
    held = next((name for name in ("validation", "test") if kept is not None and name in kept.parts), None)
    if kept is not None and held and "training" in kept.parts:
        known = True
        seen, unseen = rate(kept, "training"), rate(kept, held)
        apart = gap(unseen, seen)
        wrong = apart.value > max(GAP[kept.kind], 2 * apart.doubt)
        evidence.append(f"Error: training {doubtful(seen, kept.kind)}, {held} {doubtful(unseen, kept.kind)}.")
        evidence.append(
            f"Gap {share(apart.value)} ± {share(apart.doubt)}; it counts above {share(GAP[kept.kind])} and "
            "two standard errors."
        )
    elif history and all(math.isfinite(history[-1].get(name, math.nan)) for name in ("accuracy", "val_accuracy")):
        known = True
        apart = history[-1]["accuracy"] - history[-1]["val_accuracy"]
        wrong = apart > CURVES_GAP
        evidence.append(
            f"Accuracy of the last epoch: training {share(history[-1]['accuracy'])}, validation "
            f"{share(history[-1]['val_accuracy'])}. Gap {share(apart)}; it counts above {share(CURVES_GAP)}."
        )
    validation, training = curve_of(history, "val_loss"), curve_of(history, "loss")
    if validation is not None and training is not None and validation.best > 0:
        known = True
        rise = validation.last / validation.best - 1
        fell = training.last < history[validation.best_epoch - 1].get("loss", -math.inf)
        rising = rise > RISE and fell
        wrong = wrong or rising
        evidence.append(
            f"The validation loss was best in epoch {validation.best_epoch} ({validation.best:.4g}) and ended at "
            f"{validation.last:.4g}, {share(rise)} above; "
            + ("meanwhile the training loss fell: it learns by heart." if rising else f"above {share(RISE)} counts.")
        )
    todo = [
        "Bring more training data, or more of them by augmentation (pellucid.data.transforms).",
        "Hold the network back: dropout, weight decay, label smoothing.",
        "Stop where the validation loss is best: callbacks=[train.EarlyStopping(...), train.BestWeights()].",
        "Make the network smaller, if it fits the training data easily.",
    ]
    return finding("over-fit", known, wrong, evidence, todo, "Nothing was held back: there are no validation data.")


def mismatch(kept):
    """Are the parts of one kind?"""
    evidence, wrong, known = [], False, False
    parts = [] if kept is None else list(kept.parts)
    if kept is not None and {"validation", "test"} <= set(parts):
        known = True
        watched, judged = rate(kept, "validation"), rate(kept, "test")
        apart = gap(judged, watched)
        wrong = apart.value > max(GAP[kept.kind], 2 * apart.doubt)
        evidence.append(
            f"Error: validation {doubtful(watched, kept.kind)}, test {doubtful(judged, kept.kind)}. Gap "
            f"{share(apart.value)} ± {share(apart.doubt)}; it counts above {share(GAP[kept.kind])} and two standard "
            "errors."
        )
    for one, other in [(a, b) for i, a in enumerate(parts) for b in parts[i + 1 :]]:
        known = True
        shift, chance = input_shift(kept, one, other)
        moved = shift > max(SHIFT, CHANCE * chance)
        if math.isfinite(shift):
            evidence.append(
                f"Mean inputs of {one} and {other} differ by {shift:.3f} standard deviations (chance alone gives about "
                f"{chance:.3f}; it counts above {SHIFT:g} and {CHANCE:g} times that)."
                + (" They differ." if moved else "")
            )
        wrong = wrong or moved
        if kept.kind == "classes":
            variation, sigmas = label_shift(kept, one, other)
            other_shares = variation > VARIATION and sigmas > CHANCE
            wrong = wrong or other_shares
            evidence.append(
                f"Classes of {one} and {other}: {share(variation)} of the samples would have to change class for equal "
                f"shares, chi-square {sigmas:+.1f} standard deviations above chance ({share(VARIATION)} and "
                f"{CHANCE:g} count)." + (" They differ." if other_shares else "")
            )
    todo = [
        "Divide the data anew, shuffled and stratified by class: data.train_val_test_split(x, y, stratify=y).",
        "Let validation and test data be what the network shall work on, and put some of that into the training data.",
        "Look at the worst examples of the worse part: what do they have that the other part lacks?",
        "If settings were chosen by the validation data many times, take fresh validation data.",
    ]
    return finding(
        "mismatch between splits", known, wrong, evidence, todo, "Answers on two parts of the data are needed."
    )


def wrong_labels(kept):
    """Are there held-back rows of which the network is surely of another opinion?"""
    held = [name for name in ("validation", "test") if kept is not None and name in kept.parts]
    evidence, count, rows = [], 0, 0
    for name in held:
        part = kept.parts[name]
        found = suspect_rows(part.answers, part.y)
        count, rows = count + len(found), rows + len(part.y)
        evidence.append(f"{name}: {len(found)} of {len(part.y)} rows ({share(len(found) / len(part.y))}).")
    if held and kept.kind == "numbers":
        evidence.append("A row counts if its error is more than 6 robust standard deviations from the median.")
    elif held:
        evidence.append(
            "A row counts if the network, which has not learned from it, takes it for another class with at least the "
            "certainty that is usual for that class (confident learning, Northcutt et al., 2021)."
        )
    wrong = bool(rows) and count >= 3 and count > SUSPECTS * rows
    if held:
        evidence.append(f"Above {share(SUSPECTS)} of the rows and at least 3 count.")
    todo = [
        "Look at the rows that are listed under Likely label errors, in their order, and correct those that are wrong.",
        "Some are not wrong but hard: more samples of that kind help, in the training data.",
        "Look for the same in the training data: report.label_errors(report.cross_predict(learn, x, y), y).",
    ]
    return finding("likely label errors", bool(held), wrong, evidence, todo, "Answers on held-back data are needed.")


def finding(name, known, wrong, evidence, todo, missing):
    """A Finding. What is not known has only what is missing."""
    if not known:
        return Finding(
            name, "unknown", [missing], ["Keep answers for the report: report.keep(run, model, test=(x, y))."]
        )
    return Finding(name, "yes" if wrong else "no", evidence, todo if wrong else [])
