"""The price of a house: three layers err by two fifths less than the best weighted sum of its features.

    python examples/house_prices.py --picture house_prices.png

Prices are products rather than sums: a view adds ten per cent, not ten thousand dollars. So what is learned is
log(price), and errors are told in dollars again. Features and log prices are brought to mean 0 and standard deviation 1
with the numbers of the training part; the test part must not have a say in that. Linear regression has an answer in
closed form, W = (X^T X)^-1 X^T Y; the net is trained from several beginnings.
(Houses sold in King County in 2014 and 2015, as prepared for the ai-edu course, chapter 14.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, train
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

NAMES = "bedrooms bathrooms living lot floors waterfront condition grade above basement built latitude longitude"


def made(count, seed):
    """Where the real houses are not: 13 features, of which the place matters by its distance from the town."""
    random = np.random.default_rng(seed)
    X = random.standard_normal((count, len(NAMES.split())))
    log_price = 13 + 0.3 * X[:, 2] + 0.15 * X[:, 7] - 0.6 * np.hypot(X[:, 11], X[:, 12]) + random.normal(0, 0.2, count)
    return X, np.exp(log_price)[:, None]


def errors(prices, answers):
    """Mean error in dollars, and the error of the median house in per cent."""
    off = np.abs(np.ravel(prices) - np.ravel(answers))
    return off.mean(), 100 * np.median(off / np.ravel(prices))


def linear(X, Y, x_test):
    """Least squares, with a column of ones for the bias."""
    W = np.linalg.lstsq(np.c_[X, np.ones(len(X))], Y, rcond=None)[0]
    return np.c_[x_test, np.ones(len(x_test))] @ W


def net(X, Y, x_test, seed, epochs):
    """Three layers of 64, 64 and 1 units."""
    pc.manual_seed(seed)
    model = models.mlp(X.shape[1], 64, 64, 1)
    batches = data.DataLoader((X, Y), 64, shuffle=True, drop_last=True, seed=seed)
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    slower = train.Schedule(optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs))
    train.fit(model, batches, loss=F.mse_loss, optimizer=optimizer, epochs=epochs, callbacks=[slower], progress=False)
    model.eval()
    with pc.no_grad():
        return model(pc.tensor(x_test)).numpy()


def draw(prices, by_sum, by_net, path):
    """True and answered prices, on scales of factors."""
    figure = new_figure(8, 4)
    for axes, name, answers, color in zip(
        figure.subplots(1, 2, sharey=True),
        ("weighted sum", "three layers"),
        (by_sum, by_net),
        (ORANGE, BLUE),
        strict=True,
    ):
        axes.loglog(prices.ravel() / 1000, answers.ravel() / 1000, ".", color=color, markersize=2)
        axes.plot([70, 8000], [70, 8000], color=INK, linewidth=1)
        axes.set(title=name, xlabel="price, thousand dollars", xlim=(70, 8000), ylim=(70, 8000), aspect="equal")
        tidy(axes)
    figure.axes[0].set_ylabel("answer, thousand dollars")
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, epochs = (3, 6) if arguments.fast else (5, 40)
    X, prices = samples("ch14.house.train") or made(5000, seed=0)
    x_test, test_prices = samples("ch14.house.test") or made(2000, seed=1)
    features = data.StandardScaler().fit(X)
    X, x_test = (features.transform(part).astype(np.float32) for part in (X, x_test))
    logs = data.StandardScaler().fit(np.log(prices))
    Y = logs.transform(np.log(prices)).astype(np.float32)

    def in_dollars(answers):
        return np.exp(logs.inverse_transform(answers.astype(np.float64)))

    print(f"{len(X)} houses to learn from, {len(x_test)} to test, {X.shape[1]} features")
    by_sum = in_dollars(linear(X, Y, x_test))
    for name, answers in [
        ("the median price", np.full(len(x_test), np.median(prices))),
        ("weighted sum", linear(X, prices, x_test)),
        ("weighted sum, of log(price)", by_sum),
    ]:
        print("{:28} off by {:7.0f} dollars, the median house by {:4.1f} %".format(name, *errors(test_prices, answers)))
    by_net = [in_dollars(net(X, Y, x_test, seed, epochs)) for seed in range(seeds)]
    off, percent = np.array([errors(test_prices, answers) for answers in by_net]).T
    print(
        f"{'three layers, of log(price)':28} off by {off.mean():7.0f} dollars,"
        f" the median house by {percent.mean():4.1f} %"
    )
    print(f"standard error over {seeds} beginnings: {off.std(ddof=1) / seeds**0.5:.0f} dollars")
    if arguments.picture:
        draw(test_prices, by_sum, by_net[0], arguments.picture)


if __name__ == "__main__":
    main()
