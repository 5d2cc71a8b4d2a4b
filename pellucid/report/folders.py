"""The folder of a run, opened for a report: with everything that may be wrong with it said."""

import math
import os
from numbers import Real
from pathlib import Path

from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError
from pellucid.train import Run
from pellucid.train.files import read_json


def run_of(run):
    """A Run as it is; the run in a folder. Raises ArgumentError, DataNotFoundError, DataFileError, FormatError."""
    if isinstance(run, Run):
        return run
    if not isinstance(run, (str, os.PathLike)):
        raise ArgumentError(
            f"a run is a train.Run or the path of its folder, not {type(run).__name__}.",
            remedy="Give the folder that `pellucid train` named at its end, such as runs/digits-20260101-120000.",
        )
    return Run.open(run)


def name_of(run):
    """What a run is called among others: its folder."""
    return run.folder.absolute().name


def finished_history(run):
    """The epochs of a run that is done. Raises ArgumentError for one that is not, DataFileError for damaged figures."""
    history = checked_history(run)
    if not history:
        raise DataNotFoundError(
            f"{run.folder} has no epoch that is done: there is nothing to report.",
            remedy=f"Go on with it: pellucid resume {run.folder}"
            if of_recipe(run)
            else "Train with run=run and keep its folder; each epoch writes a line into metrics.jsonl.",
        )
    if of_recipe(run) and not run.finished:
        raise ArgumentError(
            f"{run.folder} is not finished: {len(history)} of {run.config.get('epochs', '?')} epochs are done, and its "
            "final figures are missing.",
            remedy=f"Go on with it first: pellucid resume {run.folder}",
        )
    return history


def checked_history(run):
    """The epochs of a run, each a dict of numbers (or None where one was not finite)."""
    path = run.folder / "metrics.jsonl"
    try:
        history = run.history()
    except DataFileError as error:
        error.remedy = mending(run)
        raise
    for position, entry in enumerate(history, start=1):
        if not isinstance(entry, dict):
            raise DataFileError(f"{path} is damaged: line {position} is no set of named figures.", mending(run))
        for name, value in entry.items():
            if value is not None and (not isinstance(value, Real) or isinstance(value, bool)):
                raise DataFileError(
                    f"{path} is damaged: {name} in line {position} is {value!r:.40}, and no number.", mending(run)
                )
    return [{name: math.nan if v is None else v for name, v in e.items() if name != "format"} for e in history]


def final_figures(run):
    """The final figures of a run: what metrics.json has, or {} for a training that writes none."""
    path = run.folder / "metrics.json"
    if not path.exists():
        return {}
    try:
        return read_json(path)
    except DataFileError as error:
        error.remedy = mending(run)
        raise


def mending(run):
    """What to do about a damaged file of figures."""
    config = run.folder / "config.json"
    if of_recipe(run):
        return f"Train again with the same arguments: pellucid train --config {config}"
    return "Bring the file back from a copy, or train again."


def of_recipe(run):
    """Is it the run of a recipe, which can be resumed and repeated by name? Its arguments are always written down."""
    from pellucid.recipes import NAMES

    return run.config.get("recipe") in NAMES and bool(run.config.get("arguments"))


def target_path(path, run, name):
    """Where to write a page: `path`, or `name` in the folder of the run. ArgumentError for what is no such place."""
    if path is None:
        return run.folder / name
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise ArgumentError(f"path is the file to write, not {path!r:.50}.")
    path = Path(path)
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder.", remedy=f"Give the file in it: {path / name}")
    if path.suffix.lower() not in (".html", ".htm"):
        raise ArgumentError(f"{path} is to be a page, and its name does not end in .html.")
    return path
