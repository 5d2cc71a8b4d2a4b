"""Kernels that are no nest. Their text lies in the folder `kernels`, as C.

There ELEMENT stands for the type of an element, and ADD(a, b), FIRST(a, b), PASSED(a, b) or PUT(a, b) for what the op
does with two of them: each kernel is preceded by what its names mean.
"""

import hashlib
import math
from pathlib import Path

from pellucid import ops
from pellucid.engine import Spec
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Buffer, Kernel

SIGNATURE = "KERNEL void {name}(void *const *p, const int64_t *n, int64_t begin, int64_t end)\n"


def from_file(title, words, pointers, sizes, units):
    """A Kernel whose body lies in the folder `kernels`; `words` are what its names in capitals mean."""
    body = (Path(__file__).parent / "kernels" / f"{title}.c").read_text(encoding="utf-8")
    before = "".join([f"#define {name} {means}\n" for name, means in words.items()])
    text = before + body + "".join([f"#undef {name.partition('(')[0]}\n" for name in words])
    name = f"{title}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return Kernel(name, SIGNATURE.format(name=name) + text, (), pointers, sizes, units)


def matmul_of_whole_numbers(node, a, b, c):
    """c = a b, for whole numbers (which wrap around) and bool (and, or)."""
    *batch, m, n = node.spec.shape
    k = node.inputs[0].spec.shape[-1]
    add = "sum |= (a) && (b)" if node.spec.dtype.kind == "b" else "sum += (uint64_t)(a) * (uint64_t)(b)"
    words = {"ELEMENT": c_type(node.spec.dtype), "ADD(a, b)": add}
    axes = [(length, a.steps[i], b.steps[i]) for i, length in enumerate(batch)]
    sizes = [len(batch), 0, m, n, k, *a.steps[-2:], *b.steps[-2:], *[number for axis in axes for number in axis]]
    return from_file(
        "matmul", words, [(a.buffer, a.start), (b.buffer, b.start), (c.buffer, 0)], sizes, math.prod(batch)
    )


WHOLE = (ops.ArgSort, ops.SearchSorted, ops.PutRows)  # they read arrays that lie row after row
UP, DOWN = "(a) < (b)", "(a) > (b)"  # is a before b? NaN is the largest:
UP_REAL, DOWN_REAL = f"({UP} || ((b) != (b) && (a) == (a)))", f"({DOWN} || ((a) != (a) && (b) == (b)))"
PUT = {"set": "b", "max": "a > b || a != a ? a : b", "min": "a < b || a != a ? a : b", "multiply": "a * b"}


def whole(node, inputs, buffer):
    """The Kernel of an op of WHOLE, given the Places of its inputs and the memory for its result."""
    pointers, shape = [(place.buffer, place.start) for place in inputs], node.inputs[0].spec.shape
    real, rows = node.inputs[0].spec.dtype.kind == "f", math.prod(shape[:-1])
    up, down = (UP_REAL, DOWN_REAL) if real else (UP, DOWN)
    match node.op:
        case ops.ArgSort(descending=descending):
            word, pointers = ("FIRST(a, b)", down if descending else up), [*pointers, (buffer, 0)]
            sizes, buffer = shape[-1:], Buffer("arena", Spec(shape, "int64"), node, of="runs")
        case ops.SearchSorted(right=right):
            word = ("PASSED(b, a)", f"!({up})") if right else ("PASSED(a, b)", up)
            sizes = (shape[-1], node.spec.shape[-1])
        case ops.PutRows(how=how):
            word = ("PUT(a, b)", PUT[how] if real else PUT[how].replace(" || a != a", ""))
            sizes, rows = (math.prod(shape), node.inputs[1].spec.shape[0], math.prod(shape[1:])), 1
    words = {"ELEMENT": c_type(node.inputs[0].spec.dtype), word[0]: f"({word[1]})"}
    return from_file(type(node.op).__name__.lower(), words, [*pointers, (buffer, 0)], list(sizes), rows)
