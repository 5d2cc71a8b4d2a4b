"""Random programs of whole numbers in floats: every sum and product is exact, so C must give every bit.

The programs of test_compile_fuzz.py are trainings, compared closely; these are nets of bare ops on odd shapes, without
tolerance: a wrong element cannot hide. States are written at random places, read before and after, and returned.
"""

import os
import random

import numpy as np
import pytest
from c_close import COMPILER

import pellucid as pc
from pellucid import ops
from pellucid.engine import no_grad

pytestmark = list(COMPILER)
COUNT = int(os.environ.get("PELLUCID_FUZZ", "480")) // 8
GROUPS = 6
SHAPES = [(4, 5), (5,), (1, 5), (4, 1), (3, 4, 5), (66, 3), (3, 66), (1, 1), (130,), (2, 3, 2, 3), (0, 3), ()]
ELEMENTS = 5000


def smaller(x):
    """Back to numbers that stay exact, whatever is done with them next."""
    return x.clamp(-40.0, 40.0) if x.dtype.kind == "f" else x


class Program:
    """One program: a function of its arguments and of the States it is given."""

    def __init__(self, seed, states):
        self.seed = seed
        self.states = states

    def __call__(self, *arguments):
        self.rng = rng = random.Random(self.seed)
        self.pool = [*arguments, *self.states]
        results = []
        for _ in range(rng.randint(8, 30)):
            y = rng.choices(INSTRUCTIONS, WEIGHTS)[0](self)
            if y is not None and y.numel() <= ELEMENTS:
                self.pool.append(smaller(y))
                if rng.random() < 0.25:
                    results.append(self.pool[-1])
        return [*results, self.any(), self.any()]

    # ---- choices

    def any(self, kinds="fib"):
        pool = [y for y in self.pool if y.dtype.kind in kinds]
        return self.rng.choice(pool[-5:] if self.rng.random() < 0.6 else pool)

    def pair(self):
        """Two floats of one shape."""
        a = self.any("f")
        others = [y for y in self.pool if y.dtype == a.dtype and y.shape == a.shape]
        return a, self.rng.choice(others)

    def shaped(self):
        """A float with at least one axis and one element, and one of its axes."""
        while True:
            x = self.any("f")
            if x.ndim and x.numel():
                return x, self.rng.randrange(x.ndim)

    # ---- instructions

    def two(self):
        a, b = self.pair()
        kind = self.rng.randrange(8)
        if kind < 6:
            return [a + b, a - b, a * b, pc.maximum(a, b), pc.minimum(a, b), pc.where(a > b, a, -b)][kind]
        return [a >= b, a == b][kind - 6]

    def spread(self):
        a, b = self.any("f"), self.any("f")
        try:
            shape = np.broadcast_shapes(tuple(a.shape), tuple(b.shape))
        except ValueError:
            return None
        if np.prod(shape) > ELEMENTS:
            return None
        return self.rng.choice([lambda: a + b, lambda: a * b, lambda: pc.where(b > 0.0, a, 3.0)])()

    def one(self):
        x = self.any("f")
        kind = self.rng.randrange(7)
        if kind < 6:
            return [-x, x.abs(), x.sign(), x.relu(), x * 3.0, x + 2.0][kind]
        return x.to(pc.int64)

    def of_whole(self):
        x = self.any("ib")
        if x.dtype == np.bool_:
            return self.rng.choice([x.logical_not(), x.to(pc.float64)])
        return self.rng.choice([x * 2, x - 1, x.to(pc.float64), x > 1, -x, x.clamp(-3, 3)])

    def reduced(self):
        x, axis = self.shaped()
        kind, keep = self.rng.randrange(5), self.rng.random() < 0.5
        if kind == 0:
            return x.sum(axis, keepdim=keep)
        if kind == 1:
            return x.amax(axis, keepdim=keep)
        if kind == 2:
            return x.argmax(axis)
        if kind == 3:
            axes = tuple([i for i in range(x.ndim) if self.rng.random() < 0.6])
            return ops.Sum(axes)(x) if axes else x.sum()
        return (x > 2.0).any(axis)

    def centred(self):
        x, axis = self.shaped()
        return x - x.amax(axis, keepdim=True) + (x * 2.0).sum(axis, keepdim=True)

    def moved(self):
        x, axis = self.shaped()
        rng, kind = self.rng, self.rng.randrange(7)
        if kind == 0:
            return x.transpose(axis, rng.randrange(x.ndim))
        if kind == 1:
            return x[(slice(None),) * axis + (slice(rng.randrange(2), None, rng.randint(1, 3)),)]
        if kind == 2:
            return x.reshape(-1)
        if kind == 3:
            return x.reshape(x.shape[0], -1)
        if kind == 4:
            return x[(slice(None),) * axis + (rng.randrange(x.shape[axis]),)]
        if kind == 5 and x.ndim < 4:
            return x.unsqueeze(axis).expand(*x.shape[:axis], 2, *x.shape[axis:])
        starts, steps = [rng.randrange(2) for _ in x.shape], [rng.randint(1, 2) for _ in x.shape]
        ends = [a + s * (n - 1) + 1 + rng.randrange(2) for a, s, n in zip(starts, steps, x.shape, strict=True)]
        return ops.Pad(tuple(starts), tuple(ends), tuple(steps))(x) if np.prod(ends) <= ELEMENTS else None

    def joined(self):
        x, axis = self.shaped()
        others = [y for y in self.pool if y.ndim == x.ndim and y.dtype == x.dtype]
        fit = [y for y in others if all(y.shape[i] == x.shape[i] for i in range(x.ndim) if i != axis)]
        return pc.cat([x, self.rng.choice(fit), x * 2.0][: self.rng.randint(1, 3)], axis)

    def product(self):
        a, b = self.any("f"), self.any("f")
        for left, right in ((a, b), (a.mT if a.ndim > 1 else a, b), (a, b.mT if b.ndim > 1 else b), (a, a)):
            if left.ndim == right.ndim == 2 and left.shape[1] == right.shape[0]:
                return left @ right
            if left.ndim == right.ndim == 3 and left.shape[0] == right.shape[0] and left.shape[2] == right.shape[1]:
                return left @ right
        return (a.unsqueeze(-1) @ a.unsqueeze(-2)) if a.ndim and a.numel() < 100 else None

    def looked_up(self):
        x, axis = self.shaped()
        whole = [y for y in self.pool if y.dtype == np.int64 and y.numel() < 200]
        if not whole:
            return x.argmax(axis)
        index = self.rng.choice(whole).clamp(0, x.shape[0] - 1)
        kind = self.rng.randrange(3)
        if kind == 0:
            return ops.TakeRows()(x, index) if index.numel() * x.numel() < ELEMENTS * x.shape[0] else None
        if kind == 1:
            rows = ops.TakeRows()(x, index) if index.numel() * x.numel() < ELEMENTS * x.shape[0] else None
            return None if rows is None else ops.AddRows(x.shape[0] + 2, index.ndim)(index, rows * 2.0)
        where = x.argmax(axis, keepdim=True)
        picked = x.gather(axis, where)
        return ops.ScatterAdd(axis, x.shape[axis])(where, picked)

    def written(self):
        state = self.rng.choice(self.states)
        kind = self.rng.randrange(5)
        fitting = [y for y in self.pool if y.dtype == state.dtype and y.shape == state.shape]
        value = self.rng.choice(fitting)
        if kind == 0 and state.ndim == 2 and state.shape[0] == state.shape[1]:
            value = state.mT
        old = state.detach()
        with no_grad():
            if kind == 1 and state.ndim and state.shape[0] > 1:
                state[1:] = value[:-1]
            elif kind == 2:
                state.assign(smaller(state + value))
            elif kind == 3:
                other = self.rng.choice([s for s in self.states if s.shape == state.shape])
                state.assign(other)
                other.assign(old)
            else:
                state.assign(value)
        return old


INSTRUCTIONS = [
    Program.two, Program.spread, Program.one, Program.of_whole, Program.reduced, Program.centred, Program.moved,
    Program.joined, Program.product, Program.looked_up, Program.written,
]  # fmt: skip
WEIGHTS = [8, 6, 5, 2, 6, 2, 8, 3, 3, 3, 6]


def run(seed, wrap):
    """Results and States of two or three calls."""
    numbers = np.random.default_rng(seed)
    shapes = [SHAPES[i] for i in numbers.integers(0, len(SHAPES), 2)]
    states = [pc.State(numbers.integers(-5, 6, shape).astype(np.float64)) for shape in [*shapes, shapes[0], (3, 3)]]
    arguments = [numbers.integers(-5, 6, SHAPES[i]).astype(np.float64) for i in numbers.integers(0, len(SHAPES), 2)]
    arguments.append(numbers.integers(0, 3, 6))
    step = wrap(Program(seed, states))
    seen = []
    for call in range(3):
        results = step(*[pc.tensor(array + call) for array in arguments])
        seen.append([np.array(v) for v in [*results, *states]])
    return seen


@pytest.mark.parametrize("group", range(GROUPS))
def test_programs_of_whole_numbers(group):
    for seed in range(group, COUNT, GROUPS):
        eager = run(seed, lambda program: program)
        compiled = run(seed, lambda program: pc.compile(program, target="c"))
        for call, (ours, theirs) in enumerate(zip(eager, compiled, strict=True)):
            for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
                where = f"program {seed}, call {call}, value {i} of {len(ours)} (the last {4} are States)"
                assert (a.dtype, a.shape) == (b.dtype, b.shape), where
                np.testing.assert_array_equal(b, a, err_msg=where)
