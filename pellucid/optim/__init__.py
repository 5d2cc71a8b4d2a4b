"""Optimizers: how parameters follow their gradients. And schedules: how the learning rate changes."""

from pellucid.optim.adam import Adam
from pellucid.optim.group import ParamGroup
from pellucid.optim.optimizer import Optimizer
from pellucid.optim.rmsprop import RMSprop
from pellucid.optim.schedules import CosineAnnealingLR, LambdaLR, StepLR
from pellucid.optim.sgd import SGD
from pellucid.optim.sparse_adam import SparseAdam

__all__ = [  # noqa: RUF022  by letter, as everywhere here
    "Adam",
    "CosineAnnealingLR",
    "LambdaLR",
    "Optimizer",
    "ParamGroup",
    "RMSprop",
    "SGD",
    "SparseAdam",
    "StepLR",
]
