"""Dropout: while training, let units fall out at random."""

from pellucid.errors import ArgumentError
from pellucid.tensors import rand


def dropout(input, p=0.5, training=True):
    """Each element becomes 0 with probability p; the others are divided by 1 - p. Without `training`: x itself.

    The division keeps the expected value, so nothing needs to change when all units are there again. The mask
    is drawn from the default generator: `pc.manual_seed` repeats it.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    >>> import pellucid as pc
    >>> dropout(pc.ones(3), training=False)
    tensor([1., 1., 1.])
    """
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"dropout: p is a probability, from 0 to 1, not {p}.", remedy="Write 0.5 for 50 percent.")
    if not training or p == 0.0:
        return input
    if p == 1.0:
        return input * 0.0
    kept = rand(input.shape) >= p
    return (input * (1.0 / (1.0 - p))).where(kept, 0.0)
