"""One round of idea, code and experiment: train, report, log, compare with the round before."""

from pathlib import Path
from typing import Any, NamedTuple

from pellucid.errors import PellucidError
from pellucid.report.compare import compare
from pellucid.report.experiment import as_markdown
from pellucid.report.folders import final_figures, finished_history, name_of
from pellucid.report.write import written
from pellucid.train import Run
from pellucid.train.files import write_bytes

LOG = "experiment.md"


class Round(NamedTuple):
    """What came of a round. All but `run` is None for one that was interrupted; `before` also for a first one."""

    run: Run
    findings: Any = None
    page: Any = None
    log: Any = None
    before: Any = None
    comparison: Any = None


def experiment(name, folder=None, *, idea="", goal="", bayes_error=None, **arguments):
    """Train a recipe, write report.html and experiment.md into its folder, and compare it with the run before.

    That is the youngest finished run of the same recipe beside it. Raises what `recipes.start` raises.
    """
    from pellucid import recipes

    def note(run):
        run.note(**{key: v for key, v in (("idea", idea), ("goal", goal), ("bayes_error", bayes_error)) if v or v == 0})

    run = recipes.start(name, folder, begun=note, **arguments).run
    if run.interrupted:
        return Round(run)
    page, findings, entries = written(run)
    log = run.folder / LOG
    write_bytes(log, as_markdown(name_of(run), entries).encode("utf-8", "replace"))
    before = round_before(run)
    text = None if before is None else compare([before, run])
    return Round(run, findings, page, log, before, text)


def round_before(run) -> Path | None:
    """The folder of the youngest finished run of the same recipe beside this one."""
    found = []
    for folder in run.folder.absolute().parent.iterdir():
        if folder == run.folder.absolute() or not (folder / "config.json").is_file():
            continue
        try:
            other = Run.open(folder)
            if not other.finished or other.config["recipe"] != run.config["recipe"]:
                continue
            finished_history(other)  # the comparison will read these
            final_figures(other)
        except PellucidError:  # a damaged neighbour is no reason to stop
            continue
        found.append(((folder / "metrics.json").stat().st_mtime, folder))
    return max(found)[1] if found else None
