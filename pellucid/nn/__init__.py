"""Modules: things that hold parameters and compute with them."""

from pellucid.nn import init, utils
from pellucid.nn.activations import GELU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from pellucid.nn.containers import Sequential
from pellucid.nn.dropout import Dropout
from pellucid.nn.embedding import Embedding
from pellucid.nn.linear import Linear
from pellucid.nn.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss, NLLLoss
from pellucid.nn.module import Module
from pellucid.nn.normalize import BatchNorm1d, LayerNorm
from pellucid.nn.parameter import Parameter
from pellucid.nn.shape import Flatten, Identity

__all__ = [  # noqa: RUF022  by letter, as everywhere here
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GELU",
    "Identity",
    "LayerNorm",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "init",
    "utils",
]
