"""Descent is greedy: the gradient does not point at the lowest place, and a saddle or a small hollow may hold it.

    python examples/greedy.py --picture greedy.png

The gradient knows the ground under its feet only. Three landscapes show what that means:

- a bowl stretched in one direction, J = (w1^2 + 10 w2^2) / 2: the steepest way down, -(w1, 10 w2), is not the way to
  the lowest place, -(w1, w2). The cosine of the angle between them is their product over their lengths;
- a saddle, J = (w1^2 - w2^2) / 2 + w2^4 / 4: who comes down along its ridge, w2 = 0, ends in the middle, where the
  gradient is 0, though both sides fall off to J = -1/4. A nudge of a millionth is enough to get away;
- two hollows, J = w^4 / 4 - w^2 / 2 + w / 10: which one is found depends on the side from which one comes.

(In large nets saddles are far more common than hollows: Dauphin and others, "Identifying and attacking the saddle point
problem in high-dimensional non-convex optimization", 2014.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import BLUE, GREEN, INK, VERMILLION, new_figure, save, tidy


def stretched(w):
    return (w[..., 0] ** 2 + 10 * w[..., 1] ** 2) / 2


def saddle(w):
    return (w[..., 0] ** 2 - w[..., 1] ** 2) / 2 + w[..., 1] ** 4 / 4


def hollows(w):
    return w**4 / 4 - w**2 / 2 + w / 10


def gradient(J, w):
    """The gradient of J at w, by going backward through J."""
    w = pc.tensor(w, requires_grad=True)
    J(w).backward()
    return w.grad.numpy()


def descend(J, w, rate=0.1, steps=300):
    """All places on the way down from w."""
    way = [np.array(w)]
    for _ in range(steps):
        way.append(way[-1] - rate * gradient(J, way[-1]))
    return np.array(way)


def angle(u, v):
    """Between two arrows, in degrees."""
    return np.degrees(np.arccos(u @ v / (np.linalg.norm(u) * np.linalg.norm(v))))


def draw_ways(axes, J, ways, low, high):
    """Lines of equal J, and the ways across them, where w1 and w2 run from `low` to `high`."""
    across, up = np.meshgrid(np.linspace(low[0], high[0], 120), np.linspace(low[1], high[1], 120))
    axes.contour(across, up, J(np.stack([across, up], axis=-1)), levels=18, colors="#AAAAAA", linewidths=0.6)
    for (name, way), color, line in zip(ways.items(), (BLUE, VERMILLION), ("-", "--"), strict=False):
        axes.plot(*way.T, line, color=color, marker=".", markersize=3, label=name)
        axes.plot(*way[-1], "*", color=color, markersize=12)
    axes.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def draw(start, bowl_way, saddle_ways, hollow_ways, path):
    """The three landscapes side by side."""
    figure = new_figure(11, 3.7)
    bowl, ridge, line = figure.subplots(1, 3)
    draw_ways(bowl, stretched, {"descent": bowl_way}, (-1, -6), (11, 6))
    steepest = -gradient(stretched, start) / np.linalg.norm(gradient(stretched, start)) * 4
    for arrow, color, name in ((steepest, VERMILLION, "against the gradient"), (-start * 0.6, GREEN, "to the minimum")):
        bowl.annotate("", start + arrow, start, arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2})
        bowl.plot([], [], color=color, linewidth=2, label=name)
    bowl.set(title="stretched bowl", aspect="equal")  # so that the gradient stands upright on the lines
    draw_ways(ridge, saddle, saddle_ways, (-2.2, -1.5), (2.2, 1.5))
    ridge.set_title("saddle")
    w = np.linspace(-1.7, 1.6, 200)
    line.plot(w, hollows(w), color=INK)
    for (name, way), color, mark in zip(hollow_ways.items(), (BLUE, VERMILLION), "os", strict=True):
        line.plot(way, hollows(way), mark, color=color, markersize=4, label=name)
    line.set(title="two hollows", xlabel="$w$", ylabel="$J$")
    for axes in figure.axes:
        tidy(axes)
        axes.legend(frameon=True, fontsize=7.5, loc="upper center" if axes is line else "lower left")
    save(figure, path)


def main():
    arguments = options(__doc__)
    start = np.array([10.0, 1.0])
    off = angle(-gradient(stretched, start), -start)
    bowl_way = descend(stretched, start, rate=0.15)
    print(f"stretched bowl: at (10, 1) the steepest way down is {off:.2f} degrees off the way to the minimum")
    print(f"                descent ends at ({bowl_way[-1][0]:.6f}, {bowl_way[-1][1]:.6f})")

    saddle_ways = {}
    for name, nudge in (("on the ridge", 0.0), ("nudged", 1e-6)):
        way = saddle_ways[name] = descend(saddle, [-2.0, nudge])
        w1, w2, J = np.round([*way[-1], saddle(way[-1])], 4) + 0.0  # no -0.0000
        print(f"saddle, {name:12}: ends at ({w1:.4f}, {w2:.4f}), J = {J:.4f}")

    hollow_ways = {}
    for name, w in (("from the left", -0.2), ("from the right", 0.3)):
        way = hollow_ways[name] = descend(hollows, w)
        print(f"hollows, {name:14}: ends at {way[-1]:.4f}, J = {hollows(way[-1]):.4f}")
    if arguments.picture:
        draw(start, bowl_way, saddle_ways, hollow_ways, arguments.picture)


if __name__ == "__main__":
    main()
