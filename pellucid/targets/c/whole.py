"""Kernels that are no nest: one for products of whole numbers, and those that lie in the folder `kernels`.

There ELEMENT stands for the type of an element, and FIRST(a, b), PASSED(a, b) or PUT(a, b) for what the op does.
"""

import hashlib
import math
from pathlib import Path

from pellucid import ops
from pellucid.engine import Spec
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Buffer, Kernel

SIGNATURE = "KERNEL void {name}(void *const *p, const int64_t *n, int64_t begin, int64_t end)\n"

MATMUL = """{{
    const {kind} *a = p[0], *b = p[1];
    {kind} *c = p[2];
    const int64_t rows = n[2], columns = n[3], inner = n[4];
    (void)n;
    for (int64_t s = begin; s < end; s++) {{
        int64_t rest = s, a_start = 0, b_start = 0;
        for (int64_t axis = n[0] - 1; axis >= 0; axis--) {{  // which matrix of the batch
            const int64_t *about = n + 9 + 3 * axis;
            a_start += rest % about[0] * about[1], b_start += rest % about[0] * about[2];
            rest /= about[0];
        }}
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) {{
                {sum} sum = 0;
                for (int64_t k = 0; k < inner; k++)
                    {update};
                c[(s * rows + i) * columns + j] = ({kind})sum;
            }}
    }}
}}
"""


def kernel(title, text, pointers, sizes, units):
    """A Kernel of this text."""
    name = f"{title}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return Kernel(name, SIGNATURE.format(name=name) + text, (), pointers, sizes, units)


def matmul_of_whole_numbers(node, a, b, c):
    """c = a b, for whole numbers (which wrap around) and bool (and, or)."""
    *batch, m, n = node.spec.shape
    k = node.inputs[0].spec.shape[-1]
    boolean = node.spec.dtype.kind == "b"
    both = "a[a_start + i * n[5] + k * n[6]] {0} b[b_start + k * n[7] + j * n[8]]"
    update = f"sum |= {both.format('&&')}" if boolean else f"sum += ({{sum}}){both.format('*')}"
    total = "int" if boolean else "uint64_t"
    text = MATMUL.format(kind=c_type(node.spec.dtype), sum=total, update=update.format(sum=total))
    axes = [(length, a.steps[i], b.steps[i]) for i, length in enumerate(batch)]
    sizes = [len(batch), 0, m, n, k, *a.steps[-2:], *b.steps[-2:], *[number for axis in axes for number in axis]]
    return kernel("matmul", text, [(a.buffer, a.start), (b.buffer, b.start), (c.buffer, 0)], sizes, math.prod(batch))


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
            word, sizes = (
                ("PASSED(b, a)", f"!({up})") if right else ("PASSED(a, b)", up),
                (shape[-1], node.spec.shape[-1]),
            )
        case ops.PutRows(how=how):
            word = ("PUT(a, b)", PUT[how] if real else PUT[how].replace(" || a != a", ""))
            sizes, rows = (math.prod(shape), node.inputs[1].spec.shape[0], math.prod(shape[1:])), 1
    title = type(node.op).__name__.lower()
    text = (Path(__file__).parent / "kernels" / f"{title}.c").read_text(encoding="utf-8")
    words = [("ELEMENT", c_type(node.inputs[0].spec.dtype)), (word[0], f"({word[1]})")]
    before = "".join([f"#define {name} {means}\n" for name, means in words])
    after = "".join([f"#undef {name.partition('(')[0]}\n" for name, _ in words])
    return kernel(title, before + text + after, [*pointers, (buffer, 0)], list(sizes), rows)
