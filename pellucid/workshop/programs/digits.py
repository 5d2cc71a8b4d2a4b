"""Handwritten digits, 8 by 8 pixels: a network with sigmoid units, trained once by SGD with momentum, once by Adam.

All parts of the workshop are in use: the hidden units, the loss and its gradient, the walk backward, the gradients of
matrix product and bias, both optimizers, and softmax where probabilities are wanted.
"""

import functools

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, train
from pellucid.errors import AnomalyError

EPOCHS = 8
BATCH = 32

OPTIMIZERS = {
    "SGD with momentum": functools.partial(optim.SGD, lr=0.5, momentum=0.9),
    "Adam": functools.partial(optim.Adam, lr=0.01),
}


def main():
    """Both trainings, from the same seed."""
    images, labels = data.digits()
    x_train, x_test, y_train, y_test = data.train_test_split(
        images.reshape(len(images), -1), labels, test_size=0.2, stratify=labels, seed=0
    )
    return {name: one(make, x_train, y_train, x_test, y_test) for name, make in OPTIMIZERS.items()}


def one(make_optimizer, x_train, y_train, x_test, y_test):
    """Train one network and say how good it became."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 10))
    optimizer = make_optimizer(model.parameters())
    losses = Losses()
    loader = data.DataLoader((x_train, y_train), BATCH, shuffle=True, seed=0)
    try:
        train.fit(
            model, loader, loss=F.cross_entropy, optimizer=optimizer, epochs=EPOCHS, callbacks=[losses], progress=False
        )
    except AnomalyError:  # the loss is no longer a number
        losses.append(float("nan"))
    with pc.no_grad():
        probabilities = F.softmax(model(pc.tensor(x_test)), dim=1).numpy()
    right = np.argmax(probabilities, axis=1) == y_test
    return {"losses": losses, "accuracy": float(np.mean(right)), "tested": len(y_test)}


class Losses(list):
    """A callback that keeps the loss of each epoch."""

    def epoch(self, training):
        """Note the loss of the epoch that has ended."""
        self.append(float(training.history[-1]["loss"]))


if __name__ == "__main__":
    for name, figures in main().items():
        print(f"{name}: losses {figures['losses']}, accuracy {figures['accuracy']:.2%}")
