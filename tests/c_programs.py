"""Steps for tests of the C that is generated: training steps, every op sample, odd shapes, random programs.

Each function gives triples (name, compiled step, arguments). The steps are recorded for the NumPy target, so nothing is
compiled here; `pellucid.export.driver` turns them into C.
"""

import random
import warnings

import numpy as np
import test_compile_fuzz
from samples import IN_C

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, ops, optim
from pellucid.errors import PellucidError

record = pc.compile(target="numpy")


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def labels(count, classes, seed=0):
    return np.random.default_rng(seed).integers(0, classes, count)


# ---- training steps


def trained(name, model, optimizer, loss_of, *arguments):
    """One step of training."""

    @record
    def step(*inputs):
        loss = loss_of(model, *inputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return name, step, arguments


def classify(model, x, y):
    return F.cross_entropy(model(x), y)


def models():
    """Small nets of every kind."""
    pc.manual_seed(0)
    net = nn.Sequential(nn.Linear(37, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = optim.RMSprop(net.parameters(), lr=1e-3)
    yield trained("perceptron", net, optimizer, classify, numbers(33, 37), labels(33, 10))

    net = nn.Sequential(nn.Linear(13, 21, bias=False), nn.BatchNorm1d(21), nn.Tanh(), nn.Dropout(0.3), nn.Linear(21, 3))
    optimizer = optim.Adam(net.parameters(), lr=1e-2)
    yield trained("batch norm and dropout", net, optimizer, classify, numbers(17, 13), labels(17, 3))
    yield trained("double", *double(), numbers(7, 5, dtype=np.float64), numbers(7, 1, seed=1, dtype=np.float64))
    net = nn.Sequential(nn.Linear(5, 33), nn.Tanh(), nn.Linear(33, 33), nn.ReLU(), nn.Linear(33, 3))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    yield trained("slices of a batch", net, optimizer, classify, numbers(3072, 5), labels(3072, 3))
    yield trained("images last", *few_channels(np.float32), numbers(32, 2, 9, 7), labels(32, 3))
    yield trained(
        "images last, double", *few_channels(np.float64), numbers(16, 2, 9, 7, dtype=np.float64), labels(16, 3)
    )
    yield "an answer", answer(), [numbers(5, 300)]
    yield "an answer about a picture", picture(np.float32), [numbers(1, 32, 11, 9)]
    yield "the same, double", picture(np.float64), [numbers(1, 32, 11, 9, dtype=np.float64)]
    yield word_vectors()
    yield attention()
    yield recurrent()


def few_channels(dtype):
    """Convolutions and poolings of which vectors run along the images, at odd sizes."""
    layers = [nn.Conv2d(2, 7, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2, stride=1, padding=1)]
    layers += [nn.Conv2d(7, 5, 4, padding=(2, 3), dilation=(1, 2)), nn.Tanh(), nn.AvgPool2d(3, stride=2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(30, 3))
    net = net.double() if dtype == np.float64 else net
    return net, optim.SGD(net.parameters(), lr=0.1), classify


def answer():
    """A large weight that nothing changes is laid out once."""
    net = nn.Sequential(nn.Linear(300, 259), nn.ReLU(), nn.Linear(259, 3))

    @pc.compile
    def step(x):
        with pc.no_grad():
            return net(x)

    return step


def picture(dtype):
    """Kernels that nothing changes are laid out once: for tiles, and for patches."""
    net = nn.Sequential(
        nn.Conv2d(32, 67, 3, padding=1, dtype=dtype), nn.ReLU(), nn.Conv2d(67, 33, 3, stride=2, dtype=dtype)
    )

    @pc.compile
    def step(x):
        with pc.no_grad():
            return net(x)

    return step


def double():
    """The same in float64, with momentum and GELU."""
    net = nn.Sequential(nn.Linear(5, 11, dtype=np.float64), nn.GELU(), nn.Linear(11, 1, dtype=np.float64))
    return net, optim.SGD(net.parameters(), lr=0.05, momentum=0.9), lambda model, x, y: F.mse_loss(model(x), y)


def word_vectors():
    """Rows of two tables are drawn together or pushed apart: TakeRows and AddRows."""
    words, contexts = nn.Embedding(67, 19), nn.Embedding(67, 19)
    optimizer = optim.SGD([*words.parameters(), *contexts.parameters()], lr=0.1)

    def loss(model, word, context, target):
        scores = (words(word).unsqueeze(1) * contexts(context)).sum(-1)
        return F.binary_cross_entropy_with_logits(scores, target)

    target = np.zeros((29, 5), np.float32)
    target[:, 0] = 1
    return trained("word vectors", None, optimizer, loss, labels(29, 67), labels((29, 5), 67), target)


def attention():
    """A block of a transformer: causal attention of three heads over 11 places, and a net with GELU."""
    width, heads, places = 21, 3, 11
    first, second = nn.LayerNorm(width), nn.LayerNorm(width)
    projection, out = nn.Linear(width, 3 * width), nn.Linear(width, width)
    net = nn.Sequential(nn.Linear(width, 40), nn.GELU(), nn.Linear(40, width))
    parts = nn.Sequential(first, second, projection, out, net)
    optimizer = optim.Adam(parts.parameters(), lr=1e-3)

    def loss(model, x, y):
        count = x.shape[0]
        three = projection(first(x)).reshape(count, places, 3, heads, width // heads)
        query, key, value = (three[:, :, i].transpose(1, 2) for i in range(3))
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + out(seen.transpose(1, 2).reshape(count, places, width))
        x = x + net(second(x))
        return F.cross_entropy(x.reshape(count * places, width), y)

    return trained("attention", parts, optimizer, loss, numbers(2, places, width), labels(2 * places, width))


def recurrent():
    """An LSTM cell by hand, five times."""
    inner = nn.Linear(7 + 9, 4 * 9)
    optimizer = optim.Adam(inner.parameters(), lr=1e-2)

    def loss(model, x, y):
        h = c = pc.zeros(3, 9)
        for t in range(x.shape[1]):
            gates = inner(pc.cat([x[:, t], h], dim=1))
            i, f, g, o = (gates[:, 9 * k : 9 * k + 9] for k in range(4))
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return F.mse_loss(h, y)

    return trained("recurrent", inner, optimizer, loss, numbers(3, 5, 7), numbers(3, 9, seed=1))


def wide():
    """Enough work for several threads in every kernel and product."""
    pc.manual_seed(1)
    net = nn.Sequential(nn.Linear(131, 257), nn.LayerNorm(257), nn.ReLU(), nn.Linear(257, 67))
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    yield trained("wide", net, optimizer, classify, numbers(129, 131), labels(129, 67))


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
