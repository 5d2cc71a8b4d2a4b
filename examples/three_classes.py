"""Three classes by lines alone: one against one, one against the rest, and all at once with softmax.

    python examples/three_classes.py --picture three_classes.png

A line parts two classes. For three there are three ways to use it, each with three linear neurons z = x W^T + b:

    one against one     a neuron for each pair of classes, taught by these two only; each gives its vote
    one against rest    a neuron for each class, that says yes or no to it; the surest is believed
    many against many   one layer with three scores, and softmax: p_k = exp(z_k) / (exp(z_1) + exp(z_2) + exp(z_3))

All go down the slope of the cross entropy, with a small charge for large weights, |W|^2 / 2 for all samples together.
In the first two ways the neurons know nothing of each other: there are places where nobody or more than one says yes,
or where each class has one vote. Softmax shares out one probability, so somebody is ahead everywhere.
(Bishop, "Pattern recognition and machine learning", 2006, section 4.1.2. Data: ai-edu, chapter 7.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, view
from pellucid.view.canvas import new_figure, save

PAIRS = [(0, 1), (0, 2), (1, 2)]


def three_classes():
    """Points, scaled to mean 0 and standard deviation 1, and their classes 0, 1, 2."""
    found = samples("ch07")
    X, Y = data.blobs(140, 3, noise=0.8) if found is None else (found[0], found[1].reshape(-1).astype(np.int64) - 1)
    return data.StandardScaler().fit(X).transform(X).astype(np.float32), Y


def train(X, Y, outputs, loss, steps):
    """A linear layer after `steps` steps, each with all samples."""
    X, Y = pc.tensor(X), pc.tensor(Y)
    layer = nn.Linear(2, outputs)
    optimizer = optim.SGD(layer.parameters(), lr=1.0, momentum=0.9)
    for _ in range(steps):
        J = loss(layer(X), Y) + (layer.weight**2).sum() / (2 * len(X))
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return lambda points: layer(pc.tensor(points)).detach().numpy()


def yes_or_no(scores, answers):
    """Binary cross entropy of one column of scores; the sigmoid is inside."""
    return F.binary_cross_entropy_with_logits(scores[:, 0], answers)


def one_against_one(X, Y, steps):
    """A function from points to votes, (m, 3): each pair's neuron gives one."""
    neurons = []
    for a, b in PAIRS:
        rows = np.isin(Y, (a, b))
        neurons.append(train(X[rows], (b == Y[rows]).astype(np.float32), 1, yes_or_no, steps))

    def votes(points):
        counts = np.zeros((len(points), 3))
        for (a, b), neuron in zip(PAIRS, neurons, strict=True):
            for_b = neuron(points)[:, 0] > 0
            counts[:, b] += for_b
            counts[:, a] += ~for_b
        return counts

    return votes


def one_against_rest(X, Y, steps):
    """A function from points to scores, (m, 3): above 0 a neuron says yes to its class."""
    neurons = [train(X, (k == Y).astype(np.float32), 1, yes_or_no, steps) for k in range(3)]
    return lambda points: np.concatenate([neuron(points) for neuron in neurons], axis=1)


def many_against_many(X, Y, steps):
    """A function from points to scores, (m, 3), of which softmax makes probabilities."""
    return train(X, Y, 3, F.cross_entropy, steps)


WAYS = {  # how to learn, and in which rows of scores no single class is chosen
    "one against one": (one_against_one, lambda votes: votes.max(axis=1) < 2),
    "one against rest": (one_against_rest, lambda scores: (scores > 0).sum(axis=1) != 1),
    "many against many": (many_against_many, lambda scores: (scores == scores.max(axis=1)[:, None]).sum(axis=1) != 1),
}


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    X, Y = three_classes()
    sides = [np.linspace(low, high, 200) for low, high in zip(X.min(axis=0), X.max(axis=0), strict=True)]
    plane = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2).astype(np.float32)

    figure = new_figure(10, 3.4)
    print(f"{'':18}  right of {len(Y)}   undecided part of the plane")
    for axes, (name, (learn, undecided)) in zip(figure.subplots(1, 3), WAYS.items(), strict=True):
        scores = learn(X, Y, 300 if arguments.fast else 1000)
        right = (scores(X).argmax(axis=1) == Y).sum()
        print(f"{name:18}  {right:8}   {undecided(scores(plane)).mean():10.1%}")
        if arguments.picture:
            view.decision_boundary(lambda x, scores=scores: scores(x).argmax(axis=1), X, Y, title=name, axes=axes)
            gap = undecided(scores(plane)).reshape(200, 200).astype(float)
            if gap.any():  # hatched: nobody, or more than one
                axes.contourf(*sides, gap, levels=[0.5, 1.5], colors="none", hatches=["////"])
    if arguments.picture:
        figure.supxlabel("hatched: no class, or more than one, is chosen", fontsize=9)
        save(figure, arguments.picture)


if __name__ == "__main__":
    main()
