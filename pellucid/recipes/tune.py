"""`pellucid tune`: train a recipe again and again with other settings, and keep the best of them.

The folder of a search:

tune.json        what was asked for: recipe, what varies, how many trials, sampler, seed
trials.journal   Optuna's notes of all trials, one line of JSON for each thing that happened
trials/0001 ...  the run folder of each trial
trials.png       all trials in one picture
best.json        the best settings; `pellucid train --config best.json` starts from them

Trials are judged by figures of the validation data (of the training data where a recipe holds none back), never by the
test data: of many trials the best on the test data would look better than it is.
"""

import inspect
import math
import time
from pathlib import Path
from typing import Any, NamedTuple

from pellucid import view
from pellucid.errors import AnomalyError, ArgumentError, DataNotFoundError, UnsupportedError
from pellucid.recipes import space
from pellucid.recipes.runner import check, figures, find
from pellucid.train import Run
from pellucid.train.callbacks import HIGHER_IS_BETTER
from pellucid.train.files import read_json, write_json
from pellucid.train.run import new_folder

SAMPLERS = ("tpe", "random", "grid")
STUDY = "pellucid"  # the name of the study inside the journal


class Trial(NamedTuple):
    """One trial: its number from 1, its settings, and its figure (None: training failed)."""

    number: int
    settings: dict
    figure: Any


class Tuned(NamedTuple):
    """What came of a search so far. `best` is None while no trial has a figure."""

    folder: Path
    by: str
    trials: list
    best: Trial | None
    interrupted: bool


def tune(name, folder=None, *, trials=20, sampler="tpe", vary=(), by=None, seed=0, tell=print, **fixed):
    """Search good settings of a recipe. Returns a Tuned; its folder holds everything.

    Args:
        name: the recipe.
        folder: the folder to make; default runs/tune-NAME-TIME.
        trials: how many trainings; a grid has at most about so many.
        sampler: "tpe", which learns from the trials so far where good settings are dense and bad ones rare (Bergstra et
            al., "Algorithms for hyper-parameter optimization", 2011); "random" (Bergstra and Bengio, 2012); "grid", all
            combinations, in a random order.
        vary: what is searched, each as "lr=0.001:0.1" or "batch_size=16,32,64"; default the learning rate and the batch
            size around those of the recipe.
        by: the figure of the last epoch that judges; default val_loss, or loss for a recipe without validation data.
        seed: of the sampler and of each training.
        tell: is called with each line about how far it is.
        **fixed: arguments of the recipe for all trials, such as epochs=5.

    Raises ArgumentError for what the recipe does not take, UnsupportedError without Optuna.
    """
    optuna_or_error()
    defaults = {key: p.default for key, p in inspect.signature(find(name).run).parameters.items() if key != "folder"}
    fixed = {"seed": seed, **{key: value for key, value in fixed.items() if value is not None}}
    texts = list(vary) or [text for text in space.around(defaults) if text.split("=")[0] not in fixed]
    parts = dict(space.read(text) for text in texts)
    if sampler not in SAMPLERS:
        raise ArgumentError(f"sampler is one of {', '.join(SAMPLERS)}, not {sampler!r}.")
    if type(trials) is not int or trials < 1:
        raise ArgumentError(f"trials is a whole number of at least 1, not {trials!r}.")
    for key in [*parts, *fixed]:
        if key not in defaults:
            raise ArgumentError(
                f"the recipe {name} has no argument {key!r}.", remedy=f"It has {', '.join(sorted(defaults))}."
            )
    if both := set(parts) & set(fixed):
        raise ArgumentError(f"{', '.join(sorted(both))} cannot be fixed and varied at once.")
    for end in (min, max):  # what no training could use is refused now, not after hours
        check(defaults | fixed | {key: end(part.grid(2)) for key, part in parts.items()})
    if sampler == "grid":  # written down as choices, so that the grid stays what it is when the search goes on
        texts = [f"{key}={','.join(map(str, values))}" for key, values in space.grid_of(parts, trials).items()]
    folder = Path(folder) if folder is not None else new_folder(Path("runs") / f"tune-{name}-{stamp()}")
    if folder.exists() and any(folder.iterdir()):
        raise ArgumentError(
            f"{folder} is not empty; a new search writes over nothing.", remedy="Choose another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    asked = {
        "recipe": name,
        "vary": texts,
        "fixed": fixed,
        "trials": trials,
        "sampler": sampler,
        "by": by,
        "seed": seed,
    }
    write_json(folder / "tune.json", asked)
    return go_on(folder, tell=tell)


def go_on(folder, trials=None, tell=print):
    """Go on with the search in a folder: with the trial that was interrupted first, until there are `trials` in all.

    The trials are those of a search without a break: a sampler's random numbers depend on the seed and on the number of
    the trial only. With more `trials` than it was begun with, a finished search goes on.
    """
    folder = Path(folder)
    if not (folder / "tune.json").is_file():
        raise DataNotFoundError(
            f"{folder} is not the folder of a search: there is no tune.json in it.",
            remedy="Give the folder that `pellucid tune` named, such as runs/tune-digits-20260101-120000.",
        )
    asked = read_json(folder / "tune.json")
    if trials is not None and trials != asked["trials"]:
        asked["trials"] = trials
        write_json(folder / "tune.json", asked)
    parts = dict(space.read(text) for text in asked["vary"])
    count = asked["trials"]
    if asked["sampler"] == "grid":
        count = min(count, math.prod(len(part.values) for part in parts.values()))
    study = study_of(folder)
    plain = study.sampler
    while True:
        waiting = [trial for trial in study.trials if not trial.state.is_finished()]
        if not waiting and len(study.trials) >= count:
            return report(folder, asked, study, interrupted=False)
        if waiting:
            number, settings = waiting[0].number, waiting[0].params
        else:
            study.sampler = sampler_of(asked, parts, len(study.trials))
            trial = study.ask(distributions(parts))
            number, settings = trial.number, trial.params
            study.sampler = plain  # a grid's would end a loop of Optuna's own when it is told of the last trial
        tell(f"trial {number + 1} of {count}: {said(settings)}")
        run = train_one(folder / "trials" / f"{number + 1:04d}", asked, settings)
        if run.interrupted:
            return report(folder, asked, study, interrupted=True)
        conclude(study, number, run, asked, tell)


def train_one(folder, asked, settings):
    """Train with these settings, in a run folder of its own; a training that was interrupted there goes on."""
    recipe = find(asked["recipe"])
    if (folder / "config.json").exists():
        run = Run.open(folder)
    else:
        signature = inspect.signature(recipe.run)
        bound = signature.bind(None, **asked["fixed"], **settings)
        bound.apply_defaults()
        run = Run.create(asked["recipe"], {k: v for k, v in bound.arguments.items() if k != "folder"}, folder)
    try:
        result = recipe.run(run, **run.config["arguments"])
    except AnomalyError as error:  # the loss was no longer finite: also an answer
        run.note(failed=error.message)
        return run
    if not run.interrupted and not run.finished:
        run.finish(figures(run, result))
    return run


def conclude(study, number, run, asked, tell):
    """Tell Optuna how the trial went, and the user too."""
    if "failed" in run.config:
        study.tell(number, state=optuna_or_error().trial.TrialState.FAIL)
        tell(f"  failed: {run.config['failed']}")
        return
    by = judged_by(run.history()[-1], asked)
    if "by" not in study.user_attrs:
        study.set_user_attr("by", by)
    value = run.history()[-1][by]
    study.tell(number, sign(by) * value)
    best = min(study.best_trials, key=lambda trial: trial.number)
    tell(f"  {by} {value:.5g}; best so far {sign(by) * best.value:.5g} in trial {best.number + 1}")


def judged_by(figures_of_epoch, asked):
    """The name of the figure by which trials are judged."""
    by = asked["by"] or ("val_loss" if "val_loss" in figures_of_epoch else "loss")
    if by not in figures_of_epoch:
        raise ArgumentError(
            f"trials cannot be judged by {by!r}: the recipe {asked['recipe']} has no such figure.",
            remedy=f"It has {', '.join(key for key in figures_of_epoch if key not in ('epoch', 'seconds'))}.",
        )
    return by


def sign(by):
    """-1 for what shall be high: Optuna is asked to minimise."""
    return -1 if by.endswith(HIGHER_IS_BETTER) else 1


def report(folder, asked, study, interrupted):
    """Write the picture and the best settings, and hand back what came."""
    by = asked["by"] or study.user_attrs.get("by", "val_loss")
    done = [trial for trial in study.trials if trial.state.is_finished()]
    found = [Trial(t.number + 1, t.params, None if t.value is None else sign(by) * t.value) for t in done]
    known = [trial for trial in found if trial.figure is not None]
    best = min(known, key=lambda trial: sign(by) * trial.figure) if known else None
    if found:
        view.trials(
            [trial.settings for trial in found], [trial.figure for trial in found], folder / "trials.png",
            name=by, higher_is_better=sign(by) < 0, title=f"{asked['recipe']}: {len(found)} trials",
        )  # fmt: skip
    if best is not None:
        arguments = Run.open(folder / "trials" / f"{best.number:04d}").config["arguments"]
        chosen = {"recipe": asked["recipe"], "arguments": arguments, "trial": best.number, by: best.figure}
        write_json(folder / "best.json", chosen)
    return Tuned(folder, by, found, best, interrupted)


# ---- Optuna, asked and told


def optuna_or_error():
    """The package Optuna. UnsupportedError if it is not installed."""
    try:
        import optuna
    except ImportError:
        raise UnsupportedError(
            "pellucid tune needs the package Optuna, which is not installed.",
            remedy='python -m pip install "pellucid[tune]"; or search without it: pellucid.search.',
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # we tell it ourselves
    return optuna


def study_of(folder):
    """The study that is kept in the folder's journal. One program at a time may go on with it."""
    optuna = optuna_or_error()
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    path = str(folder / "trials.journal")
    storage = JournalStorage(JournalFileBackend(path, lock_obj=JournalFileOpenLock(path)))
    return optuna.create_study(storage=storage, study_name=STUDY, direction="minimize", load_if_exists=True)


def sampler_of(asked, parts, number):
    """A sampler whose random numbers are those of trial `number`, whatever was done in this process before."""
    samplers, seed = optuna_or_error().samplers, (asked["seed"] * 1_000_003 + number) % 2**32
    if asked["sampler"] == "grid":  # its seed shuffles the grid, of which trial `number` gets entry `number`
        return samplers.GridSampler({name: part.values for name, part in parts.items()}, seed=asked["seed"])
    return samplers.RandomSampler(seed=seed) if asked["sampler"] == "random" else samplers.TPESampler(seed=seed)


def distributions(parts) -> dict[str, Any]:
    """The same space in Optuna's words."""
    kinds = optuna_or_error().distributions

    def said(part):
        if isinstance(part, space.Choices):
            return kinds.CategoricalDistribution(part.values)
        kind = kinds.IntDistribution if part.whole else kinds.FloatDistribution
        return kind(part.low, part.high, log=part.log)

    return {name: said(part) for name, part in parts.items()}


def said(settings):
    """Settings in a line."""
    return "  ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in settings.items()
    )


def stamp():
    """The time as a part of a folder's name."""
    return time.strftime("%Y%m%d-%H%M%S")
