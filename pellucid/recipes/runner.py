"""Start a recipe, go on with one that was interrupted, and ask a trained one."""

import inspect
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from pellucid.data import StandardScaler
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, FormatError
from pellucid.recipes.result import Result, draw, probabilities, samples
from pellucid.train import Run
from pellucid.train.files import read_json

NAMES = ("cifar10", "cifar10-small", "digits", "fashion", "fashion-cnn", "finetune", "iris", "lenet", "mnist", "xor")


class Outcome(NamedTuple):
    """What came of a run. `result` is None for a run that had been finished before."""

    run: Run
    result: Result | None
    pictures: dict
    samples: list


def find(name):
    """The module of a recipe. ArgumentError for an unknown name, with the nearest known one."""
    if name not in NAMES:
        near = get_close_matches(name.lower(), NAMES, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise ArgumentError(f"there is no recipe {name!r}.", remedy=f"{guess}There are {', '.join(NAMES)}.")
    return import_module("pellucid.recipes." + name.replace("-", "_"))


def start(name, folder=None, begun=None, **arguments):
    """Run a recipe from the beginning; arguments that are not given have the recipe's defaults.

    `begun` is called with the Run before it trains.
    """
    recipe = find(name)
    signature = inspect.signature(recipe.run)
    given = {key: value for key, value in arguments.items() if value is not None}
    unknown = [key for key in given if key not in signature.parameters]
    if unknown:
        raise ArgumentError(f"the recipe {name} has no argument {unknown[0]!r}.")
    bound = signature.bind(None, **given)
    bound.apply_defaults()
    known = dict(bound.arguments)
    known.pop("folder")
    check(known)
    run = Run.create(name, known, folder)
    if begun is not None:
        begun(run)
    return carry_on(run)


def check(arguments):
    """Refuse numbers that no training can use, before a folder is made."""
    for name, least in [("epochs", 1), ("batch_size", 1), ("seed", 0)]:
        value = arguments.get(name, least)
        if type(value) is not int or value < least:
            raise ArgumentError(f"{name} must be a whole number of at least {least}, not {value!r}.")
    lr = arguments.get("lr", 1.0)
    if not 0 < lr < float("inf"):
        raise ArgumentError(f"lr, the learning rate, must be a number above 0, not {lr!r}.")


def resume(folder):
    """Go on with a run. What was trained before and what comes now give the bits of a run without the break."""
    run = Run.open(folder)
    return Outcome(run, None, {}, []) if run.finished else carry_on(run)


def carry_on(run):
    """Train to the end, draw the pictures, and write the final figures unless it was interrupted."""
    recipe = find(run.config["recipe"])
    try:
        inspect.signature(recipe.run).bind(run, **run.config["arguments"])
    except TypeError as error:
        raise FormatError(
            f"{run.folder} has arguments that the recipe {run.config['recipe']} does not take: {error}."
        ) from None
    result = recipe.run(run, **run.config["arguments"])
    pictures = draw(run, recipe, result)
    examples = samples(run, recipe, result)
    if not run.interrupted:
        keep_answers(run, recipe, result)
        run.finish(figures(run, result))
    return Outcome(run, result, pictures, examples)


def keep_answers(run, recipe, result):
    """Write down what the network answers, for `pellucid report`."""
    from pellucid import report

    judged, whole = (result.x_test, result.y_test), getattr(recipe, "WHOLE_TRUTH", False)  # then nothing is held back
    features = getattr(recipe.INPUTS, "features", None)
    if features and "scaler" in run.config:
        features = [f"{name}, standardised" for name in features]
    report.keep(
        run, result.model, training=judged if whole else result.training, validation=result.validation,
        test=None if whole else judged, classes=recipe.CLASSES, features=features,
        sizes={"training": result.learned} if result.learned else None,
    )  # fmt: skip


def figures(run, result):
    """The final figures of a run."""
    history = run.history()
    return {
        "test": result.test,
        "test_samples": len(result.y_test),
        "epochs": len(history),
        "seconds": round(sum([epoch["seconds"] for epoch in history]), 3),
        "last_epoch": history[-1] if history else {},
    }


def configuration(path):
    """The recipe and the arguments that a file holds: config.json of a run, best.json of a search, or their folder.

    Raises DataNotFoundError, DataFileError, FormatError.
    """
    path = Path(path)
    if path.is_dir():
        path = next((path / name for name in ("config.json", "best.json") if (path / name).is_file()), path)
    if not path.is_file():
        raise DataNotFoundError(
            f"{path} holds no configuration.",
            remedy="Give config.json of a run, best.json of a search, or the folder of either.",
        )
    values = read_json(path)
    recipe, arguments = values.get("recipe"), values.get("arguments")
    if not isinstance(recipe, str) or not isinstance(arguments, dict):
        raise DataFileError(f"{path} is not the configuration of a run: recipe or arguments are missing.")
    return recipe, arguments


class Answer(NamedTuple):
    """What a network says about one input: the class, how probable, and the runner-up."""

    name: str
    answer: str
    probability: float
    second: str
    second_probability: float


def predict(folder, arguments):
    """Ask a trained network about image files or numbers; one Answer for each."""
    run = Run.open(folder)
    recipe = find(run.config["recipe"])
    if not arguments:
        raise ArgumentError("there is nothing to predict.", remedy=f"pellucid predict {folder} {recipe.INPUTS.example}")
    x, names = recipe.INPUTS.read(list(arguments))
    if "scaler" in run.config:
        x = StandardScaler.from_dict(run.config["scaler"]).transform(x)
    model = recipe.make_model()
    model.load_state_dict(run.weights())
    answers = []
    for name, p in zip(names, probabilities(model, x), strict=True):
        second, first = p.argsort()[-2:]
        answers.append(Answer(name, recipe.CLASSES[first], float(p[first]), recipe.CLASSES[second], float(p[second])))
    return answers
