"""A coin with a square hole: how many hidden units three nested classes need.

    python examples/copper_coin.py --picture copper_coin.png

The hole, the metal around it and the table around that are three classes, one inside the other. Each hidden unit bends
the plane along one line; the regions of

    A = tanh(X W1^T + B1),   Z = A W2^T + B2,   the class with the largest of three scores

are made of such lines. Two units cannot close a border around anything: that takes three lines at least. Four do it
coarsely, and more make the corners of the hole. Each width is trained from several random beginnings, and measured on
points that it has not seen. (Data: ai-edu, chapter 11, "copper coin".)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim, view
from pellucid.view.canvas import new_figure, save


def coin(n, seed):
    """The same law, where there are no files: a square hole, a round coin, points without a clear place left out."""
    X = np.random.default_rng(seed).uniform(-0.5, 0.5, (2 * n, 2))
    hole, radius = np.abs(X).max(axis=1), np.hypot(*X.T)
    Y = np.where(hole < 0.21, 1, np.where(radius < 0.45, 2, 3))
    clear = (np.abs(hole - 0.21) > 0.01) & (np.abs(radius - 0.45) > 0.01)
    return X[clear][:n], Y[clear][:n].reshape(-1, 1)


def points_of(part, n, seed):
    """Points, float32 (n, 2) from about -1 to 1, and classes 0 (hole), 1 (metal), 2 (table)."""
    X, Y = samples(f"ch11.{part}") or coin(n, seed)
    return (2 * X).astype(np.float32), Y.reshape(-1).astype(np.int64) - 1


def learn(X, Y, units, seed, steps):
    """A network of two layers after `steps` steps, each with all points."""
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, units), nn.Tanh(), nn.Linear(units, 3))
    nn.init.normal_(model[0].weight, std=2.0)  # steep enough to bend within the coin
    optimizer = optim.Adam(model.parameters(), lr=0.03)

    @pc.compile
    def step(X, Y):
        J = F.cross_entropy(model(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    X, Y = pc.tensor(X), pc.tensor(Y)
    for _ in range(steps):
        step(X, Y)
    return lambda points: model(pc.tensor(points)).detach().numpy().argmax(axis=1)


def main():
    arguments = options(__doc__)
    widths, seeds, steps = ((2, 4, 16), 3, 500) if arguments.fast else ((1, 2, 4, 8, 16, 32), 5, 2000)
    X, Y = points_of("train", 1000, 0)
    x_test, y_test = points_of("test", 500, 1)
    largest = np.bincount(y_test).max() / len(y_test)
    print("units   right on the test set (mean, standard error)")
    print(f"    0   {largest:6.1%}           always the largest class")
    figure = new_figure(3.2 * min(3, len(widths)), 3.0 * -(-len(widths) // 3))
    for axes, units in zip(figure.subplots(-(-len(widths) // 3), 3).flat, widths, strict=True):
        answers = [learn(X, Y, units, seed, steps) for seed in range(seeds)]
        right = [float((answer(x_test) == y_test).mean()) for answer in answers]
        print(f"{units:5}   {np.mean(right):6.1%}  {np.std(right, ddof=1) / seeds**0.5:6.2%}")
        if arguments.picture:
            middle = answers[int(np.argsort(right)[seeds // 2])]
            view.decision_boundary(middle, x_test, y_test, title=f"{units} units", axes=axes)
    if arguments.picture:
        save(figure, arguments.picture)


if __name__ == "__main__":
    main()
