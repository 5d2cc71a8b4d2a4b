"""Back-propagation with the numbers plugged in: a sheet that a pocket calculator can follow, line by line.

    python examples/worked_sheet.py --picture worked_sheet.png

Forward, each line computes one number. Backward, the gradient of the result with respect to itself is 1, and each line
owes to what it was made of its own gradient times its own derivative; a number that is used twice is paid twice, and
the payments add up. That is the chain rule, walked once for all parameters. First a graph of sums and products, then a
logistic neuron with cross-entropy (label 1), then two layers (label 0). For the last two the books have a short
formula, dJ/dz = a - label: the sheet arrives there in small steps.
(The linear graph: microsoft/ai-edu, "Neural networks: a simple tutorial", chapter 2.1.)
"""

import re

from common import options

from pellucid.course.record import record
from pellucid.course.steps import backward_steps
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save

LINEAR = """
p = w * 2
q = b * 3
x = p + q
r = b * 2
y = r + 1
z = x * y
"""

NEURON = """
p1 = w1 * x1
p2 = w2 * x2
s = p1 + p2
z = s + b
a = sigmoid(z)
l = log(a)
J = -l
"""

TWO_LAYERS = """
p1 = w1 * x
z1 = p1 + b1
h = sigmoid(z1)
p2 = w2 * h
z2 = p2 + b2
a = sigmoid(z2)
n = -a
d = n + 1
l = log(d)
J = -l
"""

SHEETS = {
    "linear": (LINEAR, {"w": 3.0, "b": 4.0}, ["w", "b"]),
    "neuron": (NEURON, {"w1": 0.5, "w2": -0.25, "b": 0.1, "x1": 2.0, "x2": 1.0}, ["w1", "w2", "b"]),
    "two layers": (TWO_LAYERS, {"w1": 0.4, "b1": -0.2, "w2": 1.5, "b2": 0.3, "x": 2.0}, ["w1", "b1", "w2", "b2"]),
}


def written(number):
    """Six digits, a negative number in parentheses: so that it can stand in a formula."""
    return f"{number:.6g}" if number >= 0 else f"({number:.6g})"


def plugged(text, known):
    """The text of a formula with each name replaced by its number; functions keep their names."""
    return re.sub(r"[A-Za-z]\w*(\.grad)?", lambda match: known.get(match[0], match[0]), text)


def sheet(recording):
    """The lines forward: formula, numbers, value; the lines backward: payment, numbers, share; and all gradients."""
    known = {name: written(node.value) for name, node in recording.nodes.items()}
    forward, backward = ["forward"], ["backward", f"{recording.result.name}.grad = 1"]
    for node in recording.nodes.values():
        if node.op:
            line = f"{node.name} = {node.text}"
            forward.append(f"{line:18} = {plugged(node.text, known):22} = {node.value:.6g}")
    for step in backward_steps(recording)[1:]:
        known |= {f"{name}.grad": written(gradient) for name, gradient in step.gradients.items()}
        for payment in step.payments:
            numbers = plugged(payment.code.split(" += ")[1], known)
            sum_so_far = f"   with {payment.before:.6g} before: {payment.after:.6g}" if payment.before else ""
            backward.append(f"{payment.code:36} = {numbers:32} = {payment.share:.6g}{sum_so_far}")
    return forward, backward, step.gradients


def draw(forward, backward, path):
    """The sheet on paper: forward in blue, backward in red."""
    figure = new_figure(8, (len(forward) + len(backward) + 2) / 6.5)
    figure.text(0.02, 0.98, "\n".join(forward), va="top", color=BLUE, family="monospace", fontsize=9)
    figure.text(0.02, 0.02, "\n".join(backward), va="bottom", color=VERMILLION, family="monospace", fontsize=9)
    save(figure, path)


def main():
    arguments = options(__doc__)
    for title, (program, numbers, parameters) in SHEETS.items():
        print(f"{title}: " + ", ".join(f"{name} = {number:g}" for name, number in numbers.items()))
        recording = record(program, numbers, parameters)
        forward, backward, gradients = sheet(recording)
        print(*forward, sep="\n  ")
        print(*backward, sep="\n  ")
        recording.result.tensor.backward()  # the engine walks by itself, and must come to the same
        for name in parameters:
            engine = recording.nodes[name].tensor.grad.item()
            print(f"gradient of {name}: {gradients[name]:.6g}, by backward(): {engine:.6g}")
        print()
    if arguments.picture:  # of the last
        draw(forward, backward, arguments.picture)


if __name__ == "__main__":
    main()
