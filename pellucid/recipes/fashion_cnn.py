"""Fashion-MNIST by a small convolutional network with batch normalisation: over 93 %, where an MLP stays at 89 %."""

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, nn, optim, tensors, train
from pellucid.data import transforms
from pellucid.recipes.both_ways import BothWays
from pellucid.recipes.inputs import Pictures
from pellucid.recipes.result import SOME, Result

CLASSES = data.class_names("fashion_mnist")
INPUTS = Pictures(size=28, ink=28)


def layer(in_channels, channels):
    """A 3 x 3 convolution (batch norm has a bias, so it needs none), batch norm, and ReLU."""
    convolution = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(channels), nn.ReLU()]


def make_model():
    """Four convolutions, three pools, one linear layer: 28 x 28 pixels become 3 x 3 places with 128 features each."""
    network = nn.Sequential(
        *layer(1, 16), *layer(16, 32), nn.MaxPool2d(2),
        *layer(32, 64), nn.MaxPool2d(2),
        *layer(64, 128), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(128 * 3 * 3, 10),
    )  # fmt: skip
    return nn.Sequential(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)), BothWays(network))


def run(folder, epochs=8, batch_size=128, lr=0.01, seed=0, fast=False):
    """Train on 55,000 images, half of them mirrored, watch 5,000, and judge by the 10,000 of the test set."""
    images, labels = data.fashion_mnist("train")
    x_test, y_test = data.fashion_mnist("test")
    x_train, x_val, y_train, y_val = data.train_test_split(images, labels, test_size=5000, stratify=labels, seed=seed)
    if fast:
        epochs, x_train, y_train = min(epochs, 2), x_train[:5000], y_train[:5000]
    x_val, x_test = [x.astype(np.float32) / 255 for x in (x_val, x_test)]  # 0 background, 1 cloth
    augment = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToFloat()])
    batches = data.DataLoader(
        (x_train[:, None], y_train), batch_size, shuffle=True, seed=seed, transform=augment, prefetch=2
    )

    tensors.manual_seed(seed)
    model = make_model()
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=0.05)
    cycle = optim.OneCycleLR(optimizer, lr, epochs * len(batches), pct_start=0.2, cycle_momentum=False)
    train.fit(
        model,
        batches,
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        validation=(x_val, y_val),
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(cycle, every="batch")],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    seen = x_train[SOME].astype(np.float32) / 255
    return Result(model, test, x_test, y_test, (seen, y_train[SOME]), (x_val, y_val), len(x_train))
