"""Formulas that lessons print: a claim that a test can put to the proof.

    Equation("z", "w * x + b")                     z = w x + b
    Derivative("(y - t)**2 / 2", "y", "y - t")     the derivative of the first by the second is the third

Authors write no display formula by hand, so that no printed formula goes unchecked.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pellucid.course import expression


@dataclass(frozen=True)
class Equation:
    """left = right, where left is a name or an expression. With `given`, the numbers are plugged in as well."""

    left: str
    right: str
    given: tuple[tuple[str, float], ...] = ()

    def latex(self):
        """The formula as LaTeX."""
        text = f"{expression.latex(self.left)} = {expression.latex(self.right)}"
        if self.given:
            numbers = dict(self.given)
            value = expression.evaluate(self.right, numbers)
            text += f" = {expression.latex(self.right, numbers)} = {expression.number_latex(value)}"
        return text

    def __str__(self):
        return f"$${self.latex()}$$"


@dataclass(frozen=True)
class Derivative:
    """The derivative of `of` with respect to `by` is `is_`. `shown` is printed in place of `of`, such as J.

    `where` names what in `is_` stands for something longer: (("y", "tanh(z)"),).
    """

    of: str
    by: str
    is_: str
    shown: str = ""
    where: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, float], ...] = ()  # for which values it holds nearly, and is printed with a wavy sign

    def latex(self):
        """The formula as LaTeX."""
        by = expression.symbol(self.by)
        if self.shown:
            left = rf"\frac{{\partial {expression.symbol(self.shown)}}}{{\partial {by}}}"
        else:
            left = rf"\frac{{\partial}}{{\partial {by}}}\left[{expression.latex(self.of)}\right]"
        sign = r"\approx" if self.about else "="
        return f"{left} {sign} {expression.latex(self.is_)}"

    def __str__(self):
        return f"$${self.latex()}$$"


@dataclass(frozen=True)
class MatrixGradient:
    """What a product or sum of matrices owes to one of them: LaTeX, and the same as a function that a test can run.

    `of` computes Y from matrices of these `shapes`; `is_` gives, from G (the gradient of the loss with respect to Y)
    and those matrices, the gradient with respect to matrix number `by`.
    """

    text: str
    of: Callable
    by: int
    is_: Callable
    shapes: tuple[tuple[int, ...], ...]

    def latex(self):
        """The formula as LaTeX."""
        return self.text

    def __str__(self):
        return f"$${self.text}$$"
