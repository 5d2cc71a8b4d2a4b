"""How loud is a wing? Six optimizers fit a line with the same number of steps, and a net hears more than any line.

    python examples/airfoil.py --picture airfoil.png

1500 measurements in a wind tunnel: frequency, angle, chord, speed and thickness give the sound pressure, all brought
to mean 0 and standard deviation 1. First a line, Z = X W^T + b, whose least loss is known in closed form: each
optimizer gets two passes in batches of 10, at a learning rate that suits it. How near does each come? Then a net with
two hidden layers beside the best line, on measurements that neither has seen.
(Brooks, Pope and Marcolini, "Airfoil self-noise and prediction", 1989; the comparison is in the manner of Zhang,
Lipton, Li and Smola, "Dive into deep learning", chapter on optimization.)
"""

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, nn, optim, train
from pellucid.view.canvas import INK, PALETTE, new_figure, save, tidy

OPTIMIZERS = {
    "SGD": lambda w: optim.SGD(w, lr=0.02),
    "momentum": lambda w: optim.SGD(w, lr=0.005, momentum=0.8),
    "Adagrad": lambda w: optim.Adagrad(w, lr=0.1),
    "RMSprop": lambda w: optim.RMSprop(w, lr=0.01, alpha=0.9),
    "Adadelta": lambda w: optim.Adadelta(w, lr=1.0, rho=0.9, eps=1e-5),
    "Adam": lambda w: optim.Adam(w, lr=0.01),
}


def measurements():
    """X (1500, 5) and Y (1500, 1), or a bent surface with noise where the table is not."""
    folder = folder_of("tabular")
    if folder is None:
        random = np.random.default_rng(0)
        X, noise = random.standard_normal((1500, 5)), 0.3 * random.standard_normal(1500)
        table = np.c_[X, X @ [-1, -0.5, -0.5, 0.2, -0.3] + np.sin(2 * X[:, 0] * X[:, 1]) + noise]
    else:
        table = np.loadtxt(folder / "airfoil_self_noise.dat")[:1500]
    table = ((table - table.mean(axis=0)) / table.std(axis=0)).astype(np.float32)
    return table[:, :5], table[:, 5:]


def by_line(X, Y, x_test):
    """What the line with the least squared error answers: in closed form, its bias the weight of a column of ones."""
    weights = np.linalg.lstsq(np.c_[X, np.ones(len(X))], Y, rcond=None)[0]
    return np.c_[x_test, np.ones(len(x_test))] @ weights


def way_down(make, X, Y):
    """The loss over all rows after every 15 of 300 steps, the beginning first."""
    model = nn.Linear(5, 1)
    model.load_state_dict({"weight": pc.zeros(1, 5), "bias": pc.zeros(1)})
    optimizer = make(model.parameters())
    losses = [F.mse_loss(model(pc.tensor(X)), pc.tensor(Y)).item()]
    batches = data.DataLoader((X, Y), 10, shuffle=True, seed=0)
    for number, (x, y) in enumerate([*batches, *batches], start=1):
        J = F.mse_loss(model(pc.from_numpy(x)), pc.from_numpy(y))
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        if number % 15 == 0:
            losses.append(F.mse_loss(model(pc.tensor(X)), pc.tensor(Y)).item())
    return losses


def by_net(X, Y, x_test, seed, epochs):
    """What a net with two hidden layers answers."""
    pc.manual_seed(seed)
    model = models.mlp(5, 64, 64, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    slower = train.Schedule(optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs))
    train.fit(model, (X, Y), loss=F.mse_loss, optimizer=optimizer, epochs=epochs, callbacks=[slower], progress=False)
    return model(pc.tensor(x_test)).numpy()


def draw(ways, least, path):
    """The loss of each optimizer over the steps, and the least there is."""
    figure = new_figure(5.6, 3.6)
    axes = figure.subplots()
    for (name, losses), color in zip(ways.items(), PALETTE, strict=True):
        axes.plot(np.arange(len(losses)) * 15, losses, color=color, label=name)
    axes.axhline(least, color=INK, linestyle="--", linewidth=1, label="closed form")
    axes.set(xlabel="step (10 measurements each)", ylabel="mean squared error", ylim=(0.45, 1.02))
    tidy(axes)
    axes.legend(frameon=False, ncols=2)
    save(figure, path)


def main():
    arguments = options(__doc__)
    X, Y = measurements()
    least = metrics.mean_squared_error(by_line(X, Y, X), Y)
    ways = {name: way_down(make, X, Y) for name, make in OPTIMIZERS.items()}
    print(f"a line: least loss {least:.4f}, {ways['SGD'][0]:.4f} at the beginning; after two passes:")
    for name, losses in ways.items():
        print(f"  {name:9} {losses[-1]:.4f}")

    seeds, epochs = (3, 30) if arguments.fast else (5, 200)
    shares = []
    for seed in range(seeds):
        x, x_test, y, y_test = data.train_test_split(X, Y, test_size=0.2, seed=seed)
        answers = by_line(x, y, x_test), by_net(x, y, x_test, seed, epochs)
        shares.append([metrics.r2(answer, y_test) for answer in answers])
    line, net = np.array(shares).T
    gain = net - line
    print(f"share of the variance explained (R2), on 300 others: line {line.mean():.3f}, net {net.mean():.3f}")
    print(f"gain {gain.mean():.3f} +- {gain.std(ddof=1) / seeds**0.5:.3f} over {seeds} splits")
    if arguments.picture:
        draw(ways, least, arguments.picture)


if __name__ == "__main__":
    main()
