"""Early stopping: stop where the validation loss has its valley, before the network knows its samples by heart.

    python examples/early_stopping.py --picture early_stopping.png

A network learns 200 digits, every fourth with a label drawn anew. First it learns what many digits have in common; then
it learns the wrong labels too, each for itself: the training loss falls on, the loss of 200 other digits rises.
`train.EarlyStopping` ends the training when that loss has not improved for some epochs (its patience), and
`train.BestWeights` goes back to the valley. The same training is done to its end as well, to see what was missed.

(Prechelt, "Early stopping - but when?", 1998.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

PATIENCE = 10


def parts(seed):
    """200 digits to learn and 200 to validate by, both with wrong labels among them, and clean ones for the test."""
    random = np.random.default_rng(seed)
    X, y = data.digits()
    order = random.permutation(len(y))
    X, labels = X[order].reshape(-1, 64), y[order]
    labels[:400:4] = random.integers(0, 10, 100)
    return [(X[rows], labels[rows]) for rows in (slice(200), slice(200, 400), slice(400, None))]


def learn(seed, epochs, callbacks):
    """The history of a training, and the share of wrong answers in the test, in percent."""
    learning, validation, test = parts(seed)
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    history = train.fit(
        model,
        data.DataLoader(learning, 50, shuffle=True, seed=seed),
        loss=F.cross_entropy,
        optimizer=optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
        epochs=epochs,
        validation=validation,
        callbacks=callbacks,
        progress=False,
    )
    accuracy = train.evaluate(model, test, loss=F.cross_entropy, metrics=[metrics.accuracy])["accuracy"]
    return history, 100 * (1 - accuracy)


def draw(history, valley, errors, path):
    """The losses of one training with its valley, and the test errors of all."""
    figure = new_figure(9.6, 3.8)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    epochs = range(1, len(history) + 1)
    left.plot(epochs, [epoch["loss"] for epoch in history], "--", color=BLUE, label="training loss")
    left.plot(epochs, [epoch["val_loss"] for epoch in history], color=VERMILLION, label="validation loss")
    left.axvline(valley, color=GREEN, label=f"valley: epoch {valley}")
    left.axvline(valley + PATIENCE, color=GREEN, linestyle=":", label=f"stopped, {PATIENCE} epochs later")
    left.set(xlabel="epoch", ylabel="loss (mean per sample)", title="one training")
    left.legend(frameon=False)
    right.plot([0, 1], np.transpose(errors), "o-", color=BLUE, markersize=4, linewidth=0.8)
    right.plot([0, 1], np.mean(errors, axis=0), "s-", color=VERMILLION, linewidth=2.5, label="mean")
    right.set_xticks([0, 1], ["stopped\nin the valley", "at the end"])
    right.set(xlim=(-0.3, 1.3), ylabel="wrong answers of the test (%)", title=f"{len(errors)} trainings")
    right.legend(frameon=False, loc="upper left")
    tidy(left)
    tidy(right)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, epochs = (4, 60) if arguments.fast else (10, 150)
    errors, shown = [], ([], 0)
    print("seed   valley   stopped after   test error: stopped, at the end")
    for seed in range(seeds):
        best = train.BestWeights("val_loss")
        short, stopped = learn(seed, epochs, [train.EarlyStopping("val_loss", patience=PATIENCE), best])
        whole, end = learn(seed, epochs, [])
        valley = 1 + int(np.argmin([epoch["val_loss"] for epoch in whole]))
        errors.append((stopped, end))
        shown = shown if shown[1] else (whole, valley)
        agreed = "the same" if best.epoch_number == valley else f"not {best.epoch_number}"
        print(f"{seed:4} {valley:8} ({agreed}) {len(short):7} {stopped:23.1f} % {end:8.1f} %")
    gain = np.diff(errors).ravel()
    print(
        f"stopped {np.mean(errors, axis=0)[0]:.1f} %, at the end {np.mean(errors, axis=0)[1]:.1f} %: saved "
        f"{gain.mean():.1f} points, standard error {gain.std(ddof=1) / np.sqrt(seeds):.1f}, {seeds} seeds"
    )
    if arguments.picture:
        draw(*shown, errors, arguments.picture)


if __name__ == "__main__":
    main()
