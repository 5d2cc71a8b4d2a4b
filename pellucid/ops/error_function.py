"""erf and erfc, which NumPy does not have: in float64 within 2.5 and 6 units in the last place.

    erf(x) = 2 / sqrt(pi) * (the integral of exp(-t^2) over t from 0 to x)          erfc(x) = 1 - erf(x)

Near 0 it is x + x R(x^2), further out 1 - exp(-x^2) S(x). R and S are quotients of polynomials, those of Cody,
"Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969). Two things differ:

- Cody's first quotient is 1 + R here: a small number is added to x, so that its rounding errors count little.
- Cody's third quotient, T for x > 4, is not needed for erf, to which it adds less than 2e-8: the first digits of S do.
  For erfc, which keeps all digits of a small number, it is.
"""

import math

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

T_TOP = (
    -1.63153871373020978e-2,
    -3.05326634961232344e-1,
    -3.60344899949804439e-1,
    -1.25781726111229246e-1,
    -1.60837851487422766e-2,
    -6.58749161529837803e-4,
)
T_BOTTOM = (
    1.0,
    2.56852019228982242,
    1.87295284992346725,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)

FEW = 256  # numbers that Python's own erf, which is the C library's, is asked for one by one
BLOCK = 8192  # numbers worked on together, so that all that lies between stays in the cache


def erf(x):
    """The error function of every element, in the dtype of x. float16 and float32 are computed in float64."""
    return one_by_one(math.erf, x) if x.size <= FEW else by_blocks(erf_of_block, x)


def erfc(x):
    """1 - erf(x) of every element, in the dtype of x, with all digits where it is small."""
    return one_by_one(math.erfc, x) if x.size <= FEW else by_blocks(erfc_of_block, x)


def one_by_one(function, x):
    """A function of Python's numbers, applied to each element: for a few that is faster than 40 calls of NumPy."""
    return np.fromiter(map(function, x.ravel().tolist()), x.dtype, x.size).reshape(x.shape)


def by_blocks(function, x):
    """A function of one-dimensional arrays of float64, applied to an array of any shape and float dtype."""
    flat = np.ravel(x)
    y = np.empty(flat.shape, x.dtype)
    for start in range(0, len(flat), BLOCK):
        part = slice(start, start + BLOCK)
        y[part] = function(flat[part].astype(np.float64))
    return y.reshape(x.shape)


def erf_of_block(x):
    """erf of a one-dimensional array of float64."""
    size = np.minimum(np.abs(x), END)  # of NaN this is NaN
    square = size * size
    near = x + x * (polynomial(R_TOP, square) / polynomial(R_BOTTOM, square))
    far = 1.0 - np.exp(-square) * polynomial(S_TOP, size) / polynomial(S_BOTTOM, size)
    return np.where(size < NEAR, near, np.copysign(far, x))


def erfc_of_block(x):
    """erfc of a one-dimensional array of float64."""
    size = np.minimum(np.abs(x), 30.0)  # erfc(27) is 0, in float64 too
    square = size * size
    near = 1.0 - x * (1.0 + polynomial(R_TOP, square) / polynomial(R_BOTTOM, square))
    middle = polynomial(S_TOP, size) / polynomial(S_BOTTOM, size)
    inverse = 1.0 / np.maximum(square, 1.0)
    far = inverse * polynomial(T_TOP, inverse) / polynomial(T_BOTTOM, inverse)
    far = (1.0 / math.sqrt(math.pi) + far) / np.maximum(size, 1.0)
    # exp(-size^2), with size in two parts: the square of the first is exact, else its rounding would be magnified.
    short = np.trunc(size * 16.0) / 16.0
    bell = np.exp(-short * short) * np.exp((short - size) * (short + size))
    tail = bell * np.where(size > 4.0, far, middle)
    return np.where(size < NEAR, near, np.where(x < 0.0, 2.0 - tail, tail))


def polynomial(coefficients, x):
    """c0 x^n + c1 x^(n-1) + ... + cn, by Horner's rule."""
    y = coefficients[0] * x
    for c in coefficients[1:-1]:
        y += c
        y *= x
    return y + coefficients[-1]
