"""What an activation does to learning: sigmoids starve the first layers, ReLUs may die, leaky ReLUs do not.

    python examples/dead_units.py --picture dead_units.png

Left: the size of the gradient in each of ten layers, before training. Each sigmoid multiplies what comes back by 1/4 at
most; of ReLUs half pass it whole. (Glorot and Bengio, "Understanding the difficulty of training", 2010.)

Right: a ReLU that is 0 for all samples has slope 0 for all. Its weights get no gradient, so nothing can bring it back:
it is dead. Too large a learning rate does that, by one step too far. The leaky ReLU, z or 0.01 z, gets a hundredth of
the gradient there, never none. (Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
models", 2013.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, GREEN, VERMILLION, new_figure, save, tidy

DEPTH, WIDTH = 10, 64
images, labels = data.digits()
X, Y = pc.tensor(images.reshape(len(images), -1)), pc.tensor(labels)


def gradient_norms(activation, seed):
    """The length of dJ/dW of each of ten layers, from the first to the last but one."""
    pc.manual_seed(seed)
    layers = []
    for _ in range(DEPTH):
        linear = nn.Linear(64 if not layers else WIDTH, WIDTH)
        if activation is nn.ReLU:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        else:
            nn.init.xavier_normal_(linear.weight)
        layers += [linear, activation()]
    F.cross_entropy(nn.Sequential(*layers, nn.Linear(WIDTH, 10))(X[:256]), Y[:256]).backward()
    return [layer.weight.grad.norm().item() for layer in layers[::2]]


def dead_units(activation, seed, steps, lr=0.5):
    """Every ten steps: the part of the hidden units whose weights get no gradient from any digit; then the accuracy."""
    pc.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 100), activation(), nn.Linear(100, 10))
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    parts = []
    for step in range(steps + 1):
        if step % 10 == 0:
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            parts.append((model[0].weight.grad == 0).all(dim=1).float().mean().item())
        rows = pc.randint(0, len(X), (64,))
        J = F.cross_entropy(model(X[rows]), Y[rows])
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return parts, metrics.accuracy(model(X), Y)


def said(numbers, digits=1):
    """Mean and standard error, in percent."""
    return f"{np.mean(numbers):.{digits}%} +- {np.std(numbers, ddof=1) / len(numbers) ** 0.5:.{digits}%}"


def draw(norms, dead, path):
    """Gradients layer by layer, and dead units step by step."""
    figure = new_figure(9, 3.5)
    left, right = figure.subplots(1, 2)
    for (name, values), color, mark in zip(norms.items(), (VERMILLION, GREEN, BLUE), "^so", strict=True):
        left.plot(range(1, DEPTH + 1), np.mean(values, axis=0), mark + "-", color=color, label=name)
    left.set(yscale="log", xlabel="layer", ylabel="length of its gradient")
    for (name, values), color, line in zip(dead.items(), (BLUE, GREEN), ("-", "--"), strict=True):
        means = 100 * np.mean([parts for parts, _ in values], axis=0)
        right.plot(10 * np.arange(len(means)), means, line, color=color, label=name)
    right.set(xlabel="step", ylabel="units without any gradient (%)")
    for axes in (left, right):
        axes.legend(frameon=False)
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    seeds, steps = (3, 100) if arguments.fast else (8, 500)
    kinds = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU}
    norms = {name: np.array([gradient_norms(kind, seed) for seed in range(seeds)]) for name, kind in kinds.items()}
    print("gradient     layer 1    layer 5   layer 10   layer 1 / layer 10")
    for name, values in norms.items():
        first, middle, last = values.mean(axis=0)[[0, 4, 9]]
        ratio = np.exp(np.log(values[:, 0] / values[:, 9]).mean())
        print(f"{name:10}   {first:.1e}    {middle:.1e}    {last:.1e}   {ratio:.1e}")
    dead = {
        name: [dead_units(kind, seed, steps) for seed in range(seeds)]
        for name, kind in {"ReLU": nn.ReLU, "leaky ReLU": nn.LeakyReLU}.items()
    }
    print(f"units without any gradient, in the beginning and after {steps} steps, and digits that are right then")
    for name, values in dead.items():
        parts = np.array([parts for parts, _ in values])
        print(f"{name:10}   {said(parts[:, 0])}   {said(parts[:, -1])}   {said([right for _, right in values])}")
    if arguments.picture:
        draw(norms, dead, arguments.picture)


if __name__ == "__main__":
    main()
