"""What a recipe hands back, and what is kept of it in the run folder."""

import re
from typing import NamedTuple

import numpy as np

from pellucid import view
from pellucid.functional import softmax
from pellucid.recipes.inputs import Numbers, write_sample
from pellucid.tensors import tensor
from pellucid.train.look import Predictor, looking
from pellucid.view.canvas import save
from pellucid.view.grid import write_title

SHOWN = 50  # pictures on a sheet
SOME = slice(5000)  # of the training rows, which lie in a random order: enough to judge by


class Result(NamedTuple):
    """A trained model, its figures on the test data, these data, and pairs (x, y) of what else the report looks at.

    Training data are as the network sees them without augmentation; some thousands are enough.
    """

    model: object
    test: dict
    x_test: np.ndarray
    y_test: np.ndarray
    training: tuple | None = None
    validation: tuple | None = None
    learned: int | None = None  # rows that it learned from, if `training` has only some of them


def probabilities(model, x):
    """softmax(model(x)), row by row: an array (n, classes)."""
    batches = [tensor(x[i : i + 250]) for i in range(0, len(x), 250)]
    predict = Predictor(model, len(batches)).ready(iter([(batches[0], None)]))
    with looking(model):
        return np.concatenate([softmax(predict(batch), dim=1).numpy() for batch in batches])


def draw(run, recipe, result):
    """The pictures of a run: path -> what it shows."""
    name, pictures = run.config["recipe"], {}
    history = run.history()
    if history:
        pictures[run.folder / "curves.png"] = "how it learned"
        view.curves(history, run.folder / "curves.png", title=name)
    if isinstance(recipe.INPUTS, Numbers):
        if len(recipe.INPUTS.features) == 2:
            pictures[run.folder / "boundary.png"] = "what it answers where"
            draw_boundary(run.folder / "boundary.png", recipe, result)
        return pictures
    answers = probabilities(result.model, result.x_test).argmax(axis=1)
    # Spread over the test data, which may lie sorted in the files.
    spread = np.linspace(0, len(answers) - 1, min(SHOWN, len(answers))).astype(int)
    pictures[run.folder / "predictions.png"] = f"{len(spread)} of {len(answers)} test images, and what it sees in them"
    draw_sheet(run.folder / "predictions.png", recipe, result, answers, spread, f"{name}, test images")
    wrong = np.nonzero(answers != result.y_test)[0]
    if len(wrong):
        one = len(wrong) == 1
        pictures[run.folder / "mistakes.png"] = f"the {len(wrong)} test image{'' if one else 's'} it gets wrong"
        shown = "" if len(wrong) <= SHOWN else f"the first {SHOWN} of "
        title = f"{name}: {shown}{len(wrong)} mistake{'' if one else 's'} among {len(answers)} test images"
        draw_sheet(run.folder / "mistakes.png", recipe, result, answers, wrong[:SHOWN], title, score=False)
    return pictures


def draw_sheet(path, recipe, result, answers, rows, title, score=True):
    """Some test images with what the network took them for, and how many of them are right."""
    names = np.array(recipe.CLASSES)
    right, seen = names[result.y_test[rows]], names[answers[rows]]
    sheet = view.image_grid(result.x_test[rows], labels=right, predictions=seen, title=title)
    if not score:
        write_title(sheet, title)
    save(sheet, path)


def draw_boundary(path, recipe, result):
    """The plane of two features, divided as the network divides it."""
    view.decision_boundary(
        lambda points: probabilities(result.model, points.astype(np.float32)).argmax(axis=1),
        result.x_test,
        result.y_test,
        path,
        names=recipe.CLASSES,
        axis_labels=recipe.INPUTS.features,
        title="what it answers where",
    )


def samples(run, recipe, result):
    """Something to predict: image files, of which one for each class is written here, or the numbers of a row."""
    if isinstance(recipe.INPUTS, Numbers):
        rows = result.x_test if "scaler" not in run.config else unscaled(run, result.x_test)
        return [f"{number:.3g}" for number in rows[0]]
    folder = run.folder / "samples"
    folder.mkdir(exist_ok=True)
    paths = []
    for label, name in enumerate(recipe.CLASSES):
        (rows,) = np.nonzero(result.y_test == label)
        if len(rows):
            paths.append(folder / (re.sub(r"[^a-z0-9]+", "-", name.lower()) + ".png"))
            write_sample(paths[-1], result.x_test[rows[0]], 64 // recipe.INPUTS.size)
    return paths[:3]


def unscaled(run, rows):
    """Test rows in the units in which a user measures."""
    from pellucid.data import StandardScaler

    return StandardScaler.from_dict(run.config["scaler"]).inverse_transform(rows)
