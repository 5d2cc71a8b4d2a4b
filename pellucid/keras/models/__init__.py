"""Models by Keras' names: layers that are compiled, fitted, evaluated, and predict."""

from pellucid import blame
from pellucid.keras.missing import answer as _answer
from pellucid.keras.models.model import Model
from pellucid.keras.models.sequential import Sequential

__all__ = ["Model", "Sequential"]

blame.answer_for(globals())
__getattr__ = _answer(__name__)
