"""A controller learns from rewards which network to propose, and proposes better ones than chance does.

    python examples/controller.py --picture controller.png

A network is described by four choices: layers, units, activation, learning rate. The controller keeps for each choice a
row of scores; softmax makes them probabilities, and a proposal is drawn. The proposed network is trained for a moment;
its accuracy R on digits held back is the reward. No gradient leads through that training, but one does through the
probability of the proposal. REINFORCE follows

    gradient of the expected reward = E[(R - b) * gradient of log p(proposal)]

with b, the mean reward so far, so that only what is better than usual is made more likely. Nobody tells the controller
what a layer is. (Williams, "Simple statistical gradient-following algorithms", 1992; Zoph and Le, "Neural architecture
search with reinforcement learning", 2017, whose controller is a recurrent network.)
"""

from functools import cache
from itertools import pairwise

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

CHOICES = {
    "layers": (1, 2, 3),
    "units": (2, 8, 16),
    "activation": (nn.Sigmoid, nn.Tanh, nn.ReLU),
    "rate": (0.001, 0.03, 0.5),
}
TRIALS = 60
images, labels = data.digits()
X = images.reshape(len(images), 64).astype(np.float32)
X_TRAIN, Y_TRAIN, X_HELD, Y_HELD = (pc.tensor(part) for part in (X[:200], labels[:200], X[200:600], labels[200:600]))


@cache  # a network that was trained once is not trained again: it would come out the same
def reward(layers, units, activation, rate):
    """The accuracy on digits held back, after 30 steps."""
    pc.manual_seed(0)
    widths = [64] + layers * [units]
    parts = [part for n, m in pairwise(widths) for part in (nn.Linear(n, m), activation())]
    model = nn.Sequential(*parts, nn.Linear(units, 10))
    optimizer = optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    for _ in range(30):
        J = F.cross_entropy(model(X_TRAIN), Y_TRAIN)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return (model(X_HELD).argmax(1) == Y_HELD).float().mean().item()


def shares(log_p):
    """The probabilities as NumPy wants them: float64 with the sum 1."""
    p = np.exp(log_p.numpy().astype(np.float64))
    return p / p.sum()


def search(seed, learn):
    """The rewards of all proposals; without `learn` each choice stays as likely as any other."""
    random = np.random.default_rng(seed)
    scores = [nn.Parameter(pc.zeros(len(values))) for values in CHOICES.values()]
    optimizer = optim.Adam(scores, lr=0.15)
    rewards = []
    for _ in range(TRIALS):
        log_p = [F.log_softmax(row, dim=0) for row in scores]
        picked = [random.multinomial(1, shares(row)).argmax() for row in log_p]
        won = reward(*(values[i] for values, i in zip(CHOICES.values(), picked, strict=True)))
        if learn and rewards:
            advantage = won - np.mean(rewards)
            J = -advantage * sum(row[i] for row, i in zip(log_p, picked, strict=True))
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
        rewards.append(won)
    return rewards, [row.detach() for row in log_p]


def told(name, gains):
    """A line with mean and standard error."""
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    print(f"{name:45} better than chance by {100 * gains.mean():.1f} ± {100 * error:.1f} percent points")


def draw(learned, chance, path):
    """The mean reward of each proposal, over all searches."""
    figure = new_figure(6, 3.6)
    axes = figure.add_subplot()
    for name, rewards, color, line in (("controller", learned, BLUE, "-"), ("chance", chance, VERMILLION, "--")):
        means = 100 * rewards.mean(0).reshape(-1, 5).mean(1)
        axes.plot(np.arange(len(means)) * 5 + 3, means, line, color=color, label=name)
    axes.set(xlabel="proposal", ylabel="right on digits held back (percent)")
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    chosen = options(__doc__)
    seeds = range(10 if chosen.fast else 30)
    found = [search(seed, learn=True) for seed in seeds]
    learned = np.array([rewards for rewards, _ in found])
    chance = np.array([search(1000 + seed, learn=False)[0] for seed in seeds])
    last = TRIALS // 4
    for name, rewards in (("controller", learned), ("chance", chance)):
        first, end = rewards[:, :last].mean(), rewards[:, -last:].mean()
        print(f"{name:10} mean reward of the first {last} proposals {first:.1%}, of the last {last} {end:.1%}")
    told(f"a proposal among the last {last}", learned[:, -last:].mean(1) - chance[:, -last:].mean(1))
    told(f"the best of all {TRIALS}", learned.max(1) - chance.max(1))
    for (name, values), rows in zip(CHOICES.items(), zip(*(scores for _, scores in found), strict=True), strict=True):
        mean = np.mean([shares(row) for row in rows], axis=0)
        words = [value.__name__ if isinstance(value, type) else str(value) for value in values]
        print(f"{name:10} " + "  ".join(f"{word} {share:.0%}" for word, share in zip(words, mean, strict=True)))
    every = np.prod([len(values) for values in CHOICES.values()])
    print(f"{reward.cache_info().currsize} of {every} possible networks were trained")
    if chosen.picture:
        draw(learned, chance, chosen.picture)


if __name__ == "__main__":
    main()
