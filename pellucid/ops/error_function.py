"""erf, which NumPy does not have: in float64 within 2.5 units in the last place.

    erf(x) = 2 / sqrt(pi) * (the integral of exp(-t^2) over t from 0 to x)

Near 0 it is x + x R(x^2), further out 1 - exp(-x^2) S(x). R and S are quotients of polynomials, those of Cody,
"Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969). Two things differ:

- Cody's first quotient is 1 + R here: a small number is added to x, so that its rounding errors count little.
- Cody's third quotient, for x > 4, is left out. What S multiplies is below 2e-8 there: its first digits are enough.
"""

import numpy as np

NEAR = 0.5  # below it R is taken, from here on S
END = 6.0  # erf(6) rounds to 1, in float64 too

# The coefficient of the highest power first.
R_TOP = (
    -8.14222293815396847e-1,
    -2.04401672084735553e1,
    -1.30160483783394017e2,
    -9.05131288392070259e2,
    3.65140755699298850e2,
)
R_BOTTOM = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
S_TOP = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
S_BOTTOM = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)

BLOCK = 8192  # numbers worked on together, so that all that lies between stays in the cache


def erf(x):
    """The error function of every element, in the dtype of x. float16 and float32 are computed in float64."""
    flat = np.ravel(x)
    y = np.empty(flat.shape, x.dtype)
    for start in range(0, len(flat), BLOCK):
        part = slice(start, start + BLOCK)
        y[part] = erf_of_block(flat[part].astype(np.float64))
    return y.reshape(x.shape)


def erf_of_block(x):
    """erf of a one-dimensional array of float64."""
    size = np.minimum(np.abs(x), END)  # of NaN this is NaN
    square = size * size
    near = x + x * (polynomial(R_TOP, square) / polynomial(R_BOTTOM, square))
    far = 1.0 - np.exp(-square) * polynomial(S_TOP, size) / polynomial(S_BOTTOM, size)
    return np.where(size < NEAR, near, np.copysign(far, x))


def polynomial(coefficients, x):
    """c0 x^n + c1 x^(n-1) + ... + cn, by Horner's rule."""
    y = coefficients[0] * x
    for c in coefficients[1:-1]:
        y += c
        y *= x
    return y + coefficients[-1]
