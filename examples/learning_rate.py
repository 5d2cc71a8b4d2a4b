"""The loss after 100 steps, by the learning rate: too small goes nowhere, too large bursts, and between is a valley.

    python examples/learning_rate.py --picture learning_rate.png

For a straight-line model and the squared error everything is known beforehand. J is a bowl whose steepness is the
largest eigenvalue h of its second derivatives, H = 2 X^T X / (N K) for N samples and K outputs. A step of plain
descent multiplies the error along each direction by 1 - rate h, so that

    rate < 2 / h    converges, the fastest near the edge;    rate > 2 / h    bursts.

No such edge is written on a network, whose steepness changes as it learns, but its sweep has the same shape: a slope to
the left, a valley, a cliff to the right. Learning rates are tried in powers of ten, as everything is that may be
anywhere in several of them. (LeCun, Bottou, Orr and Müller, "Efficient backprop", 1998.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

STEPS = 100


def linear_losses(rates, x, y):
    """Linear regression from pixels to ten numbers, one of them 1, on all samples at once: the loss after all steps."""
    Y = pc.tensor(np.eye(10, dtype=np.float64)[y])
    X = pc.tensor(x.astype(np.float64))
    found = []
    for rate in rates:
        W = pc.zeros(x.shape[1], 10, dtype=pc.float64, requires_grad=True)
        optimizer = optim.SGD([W], lr=rate)
        for _ in range(STEPS):
            J = F.mse_loss(X @ W, Y)
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
        found.append(F.mse_loss(X @ W, Y).item())
    return found


def network_losses(rates, x, y, seeds):
    """A small network in batches of 32: the mean loss on all samples after all steps, over several beginnings."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @pc.compile
    def step(x, y):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    found = []
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate  # a State: the compiled step sees the new number
        losses = []
        for seed in range(seeds):
            pc.manual_seed(seed)
            for layer in (model[0], model[2]):
                layer.reset_parameters()
            rows = np.random.default_rng(seed).integers(len(x), size=(STEPS, 32))
            step.repeat(pc.tensor(x[rows]), pc.tensor(y[rows]))
            losses.append(F.cross_entropy(model(pc.tensor(x)), pc.tensor(y)).item())
        found.append(np.mean(losses))
    return found


def draw(rates, linear, edge, network, path):
    """Both sweeps, and the edge."""
    figure = new_figure(8, 3.5)
    left, right = figure.subplots(1, 2)
    left.axvline(edge, color=INK, linestyle=":", label="2 / h")
    left.loglog(rates, linear, "o-", color=BLUE, markersize=4)
    left.set(title="straight-line model", ylabel=f"squared error after {STEPS} steps", ylim=(0.02, 20))
    left.legend(frameon=False)
    right.loglog(rates, np.nan_to_num(network, nan=1e3).clip(max=1e3), "o-", color=VERMILLION, markersize=4)
    right.axhline(np.log(10), color=INK, linestyle=":", label="who guesses: log 10")
    right.set(title="network", ylabel=f"cross-entropy after {STEPS} steps", ylim=(0.05, 20))
    right.legend(frameon=False)
    for axes in (left, right):
        axes.set_xlabel("learning rate")
        tidy(axes)
    save(figure, path)


def main():
    chosen = options(__doc__)
    images, labels = data.digits()
    x = images.reshape(len(images), 64).astype(np.float32)
    rates = np.geomspace(1e-3, 10, 9 if chosen.fast else 17)
    linear = linear_losses(rates, x, labels)
    network = network_losses(rates, x, labels, 2 if chosen.fast else 5)
    print(f"learning rate   loss after {STEPS} steps: straight-line model   network")
    for rate, one, other in zip(rates, linear, network, strict=True):
        print(f"{rate:13.4g}   {one:43.4g}   {other:7.4g}")
    edge = 2 / np.linalg.eigvalsh(2 * x.T.astype(float) @ x / (len(x) * 10)).max()
    print(f"the straight-line model bursts beyond 2 / h = {edge:.3f}")
    if chosen.picture:
        draw(rates, linear, edge, network, chosen.picture)


if __name__ == "__main__":
    main()
