"""Neighbours keep the data, a network keeps its weights: accuracy, memory and work as the data grow.

    python examples/nearest_neighbours.py --picture nearest_neighbours.png

The k nearest neighbours learn nothing: for an answer they measure the distance to each sample that they keep,

    d(x, x_i)^2 = |x|^2 - 2 x . x_i + |x_i|^2,

and let the k = 3 nearest vote. All they know is the data, so memory and work of an answer grow with them: such models
are called non-parametric. A network has as many numbers after a million samples as after ten, and its answer always
costs the same: parametric. Neighbours can show why they said so, by pointing at three samples; weights cannot.
(Cover and Hart, "Nearest neighbor pattern classification", 1967. Digits of 8 by 8 pixels, in the package.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, train
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

TEST = 397
UNITS = 32


def neighbours(X, Y, x_new, k=3):
    """The class of each new point: most of its k nearest, the smallest class of several."""
    nearest = pc.topk(pc.cdist(pc.tensor(x_new), pc.tensor(X)), k, dim=1, largest=False).indices
    return pc.tensor(Y)[nearest].mode(dim=1).values.numpy()


def network(X, Y, x_new, seed, steps):
    """The same of a network with one hidden layer, that has seen `steps` batches of these samples."""
    pc.manual_seed(seed)
    model = models.mlp(64, UNITS, 10)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    batches = data.DataLoader((X, Y), 50, shuffle=True, seed=seed)
    train.fit(
        model,
        batches,
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=max(1, steps // len(batches)),
        compile=False,
        progress=False,
    )
    return model(pc.tensor(x_new)).detach().numpy().argmax(axis=1)


def said(numbers):
    """Mean and standard error."""
    return f"{np.mean(numbers):.3f} +- {np.std(numbers, ddof=1) / len(numbers) ** 0.5:.3f}"


def draw(sizes, right, numbers, path):
    """Accuracy, and numbers kept, against the count of samples."""
    figure = new_figure(8.4, 3.5)
    left, second = figure.subplots(1, 2)
    for (name, values), color, mark in zip(right.items(), (BLUE, VERMILLION), "os", strict=True):
        errors = np.std(values, axis=1, ddof=1) / len(values[0]) ** 0.5
        left.errorbar(sizes, np.mean(values, axis=1), errors, marker=mark, color=color, label=name)
        second.plot(sizes, numbers[name], marker=mark, color=color, label=name)
    left.set(xscale="log", xlabel="samples to learn from", ylabel="part of the test that is right")
    second.set(
        xscale="log", yscale="log", xlabel="samples to learn from", ylabel="numbers kept; multiplications an answer"
    )
    for axes in (left, second):
        axes.legend(frameon=False)
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    images, labels = data.digits()
    images = images.reshape(len(images), -1)
    sizes, seeds, steps = ((50, 1400), 3, 150) if arguments.fast else ((25, 50, 100, 200, 400, 800, 1400), 10, 500)
    right = {"3 neighbours": [], "network": []}
    numbers = {"3 neighbours": [64 * n for n in sizes], "network": [64 * UNITS + UNITS + 10 * UNITS + 10] * len(sizes)}
    print("samples   right: 3 neighbours      network            numbers kept: neighbours, network")
    for place, n in enumerate(sizes):
        found = {name: [] for name in right}
        for seed in range(seeds):
            X, x_test, Y, y_test = data.train_test_split(images, labels, test_size=TEST, seed=seed)
            answers = (neighbours(X[:n], Y[:n], x_test), network(X[:n], Y[:n], x_test, seed, steps))
            for name, answer in zip(found, answers, strict=True):
                found[name].append((answer == y_test).mean())
        for name, values in found.items():
            right[name].append(values)
        kept = [numbers[name][place] for name in right]
        print(f"{n:7}   {said(found['3 neighbours']):20}   {said(found['network']):20}   {kept[0]:6} {kept[1]:6}")
    if arguments.picture:
        draw(sizes, right, numbers, arguments.picture)


if __name__ == "__main__":
    main()
