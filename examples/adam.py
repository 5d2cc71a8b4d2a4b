"""Three steps of Adam, each number worked out by hand, beside what the optimizer does.

    python examples/adam.py --picture adam.png

J(w) = w^2, from w = 1, with lr = 0.1. The gradient is g = 2 w, and step t of Adam is

    m = 0.9 m + 0.1 g             mean of the gradients: the first moment
    s = 0.999 s + 0.001 g^2       mean of their squares: the second moment, around 0 and not around the mean
    w = w - 0.1 m' / (sqrt(s') + eps),   m' = m / (1 - 0.9^t),   s' = s / (1 - 0.999^t)

Both means begin at 0, so m and s are too small at first: in the first step m is a tenth of g and s a thousandth of g^2.
Without the divisions the first step would be 0.1 g / sqrt(0.001 g^2) = 3.16 learning rates long; with them it is one
learning rate long, whatever the size of the gradient.
(Kingma and Ba, "Adam: a method for stochastic optimization", 2015.)
"""

from math import sqrt

from common import options

import pellucid as pc
from pellucid import optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

LR, BETA1, BETA2, EPS = 0.1, 0.9, 0.999, 1e-8


def by_hand(steps, corrected=True):
    """g, m, s, m', s' and w of each step, by the formulas above and nothing else."""
    w, m, s, rows = 1.0, 0.0, 0.0, []
    for t in range(1, steps + 1):
        g = 2 * w
        m = BETA1 * m + (1 - BETA1) * g
        s = BETA2 * s + (1 - BETA2) * g * g
        m_fair = m / (1 - BETA1**t) if corrected else m
        s_fair = s / (1 - BETA2**t) if corrected else s
        w = w - LR * m_fair / (sqrt(s_fair) + EPS)
        rows.append((g, m, s, m_fair, s_fair, w))
    return rows


def by_optimizer(steps):
    """w after each step."""
    w = pc.tensor([1.0], dtype=pc.float64, requires_grad=True)
    optimizer = optim.Adam([w], lr=LR, betas=(BETA1, BETA2), eps=EPS)
    places = []
    for _ in range(steps):
        J = (w * w).sum()
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        places.append(w.item())
    return places


def main():
    chosen = options(__doc__)
    print("t      g         m          s          m'         s'         w          w of optim.Adam")
    for t, (row, place) in enumerate(zip(by_hand(3), by_optimizer(3), strict=True), start=1):
        print(f"{t}  " + "  ".join(f"{number:9.7f}" for number in (*row, place)))
    first = 1 - by_hand(1, corrected=False)[0][-1]
    print(f"without the correction the first step is {first:.4f}, with it {1 - by_hand(1)[0][-1]:.4f}")
    if chosen.picture:
        figure = new_figure(5.5, 3.4)
        axes = figure.add_subplot()
        axes.plot([1.0, *by_optimizer(60)], color=BLUE, label="Adam")
        without = [1.0, *(row[-1] for row in by_hand(60, corrected=False))]
        axes.plot(without, "--", color=VERMILLION, label="without the correction of the start")
        axes.set(xlabel="step", ylabel="w (the lowest place is 0)")
        tidy(axes)
        axes.legend(frameon=False)
        save(figure, chosen.picture)


if __name__ == "__main__":
    main()
