"""Activations and their slopes: a gallery, with each slope by hand beside what backward finds.

    python examples/activations.py --picture activations.png

Without a bend between them, layers are one layer. Two families bend:

    squashing      sigmoid, tanh, softsign: flat at both ends, so a unit that is far out hardly learns (it saturates)
    half linear    ReLU, leaky ReLU, ELU, softplus, SiLU, bent identity: slope 1 to one side, however far

A gradient that goes back through a unit is multiplied by its slope. That of the sigmoid, a (1 - a), is 1/4 at most.
(ReLU: Nair and Hinton, 2010; leaky: Maas et al., 2013; ELU: Clevert et al., 2015; softplus: Dugas et al., 2000;
softsign: Bergstra et al., 2009; SiLU: Elfwing et al., 2017.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy


def sigmoid(z):
    """1 / (1 + exp(-z)), in NumPy, for the slopes by hand."""
    return 1 / (1 + np.exp(-z))


def bent_identity(z):
    """(sqrt(z^2 + 1) - 1) / 2 + z: a user's own activation is a function like any other."""
    return ((z * z + 1).sqrt() - 1) / 2 + z


ACTIVATIONS = {  # name: (activation, slope by hand, formula)
    "sigmoid": (F.sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), r"$a = 1/(1+e^{-z})$"),
    "tanh": (F.tanh, lambda z: 1 - np.tanh(z) ** 2, r"$a = \tanh z$"),
    "softsign": (F.softsign, lambda z: 1 / (1 + np.abs(z)) ** 2, r"$a = z/(1+|z|)$"),
    "ReLU": (F.relu, lambda z: (z > 0) * 1.0, r"$a = \max(z, 0)$"),
    "leaky ReLU": (F.leaky_relu, lambda z: np.where(z > 0, 1, 0.01), r"$a = z$ or $0.01\,z$"),
    "ELU": (F.elu, lambda z: np.where(z > 0, 1, np.exp(z)), r"$a = z$ or $e^z - 1$"),
    "softplus": (F.softplus, sigmoid, r"$a = \log(1+e^z)$"),
    "SiLU": (F.silu, lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z))), r"$a = z\,/(1+e^{-z})$"),
    "bent identity": (bent_identity, lambda z: z / (2 * np.sqrt(z * z + 1)) + 1, r"$a = (\sqrt{z^2+1}-1)/2 + z$"),
}


def with_slope(activation, z):
    """The activation at each z, and the slope there, by backward."""
    Z = pc.tensor(z, requires_grad=True)
    A = activation(Z)
    A.sum().backward()  # each element depends on its own z only, so the gradient of the sum holds all slopes
    return A.detach().numpy(), Z.grad.numpy()


def draw(z, path):
    """The activation solid, its slope dashed."""
    figure = new_figure(9, 7.5)
    for axes, (name, (activation, _, formula)) in zip(figure.subplots(3, 3).flat, ACTIVATIONS.items(), strict=True):
        a, slope = with_slope(activation, z)
        axes.plot(z, a, color=BLUE, label="activation")
        axes.plot(z, slope, "--", color=VERMILLION, label="slope")
        axes.set(title=f"{name}   {formula}", ylim=(-1.6, 2.6), xlim=(-4, 4))
        axes.axhline(0, color=INK, linewidth=0.5)
        tidy(axes)
    figure.supxlabel("$z$", fontsize=10)
    figure.axes[0].legend(frameon=False, loc="upper left")
    save(figure, path)


def main():
    arguments = options(__doc__)
    z = np.linspace(-8, 8, 400)  # an even number: 0 itself, where ReLU has no slope, is not among them
    print("activation      range            least slope  largest  at -8   at 8    backward - by hand")
    for name, (activation, by_hand, _) in ACTIVATIONS.items():
        a, slope = with_slope(activation, z)
        difference = np.abs(slope - by_hand(z)).max()
        bounds = f"{a.min():6.3f} to {a.max():5.2f}"
        print(
            f"{name:14}  {bounds}   {slope.min():10.4f}  {slope.max():7.4f}  {slope[0]:6.4f}  {slope[-1]:6.4f}"
            f"  {difference:.0e}"
        )
    if arguments.picture:
        draw(z, arguments.picture)


if __name__ == "__main__":
    main()
