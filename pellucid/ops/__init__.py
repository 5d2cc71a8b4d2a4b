"""The primitives: each says what it computes and what it owes to its inputs. All else is made of them."""

import warnings

from pellucid.ops.attention import Attention, AttentionGradient
from pellucid.ops.contract import Matmul
from pellucid.ops.elementwise import (
    Abs,
    Add,
    And,
    Cast,
    Cos,
    Divide,
    Equal,
    Erf,
    Exp,
    Greater,
    GreaterEqual,
    Log,
    Log1p,
    Maximum,
    Minimum,
    Multiply,
    Negative,
    Not,
    NotEqual,
    Or,
    Power,
    Relu,
    Sigmoid,
    Sign,
    Sin,
    Sqrt,
    Subtract,
    Tanh,
    Where,
)
from pellucid.ops.index import AddRows, Gather, PutRows, ScatterAdd, TakeRows
from pellucid.ops.movement import Concatenate, Pad, Reshape, Slice, Transpose
from pellucid.ops.order import ArgSort, SearchSorted
from pellucid.ops.reduce import ArgMax, Broadcast, Max, Sum
from pellucid.ops.source import Uniform

__all__ = [
    "Abs",
    "Add",
    "AddRows",
    "And",
    "ArgMax",
    "ArgSort",
    "Attention",
    "AttentionGradient",
    "Broadcast",
    "Cast",
    "Concatenate",
    "Cos",
    "Divide",
    "Equal",
    "Erf",
    "Exp",
    "Gather",
    "Greater",
    "GreaterEqual",
    "Log",
    "Log1p",
    "Matmul",
    "Max",
    "Maximum",
    "Minimum",
    "Multiply",
    "Negative",
    "Not",
    "NotEqual",
    "Or",
    "Pad",
    "Power",
    "PutRows",
    "Relu",
    "Reshape",
    "ScatterAdd",
    "SearchSorted",
    "Sigmoid",
    "Sign",
    "Sin",
    "Slice",
    "Sqrt",
    "Subtract",
    "Sum",
    "TakeRows",
    "Tanh",
    "Transpose",
    "Uniform",
    "Where",
]

# log(0) is -inf and 0/0 is NaN by the rules of floating point; detect_anomaly() is how they are found. The
# door and the ops compute, so warnings raised from there are silenced once: errstate would cost 5 us an op.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"pellucid\.(engine|graph|ops|targets)")
