"""Plain and residual networks of 20 and 44 layers: with shortcuts the deep one learns, without them it hardly does.

    python examples/residual.py --picture residual.png      (half an hour on one core; --fast: 10 to 20 seconds)

A residual block computes relu(x + F(x)), its plain twin relu(F(x)); both have the same weights, and here they begin
with the same numbers and see the same pictures of CIFAR-10 in the same order. What differs is the way back: through
each sum the gradient passes unchanged, while 44 plain layers have bent it 44 times before it reaches the first.
(He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015, figure 6.)
"""

import argparse

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim
from pellucid.data import transforms
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

NORMALIZE = transforms.Normalize(mean=(0.491, 0.482, 0.447), std=(0.247, 0.243, 0.262))
WINDOW = 1 / 20  # of all steps: so many are averaged for a point of a curve


def train(depth, residual, images, labels, epochs, batch_size):
    """The loss at each step of the training of one network."""
    pc.manual_seed(0)
    model = models.cifar_resnet(depth, residual=residual)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    batches = data.DataLoader((images, labels), batch_size, shuffle=True, drop_last=True, transform=NORMALIZE)

    @pc.compile
    def step(x, y):
        J = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    return [step(pc.from_numpy(x), pc.from_numpy(y)).item() for _ in range(epochs) for x, y in batches]


def smooth(losses):
    """Means over a window of steps, and the step at the end of each."""
    window = max(1, round(WINDOW * len(losses)))
    sums = np.cumsum([0.0, *losses])
    return np.arange(window, len(sums)), (sums[window:] - sums[:-window]) / window


def draw(curves, path):
    """The plain networks to the left, the residual ones to the right."""
    figure = new_figure(8.4, 3.6)
    for axes, residual in zip(figure.subplots(1, 2, sharey=True), (False, True), strict=True):
        for depth, color, line in [(20, BLUE, "-"), (44, VERMILLION, "--")]:
            axes.plot(*smooth(curves[depth, residual]), line, color=color, label=f"{depth} layers")
        axes.set_title("residual: relu(x + F(x))" if residual else "plain: relu(F(x))")
        axes.set_xlabel("step")
        tidy(axes)
        axes.legend(frameon=False)
    figure.axes[0].set_ylabel("training loss")
    save(figure, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw the curves into a PNG file")
    parser.add_argument("--fast", action="store_true", help="small pictures and few steps: ten to twenty seconds")
    arguments = parser.parse_args()
    if arguments.fast:
        images, labels = data.cifar10(form="first4000")
        images, epochs, batch_size = transforms.Resize(8)(images), 1, 32
    else:
        images, labels = data.cifar10("train")
        images, labels, epochs, batch_size = images[:10000], labels[:10000], 4, 64

    curves = {}
    for depth in (20, 44):
        for residual in (False, True):
            losses = curves[depth, residual] = train(depth, residual, images, labels, epochs, batch_size)
            name = "residual" if residual else "plain"
            ends = np.mean(losses[-len(losses) // 10 :])
            print(
                f"{depth} layers, {name:8}  loss {losses[0]:.2f} at first, {ends:.2f} in the last tenth of the steps",
                flush=True,
            )
    if arguments.picture:
        draw(curves, arguments.picture)


if __name__ == "__main__":
    main()
