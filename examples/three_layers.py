"""Three layers read handwritten digits: more than 97 of 100 right, in less than a minute on a laptop.

    python examples/three_layers.py --picture three_layers.png      (MNIST; with --fast the small digits of the package)

    A1 = relu(X W1^T + B1)       (n, 784) -> (n, 256)
    A2 = relu(A1 W2^T + B2)              -> (n, 64)
    Z  = A2 W3^T + B3                    -> (n, 10), and softmax with cross entropy

Pixels come as whole numbers from 0 (paper) to 255 (ink), one byte each. Networks learn best from numbers around 1, so
they are made float32 from 0 to 1 first: here, in one place, for training and test alike.
(LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train, view


def from_0_to_1(images):
    """Pixels uint8 from 0 to 255 as float32 from 0 to 1."""
    if images.dtype != np.uint8:
        raise TypeError(f"pixels are bytes, uint8, and not {images.dtype}: are they scaled already?")
    return images.astype(np.float32) / 255


def digits(small):
    """Images uint8 and labels, for training and for the test: MNIST, or the digits of the package in its place."""
    if not small and folder_of("mnist"):
        return *data.mnist("train"), *data.mnist("test")
    images, labels = data.digits()
    images = np.round(255 * images).astype(np.uint8)
    X, x_test, Y, y_test = data.train_test_split(images, labels, test_size=360, stratify=labels)
    return X, Y, x_test, y_test


def main():
    arguments = options(__doc__)
    images, Y, images_test, y_test = digits(arguments.fast)
    X, x_test = from_0_to_1(images), from_0_to_1(images_test)
    print(f"{len(X)} images for training, {len(x_test)} for the test, {X[0].size} pixels each")
    print(f"pixels {images.dtype} {images.min()} to {images.max()}, then {X.dtype} {X.min():g} to {X.max():g}")

    pc.manual_seed(0)
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(X[0].size, 256),
        nn.ReLU(),
        nn.Linear(256, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    epochs = 10 if arguments.fast else 6
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    history = train.fit(
        model,
        data.DataLoader((X, Y), 32 if arguments.fast else 128, shuffle=True),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        progress=False,
    )
    for entry in history:
        print(f"epoch {entry['epoch']:2}   loss {entry['loss']:.4f}   {entry['accuracy']:.1%} right in training")
    answers = model(pc.tensor(x_test)).detach().numpy().argmax(axis=1)
    print(f"test: {(answers == y_test).sum()} of {len(y_test)} right, {(answers == y_test).mean():.2%}")
    if arguments.picture:
        view.image_grid(images_test[:100], arguments.picture, labels=y_test[:100], predictions=answers[:100])


if __name__ == "__main__":
    main()
