"""Linear algebra, calculus and probability that deep learning leans on, each computed in two ways.

    python examples/refresher.py --picture refresher.png

Norms measure vectors. An eigenvector of a matrix A keeps its direction: A v = c v; multiplying by A again and again
turns almost any vector into the one with the largest |c|. A Taylor polynomial has the derivatives of its function at
one point, and derivatives of derivatives come from walking back through a walk back; those of a function of several
variables fill the Hessian. Bayes' rule P(A | B) = P(B | A) P(A) / P(B) is counting, and a mean of n samples is off
from the expectation by about its standard error s / sqrt(n). (Power iteration: R. von Mises and H. Pollaczek-Geiringer,
1929. Further on, and no more than named here: wavelets, S. Mallat, "A Wavelet Tour of Signal Processing", 1998;
optimisation in theory, J. Nocedal and S. Wright, "Numerical Optimization", 1999.)
"""

import math

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import INK, PALETTE, new_figure, save, tidy


def print_norms():
    x = pc.tensor([3.0, -4.0])
    norms = {order: pc.linalg.vector_norm(x, order).item() for order in (1, 2, math.inf)}
    print(f"norms of (3, -4)      sum {norms[1]:.4f}   length {norms[2]:.4f}   largest {norms[math.inf]:.4f}")


def power_iteration(A, steps):
    """The eigenvalue of largest size of a symmetric matrix, and its eigenvector."""
    v = pc.ones(len(A), dtype=A.dtype)
    for _ in range(steps):
        v = A @ v
        v = v / pc.linalg.vector_norm(v)
    return (v @ A @ v).item(), v


def print_eigenvector():
    A = pc.tensor([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]], dtype=pc.float64)
    found, v = power_iteration(A, 100)
    values, vectors = np.linalg.eigh(np.asarray(A))
    cosine = abs(vectors[:, -1] @ np.asarray(v))
    print(
        f"largest eigenvalue    {found:.6f} by power iteration, {values[-1]:.6f} by numpy; cosine of both {cosine:.6f}"
    )


def taylor(function, at, order):
    """f(a), f'(a), f''(a)/2!, ...: the coefficients of the polynomial, by repeated derivatives."""
    x = pc.tensor(at, dtype=pc.float64, requires_grad=True)
    y = function(x)
    coefficients = [y.item()]
    for k in range(1, order + 1):
        (y,) = pc.autograd.grad(y, x, create_graph=True)
        coefficients.append(y.item() / math.factorial(k))
    return coefficients


def print_hessian():
    """f = x^2 y + y^3 at (1, 2): the Hessian is (2y, 2x; 2x, 6y)."""
    p = pc.tensor([1.0, 2.0], dtype=pc.float64, requires_grad=True)
    f = p[0] ** 2 * p[1] + p[1] ** 3
    (slope,) = pc.autograd.grad(f, p, create_graph=True)
    assert slope is not None  # it would be if f did not depend on p
    rows = [pc.autograd.grad(each, p, retain_graph=True)[0].tolist() for each in (slope[0], slope[1])]
    print(f"Hessian               {rows} by double backward, [[4.0, 2.0], [2.0, 12.0]] by hand")


def print_probability(count):
    """An illness of 1 in 100, a test that finds 9 of 10 and frightens 5 of 100."""
    ill = pc.rand(count) < 0.01
    positive = pc.rand(count) < pc.where(ill, 0.9, 0.05)
    both, all_positive = (ill & positive).sum().item(), positive.sum().item()
    share, rule = both / all_positive, 0.9 * 0.01 / (0.9 * 0.01 + 0.05 * 0.99)
    error = math.sqrt(share * (1 - share) / all_positive)
    print(f"P(ill | positive)     {share:.4f} by counting, standard error {error:.4f}; {rule:.4f} by Bayes' rule")
    squares = pc.rand(count, dtype=pc.float64) ** 2
    mean, error = squares.mean().item(), squares.std().item() / math.sqrt(count)
    print(f"expectation of u^2    {mean:.5f} by sampling, standard error {error:.5f}; {1 / 3:.5f} by integral")


def draw(coefficients, path):
    figure = new_figure(6.4, 3.8)
    axes = figure.add_subplot()
    x = np.linspace(-7, 7, 300)
    axes.plot(x, np.sin(x), color=INK, linewidth=2, label="sin")
    for order, color, line in zip((1, 3, 5, 9), PALETTE, ("--", "-.", ":", (0, (5, 1))), strict=False):
        axes.plot(x, np.polyval(coefficients[order::-1], x), color=color, linestyle=line, label=f"order {order}")
    axes.set(ylim=(-3, 3), xlabel="x", ylabel="y", title="sin and its Taylor polynomials at 0")
    tidy(axes)
    axes.legend(frameon=False, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.15))
    save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    print_norms()
    print_eigenvector()
    coefficients = taylor(lambda x: x.sin(), 0.0, 9)
    for order in (1, 3, 5, 9):
        value = np.polyval(coefficients[order::-1], 1.0)
        print(f"sin(1), order {order}       {value:.8f}, off by {abs(value - math.sin(1)):.1e}")
    print_hessian()
    print_probability(200_000 if arguments.fast else 2_000_000)
    if arguments.picture:
        draw(coefficients, arguments.picture)


if __name__ == "__main__":
    main()
