"""Weights that tremble while they learn cannot follow single samples: noise on the weights keeps wrong labels out.

    python examples/noise_on_weights.py --picture noise_on_weights.png

At each step the network computes with W + s E instead of W, and E is new normal noise each time. What it is led to is

    mean of J(W + s E)  =  J(W) + s^2/2 (sum of the second slopes of J)  +  terms of higher powers of s

so not only a low place is looked for, but a flat one. What was learned by heart stands on a narrow edge. 200 digits are
learned, every fourth with a label drawn anew; the test has clean ones.
(Murray and Edwards, "Enhanced MLP performance and fault tolerance resulting from synaptic weight noise", 1994.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

NOISE = (0.0, 0.05, 0.1, 0.2, 0.4)


class NoisyLinear(nn.Linear):
    """A linear layer whose weights tremble by s while it trains."""

    def __init__(self, in_features, out_features, s):
        super().__init__(in_features, out_features)
        self.s = s

    def forward(self, x):
        noise = self.s * pc.randn(*self.weight.shape) if self.training else 0.0
        return F.linear(x, self.weight + noise, self.bias)


def learned(s, seed, steps):
    """The shares of right answers to the digits that were learned and to others, in percent."""
    random = np.random.default_rng(seed)
    X, y = data.digits()
    order = random.permutation(len(y))
    X, labels = pc.tensor(X[order].reshape(-1, 64)), y[order]
    labels[:200:4] = random.integers(0, 10, 50)
    y = pc.tensor(labels)
    pc.manual_seed(seed)
    model = nn.Sequential(NoisyLinear(64, 64, s), nn.ReLU(), NoisyLinear(64, 10, s))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    @pc.compile
    def step(X, y):
        J = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    for _ in range(steps):
        step(X[:200], y[:200])
    with pc.no_grad():
        scores = model.eval()(X)
    return [100 * float(metrics.accuracy(scores[rows], y[rows])) for rows in (slice(200), slice(200, None))]


def draw(found, path):
    """Right answers against the noise on the weights."""
    figure = new_figure(5.4, 3.8)
    axes = figure.add_subplot()
    places = range(len(NOISE))
    axes.plot(places, found[:, :, 1], "o", color=VERMILLION, markersize=3, alpha=0.5)
    axes.plot(places, found[:, :, 1].mean(axis=1), "-", color=VERMILLION, linewidth=2, label="test (clean labels)")
    axes.plot(places, found[:, :, 0].mean(axis=1), "s--", color=BLUE, label="training (every fourth drawn anew)")
    axes.set_xticks(places, [str(s) for s in NOISE])
    axes.set(xlabel="s, the noise on each weight", ylabel="right answers (%)")
    tidy(axes)
    axes.legend(frameon=False, loc="lower left")
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, steps = (4, 300) if arguments.fast else (10, 800)
    found = np.array([[learned(s, seed, steps) for seed in range(seeds)] for s in NOISE])
    for s, pairs in zip(NOISE, found, strict=True):
        training, test = pairs.mean(axis=0)
        gain = (pairs - found[0])[:, 1]
        error = gain.std(ddof=1) / np.sqrt(seeds)
        told = f", gain {gain.mean():.1f} points, standard error {error:.1f}, {seeds} seeds" if s else ""
        print(f"s {s:<4} training {training:.1f} %, test {test:.1f} %{told}")
    if arguments.picture:
        draw(found, arguments.picture)


if __name__ == "__main__":
    main()
