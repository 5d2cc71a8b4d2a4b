"""Dropout as a module."""

from pellucid.errors import ArgumentError
from pellucid.functional import dropout
from pellucid.nn.module import Module


class Dropout(Module):
    """In training each element becomes 0 with probability p, and the others are divided by 1 - p.

    In evaluation all stay as they are. Shapes: x any, the result the same. ArgumentError for a p outside of 0 to 1.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
    """

    def __init__(self, p=0.5):
        if not 0.0 <= p <= 1.0:
            raise ArgumentError(
                f"Dropout: p is a probability, from 0 to 1, not {p}.", remedy="Write 0.5 for 50 percent."
            )
        self.p = p

    def forward(self, x):
        return dropout(x, self.p, self.training)

    def extra_repr(self):
        return f"p={self.p}"
