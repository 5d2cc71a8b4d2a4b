"""Three questions, three outputs: identity for a number, sigmoid for yes or no, softmax for one of many.

    python examples/outputs.py --picture outputs.png

The same neurons Z = X W^T + B answer each; what follows them, and the loss, are chosen by what is asked:

    how much?             a = z                                 J = 1/2 (a - y)^2
    yes or no?            a = 1 / (1 + exp(-z))                 J = -[y ln a + (1 - y) ln(1 - a)]
    which of many?        a_k = exp(z_k) / sum exp(z)           J = -ln a_k of the right k

A sigmoid's answer lies between 0 and 1, those of softmax add up to 1: they can be read as probabilities. And each pair
is made such that the derivatives are the same, dJ/dZ = (A - Y) / m, so that a wrong answer is a steep one. (Bridle,
"Probabilistic interpretation of feedforward classification network outputs", 1990; Bishop, "Pattern recognition and
machine learning", 2006, section 4.3.6. Data: microsoft/ai-edu, chapters 4, 6 and 7.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, INK, PALETTE, new_figure, save, tidy


def half_square(z, y):
    return F.mse_loss(z, y) / 2


def numbers():
    """x (100, 1) and numbers y (100, 1)."""
    return samples("ch04") or data.line(100, slope=2.0, intercept=3.0, noise=0.2)


def yes_or_no():
    """Points (200, 2) and answers 0 or 1, (200, 1)."""
    x, y = samples("ch06") or data.blobs(200, centers=2, noise=0.8)
    return x, y.reshape(-1, 1)


def one_of_three():
    """Points (140, 2) and classes 0, 1, 2 as rows with a single 1, (140, 3)."""
    found = samples("ch07")
    x, classes = (found[0] / 10, found[1][:, 0] - 1) if found else data.blobs(140, centers=3, noise=0.8)
    return x, np.eye(3)[classes.astype(int)]


TASKS = {  # question: the data, what follows Z, and the loss of Z
    "how much?": (numbers, lambda z: z, half_square),
    "yes or no?": (yes_or_no, pc.sigmoid, F.binary_cross_entropy_with_logits),
    "which of three?": (one_of_three, lambda z: z.softmax(1), F.cross_entropy),
}


def learn(X, Y, loss, steps):
    """Neurons, one for each column of Y, after descent over all samples at once."""
    pc.manual_seed(0)
    neurons = nn.Linear(X.shape[1], Y.shape[1])
    optimizer = optim.SGD(neurons.parameters(), lr=1.0)
    for _ in range(steps):
        J = loss(neurons(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return neurons


def slope_of(loss, Z, Y):
    """dJ/dZ at Z."""
    Z = Z.detach().requires_grad_()
    loss(Z, Y).backward()
    return Z.grad


def draw(seen, path):
    """The line through numbers, and the regions of the classes."""
    figure = new_figure(10, 3.4)
    for axes, (question, (X, Y, neurons)) in zip(figure.subplots(1, 3), seen.items(), strict=True):
        axes.set_title(question)
        x, y = X.numpy(), Y.numpy()
        if x.shape[1] == 1:
            axes.scatter(x, y, s=12, color=BLUE)
            axes.plot(np.sort(x, axis=0), neurons(pc.from_numpy(np.sort(x, axis=0))).detach().numpy(), color=INK)
            axes.set(xlabel="$x$", ylabel="$a$ and $y$")
        else:
            classes = y.argmax(1) if y.shape[1] > 1 else y[:, 0]
            edges = [np.linspace(low, high, 150) for low, high in zip(x.min(0), x.max(0), strict=True)]
            grid = np.stack(np.meshgrid(*edges), axis=-1).astype(np.float32)
            Z = neurons(pc.from_numpy(grid)).detach().numpy()
            regions = Z.argmax(-1) if Z.shape[-1] > 1 else (Z[..., 0] > 0).astype(int)
            levels = np.arange(-0.5, Y.shape[1] + (Y.shape[1] == 1))
            tints = PALETTE[: len(levels) - 1]
            axes.contourf(*grid.transpose(2, 0, 1), regions, levels=levels, colors=tints, alpha=0.3)
            for number, (color, marker) in enumerate(zip(tints, "os^", strict=False)):
                axes.scatter(*x[classes == number].T, s=14, color=color, marker=marker, edgecolors=INK, linewidths=0.4)
            axes.set(xlabel="$x_1$", ylabel="$x_2$")
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seen = {}
    for question, (points, activation, loss) in TASKS.items():
        X, Y = (pc.from_numpy(array.astype(np.float32)) for array in points())
        neurons = learn(X, Y, loss, steps=300 if arguments.fast else 3000)
        seen[question] = X, Y, neurons
        Z = neurons(X)
        A = activation(Z)
        differ = (slope_of(loss, Z, Y) - (A - Y) / len(X)).abs().max().item()
        print(f"{question:15}  loss {loss(Z, Y).item():.4f}  dJ/dZ and (A - Y) / m differ by at most {differ:.0e}")
        for row, y in zip(A[:3].tolist(), Y[:3].tolist(), strict=True):
            print("    answer", *(f"{a:.3f}" for a in row), "  true", *(f"{number:.3g}" for number in y))

    X, Y, _ = seen["how much?"]
    wrong = learn(X, Y, lambda z, y: half_square(z.sigmoid(), y), steps=300)
    highest = wrong(X).sigmoid().max().item()
    print(f"how much? with a sigmoid: no answer above {highest:.3f}, and the numbers go up to {Y.max().item():.3f}")
    if arguments.picture:
        draw(seen, arguments.picture)


if __name__ == "__main__":
    main()
