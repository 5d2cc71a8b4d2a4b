"""What was learned on the digits 0 to 4 helps to read 5 to 9 when there are few of these.

    python examples/transfer.py --picture transfer.png

A network is a trunk, which turns a picture into features, and a head, a linear layer that weighs them. Trained on many
pictures of 0 to 4, the trunk has learned strokes and loops, wherever they are; 5 to 9 have these too. Three ways to
learn 5 to 9 from a few pictures of each:

    frozen       the trunk stays as it is, only a new head is learned;
    fine-tuned   trunk and new head are learned, the trunk in small steps;
    from zero    the same network, from random numbers.

(Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?", 2014.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

WAYS = ("frozen", "fine-tuned", "from zero")
STEPS = 80  # for few pictures


def trunk():
    """12 x 12 pixels become 32 features."""
    first = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, nn.Conv2d(16, 32, 3), nn.ReLU(), nn.Flatten())


def digits_of(classes, seed):
    """These digits, each somewhere in a field (n, 1, 12, 12), and labels that count them from 0."""
    images, labels = data.digits()
    images, labels = images[np.isin(labels, classes)], labels[np.isin(labels, classes)]
    fields = np.zeros((len(images), 1, 12, 12), np.float32)
    for field, image, (row, column) in zip(
        fields, images, np.random.default_rng(seed).integers(0, 5, (len(images), 2)), strict=True
    ):
        field[0, row : row + 8, column : column + 8] = image
    return fields, labels - min(classes)


def source(seed, rounds):
    """A trunk that has learned to tell 0 to 4, in many places."""
    pc.manual_seed(seed)
    body = trunk()
    model = nn.Sequential(body, nn.Linear(32, 5))
    pictures = [digits_of(range(5), seed=[seed, place]) for place in range(rounds)]
    images, labels = (np.concatenate(parts) for parts in zip(*pictures, strict=True))
    batches = data.DataLoader((images, labels), 64, shuffle=True, drop_last=True, seed=seed)
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    train.fit(model, batches, loss=F.cross_entropy, optimizer=optimizer, epochs=1, progress=False)
    return body.state_dict()


def few(count, seed):
    """`count` pictures of each of 5 to 9 to learn from, and all others to test."""
    images, labels = digits_of(range(5, 10), seed)
    order = np.random.default_rng(seed).permutation(len(images))
    chosen = np.concatenate([order[labels[order] == label][:count] for label in range(5)])
    others = np.setdiff1d(order, chosen)
    return (images[chosen], labels[chosen]), (images[others], labels[others])


def accuracy(way, learned, count, seed):
    """In per cent, on the pictures that were not learned from."""
    pc.manual_seed(100 + seed)
    body, head = trunk(), nn.Linear(32, 5)
    (x, y), (x_test, y_test) = few(count, seed)
    x, x_test = pc.from_numpy(x), pc.from_numpy(x_test)
    rates = {"frozen": 0.0, "fine-tuned": 0.001, "from zero": 0.005}
    if way != "from zero":
        body.load_state_dict(learned)
    optimizer = optim.Adam([{"params": head.parameters()}, {"params": body.parameters(), "lr": rates[way]}], lr=0.005)
    model = nn.Sequential(body, head)
    if way == "frozen":  # a trunk that stays as it is gives the same features in each step: once is enough
        with pc.no_grad():
            x, x_test, model = body(x), body(x_test), head
    for _ in range(STEPS):
        J = F.cross_entropy(model(x), pc.from_numpy(y))
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    with pc.no_grad():
        return 100 * metrics.accuracy(model(x_test), y_test)


def draw(counts, rights, path):
    """Accuracy by the number of pictures; the bars are standard errors."""
    figure = new_figure(5.2, 3.6)
    axes = figure.subplots()
    for way, color, mark in zip(WAYS, (BLUE, GREEN, VERMILLION), ("o-", "s--", "^:"), strict=True):
        means, errors = rights[way].mean(axis=1), rights[way].std(axis=1, ddof=1) / rights[way].shape[1] ** 0.5
        axes.errorbar(counts, means, errors, fmt=mark, color=color, label=way, capsize=3)
    axes.set(xlabel="pictures of each of the digits 5 to 9", ylabel="accuracy on other pictures, %", xscale="log")
    axes.set(xticks=counts, xticklabels=counts)
    axes.minorticks_off()
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    counts, seeds, rounds = ((2,), 5, 20) if arguments.fast else ((1, 2, 5, 10, 20), 10, 40)
    trunks = [source(number, rounds) for number in range(2 if arguments.fast else 5)]
    rights = {
        way: np.array(
            [[accuracy(way, trunks[seed % len(trunks)], count, seed) for seed in range(seeds)] for count in counts]
        )
        for way in WAYS
    }
    for place, count in enumerate(counts):
        said = "  ".join(f"{way} {rights[way][place].mean():.1f} %" for way in WAYS)
        gains = rights["frozen"][place] - rights["from zero"][place]
        print(f"{count:2} of each:  {said}  gain of frozen over from zero ", end="")
        print(f"{gains.mean():+.1f} +- {gains.std(ddof=1) / seeds**0.5:.1f}")
    if arguments.picture:
        draw(counts, rights, arguments.picture)


if __name__ == "__main__":
    main()
