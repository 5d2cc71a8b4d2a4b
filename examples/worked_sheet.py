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

from pellucid import view
from pellucid.course.record import record
from pellucid.course.steps import backward_steps

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


def plugged(text, values, gradients):
    """The text of a formula with each name replaced by its number; functions keep their names."""

    def number(match):
        name = match[0]
        known = gradients.get(name.removesuffix(".grad")) if name.endswith(".grad") else values.get(name)
        if known is None:
            return name
        return f"{known:.6g}" if known >= 0 else f"({known:.6g})"

    return re.sub(r"[A-Za-z]\w*(\.grad)?", number, text)


def print_sheet(recording):
    """Each node: its formula, with numbers, its value; then each payment, with numbers, and the gradient so far."""
    values = {name: node.value for name, node in recording.nodes.items()}
    print("forward")
    for node in recording.nodes.values():
        if node.op:
            print(f"  {node.name + ' = ' + node.text:18} = {plugged(node.text, values, {}):22} = {node.value:.6g}")
    print("backward")
    print(f"  {recording.result.name}.grad = 1")
    gradients = {}
    for step in backward_steps(recording)[1:]:
        for payment in step.payments:
            formula = payment.code.split(" += ")[1]
            numbers = plugged(formula, values, step.gradients)
            line = f"  {payment.code:36} = {numbers:32} = {payment.share:.6g}"
            print(line + (f"   with {payment.before:.6g} before: {payment.after:.6g}" if payment.before else ""))
        gradients = step.gradients
    return gradients


def main():
    arguments = options(__doc__)
    for title, (program, numbers, parameters) in SHEETS.items():
        given = ", ".join(f"{name} = {number:g}" for name, number in numbers.items())
        print(f"{title}: {given}")
        recording = record(program, numbers, parameters)
        if arguments.picture and title == "two layers":
            names = {name: node.tensor for name, node in recording.nodes.items()}
            view.graph(recording.result.tensor, arguments.picture, names=names)
        gradients = print_sheet(recording)
        recording.result.tensor.backward()  # the engine walks by itself, and must come to the same
        for name in parameters:
            engine = recording.nodes[name].tensor.grad.item()
            print(f"gradient of {name}: {gradients[name]:.6g}, by backward(): {engine:.6g}")
        print()


if __name__ == "__main__":
    main()
