"""Three kinds of tasks, one way to learn: numbers to a price, a picture to a class, a sound to a word.

    python examples/kinds_of_tasks.py --picture kinds_of_tasks.png

    input                         answer             last layer                  loss
    a row of a table              a number           one unit, as it is          squared error
    a picture                     one of 10 digits   ten scores, softmax         cross entropy
    a sound, cut into moments     letters            five scores each moment     cross entropy at each moment

A table has columns with a meaning each: it is structured. A picture or a sound has thousands of numbers that mean
nothing alone; layers have to find what does. The sound is a word of the letters a to d, each a whistle of its own pitch
for 0.1 s and silence in between, under noise. Each moment of 1/80 s becomes a spectrum, the net names the letter of
each, and moments of one letter in a row are written once (as in connectionist temporal classification, Graves and
others, 2006).
"""

from itertools import groupby

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, models, optim, train
from pellucid.view.canvas import BLUE, INK, new_figure, save, tidy

RATE, MOMENT = 8000, 100  # numbers of sound in a second, and in a moment
PITCH = {" ": 0, "a": 500, "b": 800, "c": 1200, "d": 1700}  # vibrations in a second
LETTERS = "".join(PITCH)


def learn(model, X, Y, loss, epochs):
    """The same for all three."""
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    train.fit(model, (X, Y), loss=loss, optimizer=optimizer, epochs=epochs, progress=False)
    return model


def answers(model, X):
    with pc.no_grad():
        return model(pc.from_numpy(X)).numpy()


def price(epochs):
    """Area, age and distance of a house to its price: 3000 a square metre, less by 1 % a year and 5 % a kilometre."""
    random = np.random.default_rng(0)
    houses = random.uniform([40, 0, 0], [200, 50, 15], (600, 3))
    prices = 3000 * houses[:, 0] * 0.99 ** houses[:, 1] * 0.95 ** houses[:, 2] * random.normal(1, 0.05, 600)
    X = data.StandardScaler().fit(houses[:500]).transform(houses).astype(np.float32)
    Y = (prices[:, None] / 100_000).astype(np.float32)
    model = learn(models.mlp(3, 32, 1), X[:500], Y[:500], F.mse_loss, epochs)
    off = np.abs(answers(model, X[500:]) / Y[500:] - 1).mean()
    print(f"price of a house: off by {100 * off:.1f} % on average, of which 4.0 % are noise")  # 5 % normal: 0.8 x 5


def digit(epochs):
    """8 x 8 pixels to one of ten digits."""
    images, labels = data.digits()
    X, x_test, Y, y_test = data.train_test_split(images, labels, test_size=0.25, stratify=labels)
    model = learn(models.mlp(64, 64, 10), X, Y, F.cross_entropy, epochs)
    print(f"class of a picture: {100 * metrics.accuracy(answers(model, x_test), y_test):.1f} % right, 10 % by chance")


def sound(word, random):
    """Spectra (moments, 51) of a word that is whistled, and the number of the letter in each moment."""
    text = "".join(f" {letter}" for letter in word) + " "
    lengths = [random.integers(4, 7) if sign == " " else 8 for sign in text]
    moments = np.repeat([LETTERS.index(sign) for sign in text], lengths)
    pitch = np.repeat([PITCH[LETTERS[letter]] for letter in moments], MOMENT) * random.normal(1, 0.03)  # a voice
    wave = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * (pitch > 0) + random.normal(0, 0.3, len(pitch))
    spectra = np.abs(np.fft.rfft(wave.reshape(-1, MOMENT) * np.hanning(MOMENT)))
    return np.log1p(spectra).astype(np.float32), moments


def written(scores):
    """The likeliest letter of each moment; one in a row written once; silences, and what is too short, left out."""
    runs = [(LETTERS[number], len(list(moments))) for number, moments in groupby(scores.argmax(axis=1))]
    return "".join(letter for letter, length in runs if letter != " " and length >= 3)


def word(epochs, path):
    """A sound to letters."""
    random = np.random.default_rng(0)
    words = ["".join(random.choice(list("abcd"), random.integers(2, 6))) for _ in range(300)]
    sounds = [sound(word, random) for word in words]
    X, Y = (np.concatenate(parts) for parts in zip(*sounds[:200], strict=True))
    model = learn(models.mlp(51, 32, len(LETTERS)), X, Y, F.cross_entropy, epochs)
    heard = [written(answers(model, spectra)) for spectra, _ in sounds[200:]]
    right = sum(one == other for one, other in zip(heard, words[200:], strict=True))
    print(f"word of a sound: {right} of 100 words right to the letter, such as {words[200]!r} -> {heard[0]!r}")
    if path:
        figure = new_figure(6, 3)
        axes = figure.subplots()
        spectra, _ = sounds[200]
        axes.imshow(spectra.T, origin="lower", aspect="auto", cmap="Blues", extent=(0, len(spectra) / 80, 0, 4000))
        axes.set(
            xlabel="seconds",
            ylabel="vibrations in a second",
            title=f"the sound of {words[200]!r}, read as {heard[0]!r}",
        )
        for moment, letter in enumerate(answers(model, spectra).argmax(axis=1)):
            axes.text(
                (moment + 0.5) / 80, 3700, LETTERS[letter], fontsize=6, ha="center", color=BLUE if letter else INK
            )
        tidy(axes)
        axes.grid(visible=False)
        save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    few = 2 if arguments.fast else 1
    price(60 // few)
    digit(20 // few)
    word(8 // few, arguments.picture)


if __name__ == "__main__":
    main()
