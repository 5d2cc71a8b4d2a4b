"""One sample in 51 is of the class that matters: accuracy says 98 % to who never finds it, and other figures do not.

    python examples/class_imbalance.py --picture class_imbalance.png

    precision = found rightly / all that was called so      recall = found rightly / all that is so
    F1 = 2 precision recall / (precision + recall)
    ROC area = the chance that one of the class has a larger score than one of the rest (0.5: guessing)

The loss is a mean over samples, and 98 % of them pull to "no". Three remedies make the few count as much as the many:
weights in the loss (pos_weight), drawing the few more often (re-sampling), or leaving the training alone and moving the
threshold: yes if the probability is above the share of yes, 1/51, not above 1/2. All three find most of the class and
pay in precision, so much that here F1 is lower than before; the order of the scores, and so the ROC area, hardly
changes. What is best is what errors cost.
(Fawcett, "An introduction to ROC analysis", 2006; Elkan, "The foundations of cost-sensitive learning", 2001.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, new_figure, save, tidy

FIGURES = ("accuracy", "precision", "recall", "F1", "ROC area")
COLORS = {"always no": INK, "plain": VERMILLION, "weights": BLUE, "re-sampled": GREEN, "threshold": ORANGE}


def arcs(seed):
    """Two arcs that overlap; of the outer one only every 51st point is left, and 50 inner points for each."""
    x, y = data.arcs(n=8160, noise=0.35, seed=seed)
    inner, outer = np.flatnonzero(y == 0), np.flatnonzero(y == 1)[::51]
    rows = np.sort(np.concatenate([inner[: 50 * len(outer)], outer]))
    return x[rows], y[rows]


def learn(x, y, seed, pos_weight=1.0, steps=300):
    """A small network, as a function that gives each point a score: log of the odds of yes."""
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    X, Y, weight = pc.tensor(x), pc.tensor(y[:, None].astype(np.float32)), pc.tensor([pos_weight])

    @pc.compile
    def step(X, Y, weight):
        J = F.binary_cross_entropy_with_logits(model(X), Y, pos_weight=weight)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    for _ in range(steps):
        step(X, Y, weight)
    return lambda x: model(pc.tensor(x)).numpy().ravel()


def measured(scores, y):
    """The five figures; a score from 0 on is a yes."""
    by_threshold = metrics.binary_accuracy, metrics.precision, metrics.recall, metrics.f1
    return [*(metric(scores, y, threshold=0.0) for metric in by_threshold), metrics.roc_auc(scores, y)]


def compare(seed):
    """The figures of each way on test points, and what there is to draw."""
    (x, y), (x_test, y_test) = arcs(2 * seed), arcs(2 * seed + 1)
    yes, no = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    again = np.concatenate([no, np.random.default_rng(seed).choice(yes, len(no))])
    models = {
        "plain": learn(x, y, seed),
        "weights": learn(x, y, seed, pos_weight=len(no) / len(yes)),
        "re-sampled": learn(x[again], y[again], seed),
    }
    scores = {"always no": np.full(len(x_test), -1.0, np.float32)}
    scores |= {name: model(x_test) for name, model in models.items()}
    scores["threshold"] = scores["plain"] + np.float32(np.log(len(no) / len(yes)))  # p above 1/51: log odds above this
    return {name: measured(score, y_test) for name, score in scores.items()}, (models, scores, x_test, y_test)


def draw(models, scores, x, y, path):
    """The points with the border of each way; ROC curves with the threshold that is used."""
    figure = new_figure(9.8, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=[5, 4])
    left.scatter(*x[y == 0].T, s=3, color=SKY, label="no (50)")
    left.scatter(*x[y == 1].T, s=22, color=PURPLE, marker="^", label="yes (1)")
    across, up = np.meshgrid(np.linspace(-3, 3, 120), np.linspace(-1.4, 3, 90))
    grid = np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)
    borders = {name: model(grid) for name, model in models.items()}
    borders["threshold"] = borders["plain"] + scores["threshold"][0] - scores["plain"][0]
    for name, border in borders.items():
        left.contour(across, up, border.reshape(across.shape), [0.0], colors=COLORS[name])
        left.plot([], [], color=COLORS[name], label=f"border: {name}")
        false, true, _ = metrics.roc_curve(scores[name], y)
        right.plot(false, true, ":" if name == "threshold" else "-", color=COLORS[name])
        at = [np.mean(scores[name][y == label] >= 0) for label in (0, 1)]
        right.plot(*at, "o", color=COLORS[name], markersize=8, label=name)
    left.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-1.4, 4.6))
    left.legend(frameon=False, loc="upper center", fontsize=8, ncols=2)
    right.set(xlabel="share of the no that are called yes", ylabel="share of the yes that are found (recall)")
    right.legend(frameon=False, loc="lower right")
    tidy(left)
    tidy(right)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds = 3 if arguments.fast else 20
    found = [compare(seed) for seed in range(seeds)]
    print(f"{seeds} seeds     " + "".join(f"{name:>11}" for name in FIGURES))
    for name in COLORS:
        print(f"{name:11} " + "".join(f"{value:11.3f}" for value in np.mean([row[name] for row, _ in found], axis=0)))
    for name in ("weights", "re-sampled", "threshold"):
        gain = np.array([row[name][2] - row["plain"][2] for row, _ in found])
        print(f"recall, {name} over plain: {gain.mean():.3f}, standard error {gain.std(ddof=1) / np.sqrt(seeds):.3f}")
    if arguments.picture:
        draw(*found[0][1], arguments.picture)


if __name__ == "__main__":
    main()
