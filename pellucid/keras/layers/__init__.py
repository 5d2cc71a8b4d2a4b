"""Layers by Keras' names: weights are made when the shape of the input is known, and images have channels last."""

from pellucid import blame
from pellucid.keras.layers.base import Layer
from pellucid.keras.layers.conv import Conv2D
from pellucid.keras.layers.dense import Dense, Embedding
from pellucid.keras.layers.merging import Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract
from pellucid.keras.layers.merging import joining as _joining
from pellucid.keras.layers.noise import Dropout, GaussianNoise, SpatialDropout2D
from pellucid.keras.layers.normalization import BatchNormalization, LayerNormalization
from pellucid.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from pellucid.keras.layers.shapes import (
    ELU,
    Activation,
    Flatten,
    Identity,
    InputLayer,
    Lambda,
    LeakyReLU,
    Permute,
    ReLU,
    Rescaling,
    Reshape,
    Softmax,
)
from pellucid.keras.layers.symbolic import Input, KerasTensor
from pellucid.keras.missing import answer as _answer

__all__ = [  # noqa: RUF022  by letter, as everywhere here
    "Activation",
    "Add",
    "Average",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Dense",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Identity",
    "Input",
    "InputLayer",
    "KerasTensor",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "Permute",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout2D",
    "Subtract",
]

blame.answer_for(globals())
__getattr__ = _answer(
    __name__,
    {
        "AvgPool2D": AveragePooling2D,
        "Convolution2D": Conv2D,
        "GlobalAvgPool1D": GlobalAveragePooling1D,
        "GlobalAvgPool2D": GlobalAveragePooling2D,
        "GlobalMaxPool2D": GlobalMaxPooling2D,
        "MaxPool2D": MaxPooling2D,
        **{
            kind.__name__.lower(): _joining(kind)
            for kind in (Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract)
        },
    },
)
