"""Dropout as modules."""

from pellucid.functional import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from pellucid.functional.dropout import require_probability
from pellucid.nn.formula import Formula


class DropoutBase(Formula):
    """What they share: the probability p. ArgumentError for a p outside of 0 to 1."""

    shown = ("p",)

    def __init__(self, p=0.5, inplace=False):
        require_probability(type(self).__name__, p, inplace)
        self.p = p


class Dropout(DropoutBase):
    """In training each element becomes 0 with probability p, and the others are divided by 1 - p.

    In evaluation all stay as they are. Shapes: x any, the result the same. ArgumentError for a p outside of 0 to 1.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
    """

    def forward(self, x):
        return dropout(x, self.p, self.training)


class Dropout1d(DropoutBase):
    """Dropout of whole channels, x (N, C, L) or (C, L): see F.dropout1d.

    >>> import pellucid as pc
    >>> Dropout1d().eval()(pc.ones(1, 2, 3)).shape
    (1, 2, 3)
    """

    def forward(self, x):
        return dropout1d(x, self.p, self.training)


class Dropout2d(DropoutBase):
    """Dropout of whole channels of images, x (N, C, H, W): see F.dropout2d.

    >>> import pellucid as pc
    >>> Dropout2d().eval()(pc.ones(1, 2, 3, 3)).shape
    (1, 2, 3, 3)
    """

    def forward(self, x):
        return dropout2d(x, self.p, self.training)


class Dropout3d(DropoutBase):
    """Dropout of whole channels of volumes, x (N, C, D, H, W) or (C, D, H, W): see F.dropout3d.

    >>> import pellucid as pc
    >>> Dropout3d().eval()(pc.ones(1, 2, 3, 3, 3)).shape
    (1, 2, 3, 3, 3)
    """

    def forward(self, x):
        return dropout3d(x, self.p, self.training)


class AlphaDropout(DropoutBase):
    """Dropout that keeps mean 0 and variance 1, for SELU: see F.alpha_dropout.

    >>> import pellucid as pc
    >>> AlphaDropout().eval()(pc.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, x):
        return alpha_dropout(x, self.p, self.training)


class FeatureAlphaDropout(DropoutBase):
    """AlphaDropout of whole channels: see F.feature_alpha_dropout.

    >>> import pellucid as pc
    >>> FeatureAlphaDropout().eval()(pc.ones(1, 2, 3)).shape
    (1, 2, 3)
    """

    def forward(self, x):
        return feature_alpha_dropout(x, self.p, self.training)
