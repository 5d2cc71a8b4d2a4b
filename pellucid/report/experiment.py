"""The log of an experiment: goal, metric, best possible error, split, build, test; filled in from the run.

The questions are those of Ng, "Machine Learning Yearning" (2018) and of Goodfellow, Bengio and Courville, "Deep
Learning" (2016), chapter 11: settle what is wanted and how it is measured, know what is possible, hold data back, build
something simple, measure it, find where the loss lies, change one thing, and go round again. What the run knows is
filled in; what only a person knows is asked for.
"""

from pellucid.report.diagnosis import doubtful, share
from pellucid.report.folders import final_figures
from pellucid.report.gaps import rate
from pellucid.report.html import said

ASK = "(to be filled in)"


def log(run, history, kept, findings, bayes_error):
    """The log as pairs of question and answer."""
    config, figures = run.config, final_figures(run)
    test = figures.get("test") if isinstance(figures.get("test"), dict) else {}
    metric = "accuracy" if kept is not None and kept.kind == "classes" else "1 - R2" if kept is not None else None
    metric = metric or next((name for name in history[-1] if name not in ("epoch", "seconds", "loss")), "loss")
    sizes = {} if kept is None else {name: part.size for name, part in kept.parts.items()}
    split = ", ".join(f"{name} {size} rows" for name, size in sizes.items()) or ASK
    build = ", ".join(f"{name} {said(value)}" for name, value in config["arguments"].items()) or ASK
    figures_said = ", ".join(f"{name} {said(value)}" for name, value in test.items())
    judged = None if kept is None else next((n for n in ("test", "validation") if n in kept.parts), None)
    if judged is not None:
        figures_said = f"error {doubtful(rate(kept, judged), kept.kind)} on the {judged} data; {figures_said}".rstrip(
            "; "
        )
    troubles = [finding for finding in findings if finding.state == "yes"]
    return [
        ("Idea", config.get("idea") or ASK),
        ("Goal: what shall it do, for whom, and how good is good enough?", config.get("goal") or ASK),
        ("Metric: the one number that decides", metric),
        ("Best possible error (Bayes error, or that of a person)", ASK if bayes_error is None else share(bayes_error)),
        ("Split: what is learned from, chosen by, judged by", split),
        ("Build: what was trained", f"{config['recipe']}: {build}"),
        ("Test: what came out", figures_said or f"{said(history[-1])}"),
        ("Where the loss lies", ", ".join(finding.name for finding in troubles) or "no trouble found"),
        ("Next: the one thing to change", troubles[0].next[0] if troubles else ASK),
    ]


def as_markdown(title, entries):
    """The log as a text to go on writing in."""
    lines = [f"# Experiment {title}", ""]
    for question, answer in entries:
        lines += [f"## {question}", "", answer, ""]
    return "\n".join(lines)
