"""Weight decay: the weights shrink, the test error falls and rises again; in a linear model it is the ridge formula.

    python examples/l2.py --picture l2.png

Weight decay adds lambda w to each gradient: the gradient of lambda/2 |W|^2. Large weights are what it takes to follow
noise, so a little of it keeps the noise out, and much of it keeps out what was to be learned. Where the answer is
linear in the weights, the end of the training is known (ridge regression):

    J = 1/2n |Y - X W|^2 + lambda/2 |W|^2        W = (X^T X / n + lambda I)^-1 X^T Y / n

The network reads 200 digits, every fourth with a label drawn anew: learned by heart where nothing hinders it.
(Hoerl and Kennard, "Ridge regression", 1970; Krogh and Hertz, "A simple weight decay can improve generalization", 1991)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

LINEAR, NET = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0), (0.0001, 0.001, 0.01, 0.03, 0.1, 0.3)


def trained(model, X, Y, loss, strengths, steps, lr, momentum):
    """Each lambda, at the moment when the model has been trained with it, from the same beginning each time."""
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=momentum, weight_decay=0.1)
    X, Y = pc.tensor(X), pc.tensor(Y)
    beginning, untouched = model.state_dict(), optimizer.state_dict()

    @pc.compile  # lambda is a State of the optimizer, so that the one step serves all
    def step():
        J = loss(model(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    for strength in strengths:
        model.load_state_dict(beginning)
        optimizer.load_state_dict(untouched)
        optimizer.param_groups[0]["weight_decay"] = strength
        for _ in range(steps):
            step()
        yield strength


def linear_case():
    """30 features, 40 samples, much noise: lambda, |W| trained, |W| of the formula, their difference, test error."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(30, 1)) / 5
    X, x_test = random.normal(size=(40, 30)), random.normal(size=(1000, 30))
    Y, y_test = X @ truth + random.normal(size=(40, 1)), x_test @ truth
    model = nn.Linear(30, 1, bias=False, dtype=pc.float64)
    for strength in trained(model, X, Y, lambda y, Y: F.mse_loss(y, Y) / 2, LINEAR, 2500, lr=0.05, momentum=0.95):
        W = model.weight.detach().numpy().T
        ridge = np.linalg.solve(X.T @ X / 40 + strength * np.eye(30), X.T @ Y / 40)
        error = ((x_test @ W - y_test) ** 2).mean()
        yield strength, np.linalg.norm(W), np.linalg.norm(ridge), abs(W - ridge).max(), error


def net_case(seed):
    """For each lambda the norm of all weights, and the share of wrong answers about clean digits."""
    random = np.random.default_rng(seed)
    X, y = data.digits()
    order = random.permutation(len(X))
    X, y = X[order].reshape(-1, 64), y[order]
    labels = y[:200].copy()
    labels[::4] = random.integers(0, 10, 50)
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    for _ in trained(model, X[:200], labels, F.cross_entropy, NET, 400, lr=0.2, momentum=0.9):
        norm = nn.utils.parameters_to_vector(model.parameters()).norm().item()
        yield norm, 100 - 100 * metrics.accuracy(model(pc.tensor(X[200:])), y[200:])


def draw(linear, net, path):
    """Weight norm and test error against lambda, of both."""
    figure = new_figure(9.6, 3.8)
    curves = [(LINEAR, linear[:, 1], linear[:, 4], "linear", "squared error of the test")]
    curves += [(NET, *net.mean(axis=0).T, "network: every fourth label drawn anew", "wrong answers of the test (%)")]
    for axes, (strengths, norms, errors, title, name) in zip(figure.subplots(1, 2), curves, strict=True):
        axes.set(xlabel="$\\lambda$", title=title)
        sides = [(axes, errors, name, "o-", VERMILLION), (axes.twinx(), norms, "norm of the weights", "s--", BLUE)]
        for side, values, label, mark, color in sides:
            side.semilogx(strengths, values, mark, color=color)
            side.set(ylabel=label, ylim=(0, 1.1 * values.max()))
            tidy(side)
            side.grid(visible=side is axes)
            side.yaxis.label.set_color(color)
    save(figure, path)


def main():
    arguments = options(__doc__)
    linear = np.array(list(linear_case()))
    print("linear: lambda   |W|     ridge formula   largest difference   test error")
    for strength, norm, formula, difference, error in linear:
        print(f"{strength:14g} {norm:8.4f} {formula:10.4f} {difference:18.1e} {error:16.4f}")
    seeds = 4 if arguments.fast else 10
    net = np.array([list(net_case(seed)) for seed in range(seeds)])  # (seeds, lambdas, norm and error)
    best = int(net[:, :, 1].mean(axis=0).argmin())
    print(f"network: lambda   |W|   wrong answers of the test, {seeds} seeds   more than at {NET[best]:g}")
    for number, strength in enumerate(NET):
        more = net[:, number, 1] - net[:, best, 1]
        error = more.std(ddof=1) / np.sqrt(seeds)
        norm, wrong = net[:, number].mean(axis=0)
        print(f"{strength:15g} {norm:7.2f} {wrong:12.1f} % {more.mean():21.1f} points, standard error {error:.1f}")
    if arguments.picture:
        draw(linear, net, arguments.picture)


if __name__ == "__main__":
    main()
