"""Steps for tests of the C that is generated: every op sample, odd shapes, random programs.

Each function gives triples (name, compiled step, arguments). The steps are recorded for the NumPy target, so nothing is
compiled here; `pellucid.export.driver` turns them into C. Those of tests/c_training_steps.py are made in the same way.
"""

import random
import warnings

import numpy as np
import test_compile_fuzz
from samples import IN_C

import pellucid as pc
import pellucid.functional as F
from pellucid import ops
from pellucid.errors import PellucidError

record = pc.compile(target="numpy")


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def labels(count, classes, seed=0):
    return np.random.default_rng(seed).integers(0, classes, count)


# ---- ops


def samples():
    """Each op on all of its samples, in both float dtypes, with gradients where there are any."""
    by_kind = {}
    for sample in IN_C:
        by_kind.setdefault(type(sample.op), []).append(sample)
    for kind, group in by_kind.items():
        for dtype in (np.float32, np.float64):
            with np.errstate(over="ignore"):
                arguments = [sample.cast(dtype) for sample in group]
            yield f"{kind.__name__} {dtype.__name__}", sampled(group, arguments), arguments


def sampled(group, arguments):
    """A step that applies the op of each sample."""
    learned = [
        {i: pc.tensor(arrays[i], requires_grad=True) for i in sample.differentiable}
        for sample, arrays in zip(group, arguments, strict=True)
    ]

    @record
    def step(*inputs):
        found = []
        for sample, given, own in zip(group, inputs, learned, strict=True):
            found.append(sample.op(*given))
            if own and sample.op.differentiable:
                y = sample.op(*[own.get(i, x) for i, x in enumerate(given)])
                gradients = pc.autograd.grad((y * y).sum(), list(own.values()), allow_unused=True)
                found += [y, *[gradient for gradient in gradients if gradient is not None]]
        return found

    return step


SHAPES = [(1,), (7,), (64,), (65,), (3, 1), (1, 127), (13, 64), (64, 13), (31, 129), (2, 3, 5), (5, 1, 3, 2, 7), (0, 3)]


def shapes():
    """Reductions over all axes, views, look-ups and what lays out memory anew, over odd shapes."""
    for shape in SHAPES:
        yield f"shape {shape}", shaped(shape), [numbers(*shape), labels(shape, 9), labels(4, max(shape[0], 1))]


# queries, keys, width, depth: fewer and more than a block of queries and than a tile of keys have, and nothing.
ATTENTION = [
    (1, 1, 1, 1),
    (33, 7, 5, 3),
    (31, 65, 17, 33),
    (70, 300, 4, 9),
    (300, 270, 3, 2),
    (0, 3, 2, 2),
    (5, 4, 0, 0),
]


def attentions():
    """Attention and its gradient, causal and not, of operands that lie turned round, in both dtypes."""
    for i, sizes in enumerate(ATTENTION):
        for dtype in (np.float32, np.float64):
            yield f"attention {sizes} {dtype.__name__}", attending(dtype, *sizes), attention_inputs(dtype, *sizes, i)


def attention_inputs(dtype, queries, keys, width, depth, seed=0):
    shapes = [(2, queries, 3, width), (2, 3, width, keys), (2, 3, keys, depth)]
    return [numbers(*shape, seed=seed, dtype=dtype) for shape in shapes]


def attending(dtype, queries, keys, width, depth):
    weight = pc.tensor(numbers(2, 3, queries, depth, seed=9, dtype=dtype))

    @record
    def step(q, k, v):
        q, k, v = q.detach().requires_grad_(), k.detach().requires_grad_(), v.detach().requires_grad_()
        found = []
        for causal in (False, True):
            y = F.scaled_dot_product_attention(q.transpose(1, 2), k.mT, v, is_causal=causal)
            found += [y, *pc.autograd.grad((y * weight).sum(), [q, k, v])]
        return found

    return step


# images, groups, outputs and inputs of a group, size, kernel, stride, padding, dilation: for each of the ways of
# runtime/convolution_ways.h, with sizes at which no block, panel or vector is full.
CONVOLUTIONS = [
    (1, 1, 1, 1, (1,), (1,), (1,), ((0, 0),), (1,)),
    (3, 1, 5, 7, (9, 11), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    (2, 2, 3, 5, (7, 9), (1, 1), (2, 3), ((0, 0), (0, 0)), (1, 1)),
    (3, 1, 33, 18, (5, 7), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    (5, 1, 17, 20, (13, 18), (3, 3), (1, 1), ((0, 2), (2, 1)), (1, 1)),
    (12, 1, 16, 130, (7, 9), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    (3, 1, 33, 40, (6, 7), (3, 3), (1, 1), ((1, 1), (0, 2)), (1, 1)),
    (2, 2, 49, 34, (9, 4), (3, 3), (1, 1), ((2, 2), (1, 1)), (1, 1)),
    (2, 1, 9, 70, (6, 10), (3, 3), (2, 2), ((1, 1), (0, 1)), (1, 1)),
    (5, 1, 19, 13, (3, 4), (3, 2), (1, 2), ((1, 1), (1, 0)), (2, 1)),
    (1, 7, 1, 1, (11, 35), (3, 5), (1, 1), ((1, 1), (2, 2)), (1, 1)),
    (2, 5, 2, 1, (10, 21), (3, 3), (2, 2), ((1, 0), (1, 1)), (1, 2)),
    (2, 1, 6, 2, (28, 28), (5, 5), (1, 1), ((2, 2), (2, 2)), (1, 1)),
    (2, 1, 8, 3, (5, 6, 7), (3, 2, 3), (2, 1, 2), ((1, 1), (0, 1), (1, 2)), (1, 2, 1)),
    (1, 1, 3, 2, (300,), (7,), (1,), ((6, 0),), (1,)),
    (0, 1, 2, 2, (5,), (3,), (1,), ((1, 1),), (1,)),
]


def convolutions():
    """Convolution and its gradients, in both dtypes."""
    for images, groups, outputs, inputs, size, kernel, *settings in CONVOLUTIONS:
        op = ops.Convolve(*settings, groups)
        for dtype in (np.float32, np.float64):
            x = numbers(images, groups * inputs, *size, seed=1, dtype=dtype)
            w = numbers(groups * outputs, inputs, *kernel, seed=2, dtype=dtype)
            yield f"{op} of {x.shape}, {w.shape} {dtype.__name__}", convolving(op, x, w), [x, w]


def convolving(op, x, w):
    weight = pc.tensor(numbers(*op(pc.tensor(x), pc.tensor(w)).shape, seed=3, dtype=x.dtype))

    @record
    def step(x, w):
        x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
        y = op(x, w)
        return [y, *pc.autograd.grad((y * weight).sum(), [x, w])]

    return step


def shaped(shape):
    weight = pc.tensor(numbers(*shape, seed=5), requires_grad=True)
    axes = range(len(shape))
    empty = 0 in shape

    def views(x):
        yield from [x.mT if x.ndim > 1 else x, x[1:], x[..., ::2], x[-1:] * 2, x.reshape(-1)[1::3], x.unsqueeze(0)]
        yield from [pc.cat([x, x * 2], dim=axis) for axis in axes]
        yield from [x.transpose(0, axis) + 1 for axis in axes]
        yield from [ops.Pad((2,) * x.ndim, tuple(3 * n + 2 for n in shape), (3,) * x.ndim)(x)]

    def reduced(x):
        for axis in axes:
            yield from [x.sum(axis), x.sum(axis, keepdim=True) * x, x.mean(axis)]
            if not empty:
                yield from [x.amax(axis), x.argmax(axis), (x > 0).any(axis), F.log_softmax(x, axis)]
        if x.ndim > 2:
            yield from [x.sum((0, 2)), x.sum((1,)), x.sum((0, 1)), x.mT.sum((-1, 0))]
        yield x.sum()

    @record
    def step(x, whole, rows):
        y = x * weight
        found = [*views(y), *reduced(y), whole.sum(0), (whole > 3).sum(), whole.to(pc.float64) / 3, x.to(pc.int64)]
        if not empty:
            taken = y[rows] * 0.5
            found += [taken, y.gather(0, rows.reshape(-1, *[1] * (x.ndim - 1)).expand(4, *shape[1:])), whole.amax(0)]
            found.append(y[rows, ..., 0] if x.ndim > 1 else y[rows])
        if x.ndim > 1:
            found += [y @ y.mT, y.mT @ y, whole @ whole.mT, y.mT.reshape(-1) * 2]
        loss = sum([(z * z).sum() for z in found if z.dtype == pc.float32], y.sum())
        return [*found, *pc.autograd.grad(loss, [weight])]

    return step


def refused():
    """Steps whose second call is refused for an index that the first has moved: no State may have changed."""
    table = pc.tensor(numbers(5, 3), requires_grad=True)
    last = pc.State(np.array(4))
    count = pc.State(0.0)

    @record
    def step(x):
        count.assign(count + 1)
        loss = (table[last.reshape(1)] * x).sum()
        last.assign(last + 1)
        loss.backward()
        with pc.no_grad():
            table.sub_(table.grad)
        return loss

    yield "refused", step, [numbers(1, 3)]


# ---- random


def expressions(count, first=0):
    """Random compositions of ops, with first gradients."""
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        leaf_shapes = test_compile_fuzz.LEAF_SHAPES
        dtype = np.float64 if rng.random() < 0.3 else np.float32
        arrays = [rng.normal(size=leaf_shapes[i]).astype(dtype) for i in rng.choice(len(leaf_shapes), size=3)]
        yield f"expression {seed}", expressed(seed, arrays), []


def expressed(seed, arrays):
    leaves = [pc.tensor(array, requires_grad=True) for array in arrays]

    @record
    def step():
        values = test_compile_fuzz.expression(seed, pc, leaves)
        loss = sum([(v * v).sum() * 0.1 for v in values[-2:]], values[-1].sum())
        grads = pc.autograd.grad(loss, leaves, allow_unused=True)
        return [*values, *[g for g in grads if g is not None]]

    return step


def programs(count, first=0):
    """Random training programs of tests/test_compile_fuzz.py; those that are wrong (most on purpose) are left out."""
    for seed in range(first, first + count):
        world = test_compile_fuzz.World(seed)
        rng = random.Random(seed)
        step = record(test_compile_fuzz.Step(world, rng.randrange(10**9)))
        size = rng.choice([2, 3, 8])
        arguments = [world.inputs[size], rng.choice([None, world.labels[size]]), rng.choice([1.0, 0.5])]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                names, arrays, structure = step.analysed(arguments, {})
                step.program(names, [pc.engine.Spec(x.shape, x.dtype) for x in arrays], structure)
        except PellucidError:
            continue
        yield f"program {seed}", step, arguments
