"""What a network answered, kept in the folder of its run, so that a report needs neither model nor data.

predictions.safetensors holds, for each part of the data (training, validation, test): the answers for all rows (for the
training part, which may be large, for some), the right answers, the inputs of the worst rows, and mean and standard
deviation of each number of an input. See docs/choices/report.md.
"""

from typing import Any, NamedTuple

import numpy as np

from pellucid.data import DataLoader
from pellucid.errors import ArgumentError, DataFileError, ShapeError
from pellucid.nn import Module
from pellucid.report.folders import run_of
from pellucid.report.label_errors import suspect_rows
from pellucid.tensors import from_numpy
from pellucid.train import load_with_metadata, save
from pellucid.train.look import Predictor, looking
from pellucid.train.loop import as_loader

FILE = "predictions.safetensors"
PARTS = ("training", "validation", "test")
MOST = 10_000  # rows of a part whose answers are kept, spread evenly over it
INPUTS, SUSPECTS = 40, 30  # rows of a part whose inputs are kept: the worst, and those with the most doubtful labels
KINDS = {"classes", "numbers"}


class Part(NamedTuple):
    """One part of the data. `answers` are probabilities (n, classes), or the predicted numbers (n, outputs)."""

    size: int  # rows of the whole part
    rows: Any  # their numbers in the data that were handed in, (n,)
    answers: Any
    y: Any  # the right answers: classes (n,), or numbers (n, outputs)
    shown: Any  # which of the n have their input kept
    x: Any  # these inputs
    mean: Any  # of each number of an input
    std: Any

    @property
    def wrong(self):
        """Which rows of a classification got a wrong answer, (n,)."""
        return self.answers.argmax(axis=1) != self.y

    @property
    def errors(self):
        """How far the predicted numbers are off, (n, outputs)."""
        return self.answers.astype(np.float64) - self.y

    @property
    def badness(self):
        """How bad each answer is: -log p(right class), or the root mean square error of the row."""
        if self.y.ndim == 1:
            return -np.log(np.maximum(self.answers[np.arange(len(self.y)), self.y], 1e-12))
        return np.sqrt((self.errors**2).mean(axis=1))


class Kept(NamedTuple):
    """All that is kept of a run's predictions: "classes" or "numbers", and the parts by name."""

    kind: str
    classes: list
    features: list
    picture: Any
    parts: dict


def keep(run, model, *, training=None, validation=None, test=None, classes=None, features=None, picture=None,
         sizes=None):  # fmt: skip
    """Write down what a model answers, in the folder of its run, for `report.write`.

    Recipes do that by themselves at their end. After a training of your own:

        run = train.Run.create("mine")
        train.fit(model, (x_train, y_train), ..., run=run)
        report.keep(run, model, training=(x_train, y_train), validation=(x_val, y_val), test=(x_test, y_test))
        report.write(run)

    Args:
        run: a Run or the path of its folder.
        model: the trained model: scores or probabilities (n, classes) where the right answers are classes; one score a
            row for yes or no (a logit, if any of them is outside of 0 to 1); else numbers, (n,) or (n, outputs).
        training, validation, test: each a pair of arrays (x, y) or a DataLoader that does not shuffle; at least one.
            Training data come as the model sees them without augmentation. Of a pair at most 10,000 rows are looked at.
        classes: the names of the classes.
        features: the names of the columns of a table.
        picture: (height, width), if rows of numbers are to be shown as pictures.
        sizes: how many rows a part has, by its name, if only some of them are handed in: {"training": 55_000}.

    Raises ArgumentError, ShapeError, LabelError for what does not fit, DataNotFoundError if there is no such run.

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
    ...     keep(run, model, test=data.xor(), classes=["no", "yes"]).name
    'predictions.safetensors'
    """
    run = run_of(run)
    if not isinstance(model, Module):
        raise ArgumentError(f"keep needs a model (an nn.Module), and got {type(model).__name__}.")
    given = {"training": training, "validation": validation, "test": test}
    given = {name: part for name, part in given.items() if part is not None}
    if not given:
        raise ArgumentError(
            "there are no data to keep answers for.", remedy="Give some: keep(run, model, test=(x, y))."
        )
    classes, features = names_of("classes", classes), names_of("features", features)
    found = {name: answered(name, model, part) for name, part in given.items()}
    kinds = {name: kind_of(scores, y) for name, (_, _, _, scores, y) in found.items()}
    if len(set(kinds.values())) > 1:
        raise ArgumentError(
            "the right answers are classes in one part and numbers in another: "
            + ", ".join(f"{name}: {kind}" for name, kind in kinds.items())
        )
    kind = next(iter(kinds.values()))
    # One number outside of 0 to 1, in whichever part, shows that the model answers with logits in all of them.
    logits = any(((s < 0) | (s > 1)).any() for _, _, _, s, _ in found.values() if one_score(s))
    tensors, kept_sizes = {}, {}
    for name, (size, rows, x, scores, y) in found.items():
        answers, right = as_classes(name, scores, y, logits) if kind == "classes" else as_numbers(name, scores, y)
        part = Part(size, rows, answers, right, None, None, None, None)
        wrong_first = ~part.wrong if kind == "classes" else np.zeros(len(right), bool)
        worst = np.lexsort((-part.badness, wrong_first))[:INPUTS].tolist()
        worst = np.array(list(dict.fromkeys(worst + suspect_rows(answers, right)[:SUSPECTS].tolist())))
        mean, std = moments(x)
        arrays = {"rows": rows, "answers": answers, "y": right, "shown": worst, "x": x[worst]}
        arrays |= {"mean": mean, "std": std}
        tensors |= {f"{name}.{key}": np.ascontiguousarray(value) for key, value in arrays.items()}
        kept_sizes[name] = max(size, (sizes or {}).get(name, 0))
    if classes and kind == "classes":
        width = tensors[f"{next(iter(found))}.answers"].shape[1]
        if len(classes) != width:
            raise ArgumentError(f"the model tells {width} classes apart, and {len(classes)} names came.")
    notes = {"kind": "predictions", "of": kind, "classes": classes, "features": features, "sizes": kept_sizes}
    notes["picture"] = picture_shape(picture, found)
    path = run.folder / FILE
    save(tensors, path, notes)
    return path


def moments(x):
    """Mean and standard deviation of each number of an input, in float64, some hundred rows at a time."""
    rows = x.reshape(len(x), -1)
    mean = rows.mean(axis=0, dtype=np.float64)
    squares = sum(((rows[i : i + 500] - mean) ** 2).sum(axis=0) for i in range(0, len(rows), 500))
    return mean, np.sqrt(squares / len(rows))


def answered(name, model, part):
    """Size of a part, numbers of its rows, and their inputs, scores and right answers."""
    if isinstance(part, DataLoader):
        if part.shuffle:
            raise ArgumentError(
                f"the {name} data come in a random order, so that no row can be found again.",
                remedy="Give a DataLoader with shuffle=False, or a pair of arrays (x, y).",
            )
        size, rows = len(part.dataset), None
        loader = part
    else:
        x, y = pair(name, part)
        size = len(x)
        rows = np.linspace(0, size - 1, min(MOST, size)).astype(np.int64)
        loader = as_loader((x[rows], y[rows]), batch_size=250)
    xs, ys, scores = [], [], []
    first = next(iter(loader.batches(0)), (None, None))
    if len(first) != 2:
        raise ArgumentError(f"a batch of the {name} data has {len(first)} arrays, and a pair (x, y) is needed.")
    predict = Predictor(model, len(loader)).ready(map(from_numpy, batch) for batch in loader.batches(0))
    with looking(model):
        for x, y in loader.batches(0):
            xs.append(np.array(x))
            ys.append(np.array(y))
            scores.append(np.array(predict(from_numpy(x)).numpy()))
    if not xs:
        raise ArgumentError(f"there is not a single row in the {name} data.")
    scores, y = np.concatenate(scores), np.concatenate(ys)
    rows = np.arange(len(y)) if rows is None else rows
    if not np.isfinite(scores).all():
        raise ArgumentError(f"the model's answers for the {name} data are not all finite.")
    return size, rows, np.concatenate(xs), scores, y


def pair(name, part):
    """A pair of arrays with as many rows, at least one."""
    try:
        x, y = (np.asarray(array.detach() if hasattr(array, "detach") else array) for array in part)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"the {name} data are a {type(part).__name__}, and a pair of arrays (x, y) or a DataLoader is needed.",
            remedy=f"Pass inputs and answers together: {name}=(x, y)",
        ) from None
    if x.ndim < 1 or y.ndim < 1 or len(x) != len(y) or not len(x) or x.dtype.kind not in "biuf":
        raise ShapeError(
            f"the {name} data are {x.dtype}{list(x.shape)} and {y.dtype}{list(y.shape)}: "
            "as many rows of numbers as answers are needed, and at least one."
        )
    return x, y


def kind_of(scores, y):
    """Are the right answers classes or numbers?"""
    if y.dtype.kind not in "biuf":
        raise ArgumentError(
            f"the right answers have the dtype {y.dtype}.",
            remedy="np.unique(names, return_inverse=True) numbers the names of classes.",
        )
    yes_or_no = bool(np.isin(y, (0, 1)).all())
    if one_score(scores):
        return "classes" if yes_or_no else "numbers"
    if y.ndim == 2 and y.shape == scores.shape:
        one_hot = yes_or_no and bool((y.sum(axis=1) == 1).all())
        return "classes" if one_hot else "numbers"
    return "numbers" if y.dtype.kind == "f" else "classes"


def one_score(scores):
    """Is there a single number for each row?"""
    return scores.ndim == 1 or scores.shape[1:] == (1,)


def as_classes(name, scores, y, logits):
    """Probabilities (n, classes) and class numbers (n,). `logits`: are single scores logits, or probabilities?"""
    from pellucid.metrics.classes import checked_classes

    if one_score(scores):
        yes = scores.reshape(-1).astype(np.float64)
        if logits:
            yes = 1 / (1 + np.exp(-yes.clip(-500, 500)))
        p, y = np.stack([1 - yes, yes], axis=1), y.reshape(-1)
    else:
        if scores.ndim != 2:
            raise ShapeError(f"for classes the model must answer (n, classes); it gave {list(scores.shape)}.")
        p = scores.astype(np.float64)
        if not ((p >= 0).all() and np.allclose(p.sum(axis=1), 1, atol=1e-4)):
            p = np.exp(p - p.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
        y = y.argmax(axis=1) if y.ndim == 2 and y.shape == p.shape else y
    if y.shape != p.shape[:1]:
        raise ShapeError(f"{list(p.shape)} answers do not fit {list(y.shape)} labels of the {name} data.")
    return p.astype(np.float32), checked_classes(f"the {name} data", "label", y, p.shape[1])


def as_numbers(name, scores, y):
    """Predicted and right numbers, both (n, outputs)."""
    scores, y = scores.reshape(len(scores), -1), y.reshape(len(y), -1)
    if scores.shape != y.shape:
        raise ShapeError(f"{list(scores.shape)} answers do not fit {list(y.shape)} numbers of the {name} data.")
    if not np.isfinite(y).all():
        raise ArgumentError(f"the right answers of the {name} data are not all finite.")
    return scores.astype(np.float64), y.astype(np.float64)


def names_of(what, names):
    """Names as a list of texts; none is an empty list."""
    if names is None:
        return []
    if isinstance(names, (str, bytes, dict)) or not hasattr(names, "__iter__"):
        raise ArgumentError(f"{what} is a list of names, not {names!r:.50}.")
    return [str(name) for name in names]


def picture_shape(picture, found):
    """The shape in which inputs are shown, checked against them."""
    if picture is None:
        return None
    try:
        shape = [int(length) for length in picture]
    except (TypeError, ValueError):
        shape = []
    width = int(np.prod(next(iter(found.values()))[2].shape[1:]))
    if len(shape) not in (2, 3) or np.prod(shape) != width:
        raise ArgumentError(f"picture={picture!r:.50} is no (height, width) of rows with {width} numbers.")
    return shape


def read(run):
    """What is kept of a run, or None if nothing is. Raises DataFileError, FormatError for a damaged or newer file."""
    path = run.folder / FILE
    if not path.exists():
        return None
    tensors, metadata = load_with_metadata(path)
    notes = metadata or {}
    try:
        parts = {}
        for name in PARTS:
            if name in notes["sizes"]:
                arrays = [tensors[f"{name}.{key}"].numpy() for key in Part._fields[1:]]
                parts[name] = check_part(Part(int(notes["sizes"][name]), *arrays))
        if notes["kind"] != "predictions" or notes["of"] not in KINDS or not parts:
            raise ValueError("it holds no predictions")
        return Kept(notes["of"], list(notes["classes"]), list(notes["features"]), notes["picture"], parts)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataFileError(
            f"{path} is damaged: {type(error).__name__}: {error}.",
            remedy=f"Move it away; the report is then made without it: {path.name}",
        ) from None


def check_part(part):
    """A part whose arrays fit each other, or a ValueError."""
    n = len(part.y)
    if not len(part.answers) == len(part.rows) == n or len(part.shown) != len(part.x) or part.answers.ndim != 2:
        raise ValueError("its arrays do not fit each other")
    if len(part.shown) and not 0 <= part.shown.min() <= part.shown.max() < n:
        raise ValueError("it shows rows that it does not have")
    if part.y.ndim == 1 and n and not 0 <= part.y.min() <= part.y.max() < part.answers.shape[1]:
        raise ValueError("it has labels of no class")
    return part
