"""Activations made of straight pieces, as modules; the formulas are in pellucid/functional/piecewise.py."""

from pellucid.functional import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu6,
    rrelu,
    softshrink,
    threshold,
)
from pellucid.functional.activations import refuse_inplace
from pellucid.nn.formula import Formula
from pellucid.nn.parameter import Parameter
from pellucid.tensors import full
from pellucid.tensors.promote import FLOAT32


class ReLU6(Formula):
    """min(max(x, 0), 6): see F.relu6.

    >>> import pellucid as pc
    >>> ReLU6()(pc.tensor([-1.0, 3.0, 9.0]))
    tensor([0., 3., 6.])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("ReLU6")

    def forward(self, x):
        return relu6(x)


class LeakyReLU(Formula):
    """x where x > 0, else negative_slope x: see F.leaky_relu.

    >>> import pellucid as pc
    >>> LeakyReLU(0.1)(pc.tensor([-2.0, 3.0]))
    tensor([-0.2,  3. ])
    """

    shown = ("negative_slope",)

    def __init__(self, negative_slope=0.01, inplace=False):
        if inplace:
            refuse_inplace("LeakyReLU")
        self.negative_slope = negative_slope

    def forward(self, x):
        return leaky_relu(x, self.negative_slope)


class PReLU(Formula):
    """x where x > 0, else weight x, with a slope that is learned: one for all, or one for each channel (axis 1).

    The weight (num_parameters,) begins as `init`. Source: He et al., "Delving deep into rectifiers" (2015).

    >>> import pellucid as pc
    >>> PReLU()(pc.tensor([-4.0, 4.0])).detach()
    tensor([-1.,  4.])
    """

    shown = ("num_parameters",)

    def __init__(self, num_parameters=1, init=0.25, dtype=FLOAT32):
        self.num_parameters = num_parameters
        self.weight = Parameter(full((num_parameters,), init, dtype=dtype))

    def forward(self, x):
        return prelu(x, self.weight)


class RReLU(Formula):
    """x where x > 0, else a x with a random a from lower to upper; their mean in evaluation. See F.rrelu.

    >>> import pellucid as pc
    >>> RReLU(0.0, 1.0).eval()(pc.tensor([-2.0, 3.0]))
    tensor([-1.,  3.])
    """

    shown = ("lower", "upper")

    def __init__(self, lower=1.0 / 8.0, upper=1.0 / 3.0, inplace=False):
        if inplace:
            refuse_inplace("RReLU")
        self.lower = lower
        self.upper = upper

    def forward(self, x):
        return rrelu(x, self.lower, self.upper, self.training)


class Hardtanh(Formula):
    """The nearest number from min_val to max_val: see F.hardtanh.

    >>> import pellucid as pc
    >>> Hardtanh()(pc.tensor([-3.0, 0.5, 3.0]))
    tensor([-1. ,  0.5,  1. ])
    """

    shown = ("min_val", "max_val")

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        if inplace:
            refuse_inplace("Hardtanh")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x):
        return hardtanh(x, self.min_val, self.max_val)


class Hardsigmoid(Formula):
    """min(max(x + 3, 0), 6) / 6: see F.hardsigmoid.

    >>> import pellucid as pc
    >>> Hardsigmoid()(pc.tensor([-3.0, 0.0, 3.0]))
    tensor([0. , 0.5, 1. ])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("Hardsigmoid")

    def forward(self, x):
        return hardsigmoid(x)


class Hardswish(Formula):
    """x min(max(x + 3, 0), 6) / 6: see F.hardswish.

    >>> import pellucid as pc
    >>> Hardswish()(pc.tensor([-2.0, 1.0, 3.0]))
    tensor([-0.3333,  0.6667,  3.    ])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("Hardswish")

    def forward(self, x):
        return hardswish(x)


class Threshold(Formula):
    """x where x > threshold, else value.

    >>> import pellucid as pc
    >>> Threshold(1.0, 0.0)(pc.tensor([0.5, 2.0]))
    tensor([0., 2.])
    """

    shown = ("threshold", "value")

    def __init__(self, threshold, value, inplace=False):
        if inplace:
            refuse_inplace("Threshold")
        self.threshold = threshold
        self.value = value

    def forward(self, x):
        return threshold(x, self.threshold, self.value)


class Hardshrink(Formula):
    """0 where |x| <= lambd, else x: see F.hardshrink.

    >>> import pellucid as pc
    >>> Hardshrink()(pc.tensor([-2.0, 0.3, 2.0]))
    tensor([-2.,  0.,  2.])
    """

    def __init__(self, lambd=0.5):
        self.lambd = lambd

    def extra_repr(self):
        return str(self.lambd)

    def forward(self, x):
        return hardshrink(x, self.lambd)


class Softshrink(Formula):
    """x moved towards 0 by lambd: see F.softshrink.

    >>> import pellucid as pc
    >>> Softshrink()(pc.tensor([-2.0, 0.3, 2.0]))
    tensor([-1.5,  0. ,  1.5])
    """

    def __init__(self, lambd=0.5):
        self.lambd = lambd

    def extra_repr(self):
        return str(self.lambd)

    def forward(self, x):
        return softshrink(x, self.lambd)
