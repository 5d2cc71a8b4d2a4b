"""Keras' way to write programs: its names, defaults and layouts over Pellucid's layers, optimizers and training.

    from pellucid import keras
    from pellucid.keras import layers, models

A textbook program of Keras runs with its import lines changed. What is not here says what to use instead; docs/keras.md
lists what is here and what differs.
"""

from pellucid.keras import (
    activations,
    callbacks,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    utils,
)
from pellucid.keras.initializers import Initializer
from pellucid.keras.layers import Input, KerasTensor, Layer
from pellucid.keras.losses import Loss
from pellucid.keras.metrics import Metric
from pellucid.keras.missing import answer as _answer
from pellucid.keras.models import Model, Sequential
from pellucid.keras.optimizers import Optimizer

__all__ = [
    "Initializer",
    "Input",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Sequential",
    "activations",
    "callbacks",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "utils",
]

__getattr__ = _answer(__name__)
