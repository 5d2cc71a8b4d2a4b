"""What each transform of pictures does: a row for each, the same pictures in each row.

    python examples/transforms.py --picture transforms.png

It shows CIFAR-10 if its files are on this machine (PELLUCID_DATA), and drawn signs otherwise or with --signs. Each row
is made with the seed and the epoch 0, so the picture is the same every time.
"""

import argparse

import numpy as np

from pellucid import data
from pellucid.data import transforms
from pellucid.errors import PellucidError

COLUMNS = 10
SIZE = 32

ROWS = {
    "as it is": transforms.Compose(()),
    "RandomCrop(32, padding=4)": transforms.RandomCrop(SIZE, padding=4),
    "…, padding_mode='reflect'": transforms.RandomCrop(SIZE, padding=4, padding_mode="reflect"),
    "RandomHorizontalFlip()": transforms.RandomHorizontalFlip(),
    "RandomRotation(30)": transforms.RandomRotation(30),
    "…, interpolation='bilinear'": transforms.RandomRotation(30, interpolation="bilinear"),
    "RandomAffine(0, scale=(0.6, 1.4))": transforms.RandomAffine(0, scale=(0.6, 1.4), interpolation="bilinear"),
    "RandomAffine(0, shear=30)": transforms.RandomAffine(0, shear=30, interpolation="bilinear"),
    "RandomResizedCrop(32, (0.2, 1))": transforms.RandomResizedCrop(SIZE, scale=(0.2, 1.0)),
    "ColorJitter(brightness=0.6)": transforms.ColorJitter(brightness=0.6),
    "ColorJitter(contrast=0.8)": transforms.ColorJitter(contrast=0.8),
    "ColorJitter(saturation=1)": transforms.ColorJitter(saturation=1.0),
    "ColorJitter(hue=0.3)": transforms.ColorJitter(hue=0.3),
    "Grayscale(3)": transforms.Grayscale(3),
    "RandomErasing(1, value='random')": transforms.RandomErasing(p=1.0, value="random"),
    "Cutout(12)": transforms.Cutout(12, value=127),
    "MixUp(1, num_classes=10)": transforms.MixUp(1.0, num_classes=10),
    "CutMix(1, num_classes=10)": transforms.CutMix(1.0, num_classes=10),
}


def signs(count, seed=0):
    """Drawn signs of random colors on a slope of light: pictures uint8 (count, 3, 32, 32), labels 0 to 4."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    shapes = [
        np.hypot(x, y) < 11,  # a disc
        (np.abs(x) < 9) & (np.abs(y) < 9) & ~((np.abs(x) < 5) & (np.abs(y) < 5)),  # a frame
        (y < 9) & (y > 1.8 * np.abs(x) - 11),  # a triangle
        (np.abs(x) < 3.5) & (np.abs(y) < 11) | (np.abs(y + 4) < 3) & (np.abs(x) < 11),  # a cross
        (np.abs(y - x) < 4) & (np.abs(x) < 11) & (np.abs(y) < 11) | (x > 4) & (x < 11) & (y > -11) & (y < -4),  # a hook
    ]
    pictures, labels = np.empty((count, 3, SIZE, SIZE)), np.arange(count) % len(shapes)
    light = (x + y) / (2 * SIZE)  # from -1/2 to 1/2
    for picture, label in zip(pictures, labels, strict=True):
        ink, paper = random.uniform(0, 255, (2, 3, 1, 1))
        paper = (paper + 255) / 2
        picture[:] = np.where(shapes[label], ink * (1 - light), paper + 60 * light)
    return np.clip(pictures, 0, 255).astype(np.uint8), labels


def pictures(count, drawn):
    """So many pictures and their labels, and what they are."""
    if not drawn:
        try:
            images, labels = data.cifar10(form="first4000")
        except PellucidError:
            print("CIFAR-10 is not on this machine: drawn signs instead.")
        else:
            return images[:count], labels[:count], "CIFAR-10"
    return *signs(count), "Drawn signs"


def gallery(images, labels):
    """All rows as one array of pictures."""
    made = []
    for transform in ROWS.values():
        changed = transform(images, labels, seed=0, epoch=0)[0]
        made.append(changed)
    return np.concatenate(made)


def main():
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description="What each transform of pictures does.")
    parser.add_argument("--picture", default="transforms.png", help="the PNG file to write")
    parser.add_argument("--signs", action="store_true", help="drawn signs, even if CIFAR-10 is here")
    options = parser.parse_args()
    images, labels, what = pictures(COLUMNS, options.signs)

    from pellucid.view import image_grid

    title = f"{what}: what each transform does"
    image_grid(gallery(images, labels), options.picture, columns=COLUMNS, rows=ROWS, title=title)
    print(f"{len(ROWS)} rows of {COLUMNS} pictures: {options.picture}")


if __name__ == "__main__":
    main()
