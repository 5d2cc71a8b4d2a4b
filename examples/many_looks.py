"""The same picture, looked at several times: the mean of the answers is right more often than a single one.

    python examples/many_looks.py --picture many_looks.png

A small network of convolutions learns 1000 pieces of clothing (Fashion-MNIST), mirrored half of the time and moved by
up to two pixels. In the test each picture is shown as it is, then in 18 ways: mirrored or not, and moved by -1, 0 or 1
pixel along each axis; the probabilities are averaged (test-time augmentation, "multi-crop testing"). Each look errs a
little differently, and what they have in common is the picture. It costs 18 looks instead of one. Without the files of
Fashion-MNIST the digits of the package are shown, which may be moved and not mirrored.
(Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, train
from pellucid.data import transforms
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy


def pictures(half):
    """All pictures (n, 1, height, width) from 0 to 1, their labels, and whether they may be mirrored."""
    if folder_of("fashion-mnist") is None:
        images, labels = data.digits()
        return images[:, None], labels, False
    images, labels = data.fashion_mnist("train")
    images = images[:8000, None].astype(np.float32) / 255
    if half:  # the means of 2 x 2 pixels, to be quick
        images = images.reshape(-1, 1, 14, 2, 14, 2).mean(axis=(3, 5))
    return images, labels[:8000].astype(np.int64), True


def make_model(size):
    """Two convolutions and pools, then 10 scores."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * (size // 4) ** 2, 10),
    )  # fmt: skip


def looks(images, mirrored):
    """The pictures moved by -1, 0, 1 along each axis, and mirrored: one array for each look, as it is first."""
    padded = np.pad(images, [(0, 0), (0, 0), (1, 1), (1, 1)])
    size = images.shape[-1]
    places = sorted(((down, across) for down in range(3) for across in range(3)), key=lambda place: place != (1, 1))
    moved = [padded[:, :, down : down + size, across : across + size] for down, across in places]
    return moved + [image[..., ::-1] for image in moved] if mirrored else moved


def probabilities(model, images):
    """The ten probabilities of each picture."""
    with pc.no_grad():
        return F.softmax(model(pc.tensor(np.ascontiguousarray(images))), 1).numpy()


def compare(images, labels, mirrored, seed, few, kept, epochs):
    """The share of right answers with 1, 2, 3 ... looks, in percent."""
    order = np.random.default_rng(seed).permutation(len(labels))
    rows, test = order[:few], order[-kept:]
    size = images.shape[-1]
    pc.manual_seed(seed)
    model = make_model(size)
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    change = [transforms.RandomCrop(size, padding=2 if size > 8 else 1)]
    change += [transforms.RandomHorizontalFlip()] if mirrored else []
    change = transforms.Compose(change)
    train.fit(
        model,
        data.DataLoader((images[rows], labels[rows]), 50, shuffle=True, seed=seed, transform=change),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        progress=False,
    )
    answers = np.cumsum([probabilities(model, look) for look in looks(images[test], mirrored)], axis=0)
    return 100 * (answers.argmax(axis=2) == labels[test]).mean(axis=1)


def draw(found, path):
    """The gain over one look for each seed and their mean."""
    figure = new_figure(5.6, 3.8)
    axes = figure.add_subplot()
    gains = found - found[:, :1]
    count = np.arange(1, gains.shape[1] + 1)
    axes.plot(count, gains.T, color=BLUE, linewidth=0.8, alpha=0.6)
    axes.plot(count, gains.mean(axis=0), "o-", color=VERMILLION, linewidth=2.5, markersize=4, label="mean of all seeds")
    axes.set(xlabel="looks that are averaged", ylabel="more right answers than with one look (%)", xticks=count[1::2])
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, few, kept, epochs = (4, 500, 1000, 12) if arguments.fast else (6, 1000, 2000, 20)
    images, labels, mirrored = pictures(half=arguments.fast)
    few, kept = min(few, len(labels) // 4), min(kept, len(labels) // 2)
    found = []
    for seed in range(seeds):
        found.append(compare(images, labels, mirrored, seed, few, kept, epochs))
        print(f"seed {seed}: one look {found[-1][0]:.2f} %, {len(found[-1])} looks {found[-1][-1]:.2f} %", flush=True)
    found = np.array(found)
    gain = found[:, -1] - found[:, 0]
    print(f"gain {gain.mean():.2f} points, standard error {gain.std(ddof=1) / np.sqrt(seeds):.2f}")
    if arguments.picture:
        draw(found, arguments.picture)


if __name__ == "__main__":
    main()
