"""Equal weights at the beginning keep the units of a layer equal for ever; small random ones let them part.

    python examples/zero_initialisation.py --picture zero_initialisation.png

Eight units read a digit, Z1 = X W1^T + B1, A1 = tanh(Z1), and ten scores follow, Z2 = A1 W2^T + B2. If two units have
the same weights, they put out the same numbers, so they share the same part in the error, so their gradients are the
same, so they still have the same weights after the step: eight units do the work of one. With 0 everywhere it is
worse: the gradient of W1 holds a factor W2 = 0 and that of W2 a factor A1 = 0, and nothing but the last bias moves.
Numbers drawn by chance break the tie, however small they are: 0.01 is enough.
(Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986, say it in one sentence.)
"""

from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import PALETTE, new_figure, save, tidy

UNITS = 8
BEGINNINGS = {
    "0 everywhere": nn.init.zeros_,
    "0.01 everywhere": lambda weight: nn.init.constant_(weight, 0.01),
    "by chance, 0.01": lambda weight: nn.init.normal_(weight, std=0.01),
}


def train(begin, x, y, steps):
    """The accuracy at the end, the largest difference between units in any step, and one weight of each unit."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, UNITS), nn.Tanh(), nn.Linear(UNITS, 10))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    first, _, last = model
    for layer in (first, last):
        begin(layer.weight)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    pixel = int(x.var(0).numpy().argmax())  # the one that varies most from picture to picture
    differences, weights = [], []
    for _ in range(steps):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        W = first.weight.numpy()
        differences.append(float(abs(W - W[0]).max()))
        weights.append(W[:, pixel].copy())
    accuracy = (model(x).argmax(1) == y).float().mean().item()
    return accuracy, differences, weights


def draw(ways, path):
    """One weight of each of the eight units, step by step: eight lines, or one upon the other."""
    figure = new_figure(9, 3.2)
    for axes, (name, weights) in zip(figure.subplots(1, len(ways)), ways.items(), strict=True):
        for unit in range(UNITS):
            axes.plot([row[unit] for row in weights], color=PALETTE[unit % len(PALETTE)], linewidth=1.2)
        axes.set_title(name)
        axes.set_xlabel("step")
        tidy(axes)
    figure.axes[0].set_ylabel("one weight of each of 8 units")
    save(figure, path)


def main():
    chosen = options(__doc__)
    images, labels = data.digits()
    x = pc.tensor(images.reshape(len(images), 64).astype("float32"))
    y = pc.tensor(labels)
    print("weights at the beginning   units differ by, at most   digits read right")
    ways = {}
    for name, begin in BEGINNINGS.items():
        accuracy, differences, ways[name] = train(begin, x, y, steps=100 if chosen.fast else 400)
        print(f"{name:25}  {max(differences):24.3g}   {accuracy:17.1%}")
    most = max(labels.tolist().count(digit) for digit in range(10))
    print(f"one answer for all digits would be right in {most / len(labels):.1%}")
    if chosen.picture:
        draw(ways, chosen.picture)


if __name__ == "__main__":
    main()
