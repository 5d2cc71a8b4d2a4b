"""Hebb's rule grows without end; with one more term it finds the main direction of data; and it remembers letters.

    python examples/hebb.py --picture hebb.png

A neuron with inputs x and weights w answers y = w x. Hebb: a connection grows where both of its ends are active,

    w = w + rate y x                    and so |w| grows without end;
    w = w + rate y (x - y w)            (Oja) forgets as well: |w| goes to 1, w to the first principal component of X.

Between n neurons of -1 and 1 the same rule stores patterns p: W = (sum of p p^T) / n, without a diagonal. Each neuron
that takes the sign of what comes in can only lower the energy E = -1/2 s W s, or leave it, until none changes: here at
a whole pattern; with more patterns, or more damage, it may stop at a mixture of some.
(Hebb, "The organization of behavior", 1949; Oja, "A simplified neuron model as a principal component analyzer", 1982;
Hopfield, "Neural networks and physical systems with emergent collective computational abilities", 1982.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import BLUE, INK, SKY, VERMILLION, new_figure, save, tidy

LETTERS = {
    "E": "######## ######## ##...... ######.. ######.. ##...... ######## ########",
    "J": ".....### .....### .....### .....### ##...### ##...### ######## .######.",
    "N": "##....## ###...## ####..## ##.##.## ##.##.## ##..#### ##...### ##....##",
    "S": ".####### ##...... ##...... .######. ......## ......## ......## #######.",
}
FLIPPED = 10  # pixels of 64, chosen at random


def cloud(seed, count=2000):
    """Points around 0, three times as wide along one direction as across it."""
    along = np.array([np.cos(0.5 + seed), np.sin(0.5 + seed)])
    across = np.array([-along[1], along[0]])
    spread = np.random.default_rng(seed).standard_normal((count, 2)) * [1.5, 0.5]
    return (spread @ [along, across]).astype(np.float32)


def learn(X, forgetting):
    """The weights after each point was seen once, in smaller and smaller steps."""
    w = pc.tensor([0.6, 0.8])
    for t, x in enumerate(pc.tensor(X)):
        y = w @ x
        w = w + 2 / (t + 100) * y * ((x - y * w) if forgetting else x)
    return w.numpy()


def principal(X):
    """The direction in which X is widest, by the singular value decomposition."""
    return np.linalg.svd(X, full_matrices=False)[2][0]


def pixels(letter):
    """64 numbers, -1 for paper and 1 for ink."""
    return [1.0 if sign == "#" else -1.0 for sign in LETTERS[letter].replace(" ", "")]


def store(patterns):
    """The connections between all pixels that remember the rows."""
    return (patterns.T @ patterns) * (1 - pc.eye(64)) / 64


def recall(W, s, random):
    """One neuron after the other takes the sign of what comes in, until none changes; s, and the energies."""
    W, s = W.numpy(), s.copy()
    energies, before = [], np.zeros_like(s)
    while (s != before).any():
        before = s.copy()
        energies.append(-s @ W @ s / 2)
        for i in random.permutation(len(s)):
            s[i] = 1.0 if W[i] @ s >= 0 else -1.0
    return s, energies


def draw(X, oja, damaged, recalled, path):
    """The direction in the cloud to the left, the letters to the right."""
    figure = new_figure(8, 3.4)
    cloud_part, letter_part = figure.subfigures(1, 2, width_ratios=[1, 1.1], squeeze=False)[0]
    axes = cloud_part.subplots()
    axes.plot(*X.T, ".", color=SKY, markersize=2)
    way = 4 * principal(X)
    axes.plot(*zip(-way, way, strict=True), color=BLUE, linewidth=4, alpha=0.5, label="principal component (SVD)")
    axes.annotate("", 3 * oja, (0, 0), arrowprops={"arrowstyle": "-|>", "color": VERMILLION, "linewidth": 2})
    axes.plot([], color=VERMILLION, label="3 w, by Oja's rule")
    axes.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", ylim=(-5.5, 5.5))
    tidy(axes)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    grid = letter_part.subplots(2, len(LETTERS))
    for row, name, pictures in zip(grid, ("seen", "recalled"), (damaged, recalled), strict=True):
        for axes, picture in zip(row, pictures, strict=True):
            axes.imshow(picture.reshape(8, 8), cmap="gray_r")
            axes.set(xticks=[], yticks=[])
        row[0].set_ylabel(name, color=INK)
    save(figure, path)


def main():
    arguments = options(__doc__)
    for seed in range(3 if arguments.fast else 10):
        X = cloud(seed)
        hebb, oja = learn(X, forgetting=False), learn(X, forgetting=True)
        angle = np.degrees(np.arccos(min(1.0, abs(oja @ principal(X)) / np.linalg.norm(oja))))
        length = f"|w| by Hebb {np.linalg.norm(hebb):8.1e}, by Oja {np.linalg.norm(oja):.3f}"
        print(f"cloud {seed}: {length}, {angle:.2f} degrees from the principal component")

    patterns = pc.tensor([pixels(letter) for letter in LETTERS])
    random, W, trials = np.random.default_rng(0), store(patterns), 25 if arguments.fast else 250
    for letter, p in zip(LETTERS, patterns.numpy(), strict=True):
        right = rises = 0
        for _ in range(trials):
            s, energies = recall(W, np.where(random.permutation(64) < FLIPPED, -p, p), random)
            right += bool((s == p).all())
            rises += bool((np.diff(energies) > 1e-5).any())
        whole = f"all right again in {right} of {trials} trials"
        print(f"{letter}: {FLIPPED} of 64 pixels wrong, {whole}, energy rose in {rises}")

    if arguments.picture:
        damaged = [np.where(random.permutation(64) < FLIPPED, -p, p) for p in patterns.numpy()]
        recalled = [recall(W, s, random)[0] for s in damaged]
        draw(cloud(0), learn(cloud(0), forgetting=True), damaged, recalled, arguments.picture)


if __name__ == "__main__":
    main()
