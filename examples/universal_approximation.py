"""A hidden layer draws any curve, if it is wide enough: the error falls as units are added, down to what noise leaves.

    python examples/universal_approximation.py --picture universal_approximation.png

Two layers map one number to one number:

    A = tanh(x W1^T + B1)        each hidden unit is a soft step at a place, and with a steepness, of its own
    y = A W2^T + B2              the sum of the steps, each as high as its weight

With enough steps the sum comes as near as one likes to any continuous curve (Cybenko, 1989; Hornik, Stinchcombe and
White, 1989). The theorem says that such weights exist, not that descent finds them: so each width is trained from
several random beginnings. The networks learn from points with noise and are measured on the curve itself; none at all,
0 units, can only answer the mean. (Data: ai-edu, chapters 8 and 9.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.view.canvas import BLUE, GREEN, INK, VERMILLION, new_figure, save, tidy

CURVES = {  # name: (files, the same law, noise of the points)
    "sine": ("ch08", lambda x: np.sin(2 * np.pi * x), 0.1),
    "composite": ("ch09", lambda x: 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.01 * np.cos(50 * x) - 0.3, 0.05),
}


def points_of(name):
    """Noisy points for training and points on the curve for the test: x, y, x_test, y_test, each float32 (n, 1)."""
    file, law, noise = CURVES[name]
    train, test = samples(f"{file}.train"), samples(f"{file}.test")
    if train is None or test is None:
        random = np.random.default_rng(0)
        x, x_test = random.random((500, 1)), np.linspace(0, 1, 100).reshape(-1, 1)
        train, test = (x, law(x) + noise * random.uniform(-1, 1, x.shape)), (x_test, law(x_test))
    return [array.astype(np.float32) for array in (*train, *test)]


def centred(x):
    """From 0 to 1 made into from -3 to 3, so that the first steps of the units lie all over the curve."""
    return pc.tensor(6 * x - 3)


def learn(x, y, units, seed, steps):
    """A network of two layers after `steps` steps, each with all points."""
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, units), nn.Tanh(), nn.Linear(units, 1))
    nn.init.uniform_(model[0].bias, -3, 3)
    optimizer = optim.Adam(model.parameters(), lr=0.02)

    @pc.compile
    def step(X, Y):
        J = F.mse_loss(model(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()

    X, Y = centred(x), pc.tensor(y)
    for _ in range(steps):
        step(X, Y)
    return model


def rms(errors):
    """Root of the mean square."""
    return float(np.sqrt(np.mean(errors**2)))


def draw(results, path):
    """Left and middle: what one network of each width has learned; right: error against width."""
    figure = new_figure(11, 3.4)
    *panels, last = figure.subplots(1, 3)
    for axes, name, color, mark in zip(panels, results, (BLUE, VERMILLION), "os", strict=True):
        (x, y, x_test, y_test), fits, table = results[name]
        axes.plot(x, y, ".", color="#BBBBBB", markersize=2)
        narrow_middle_wide = list(fits)[:: len(fits) // 2]
        for units, line, ink in zip(narrow_middle_wide, (":", "--", "-"), (VERMILLION, GREEN, BLUE), strict=True):
            axes.plot(x_test, fits[units], line, color=ink, label=f"{units} unit{'s' * (units > 1)}")
        axes.set(title=name, xlabel="$x$", ylabel="$y$")
        axes.legend(frameon=False, fontsize=8)
        tidy(axes)
        widths, means, errors = np.array(table).T
        last.errorbar(widths, means / rms(y_test), errors / rms(y_test), marker=mark, color=color, label=name)
    last.set(title="error of the test, as part of the curve", xlabel="hidden units", ylabel="rms error / rms of $y$")
    last.set_yscale("log")
    last.set_xscale("log", base=2)
    last.axhline(1, color=INK, linewidth=0.6)
    last.legend(frameon=False)
    tidy(last)
    save(figure, path)


def main():
    arguments = options(__doc__)
    widths, seeds, steps = ((1, 2, 8), 3, 1000) if arguments.fast else ((1, 2, 3, 4, 8, 16, 32), 5, 4000)
    results = {}
    print("curve      units   rms error on the curve (mean, standard error)")
    for name in CURVES:
        points = x, y, x_test, y_test = points_of(name)
        print(f"{name:9}  {0:5}   {rms(y_test - y.mean()):.4f}")
        fits, table = {}, []
        for units in widths:
            models = [learn(x, y, units, seed, steps) for seed in range(seeds)]
            answers = [model(centred(x_test)).detach().numpy() for model in models]
            errors = [rms(answer - y_test) for answer in answers]
            fits[units] = answers[int(np.argsort(errors)[seeds // 2])]  # that of the middle one
            mean, error = np.mean(errors), np.std(errors, ddof=1) / seeds**0.5
            table.append((units, mean, error))
            print(f"{name:9}  {units:5}   {mean:.4f}  {error:.4f}")
        results[name] = (points, fits, table)
    if arguments.picture:
        draw(results, arguments.picture)


if __name__ == "__main__":
    main()
