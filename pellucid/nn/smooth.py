"""Smooth activations as modules; the formulas are in pellucid/functional/smooth.py."""

from pellucid.functional import celu, elu, logsigmoid, mish, selu, silu, softplus, softsign, tanhshrink
from pellucid.functional.activations import refuse_inplace
from pellucid.nn.formula import Formula


class ELU(Formula):
    """x where x > 0, else alpha (exp(x) - 1): see F.elu.

    >>> import pellucid as pc
    >>> ELU()(pc.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.    ])
    """

    shown = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        if inplace:
            refuse_inplace("ELU")
        self.alpha = alpha

    def forward(self, x):
        return elu(x, self.alpha)


class CELU(Formula):
    """x where x > 0, else alpha (exp(x / alpha) - 1): see F.celu.

    >>> import pellucid as pc
    >>> CELU(2.0)(pc.tensor([-1.0, 2.0]))
    tensor([-0.7869,  2.    ])
    """

    shown = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        if inplace:
            refuse_inplace("CELU")
        self.alpha = alpha

    def forward(self, x):
        return celu(x, self.alpha)


class SELU(Formula):
    """1.0507 elu(x, 1.6733), which keeps mean 0 and variance 1: see F.selu.

    >>> import pellucid as pc
    >>> SELU()(pc.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("SELU")

    def forward(self, x):
        return selu(x)


class SiLU(Formula):
    """x sigmoid(x), also called swish: see F.silu.

    >>> import pellucid as pc
    >>> SiLU()(pc.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("SiLU")

    def forward(self, x):
        return silu(x)


class Mish(Formula):
    """x tanh(softplus(x)): see F.mish.

    >>> import pellucid as pc
    >>> Mish()(pc.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])
    """

    def __init__(self, inplace=False):
        if inplace:
            refuse_inplace("Mish")

    def forward(self, x):
        return mish(x)


class Softplus(Formula):
    """log(1 + exp(beta x)) / beta, and x where beta x is above the threshold: see F.softplus.

    >>> import pellucid as pc
    >>> Softplus()(pc.tensor([-1.0, 0.0, 100.0]))
    tensor([  0.3133,   0.6931, 100.    ])
    """

    shown = ("beta", "threshold")

    def __init__(self, beta=1.0, threshold=20.0):
        self.beta = beta
        self.threshold = threshold

    def forward(self, x):
        return softplus(x, self.beta, self.threshold)


class Softsign(Formula):
    """x / (1 + |x|).

    >>> import pellucid as pc
    >>> Softsign()(pc.tensor([-1.0, 3.0]))
    tensor([-0.5 ,  0.75])
    """

    def forward(self, x):
        return softsign(x)


class Tanhshrink(Formula):
    """x - tanh(x).

    >>> import pellucid as pc
    >>> Tanhshrink()(pc.tensor([0.0, 1.0]))
    tensor([0.    , 0.2384])
    """

    def forward(self, x):
        return tanhshrink(x)


class LogSigmoid(Formula):
    """log(sigmoid(x)), exact also where the sigmoid rounds to 0.

    >>> import pellucid as pc
    >>> LogSigmoid()(pc.tensor([-1000.0, 0.0]))
    tensor([-1000.    ,    -0.6931])
    """

    def forward(self, x):
        return logsigmoid(x)
