"""How far a test is to be trusted: the accuracy that it shows is spread by sqrt(p (1 - p) / n).

    python examples/size_of_test_set.py --picture size_of_test_set.png

A network is trained once. Its true accuracy p is measured on 100 000 points, as many as one likes, since they are
computed from a law. Then it is measured on many small test sets of n points. Each answer is right or wrong like the
toss of a coin with probability p, so the accuracies are spread about p with the standard error sqrt(p (1 - p) / n):
four times the points, half the spread. That is why one percent is enough for the test where there are millions of
samples, and a third where there are a few hundred.
(The law of the spread: Jacob Bernoulli, "Ars conjectandi", 1713.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, train
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

SIZES = (25, 100, 400, 1600, 6400)


def answers_of_a_network():
    """Whether each of 100 000 points is put into the right class."""
    model = models.mlp(2, 16, 2)
    few = data.moons(n=400, noise=0.35, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    train.fit(model, few, loss=F.cross_entropy, optimizer=optimizer, epochs=10, progress=False)
    points, labels = data.moons(n=100_000, noise=0.35, seed=1)
    with pc.no_grad():
        return model(pc.tensor(points)).numpy().argmax(axis=1) == labels


def draw(p, found, path):
    """Accuracies of many test sets by size, and the spread that the formula says."""
    figure = new_figure(8.8, 3.8)
    left, right = figure.subplots(1, 2)
    places = np.arange(len(SIZES))
    for body in left.violinplot(found, places, widths=0.8, showextrema=False)["bodies"]:
        body.set(facecolor=BLUE, alpha=0.5)
    expected = np.sqrt(p * (1 - p) / np.array(SIZES))
    left.errorbar(places, [p] * len(SIZES), 2 * expected, fmt="o", color=INK, label="p and 2 standard errors")
    left.set_xticks(places, [str(n) for n in SIZES])
    left.set(xlabel="points in the test set", ylabel="accuracy that it shows")
    right.loglog(SIZES, expected, "-", color=INK, label="$\\sqrt{p (1 - p) / n}$")
    right.loglog(SIZES, np.std(found, axis=1), "o", color=VERMILLION, label="spread of many test sets")
    right.set(xlabel="points in the test set", ylabel="standard error of the accuracy")
    for axes in (left, right):
        tidy(axes)
        axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    draws = 1000 if arguments.fast else 5000
    random = np.random.default_rng(0)
    right = answers_of_a_network()
    p = right.mean()
    found = [random.choice(right, (draws, n)).mean(axis=1) for n in SIZES]
    print(f"true accuracy p = {p:.4f}, measured on {len(right)} points")
    for n, accuracies in zip(SIZES, found, strict=True):
        low, high = np.quantile(accuracies, [0.025, 0.975])
        print(
            f"{n:5} test points: spread {accuracies.std(ddof=1):.4f}   sqrt(p(1-p)/n) {np.sqrt(p * (1 - p) / n):.4f}"
            f"   95 of 100 tests show {100 * low:.1f} % to {100 * high:.1f} %"
        )
    if arguments.picture:
        draw(p, found, arguments.picture)


if __name__ == "__main__":
    main()
