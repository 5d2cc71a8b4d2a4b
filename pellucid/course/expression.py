"""Formulas kept as Python text, from which they are computed, printed as LaTeX, and printed with numbers plugged in.

So a formula that the reader sees can be tested against automatic differentiation, and what a learner types can be
checked, without running anything but arithmetic.
"""

import ast
import math
import operator
import re

from pellucid.errors import ArgumentError

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS = {
    "tanh": math.tanh,
    "sigmoid": lambda x: 0.5 * (1 + math.tanh(x / 2)),  # 1 / (1 + exp(-x)), without overflow
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
}
GREEK = {"alpha", "beta", "eta", "gamma", "sigma", "theta"}
LONGEST = 300  # characters; nobody types a longer formula by hand
SUM, SIGN, PRODUCT, POWER, ATOM = range(5)  # how tightly an expression binds


def parse(text, names=None):
    """The syntax tree of an expression. It may hold numbers, + - * / **, FUNCTIONS, and, if given, only these names.

    >>> ast.unparse(parse("2*x^2 + tanh(x)"))
    '2 * x ** 2 + tanh(x)'
    """
    plain = text.strip().replace("^", "**").replace("−", "-").replace("·", "*").replace("×", "*")
    if not plain or len(plain) > LONGEST:
        raise ArgumentError(f"the expression has {len(plain)} characters, and 1 to {LONGEST} are allowed.")
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArgumentError(
            f"{text!r} is not an expression.", remedy="Write products with a star: 2 * x, not 2 x."
        ) from error
    check(tree, names)
    return tree


def check(node, names):
    """Raise ArgumentError unless the tree is arithmetic only."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            check(left, names)
            check(right, names)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            check(operand, names)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            check(argument, names)
        case ast.Name(id=name) if name not in FUNCTIONS:
            if names is not None and name not in names:
                raise ArgumentError(f"{name!r} is not one of the names here: {', '.join(sorted(names))}.")
        case ast.Constant(value=value) if type(value) in (int, float):
            pass
        case _:
            raise ArgumentError(
                f"{ast.unparse(node)!r} is not arithmetic.",
                remedy=f"Numbers, names, + - * / ** and {', '.join(FUNCTIONS)} may be used.",
            )


def names_of(text):
    """The names in an expression, in the order in which they come.

    >>> names_of("w * x + tanh(b) + x")
    ['w', 'x', 'b']
    """
    found = [node.id for node in ast.walk(parse(text)) if isinstance(node, ast.Name) and node.id not in FUNCTIONS]
    return sorted(set(found), key=lambda name: re.search(rf"\b{name}\b", text).start())


def evaluate(expression, values):
    """Compute an expression, text or tree, for the given values: floats, or tensors of any library with these methods.

    >>> evaluate("w * x + 1", {"w": 2.0, "x": 3.0})
    7.0
    """
    node = parse(expression, values) if isinstance(expression, str) else expression
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = evaluate(left, values), evaluate(right, values)
            return apply(ast.unparse(node), OPERATORS[type(op)], a, b)
        case ast.UnaryOp(op=op, operand=operand):
            value = evaluate(operand, values)
            return -value if isinstance(op, ast.USub) else value
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            value = evaluate(argument, values)
            own = getattr(value, name, None)
            return own() if own else apply(ast.unparse(node), FUNCTIONS[name], value)
        case ast.Name(id=name):
            return values[name]
    return float(node.value)


def apply(text, function, *arguments):
    """function(*arguments), and one kind of error for all that has no value: 1/0, log(-1), exp(1000)."""
    try:
        value = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        raise ArgumentError(f"{text} has no value there.") from error
    if isinstance(value, complex):
        raise ArgumentError(f"{text} has no real value there.")
    return value


def number(value):
    """A number as it is shown to readers: at most four decimals, fewer if they are zero.

    >>> number(0.5), number(-0.72031), number(2.0), number(1.5e-7), number(-1e-18)
    ('0.5', '-0.7203', '2', '1.5e-07', '0')
    """
    value = float(value)
    if abs(value) < 1e-15:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        return f"{value:.3g}"
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def number_latex(value):
    """The same for a formula, with a power of ten where there is one."""
    mantissa, _, exponent = number(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def symbol(name):
    r"""A name as LaTeX: what follows the first letter, or an underscore, is an index.

    >>> symbol("w11"), symbol("x"), symbol("eta"), symbol("w_old")
    ('w_{11}', 'x', '\\eta', 'w_{\\text{old}}')
    """
    if name in GREEK:
        return rf"\{name}"
    head, index = (name.split("_", 1) if "_" in name else (name[0], name[1:])) if len(name) > 1 else (name, "")
    head = rf"\{head}" if head in GREEK else head
    if not index:
        return head
    return f"{head}_{{{index}}}" if index.isdigit() or len(index) == 1 else rf"{head}_{{\text{{{index}}}}}"


def latex(expression, values=None, symbols=None):
    r"""LaTeX of an expression. Names are printed as symbols; those in `values` as their number, plugged in.

    >>> latex("g * (1 - y**2)")
    'g \\cdot \\left(1 - y^{2}\\right)'
    >>> latex("w * x + b", {"w": -2.0, "x": 0.5, "b": -1.0})
    '-2 \\cdot 0.5 + \\left(-1\\right)'
    """
    node = parse(expression) if isinstance(expression, str) else expression
    return written(node, values or {}, symbols or {})[0]


def written(node, values, symbols):
    """(LaTeX, how tightly it binds)."""

    def operand(child, at_least):
        text, binds = written(child, values, symbols)
        return text if binds >= at_least else rf"\left({text}\right)"

    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{operand(left, SUM)} + {operand(right, PRODUCT)}", SUM
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return f"{operand(left, SUM)} - {operand(right, PRODUCT)}", SUM
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return rf"{operand(left, SIGN)} \cdot {operand(right, POWER)}", PRODUCT
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return rf"\frac{{{written(left, values, symbols)[0]}}}{{{written(right, values, symbols)[0]}}}", PRODUCT
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{operand(left, ATOM)}^{{{written(right, values, symbols)[0]}}}", POWER
        case ast.UnaryOp(op=op, operand=inner):
            return ("-" if isinstance(op, ast.USub) else "") + operand(inner, PRODUCT), SIGN
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return called(name, written(argument, values, symbols)[0]), ATOM
        case ast.Name(id=name) if name not in values:
            return symbols.get(name, symbol(name)), ATOM
    value = values[node.id] if isinstance(node, ast.Name) else node.value
    text = number_latex(value)
    return text, SIGN if text.startswith("-") else PRODUCT if "cdot" in text else ATOM


def called(name, argument):
    """LaTeX of a function of what is already LaTeX."""
    if name == "sqrt":
        return rf"\sqrt{{{argument}}}"
    if name == "exp":
        return f"e^{{{argument}}}"
    return (r"\sigma" if name == "sigmoid" else rf"\{name}") + rf"\left({argument}\right)"
