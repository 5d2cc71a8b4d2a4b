"""CIFAR-10 by a residual network of 20 layers: small colour pictures of ten kinds of things."""

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, tensors, train
from pellucid.data import transforms
from pellucid.recipes.both_ways import BothWays
from pellucid.recipes.inputs import Photos
from pellucid.recipes.result import Result

CLASSES = data.class_names("cifar10")
INPUTS = Photos(size=32)
FEW = 2000  # pictures of the training part at which the report looks: twenty layers take their time


def make_model(depth=20):
    """The first batch norm only measures: it brings each colour to mean 0 and standard deviation 1."""
    return BothWays(nn.Sequential(nn.BatchNorm2d(3, affine=False), models.cifar_resnet(depth)))


def augmentation():
    """Each epoch sees a picture moved by up to 4 pixels, half the time mirrored."""
    return transforms.Compose(
        [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), transforms.ToFloat()]
    )


def splits(seed, batch_size, fast=False):
    """Batches of 45,000 pictures to learn from, 5,000 to watch, and the 10,000 of the test set."""
    images, labels = data.cifar10("train")
    x_test, y_test = data.cifar10("test")
    x_train, x_val, y_train, y_val = data.train_test_split(images, labels, test_size=5000, stratify=labels, seed=seed)
    if fast:
        x_train, y_train, x_val, y_val = x_train[:3000], y_train[:3000], x_val[:500], y_val[:500]
    x_val, x_test = [x.astype(np.float32) / 255 for x in (x_val, x_test)]
    batches = data.DataLoader(
        (x_train, y_train), batch_size, shuffle=True, seed=seed, transform=augmentation(), prefetch=2, drop_last=True
    )
    return batches, (x_val, y_val), (x_test, y_test)


def run(folder, epochs=36, batch_size=128, lr=0.1, seed=0, fast=False):
    """Twenty layers, 36 epochs: figures beside PyTorch's, and how long it takes, stand in docs/convolution.md."""
    return learn(folder, 20, min(epochs, 2) if fast else epochs, batch_size, lr, seed, fast)


def learn(folder, depth, epochs, batch_size, lr, seed, fast):
    """One cycle of the learning rate over all epochs: up for a fifth of the steps, then down to nothing."""
    batches, validation, (x_test, y_test) = splits(seed, batch_size, fast)
    tensors.manual_seed(seed)
    model = make_model(depth)
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    cycle = optim.OneCycleLR(optimizer, lr, epochs * len(batches), pct_start=0.2, cycle_momentum=False)
    train.fit(
        model,
        batches,
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        validation=validation,
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(cycle, every="batch")],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    images, labels = batches.dataset[np.arange(min(FEW, len(batches.dataset)))]
    seen = images.astype(np.float32) / 255, labels
    return Result(model, test, x_test, y_test, seen, validation, len(batches.dataset))
