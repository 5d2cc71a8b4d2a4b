"""The notation of gradient rules: what they write is promised, and what is promised they write."""

import ast
import inspect

import numpy as np
from house import PACKAGE, tree_of

import pellucid as pc
from pellucid import ops
from pellucid.ops.notation import Notation


def test_tensor_implements_the_notation():
    asked = {
        name for name in vars(Notation) if callable(vars(Notation)[name]) or isinstance(vars(Notation)[name], property)
    }
    asked -= {"__init__", "__subclasshook__", "__init_subclass__", "__class_getitem__"}
    asked |= set(Notation.__annotations__)
    for name in asked:
        assert inspect.getattr_static(pc.Tensor, name, None) is not None, f"Tensor has no {name}"


OPERATORS = {
    ast.Add: ("__add__", "__radd__"),
    ast.Sub: ("__sub__", "__rsub__"),
    ast.Mult: ("__mul__", "__rmul__"),
    ast.Div: ("__truediv__", "__rtruediv__"),
    ast.Pow: ("__pow__", "__rpow__"),
    ast.MatMult: ("__matmul__", "__rmatmul__"),
    ast.BitOr: ("__or__", "__ror__"),
    ast.BitAnd: ("__and__", "__rand__"),
    ast.USub: ("__neg__",),
    ast.Lt: ("__lt__",),
    ast.LtE: ("__le__",),
    ast.Gt: ("__gt__",),
    ast.GtE: ("__ge__",),
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__",),
}


def words_of_rules():
    """The operators and attributes that gradient rules write on g, y and the inputs."""
    used = {}
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        for rule in ast.walk(tree_of(path)):
            if not (isinstance(rule, ast.FunctionDef) and rule.name in ("gradient", "transposed")):
                continue
            arguments = [a.arg for a in rule.args.args if a.arg != "self"]
            arguments += [rule.args.vararg.arg] if rule.args.vararg else []
            local = {
                node.id for node in ast.walk(rule) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            values = set(arguments) | local
            for node in ast.walk(rule):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, (ast.BinOp, ast.UnaryOp)) and type(node.op) in OPERATORS:
                    operands = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
                    if any(mentions(x, set(arguments) - {"inputs"}) for x in operands) and not about_shapes(node):
                        used.setdefault(type(node.op), where)
                elif isinstance(node, ast.Compare) and mentions(node.left, set(arguments)) and not about_shapes(node):
                    used.setdefault(type(node.ops[0]), where)
                elif isinstance(node, ast.Attribute) and of_a_value(node.value, values):
                    used.setdefault(node.attr, where)
    return used


def of_a_value(node, values):
    return (isinstance(node, ast.Name) and node.id in values) or isinstance(node, (ast.BinOp, ast.Compare, ast.Call))


def mentions(node, names):
    return any(isinstance(x, ast.Name) and x.id in names for x in ast.walk(node))


def about_shapes(node):
    """Arithmetic of lengths, not of values."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [getattr(node, "left", node)]
    return any(
        isinstance(side, ast.Subscript)
        or (isinstance(side, ast.Attribute) and side.attr in ("shape", "dtype"))
        or (isinstance(side, ast.Name) and side.id in ("n", "axis", "start", "length"))
        for side in sides
    )


def test_notation_is_what_gradient_rules_write():
    """Neither less (a rule would use what no one promised) nor more (nobody needs it)."""
    promised = {n for n in vars(Notation) if not n.startswith("_") or n in {w for ws in OPERATORS.values() for w in ws}}
    promised |= set(Notation.__annotations__)
    promised = {name for name in promised if not name.startswith("_is") and name != "_abc_impl"}
    used = words_of_rules()
    needed, justified = {}, set()
    for word, where in used.items():
        spelled = OPERATORS.get(word, (word,)) if isinstance(word, type) else (word,)
        if word not in ("name", "append"):  # of a dtype, of a list
            needed[spelled[0]] = where
            justified |= set(spelled)
    justified |= {"shape", "dtype", "requires_grad"}
    lacking = {name: where for name, where in needed.items() if name not in promised}
    assert lacking == {}
    assert promised - justified == set()


def test_gradient_rules_write_ops_and_never_numpy():
    """A rule that computed with arrays could be neither recorded nor differentiated."""
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        for rule in ast.walk(tree_of(path)):
            if isinstance(rule, ast.FunctionDef) and rule.name == "gradient":
                assert not mentions(rule, {"np"}), f"{path.name}:{rule.lineno}"
                assert "array" not in {n.attr for n in ast.walk(rule) if isinstance(n, ast.Attribute)}


def test_ops_know_no_family_of_values():
    """Each op's `forward` takes arrays and gives arrays: no Tensor is needed to use it."""
    assert ops.Add().forward(np.ones(2), np.ones(2)).tolist() == [2.0, 2.0]
    assert "Tensor" not in vars(ops)
