"""Gradient descent: a small rate crawls, a right one arrives, a large one jumps to and fro, a larger one flies off.

    python examples/descent.py --picture descent.png            (and a film beside it, descent.gif)

The slope of J at w says how J changes with w. So a step against it makes J smaller, if it is not too long:

    w = w - rate dJ/dw

For J = w^2 the slope is 2 w, so each step multiplies w by 1 - 2 rate, and w after k steps is (1 - 2 rate)^k times what
it was. With two variables the gradient holds both slopes, and points to where J grows fastest; each w has a factor of
its own. On J = w1^2 / 2 + 2 w2^2 they are 1 - rate and 1 - 4 rate: above rate 0.5 the way down becomes a way up.
(Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.)
"""

from pathlib import Path

import numpy as np
from common import options

import pellucid as pc
from pellucid import view
from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, VERMILLION, new_figure, save, tidy

RATES = {"small": 0.02, "right": 0.4, "large": 0.9, "too large": 1.03}  # for J = w^2
RATES_OF_TWO = {"small": 0.02, "right": 0.3, "large": 0.48, "too large": 0.52}  # for the bowl
LOOKS = {"small": (ORANGE, "s"), "right": (GREEN, "^"), "large": (BLUE, "o"), "too large": (VERMILLION, "D")}


def parabola(w):
    return w**2


def bowl(w):
    """J = w1^2 / 2 + 2 w2^2, for any number of places w (..., 2)."""
    return w[..., 0] ** 2 / 2 + 2 * w[..., 1] ** 2


def slope(J, w):
    """dJ/dw at w, by going backward through J."""
    w = pc.tensor(w, requires_grad=True)
    J(w).backward()
    return w.grad.numpy()


def descend(J, w, rate, steps):
    """All places on the way down from w, as an array (steps + 1, ...)."""
    way = [np.array(w)]
    for _ in range(steps):
        way.append(way[-1] - rate * slope(J, way[-1]))
    return np.array(way)


def draw_parabola(axes, ways):
    """J, its tangent at the beginning, and where the four descents went."""
    w = np.linspace(-2.4, 2.4, 100)
    axes.plot(w, parabola(w), color=INK)
    start = ways["right"][0]
    axes.plot(w, parabola(start) + slope(parabola, start) * (w - start), ":", color=INK, label="tangent at the start")
    for name, way in ways.items():
        color, marker = LOOKS[name]
        label = f"{name}: rate {RATES[name]}"
        axes.plot(way, parabola(way), "--", color=color, marker=marker, markersize=4, linewidth=0.8, label=label)
    axes.set(xlim=(-2.5, 2.5), ylim=(-0.3, 6), xlabel="$w$", ylabel="$J = w^2$")
    tidy(axes)
    axes.legend(frameon=True, fontsize=7.5, loc="upper center")


def draw_bowl(axes, ways):
    """Lines of equal J, arrows against the gradient, and the four ways."""
    across, up = np.meshgrid(np.linspace(-2.6, 2.6, 80), np.linspace(-1.6, 1.6, 80))
    J = bowl(np.stack([across, up], axis=-1))
    axes.contour(
        across, up, J, levels=np.array([0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.5, 5]), colors="#999999", linewidths=0.6
    )
    spots = np.stack(np.meshgrid(np.linspace(-2.25, 2.25, 7), np.linspace(-1.4, 1.4, 6)), axis=-1)
    arrows = -spots * [1.0, 4.0]  # the gradient is (w1, 4 w2)
    axes.quiver(spots[..., 0], spots[..., 1], arrows[..., 0], arrows[..., 1], color="#777777", width=0.004, scale=45)
    for name, way in ways.items():
        color, marker = LOOKS[name]
        label = f"{name}: rate {RATES_OF_TWO[name]}"
        axes.plot(*way.T, "-", color=color, marker=marker, markersize=4, linewidth=1, label=label)
    axes.set(xlim=(-2.6, 2.6), ylim=(-1.6, 1.6), xlabel="$w_1$", ylabel="$w_2$")
    tidy(axes)
    axes.legend(frameon=True, fontsize=7.5, loc="lower right")


def picture(ways, ways_of_two, steps):
    """Both landscapes with the first steps of all ways."""
    figure = new_figure(9.4, 4.2)
    left, right = figure.subplots(1, 2)
    draw_parabola(left, {name: way[: steps + 1] for name, way in ways.items()})
    draw_bowl(right, {name: way[: steps + 1] for name, way in ways_of_two.items()})
    figure.suptitle(f"after {steps} steps", fontsize=10)
    return figure


def main():
    arguments = options(__doc__)
    steps = 20
    print(f"J = w^2 has the slope {slope(parabola, 2.0):g} at w = 2: by the formula {2 * 2.0:g}")
    ways = {name: descend(parabola, 2.0, rate, steps) for name, rate in RATES.items()}
    print(f"          rate   w after {steps} steps   (1 - 2 rate)^{steps} * 2")
    for name, rate in RATES.items():
        print(f"{name:9} {rate:5}  {ways[name][-1]:16.8f}   {(1 - 2 * rate) ** steps * 2:17.8f}")

    ways_of_two = {name: descend(bowl, [-2.4, 1.2], rate, steps) for name, rate in RATES_OF_TWO.items()}
    print(f"          rate   J = w1^2 / 2 + 2 w2^2 after {steps} steps, from {bowl(np.array([-2.4, 1.2])):.2f}")
    for name, rate in RATES_OF_TWO.items():
        print(f"{name:9} {rate:5}   {bowl(ways_of_two[name][-1]):.6f}")
    if arguments.picture:
        save(picture(ways, ways_of_two, steps), arguments.picture)
        frames = (picture(ways, ways_of_two, number) for number in range(0, steps + 1, 10 if arguments.fast else 1))
        view.animate(frames, Path(arguments.picture).with_suffix(".gif"), seconds=0.4)


if __name__ == "__main__":
    main()
