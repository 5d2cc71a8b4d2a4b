"""One small call, or several, of every public function of tensors: what is timed (bench/tiny.py) and compiled (tests).

Arrays stand for tensors, so that both Pellucid and PyTorch can be given the same. Floats are written in float64 and
cast by who uses them; they get a gradient, if the function has one.
"""

import numpy as np

random = np.random.default_rng(3)


class Call:
    """A function's name, as in `pc.NAME`, `pc.functional.NAME` (F.NAME) or `pc.linalg.NAME`, and its arguments.

    `recorded` is False for what answers with a Python number, or a shape that depends on numbers; `slopes` is False
    where floats get no gradient. `theirs` is PyTorch's name, if it has another one.
    """

    def __init__(self, name, *arguments, recorded=True, slopes=True, theirs=None, **named):
        self.name, self.arguments, self.named = name, arguments, named
        self.recorded, self.slopes, self.theirs = recorded, slopes, theirs or name

    def __repr__(self):
        parts = [short(x) for x in self.arguments] + [f"{key}={short(x)}" for key, x in self.named.items()]
        return f"{self.name}({', '.join(parts)})"

    def given(self, tensor):
        """Arguments and named arguments, with tensor(array) in place of arrays."""
        return replaced(self.arguments, tensor), replaced(self.named, tensor)


def replaced(x, tensor):
    """Tuples, lists and dicts with tensor(array) in place of arrays."""
    if isinstance(x, np.ndarray):
        return tensor(x)
    if isinstance(x, (tuple, list)):
        return type(x)([replaced(part, tensor) for part in x])
    return {key: replaced(part, tensor) for key, part in x.items()} if isinstance(x, dict) else x


def short(x):
    """An argument in a few letters."""
    if isinstance(x, np.ndarray):
        return f"{x.dtype.kind}{list(x.shape)}"
    return f"[{', '.join(map(short, x))}]" if isinstance(x, (tuple, list)) else str(x)


def numbers(*shape):
    """Numbers from -2 to 2, away from 0, 0.5 and 1, where functions have kinks."""
    return random.uniform(0.1, 0.4, shape) * random.choice([-5.0, -1.0, 1.0, 5.0], shape)


X, Y = numbers(8, 8), numbers(8, 8)
P, Q = np.abs(X), np.abs(Y)  # positive
U = X * 0.45  # within -0.9 .. 0.9
B, C = X > 0, Y > 0
M, N = random.integers(-9, 10, (8, 8)), random.integers(1, 9, (8, 8))
ROW = numbers(8)

# ---- one position at a time

POINTWISE = [
    *[Call(name, X) for name in (
        "neg", "positive", "abs", "sign", "sgn", "square", "exp", "exp2", "expm1", "sigmoid", "erf", "erfc",
        "relu", "floor", "ceil", "trunc", "fix", "frac", "round", "sin", "cos", "tan", "atan", "arctan", "sinh", "cosh",
        "tanh", "asinh", "arcsinh", "sinc", "deg2rad", "rad2deg", "reciprocal", "nan_to_num", "absolute", "negative",
    )],
    Call("expit", X, theirs="special.expit"),
    *[Call(name, P) for name in ("sqrt", "rsqrt", "log", "log2", "log10", "log1p")],
    *[Call(name, U) for name in ("asin", "acos", "atanh", "arcsin", "arccos", "arctanh")],
    *[Call(name, P + 1.0) for name in ("acosh", "arccosh")],
    *[Call(name, M) for name in ("neg", "abs", "sign", "square", "exp", "floor", "sin", "sigmoid")],
    Call("logit", P * 0.45),
    Call("logit", P * 0.45, 0.2),
    Call("round", X, decimals=1),
    Call("softmax", X, 1),
    Call("log_softmax", X, 1),
    *[Call(name, X, Y) for name in (
        "add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "floor_divide", "remainder",
        "fmod", "maximum", "minimum", "fmax", "fmin", "atan2", "arctan2", "hypot", "logaddexp", "logaddexp2",
        "copysign", "rsub",
    )],
    *[Call(name, M, N) for name in (
        "add", "sub", "mul", "div", "floor_divide", "remainder", "fmod", "maximum", "minimum", "pow", "bitwise_and",
        "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift",
    )],
    Call("add", X, ROW),
    Call("add", X, Y, alpha=0.5),
    Call("mul", X, 2.5),
    Call("div", X, Y, rounding_mode="trunc"),
    Call("div", X, Y, rounding_mode="floor"),
    Call("div", M, N, rounding_mode="trunc"),
    Call("pow", P, Y),
    Call("pow", X, 2),
    Call("pow", X, 3),
    Call("pow", P, 0.5),
    Call("pow", 2.0, X),
    Call("float_power", P, 1.5),
    Call("xlogy", X, P),
    Call("lerp", X, Y, 0.3),
    Call("lerp", X, Y, P),
    Call("addcmul", X, Y, P, value=0.5),
    Call("addcdiv", X, Y, P, value=0.5),
    Call("clamp", X, -1.0, 1.0),
    Call("clamp", X, ROW - 1.0, ROW + 1.0),
    Call("clip", X, -1.0, 1.0),
    Call("clamp_min", X, 0.0),
    Call("clamp_max", X, 0.0),
    Call("heaviside", X, Y, slopes=False),
    Call("masked_fill", X, B, 0.0),
    Call("where", B, X, Y),
    Call("where", B, X, 0.0),
    Call("where", B, recorded=False),
]  # fmt: skip

QUESTIONS = [
    *[Call(name, X, Y, slopes=False) for name in (
        "eq", "ne", "lt", "le", "gt", "ge", "not_equal", "greater", "greater_equal", "less", "less_equal", "isclose",
    )],
    *[Call(name, X, slopes=False) for name in (
        "isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logical_not",
    )],
    *[Call(name, B, C) for name in (
        "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor",
    )],
    *[Call(name, M, N) for name in ("eq", "lt", "logical_and", "logical_or", "logical_xor")],
    Call("bitwise_not", B),
    Call("bitwise_not", M),
    Call("allclose", X, Y, recorded=False, slopes=False),
    Call("equal", X, Y, recorded=False, slopes=False),
]  # fmt: skip

# ---- reductions

REDUCTIONS = [
    *[Call(name, X) for name in ("sum", "nansum", "mean", "nanmean", "prod", "var", "std", "norm", "amax", "amin")],
    *[Call(name, X, 1) for name in (
        "sum", "nansum", "mean", "nanmean", "prod", "var", "std", "logsumexp", "amax", "amin", "max", "min",
        "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "var_mean", "std_mean",
    )],
    *[Call(name, X, (0, 1)) for name in ("sum", "mean", "var", "logsumexp", "amax")],
    *[Call(name, X, slopes=False) for name in ("argmax", "argmin", "any", "all", "count_nonzero")],
    *[Call(name, X, 1, slopes=False) for name in ("argmax", "argmin", "any", "all", "count_nonzero")],
    *[Call(name, M, 1) for name in ("sum", "prod", "amax", "cumsum", "cumprod", "cummax", "any", "all", "argmax")],
    *[Call(name, B, 0) for name in ("sum", "prod", "cumsum", "any", "all")],
    Call("max", X),
    Call("min", X),
    Call("max", X, Y),
    Call("aminmax", X, dim=1),
    Call("norm", X, 1),
    Call("norm", X, 3, 1),
    Call("norm", X, float("inf")),
    Call("dist", X, Y),
    Call("linalg.norm", X),
    Call("linalg.vector_norm", X, 3.0, 1),
    Call("linalg.matrix_norm", X),
    Call("linalg.matrix_norm", X, 1),
    Call("diff", X),
    Call("trapezoid", X),
    Call("cumulative_trapezoid", X, np.cumsum(P, 1)),
    Call("cov", X),
    Call("corrcoef", X),
]  # fmt: skip

# ---- pellucid.functional

FUNCTIONAL = [
    *[Call(f"F.{name}", X) for name in ("relu", "sigmoid", "tanh", "softplus", "gelu")],
    Call("F.softmax", X, 1),
    Call("F.log_softmax", X, 1),
    Call("F.linear", X, Y, ROW),
    Call("F.mse_loss", X, Y),
    *[Call(f"F.{name}", X) for name in (
        "elu", "selu", "celu", "mish", "logsigmoid", "hardsigmoid", "hardswish", "softshrink",
    )],
    Call("F.softplus", X, 2.0, 1.5),
    Call("F.layer_norm", X, (8,)),
    Call("F.group_norm", X, 2),
    Call("F.cross_entropy", X, np.arange(8)),
    Call("F.nll_loss", X, np.arange(8)),
    Call("F.binary_cross_entropy", P * 0.45, Q * 0.45),
    Call("F.binary_cross_entropy_with_logits", X, Q * 0.45),
    Call("F.scaled_dot_product_attention", X[None], Y[None], X[None]),
    Call("F.embedding", np.arange(8), X),
]  # fmt: skip

CALLS = [*POINTWISE, *QUESTIONS, *REDUCTIONS, *FUNCTIONAL]
