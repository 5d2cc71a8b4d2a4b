"""Scale new data by the constants of the training set: by their own, the network sees other flowers than it learned.

    python examples/scaling.py --picture scaling.png

Before training each column x becomes z = (x - mean) / deviation, with the mean and the deviation of the training set.
These constants are part of the model: the same flower must give the same z for ever. Whoever scales the test set by the
mean and deviation of the test set itself moves each flower by what happens to lie beside it. With many flowers like
those of training that hardly matters. With few of them it does; and if all are of one kind, their mean becomes 0, what
was the middle of all kinds in training, and most are taken for the middle kind.
(Data: Fisher's iris, 1936. The rule: Ng, "Machine learning yearning", 2018; every text on leaks.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

TESTS = ("all of the rest", "10 of the rest", "5 of the rest", "one kind only")


def tables():
    """Iris is in the package; wine is there where the files are."""
    found: dict = {"iris": data.iris()}
    folder = folder_of("tabular")
    if folder is not None:
        found["wine"] = data.read_csv(folder / "wine.csv", header=False, labels=13)[:2]
    return found


def train(x, y, steps=80):
    """Softmax regression on scaled data: a function from scaled rows to classes."""
    pc.manual_seed(0)
    model = nn.Linear(x.shape[1], 3)
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    x, y = pc.tensor(x), pc.tensor(y)
    for _ in range(steps):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return lambda rows: model(pc.tensor(rows)).argmax(1).numpy()


def rows_of(test, y, random):
    """Which rows of the rest are tested."""
    if test == "one kind only":
        return np.flatnonzero(y == random.integers(3))
    count = len(y) if test.startswith("all") else int(test.split()[0])
    return random.permutation(len(y))[:count]


def accuracies(x, y, seed):
    """For each test set: right with the training set's constants, right with its own."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(x))
    learned, rest = order[: 2 * len(x) // 3], order[2 * len(x) // 3 :]
    scaler = data.StandardScaler().fit(x[learned])
    classify = train(scaler.transform(x[learned]), y[learned])
    found = []
    for test in TESTS:
        rows = rest[rows_of(test, y[rest], random)]
        right_way = scaler.transform(x[rows])
        wrong_way = data.StandardScaler().fit_transform(x[rows])
        found.append([(classify(z) == y[rows]).mean() for z in (right_way, wrong_way)])
    return found


def draw(results, path):
    """A panel for each table, two bars for each test set."""
    figure = new_figure(4 * len(results), 3.4)
    panels = figure.subplots(1, len(results), squeeze=False)[0]
    for axes, (name, found) in zip(panels, results.items(), strict=True):
        places = np.arange(len(TESTS))
        means, errors = found.mean(0), found.std(0, ddof=1) / np.sqrt(len(found))
        look = {"width": 0.38, "capsize": 2}
        axes.bar(places - 0.2, means[:, 0], yerr=errors[:, 0], color=BLUE, label="the training set's constants", **look)
        axes.bar(places + 0.2, means[:, 1], yerr=errors[:, 1], color=VERMILLION, label="its own constants", **look)
        axes.set_xticks(places, [test.replace(" of", "\nof").replace(" kind", "\nkind") for test in TESTS])
        axes.set_yticks(range(0, 101, 20))
        axes.set(ylabel="right (percent)", title=name, ylim=(0, 130))
        tidy(axes)
        axes.tick_params(axis="x", labelsize=8)
        axes.legend(frameon=False, loc="upper center", fontsize=8)
    save(figure, path)


def main():
    chosen = options(__doc__)
    seeds = 12 if chosen.fast else 50
    results = {}
    for name, (x, y) in tables().items():
        found = 100 * np.array([accuracies(x, y, seed) for seed in range(seeds)])  # (seeds, tests, 2)
        print(f"{name}: right, in percent, with the constants of  training   the test set   difference")
        for number, test in enumerate(TESTS):
            fair, own = found[:, number].T
            error = (fair - own).std(ddof=1) / np.sqrt(seeds)
            print(f"{test:44} {fair.mean():8.1f} {own.mean():14.1f}   {(fair - own).mean():5.1f} ± {error:.1f}")
        results[name] = found
    if chosen.picture:
        draw(results, chosen.picture)


if __name__ == "__main__":
    main()
