"""A "cat function" as a quadratic form: too many numbers to write by hand, but data can write them.

    python examples/quadratic_form.py --picture quadratic_form.png

Nobody can write a program that sees cats. But one can write a function with knobs, and let examples turn them. After a
linear function the next simple one weighs all *pairs* of pixels:

    z = x^T A x + w x + b,    the answer is yes if z > 0.

A pair counts once, whichever comes first. So a picture of n pixels has n (n + 1) / 2 weights of pairs, n of single
pixels and a bias. For 500,000 pixels these are 125 thousand million: so the function must be chosen with more thought
than this (convolution shares its weights over places). For the 64 pixels of small digits they are 2145, and it works:
a pair can say "ink here and none there", which no single pixel can. (The cat function: the introduction of "Dive into
deep learning", Zhang and others, 2019.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, train
from pellucid.view.canvas import new_figure, save


class QuadraticForm(nn.Module):
    """z = x^T A x + w x + b for each row x of X. A begins at 0 and stays symmetric, since its gradient is."""

    def __init__(self, pixels):
        self.A = nn.Parameter(pc.zeros(pixels, pixels))
        self.linear = nn.Linear(pixels, 1)

    def forward(self, X):
        return ((X @ self.A) * X).sum(1, keepdim=True) + self.linear(X)


def parameters_of(pixels):
    """Free numbers of a quadratic form: pairs of pixels (with themselves too), pixels, and one more."""
    return pixels * (pixels + 1) // 2 + pixels + 1


def mistakes(model, digit, seed, epochs):
    """Wrong answers to "is it this digit?" per hundred pictures that it did not learn from."""
    images, labels = data.digits()
    parts = data.train_test_split(images, labels == digit, test_size=0.25, seed=seed)
    X, unseen, Y, true = (part.reshape(len(part), -1).astype(np.float32) for part in parts)
    batches = data.DataLoader((X, Y), 128, shuffle=True, seed=seed)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    loss = F.binary_cross_entropy_with_logits
    train.fit(model, batches, loss=loss, optimizer=optimizer, epochs=epochs, progress=False)
    answers = model(pc.from_numpy(unseen)).detach().numpy() > 0
    return 100 * (answers != true).mean()


def draw(linear, form, digit, path):
    """The weights of single pixels, and those of all pairs with three pixels of one row (crosses)."""
    figure = new_figure(8, 2.6)
    places = [None, (4, 1), (4, 3), (4, 6)]
    for axes, place in zip(figure.subplots(1, 4), places, strict=True):
        weights = form.A[8 * place[0] + place[1]] if place else linear.weight[0]
        high = weights.abs().max().item()
        shown = axes.imshow(weights.detach().reshape(8, 8).numpy() / high, cmap="PuOr", vmin=-1, vmax=1)
        axes.set_title("pairs with the cross" if place else "linear: each pixel", fontsize=9)
        axes.set(xticks=[], yticks=[])
        if place:
            axes.plot(place[1], place[0], "kx")
    bar = figure.colorbar(shown, ax=figure.axes, ticks=[-1, 0, 1])
    bar.ax.set_yticklabels(["no", "0", "yes"])
    figure.suptitle(f"which weights speak for and against {digit}", fontsize=10)
    save(figure, path)


def main():
    arguments = options(__doc__)
    for pixels in (64, 28 * 28, 500_000):
        print(f"{pixels:6} pixels: {parameters_of(pixels):15,} parameters, linear {pixels + 1:7,}")
    seeds, epochs = 3 if arguments.fast else 6, 20
    for digit in (0, 8):
        errors = []
        for seed in range(seeds):
            pc.manual_seed(seed)
            linear, form = nn.Linear(64, 1), QuadraticForm(64)
            errors.append([mistakes(model, digit, seed, epochs) for model in (linear, form)])
        by_linear, by_form = np.mean(errors, axis=0)
        gains = np.subtract(*np.transpose(errors))
        standard_error = gains.std(ddof=1) / seeds**0.5
        print(f"is it {digit}?  linear {by_linear:.2f}%, quadratic {by_form:.2f}% wrong of new pictures; ", end="")
        print(f"{gains.mean():.2f} less, with a standard error of {standard_error:.2f}, {seeds} seeds")
    if arguments.picture:
        draw(linear, form, digit, arguments.picture)


if __name__ == "__main__":
    main()
