"""Where anything of the test was seen before, even labels that are pure noise are "predicted".

    python examples/splits.py --picture splits.png

One part of the data is to learn from, one to choose by (validation), one for the final figure only (test). What can be
learned of labels that have nothing to do with the features? Nothing: 50 %. So whoever finds more has a leak:

    rows that stand in two parts     learned by heart, they look understood (`data.split` refuses them)
    features chosen with all rows    among 2000 some fit the test labels by chance, and these were looked for
    the best of 50 models, told by the validation figure that it was chosen by: the test has the true one

(Ambroise and McLachlan, "Selection bias in gene extraction", 2002; Hastie, Tibshirani and Friedman, "The elements of
statistical learning", 2009, section 7.10.)
"""

import numpy as np
from common import options

from pellucid import data
from pellucid.errors import ArgumentError
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy


def centres(x, y, x_test):
    """The class with the nearer mean: what a linear classifier learns here. Labels 0 and 1."""
    means = np.stack([x[y == label].mean(axis=0) for label in (0, 1)])
    return ((x_test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)


def neighbour(x, y, x_test):
    """The label of the nearest training row: learning by heart."""
    return y[((x_test[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)]


def noise(rows, columns, random):
    """Features and labels that have nothing to do with each other."""
    return random.normal(size=(rows, columns)), random.permutation(rows) % 2


def twice(seed, duplicates):
    """Every row stands twice in the data; then they are divided."""
    x, y = noise(100, 5, np.random.default_rng(seed))
    x, y = np.concatenate([x, x]), np.concatenate([y, y])
    x_train, x_test, y_train, y_test = data.split(x, y, test_size=0.3, duplicates=duplicates, seed=seed)
    return np.mean(neighbour(x_train, y_train, x_test) == y_test)


def best_features(x, y, count=20):
    """The features whose means differ most between the classes."""
    return np.argsort(-abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0)))[:count]


def chosen(seed, before):
    """20 of 2000 features are chosen by all rows before the split, or by the training rows after it."""
    x, y = noise(60, 2000, np.random.default_rng(seed))
    x_train, x_test, y_train, y_test = data.split(x, y, test_size=0.5, stratify=y, seed=seed)
    columns = best_features(x, y) if before else best_features(x_train, y_train)
    return np.mean(centres(x_train[:, columns], y_train, x_test[:, columns]) == y_test)


def best_of_many(seed, told_by_validation):
    """50 models, each with 3 features drawn at random; the best one in validation is kept."""
    random = np.random.default_rng(seed)
    x, y = noise(200, 30, random)
    x, x_val, x_test, y, y_val, y_test = data.train_val_test_split(x, y, val_size=50, test_size=50, seed=seed)
    models = [random.choice(30, 3, replace=False) for _ in range(50)]
    best = max(models, key=lambda m: np.mean(centres(x[:, m], y, x_val[:, m]) == y_val))
    held, labels = (x_val, y_val) if told_by_validation else (x_test, y_test)
    return np.mean(centres(x[:, best], y, held[:, best]) == labels)


WAYS = (
    (
        "rows in two parts",
        lambda seed: twice(seed, "allow"),
        "equal rows together",
        lambda seed: twice(seed, "together"),
    ),
    ("features by all rows", lambda seed: chosen(seed, True), "by training rows", lambda seed: chosen(seed, False)),
    ("best of 50: validation", lambda seed: best_of_many(seed, True), "test", lambda seed: best_of_many(seed, False)),
)


def draw(table, path):
    """The three leaks and their remedies."""
    figure = new_figure(6.4, 3.6)
    axes = figure.add_subplot()
    for place, (wrong, bad, right, good) in enumerate(table):
        for height, name, (value, error), color in ((0.0, wrong, bad, VERMILLION), (0.4, right, good, BLUE)):
            axes.barh(place + height, 100 * value, 0.36, color=color, xerr=200 * error)
            axes.text(2, place + height, f"{name}: {100 * value:.0f} %", va="center", color="white", fontsize=9)
    axes.axvline(50, color=INK, linestyle=":")
    axes.set(xlabel="accuracy on labels that are pure noise (%)", yticks=[], xlim=(0, 100))
    axes.invert_yaxis()
    tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds = 30 if arguments.fast else 200
    try:
        twice(0, "refuse")
    except ArgumentError as error:
        print("data.split:", str(error).splitlines()[0])
    table = []
    for wrong, bad, right, good in WAYS:
        leak, honest = (np.array([way(seed) for seed in range(seeds)]) for way in (bad, good))
        leak, honest = ((found.mean(), found.std(ddof=1) / np.sqrt(seeds)) for found in (leak, honest))
        print("{:23} {:.3f} +- {:.3f}   {:20} {:.3f} +- {:.3f}   truth 0.5".format(wrong, *leak, right, *honest))
        table.append((wrong, leak, right, honest))
    if arguments.picture:
        draw(table, arguments.picture)


if __name__ == "__main__":
    main()
