"""Views in C are read where they lie: every way to look at an array, chained, gives what NumPy gives."""

import random

import numpy as np
import pytest
from c_close import COMPILER, assert_close

import pellucid as pc
from pellucid import ops

pytestmark = list(COMPILER)
LARGE = 40_000  # elements: more than the bytes up to which an argument is copied (see targets/c/program.py)


def same(function, *arrays):
    """A function of tensors eagerly and in C; the numbers are equal, bit for bit if they are whole."""
    step = pc.compile(function, target="c")
    for eager, compiled in zip(function(*[pc.tensor(array) for array in arrays]), step(*arrays), strict=True):
        assert_close(eager, compiled)
    return step


def counted(*shape, dtype=np.float64):
    """1, 2, 3, ... : sums of them are exact, and no element can be mistaken for another."""
    return (np.arange(np.prod(shape)) + 1).reshape(shape).astype(dtype)


def test_each_view_alone_and_as_an_operand():
    x, row = counted(6, 5), counted(5)

    def step(x, row):
        views = [
            x.mT,
            x[1],
            x[:, 2],
            x[::2],
            x[1:5:3, 4:],
            x[..., None],
            x.reshape(5, 6),
            x.reshape(-1),
            x[0:0],
            x[None],
        ]
        views += [x[:, None, :].expand(6, 3, 5), row.expand(6, 5), x.transpose(0, 1)[2:], x[2:, 1:].mT, x[-1:]]
        results = []
        for y in views:
            results += [y, y * 2.0, y + y, y.sum(), y.reshape(-1), (y - 1.0).reshape(-1)]
            if y.ndim > 1 and y.numel():
                results += [y.sum(0), y.amax(-1), y @ y.mT, y.argmax(0)]
        results += [x + row, x * row[None, :], x - x[:, :1], x[:, :1] * row, x.mT + x[:5].mT[:, :1]]
        return results

    same(step, x, row)


def test_many_axes():
    """More loops than a reader can count."""
    x = counted(2**14)
    order = tuple(reversed(range(14)))
    same(lambda x: [ops.Transpose(order)(x.reshape((2,) * 14)) * 2.0], x)
    for axes in (tuple(range(0, 20, 2)), tuple(range(1, 20, 2))):
        same(lambda x, axes=axes: [ops.Sum(axes)(x.reshape((1, 1, 1, *(2,) * 14, 1, 1, 1)))], x)
    large = counted(2**18)
    same(lambda x: [ops.Sum(tuple(range(0, 18, 2)))(x.reshape((2,) * 18))], large)
    same(lambda x: [ops.Transpose(tuple(reversed(range(18))))(x.reshape((2,) * 18)) * 2.0], large)


def test_rows_backwards():
    """Tensors have no negative steps: a list of rows does it, as a look-up."""
    x = counted(4, 6)
    same(lambda x: [y := x[[3, 2, 1, 0]], y.mT * 2.0, y[:, 1::2] + x[:, ::2], y[[3, 2, 1, 0]] - x, y.sum(0)], x)


def random_view(rng, x):
    """One more look at x."""
    kind = rng.randrange(9)
    axis = rng.randrange(x.ndim) if x.ndim else 0
    if kind == 0 and x.ndim:
        return x.transpose(axis, rng.randrange(x.ndim))
    if kind == 1 and x.ndim:
        start, step = rng.randrange(0, 2), rng.randrange(1, 4)
        return x[(slice(None),) * axis + (slice(start, None, step),)]
    if kind == 2 and x.ndim and x.shape[axis]:
        return x[(slice(None),) * axis + (rng.randrange(x.shape[axis]),)]
    if kind == 3 and x.ndim < 5:
        return x.unsqueeze(axis)
    if kind == 4 and 1 in x.shape and x.numel() < 500:
        return x.expand(*[3 if n == 1 else n for n in x.shape])
    if kind == 5:
        return x.reshape(-1)
    if kind == 6 and x.ndim > 1:
        return x.reshape(x.shape[0], -1) if x.numel() else x
    if kind == 7 and x.ndim and x.numel() < 500:
        return pc.cat([x, x * 10.0, x[:1] if axis == 0 else x], axis)
    if kind == 8 and x.ndim:  # a pad, in the op's own words
        starts = [rng.randrange(3) for _ in x.shape]
        steps = [rng.randrange(1, 3) for _ in x.shape]
        shape = [
            start + step * max(n - 1, 0) + 1 + rng.randrange(2)
            for start, step, n in zip(starts, steps, x.shape, strict=True)
        ]
        return ops.Pad(tuple(starts), tuple(shape), tuple(steps))(x) if x.numel() and x.numel() < 500 else x
    return x


def chains(seed, x):
    """Some views of views; between them things are computed, and all of it is returned."""
    rng = random.Random(seed)
    values = [x]
    for _ in range(14):
        y = random_view(rng, rng.choice(values[-3:]))
        values.append(y if rng.random() < 0.6 else y * 2.0)
        if rng.random() < 0.3 and y.ndim and y.numel():
            values.append(y.sum(rng.randrange(y.ndim), keepdim=True))
        if rng.random() < 0.2 and y.ndim == 2 and y.numel() < 500:
            values.append(y @ y.mT)
    return values[1:]


@pytest.mark.parametrize("seed", range(12))
def test_chains_of_views(seed):
    shape = [(6, 5), (4, 1, 6), (2, 3, 4, 2), (7,), (1, 5), (65, 3)][seed % 6]
    same(lambda x: [y for i in range(4) for y in chains(seed * 4 + i, x)], counted(*shape))


def test_gradients_through_views():
    """Slice becomes Pad, Broadcast becomes Sum, Concatenate becomes slices."""
    x = counted(4, 6) / 10.0

    def step(x):
        x = x.detach().requires_grad_()
        y = pc.cat([x[1:, ::2].mT, x[:3, 1::2].mT * 2.0], 0)
        z = (y[..., None].expand(6, 3, 2) * x.reshape(6, 4)[:, None, :2]).sum(1)
        (z * z).sum().backward()
        return [z.detach(), x.grad]

    same(step, x)


# ---- arguments as they may lie in memory


def layouts(n):
    """The same n x 3 numbers in many kinds of memory."""
    x = counted(n, 3)
    wide = np.zeros((n, 8))
    wide[:, 1:7:2] = x
    bytes_ = np.zeros(x.nbytes + 1, np.uint8)
    unaligned = bytes_[1:].view(np.float64).reshape(n, 3)
    unaligned[...] = x
    readonly = x.copy()
    readonly.flags.writeable = False
    return {
        "plain": x,
        "columns": np.asfortranarray(x),
        "sliced": wide[:, 1:7:2],
        "backwards": x[::-1].copy()[::-1],
        "unaligned": unaligned,
        "read-only": readonly,
        "repeated": np.broadcast_to(x[:1] * 0 + 7.0, (n, 3)),
    }


@pytest.mark.parametrize("n", [5, LARGE])
def test_arguments_in_any_memory(n):
    """Small arguments are copied, large ones are read where they lie: one program must take all of them in turn."""
    step = pc.compile(lambda x: (x * 2.0 + 1.0, x.sum(0), x[1:3]), target="c")
    for name, x in [*layouts(n).items(), *reversed(layouts(n).items())]:
        before = x.copy()
        y, total, rows = step(x)
        np.testing.assert_array_equal(y, x * 2.0 + 1.0, err_msg=name)
        np.testing.assert_array_equal(total, x.sum(0), err_msg=name)
        np.testing.assert_array_equal(rows, x[1:3], err_msg=name)
        np.testing.assert_array_equal(x, before, err_msg=name)
    assert len(step.programs) == 1


def test_a_large_argument_may_go_away_after_the_call():
    step = pc.compile(lambda x, y: (x * 2.0, y.sum()), target="c")
    for i in range(4):
        y, total = step(np.full(LARGE, float(i)), np.full(3, float(i)))
        np.testing.assert_array_equal(y, np.full(LARGE, 2.0 * i))
        assert total.item() == 3.0 * i
    unused = pc.compile(lambda x, y: y + 1.0, target="c")
    assert unused(np.ones(LARGE), np.ones(1)).tolist() == [2.0]


def test_one_array_as_several_arguments():
    for n in (4, LARGE):
        x = counted(n)
        step = pc.compile(lambda a, b: (a + b, a * b), target="c")
        np.testing.assert_array_equal(step(x, x)[0], x + x)
        np.testing.assert_array_equal(step(x[:-1], x[1:])[1], x[:-1] * x[1:])
