"""Logic gates are single neurons: weights chosen by hand, and weights learned from the truth table.

    python examples/gates.py --picture gates.png

A neuron adds up z = w1 x1 + w2 x2 + b. By hand it says 1 where z is above 0, else 0: the line z = 0 divides the plane,
and only the four corners matter, so many weights do. (McCulloch and Pitts, "A logical calculus of the ideas immanent
in nervous activity", 1943; the weights as in Saito, "Deep learning from scratch", 2016, chapter 2.)

Trained, it is a sigmoid neuron, a = 1 / (1 + exp(-z)), that begins with random weights and goes down the slope of the
cross entropy over the rows of the table. NOT has a single input.
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
BY_HAND = {  # w1, w2, b
    "AND": (0.5, 0.5, -0.7),
    "NAND": (-0.5, -0.5, 0.7),
    "OR": (0.5, 0.5, -0.2),
}
TABLES = {  # what each gate says in the corners
    "NOT": (1, 0),
    "AND": (0, 0, 0, 1),
    "NAND": (1, 1, 1, 0),
    "OR": (0, 1, 1, 1),
    "NOR": (1, 0, 0, 0),
}


def fires(w1, w2, b, x1, x2):
    """The neuron with a step: 1 where z is above 0."""
    return int(w1 * x1 + w2 * x2 + b > 0)


def rows_of(gate):
    """All inputs of a gate, (2, 1) or (4, 2), and its answers as a column."""
    X = [(0,), (1,)] if gate == "NOT" else CORNERS
    return pc.tensor(X).float(), pc.tensor(TABLES[gate]).float().reshape(-1, 1)


def learn(gate, steps):
    """A sigmoid neuron that has seen the truth table `steps` times."""
    X, Y = rows_of(gate)
    neuron = nn.Linear(X.shape[1], 1)
    optimizer = optim.SGD(neuron.parameters(), lr=2.0)
    for _ in range(steps):
        J = F.binary_cross_entropy_with_logits(neuron(X), Y)  # the sigmoid is inside
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return neuron


def draw(neurons, path):
    """The sigmoid of NOT, and of the others the corners with both lines."""
    figure = new_figure(10, 2.7)
    first, *planes = figure.subplots(1, 5)
    x = np.linspace(-0.3, 1.3, 100, dtype=np.float32)
    first.plot(x, neurons["NOT"](pc.from_numpy(x.reshape(-1, 1))).sigmoid().detach().numpy(), color=INK)
    first.scatter([0, 1], [1, 0], c=[ORANGE, BLUE], marker="o", edgecolors=INK, zorder=3, s=50)
    first.set(title="NOT", xlabel="$x$", ylabel="answer $a$")
    for axes, gate in zip(planes, list(TABLES)[1:], strict=True):
        for answer, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
            own = [corner for corner, a in zip(CORNERS, TABLES[gate], strict=True) if a == answer]
            axes.scatter(*zip(*own, strict=True), color=color, marker=marker, edgecolors=INK, zorder=3, s=50)
        learned = (*neurons[gate].weight[0].tolist(), neurons[gate].bias.item())
        for weights, line in ((learned, "-"), (BY_HAND.get(gate), "--")):
            if weights:
                w1, w2, b = weights
                axes.plot(x, -(w1 * x + b) / w2, line, color=INK)  # where z = 0
        axes.set(title=gate, xlabel="$x_1$", ylabel="$x_2$", xlim=(-0.3, 1.3), ylim=(-0.3, 1.3))
    for axes in figure.axes:
        tidy(axes)
        axes.set_xticks([0, 1])
        axes.set_yticks([0, 1])
    figure.supxlabel("orange: 1, blue: 0;  solid line: learned, dashed: by hand", fontsize=9)
    save(figure, path)


def main():
    arguments = options(__doc__)
    print("by hand    w1    w2     b   answers to", *("".join(map(str, corner)) for corner in CORNERS))
    for gate, weights in BY_HAND.items():
        answers = [fires(*weights, *corner) for corner in CORNERS]
        print(f"{gate:6}  ", *(f"{w:5.1f}" for w in weights), " " * 11, *(f"{a:2}" for a in answers))

    pc.manual_seed(0)
    neurons = {gate: learn(gate, 300 if arguments.fast else 1000) for gate in TABLES}
    print("learned         w             b   answers")
    for gate, neuron in neurons.items():
        w = " ".join(f"{number:6.2f}" for number in neuron.weight[0].tolist())
        answers = " ".join(f"{a:.2f}" for a in neuron(rows_of(gate)[0]).sigmoid().flatten().tolist())
        print(f"{gate:6}  {w:>14}  {neuron.bias.item():6.2f}   {answers}")
    if arguments.picture:
        draw(neurons, arguments.picture)


if __name__ == "__main__":
    main()
