"""Tasks that share a trunk learn from each other: twenty small tables; names of digits, and questions about them.

    python examples/two_heads.py --picture two_heads.png

First tables whose truth is known. Twenty tasks have 10 rows each of 20 numbers x, and answers

    y = x W v + noise,      W (20, 2) the same for all, v (2) for each task its own.

Alone, a task has fewer rows than unknowns. With one trunk x W and a head v for each, all 200 rows speak about W.

Then digits: 3 of each are named. Of 1000 others somebody has answered three quick questions: does it have a hole, a
straight stroke, is it round at the bottom? A trunk with two heads, one for names and one for answers, learns from both.
(Caruana, "Multitask learning", 1997; Ando and Zhang, "A framework for learning predictive structures from multiple
tasks and unlabeled data", 2005.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, ORANGE, new_figure, save, tidy

TASKS, ROWS, INPUTS, SHARED, NOISE = 20, 10, 20, 2, 0.1
QUESTIONS = [(0, 6, 8, 9), (1, 2, 4, 5, 7), (0, 3, 5, 6, 8)]  # for which digits the answers are yes
ANSWERS = np.array([[digit in yes for yes in QUESTIONS] for digit in range(10)], np.float32)


def tables(seed):
    """X (tasks, rows, inputs) and Y (tasks, rows, 1), to learn from and to test."""
    random = np.random.default_rng(seed)
    W = random.standard_normal((INPUTS, SHARED)) / INPUTS**0.5
    v = random.standard_normal((TASKS, SHARED, 1)) / SHARED**0.5
    for rows in (ROWS, 200):
        X = random.standard_normal((TASKS, rows, INPUTS))
        yield from (X.astype(np.float32), (X @ W @ v + random.normal(0, NOISE, (TASKS, rows, 1))).astype(np.float32))


def alone(X, Y, x_test):
    """Each task by itself: of all weights that fit its rows, the smallest (pseudo-inverse)."""
    return x_test @ np.linalg.pinv(X) @ Y


def together(X, Y, x_test, seed, steps):
    """A trunk that all tasks share, and a head for each; the heads are the slices of one tensor (tasks, 2, 1)."""
    pc.manual_seed(seed)
    trunk, heads = nn.Linear(INPUTS, SHARED, bias=False), nn.Parameter(pc.randn(TASKS, SHARED, 1))
    # Without this pull towards 0, in 2 of 10 seeds trunk and a head fit their rows by numbers that grow without end.
    optimizer = optim.Adam([trunk.weight, heads], lr=0.03, weight_decay=0.003)
    X, Y = pc.from_numpy(X), pc.from_numpy(Y)
    for _ in range(steps):
        J = F.mse_loss(trunk(X) @ heads, Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return (trunk(pc.from_numpy(x_test)) @ heads).detach().numpy()


def named(seed, asking, steps):
    """Accuracy in naming digits, in per cent, without the questions or with them."""
    images, labels = data.digits()
    images = images.reshape(len(images), -1)
    order = np.random.default_rng(seed).permutation(len(images))
    few = np.concatenate([order[labels[order] == label][:3] for label in range(10)])
    rest = np.setdiff1d(order, few, assume_unique=True)
    asked, tests = rest[:1000], rest[1000:]
    pc.manual_seed(seed)
    trunk, names, answers = nn.Sequential(nn.Linear(64, 64), nn.ReLU()), nn.Linear(64, 10), nn.Linear(64, 3)
    optimizer = optim.Adam([*trunk.parameters(), *names.parameters(), *answers.parameters()], lr=0.01)
    x, y = pc.from_numpy(images[few]), pc.from_numpy(labels[few])
    others, yes = pc.from_numpy(images[asked]), pc.from_numpy(ANSWERS[labels[asked]])
    for _ in range(steps):
        J = F.cross_entropy(names(trunk(x)), y)
        if asking:
            J = J + F.binary_cross_entropy_with_logits(answers(trunk(others)), yes)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    with pc.no_grad():
        return 100 * metrics.accuracy(names(trunk(pc.from_numpy(images[tests]))), labels[tests])


def draw(squares, rights, path):
    """Each seed is a line from alone to together."""
    figure = new_figure(7, 3.4)
    parts = [("twenty tables", "mean squared error", squares), ("digits", "accuracy in naming, %", rights)]
    for axes, (title, label, values) in zip(figure.subplots(1, 2), parts, strict=True):
        axes.plot([0, 1], values.T, "o-", color=BLUE, alpha=0.5)
        axes.plot([0, 1], values.mean(axis=0), "D", color=ORANGE, markersize=9, label="mean")
        axes.set(title=title, xticks=[0, 1], xticklabels=["alone", "together"], xlim=(-0.3, 1.3), ylabel=label)
        tidy(axes)
        axes.legend(frameon=False)
    figure.axes[0].set_ylim(0, None)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, steps = (5, 300) if arguments.fast else (10, 600)
    squares, rights = np.empty((2, seeds, 2))
    for seed in range(seeds):
        X, Y, x_test, y_test = tables(seed)
        answers = alone(X, Y, x_test), together(X, Y, x_test, seed, steps)
        squares[seed] = [((answer - y_test) ** 2).mean() for answer in answers]
        rights[seed] = [named(seed, asking, steps // 3) for asking in (False, True)]
    print(f"alone and together, {seeds} seeds; mean difference and its standard error")
    for name, values in [("twenty tables, squared error", squares), ("digits named right, %", rights)]:
        change = values[:, 1] - values[:, 0]
        print(f"{name:28} {values[:, 0].mean():7.3f} {values[:, 1].mean():7.3f}", end="  ")
        print(f"change {change.mean():+.3f} +- {change.std(ddof=1) / seeds**0.5:.3f}")
    print(f"the noise alone has a squared error of {NOISE**2:.3f}")
    if arguments.picture:
        draw(squares, rights, arguments.picture)


if __name__ == "__main__":
    main()
