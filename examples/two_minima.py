"""Two beginnings, two minima of nearly equal loss, a barrier between them: much of it is only the order of units.

    python examples/two_minima.py --picture two_minima.png

The loss of a network has no single valley. From other random weights descent arrives at other weights, W and V, that
are about as good. On the straight line between them,

    W(t) = (1 - t) W + t V,   t from 0 to 1,

the loss rises. But units have no order: renumber the hidden units of V, their rows and columns with them, and V answers
exactly as before, at another place. Renumbered so that similar units stand at the same place (the most similar pair
first), V is nearer to W and the barrier is lower. There are many good minima, so any of them will do.
(Entezari et al., "The role of permutation invariance in linear mode connectivity of neural networks", 2021; Ainsworth,
Hayase and Srinivasa, "Git re-basin", 2022.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

UNITS = 32
images, labels = data.digits()
X, Y = pc.tensor(images.reshape(len(images), -1)), pc.tensor(labels)
PLACES = np.linspace(0, 1, 21)


def make_model():
    """64 pixels, one hidden layer, 10 scores."""
    return nn.Sequential(nn.Linear(64, UNITS), nn.ReLU(), nn.Linear(UNITS, 10))


def minimum(seed, steps):
    """The weights at which descent from random ones arrives: W1, B1, W2, B2."""
    pc.manual_seed(seed)
    model = make_model()
    optimizer = optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-4)
    for _ in range(steps):
        J = F.cross_entropy(model(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return [parameter.detach().numpy().copy() for parameter in model.parameters()]


def loss(weights):
    """The cross entropy over all digits with these weights."""
    w1, b1, w2, b2 = map(pc.tensor, weights)
    return F.cross_entropy(F.linear(F.linear(X, w1, b1).relu(), w2, b2), Y).item()


def between(start, end, t):
    """A place on the straight line."""
    return [((1 - t) * w + t * v).astype(np.float32) for w, v in zip(start, end, strict=True)]


def distance(start, end):
    """The length of the straight line."""
    return float(np.sqrt(sum(((w - v) ** 2).sum() for w, v in zip(start, end, strict=True))))


def in_the_order_of(start, end):
    """`end` with its hidden units renumbered: the most similar pair first, then the next of those that are left."""

    def rows(weights):  # all that belongs to a unit: what comes in, and what goes out
        return np.concatenate([weights[0], weights[1][:, None], weights[2].T], axis=1)

    similar = rows(start) @ rows(end).T
    order = np.zeros(UNITS, int)
    for _ in range(UNITS):
        place, unit = np.unravel_index(similar.argmax(), similar.shape)
        order[place] = unit
        similar[place, :] = similar[:, unit] = -np.inf
    w1, b1, w2, b2 = end
    return [w1[order], b1[order], w2[:, order], b2]


def barrier(losses):
    """How far the highest place of the line lies above the straight line between the losses at its ends."""
    return float((losses - np.interp(PLACES, [0, 1], losses[[0, -1]])).max())


def said(numbers):
    """Mean and standard error."""
    return f"{np.mean(numbers):.4f} +- {np.std(numbers, ddof=1) / len(numbers) ** 0.5:.4f}"


def main():
    arguments = options(__doc__)
    pairs, steps = (3, 80) if arguments.fast else (8, 300)
    lines, renumbered, lengths, same = [], [], [], 0.0
    for pair in range(pairs):
        start, end = minimum(2 * pair, steps), minimum(2 * pair + 1, steps)
        other = in_the_order_of(start, end)
        same = max(same, abs(loss(other) - loss(end)))
        lines.append(np.array([loss(between(start, end, t)) for t in PLACES]))
        renumbered.append(np.array([loss(between(start, other, t)) for t in PLACES]))
        lengths.append((distance(start, end), distance(start, other)))
    ends = np.array(lines)[:, [0, -1]]
    plain, matched = [[barrier(line) for line in many] for many in (lines, renumbered)]
    print(f"{pairs} pairs of seeds: mean, standard error")
    print(f"loss at either end                {said(ends[:, 0])}   {said(ends[:, 1])}")
    print(f"renumbering changes a loss by     {same:.0e} at most")
    far, near = zip(*lengths, strict=True)
    print(f"length of the line                {said(far)}   renumbered {said(near)}")
    print(f"barrier                           {said(plain)}   renumbered {said(matched)}")
    print(f"barrier, difference of each pair  {said(np.subtract(plain, matched))}")
    if arguments.picture:
        figure = new_figure(6, 3.8)
        axes = figure.add_subplot()
        for many, color, line, name in ((lines, VERMILLION, "-", "as trained"), (renumbered, BLUE, "--", "renumbered")):
            for number, losses in enumerate(many):
                axes.plot(PLACES, losses, line, color=color, linewidth=1, label=None if number else name)
        axes.set(xlabel="$t$: from one minimum to the other", ylabel="cross entropy")
        axes.legend(frameon=False)
        tidy(axes)
        save(figure, arguments.picture)


if __name__ == "__main__":
    main()
