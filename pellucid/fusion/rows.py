"""Updates that leave a row alone if its gradient is zero, so that only the rows that were looked up need a visit.

The gradient of a table of which a few rows were taken (TakeRows) is an AddRows: zero in all rows but those. Look at
what a nest would store in such a row, with 0 put in place of the gradient: if each State would keep its old value, the
row can be left out. That holds for SparseAdam (`where(moves, new, old)`, and no row moves by a gradient of 0) and for
plain SGD (w - lr * 0). Adam's means fade in every row, so all of its rows are visited. A learning rate that is infinite
or NaN, which would spoil all rows, then spoils those that are visited.
"""

import numpy as np

from pellucid import ops
from pellucid.fusion.views import here, is_view
from pellucid.graph import Constant, Read
from pellucid.ops.elementwise import Elementwise


def skips_rows(fusion, group):
    """The AddRows node in whose zero rows the group changes nothing; None if there is no such one."""
    gradients = [x for x in group.reads if isinstance(x.op, ops.AddRows) and x.spec.shape == group.shape]
    if len(gradients) != 1 or 0 in (group.axes or ()) or 0 not in group.real or len(group.real) < 2:
        return None
    (gradient,) = gradients
    slots = {fusion.source(effect.node): effect.slot for effect in fusion.graph.effects}
    everywhere = tuple(here(group.shape))
    for node, fit in group.made.items():
        at = group.place_of(node.inputs[0].spec.shape) if fit.role == "reduce" else fit.at
        elsewhere = [x for x, where in fusion.reads_of(node, at) if x is gradient and where != everywhere]
        if elsewhere or fit.role == "part":
            return None
        if node in fusion.stored:
            kept = at_zero(node, gradient, fusion, group)
            if fit.at != everywhere or not isinstance(kept, Read) or kept.slot != slots.get(node):
                return None
    return gradient


def at_zero(x, gradient, fusion, group):
    """What x is where the gradient is 0: a number; the Read of a State whose value it is; None if that is not known."""
    if is_view(x) and x not in fusion.copied:
        seen = at_zero(fusion.source(x), gradient, fusion, group)
        return None if isinstance(seen, Read) else seen
    if x is gradient:
        return 0.0
    if isinstance(x.op, Read):
        return x.op
    if isinstance(x.op, Constant) and x.spec.shape == ():
        return float(x.value[()])
    if x in group.made or x in fusion.floating:
        return computed(x, [at_zero(y, gradient, fusion, group) for y in x.inputs])
    return None


def computed(x, inputs):
    """The same for what an op makes of such values."""
    numbers = [None if isinstance(y, Read) else y for y in inputs]
    match x.op:
        case ops.Where() if numbers[0] is not None:
            return inputs[1] if numbers[0] else inputs[2]
        case ops.Subtract() if numbers[1] == 0:
            return inputs[0]
        case ops.Multiply() if 0 in numbers:
            return 0.0
        case ops.Sum() if numbers[0] == 0:
            return 0.0
        case Elementwise() if None not in numbers:
            values = [np.asarray(y, z.spec.dtype) for y, z in zip(numbers, x.inputs, strict=True)]
            return float(x.op.forward(*values))
    return None
