"""A penalty on |w| makes weights exactly 0, and the right features are left; the plain gradient of |w| never does.

    python examples/l1.py --picture l1.png

80 samples have 100 features, and y is made of 8 of them. L1 (Tibshirani's lasso, 1996) looks for the smallest

    J = 1/2n |Y - X W|^2 + lambda |W|_1

Its gradient step alone (lambda times the sign of w) makes small weights jump to and fro about 0. The proximal step
takes the square's gradient first, then pulls each weight towards 0 by rate * lambda and stops there (soft threshold):

    w = soft(w - rate dJ0/dw, rate lambda),    soft(w, t) = sign(w) max(|w| - t, 0)

(Daubechies, Defrise and De Mol, "An iterative thresholding algorithm", 2004. Too many features are chosen at times,
hardly ever too few; and those that stay are all a little too small, by about lambda: it pulls at them as well.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import optim
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

LAMBDA, RATE, STEPS = 0.2, 0.1, 1500
TRUE = {3: 2.0, 17: -1.5, 20: 1.0, 41: -1.0, 58: 1.5, 66: -2.0, 80: 1.0, 99: -1.5}  # feature: its weight


def make_samples():
    """Y = X W + noise with 8 weights that are not 0."""
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 100)).astype(np.float32)
    W = np.zeros((100, 1), np.float32)
    for feature, weight in TRUE.items():
        W[feature] = weight
    return X, (X @ W + 0.5 * random.normal(size=(80, 1))).astype(np.float32)


def learn(proximal):
    """The 100 weights after so many steps, from 0."""
    X, Y = (pc.tensor(part) for part in make_samples())
    w = pc.zeros(100, 1, requires_grad=True)
    optimizer = optim.SGD([w], lr=RATE)

    @pc.compile
    def step():
        J = ((Y - X @ w) ** 2).mean() / 2
        if not proximal:
            J = J + LAMBDA * w.abs().sum()
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        if proximal:
            with pc.no_grad():
                w.copy_(F.softshrink(w, RATE * LAMBDA))

    for _ in range(STEPS):
        step()
    return w.detach().numpy().ravel()


def draw(found, path):
    """A histogram of each kind of weights, and the weights beside the true ones."""
    figure = new_figure(9.6, 5.6)
    for row, (name, weights) in zip(figure.subplots(2, 2, sharex="col"), found.items(), strict=True):
        color = BLUE if name.startswith("soft") else VERMILLION
        size = np.log10(np.maximum(abs(weights), 1e-7))
        row[0].hist(size, bins=np.arange(-7.25, 1, 0.25), color=color)
        row[0].set(title=f"{name}: {np.sum(weights == 0)} weights are exactly 0", ylabel="weights")
        row[0].set_xticks([-7, -5, -3, -1, 0], ["0", "$10^{-5}$", "$10^{-3}$", "0.1", "1"])
        row[1].vlines(range(100), 0, weights, color=color, linewidth=1.5)
        row[1].plot(list(TRUE), list(TRUE.values()), "o", color=INK, markersize=4, label="true weights, others 0")
        row[1].set(title=name, ylabel="weight")
        row[1].legend(frameon=False, fontsize=8, loc="lower left")
        tidy(row[0])
        tidy(row[1])
    row[0].set_xlabel("|w|")
    row[1].set_xlabel("number of the feature")
    save(figure, path)


def main():
    arguments = options(__doc__)
    found = {"soft threshold": learn(proximal=True), "gradient of |w|": learn(proximal=False)}
    for name, weights in found.items():
        kept = np.flatnonzero(weights)
        right = len(TRUE.keys() & set(kept.tolist()))
        print(f"{name:16} exactly 0: {np.sum(weights == 0):3} of 100   kept: {len(kept)}, of the 8 true ones {right}")
    print("feature   true   soft threshold   gradient of |w|")
    for feature in [*TRUE, 0, 1, 2, 4]:
        soft, plain = (weights[feature] for weights in found.values())
        print(f"{feature:7} {TRUE.get(feature, 0.0):6.1f} {soft:16.4f} {plain:17.4f}")
    if arguments.picture:
        draw(found, arguments.picture)


if __name__ == "__main__":
    main()
