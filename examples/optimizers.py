"""Seven ways down a long valley: plain descent zigzags, momentum rolls, the adaptive ones take each axis alike.

    python examples/optimizers.py --picture optimizers.png

The valley is J(w) = w1^2 / 20 + w2^2: twenty times steeper across than along. The gradient (w1 / 10, 2 w2) hardly
points along it. What takes plain steps must keep the learning rate below 1, or it is thrown out across the valley, and
then creeps along; just below 1 it jumps from side to side. Momentum adds up what stays the same from step to step and
cancels what changes its sign. AdaGrad, RMSprop, AdaDelta and Adam divide the steps of each weight by the size of its
own gradients, so both axes go alike. Each may have the learning rate with which it first comes below the goal. (Whether
it stays there is another question: RMSprop, AdaDelta and Adam need a rate that falls; see schedules.py.) Whose loss
rises above 20, three times that of the start, has left the valley and counts as lost: a rule that AdaGrad and RMSprop
need. With huge rates they are thrown far out, learn there how steep each axis is, and are back in four steps or so; but
that is a gift of this J, whose gradient says everywhere how far the goal is.
(The valley: Saito, "Deep learning from scratch", 2016. The methods: Polyak, 1964; Nesterov, 1983; Duchi et al., 2011;
Tieleman and Hinton, 2012; Zeiler, 2012; Kingma and Ba, 2015.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid import optim
from pellucid.view.canvas import INK, PALETTE, VERMILLION, new_figure, save, tidy

START = (-7.0, 2.0)
GOAL = 0.001
MOST = 200  # steps
LOST = 20.0
# The large ones are for AdaDelta, whose steps are small at first: see adadelta.py.
RATES = (0.05, 0.1, 0.2, 0.5, 0.95, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
METHODS = {
    "SGD": lambda w, lr: optim.SGD(w, lr=lr),
    "Momentum": lambda w, lr: optim.SGD(w, lr=lr, momentum=0.7),
    "Nesterov": lambda w, lr: optim.SGD(w, lr=lr, momentum=0.7, nesterov=True),
    "AdaGrad": lambda w, lr: optim.Adagrad(w, lr=lr),
    "RMSprop": lambda w, lr: optim.RMSprop(w, lr=lr, alpha=0.9),
    "AdaDelta": lambda w, lr: optim.Adadelta(w, lr=lr),
    "Adam": lambda w, lr: optim.Adam(w, lr=lr),
}


def valley(w):
    """J(w)."""
    return w[0] ** 2 / 20 + w[1] ** 2


def descend(make, rate):
    """The way from the start until the loss is below the goal: an array (steps + 1, 2)."""
    w = pc.tensor(START, requires_grad=True)
    optimizer = make([w], rate)
    way = [START]
    while len(way) <= MOST:
        J = valley(w)
        if J.item() < GOAL or J.item() > LOST:
            break
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        way.append(tuple(w.tolist()))
    return np.array(way)


def steps_of(way):
    """How many steps it took, or infinity where the goal was not reached."""
    return len(way) - 1 if valley(way[-1]) < GOAL else np.inf


def draw(best, path):
    """A map with the way of each, and the losses of all."""
    figure = new_figure(10, 5)
    *maps, last = figure.subplots(2, 4).ravel()
    across, up = np.meshgrid(np.linspace(-8, 4, 60), np.linspace(-3, 3, 60))
    heights = valley((across, up))
    for number, (axes, (name, (rate, way))) in enumerate(zip(maps, best.items(), strict=True)):
        axes.contour(across, up, heights, levels=[0.02, 0.1, 0.3, 0.7, 1.5, 3, 5, 8], colors="#BBBBBB", linewidths=0.8)
        axes.plot(way[:, 0], way[:, 1], "o-", color=VERMILLION, markersize=2.5, linewidth=1)
        axes.plot(0, 0, "+", color=INK, markersize=9)
        axes.set(xlim=(-8, 4), ylim=(-3, 3), title=f"{name}, rate {rate:g}: {len(way) - 1} steps")
        tidy(axes)
        axes.grid(visible=False)
        color, line = (*PALETTE, INK)[number], ("-", "--", ":")[number % 3]
        last.semilogy([valley(w) for w in way], line, color=color, linewidth=1.2, label=name)
    figure.axes[0].set_ylabel("$w_2$")
    figure.axes[4].set(xlabel="$w_1$", ylabel="$w_2$")
    tidy(last)
    last.set(xlabel="step", title="loss", xlim=(0, 90))
    last.legend(frameon=False, fontsize=7)
    for axes in figure.axes:
        axes.title.set_fontsize(9)
    save(figure, path)


def main():
    chosen = options(__doc__)
    best = {}
    print(f"steps until the loss is below {GOAL}, at the best of {len(RATES)} learning rates")
    for name, make in METHODS.items():
        ways = {rate: descend(make, rate) for rate in RATES}
        rate = min(ways, key=lambda rate: steps_of(ways[rate]))
        way = ways[rate]
        best[name] = rate, way
        crossings = (np.diff(np.sign(way[:, 1])) != 0).sum()
        print(f"{name:9} rate {rate:<6g} {steps_of(way):4} steps, {crossings:3} times across the valley")
    if chosen.picture:
        draw(best, chosen.picture)


if __name__ == "__main__":
    main()
