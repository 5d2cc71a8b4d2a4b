"""Kernels that are no nest: one for products of whole numbers; others stand where they are used."""

import hashlib
import math

from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.places import Kernel

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
