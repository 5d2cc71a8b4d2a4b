"""What was learned on the digits 0 to 4 helps to read 5 to 9 when there are few of these.

    python examples/transfer.py --picture transfer.png

A network is a trunk, which turns a picture into features, and a head, a linear layer that weighs them. Trained on many
pictures of 0 to 4, the trunk has learned strokes and loops, wherever they are; 5 to 9 have these too. Three ways to
learn 5 to 9 from a few pictures of each:

    frozen       the trunk stays as it is, only a new head is learned;
    fine-tuned   trunk and new head are learned, the trunk in small steps;
    from zero    the same network, from random numbers.

Ten seeds, each with a trunk of its own, its own places in the field and its own few pictures: the standard errors speak
of all three. The 1797 digits themselves are the same for all.
(Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?", 2014.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

WAYS = {"frozen": 0.0, "fine-tuned": 0.001, "from zero": 0.005}  # with the learning rate of the trunk
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
    places = np.random.default_rng(seed).integers(0, 5, (len(images), 2))
    for field, image, (row, column) in zip(fields, images, places, strict=True):
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
    train.fit(model, batches, loss=F.cross_entropy, optimizer=optimizer, epochs=1, compile=True, progress=False)
    return body.state_dict()


def few(count, seed):
    """`count` pictures of each of 5 to 9 to learn from, and all others to test."""
    images, labels = digits_of(range(5, 10), seed)
    order = np.random.default_rng(seed).permutation(len(images))
    chosen = np.concatenate([order[labels[order] == label][:count] for label in range(5)])
    others = np.setdiff1d(order, chosen)
    parts = images[chosen], labels[chosen], images[others], labels[others]
    return [pc.from_numpy(part) for part in parts]


def accuracy(way, learned, count, seed):
    """In per cent, on the pictures that were not learned from."""
    pc.manual_seed(100 + seed)
    body, head = trunk(), nn.Linear(32, 5)
    x, y, x_test, y_test = few(count, seed)
    if way != "from zero":
        body.load_state_dict(learned)
    optimizer = optim.Adam([{"params": head.parameters()}, {"params": body.parameters(), "lr": WAYS[way]}], lr=0.005)
    model = nn.Sequential(body, head)
    for _ in range(STEPS):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    with pc.no_grad():
        return 100 * metrics.accuracy(model(x_test), y_test)


def error_of_mean(values):
    """The standard error over the seeds, which are along the last axis."""
    return values.std(axis=-1, ddof=1) / values.shape[-1] ** 0.5


def draw(counts, rights, path):
    """Accuracy by the number of pictures, a text for each, so that they stand evenly; the bars are standard errors."""
    figure = new_figure(5.2, 3.6)
    axes = figure.subplots()
    for way, right, color, mark in zip(WAYS, rights, (BLUE, GREEN, VERMILLION), ("o-", "s--", "^:"), strict=True):
        axes.errorbar(counts, right.mean(axis=1), error_of_mean(right), fmt=mark, color=color, label=way, capsize=3)
    axes.set(xlabel="pictures of each of the digits 5 to 9", ylabel="accuracy on other pictures, %")
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    counts, seeds, rounds = ((2,), 5, 20) if arguments.fast else ((1, 2, 5, 10, 20), 10, 40)
    rights = np.empty((len(WAYS), len(counts), seeds))
    for seed in range(seeds):
        learned = source(seed, rounds)
        for place, count in enumerate(counts):
            rights[:, place, seed] = [accuracy(way, learned, count, seed) for way in WAYS]
    print(f"accuracy on other pictures; gain of frozen over from zero and its standard error, {seeds} seeds and trunks")
    for place, count in enumerate(counts):
        said = "  ".join(f"{way} {right.mean():.1f} %" for way, right in zip(WAYS, rights[:, place], strict=True))
        gains = rights[0, place] - rights[2, place]
        print(f"{count:2} of each:  {said}  gain {gains.mean():+.1f} +- {error_of_mean(gains):.1f}")
    if arguments.picture:
        draw([str(count) for count in counts], rights, arguments.picture)


if __name__ == "__main__":
    main()
