"""Callbacks by Keras' names: objects that steer a training, or note it down."""

from pellucid import blame
from pellucid.keras.callbacks.callback import Callback, LambdaCallback
from pellucid.keras.callbacks.history import History
from pellucid.keras.callbacks.rates import CSVLogger, LearningRateScheduler
from pellucid.keras.callbacks.watching import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from pellucid.keras.missing import answer as _answer

__all__ = [
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
]

blame.answer_for(globals())
__getattr__ = _answer(__name__)
