"""Two arcs that no line can part become two heaps that a line parts: what a hidden layer of two units does.

    python examples/double_arc.py --picture double_arc.png
    python examples/double_arc.py --animation double_arc.gif

The hidden layer moves each point of the plane to another place:

    A = tanh(X W1^T + B1)       (n, 2): the new place of each point
    Z = A W2^T + B2             (n, 1): the output draws one straight line, Z = 0, through the new plane

Seen from the old plane that line is bent. Descent on the cross entropy moves both at once: the points, until a line
can part them, and the line. A linear model, Z = X W^T + B, has only the line.
(Data: ai-edu, chapter 10; the picture as in Olah, "Neural networks, manifolds, and topology", 2014.)
"""

import argparse

import numpy as np
from common import samples

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim, view
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

MOMENTS = (0, 30, 100, 400)  # steps at which the picture looks
FRAMES = tuple(int(step) for step in 400 * np.linspace(0, 1, 41) ** 2)  # for the animation: more at the beginning


def double_arc():
    """Points (n, 2) and answers (n, 1), 0 for the lower arc and 1 for the upper one."""
    found = samples("ch10.train")
    if found is None:
        random = np.random.default_rng(0)
        t, upper = random.uniform(0, np.pi, 400), np.arange(400) % 2
        found = (np.stack([t, np.sin(t) + 0.6 * upper + random.uniform(0, 0.15, 400)], axis=1), upper.reshape(-1, 1))
    X, Y = [np.asarray(array, np.float32) for array in found]
    return X - X.mean(axis=0), Y


def train(model, X, Y, moments):
    """Goes through the training; at each of the moments gives the number of steps so far."""
    X, Y = pc.tensor(X), pc.tensor(Y)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step
        J = F.binary_cross_entropy_with_logits(model(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()


def make_network():
    """Two layers, with two hidden units."""
    pc.manual_seed(1)
    return nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))


def answers(model, X):
    """0 or 1 for each point."""
    return (model(pc.tensor(X)).detach().numpy()[:, 0] > 0).astype(np.int64)


def draw_moment(above, below, model, X, Y, step):
    """The plane of the points with the bent boundary, and below it the plane of the hidden units with its line."""
    labels = Y[:, 0].astype(np.int64)
    view.decision_boundary(lambda x: answers(model, x), X, labels, title=f"step {step}", axes=above)
    A = model[:2](pc.tensor(X)).detach().numpy()
    for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
        own = A[labels == label]
        below.scatter(*own.T, color=color, marker=marker, s=12, edgecolors=INK, linewidths=0.3)
    (w1, w2), b = model[2].weight.tolist()[0], model[2].bias.item()
    a1 = np.linspace(-1.1, 1.1, 2)
    below.plot(a1, -(w1 * a1 + b) / w2, color=INK)  # where Z = 0
    below.set(xlabel="$a_1$", ylabel="$a_2$", xlim=(-1.1, 1.1), ylim=(-1.1, 1.1))
    tidy(below)


def frames(X, Y):
    """The figures of the animation, one after the other."""
    model = make_network()
    for step in train(model, X, Y, FRAMES):
        figure = new_figure(7, 3.4)
        left, right = figure.subplots(1, 2)
        draw_moment(left, right, model, X, Y, step)
        yield figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw four moments of the training into a PNG file")
    parser.add_argument("--animation", metavar="FILE", help="draw the whole training into a GIF file")
    parser.add_argument("--fast", action="store_true", help="for tests; there is nothing to leave out")
    arguments = parser.parse_args()

    X, Y = double_arc()
    linear, network = nn.Linear(2, 1), make_network()
    for _ in train(linear, X, Y, (2000,)):
        print(f"linear model   step 2000   {(answers(linear, X) == Y[:, 0]).sum()} of {len(X)} right")
    figure = new_figure(11, 5.4)
    panels = figure.subplots(2, len(MOMENTS))
    for place, step in enumerate(train(network, X, Y, MOMENTS)):
        print(f"two layers     step {step:4}   {(answers(network, X) == Y[:, 0]).sum()} of {len(X)} right")
        if arguments.picture:
            draw_moment(panels[0, place], panels[1, place], network, X, Y, step)
    if arguments.picture:
        save(figure, arguments.picture)
    if arguments.animation:
        view.animate(frames(X, Y), arguments.animation, seconds=0.15)


if __name__ == "__main__":
    main()
