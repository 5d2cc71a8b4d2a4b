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

from pellucid import data, errors, functional, linalg, metrics, nn, optim
from pellucid.compile import compile
from pellucid.engine import enable_grad, no_grad
from pellucid.tensors import (
    Generator,
    State,
    Tensor,
    abs,
    absolute,
    acos,
    acosh,
    add,
    addcdiv,
    addcmul,
    all,
    allclose,
    amax,
    amin,
    aminmax,
    any,
    arange,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    argmax,
    argmin,
    as_tensor,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    autograd,
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    cat,
    ceil,
    clamp,
    clamp_max,
    clamp_min,
    clip,
    copysign,
    corrcoef,
    cos,
    cosh,
    count_nonzero,
    cov,
    cummax,
    cummin,
    cumprod,
    cumsum,
    cumulative_trapezoid,
    deg2rad,
    diff,
    dist,
    div,
    divide,
    eq,
    equal,
    erf,
    erfc,
    exp,
    exp2,
    expit,
    expm1,
    eye,
    fix,
    float_power,
    floor,
    floor_divide,
    fmax,
    fmin,
    fmod,
    frac,
    from_numpy,
    full,
    full_like,
    ge,
    greater,
    greater_equal,
    gt,
    heaviside,
    hypot,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    le,
    lerp,
    less,
    less_equal,
    linspace,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logaddexp2,
    logcumsumexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    logit,
    logsumexp,
    lt,
    manual_seed,
    masked_fill,
    matmul,
    max,
    maximum,
    mean,
    min,
    minimum,
    mul,
    multiply,
    nan_to_num,
    nanmean,
    nansum,
    ne,
    neg,
    negative,
    norm,
    not_equal,
    ones,
    ones_like,
    positive,
    pow,
    prod,
    rad2deg,
    rand,
    randint,
    randn,
    randperm,
    reciprocal,
    relu,
    remainder,
    round,
    rsqrt,
    rsub,
    sgn,
    sigmoid,
    sign,
    signbit,
    sin,
    sinc,
    sinh,
    softmax,
    sqrt,
    square,
    stack,
    std,
    std_mean,
    sub,
    subtract,
    sum,
    tan,
    tanh,
    tensor,
    trapezoid,
    true_divide,
    trunc,
    var,
    var_mean,
    where,
    xlogy,
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
    "Generator", "State", "Tensor", "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "all", "allclose",
    "amax", "amin", "aminmax", "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2",
    "arctanh", "argmax", "argmin", "as_tensor", "asin", "asinh", "atan", "atan2", "atanh", "autograd", "bitwise_and",
    "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "bool", "cat", "ceil",
    "clamp", "clamp_max", "clamp_min", "clip", "compile", "copysign", "corrcoef", "cos", "cosh", "count_nonzero", "cov",
    "cummax", "cummin", "cumprod", "cumsum", "cumulative_trapezoid", "data", "deg2rad", "detect_anomaly", "diff",
    "dist", "div", "divide", "double", "enable_grad", "eq", "equal", "erf", "erfc", "errors", "exp", "exp2", "expit",
    "expm1", "eye", "fix", "float", "float16", "float32", "float64", "float_power", "floor", "floor_divide", "fmax",
    "fmin", "fmod", "frac", "from_numpy", "full", "full_like", "functional", "ge", "gradcheck", "greater",
    "greater_equal", "gt", "heaviside", "hypot", "int8", "int16", "int32", "int64", "isclose", "isfinite", "isinf",
    "isnan", "isneginf", "isposinf", "le", "lerp", "less", "less_equal", "linalg", "linspace", "load", "log", "log1p",
    "log2", "log10", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logit", "logsumexp", "long", "lt", "manual_seed", "masked_fill", "matmul", "max",
    "maximum", "mean", "metrics", "min", "minimum", "models", "mul", "multiply", "nan_to_num", "nanmean", "nansum",
    "ne", "neg", "negative", "nn", "no_grad", "norm", "not_equal", "ones", "ones_like", "optim", "positive", "pow",
    "prod", "rad2deg", "rand", "randint", "randn", "randperm", "reciprocal", "relu", "remainder", "round", "rsqrt",
    "rsub", "save", "sgn", "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "softmax", "sqrt", "square", "stack",
    "std", "std_mean", "sub", "subtract", "sum", "tan", "tanh", "tensor", "train", "trapezoid", "true_divide", "trunc",
    "uint8", "var", "var_mean", "view", "where", "xlogy", "zeros", "zeros_like",
]  # fmt: skip


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}")
    module, attribute = _LATER[name]
    loaded = _import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__():
    return __all__
