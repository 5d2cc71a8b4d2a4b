"""Sample, one use of an op, and what makes its inputs."""

import numpy as np

random = np.random.default_rng(11)


class Sample:
    """An op and the arrays it is applied to.

    Floats are written in float64; the promises try float32 too. All float inputs get a gradient (if the op has
    one) unless `differentiable` names fewer by number. `smooth` is False where a tie, a kink or a value that is
    not finite forbids finite differences.
    """

    def __init__(self, op, *inputs, differentiable=None, smooth=True, note=""):
        self.op = op
        self.inputs = inputs
        if differentiable is None:
            differentiable = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
        self.differentiable = tuple(differentiable)
        self.smooth = smooth
        self.note = note

    def __repr__(self):
        shapes = " ".join(f"{x.dtype}{list(x.shape)}" for x in self.inputs)
        return f"{self.op} {shapes} {self.note}".strip()

    def cast(self, dtype):
        """The inputs with every float in `dtype`."""
        return [x.astype(dtype) if x.dtype.kind == "f" else x for x in self.inputs]


# ---- makers of inputs


def numbers(*shape):
    """Numbers from -2 to 2 that keep 0.2 away from 0, where many ops have a kink, and 0.001 from each other."""
    count = int(np.prod(shape))
    steps = np.linspace(0.2, 2.0, 997)[random.permutation(997)[:count]]
    return (steps * random.choice([-1.0, 1.0], count)).reshape(shape)


def positive(*shape):
    """Numbers from 0.2 to 2."""
    return np.abs(numbers(*shape))


def integers(*shape, low=-3, high=4):
    """int64 numbers, some of them equal."""
    return random.integers(low, high, shape)


def flags(*shape):
    """Booleans."""
    return random.random(shape) < 0.5


def index(values):
    """An int64 index."""
    return np.array(values, np.int64)


def zeros(*shape):
    return np.zeros(shape)


SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e30, -1e-30])


def special(*shape):
    """An array in which the special values repeat."""
    return np.resize(SPECIAL, shape)
