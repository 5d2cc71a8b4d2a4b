"""Digits: 8 by 8 pixels, written by hand. The data come with the package."""

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, models, optim, tensors, train
from pellucid.recipes.inputs import Pictures
from pellucid.recipes.result import Result

CLASSES = data.class_names("digits")
INPUTS = Pictures(size=8, ink=8)


def make_model():
    """64 pixels, two layers of 256 and 128 hidden units, 10 scores."""
    return models.mlp(64, 256, 128, 10, dropout=0.3)


def run(folder, epochs=16, batch_size=64, lr=0.002, seed=0, fast=False):
    """Train on 70 % of the images, watch 10 %, and judge by the 20 % that nothing was chosen by."""
    images, labels = data.digits()
    x_train, x_val, x_test, y_train, y_val, y_test = data.train_val_test_split(
        images, labels, val_size=0.1, test_size=0.2, stratify=labels, seed=seed
    )
    x_many, y_many = with_moved(x_train), np.tile(y_train, 5)
    if fast:
        epochs = min(epochs, 3)

    tensors.manual_seed(seed)
    model = make_model()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    train.fit(
        model,
        data.DataLoader((x_many, y_many), batch_size, shuffle=True, seed=seed),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        validation=(x_val, y_val),
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return Result(model, test, x_test, y_test, (x_train, y_train), (x_val, y_val))


def with_moved(images, by=0.3):
    """The images, and the same moved by 0.3 pixels to each of the four sides: a digit stays what it is.

    A fraction of a pixel is a mixture: 0.7 of each pixel and 0.3 of its neighbour.
    """
    paper = np.pad(images, ((0, 0), (1, 1), (1, 1)))  # one pixel of paper all around, shape (n, 10, 10)
    neighbours = [paper[:, 1:-1, :-2], paper[:, 1:-1, 2:], paper[:, :-2, 1:-1], paper[:, 2:, 1:-1]]
    return np.concatenate([images] + [(1 - by) * images + by * neighbour for neighbour in neighbours])
