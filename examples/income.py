"""Who earns more than 50,000 dollars: what a net gains over logistic regression depends on how the table is written.

    python examples/income.py --picture income.png

Three guesses at the same 14 columns of a census: always "no"; logistic regression, softmax(W x + b); and two hidden
layers before it. The table has kinds written as numbers (of marriage, work, country ...). As numbers, kind 4 would be
four times kind 1, which means nothing: a straight line suffers, layers can bend around it. With a column of 0 and 1
for each kind (one-hot), and logarithms of the gains, logistic regression has most of that by itself.
(Kohavi, "Scaling up the accuracy of naive-Bayes classifiers", 1996: the census data known as Adult; here as prepared
for the ai-edu course, chapter 14.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, train
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

KINDS = [1, 3, 5, 6, 7, 8, 9, 13]  # columns: work, education, marriage, occupation, relation, race, sex, country
GAINS = [10, 11]  # capital gain and loss, in dollars: mostly 0, at times thousands


def made(count, seed):
    """Where the real table is not: kinds with levels of their own, and an age at which incomes are highest."""
    random, levels = np.random.default_rng(seed), np.random.default_rng(0).normal(0, 1, (14, 8))
    X = random.integers(0, 8, (count, 14)).astype(np.float64)
    X[:, 0] = random.uniform(17, 90, count)
    odds = sum(levels[column, X[:, column].astype(int)] for column in KINDS) - ((X[:, 0] - 50) / 15) ** 2
    return X, (random.logistic(size=count) < odds)[:, None].astype(np.float64)


def one_hot(X, x_test):
    """Numbers as they are, gains as log(1 + gain), and a column for each kind that the training part has."""
    columns, test_columns = [], []
    for column in range(X.shape[1]):
        x, tests = X[:, [column]], x_test[:, [column]]
        if column in KINDS:
            x, tests = x == np.unique(x), tests == np.unique(x)
        elif column in GAINS:
            x, tests = np.log1p(x), np.log1p(tests)
        columns.append(x)
        test_columns.append(tests)
    return np.hstack(columns).astype(np.float64), np.hstack(test_columns).astype(np.float64)


def right(hidden, parts, seed, epochs):
    """Accuracy on the test part, in per cent; `hidden` are the sizes of the hidden layers."""
    X, Y, x_test, y_test = parts
    pc.manual_seed(seed)
    model = models.mlp(X.shape[1], *hidden, 2) if hidden else nn.Linear(X.shape[1], 2)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    slower = train.Schedule(optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs))
    batches = data.DataLoader((X, Y), 128, shuffle=True, drop_last=True, seed=seed)
    train.fit(
        model, batches, loss=F.cross_entropy, optimizer=optimizer, epochs=epochs, callbacks=[slower], progress=False
    )
    figures = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return 100 * figures["accuracy"]


def draw(rows, majority, path):
    """Accuracies side by side."""
    figure = new_figure(5.4, 3.6)
    axes = figure.subplots()
    for place, (name, color) in enumerate([("logistic regression", ORANGE), ("two hidden layers", BLUE)]):
        heights = [row[place].mean() for row in rows.values()]
        axes.bar(np.arange(len(rows)) + 0.36 * place - 0.18, heights, 0.34, color=color, label=name)
    axes.axhline(majority, color=INK, linestyle="--", linewidth=1, label='always "no"')
    axes.set(
        xticks=range(len(rows)), xticklabels=list(rows), ylim=(majority - 2, 89), ylabel="accuracy on the test part, %"
    )
    tidy(axes)
    axes.grid(visible=False, axis="x")
    axes.legend(frameon=False, ncols=2, loc="upper left", fontsize=8)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, epochs, people = (3, 4, 8000) if arguments.fast else (5, 12, None)
    X, Y = samples("ch14.Income.train") or made(8000, seed=1)
    x_test, y_test = samples("ch14.Income.test") or made(4000, seed=2)
    X, Y, y_test = X[:people], Y[:people, 0].astype(np.int64), y_test[:, 0].astype(np.int64)
    majority = 100 * (1 - y_test.mean())
    print(f"{len(X)} people to learn from, {len(x_test)} to test; always 'no' is right for {majority:.2f} %")

    rows = {}
    for name, tables in {"kinds as numbers": (X, x_test), "kinds one-hot": one_hot(X, x_test)}.items():
        scaler = data.StandardScaler().fit(tables[0])
        x, tests = (scaler.transform(table).astype(np.float32) for table in tables)
        parts = x, Y, tests, y_test
        rows[name] = [
            np.array([right(hidden, parts, seed, epochs) for seed in range(seeds)]) for hidden in ((), (64, 32))
        ]
        logistic, layers = rows[name]
        gain, error = (layers - logistic).mean(), (layers - logistic).std(ddof=1) / seeds**0.5
        print(
            f"{name:16} ({x.shape[1]:3} columns)  logistic regression {logistic.mean():.2f} %"
            f"  two hidden layers {layers.mean():.2f} %  gain {gain:.2f} +- {error:.2f}"
        )
    if arguments.picture:
        draw(rows, majority, arguments.picture)


if __name__ == "__main__":
    main()
