"""Pellucid: deep learning you can see through.

    import pellucid as pc
    from pellucid import nn, optim
    import pellucid.functional as F

Importing loads NumPy and the standard library only. What needs more (`pc.train`, `pc.save`) is loaded when
it is first used.
"""

__version__ = "0.1.0"

import typing as _typing
from importlib import import_module as _import_module

import numpy as _np

from pellucid import data, errors, functional, metrics, nn, optim
from pellucid.compile import compile
from pellucid.engine import enable_grad, no_grad
from pellucid.tensors import (
    Generator,
    State,
    Tensor,
    arange,
    as_tensor,
    autograd,
    cat,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    manual_seed,
    matmul,
    maximum,
    minimum,
    ones,
    ones_like,
    rand,
    randint,
    randn,
    randperm,
    stack,
    tensor,
    where,
    zeros,
    zeros_like,
)
from pellucid.tensors.anomaly import detect_anomaly
from pellucid.tensors.autograd import gradcheck

float16, float32, float64 = _np.dtype("float16"), _np.dtype("float32"), _np.dtype("float64")
uint8, int8, int16, int32, int64 = (_np.dtype(name) for name in ("uint8", "int8", "int16", "int32", "int64"))
bool = _np.dtype("bool")
float, double, long = float32, float64, int64

if _typing.TYPE_CHECKING:  # for editors; when the program runs, __getattr__ below loads these
    from pellucid import models, train, view
    from pellucid.train.checkpoint import load, save

# Loaded at first use: name -> (module, attribute or None for the module itself)
_LATER = {
    "load": ("pellucid.train.checkpoint", "load"),
    "models": ("pellucid.models", None),
    "save": ("pellucid.train.checkpoint", "save"),
    "train": ("pellucid.train", None),
    "view": ("pellucid.view", None),
}

__all__ = [
    "Generator",
    "State",
    "Tensor",
    "arange",
    "as_tensor",
    "autograd",
    "bool",
    "cat",
    "compile",
    "data",
    "detect_anomaly",
    "double",
    "enable_grad",
    "errors",
    "eye",
    "float",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "full_like",
    "functional",
    "gradcheck",
    "int8",
    "int16",
    "int32",
    "int64",
    "linspace",
    "load",
    "long",
    "manual_seed",
    "matmul",
    "maximum",
    "metrics",
    "minimum",
    "models",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "optim",
    "rand",
    "randint",
    "randn",
    "randperm",
    "save",
    "stack",
    "tensor",
    "train",
    "uint8",
    "view",
    "where",
    "zeros",
    "zeros_like",
]


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}")
    module, attribute = _LATER[name]
    loaded = _import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__():
    return __all__
