"""Augmentation: the same few pictures, moved a little each time they are seen, teach a network more.

    python examples/augmentation.py --picture augmentation.png      (two minutes on one core)

A network of two convolutions learns 500 pictures of CIFAR-10 twice: as they are, and each time cut out at a place
of its own and mirrored half of the time. Both begin with the same numbers. A horse that looks the other way is still a
horse, and nothing else says so to a network that has seen a few horses only. With --fast it learns 100 handwritten
digits, which may be moved and not mirrored: what leaves the answer as it is depends on the data.

One pair of trainings proves nothing, so there are several, each with pictures and first numbers of its own; the mean
gain must be above two standard errors, which are its uncertainty.
"""

import argparse

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.data import transforms
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

SEEDS = 5


def make_model(channels, size):
    """Two convolutions and pools; 32 features at each of size / 4 x size / 4 places give 10 scores."""
    return nn.Sequential(
        nn.BatchNorm2d(channels, affine=False),
        nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * (size // 4) ** 2, 10),
    )  # fmt: skip


def learned(few, test, change, epochs, batch_size, seed):
    """The accuracy on test pictures after learning a few others, in percent."""
    pc.manual_seed(seed)
    model = make_model(*few[0].shape[1:3])
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    train.fit(
        model,
        data.DataLoader(few, batch_size, shuffle=True, seed=seed, transform=change),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        compile=True,  # "auto" looks at one training; here ten of them share the kernels of the first
        progress=False,
    )
    return 100 * train.evaluate(model, test, loss=F.cross_entropy, metrics=[metrics.accuracy])["accuracy"]


def draw(pairs, path):
    """A line for each pair of trainings, and a thick one for their means."""
    figure = new_figure(4.2, 3.8)
    axes = figure.add_subplot()
    axes.plot([0, 1], np.transpose(pairs), color=BLUE, marker="o", markersize=3, linewidth=0.8)
    axes.plot([0, 1], np.mean(pairs, axis=0), color=VERMILLION, marker="s", linewidth=2.5, label="mean")
    axes.set_xticks([0, 1], ["as they are", "moved"])
    axes.set(xlim=(-0.3, 1.3), ylabel="accuracy on test pictures (%)")
    tidy(axes)
    axes.legend(frameon=False, loc="upper left")
    save(figure, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw the accuracies into a PNG file")
    parser.add_argument("--fast", action="store_true", help="100 digits of MNIST instead")
    arguments = parser.parse_args()
    if arguments.fast:
        images, labels = data.mnist("train")
        images, labels, count, kept, epochs = images[:4000, None], labels[:4000], 100, 500, 25
        batch_size = 20
        change = transforms.RandomCrop(28, padding=2)
    else:
        images, labels = data.cifar10(form="first4000")
        count, kept, epochs, batch_size = 500, 2000, 60, 50
        change = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomCrop(32, padding=4)])
    as_it_is, moved = transforms.ToFloat(), transforms.Compose([change, transforms.ToFloat()])

    pairs = []
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(labels))
        rows, others = order[:count], order[-kept:]
        few, test = (images[rows], labels[rows]), (as_it_is(images[others]), labels[others])
        pairs.append([learned(few, test, transform, epochs, batch_size, seed) for transform in (as_it_is, moved)])
        print(f"seed {seed}: {pairs[-1][0]:.1f} % as they are, {pairs[-1][1]:.1f} % moved", flush=True)
    gains = np.diff(pairs)
    error = gains.std(ddof=1) / np.sqrt(SEEDS)
    print(f"gain {gains.mean():.1f} points, standard error {error:.1f}")
    if arguments.picture:
        draw(pairs, arguments.picture)


if __name__ == "__main__":
    main()
