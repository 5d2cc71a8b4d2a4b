"""The variance of a gradient falls as 1 / batch size: many small uncertain steps, or few certain ones.

    python examples/batch_size.py --picture batch_size.png

The gradient of a batch is the mean of the gradients of its B samples. Drawn independently, their mean has the variance

    Var(B) = Var(1) / B

summed over all parameters: on double logarithmic paper a line of slope -1. Ten times the work for a step makes its
error only sqrt(10) times smaller. That is why one sample at a time gets far in one pass over the data but never comes
to rest, why the whole set at once goes smoothly but takes only one step a pass, and why batches of 50 to 256, which a
computer does at once, are the custom.
(Robbins and Monro, 1951; Bottou, Curtis and Nocedal, "Optimization methods for large-scale machine learning", 2018.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, GREEN, INK, VERMILLION, new_figure, save, tidy

SIZES = (1, 4, 16, 64, 256)
EARLY = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # steps after which the loss is looked at
RATES = {1: 0.02, 64: 0.2, 1792: 0.5}  # batch size -> learning rate; each about as large as it bears


def gradient(model, x, y):
    """dJ/dW of one batch, as one row of numbers."""
    J = F.cross_entropy(model(x), y)
    model.zero_grad()
    J.backward()
    return np.concatenate([parameter.grad.numpy().ravel() for parameter in model.parameters()])


def variances(x, y, draws):
    """The variance of the gradient for each batch size, from `draws` batches; and that of single samples, exactly."""
    pc.manual_seed(0)
    model = nn.Linear(64, 10)
    random = np.random.default_rng(0)
    measured = []
    for size in SIZES:
        rows = random.integers(len(x), size=(draws, size))  # with replacement: independent samples
        drawn = [gradient(model, x[pc.tensor(r)], y[pc.tensor(r)]) for r in rows]
        measured.append(np.var(drawn, axis=0).sum())
    singles = [gradient(model, x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    return np.array(measured), np.var(singles, axis=0).sum()


def losses(x, y, size, passes):
    """The loss on all samples, after each so many steps: samples seen so far, steps so far, loss."""
    pc.manual_seed(0)
    model = nn.Linear(64, 10)
    optimizer = optim.SGD(model.parameters(), lr=RATES[size])
    loader = data.DataLoader((x.numpy(), y.numpy()), size, shuffle=True)
    points = [(0, 0, F.cross_entropy(model(x), y).item())]
    step = 0
    for _ in range(passes):
        for batch_x, batch_y in loader:
            J = F.cross_entropy(model(pc.from_numpy(batch_x)), pc.from_numpy(batch_y))
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
            step += 1
            if step in EARLY or step == passes or step * size % 448 < size:  # and four for each pass at most
                points.append((step * size, step, F.cross_entropy(model(x), y).item()))
    return np.array(points)


def draw(measured, single, curves, path):
    """The line of slope -1, and the loss by work and by steps."""
    figure = new_figure(10, 3.4)
    left, middle, right = figure.subplots(1, 3)
    left.loglog(SIZES, single / np.array(SIZES), color=INK, linewidth=1, label="Var(1) / B")
    left.loglog(SIZES, measured, "o", color=BLUE, label="measured")
    left.set(xlabel="batch size B", ylabel="variance of the gradient")
    looks = zip(curves.items(), (VERMILLION, BLUE, GREEN), ("-", "--", "-."), strict=True)
    for (size, points), color, line in looks:
        middle.plot(points[:, 0], points[:, 2], line, color=color, label=f"B = {size}")
        right.semilogx(points[1:, 1], points[1:, 2], line, color=color, label=f"B = {size}")
    middle.set(xlabel="samples seen (work)", ylabel="loss on all samples")
    right.set(xlabel="steps", ylabel="loss on all samples")
    for axes in (left, middle, right):
        tidy(axes)
        axes.legend(frameon=False)
    save(figure, path)


def main():
    chosen = options(__doc__)
    images, labels = data.digits()
    x = pc.tensor(images[:1792].reshape(1792, 64).astype("float32"))
    y = pc.tensor(labels[:1792])
    measured, single = variances(x, y, draws=80 if chosen.fast else 500)
    print("batch size   variance of the gradient   Var(1) / B")
    for size, variance in zip(SIZES, measured, strict=True):
        print(f"{size:10}   {variance:24.5f}   {single / size:10.5f}")
    slope = np.polyfit(np.log(SIZES), np.log(measured), 1)[0]
    print(f"slope on double logarithmic paper {slope:.3f}, by the formula -1")
    passes = 4 if chosen.fast else 20
    curves = {size: losses(x, y, size, passes) for size in RATES}
    print(f"loss after {passes} passes over all samples, and after only {passes} steps")
    for size, points in curves.items():
        early = points[points[:, 1] == passes, 2].item()
        print(f"B = {size:<4}  {points[-1, 2]:.3f} after {points[-1, 1]:5.0f} steps   {early:.3f} after {passes} steps")
    if chosen.picture:
        draw(measured, single, curves, chosen.picture)


if __name__ == "__main__":
    main()
