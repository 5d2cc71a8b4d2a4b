"""Four ways to search a learning rate, a momentum and a weight decay, on the same budget of trainings.

Each trial trains a small net on 800 handwritten digits for five epochs; what counts is the loss on 400 others. The
training is compiled once: learning rate, momentum and weight decay are States of the optimizer, so that all trials run
the same program. With --mnist the digits are those of MNIST. Source of the comparison: Bergstra and Bengio (2012).
"""

import argparse
import math

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, search, view

# log10 of the learning rate, log10 of 1 - momentum, log10 of the weight decay
BOUNDS = [(-4.0, 1.0), (-2.0, 0.0), (-6.0, -1.0)]
GUESS = math.log(10)  # the loss of one who says "each with a tenth"
SEARCHES = [search.random_search, search.grid_search, search.genetic_search, search.bayesian_search]


def make_objective(images, labels):
    """A function of three exponents: the logarithm of the loss on data held back, after five epochs of training."""
    x = images.reshape(len(images), -1).astype(np.float32)
    x_train, y_train, x_held, y_held = x[:800], labels[:800], pc.tensor(x[800:1200]), pc.tensor(labels[800:1200])
    batches = pc.tensor(x_train.reshape(20, 40, -1)), pc.tensor(y_train.reshape(20, 40))
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5, weight_decay=1e-3)
    beginning, untouched = model.state_dict(), optimizer.state_dict()
    (group,) = optimizer.param_groups

    @pc.compile
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def objective(point):
        model.load_state_dict(beginning)
        optimizer.load_state_dict(untouched)
        group["lr"], group["momentum"], group["weight_decay"] = 10.0 ** point[0], 1 - 10.0 ** point[1], 10.0 ** point[2]
        for _ in range(5):
            step.repeat(*batches)
        with pc.no_grad():
            loss = F.cross_entropy(model(x_held), y_held).item()
        # Gone astray is gone astray, however far; and half the loss is as much better anywhere.
        return math.log(min(loss, GUESS) if math.isfinite(loss) else GUESS)

    return objective


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer seeds")
    parser.add_argument("--mnist", action="store_true", help="MNIST instead of the small digits")
    parser.add_argument("--trials", type=int, default=40, help="the budget of each search")
    parser.add_argument("--picture", help="where to save the trials of the last search")
    options = parser.parse_args()

    images, labels = data.mnist("train") if options.mnist else data.digits()
    objective = make_objective(images[:1200] / (255 if options.mnist else 1), labels[:1200].astype(np.int64))
    seeds = range(20 if options.fast else 60)
    best = {find.__name__: [find(objective, BOUNDS, trials=options.trials, seed=s) for s in seeds] for find in SEARCHES}
    chance = np.array([found.value for found in best["random_search"]])
    for name, all_found in best.items():
        values = np.array([found.value for found in all_found])
        gains = chance - values
        error = gains.std(ddof=1) / math.sqrt(len(gains))
        told = f"   better than chance by {gains.mean() / error:+.1f} standard errors" if error > 0 else ""
        print(f"{name:<16} log of the best loss, mean over {len(seeds)} seeds: {values.mean():.4f}{told}")
    last = best["bayesian_search"][-1]
    names = ("learning rate", "1 - momentum", "weight decay")
    settings = [dict(zip(names, 10.0**point, strict=True)) for point in last.points]
    if options.picture:
        view.trials(settings, last.values, options.picture, name="log of the loss", title="bayesian search")


if __name__ == "__main__":
    main()
