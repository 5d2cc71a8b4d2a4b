"""Dropout: half of the units fall out at each step, and the network learns less by heart.

    python examples/dropout.py --picture dropout.png

In training each unit becomes 0 with probability p, and the others are divided by 1 - p. The expected value stays:

    the mean over many masks is what all units give, for a linear layer that follows at once
    the gap between training and test closes: 200 digits are learned, every fourth with a label drawn anew
    it is cheap bagging: each mask is a network of its own; one of them is poor, the mean of many is good, and one
    pass with all units is about as good as that mean

(Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, GREEN, ORANGE, VERMILLION, new_figure, save, tidy

EVERY = 20  # steps, for a point of a curve


def expectation(masks):
    """Outputs of dropout and a linear layer: mean over masks, its standard error, and the output with all units."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(100, 5))
    x = pc.rand(1, 100)
    drawn = model(x.expand(masks, 100)).numpy()  # each row has a mask of its own
    whole = model.eval()(x).numpy()[0]
    return drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / np.sqrt(masks), whole


def digits(seed):
    """200 digits to learn, every fourth with a label drawn anew, and the others with their true ones."""
    random = np.random.default_rng(seed)
    X, y = data.digits()
    order = random.permutation(len(y))
    labels = y[order]
    labels[:200:4] = random.integers(0, 10, 50)
    X = pc.tensor(X[order].reshape(-1, 64))
    return X[:200], pc.tensor(labels[:200]), X[200:], pc.tensor(labels[200:])


def train(p, seed, steps):
    """Accuracy on training and test digits on the way; at the end that of one mask, and of the mean of many."""
    X, y, x_test, y_test = digits(seed)
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(p), nn.Linear(128, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)

    @pc.compile
    def step():
        J = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    curve = []
    for number in range(1, steps + 1):
        step()
        if number % EVERY == 0:
            model.eval()
            curve.append((metrics.accuracy(model(X), y), metrics.accuracy(model(x_test), y_test)))
            model.train()
    with pc.no_grad():
        answers = pc.stack([F.softmax(model(x_test), 1) for _ in range(30)])
    one = np.mean([metrics.accuracy(answer, y_test) for answer in answers])
    return curve, [one, metrics.accuracy(answers.mean(0), y_test)]


def draw(curves, answers, path):
    """Training and test accuracy by step; one mask, many, all units."""
    figure = new_figure(9.6, 3.8)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    for name, p, color in (("without", 0.0, VERMILLION), ("dropout 0.5", 0.5, BLUE)):
        train, test = curves[p].mean(axis=0).T
        steps = EVERY * np.arange(1, len(train) + 1)
        left.plot(steps, train, "--", color=color, label=f"{name}: training")
        left.plot(steps, test, "-", color=color, label=f"{name}: test")
    left.set(xlabel="step", ylabel="right answers (%)", ylim=(50, 102))
    left.legend(frameon=False, fontsize=8, loc="lower right")
    right.bar(["one\nmask", "mean of\n30 masks", "all\nunits"], answers, color=[ORANGE, GREEN, BLUE])
    right.set(ylabel="right answers of the test (%)", ylim=(50, 100))
    tidy(left)
    tidy(right)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, steps = (4, 300) if arguments.fast else (10, 600)
    for mean, error, whole in zip(*expectation(20_000), strict=True):
        print(f"mean over 20000 masks {mean:8.4f}   standard error {error:.4f}   all units {whole:8.4f}")
    runs = {p: [train(p, seed, steps) for seed in range(seeds)] for p in (0.0, 0.5)}
    curves = {p: 100 * np.array([curve for curve, _ in found]) for p, found in runs.items()}
    ends = {p: curve[:, -1] for p, curve in curves.items()}  # (seeds, training and test)
    for p, end in ends.items():
        learned, test = end.mean(axis=0)
        print(f"dropout {p}: training {learned:.1f} %, test {test:.1f} %, gap {learned - test:.1f} points")
    more = ends[0.5] - ends[0.0]
    for name, gain in (("gap closed by", more @ [-1, 1]), ("test better by", more[:, 1])):
        print(f"{name} {gain.mean():.1f} points, standard error {gain.std(ddof=1) / np.sqrt(seeds):.1f}, {seeds} seeds")
    one, many = 100 * np.mean([masks for _, masks in runs[0.5]], axis=0)
    whole = ends[0.5][:, 1].mean()
    print(f"one mask {one:.1f} %, mean of 30 masks {many:.1f} %, all units {whole:.1f} %")
    if arguments.picture:
        draw(curves, (one, many, whole), arguments.picture)


if __name__ == "__main__":
    main()
