"""XOR: one neuron goes in circles for ever, two layers solve it.

    python examples/xor.py --picture xor.png

"Either, but not both" is 0 in the corners 00 and 11, 1 in 01 and 10. A neuron that solved it would need

    b <= 0,   w1 + w2 + b <= 0,   w1 + b > 0,   w2 + b > 0.

The first two add up to w1 + w2 + 2b <= 0, the last two to w1 + w2 + 2b > 0: there are no such weights. (Minsky and
Papert, "Perceptrons", 1969. It was told so often that many thought networks as a whole had been refuted, and money for
them became rare; the book spoke of single layers.) Three things are shown here:

- the perceptron's rule, in whole numbers and so without rounding, comes back to weights that it had before;
- a search over lines in all directions finds 14 of the 16 tables of two inputs, never XOR nor its opposite, and at most
  3 of the 4 corners of XOR right;
- a hidden layer of two units moves the four corners to where one line is enough.
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

X, Y = data.xor()


def passes_until_repeated():
    """Rosenblatt's rule from zero weights: what (w1, w2, b) are after each corner, in rows of one pass over all four.

    It ends with the first pass that begins as an earlier one did.
    """
    w1 = w2 = b = 0
    passes, begun = [], []
    while (w1, w2, b) not in begun:
        begun.append((w1, w2, b))
        passes.append([])
        for (x1, x2), y in zip(X.astype(int).tolist(), Y.tolist(), strict=True):
            error = y - int(w1 * x1 + w2 * x2 + b > 0)
            w1, w2, b = w1 + error * x1, w2 + error * x2, b + error
            passes[-1].append((w1, w2, b))
    return passes, begun.index((w1, w2, b))


def answers_of_lines(directions=720, offsets=401):
    """The answers of many neurons in the four corners, (directions * offsets, 4): the grid of all lines near them."""
    angle = np.linspace(0, 2 * np.pi, directions, endpoint=False)
    w = np.stack([np.cos(angle), np.sin(angle)])  # only the direction of w matters: a longer w moves with a longer b
    b = np.linspace(-2, 2, offsets)
    return ((X @ w).T[:, np.newaxis] + b[:, np.newaxis] > 0).reshape(-1, 4).astype(int)


def learn(seed, steps):
    """Two hidden units with a sigmoid each, and one on top."""
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    x, y = pc.from_numpy(X), pc.from_numpy(Y).float().reshape(-1, 1)
    for _ in range(steps):
        J = F.binary_cross_entropy_with_logits(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return model


def draw(model, path):
    """The plane of the inputs with the net's answer, and where the hidden layer moves the corners."""
    figure = new_figure(7.6, 3.6)
    plane, hidden = figure.subplots(1, 2)
    grid = np.stack(np.meshgrid(*[np.linspace(-0.3, 1.3, 120)] * 2), axis=-1).astype(np.float32)
    spots = (X, model[:2](pc.from_numpy(X)).detach().numpy())
    for axes, layers, points in zip((plane, hidden), (model, model[2:]), spots, strict=True):
        z = layers(pc.from_numpy(grid))[..., 0].detach().numpy()
        axes.contourf(*grid.transpose(2, 0, 1), z > 0, levels=[-0.5, 0.5, 1.5], colors=[BLUE, ORANGE], alpha=0.3)
        axes.contour(*grid.transpose(2, 0, 1), z, levels=[0], colors=INK)
        for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
            axes.scatter(*points[label == Y].T, color=color, marker=marker, edgecolors=INK, s=60, zorder=3)
        for point, corner in zip(points, ("00", "01", "10", "11"), strict=True):
            below = corner == "10"  # in the hidden layer it may come to lie where 01 is
            axes.annotate(corner, point, (6, -14 if below else 6), textcoords="offset points")
        tidy(axes)
        axes.grid(visible=False)
    plane.set(title="inputs: no single line divides them", xlabel="$x_1$", ylabel="$x_2$")
    hidden.set(title="hidden layer: one line does", xlabel="$a_1$", ylabel="$a_2$")
    save(figure, path)


def main():
    arguments = options(__doc__)
    passes, as_after = passes_until_repeated()
    print("perceptron: w1 w2 b after corner 00      01      10      11")
    for number, states in enumerate(passes, start=1):
        print(f"pass {number}                  ", *(f"{w1:2}{w2:3}{b:3}" for w1, w2, b in states))
    print(f"after {len(passes)} passes as after {as_after}: it goes in circles for ever")

    answers = answers_of_lines()
    right = (answers == Y).sum(axis=1)
    print(
        f"{len(answers)} lines: {len(np.unique(answers, axis=0))} of 16 tables, of XOR at most {right.max()} of 4 right"
    )

    solved = []
    for seed in range(3 if arguments.fast else 10):
        model = learn(seed, steps=300 if arguments.fast else 1000)
        A = model(pc.from_numpy(X)).sigmoid().flatten()
        if (A.round().numpy() == Y).all():
            solved.append(model)
        print(f"two layers, seed {seed}: answers", *(f"{a:.2f}" for a in A.tolist()))
    print(f"two layers have solved it from {len(solved)} of {seed + 1} random beginnings")
    if arguments.picture:
        draw(solved[0], arguments.picture)


if __name__ == "__main__":
    main()
