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

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

CHOICES = {  # three values of each
    "layers": (1, 2, 3),
    "units": (2, 8, 16),
    "activation": (nn.Sigmoid, nn.Tanh, nn.ReLU),
    "rate": (0.001, 0.03, 0.5),
}
TRIALS = 60
images, labels = data.digits()
X_TRAIN, Y_TRAIN = pc.tensor(images[:200]), pc.tensor(labels[:200])
X_HELD, Y_HELD = pc.tensor(images[200:600]), pc.tensor(labels[200:600])


@cache  # a network that was trained once is not trained again: it would come out the same
def reward(layers, units, activation, rate):
    """The accuracy on digits held back, after 30 steps."""
    pc.manual_seed(0)
    inputs = [64] + (layers - 1) * [units]
    hidden = [part for n in inputs for part in (nn.Linear(n, units), activation())]
    model = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(units, 10))
    optimizer = optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    for _ in range(30):
        J = F.cross_entropy(model(X_TRAIN), Y_TRAIN)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return metrics.accuracy(model(X_HELD), Y_HELD)


def search(seed, learn):
    """The rewards of all proposals, and the probabilities at the end; without `learn` all stay equally likely."""
    random = np.random.default_rng(seed)
    scores = [nn.Parameter(pc.zeros(len(values))) for values in CHOICES.values()]
    optimizer = optim.Adam(scores, lr=0.15)
    rewards = []
    for _ in range(TRIALS):
        log_p = [F.log_softmax(row, dim=0) for row in scores]
        p = [np.exp(row.double().numpy()) for row in log_p]
        picked = [random.multinomial(1, row / row.sum()).argmax() for row in p]  # NumPy wants the sum exactly 1
        won = reward(*(values[i] for values, i in zip(CHOICES.values(), picked, strict=True)))
        if learn and rewards:
            J = -(won - np.mean(rewards)) * sum(row[i] for row, i in zip(log_p, picked, strict=True))
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
        rewards.append(won)
    return rewards, p


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
    for (name, values), row in zip(CHOICES.items(), np.mean([p for _, p in found], axis=0), strict=True):
        words = [f"{getattr(value, '__name__', value)} {p:.0%}" for value, p in zip(values, row, strict=True)]
        print(f"{name:10} " + "  ".join(words))
    print(f"{reward.cache_info().currsize} of {3 ** len(CHOICES)} possible networks were trained")
    if chosen.picture:
        draw(learned, chance, chosen.picture)


if __name__ == "__main__":
    main()
