"""A gradient rule of one's own, checked: gradcheck accepts the right one and names the element that is wrong.

    python examples/gradient_check.py --picture gradient_check.png

A wrong gradient crashes nothing: the network learns badly, and nobody knows why. But a derivative can be asked of the
numbers themselves. Move one element of x up and down by e = 1e-6 and see how the result follows:

    (f(x + e) - f(x - e)) / (2 e)

`pc.autograd.gradcheck` does so for every element, in float64, and compares with the rule. Planted here: x^3 whose rule
forgets its factor x where x is above 2. Too small a step is no better than too large a one: below 1e-6 rounding takes
over, as the picture shows. (Finite differences and their error: Press and others, "Numerical Recipes", section 5.7.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid.errors import GradientError
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy


class Cube(pc.autograd.CustomElementwise):
    """y = x^3, with slope 3 x^2."""

    def forward(self, x):
        return x**3

    def gradient(self, g, y, x):
        return g * (x * x * 3.0)


class WrongCube(pc.autograd.CustomElementwise):
    """y = x^3, with slope 3 x^2 up to 2, and (that is the bug) 3 x above."""

    def forward(self, x):
        return x**3

    def gradient(self, g, y, x):
        return g * pc.where(x > 2.0, x * 3.0, x * x * 3.0)


def verdict(function, x):
    """What gradcheck says of a function, in its first sentence."""
    try:
        pc.autograd.gradcheck(function, (x,))
    except GradientError as error:
        return str(error).splitlines()[0]
    return "right"


def errors_by_step(function, x):
    """Steps, and how far the difference quotient of the sum is from the gradient for each, relative to it."""
    x.grad = None
    function(x).sum().backward()
    steps = np.logspace(-12, -1, 45)
    errors = []
    with pc.no_grad():
        for step in steps:
            quotient = (function(x + step) - function(x - step)) / (2 * step)
            errors.append(((quotient - x.grad).abs() / x.grad.abs()).max().item())
    return steps, np.array(errors)


def draw(right, wrong, path):
    figure = new_figure(6.4, 3.6)
    axes = figure.add_subplot()
    axes.loglog(*right, color=BLUE, label="Cube")
    axes.loglog(*wrong, "--", color=VERMILLION, label="WrongCube: no step helps")
    axes.set(xlabel="step e", ylabel="largest relative error", ylim=(1e-12, 3))
    tidy(axes)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.45, 0.9))
    save(figure, path)


def main():
    arguments = options(__doc__)
    x = pc.tensor([[0.5, 1.0, 1.5], [-1.0, 2.5, 1.25]], dtype=pc.float64, requires_grad=True)
    right, wrong = Cube(), WrongCube()
    print("Cube:     ", verdict(right, x))
    print("WrongCube:", verdict(wrong, x))
    print(f"by hand:   3 * 2.5^2 = {3 * 2.5**2}, and the rule of WrongCube says 3 * 2.5 = {3 * 2.5}")

    steps, errors = errors_by_step(right, x)
    for step in (1e-12, 1e-9, 1e-6, 1e-3, 1e-1):
        print(f"step {step:.0e}   relative error of the difference quotient {np.interp(step, steps, errors):.0e}")
    print(f"least error {errors.min():.0e} at the step {steps[errors.argmin()]:.0e}")
    if arguments.picture:
        draw((steps, errors), errors_by_step(wrong, x), arguments.picture)


if __name__ == "__main__":
    main()
