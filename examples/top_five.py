"""Among five guesses the right class is there far more often than as the first.

    python examples/top_five.py --picture top_five.png

Some pictures hold two things, some classes are hardly told apart: a dog on a sofa, a cat like a dog. So competitions
count the top-k error as well, how often the true class is not among the k with the largest scores; at k = 1 it is the
plain error. Known is the top-5 error of the winners on ImageNet's thousand classes: 28.2 % in 2010, 15.3 % in 2012
(AlexNet), 2.25 % in 2017. Here a small network looks at ten classes of CIFAR-10; chance is wrong for 1 - k / 10.
(Russakovsky et al., "ImageNet large scale visual recognition challenge", 2015, for the measure and the years to 2014.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.data import transforms
from pellucid.view.canvas import BLUE, ORANGE, new_figure, save, tidy


def pictures(fast):
    """Pictures (n, channels, h, w), labels, names of the classes; half as large in fast mode."""
    if folder_of("cifar10") is None:
        images, labels = data.digits()
        return images.reshape(-1, 1, 8, 8), labels, data.class_names("digits")
    images, labels = data.cifar10(form="first4000")
    images = transforms.Resize(8 if fast else 16)(images)
    return (images.astype(np.float32) - 120) / 64, labels, data.class_names("cifar10")


def scores_after(epochs, X, Y, x_test):
    """Ten scores for each picture of the test part."""
    pc.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(X.shape[1], 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    train.fit(model, (X, Y), loss=F.cross_entropy, optimizer=optimizer, epochs=epochs, progress=False)
    with pc.no_grad():
        return model(pc.from_numpy(x_test)).numpy()


def draw(errors, path):
    """Errors by the number of guesses, beside chance."""
    figure = new_figure(5, 3.4)
    axes = figure.subplots()
    guesses = np.arange(1, 11)
    axes.plot(guesses, 100 - 10 * guesses, "s--", color=ORANGE, label="by chance")
    axes.plot(guesses, errors, "o-", color=BLUE, label="small network")
    for k in (1, 5):
        axes.annotate(
            f"top-{k} error {errors[k - 1]:.0f} %", (k, errors[k - 1]), (k + 0.2, errors[k - 1] + 1), fontsize=8
        )
    axes.set(xlabel="guesses that are allowed, k", ylabel="true class not among them, %", xticks=guesses)
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    images, labels, names = pictures(arguments.fast)
    X, x_test, Y, y_test = data.train_test_split(images, labels, test_size=0.25, stratify=labels)
    scores = scores_after(4 if arguments.fast else 15, X, Y, x_test)
    errors = [100 * (1 - metrics.top_k_accuracy(scores, y_test, k=k)) for k in range(1, 11)]
    order = (-scores).argsort(axis=1)  # the same by sorting: at which place does the true class stand?
    places = (order == y_test[:, None]).argmax(axis=1)
    print(f"{len(X)} pictures to learn from, {len(x_test)} to test")
    for k in (1, 2, 3, 5, 10):
        print(
            f"top-{k:<2}  error {errors[k - 1]:5.1f} %"
            f"  by sorting {100 * (places >= k).mean():5.1f} %  by chance {100 - 10 * k:3} %"
        )
    for row in np.flatnonzero(places == 2)[:3]:
        guesses = ", ".join(f"{names[guess]} {scores[row, guess]:.1f}" for guess in order[row, :5])
        print(f"a picture of {names[y_test[row]]}: {guesses}")
    if arguments.picture:
        draw(errors, arguments.picture)


if __name__ == "__main__":
    main()
