"""Too stiff a curve errs always in the same way, too supple a one follows the noise: the best lies between.

    python examples/bias_and_variance.py --picture bias_and_variance.png

Polynomials of degree d are fitted to 25 points of a sine with noise of standard deviation s, for many data sets that
differ in the noise alone. Measured on fresh noise at the same x, the squared error is the sum of three:

    bias^2     how far the mean of all fits is from the sine: what the degree cannot follow
    variance   how far one fit is from their mean: what it learned of its own noise;  s^2 (d + 1) / n  in closed form
    noise      s^2: what nobody can know

The training error only falls. The validation error falls (under-fitting) and rises again (over-fitting).
It falls in steps of two degrees: a sine is odd about its middle, so an even power adds variance only. The one data set
that is drawn is that of the ai-edu course, chapter 16, if it is there (its "noise" is a regular wiggle).
(Geman, Bienenstock and Doursat, "Neural networks and the bias/variance dilemma", 1992.)
"""

import numpy as np
from common import options, samples
from numpy.polynomial.legendre import legvander

from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILLION, new_figure, save, tidy

N, NOISE, DEGREES = 25, 0.3, range(16)
SHOWN = {1: ORANGE, 5: GREEN, 15: VERMILLION}  # too stiff, about right, too supple


def fit(x, y, degree, at):
    """The polynomial with the least squares at x, y: its values at `at`. Each column of y is a data set."""
    columns, columns_at = (legvander(x / np.pi - 1, degree) for x in (x, at))  # Legendre's: good to compute with
    W = np.linalg.lstsq(columns, y, rcond=None)[0]
    return columns_at @ W


def parts(degree, sets):
    """Training error, validation error, bias^2 and variance over many data sets."""
    random = np.random.default_rng(0)
    x = np.linspace(0, 2 * np.pi, N)
    truth = np.sin(x)[:, None]
    y, fresh = (truth + NOISE * random.normal(size=(N, sets)) for _ in range(2))
    answers = fit(x, y, degree, x)
    mean = answers.mean(axis=1, keepdims=True)
    squares = (answers - y) ** 2, (answers - fresh) ** 2, (mean - truth) ** 2, (answers - mean) ** 2
    return [square.mean() for square in squares]


def real_points():
    """Training and test points of the ai-edu course, chapter 16, or others of a sine."""
    train, test = samples("ch16.train"), samples("ch16.test")
    if train and test:
        return [part.ravel() for part in (*train, *test)]
    x, at = np.linspace(0, 2 * np.pi, N), np.linspace(0, 2 * np.pi, 100)
    return [x, np.sin(x) + NOISE * np.random.default_rng(1).normal(size=N), at, np.sin(at)]


def draw(table, real, errors, path):
    """The parts of the error; the fits of three degrees; the errors of the 25 real points."""
    figure = new_figure(12.6, 3.8)
    left, middle, right = figure.subplots(1, 3)
    train, validation, bias, variance = np.transpose(table)
    left.stackplot(
        DEGREES, np.full(len(DEGREES), NOISE**2), variance, bias,
        labels=["noise", "variance", "bias$^2$"], colors=["#DDDDDD", "#F5C9A8", "#A8CFE6"],
    )  # fmt: skip
    left.plot(DEGREES, validation, "o-", color=VERMILLION, markersize=4, label="validation error")
    left.plot(DEGREES, train, "s--", color=BLUE, markersize=4, label="training error")
    left.set(xlabel="degree of the polynomial", ylabel="mean squared error", title="many data sets", ylim=(0, 0.35))
    x, y, at, _ = real
    middle.plot(x, y, "o", color=INK, markersize=4, label="25 training points")
    for degree, color in SHOWN.items():
        middle.plot(at, fit(x, y, degree, at), color=color, label=f"degree {degree}")
    middle.set(xlabel="x", ylabel="y", title="one data set: three fits", ylim=(-2.6, 2.6))
    right.plot(DEGREES, errors[1], "o-", color=VERMILLION, markersize=4, label="test error (without noise)")
    right.plot(DEGREES, errors[0], "s--", color=PURPLE, markersize=4, label="training error")
    right.set(
        xlabel="degree of the polynomial", ylabel="mean squared error", title="one data set: its errors", yscale="log"
    )
    for axes in (left, middle, right):
        tidy(axes)
        axes.legend(frameon=False, fontsize=8)
    save(figure, path)


def main():
    arguments = options(__doc__)
    sets = 300 if arguments.fast else 5000
    print(f"{sets} data sets   training  validation  =  bias^2 + variance + noise     s^2 (d + 1) / n")
    table = [parts(degree, sets) for degree in DEGREES]
    for degree, (train, validation, bias, variance) in zip(DEGREES, table, strict=True):
        theory = NOISE**2 * (degree + 1) / N
        print(
            f"degree {degree:2}     {train:10.4f} {validation:11.4f}  {bias:9.4f}   {variance:.4f}   {NOISE**2:.4f}"
            f"     {theory:.4f}"
        )
    real = real_points()
    x, y, at, y_at = real
    errors = np.array([[((fit(x, y, d, to) - of) ** 2).mean() for d in DEGREES] for to, of in ((x, y), (at, y_at))])
    best = int(errors[1].argmin())
    for degree in sorted({1, best, 15}):
        print(f"25 points, degree {degree:2}: training {errors[0, degree]:.3f}, test {errors[1, degree]:.3f}")
    if arguments.picture:
        draw(table, real, errors, arguments.picture)


if __name__ == "__main__":
    main()
