"""DropConnect: not units but single weights fall out, and that too keeps a network from learning by heart.

    python examples/dropconnect.py --picture dropconnect.png

Dropout takes whole units away, so all weights that read them; DropConnect each weight for itself:
Z = X (M * W)^T + M_b * b, with masks of zeros and 1 / (1 - p), drawn anew at each step. (Here one mask serves all
samples of a step; Wan et al. draw one for each sample, as Dropout does here. So the two gains are no contest.) Over all
masks Z, without b, has the mean and variance

    E z_j = sum_i w_ji x_i        Var z_j = p / (1 - p) sum_i (w_ji x_i)^2

and in evaluation all weights are there, which gives the mean. The task: 200 digits, every fourth with a label drawn
anew.
(Wan et al., "Regularization of neural networks using DropConnect", 2013.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy


def moments(masks=4000):
    """Mean and standard deviation of five outputs over many masks, and those of the formulas."""
    pc.manual_seed(0)
    layer, x = nn.DropConnect(100, 5, p=0.5, bias=False), pc.rand(1, 100)
    with pc.no_grad():
        z = pc.cat([layer(x) for _ in range(masks)]).numpy()
        mean = layer.eval()(x).numpy()[0]
        deviation = ((layer.weight * x) ** 2).sum(1).sqrt().numpy()  # p / (1 - p) is 1
    return z.mean(axis=0), mean, z.std(axis=0, ddof=1), deviation


def make_model(kind):
    """64 pixels, 128 units, 10 scores: the last layer loses nothing, units or weights."""
    first = [nn.Linear(64, 128), nn.ReLU()]
    last = {
        "nothing": [nn.Linear(128, 10)],
        "units (Dropout)": [nn.Dropout(0.5), nn.Linear(128, 10)],
        "weights (DropConnect)": [nn.DropConnect(128, 10, p=0.5)],
    }
    return nn.Sequential(*first, *last[kind])


def learned(kind, seed, steps):
    """The share of right answers to training and test digits."""
    random = np.random.default_rng(seed)
    X, y = data.digits()
    order = random.permutation(len(y))
    X, labels = pc.tensor(X[order].reshape(-1, 64)), y[order]
    labels[:200:4] = random.integers(0, 10, 50)
    y = pc.tensor(labels)
    pc.manual_seed(seed)
    model = make_model(kind)
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)

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
    """What is left of a weight matrix of 12 inputs and 8 units in one step, and the accuracies."""
    pc.manual_seed(1)
    figure = new_figure(9.6, 3.4)
    axes = figure.subplots(1, 3, width_ratios=[3, 3, 4])
    units, weights = F.dropout(pc.ones(1, 12)).expand(8, 12), F.dropout(pc.ones(8, 12))
    for picture, mask, title in zip(axes, (units, weights), ("units fall out", "weights fall out"), strict=False):
        picture.pcolormesh(mask.numpy(), cmap="Blues", edgecolors="#888888", linewidth=0.5, vmin=0, vmax=3)
        picture.set(title=f"W in one step: {title}", xlabel="input", ylabel="output", xticks=[], yticks=[])
        picture.set_aspect("equal")
        tidy(picture)
        picture.grid(visible=False)
    for place, ((kind, pairs), color) in enumerate(zip(found.items(), (VERMILLION, BLUE, GREEN), strict=True)):
        tests = np.array(pairs)[:, 1]
        axes[2].plot(tests, [place] * len(tests), "o", color=color, markersize=4, alpha=0.6)
        axes[2].plot(tests.mean(), place, "D", color=color, markersize=9)
        axes[2].text(tests.mean(), place + 0.16, kind, color=color, ha="center", fontsize=9)
    axes[2].set(xlabel="right answers of the test (%)", yticks=[], ylim=(-0.5, 2.6), title="each seed, and the mean")
    tidy(axes[2])
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, steps = (4, 300) if arguments.fast else (10, 600)
    print("output   mean of 4000 masks   all weights   standard deviation   formula")
    for number, row in enumerate(zip(*moments(), strict=True)):
        print("{:6} {:20.4f} {:13.4f} {:20.4f} {:9.4f}".format(number, *row))
    kinds = ("nothing", "units (Dropout)", "weights (DropConnect)")
    found = {kind: [learned(kind, seed, steps) for seed in range(seeds)] for kind in kinds}
    for kind, pairs in found.items():
        training, test = np.mean(pairs, axis=0)
        gain = np.subtract(pairs, found["nothing"])[:, 1]
        error = gain.std(ddof=1) / np.sqrt(seeds)
        told = f", gain {gain.mean():.1f} points, standard error {error:.1f}, {seeds} seeds" if error else ""
        print(f"{kind:21} falls out: training {training:.1f} %, test {test:.1f} %{told}")
    if arguments.picture:
        draw(found, arguments.picture)


if __name__ == "__main__":
    main()
