"""einsum: a sum of products, written as the letters of the axes (after Einstein, 1916).

    einsum("bik,bkj->bij", a, b)      y[b, i, j] = sum over k of a[b, i, k] b[b, k, j]

Each pair of operands, from left to right, becomes one matrix product: letters that both have and that are needed later
count matrices, letters that only they have and nobody needs are summed, the others are rows and columns.
"""

import math
import re

from pellucid.errors import ArgumentError, ShapeError, UnsupportedError
from pellucid.ops import Matmul
from pellucid.tensors.join import one_dtype
from pellucid.tensors.promote import broadcast


def einsum(equation, *operands):
    """The sum of products that the equation names: a letter for each axis, `...` for any number of axes.

    Letters that the result lacks are summed. A letter that comes twice in one operand takes its diagonal. Without `->`
    the result has, in alphabetic order, the letters that come once, after the axes of `...`, which broadcast.
    Operands are multiplied in pairs from left to right (PyTorch may choose another order; results differ by rounding).

    >>> import pellucid as pc
    >>> einsum("ij,jk->ik", pc.ones(2, 3), pc.ones(3, 4)).shape
    (2, 4)
    >>> einsum("ii", pc.tensor([[1, 2], [3, 4]]))
    tensor(5)
    """
    if not isinstance(equation, str):
        raise UnsupportedError("einsum takes an equation of letters, no lists of axes.", remedy='einsum("ij,jk", a, b)')
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(operands[0])
    operands = one_dtype(operands, "einsum")
    terms, result = read(equation, operands)
    operands, terms = zip(*[one_axis_each(x, term) for x, term in zip(operands, terms, strict=True)], strict=True)
    lengths = lengths_of(operands, terms, equation)
    y, have = operands[0], terms[0]
    for i in range(1, len(operands)):
        later = {*result, *[letter for term in terms[i + 1 :] for letter in term]}
        y, have = pair(y, have, operands[i], terms[i], later, lengths)
    y, have = summed(y, have, set(result))
    y = y.permute([have.index(letter) for letter in result])
    return broadcast(y, tuple([lengths[letter] for letter in result]))


def read(equation, operands):
    """The letters of each operand's axes and of the result. Axes of `...` are named by numbers, from the right."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise ArgumentError(f"einsum: {equation!r} names {len(terms)} operands, and {len(operands)} came.")
    for term in [*terms, right]:
        if not re.fullmatch(r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*", term):
            raise ArgumentError(f"einsum cannot read {term!r} in {equation!r}: letters, and `...` once, are allowed.")
    spelled = [spell(term, x, equation) for term, x in zip(terms, operands, strict=True)]
    dots = sorted({name for term in spelled for name in term if isinstance(name, int)}, reverse=True)
    letters = [name for term in spelled for name in term if isinstance(name, str)]
    if not arrow:
        return spelled, [*dots, *[name for name in sorted(letters) if letters.count(name) == 1]]
    before, ellipsis, after = right.partition("...")
    result = [*before, *(dots if ellipsis else ()), *after]
    named = [name for name in result if isinstance(name, str)]
    for name in named:
        if name not in letters or named.count(name) > 1:
            raise ArgumentError(f"einsum: {name!r} of the result in {equation!r} must stand once, and in an operand.")
    return spelled, result


def spell(term, x, equation):
    """A name for each axis of one operand."""
    before, ellipsis, after = term.partition("...")
    free = x.ndim - len(before) - len(after)
    if free < 0 or (free and not ellipsis):
        raise ShapeError(
            f"einsum: {term!r} in {equation!r} does not name the axes of shape {x.shape}.",
            remedy=f"Write one letter for each of its {x.ndim} axes; ... stands for those in front.",
        )
    return [*before, *range(free - 1, -1, -1), *after]


def one_axis_each(x, term):
    """Where a letter comes twice, the diagonal of its axes."""
    for name in term:
        while term.count(name) > 1:
            first = term.index(name)
            second = term.index(name, first + 1)
            if x.shape[first] != x.shape[second]:
                raise ShapeError(f"einsum: the two axes {name!r} of shape {x.shape} differ in length.")
            x = x.diagonal(0, first, second)
            term = [*term[:first], *term[first + 1 : second], *term[second + 1 :], name]
    return x, term


def lengths_of(operands, terms, equation):
    """{name: length}. An axis of length 1 broadcasts."""
    lengths = {}
    for x, term in zip(operands, terms, strict=True):
        for name, n in zip(term, x.shape, strict=True):
            if n != 1 and lengths.get(name, 1) not in (1, n):
                raise ShapeError(
                    f"einsum: {name!r} in {equation!r} has both length {lengths[name]} and {n}.",
                    remedy="One letter names axes of one length: is an operand turned, or should the letters differ?",
                )
            lengths[name] = n if lengths.get(name, 1) == 1 else lengths[name]
    return lengths


def summed(x, have, needed):
    """x without the axes that nobody needs."""
    axes = tuple([axis for axis, name in enumerate(have) if name not in needed])
    if not axes:
        return x, have
    return x.sum(axes), [name for name in have if name in needed]


def pair(a, in_a, b, in_b, later, lengths):
    """One matrix product: the two operands, and the names of the result's axes."""
    a, in_a = summed(a, in_a, {*later, *in_b})
    b, in_b = summed(b, in_b, {*later, *in_a})
    batch = [name for name in in_a if name in in_b and name in later]
    inner = [name for name in in_a if name in in_b and name not in later]
    rows = [name for name in in_a if name not in in_b]
    columns = [name for name in in_b if name not in in_a]
    if not inner and not (rows and columns):  # nothing to add up: a product of elements
        names = [*batch, *rows, *columns]
        return spread(a, in_a, names) * spread(b, in_b, names), names
    a, b = [met(x, term, [*batch, *inner], lengths) for x, term in ((a, in_a), (b, in_b))]
    first = a.permute([in_a.index(name) for name in [*batch, *rows, *inner]])
    second = b.permute([in_b.index(name) for name in [*batch, *inner, *columns]])
    sizes = [[dict(zip(term, x.shape, strict=True))[name] for name in names] for x, term, names in
             ((a, in_a, batch), (a, in_a, rows), (a, in_a, inner), (b, in_b, columns))]  # fmt: skip
    batches, n, k, m = [math.prod(part) for part in sizes]
    left, right = (first.reshape(batches, n, k), second.reshape(batches, k, m)) if batch else (
        first.reshape(n, k), second.reshape(k, m))  # fmt: skip
    y = Matmul()(left, right).reshape([*sizes[0], *sizes[1], *sizes[3]])
    return y, [*batch, *rows, *columns]


def met(x, term, names, lengths):
    """x with the axes of these names in their full length: both operands must have it."""
    return broadcast(x, tuple([lengths[name] if name in names else n for name, n in zip(term, x.shape, strict=True)]))


def spread(x, term, names):
    """x with its axes in the order of `names`, and of length 1 where it has none."""
    x = x.permute([term.index(name) for name in names if name in term])
    lengths = iter(x.shape)
    return x.reshape([next(lengths) if name in term else 1 for name in names])
