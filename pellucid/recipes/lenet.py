"""MNIST by LeNet-5: the network of 1998 on the pictures it was made for, at over 99 %."""

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, tensors, train
from pellucid.data import transforms
from pellucid.recipes.inputs import Pictures
from pellucid.recipes.result import SOME, Result

CLASSES = data.class_names("mnist")
INPUTS = Pictures(size=28, ink=20)


def make_model():
    """Two convolutions, two pools, three linear layers; pictures (n, 28, 28) get their axis of channels first."""
    return nn.Sequential(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)), *models.lenet5())


def run(folder, epochs=15, batch_size=128, lr=0.004, seed=0, fast=False):
    """Train on 55,000 images moved by up to 2 pixels, watch 5,000, and judge by the 10,000 of the test set."""
    images, labels = data.mnist("train")
    x_test, y_test = data.mnist("test")
    x_train, x_val, y_train, y_val = data.train_test_split(images, labels, test_size=5000, stratify=labels, seed=seed)
    if fast:
        epochs, x_train, y_train = min(epochs, 2), x_train[:5000], y_train[:5000]
    x_val, x_test = [x.astype(np.float32) / 255 for x in (x_val, x_test)]  # 0 paper, 1 ink
    augment = transforms.Compose([transforms.RandomCrop(28, padding=2), transforms.ToFloat()])
    batches = data.DataLoader(
        (x_train[:, None], y_train), batch_size, shuffle=True, seed=seed, transform=augment, prefetch=2
    )

    tensors.manual_seed(seed)
    model = make_model()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    train.fit(
        model,
        batches,
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        validation=(x_val, y_val),
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    seen = x_train[SOME].astype(np.float32) / 255
    return Result(model, test, x_test, y_test, (seen, y_train[SOME]), (x_val, y_val), len(x_train))
