"""From a fifth of all ratings the others are foretold, best with as many hidden tastes as there truly are.

    python examples/recommendation.py --picture recommendation.png

User u rates item i as the sum of a mean, a bias of each, and how well tastes p_u and properties q_i agree:

    r = m + b_u + c_i + p_u q_i + noise,      p_u and q_i of 3 numbers each, the noise of standard deviation 0.5.

The program knows only some ratings, learns p, q, b and c by the squared error on them, and is asked for others. With
too few numbers for each taste it cannot say what it sees; with too many it learns the noise. Nobody can do better than
the noise. A batch of 256 ratings has some 170 of the 300 users: SparseAdam lets the rows of the others
rest.
(Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", 2009.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, INK, ORANGE, VERMILLION, new_figure, save, tidy

USERS, ITEMS, RANK, NOISE = 300, 150, 3, 0.5
KNOWN = 0.2  # of all ratings


def ratings(seed):
    """Pairs (user, item) and their ratings: those that are known, and those that are asked for."""
    random = np.random.default_rng(seed)
    tastes = random.standard_normal((USERS, RANK)) @ random.standard_normal((ITEMS, RANK)).T / RANK**0.5
    biases = random.normal(0, 0.5, (USERS, 1)) + random.normal(0, 0.5, (1, ITEMS))
    table = 3 + biases + tastes + random.normal(0, NOISE, (USERS, ITEMS))
    pairs = random.permutation(np.argwhere(np.ones_like(table)))[: int(2 * KNOWN * table.size)]
    values = table[tuple(pairs.T)].astype(np.float32)
    return data.train_test_split(pairs, values, test_size=0.5, seed=seed)


class Factors(nn.Module):
    """m + b_u + c_i + p_u q_i for pairs (N, 2) of users and items."""

    def __init__(self, rank, mean):
        self.mean = mean
        self.tastes, self.properties = nn.Embedding(USERS, rank), nn.Embedding(ITEMS, rank)
        self.of_user, self.of_item = nn.Embedding(USERS, 1), nn.Embedding(ITEMS, 1)
        for table in self.children():
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, pairs):
        u, i = pairs[:, 0], pairs[:, 1]
        biases = (self.of_user(u) + self.of_item(i))[:, 0]
        return self.mean + biases + (self.tastes(u) * self.properties(i)).sum(1)


def train(rank, seed, epochs):
    """Root mean squared errors on the known ratings and on the others."""
    known, asked, known_values, asked_values = ratings(seed)
    pc.manual_seed(seed)
    model = Factors(rank, float(known_values.mean()))
    optimizer = optim.SparseAdam(model.parameters(), lr=0.03)

    @pc.compile
    def step(pairs, values):
        J = F.mse_loss(model(pairs), values)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    for _ in range(epochs):
        for pairs, values in data.DataLoader((known, known_values), 256, shuffle=True, drop_last=True, seed=seed):
            step(pc.from_numpy(pairs), pc.from_numpy(values))
    with pc.no_grad():
        parts = [(known, known_values), (asked, asked_values)]
        return [F.mse_loss(model(pc.tensor(pairs)), pc.tensor(values)).item() ** 0.5 for pairs, values in parts]


def draw(ranks, errors, path):
    """Errors by the number of tastes; the noise as a line."""
    figure = new_figure(5, 3.6)
    axes = figure.subplots()
    for column, name, color, mark in [(0, "known ratings", BLUE, "s--"), (1, "ratings asked for", VERMILLION, "o-")]:
        axes.plot(ranks, errors[:, :, column].mean(axis=1), mark, color=color, label=name)
    axes.axhline(NOISE, color=INK, linewidth=1, linestyle=":", label="noise")
    axes.axvline(RANK, color=ORANGE, linewidth=6, alpha=0.3, label="true number of tastes")
    axes.set(xlabel="tastes in the model (rank)", ylabel="root mean squared error", xticks=ranks, ylim=(0, None))
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    ranks, seeds, epochs = ((1, 3, 6), 2, 25) if arguments.fast else ((1, 2, 3, 4, 6, 8), 5, 40)
    print(f"{KNOWN:.0%} of {USERS} x {ITEMS} ratings are known; noise {NOISE}; true rank {RANK}; {seeds} seeds")
    errors = np.array([[train(rank, seed, epochs) for seed in range(seeds)] for rank in ranks])
    for rank, per_seed in zip(ranks, errors, strict=True):
        (known, asked), error = per_seed.mean(axis=0), per_seed[:, 1].std(ddof=1) / seeds**0.5
        print(f"rank {rank}  known {known:.3f}  asked for {asked:.3f} +- {error:.3f}")
    if arguments.picture:
        draw(ranks, errors, arguments.picture)


if __name__ == "__main__":
    main()
