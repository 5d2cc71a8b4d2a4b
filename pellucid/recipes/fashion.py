"""Fashion-MNIST: 70,000 pieces of clothing of 28 by 28 pixels, harder than digits."""

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, models, optim, tensors, train
from pellucid.recipes.inputs import Pictures
from pellucid.recipes.result import SOME, Result

CLASSES = data.class_names("fashion_mnist")
INPUTS = Pictures(size=28, ink=28)


def make_model():
    """784 pixels, 512 hidden units, 10 scores."""
    return models.mlp(784, 512, 10, dropout=0.3)


def run(folder, epochs=12, batch_size=128, lr=0.002, seed=0, fast=False):
    """Train on 55,000 images, watch 5,000, and judge by the 10,000 of the test set."""
    images, labels = data.fashion_mnist("train")
    x_test, y_test = data.fashion_mnist("test")
    x_train, x_val, y_train, y_val = data.train_test_split(images, labels, test_size=5000, stratify=labels, seed=seed)
    if fast:
        epochs, x_train, y_train = min(epochs, 2), x_train[:5000], y_train[:5000]
    x_train, x_val, x_test = [x.astype(np.float32) / 255 for x in (x_train, x_val, x_test)]  # 0 background, 1 cloth

    tensors.manual_seed(seed)
    model = make_model()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    train.fit(
        model,
        data.DataLoader((x_train, y_train), batch_size, shuffle=True, seed=seed),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        validation=(x_val, y_val),
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return Result(model, test, x_test, y_test, (x_train[SOME], y_train[SOME]), (x_val, y_val), len(x_train))
