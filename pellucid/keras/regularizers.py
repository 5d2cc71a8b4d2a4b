"""Penalties on large weights, which are added to the loss: `kernel_regularizer=regularizers.l2(0.001)`."""

from pellucid import blame
from pellucid.errors import ArgumentError
from pellucid.keras.missing import answer
from pellucid.keras.names import look_up

__all__ = ["L1", "L1L2", "L2", "get", "l1", "l1_l2", "l2"]


class L1L2:
    """l1 sum of |w| + l2 sum of w^2, over all elements of a weight.

    >>> import pellucid as pc
    >>> L1L2(l1=0.1, l2=0.01)(pc.tensor([3.0, -4.0]))
    tensor(0.95)
    """

    elementwise = True  # it does not matter in which order the axes are

    def __init__(self, l1=0.0, l2=0.0):
        for name, factor in (("l1", l1), ("l2", l2)):
            if factor is not None and not factor >= 0.0:
                raise ArgumentError(f"the factor {name} of a penalty is not negative, but {factor} came.")
        self.l1 = l1 or 0.0
        self.l2 = l2 or 0.0

    def __call__(self, weight):
        penalty = 0.0
        if self.l1:
            penalty = penalty + self.l1 * weight.abs().sum()
        if self.l2:
            penalty = penalty + self.l2 * (weight * weight).sum()
        return penalty


class L1(L1L2):
    """l1 sum of |w|: weights that do little become 0. Source: Tibshirani (1996).

    >>> import pellucid as pc
    >>> L1(0.1)(pc.tensor([3.0, -4.0]))
    tensor(0.7)
    """

    def __init__(self, l1=0.01):
        super().__init__(l1=l1)


class L2(L1L2):
    """l2 sum of w^2: large weights cost more. Source: Hoerl and Kennard, "Ridge regression" (1970).

    >>> import pellucid as pc
    >>> L2(0.01)(pc.tensor([3.0, -4.0]))
    tensor(0.25)
    """

    def __init__(self, l2=0.01):
        super().__init__(l2=l2)


l1, l2 = L1, L2


def l1_l2(l1=0.01, l2=0.01):
    """Both penalties at once.

    >>> import pellucid as pc
    >>> l1_l2(l1=0.1, l2=0.01)(pc.tensor([3.0, -4.0]))
    tensor(0.95)
    """
    return L1L2(l1, l2)


def get(identifier):
    """The penalty of a name ("l2"), with its factor 0.01; an object or function as it is, and None.

    >>> get("l2").l2
    0.01
    """
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    if isinstance(identifier, str):
        return look_up("regularizer", identifier.lower(), {"l1": L1, "l2": L2, "l1_l2": l1_l2, "l1l2": l1_l2})()
    raise ArgumentError(
        f"a regularizer is a name, an object or a function, not {identifier!r}.", remedy="Write regularizers.l2(0.01)."
    )


blame.answer_for(globals(), calls=True)
__getattr__ = answer(__name__)
