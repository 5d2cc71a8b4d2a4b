"""Each of five optimizers wins somewhere: five problems that show what each is good at.

    python examples/who_wins.py --picture who_wins.png

- bowl: equally steep in all directions, so the gradient points at the goal, and plain SGD walks straight there.
- ravine: steep across, flat along, askew to the axes. Momentum keeps what lies along and cancels what jumps across.
- rare words: some come in each second sample, some in each fortieth. AdaGrad's steps shrink as a weight is used.
- relay: goal after goal, each in a unit up to 10000 times larger or smaller. RMSprop, as set here
  (0.9; Adam has 0.999), forgets old gradients soonest.
- odd units: a ravine whose weights have units of their own. Adam undoes those and has momentum for the ravine.
Each has the best of the same learning rates. On networks speed is not all: Wilson et al. (2017) found
adaptive ones to answer worse on new data, even where they train faster.
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

SEEDS, MOST = 40, 400  # repetitions, and steps of each at most
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
METHODS = {
    "SGD": lambda w, lr: pc.optim.SGD(w, lr=lr),
    "Momentum": lambda w, lr: pc.optim.SGD(w, lr=lr, momentum=0.9),
    "AdaGrad": lambda w, lr: pc.optim.Adagrad(w, lr=lr),
    "RMSprop": lambda w, lr: pc.optim.RMSprop(w, lr=lr, alpha=0.9),
    "Adam": lambda w, lr: pc.optim.Adam(w, lr=lr),
}
random = np.random.default_rng(0)


class Bowl:
    """J = w H w / 2; the goal is a small part of what J was at the beginning."""

    def __init__(self, steepness=(3.0,) * 10, units=(1.0,) * 10, goal=1e-6):
        askew = np.linalg.qr(random.standard_normal((SEEDS, 10, 10)))[0]  # ten directions for each seed
        self.H = pc.tensor(np.diag(units) @ askew @ np.diag(steepness) @ askew.swapaxes(1, 2) @ np.diag(units))
        self.start, self.goal = random.standard_normal((SEEDS, 10)), goal

    def look(self, w, step):
        """The losses at w, and which seeds are at the goal."""
        losses = (w * (self.H @ w.unsqueeze(2)).squeeze(2)).sum(1) / 2
        self.aim = self.goal * losses.numpy() if step == 0 else self.aim
        return losses, losses.numpy() < self.aim


class RareWords:
    """J = (x w - y)^2 / 2 for one sample a step: feature i is there with probability 1 / (i + 2)."""

    start, truth = np.zeros((SEEDS, 40)), random.standard_normal((SEEDS, 40))
    X = pc.tensor((random.random((MOST, SEEDS, 40)) < 1 / np.arange(2, 42)).astype(float))
    Y = (X * pc.tensor(truth)).sum(2) + pc.tensor(0.5 * random.standard_normal((MOST, SEEDS)))

    def look(self, w, step):
        losses = ((self.X[step] * w).sum(1) - self.Y[step]) ** 2 / 2
        return losses, ((w.numpy() - self.truth) ** 2).mean(1) < 0.1  # of 1 at the beginning


class Relay:
    """J = unit |w - goal|^2 / 2: whoever comes near a goal is given the next one, and another unit."""

    start, units = np.zeros((SEEDS, 10)), np.array([1.0, 100.0, 0.01, 100.0, 0.01, 1.0])
    goals = random.standard_normal((6, SEEDS, 10))

    def look(self, w, step):
        self.leg = np.zeros(SEEDS, int) if step == 0 else self.leg.clip(max=5)
        distance = ((w - pc.tensor(self.goals[self.leg, np.arange(SEEDS)])) ** 2).sum(1)
        losses = pc.tensor(self.units[self.leg]) * distance / 2
        self.leg += distance.numpy() < 0.1
        return losses, self.leg == 6


BOWL = Bowl()
RAVINE = Bowl(steepness=np.geomspace(0.005, 10, 10), goal=1e-3)
ODD_UNITS = Bowl(steepness=np.geomspace(0.025, 10, 10), units=np.geomspace(0.03, 30, 10), goal=1e-5)
PROBLEMS = {"bowl": BOWL, "ravine": RAVINE, "rare words": RareWords(), "relay": Relay(), "odd units": ODD_UNITS}


def steps_needed(problem, make, rate):
    """For each seed the number of steps until the goal, or MOST. All seeds go at once, each in a row of w."""
    w = pc.tensor(problem.start, requires_grad=True)
    optimizer = make([w], rate)
    needed = np.full(SEEDS, MOST)
    for step in range(MOST):
        losses, there = problem.look(w, step)
        needed[there & (needed == MOST)] = step
        if (needed < MOST).all() or not losses.numpy().max() < 1e9:  # all are there, or it has burst
            break
        optimizer.zero_grad()
        losses.sum().backward()  # the rows have nothing to do with each other
        optimizer.step()
    return needed


def draw(table, path):
    figure = new_figure(10, 2.6)
    for axes, (name, row) in zip(figure.subplots(1, len(table), sharey=True), table.items(), strict=True):
        medians = np.median(list(row.values()), axis=1)
        colors = [VERMILLION if median == min(medians) else BLUE for median in medians]
        axes.bar_label(axes.barh(list(row), medians, color=colors), fmt="%.0f", fontsize=8, padding=2)
        axes.set(xlabel=f"steps ({MOST}: not there)", title=name, xlim=(0, 1.2 * MOST), ylim=(4.6, -0.6))
        tidy(axes)
    save(figure, path)


def main():
    chosen, table = options(__doc__), {name: {} for name in PROBLEMS}
    rates = RATES[:-1] if chosen.fast else RATES  # the last one saves those who win three steps at most
    for name, row in table.items():
        for method, make in METHODS.items():
            row[method] = min((steps_needed(PROBLEMS[name], make, rate) for rate in rates), key=np.median)
        first, second, *_ = sorted(row, key=lambda method: np.median(row[method]))
        ahead = row[second] - row[first]
        print(f"{name:11}" + "".join(f"{method:>10} {np.median(needed):4.0f}" for method, needed in row.items()))
        least = "at least " if (row[second] == MOST).any() else ""  # who is not there takes longer still
        print(f"{first} is ahead of {second} by {least}{ahead.mean():.1f} ± {ahead.std(ddof=1) / SEEDS**0.5:.1f} steps")
    if chosen.picture:
        draw(table, chosen.picture)


if __name__ == "__main__":
    main()
