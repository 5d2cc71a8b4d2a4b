"""Answers that other people may write to the pieces of the workshop are right too."""

import pytest
from test_workshop_pieces import same
from test_workshop_pieces_a import load, played, right  # noqa: F401

from pellucid.workshop.piece import described
from pellucid.workshop.table import piece

OTHERS = {
    "gates by comparing with the threshold": (
        "gates",
        """
import numpy as np
def gate(x1, x2, w1, w2, b):
    return np.array([x1, x2]) @ np.array([w1, w2]) > -b
AND, OR, NAND = (0.5, 0.5, -0.7), (0.5, 0.5, -0.2), (-0.5, -0.5, 0.7)
def AND_gate(x1, x2): return gate(x1, x2, *AND)
def xor(x1, x2):
    return AND_gate(gate(x1, x2, *NAND), gate(x1, x2, *OR))
""",
    ),
    "perceptron in arrays": (
        "perceptron",
        """
import numpy as np
def train(samples, rate, epochs):
    w, b = np.zeros(2), 0.0
    for _ in range(epochs):
        for x, label in samples:
            delta = label - (np.dot(w, x) + b > 0)
            w, b = w + rate * delta * np.array(x), b + rate * delta
    return w, b
""",
    ),
    "sigmoid by masks": (
        "sigmoid",
        """
import numpy as np
def forward(x):
    y = np.empty_like(x)
    y[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    e = np.exp(x[x < 0])
    y[x < 0] = e / (1 + e)
    return y
def gradient(g, y):
    return -g * y * y + g * y
""",
    ),
    "sigmoid by tanh": (
        "sigmoid",
        """
import numpy as np
def forward(x):
    return (np.tanh(x / 2) + 1) / 2
def gradient(g, y):
    return g * y * (1 - y)
""",
    ),
    "value with sets and lambdas": (
        "value",
        """
import numpy as np
class Value:
    def __init__(self, data, children=(), op=""):
        self.data, self.grad, self.children, self.op = data, 0, set(children), op
        self._backward = lambda: None
    def pay(self, grad):
        self.grad += grad
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, {self, other}, "+")
        out._backward = lambda: (self.pay(out.grad), other.pay(out.grad))
        return out
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, [self, other], "*")
        out._backward = lambda: (self.pay(out.grad * other.data), other.pay(out.grad * self.data))
        return out
    def __radd__(self, other): return self + other
    def __rmul__(self, other): return self * other
    def tanh(self):
        out = Value(np.tanh(self.data), [self], "tanh")
        out._backward = lambda: self.pay(out.grad / np.cosh(self.data) ** 2)
        return out
""",
    ),
    "backward by a stack": (
        "backward",
        """
from workshop.value import Value
def topological_order(root):
    order, done, stack = [], [], [(root, False)]
    while stack:
        value, ready = stack.pop()
        assert isinstance(value, Value)
        if any(value is other for other in done):
            continue
        if ready:
            order.append(value)
            done.append(value)
        else:
            stack.append((value, True))
            stack.extend((child, False) for child in value.children)
    return tuple(order)
def backward(root):
    for value in topological_order(root):
        value.grad = 0
    root.grad = 1
    for value in topological_order(root)[::-1]:
        value._backward()
""",
    ),
    "softmax by logsumexp": (
        "softmax",
        """
def logsumexp(x, dim):
    m = x.amax(dim, keepdim=True)
    return m + (x - m).exp().sum(dim, keepdim=True).log()
def softmax(input, dim):
    return (input - logsumexp(input, dim)).exp()
""",
    ),
    "softmax with loops": (
        "softmax",
        """
import pellucid as pc
def softmax(input, dim):
    dim = dim % input.ndim
    parts = [input[(slice(None),) * dim + (i,)] for i in range(input.shape[dim])]
    largest = parts[0]
    for part in parts[1:]:
        largest = largest.where(largest > part, part)
    exps = [(part - largest).exp() for part in parts]
    total = exps[0]
    for each in exps[1:]:
        total = total + each
    return pc.stack([each / total for each in exps], dim)
""",
    ),
}


@pytest.mark.parametrize("which", OTHERS)
def test_answers_of_other_kinds_are_right_too(load, right, which):  # noqa: F811
    name, text = OTHERS[which]
    right("value")
    expected, found = played(name, right(name)), played(name, load(name, text))
    for case, a, b in zip(piece(name).cases, expected, found, strict=True):
        assert same(a, described(b), piece(name).tolerance), piece(name).show(case)
