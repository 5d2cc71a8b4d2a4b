"""Activations by their names in Keras: what `activation="relu"` means. Each is a function of tensors.

`get(name)` gives the function; a function or layer is given back as it is, and None is `linear`.
"""

import pellucid.functional as F
from pellucid import blame
from pellucid.errors import ArgumentError
from pellucid.functional import (
    celu,
    elu,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)
from pellucid.functional import hardsigmoid as hard_sigmoid
from pellucid.functional import hardswish as hard_silu
from pellucid.keras.missing import answer
from pellucid.keras.names import look_up
from pellucid.tensors import exp

__all__ = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]

swish = silu
hard_swish = hard_silu


def linear(x):
    """The input itself.

    >>> import pellucid as pc
    >>> linear(pc.tensor([-1.0, 2.0]))
    tensor([-1.,  2.])
    """
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """max(x, 0); with options: `negative_slope` (x - threshold) below the threshold, never more than `max_value`.

    >>> import pellucid as pc
    >>> relu(pc.tensor([-1.0, 2.0, 8.0])), relu(pc.tensor([-1.0, 2.0, 8.0]), negative_slope=0.5, max_value=6.0)
    (tensor([0., 2., 8.]), tensor([-0.5,  2. ,  6. ]))
    """
    if threshold:
        y = x.where(x > threshold, negative_slope * (x - threshold))
    else:
        y = F.leaky_relu(x, negative_slope) if negative_slope else F.relu(x)
    return y if max_value is None else y.clamp(max=max_value)


def leaky_relu(x, negative_slope=0.2):
    """x, and negative_slope x below 0.

    >>> import pellucid as pc
    >>> leaky_relu(pc.tensor([-1.0, 2.0]))
    tensor([-0.2,  2. ])
    """
    return F.leaky_relu(x, negative_slope)


def gelu(x, approximate=False):
    """x times the probability that a standard normal number is below x; `approximate`: by tanh.

    >>> import pellucid as pc
    >>> gelu(pc.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.    ,  0.8413])
    """
    return F.gelu(x, "tanh" if approximate else "none")


def softmax(x, axis=-1):
    """exp(x) divided by its sum along `axis`: probabilities of classes.

    >>> import pellucid as pc
    >>> softmax(pc.tensor([[0.0, 0.0]]))
    tensor([[0.5, 0.5]])
    """
    return F.softmax(x, axis)


def log_softmax(x, axis=-1):
    """The logarithm of softmax, exact where that rounds to 0.

    >>> import pellucid as pc
    >>> log_softmax(pc.tensor([[0.0, 0.0]]))
    tensor([[-0.6931, -0.6931]])
    """
    return F.log_softmax(x, axis)


def exponential(x):
    """exp(x).

    >>> import pellucid as pc
    >>> exponential(pc.tensor([0.0]))
    tensor([1.])
    """
    return exp(x)


def get(identifier):
    """The function of a name of Keras ("relu", "softmax"); `linear` for None, and a function as it is.

    >>> get("tanh").__name__, get(None).__name__
    ('tanh', 'linear')
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        return look_up("activation", identifier, {name: globals()[name] for name in __all__ if name != "get"})
    if callable(identifier) and not isinstance(identifier, type):
        return identifier
    raise ArgumentError(
        f"an activation is a name, a function or a layer, not {identifier!r}.",
        remedy='Write activation="relu", or make a layer of a class, with brackets.',
    )


blame.answer_for(globals())
# For layers, which may apply these to any layout; it holds the functions as they are after the line above:
ELEMENTWISE = {globals()[name] for name in __all__ if name not in ("get", "softmax", "log_softmax")}
__getattr__ = answer(__name__)
