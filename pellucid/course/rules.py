"""What each operation computes and what it owes, as formulas: the table from which the stepper takes its text.

A test compares every line with automatic differentiation, of Pellucid and of PyTorch.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """y = forward(a, b). Each of `shares` is what the operation owes to one of its inputs when its result got g."""

    sign: str  # on the node in the picture
    forward: str
    shares: tuple[str, ...]


RULES = {
    "Add": Rule("+", "a + b", ("g", "g")),
    "Subtract": Rule("−", "a - b", ("g", "-g")),
    "Multiply": Rule("×", "a * b", ("g * b", "g * a")),
    "Divide": Rule("÷", "a / b", ("g / b", "-g * y / b")),
    "Negative": Rule("−", "-a", ("-g",)),
    "Tanh": Rule("tanh", "tanh(a)", ("g * (1 - y * y)",)),
    "Sigmoid": Rule("σ", "sigmoid(a)", ("g * y * (1 - y)",)),
    "Exp": Rule("exp", "exp(a)", ("g * y",)),
    "Log": Rule("log", "log(a)", ("g / a",)),
    "Sqrt": Rule("√", "sqrt(a)", ("g / (2 * y)",)),
    "Sin": Rule("sin", "sin(a)", ("g * cos(a)",)),
    "Cos": Rule("cos", "cos(a)", ("-g * sin(a)",)),
}
