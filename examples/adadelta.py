"""RMSprop is AdaDelta whose usual step is a number that you choose, instead of one that it finds.

    python examples/adadelta.py --picture adadelta.png

Both divide each gradient g by the root of its mean square s. AdaDelta multiplies by the root of the mean square u of
its own steps d, so that a step has the unit of the weights and no learning rate is left to choose:

    AdaDelta   d = g sqrt(u + eps) / sqrt(s + eps),  then u = rho u + (1 - rho) d^2
    RMSprop    d = g lr / sqrt(s)

Hold u at lr^2 instead of letting it follow the steps, with eps = 0, and the first line is the second: RMSprop is that
special case of AdaDelta. With an eps that drowns both means AdaDelta is another old friend: d = g, plain descent.
(Zeiler, "Adadelta: an adaptive learning rate method", 2012; Tieleman and Hinton, lecture 6.5, 2012.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid import optim
from pellucid.view.canvas import BLUE, SKY, VERMILLION, new_figure, save, tidy

LR, RHO = 0.05, 0.9


def descend(make, steps, hold=None):
    """Where w is after each step down J(w) = w1^2 / 20 + w2^2: an array (steps, 2). `hold` keeps u at that number."""
    w = pc.tensor([-7.0, 2.0], dtype=pc.float64, requires_grad=True)
    optimizer = make([w])
    places = []
    for _ in range(steps):
        if hold is not None:
            optimizer.state[w]["acc_delta"] = pc.full((2,), hold, dtype=pc.float64)
        J = w[0] ** 2 / 20 + w[1] ** 2
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        places.append(w.tolist())
    return np.array(places)


def main():
    chosen = options(__doc__)
    steps = 200
    ways = {
        "RMSprop": descend(lambda w: optim.RMSprop(w, lr=LR, alpha=RHO, eps=0.0), steps),
        "AdaDelta, u held": descend(lambda w: optim.Adadelta(w, rho=RHO, eps=0.0), steps, hold=LR**2),
        "AdaDelta": descend(lambda w: optim.Adadelta(w, rho=RHO), steps),
        "SGD": descend(lambda w: optim.SGD(w, lr=LR), steps),
        "AdaDelta, eps 1e12": descend(lambda w: optim.Adadelta(w, lr=LR, rho=RHO, eps=1e12), steps),
    }
    pairs = (("AdaDelta, u held", "RMSprop"), ("AdaDelta", "RMSprop"), ("AdaDelta, eps 1e12", "SGD"))
    print(f"largest distance of two ways in {steps} steps")
    for one, other in pairs:
        print(f"{one:18} and {other:8} {abs(ways[one] - ways[other]).max():.1e}")
    if chosen.picture:
        figure = new_figure(5.5, 3.4)
        axes = figure.add_subplot()
        axes.plot(np.abs(ways["RMSprop"][:, 0]), color=SKY, linewidth=5, label="RMSprop")
        axes.plot(np.abs(ways["AdaDelta, u held"][:, 0]), color=BLUE, label="AdaDelta, u held")
        axes.plot(np.abs(ways["AdaDelta"][:, 0]), "--", color=VERMILLION, label="AdaDelta")
        axes.set(xlabel="step", ylabel="distance along the valley, |w1|")
        tidy(axes)
        axes.legend(frameon=False)
        save(figure, chosen.picture)


if __name__ == "__main__":
    main()
