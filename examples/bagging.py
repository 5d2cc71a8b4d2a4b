"""Bagging: five networks, each taught by a sample of the samples, vote; together they are wrong less often than one.

    python examples/bagging.py --picture bagging.png

A bootstrap sample draws n rows out of n, with repetition: some come twice, and a share of (1 - 1/n)^n, about 1/e or
37 %, not at all. Networks that saw different samples are wrong at different places, and there the others outvote them.
Two ways to put answers together: each network has one vote, or their probabilities are averaged, which counts those
more that are more sure. Five networks on all samples, which differ in their first numbers only, stand beside it.

The task: digits, 300 to learn, every fourth with a label drawn anew.
(Breiman, "Bagging predictors", 1996; Hansen and Salamon, "Neural network ensembles", 1990.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, GREEN, ORANGE, PURPLE, VERMILLION, new_figure, save, tidy

NETS, FEW = 5, 300
WAYS = {
    "one network, all rows": VERMILLION,
    "one bootstrap network": ORANGE,
    "5 bagged, voting": GREEN,
    "5 bagged, averaged": BLUE,
    "5, all rows, averaged": PURPLE,
}


def make_step():
    """A network and one step of its training, compiled once for all that are trained."""
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    untouched = optimizer.state_dict()

    @pc.compile
    def step(X, y):
        J = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    def learn(X, y, x_test):
        """From other first numbers each time: the probabilities of each class for the test, (rows, 10)."""
        for part in (model[0], model[2]):
            part.reset_parameters()
        optimizer.load_state_dict(untouched)
        X, y = pc.tensor(X), pc.tensor(y)
        for _ in range(200):
            step(X, y)
        with pc.no_grad():
            return F.softmax(model(pc.tensor(x_test)), 1).numpy()

    return learn


def voted(answers):
    """The class with the most votes, of equally many the one with the larger mean probability. (nets, rows, 10)"""
    votes = np.eye(10)[answers.argmax(axis=2)].sum(axis=0)
    return (votes + 0.5 * answers.mean(axis=0)).argmax(axis=1)


def errors_of(seed, learn):
    """Wrong answers in percent of each of the WAYS, and the share of rows that a bootstrap sample has."""
    random = np.random.default_rng(seed)
    pc.manual_seed(seed)
    X, y = data.digits()
    order = random.permutation(len(y))
    X, y = X[order].reshape(-1, 64), y[order]
    labels, x_test, y_test = y[:FEW].copy(), X[FEW:], y[FEW:]
    labels[::4] = random.integers(0, 10, len(labels[::4]))

    drawn = [random.integers(0, FEW, FEW) for _ in range(NETS)]  # row numbers with repetition: bootstrap samples
    bagged = np.stack([learn(X[rows], labels[rows], x_test) for rows in drawn])
    whole = np.stack([learn(X[:FEW], labels, x_test) for _ in range(NETS)])
    answers = [whole[0].argmax(1), bagged.argmax(2), voted(bagged), bagged.mean(0).argmax(1), whole.mean(0).argmax(1)]
    return [100 * np.mean(answer != y_test) for answer in answers], np.mean([len(set(rows)) / FEW for rows in drawn])


def draw(errors, path):
    """The wrong answers of each way: every seed, and the mean."""
    figure = new_figure(6.4, 3.6)
    axes = figure.add_subplot()
    for place, color in enumerate(WAYS.values()):
        axes.plot(errors[:, place], [-place] * len(errors), "o", color=color, markersize=4, alpha=0.6)
        axes.plot(errors[:, place].mean(), -place, "D", color=color, markersize=9)
    axes.set_yticks(-np.arange(len(WAYS)), list(WAYS))
    axes.set(xlabel="wrong answers of the test (%)", title=f"{len(errors)} seeds, and their means", ylim=(-4.5, 0.5))
    tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds = 5 if arguments.fast else 20
    learn = make_step()
    found = [errors_of(seed, learn) for seed in range(seeds)]
    errors = np.array([row for row, _ in found])
    share = 100 * np.mean([distinct for _, distinct in found])
    expected = 100 * (1 - (1 - 1 / FEW) ** FEW)
    print(f"rows in a bootstrap sample: {share:.1f} % of all   1 - (1 - 1/n)^n = {expected:.1f} %")
    for name, column in zip(WAYS, errors.T, strict=True):
        gain = errors[:, 0] - column
        error = gain.std(ddof=1) / np.sqrt(seeds)
        told = f", gain {gain.mean():.1f} points, standard error {error:.1f}, {seeds} seeds" if error else ""
        print(f"{name:22} {column.mean():.1f} % wrong{told}")
    if arguments.picture:
        draw(errors, arguments.picture)


if __name__ == "__main__":
    main()
