"""What a trained network sees in pictures of clothes: its kernels, its feature maps, and where its evidence lies.

    python examples/seeing.py --pictures folder

The network learns Fashion-MNIST from 20,000 pictures, some seconds for each pass over them. Then:

kernels.png       the 5 x 5 weights of the first layer: edges and spots, which no one has told it to look for
feature-maps.png  what each layer puts out for one picture: first edges, then parts, smaller from layer to layer
evidence.png      for pictures of several classes, where the last maps speak for the class (class activation)
occlusion.png     the same pictures, asked otherwise: how much less sure is it when a square is hidden there?
"""

import argparse
from pathlib import Path

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train, view

NAMES = data.class_names("fashion_mnist")
SHOWN = ("Trouser", "Pullover", "Dress", "Sandal", "Bag", "Ankle boot")


def layer(in_channels, channels, kernel_size):
    """A convolution that keeps the size, batch norm, and ReLU."""
    convolution = nn.Conv2d(in_channels, channels, kernel_size, padding=kernel_size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(channels), nn.ReLU()]


def network():
    """Three convolutions, a mean over all places, one linear layer: every place votes for the classes."""
    return nn.Sequential(
        *layer(1, 8, 5), nn.MaxPool2d(2),
        *layer(8, 16, 3), nn.MaxPool2d(2),
        *layer(16, 32, 3),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip


def trained(samples, epochs):
    """The network after so many passes, and its accuracy on pictures that it has not seen."""
    pc.manual_seed(0)
    (x, y), (x_test, y_test) = [data.fashion_mnist(part) for part in ("train", "test")]
    x, x_test = [images[:, None].astype(np.float32) / 255 for images in (x, x_test)]  # 0 background, 1 cloth
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    batches = data.DataLoader((x[:samples], y[:samples]), 64, shuffle=True, seed=0)
    train.fit(model, batches, loss=F.cross_entropy, optimizer=optimizer, epochs=epochs)
    figures = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return model.eval(), figures["accuracy"], x_test, y_test


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", metavar="FOLDER", default=".", help="where the four pictures are written")
    parser.add_argument("--samples", type=int, default=20_000, help="pictures to learn from")
    parser.add_argument("--epochs", type=int, default=6, help="passes over them")
    arguments = parser.parse_args()
    folder = Path(arguments.pictures)

    model, accuracy, images, labels = trained(arguments.samples, arguments.epochs)
    print(f"accuracy {accuracy:.3f} on {len(images):,} pictures it had not seen")
    view.kernels(model[0], folder / "kernels.png", columns=4, title="what the first layer looks for")
    chosen = [int(np.flatnonzero(labels == NAMES.index(name))[0]) for name in SHOWN]
    view.feature_maps(
        model, images[chosen[-1]], folder / "feature-maps.png", layers=["2", "6", "10"], most=8, title=SHOWN[-1]
    )

    x, y = images[chosen], labels[chosen]
    answers = [NAMES[answer] for answer in model(pc.tensor(x)).argmax(1).tolist()]
    maps = view.class_activation(model, x, target=y)
    view.heat_maps(x, maps, folder / "evidence.png", labels=SHOWN, title="where the last maps speak for the class")
    hidden = view.occlusion(model, x, target=y, size=6, stride=2)
    falls = [f"{name}: {heat.max():.2f}" for name, heat in zip(SHOWN, hidden, strict=True)]
    view.heat_maps(
        x, hidden, folder / "occlusion.png", labels=falls, title="less sure, at most by so much, when hidden"
    )
    for name, answer, heat in zip(SHOWN, answers, hidden, strict=True):
        print(f"{name:10s} -> {answer:10s}  hiding a square takes {heat.max():.2f} of its probability at most")


if __name__ == "__main__":
    main()
