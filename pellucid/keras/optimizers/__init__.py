"""Optimizers by Keras' names, with its argument names, defaults and formulas."""

from pellucid import blame
from pellucid.errors import ArgumentError as _ArgumentError
from pellucid.keras.missing import answer as _answer
from pellucid.keras.names import look_up as _look_up
from pellucid.keras.optimizers import schedules
from pellucid.keras.optimizers.methods import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Nadam, RMSprop
from pellucid.keras.optimizers.optimizer import Optimizer

__all__ = [  # noqa: RUF022  by letter, as everywhere here
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "SGD",
    "get",
    "schedules",
]

_KNOWN = {thing.__name__.lower(): thing for thing in (Adadelta, Adagrad, Adam, AdamW, Adamax, Nadam, RMSprop, SGD)}


def get(identifier):
    """The optimizer of a name ("rmsprop", "Adam") with Keras' defaults; an object as it is.

    >>> get("rmsprop").learning_rate
    0.001
    """
    if isinstance(identifier, str):
        return _look_up("optimizer", identifier.lower(), _KNOWN)()
    if isinstance(identifier, Optimizer):
        return identifier
    raise _ArgumentError(
        f"an optimizer is a name or an object of pellucid.keras.optimizers, not {identifier!r:.80}.",
        remedy='Write optimizer="adam" or optimizer=optimizers.Adam(learning_rate=0.001).',
    )


blame.answer_for(globals())
__getattr__ = _answer(__name__)
