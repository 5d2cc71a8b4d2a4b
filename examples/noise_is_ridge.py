"""Noise on the inputs is a penalty on the weights: many noisy copies of the data give the ridge formula.

    python examples/noise_is_ridge.py --picture noise_is_ridge.png

Noise E of variance s^2 is added to the inputs of a linear model. Over all noise the mean of the squared error is

    mean of |Y - (X + E) w|^2  =  |Y - X w|^2 + n s^2 |w|^2        so  w = (X^T X + n s^2 I)^-1 X^T Y

since E w has mean 0 and variance s^2 |w|^2 for each of n samples. The same with other noise: if each input is replaced,
with probability q, by that of a sample drawn at random, then with D the diagonal of X^T X (columns of mean 0)

    w = ((1-q)^2 X^T X + (1 - (1-q)^2) D)^-1 (1-q) X^T Y

Both are reached by many copies at once, and by a training that sees other noise at each step. Two features here are
nearly the same, with true weights 2 and -1. Least squares still tells them apart; noise on the inputs hides which of
the two it was, and draws the weights together: smaller, and away from the truth.
(Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, SKY, VERMILLION, new_figure, save, tidy

N, S, Q = 40, 0.5, 0.2
COPIES = (1, 10, 100, 1000)


def make_samples():
    """40 samples of 4 features, of which the second nearly repeats the first; columns of mean 0."""
    random = np.random.default_rng(0)
    X = random.normal(size=(N, 4))
    X[:, 1] = X[:, 0] + 0.3 * X[:, 1]
    X -= X.mean(axis=0)
    return X, X @ [[2.0], [-1.0], [1.0], [0.5]] + 0.3 * random.normal(size=(N, 1))


def noisy(X, random):
    """X with noise added to each input."""
    return X + S * random.normal(size=X.shape)


def replaced(X, random):
    """X with some inputs taken from other samples, each from its own column."""
    others = np.stack([random.choice(column, len(X)) for column in X[:N].T], axis=1)
    return np.where(random.random(X.shape) < Q, others, X)


def formulas(X, Y):
    """The weights without noise, with added noise, with replaced inputs."""
    A, B = X.T @ X, X.T @ Y
    keep = 1 - Q
    mixed = keep**2 * A + (1 - keep**2) * np.diag(np.diag(A))
    return np.linalg.solve(A, B), np.linalg.solve(A + N * S**2 * np.eye(4), B), np.linalg.solve(mixed, keep * B)


def from_copies(change, copies, draws):
    """Least squares on so many changed copies of all samples, for several draws of the noise: (draws, 4)."""
    X, Y = make_samples()
    X, Y = np.tile(X, (copies, 1)), np.tile(Y, (copies, 1))
    changed = (change(X, np.random.default_rng(seed)) for seed in range(draws))
    return np.array([np.linalg.lstsq(x, Y, rcond=None)[0].ravel() for x in changed])


def from_training(seed, steps):
    """The mean of the weights over the second half of a training with other noise at each step."""
    X, Y = (pc.tensor(part) for part in make_samples())
    pc.manual_seed(seed)
    model = nn.Linear(4, 1, bias=False, dtype=pc.float64)
    optimizer = optim.SGD(model.parameters(), lr=0.05)

    @pc.compile
    def step():
        J = F.mse_loss(model(X + S * pc.randn(N, 4, dtype=pc.float64)), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return model.weight.detach() * 1.0

    found = np.stack([step().numpy().ravel() for _ in range(steps)])
    return found[steps // 2 :].mean(axis=0)


def draw(rows, errors, path):
    """The weights of each way, and how far copies are from the formula."""
    figure = new_figure(10.4, 3.8)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    colors = (INK, BLUE, SKY, GREEN, VERMILLION, ORANGE)
    for place, ((name, found), color) in enumerate(zip(rows.items(), colors, strict=True)):
        left.bar(np.arange(4) + (place - 2.5) * 0.13, found.mean(axis=0), 0.13, color=color, label=name)
    left.set(ylabel="weight", xticks=range(4), xticklabels=["$w_1$", "$w_2$", "$w_3$", "$w_4$"])
    right.loglog(COPIES, errors["noise added"], "o-", color=SKY, label="noise added")
    right.loglog(COPIES, errors["inputs replaced"], "s--", color=ORANGE, label="inputs replaced")
    right.loglog(COPIES, 1 / np.sqrt(COPIES), ":", color=INK, label="$1/\\sqrt{copies}$")
    right.set(xlabel="noisy copies of the data", ylabel="distance of w from the formula")
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=8)
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    draws, seeds, steps = (20, 4, 4000) if arguments.fast else (100, 10, 20_000)
    plain, ridge, mixed = (weights.T for weights in formulas(*make_samples()))  # (1, 4) each
    print("distance of w from the formula   " + "  ".join(f"{copies:4} copies" for copies in COPIES))
    errors, rows = {}, {"least squares, no noise": plain}
    for name, change, formula in (("noise added", noisy, ridge), ("inputs replaced", replaced, mixed)):
        found = [from_copies(change, copies, draws) for copies in COPIES]
        errors[name] = [np.sqrt(((w - formula) ** 2).sum(axis=1).mean()) for w in found]
        print(f"{name:32} " + "  ".join(f"{error:11.4f}" for error in errors[name]))
        rows |= {f"formula: {name}": formula, f"1000 copies: {name}": found[-1]}
        if change is noisy:
            rows["training: noise at each step"] = np.array([from_training(seed, steps) for seed in range(seeds)])
    for name, found in rows.items():
        print(f"{name:32} " + "  ".join(f"{w:8.4f}" for w in found.mean(axis=0)))
        if len(found) > 1:
            errors_of_mean = found.std(axis=0, ddof=1) / np.sqrt(len(found))
            print(f"{'   standard error':32} " + "  ".join(f"{e:8.4f}" for e in errors_of_mean))
    if arguments.picture:
        draw(rows, errors, arguments.picture)


if __name__ == "__main__":
    main()
