"""How C spells each op that looks at one position at a time: one line per op.

`{0}`, `{1}`, `{2}` stand for the operands, `{f}` for the ending of our functions (f32 or f64, see runtime/math), `{c}`
for that of the C library's (f or none) and `{t}` for the type. What C leaves open, NumPy decides: NaN passes through
max, min and relu, a comparison with NaN is false, and a shift by more than there are bits leaves none.
"""

import dataclasses
import re

import numpy as np

from pellucid import ops
from pellucid.errors import UnsupportedError

C_TYPES = {
    "bool": "uint8_t",
    "int8": "int8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "uint8": "uint8_t",
    "uint16": "uint16_t",
    "uint32": "uint32_t",
    "uint64": "uint64_t",
    "float32": "float",
    "float64": "double",
}

# What the C library has under the same name, small.
OF_LIBRARY = (
    ops.Erfc, ops.Exp2, ops.Expm1, ops.Log2, ops.Log10, ops.Floor, ops.Ceil, ops.Trunc, ops.Tan, ops.Asin, ops.Acos,
    ops.Atan, ops.Sinh, ops.Cosh, ops.Asinh, ops.Acosh, ops.Atanh,
)  # fmt: skip

EXPRESSIONS = {op: f"__builtin_{op.__name__.lower()}{{c}}({{0}})" for op in OF_LIBRARY} | {
    ops.Add: "{0} + {1}",
    ops.Subtract: "{0} - {1}",
    ops.Multiply: "{0} * {1}",
    ops.Divide: "{0} / {1}",
    ops.Power: "power_{f}({0}, {1})",
    ops.Maximum: "{0} > {1} || {0} != {0} ? {0} : {1}",
    ops.Minimum: "{0} < {1} || {0} != {0} ? {0} : {1}",
    ops.Negative: "-{0}",
    ops.Abs: "absolute_{f}({0})",
    ops.Sign: "{0} > 0 ? 1 : {0} < 0 ? -1 : {0} == 0 ? 0 : {0}",
    ops.Exp: "exp_{f}({0})",
    ops.Log: "log_{f}({0})",
    ops.Log1p: "log1p_{f}({0})",
    ops.Sqrt: "sqrt_{f}({0})",
    ops.Sin: "sin_{f}({0})",
    ops.Cos: "cos_{f}({0})",
    ops.Tanh: "tanh_{f}({0})",
    ops.Sigmoid: "sigmoid_{f}({0})",
    ops.Erf: "erf_{f}({0})",
    ops.Relu: "{0} <= 0 ? 0 : {0}",
    ops.LogAddExp: "logaddexp_{f}({0}, {1})",
    ops.Round: "__builtin_rint{c}({0})",
    ops.FloorDivide: "floor_divide_{f}({0}, {1})",
    ops.Remainder: "remainder_{f}({0}, {1})",
    ops.Fmod: "fmod_{f}({0}, {1})",
    ops.Atan2: "__builtin_atan2{c}({0}, {1})",
    ops.Hypot: "__builtin_hypot{c}({0}, {1})",
    ops.Greater: "{0} > {1}",
    ops.GreaterEqual: "{0} >= {1}",
    ops.Equal: "{0} == {1}",
    ops.NotEqual: "{0} != {1}",
    ops.And: "{0} && {1}",
    ops.Or: "{0} || {1}",
    ops.Not: "!{0}",
    ops.Where: "{0} ? {1} : {2}",
    ops.BitAnd: "{0} & {1}",
    ops.BitOr: "{0} | {1}",
    ops.BitXor: "{0} ^ {1}",
    ops.BitNot: "~{0}",
    ops.ShiftLeft: "(uint64_t){1} < 8 * sizeof({t}) ? ({t})((uint64_t){0} << {1}) : 0",
    ops.ShiftRight: "(uint64_t){1} < 8 * sizeof({t}) ? {0} >> {1} : {0} < 0 ? -1 : 0",
    ops.SignBit: "__builtin_signbit({0}) != 0",
}
CALLED = re.compile(r"(\w+)_\{f\}")  # a call of one of our functions


def c_type(dtype):
    """The C type of one element. Raises UnsupportedError for a dtype that C does not have everywhere."""
    if dtype.name not in C_TYPES or not dtype.isnative:
        raise UnsupportedError(f"the C target knows no {dtype}.", remedy='Use target="numpy", or a dtype it knows.')
    return C_TYPES[dtype.name]


def ending(dtype):
    """f32, f64, i64, ...: the ending of the functions for this dtype."""
    return f"{'b' if dtype.kind == 'b' else dtype.kind}{dtype.itemsize * 8}"


def literal(value, dtype):
    """A number as C spells it. What is written reads back as the same bits (but for the bits of a NaN)."""
    if dtype.kind == "f":
        suffix = "f" if dtype.itemsize == 4 else ""
        if np.isnan(value):
            return f'__builtin_nan{suffix}("")'
        if np.isinf(value):
            return f"{'-' if value < 0 else ''}__builtin_inf{suffix}()"
        text = str(value if dtype.itemsize == 8 else np.float32(value))
        text = text if any(mark in text for mark in ".e") else f"{text}.0"
        return f"({text}{suffix})" if text.startswith("-") else f"{text}{suffix}"
    number = int(value)
    if number == np.iinfo(np.int64).min and dtype == np.int64:
        return "INT64_MIN"
    suffix = "u" if dtype.kind == "u" else ""
    wide = "" if abs(number) < 2**31 else "ll"
    return f"({number})" if number < 0 else f"{number}{suffix}{wide}"


def spelling(op):
    """The line of an op in the table, or what a custom op says of itself."""
    text = EXPRESSIONS.get(type(op)) or getattr(op, "c_expression", None)
    if text is None:
        raise UnsupportedError(f"the C target knows no {op}.", remedy="Give its class a c_expression.")
    return text


def expression(node, operands):
    """The right side of `value = ...;` for an op that looks at one position at a time."""
    op, dtype = node.op, node.spec.dtype
    inputs = [x.spec.dtype for x in node.inputs]
    if isinstance(op, ops.Cast):
        return cast(operands[0], inputs[0], dtype)
    if dtype.kind == "b" and isinstance(
        op, (ops.Subtract, ops.Negative, ops.Sign, ops.Abs, ops.Relu, ops.Power, ops.BitNot)
    ):
        raise UnsupportedError(f"the C target knows no {op} of bool.")
    text = spelling(op)
    if dtype.kind != "f":
        text = text.replace(" || {0} != {0}", "")  # whole numbers have no NaN
    fields = {field.name: getattr(op, field.name) for field in dataclasses.fields(op)}
    numbers = {name: literal(value, dtype) for name, value in fields.items() if isinstance(value, (int, float))}
    names = {"f": ending(inputs[0]), "c": "f" if dtype == np.float32 else "", "t": c_type(dtype)}
    text = text.format(*operands, **numbers | names)
    return f"({text}) != 0" if dtype.kind == "b" and isinstance(op, (ops.Add, ops.Multiply)) else text


def functions_of(node):
    """The names of the functions of ours that the expression of this node calls, without their ending."""
    if isinstance(node.op, ops.Cast):
        floats_to_whole = node.inputs[0].spec.dtype.kind == "f" and node.spec.dtype.kind in "iu"
        return ("whole",) if floats_to_whole else ()
    return CALLED.findall(spelling(node.op))


def cast(x, source, target):
    """x in another type. Outside of the range of whole numbers C leaves a float's value open; ours is the smallest."""
    if target.kind == "b":
        return f"{x} != 0"
    if source.kind == "f" and target.kind in "iu":
        wide = "u64" if target == np.uint64 else "i64" if target in (np.int64, np.uint32) else "i32"
        return f"({C_TYPES[target.name]})whole_{wide}({x})"
    return f"({c_type(target)}){x}"


def running_type(s, exact):
    """In what type a sum or maximum is kept: floats in double if more than `exact`, whole numbers in 64 bits."""
    if s.how in ("max", "argmax", "pick"):
        return s.of
    if s.how == "any":
        return "int"
    if s.of in ("float", "double"):
        return "double" if s.count > exact else s.of
    return "uint64_t" if s.of.startswith("u") else "int64_t"


def smallest(kind):
    """What every number of this C type is at least as large as."""
    if kind == "float":
        return "-__builtin_inff()"
    if kind == "double":
        return "-__builtin_inf()"
    return "0" if kind.startswith("u") else f"{kind[:-2].upper()}_MIN"
