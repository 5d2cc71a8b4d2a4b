"""Features made by hand win while pictures are few; their lead shrinks as pictures become many.

    python examples/learned_or_made_features.py --picture learned_or_made_features.png

Three ways to read handwritten digits, all with a linear classifier at the end:

    pixels     straight into the classifier;
    made       first edges, by somebody who thought: Sobel's kernels give the slope of the grey values at each place, in
               strength and direction; in each cell of 4 x 4 pixels the strengths are added up by direction (8 of them);
    learned    a small convolutional network: its filters begin as random numbers and are learned with the classifier.

What was made knows from the start that edges matter. What is learned has to find that out, and then finds more.
(Sobel and Feldman, 1968; Dalal and Triggs, "Histograms of oriented gradients for human detection", 2005; LeCun, Bottou,
Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

SOBEL = pc.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]], [[[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]]])
DIRECTIONS, CELL = 8, 4


def pictures(tests):
    """Pictures (n, 1, 28, 28) from 0 to 1 with labels, to learn from and to test: MNIST, or the digits made larger."""
    if folder_of("mnist") is None:
        images, labels = data.digits()
        images = images.repeat(4, axis=1).repeat(4, axis=2)[:, None, 2:30, 2:30]
        count = min(tests // 2, 500)
        return images[count:], labels[count:], images[:count], labels[:count]
    parts = [*data.mnist("train"), *(part[:tests] for part in data.mnist("test"))]
    return [part[:, None].astype(np.float32) / 255 if part.ndim == 3 else part for part in parts]


def made(images):
    """Histograms of directions, (n, 8 x 7 x 7): each vote counts as much as the edge is strong."""
    slopes = F.conv2d(pc.from_numpy(images), SOBEL, padding=1).numpy()
    across, down = slopes[:, 0], slopes[:, 1]
    strength, angle = np.hypot(across, down), np.arctan2(down, across)
    nearest = np.round(angle / (2 * np.pi) * DIRECTIONS).astype(int) % DIRECTIONS
    votes = strength[:, None] * (nearest[:, None] == np.arange(DIRECTIONS)[:, None, None])
    cells = F.avg_pool2d(pc.from_numpy(votes), CELL).flatten(1)
    return F.normalize(cells, dim=1).numpy() * 10


def network():
    """Two layers of filters, then the classifier."""
    filters = [nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*filters, nn.Flatten(), nn.Linear(16 * 5 * 5, 10))


def error(model, X, Y, x_test, y_test, seed):
    """Wrong answers on the test part in per cent, after 8 to 40 times through the pictures."""
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    batches = data.DataLoader((X, Y), 50, shuffle=True, drop_last=True, seed=seed)
    epochs = min(40, max(8, 15000 // len(X)))
    slower = train.Schedule(optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs))
    loss = F.cross_entropy
    train.fit(
        model, batches, loss=loss, optimizer=optimizer, epochs=epochs, callbacks=[slower], compile=True, progress=False
    )
    figures = train.evaluate(model, (x_test, y_test), loss=loss, metrics=[metrics.accuracy])
    return 100 * (1 - figures["accuracy"])


def compare(count, seed, parts):
    """Errors by pixels, made and learned features on the same `count` pictures."""
    images, labels, tests, test_labels = parts
    chosen = np.random.default_rng(seed).permutation(len(images))[:count]
    X, Y, ways = images[chosen], labels[chosen], []
    for change, build in [
        (lambda pictures: pictures.reshape(len(pictures), -1), lambda: nn.Linear(784, 10)),
        (made, lambda: nn.Linear(DIRECTIONS * 49, 10)),
        (lambda pictures: pictures, network),
    ]:
        pc.manual_seed(seed)
        ways.append(error(build(), change(X), Y, change(tests), test_labels, seed))
    return ways


def draw(counts, errors, path):
    """Errors by the number of pictures, both on scales of factors."""
    figure = new_figure(5.2, 3.8)
    axes = figure.subplots()
    names = [("pixels", VERMILLION, "^:"), ("made features", GREEN, "s--"), ("learned features", BLUE, "o-")]
    for way, (name, color, mark) in enumerate(names):
        axes.loglog(counts, errors[:, :, way].mean(axis=1), mark, color=color, label=name)
    ticks = [1, 2, 5, 10, 20, 50]
    axes.set(xlabel="pictures to learn from", ylabel="errors on the test part, %", xticks=counts, xticklabels=counts)
    axes.set(yticks=ticks, yticklabels=ticks)
    axes.minorticks_off()
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    parts = pictures(1000 if arguments.fast else 10000)
    counts, seeds = ((100, 1000), 3) if arguments.fast else ((100, 300, 1000, 3000, 10000, 20000), 5)
    counts = [count for count in counts if count <= len(parts[0])]
    errors = np.array([[compare(count, seed, parts) for seed in range(seeds)] for count in counts])
    for count, per_seed in zip(counts, errors, strict=True):
        gain = per_seed[:, 1] - per_seed[:, 2]
        better = f"{gain.mean():+.2f} +- {gain.std(ddof=1) / seeds**0.5:.2f}"
        by_way = zip(("pixels", "made", "learned"), per_seed.mean(axis=0), strict=True)
        said = "  ".join(f"{name} {mean:5.2f} %" for name, mean in by_way)
        print(f"{count:5} pictures: errors by {said}  learned is better by {better}")
    if arguments.picture:
        draw(counts, errors, arguments.picture)


if __name__ == "__main__":
    main()
