"""Nine trainings by a grid and nine by chance: where one of two settings hardly matters, the grid wastes two thirds.

    python examples/grid_and_random.py --picture grid_and_random.png

Searched are a learning rate, on which all depends, and a weight decay, which hardly matters here. A grid of 3 x 3
tries three learning rates, each of them three times over; nine points by chance have nine different ones. Nobody
knows beforehand which setting is the one that matters, and often it is only one or two of many.

To be fair to the grid, which may be lucky, the search is repeated with its ranges moved by chance to the left or right.
(Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012, figure 1. For searches that learn from
what they have tried see search.py.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, search
from pellucid.view.canvas import BLUE, FAINT, INK, VERMILLION, new_figure, save, tidy

TRIALS = 9
BOUNDS = np.array([(-4.0, 1.5), (-8.0, -4.0)])  # log10 of the learning rate, log10 of the weight decay


def make_objective():
    """A function of two exponents: the loss on 400 digits held back, after three passes over 800 others."""
    images, labels = data.digits()
    x = images.reshape(len(images), 64).astype(np.float32)
    batches = pc.tensor(x[:800].reshape(20, 40, 64)), pc.tensor(labels[:800].reshape(20, 40))
    x_held, y_held = pc.tensor(x[800:1200]), pc.tensor(labels[800:1200])
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 24), nn.Tanh(), nn.Linear(24, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-6)
    beginning = model.state_dict()
    (group,) = optimizer.param_groups

    @pc.compile
    def step(x, y):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    def objective(point):
        model.load_state_dict(beginning)
        group["lr"], group["weight_decay"] = 10.0 ** np.asarray(point)
        for _ in range(3):
            step.repeat(*batches)
        loss = F.cross_entropy(model(x_held), y_held).item()
        return min(loss, 3.0) if np.isfinite(loss) else 3.0  # gone astray is gone astray, however far

    return objective


def draw(found, objective, path):
    """Where both searches looked, and above it what depends on the learning rate."""
    figure = new_figure(8, 4.2)
    rates = np.linspace(BOUNDS[0, 0], BOUNDS[0, 1], 40)
    losses = [objective((rate, -6.0)) for rate in rates]
    rows = figure.subplots(2, 2, sharex=True, height_ratios=(1, 1.6))
    for (above, below), (name, one), color in zip(rows.T, found.items(), (VERMILLION, BLUE), strict=True):
        above.plot(rates, losses, color=INK, linewidth=1)
        below.plot(*one.points.T, "o", color=color)
        for rate, value in zip(one.points[:, 0], one.values, strict=True):
            above.plot([rate, rate], [0, value], color=color, linewidth=1)
            below.axvline(rate, color=FAINT, zorder=0)
        different = len(set(one.points[:, 0].round(6)))
        above.set_title(f"{name}: {different} learning rates, best loss {one.value:.2f}")
        below.set(xlabel="log10 of the learning rate", xlim=BOUNDS[0], ylim=BOUNDS[1])
        above.set_ylim(0, None)
        for axes in (above, below):
            tidy(axes)
    rows[0, 0].set_ylabel("loss")
    rows[1, 0].set_ylabel("log10 of the weight decay")
    save(figure, path)


def main():
    chosen = options(__doc__)
    seeds = range(20 if chosen.fast else 60)
    objective = make_objective()
    ways = {"grid": search.grid_search, "chance": search.random_search}
    best = {name: [] for name in ways}
    for seed in seeds:
        moved = BOUNDS + np.array([[np.random.default_rng(seed).uniform(-1, 1)], [0.0]])
        for name, way in ways.items():
            best[name].append(way(objective, moved, trials=TRIALS, seed=seed).value)
    grid, chance = (np.array(best[name]) for name in ways)
    rates = [objective((rate, -6.0)) for rate in np.linspace(BOUNDS[0, 0], BOUNDS[0, 1], 9)]
    decays = [objective((-0.5, decay)) for decay in np.linspace(BOUNDS[1, 0], BOUNDS[1, 1], 9)]
    print(f"loss over the range of the learning rate {min(rates):.3f} to {max(rates):.3f}")
    print(f"loss over the range of the weight decay  {min(decays):.3f} to {max(decays):.3f}")
    for name, values in (("grid", grid), ("chance", chance)):
        print(f"best of {TRIALS} trainings by {name:6} {values.mean():.3f}, mean of {len(values)} searches")
    gain = grid - chance
    print(f"chance is better by {gain.mean():.3f} ± {gain.std(ddof=1) / np.sqrt(len(gain)):.3f}")
    if chosen.picture:
        found = {name: way(objective, BOUNDS, trials=TRIALS, seed=1) for name, way in ways.items()}
        draw(found, objective, chosen.picture)


if __name__ == "__main__":
    main()
