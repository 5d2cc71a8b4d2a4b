"""Random programs, eagerly and compiled: everything that can be observed must be equal.

A program is a step that takes its decisions from a seed. Each decision depends only on what is known while a
step is recorded (shapes, dtypes, flags, whether a `.grad` is there), so every run of the step does the same. Around
the steps a driver, from a seed of its own, changes batch sizes, freezes, loads, seeds, and calls steps eagerly in
between. After each call results, States, gradients and random keys are written down; an error ends the program,
and must be of the same class.

On NumPy the numbers must be equal bit for bit, for float32 and float64. In C they are float64 and must be close: within
1e-8 of the largest of an array, while whole numbers, booleans, random keys, and where NaN and infinities stand are the
same. A program may magnify rounding: it takes the larger of two numbers that are equal but for rounding, or divides
noise by noise, as Adam does. Whether it does is found without any C: a program is undecidable from the call on at which
its eager run differs by as much from another eager run, in which the result of each op that rounds otherwise in C (a
sum, a product of matrices, exp, ...) is changed in its last two bits. There may be few such programs.

PELLUCID_FUZZ=5000 runs that many programs; PELLUCID_FUZZ_SEED says where to begin. What differs on purpose is left
out: results are fresh copies, and no `.grad` has a history after a compiled step.
"""

import os
import random
import warnings

import numpy as np
import pytest
from c_close import far
from c_compilers import needs_compiler

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, ops, optim
from pellucid.engine import OUTPUT, Setting
from pellucid.errors import PellucidError
from pellucid.tensors import default_generator

COUNT = int(os.environ.get("PELLUCID_FUZZ", "480"))
COUNT_C = int(os.environ.get("PELLUCID_FUZZ", "500"))
TOLERANCE = {np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-8}  # of the largest number of an array, in C
FIRST = int(os.environ.get("PELLUCID_FUZZ_SEED", "0"))
GROUPS = 12
WIDTHS = (1, 2, 3, 5, 17, 40)


class World:
    """What the steps of one program close over, the same for both runs."""

    def __init__(self, seed, dtype=None):
        rng = np.random.default_rng(seed)
        pc.manual_seed(seed % 1000)
        self.wide, self.deep = (int(rng.choice(WIDTHS)) for _ in range(2))
        w, d = self.wide, self.deep
        drawn = np.float64 if rng.random() < 0.2 else np.float32
        dtype = drawn if dtype is None else dtype

        def numbers(*shape):
            return (rng.normal(size=shape) * 0.7).astype(dtype)

        self.dtype = dtype
        self.random = np.float32 if dtype is drawn else dtype  # of random numbers
        self.states = [
            pc.tensor(numbers(w, d), requires_grad=True),
            pc.tensor(numbers(w, d), requires_grad=True),
            pc.tensor(numbers(d), requires_grad=True),
            pc.tensor(numbers(w, w), requires_grad=True),
            pc.tensor(numbers(), requires_grad=True),
            pc.State(numbers(w, d)),
            pc.State(numbers(d, w)),
            pc.State(numbers(d)),
            pc.State(3),
        ]
        self.learned = self.states[:5]
        self.constants = [
            pc.tensor(numbers(w, d)),
            pc.tensor(numbers(d)),
            pc.tensor(numbers(w, d)).mT,
            pc.tensor(numbers()),
            pc.tensor(rng.integers(0, 4, size=d)),
        ]
        self.tied = pc.tensor(numbers(), requires_grad=True)
        self.array = numbers(1, d)
        self.mask = rng.random((w, d)) < 0.5
        self.rows = rng.integers(-w, w, size=4)
        self.model = nn.Sequential(
            nn.Linear(w, d, dtype=dtype), nn.Tanh(), nn.BatchNorm1d(d, dtype=dtype), nn.Dropout(0.3)
        )
        self.optimizers = [
            optim.SGD(self.learned[:3], lr=0.05, momentum=0.9),
            optim.Adam([*self.learned[2:], *self.model.parameters()], lr=0.01),
        ]
        self.inputs = {n: numbers(n, w) for n in (2, 3, 8)}
        self.labels = {n: rng.integers(0, d, size=n) for n in (2, 3, 8)}

    def observed(self):
        """Everything that a step may have left behind."""
        values = [("key", default_generator.key)]
        values += [(f"state {i}", s) for i, s in enumerate(self.states)]
        values += [(f"grad {i}", s.grad) for i, s in enumerate(self.states)]
        values += [(name, s) for name, s in self.model.named_states()]
        values += [(f"grad {name}", s.grad) for name, s in self.model.named_states()]
        for i, optimizer in enumerate(self.optimizers):
            for j, slots in enumerate(optimizer.state.values()):
                values += [(f"slot {i} {j} {name}", slot) for name, slot in slots.items()]
        return [(name, None if value is None else np.array(value)) for name, value in values]


def close(x):
    """Keep numbers from growing without bound."""
    return x.tanh() if x.dtype.kind == "f" else x


class Step:
    """One random step over a World. It is a plain function of (world, seed) and its arguments."""

    def __init__(self, world, seed):
        self.world = world
        self.seed = seed

    def __call__(self, x, labels=None, scale=1.0, *, more=()):
        rng = random.Random(self.seed)
        self.rng = rng
        world = self.world
        self.pool = [x, *more, *world.states[:8], *world.constants[:4]]
        if labels is not None:
            self.pool.append(labels)
        self.scale = scale
        self.kept = []
        self.history = False
        if rng.random() < 0.5:
            self.pool.append(world.model(x))
        for _ in range(rng.randint(4, 18)):
            instruction = rng.choices(INSTRUCTIONS, WEIGHTS)[0]
            instruction(self)
        if self.history:  # after a compiled step no `.grad` has a history
            for state in (*world.learned, *world.model.parameters()):
                state.grad = None if state.grad is None else state.grad.detach()
        return self.result(rng.randint(0, 3)), self.kept

    # ---- choices

    def any(self, floats=True):
        while True:
            y = self.rng.choice(self.pool[-6:] if self.rng.random() < 0.5 else self.pool)
            if not floats or y.dtype.kind == "f":
                return y

    def state(self):
        return self.rng.choice(self.world.states)

    def add(self, y):
        if y.numel() < 4000:
            self.pool.append(y)

    def loss(self):
        """A single number made of things that (most often) require gradients."""
        wanted = [y for y in self.pool if y.requires_grad]
        y = self.rng.choice(wanted) if wanted else self.any()
        if not wanted and self.rng.random() < 0.9:
            y = self.world.tied * 1.0  # never frozen
        if self.rng.random() < 0.5:
            other = self.any()
            if other.shape == y.shape:
                y = y * other
        return y.mean() if y.numel() and self.rng.random() < 0.3 else (y * self.scale).sum()

    def result(self, depth):
        rng = self.rng
        if depth == 0:
            return rng.choice([self.any(False), self.any(False), None, 3, "text", self.state()])
        parts = [self.result(depth - 1) for _ in range(rng.randint(1, 3))]
        kind = rng.randint(0, 3)
        if kind == 0:
            return tuple(parts)
        return parts if kind == 1 else dict(zip("abc", parts, strict=False))

    def value_for(self, state):
        """Something of the shape of the state, or a number."""
        fitting = [y for y in self.pool if y.shape == state.shape and y.dtype.kind == "f"]
        if state.dtype.kind != "f":
            return self.rng.randint(-3, 3)
        if not fitting or self.rng.random() < 0.3:
            return self.rng.choice([0.5, -1.0, state * 0.5, 1])
        return self.rng.choice(fitting)

    # ---- instructions

    def unary(self):
        x = self.any(False)
        name = self.rng.choice(
            ["tanh", "sigmoid", "relu", "sin", "cos", "abs", "sign", "neg", "exp", "sqrt", "log1p", "clamp", "square"]
        )
        if name == "neg":
            y = -x if x.dtype != bool else ~x
        elif name == "exp":
            y = x.tanh().exp()
        elif name == "sqrt":
            y = (x * x + 0.5).sqrt()
        elif name == "log1p":
            y = (x * x).log1p()
        elif name == "clamp":
            y = x.clamp(-0.5, 0.5) if x.dtype.kind == "f" else x.clamp(0, 2)
        elif name == "square":
            y = close(x) ** self.rng.choice([2, 3, 2.0])
        else:
            y = getattr(x, name)() if x.dtype != bool else x.logical_not()
        self.add(y)

    def binary(self):  # noqa: C901  a list of cases
        a, b = self.any(), self.any(False)
        if self.rng.random() < 0.3:
            b = self.rng.choice([self.scale, 2, -0.0, 0.0, True, self.world.array, np.float64(0.3)])
        name = self.rng.choice(["add", "sub", "mul", "div", "max", "min", "radd", "pow"])
        try:
            shape = np.broadcast_shapes(a.shape, np.shape(b) if not hasattr(b, "shape") else b.shape)
        except ValueError:
            if self.rng.random() < 0.98:
                return
            shape = ()
        if np.prod(shape) > 4000:
            return
        if name == "add":
            y = a + b
        elif name == "sub":
            y = a - b
        elif name == "mul":
            y = close(a) * b
        elif name == "div":
            y = a / ((b * b if not isinstance(b, bool) else 1.0) + 0.5)
        elif name == "max":
            y = pc.maximum(a, b)
        elif name == "min":
            y = pc.minimum(a, b)
        elif name == "pow":
            y = (a.abs() + 0.1) ** close(b) if hasattr(b, "dtype") and hasattr(b, "tanh") else a * 1
        else:
            y = b - a
        self.add(y)

    def choose(self):
        a, b = self.any(), self.any()
        if a.shape == b.shape:
            self.add(pc.where(a > b, a, b * 0.5))
            self.add(a == b)
        else:
            self.add(a.where(a > 0, self.rng.choice([0.0, self.scale])))
            self.add((a <= 0.1) & (a >= -0.1))

    def product(self):
        a, b = self.any(), self.any()
        for left, right in ((a, b), (a, b.mT if b.ndim > 1 else b), (a.mT if a.ndim > 1 else a, b)):
            flat = 0 < left.ndim < 3 and 0 < right.ndim < 3
            if flat and left.shape[-1] == right.shape[0] and left.dtype == right.dtype:
                self.add(close(left @ right))
                return

    def move(self):
        x, rng = self.any(False), self.rng
        kind = rng.randint(0, 8)
        if kind == 0:
            y = x.reshape(-1)
        elif kind == 1:
            y = x.mT if x.ndim > 1 else x.unsqueeze(0)
        elif kind == 2 and x.ndim:
            y = x[rng.randrange(x.shape[0])] if x.shape[0] else x
        elif kind == 3 and x.ndim:
            y = x[rng.randint(0, 2) :: rng.randint(1, 3)]
        elif kind == 4 and x.ndim > 1:
            y = x[..., : max(1, x.shape[-1] // 2)]
        elif kind == 5 and x.ndim and x.shape[0]:
            y = x[[0, -1, x.shape[0] // 2]]
        elif kind == 6 and x.ndim > 1 and x.shape[0] and x.shape[1]:
            y = x[[0, -1], [0, x.shape[1] - 1]]
        elif kind == 7 and x.ndim:
            y = pc.cat([x, x * 1], dim=rng.randrange(x.ndim))
        elif x.ndim < 3:
            y = x.unsqueeze(0).expand(2, *x.shape)
        else:
            y = x[0] if x.shape[0] else x
        self.add(y)

    def take(self):
        tables = [y for y in self.pool if y.ndim == 2 and y.shape[0] > 0 and y.dtype.kind == "f"]
        labels = [y for y in self.pool if y.dtype == np.int64 and y.ndim == 1]
        if tables and labels:
            table, index = self.rng.choice(tables), self.rng.choice(labels)
            if self.rng.random() < 0.98:
                index = index.clamp(0, min(table.shape) - 1)
            self.kept.append(table[index])  # returned: what nobody needs is not computed, and raises nothing
            if table.shape[0] == index.shape[0]:
                self.kept.append(table.gather(1, index.unsqueeze(1)))
            self.pool += self.kept[-2:]

    def reduce(self):
        x, rng = self.any(False), self.rng
        dim = rng.choice([None, -1, 0]) if x.ndim else None
        if x.numel() == 0:
            return
        kind = rng.randint(0, 6)
        if kind == 0:
            y = x.sum(dim, rng.random() < 0.5)
        elif kind == 1 and x.dtype.kind == "f":
            y = x.mean(dim)
        elif kind == 2:
            y = x.amax(dim)
        elif kind == 3:
            y = x.argmax(dim)
        elif kind == 4 and x.dtype.kind == "f" and dim is not None and x.ndim > 1:
            y = F.softmax(x, dim)
        elif kind == 5 and dim is not None and x.dtype != bool:
            y, where = x.max(dim)
            self.add(where)
        else:
            y = x.any(dim)
        self.add(y)

    def draw(self):
        y = self.rng.choice([pc.rand, pc.randn])(*self.rng.choice([(3,), (2, 2), ()]), dtype=self.world.random)
        self.add(y)
        if self.rng.random() < 0.3:
            self.add(pc.randint(0, 2, (3,)))

    def detach(self):
        self.add(self.any(False).detach())

    def cast(self):
        x = self.any(False)
        self.add(x.to(self.rng.choice([pc.float64, pc.float32, pc.int64, pc.bool])))

    def change(self):  # noqa: C901  a list of cases
        """A State is changed in one of the ways there are."""
        state, rng = self.state(), self.rng
        v = self.value_for(state)
        kind = rng.randint(0, 9)
        where = rng.choice([pc.no_grad(), pc.no_grad(), pc.no_grad(), pc.no_grad(), pc.enable_grad()])
        if kind == 0:
            state.assign(v)
            return
        if kind == 1:
            state.data = v if hasattr(v, "array") and v.shape == state.shape else np.full(state.shape, 0.25)
            return
        with where:
            if kind == 2:
                state += v
            elif kind == 3:
                state.mul_(0.5 if state.dtype.kind == "f" else 2)
            elif kind == 4:
                state.copy_(v)
            elif kind == 5:
                state -= v
            elif kind == 6 and state.ndim:
                state[rng.choice([0, slice(0, 2), ..., -1])] = rng.choice([0.5, 1, -0.0])
            elif kind == 7 and state.shape == self.world.mask.shape:
                state[self.world.mask] = 0.1
            elif kind == 8 and state.ndim == 2:
                row = self.any()
                if row.shape == state.shape[1:]:
                    state[rng.randrange(state.shape[0])] = row
                state[[0, -1], 0] = 0.75
            else:
                state.zero_() if rng.random() < 0.5 else state.clamp_(-1, 1)

    def swap(self):
        a, b = self.rng.choice([(0, 1), (0, 5), (2, 7), (5, 6)])
        a, b = self.world.states[a], self.world.states[b]
        old = a.detach()
        a.assign(b if a.shape == b.shape else b.mT)
        b.assign(old if a.shape == b.shape else old.mT)

    def backward(self):
        loss = self.loss()
        if self.rng.random() < 0.5:
            for state in self.world.learned:
                state.grad = None
            self.world.model.zero_grad(set_to_none=self.rng.random() < 0.7)
        kind = self.rng.randint(0, 9)
        if kind == 0:
            loss.backward(retain_graph=True)
            loss.backward()
        elif kind == 1:
            loss.backward(retain_graph=True)
            self.pool = [y for y in self.pool if y.is_leaf]
        elif kind == 2:
            loss.backward(gradient=pc.tensor(0.5))
            self.pool = [y for y in self.pool if y.is_leaf]
        elif kind == 3:
            loss.backward(create_graph=True)
            self.pool += [w.grad for w in self.world.learned if w.grad is not None][:2]
            self.history = True
        elif kind == 4 and self.rng.random() < 0.1:
            loss.backward()  # what is left in the pool has been freed
        else:
            loss.backward()
            self.pool = [y for y in self.pool if y.is_leaf]

    def grad_of(self):
        loss = self.loss()
        inputs = [*self.rng.sample(self.world.learned, 2), *[y for y in self.pool if type(y.step) is list][:1]]
        create = self.rng.random() < 0.5
        for g in pc.autograd.grad(loss, inputs, create_graph=create, retain_graph=True, allow_unused=True):
            if g is not None:
                self.add(g)

    def touch_grad(self):  # noqa: C901  a list of cases
        state, rng = self.rng.choice(self.world.learned), self.rng
        kind = rng.randint(0, 9)
        if kind == 0:
            state.grad = None
        elif kind == 1:
            state.grad = pc.zeros_like(state)
        elif kind == 2:
            v = self.value_for(state)
            state.grad = v.to(state.dtype).detach() if hasattr(v, "array") and v.shape == state.shape else None
        elif kind == 3:
            for optimizer in self.world.optimizers:
                optimizer.zero_grad(set_to_none=rng.random() < 0.5)
        elif state.grad is None:
            return
        elif kind == 4:
            self.add(state.grad)
        elif kind == 5:
            state.grad.zero_()
        elif kind == 6:
            with pc.no_grad():
                state.grad *= rng.choice([0.5, self.scale, (state.grad * state.grad).sum().sqrt()])
        elif kind == 7:
            self.add((state.grad * state.grad).sum())
            self.add(state.grad.reshape(-1))
        elif kind == 8:
            state.grad = state.grad * 2
        else:
            other = rng.choice([s for s in self.world.learned if s.shape == state.shape])
            state.grad, other.grad = other.grad, state.grad

    def update(self):
        self.rng.choice(self.world.optimizers).step()

    def without(self):
        with pc.no_grad():
            for _ in range(self.rng.randint(1, 4)):
                self.rng.choice([Step.unary, Step.binary, Step.product, Step.reduce, Step.move])(self)


INSTRUCTIONS = [
    Step.unary,
    Step.binary,
    Step.choose,
    Step.product,
    Step.move,
    Step.take,
    Step.reduce,
    Step.draw,
    Step.detach,
    Step.cast,
    Step.change,
    Step.swap,
    Step.backward,
    Step.grad_of,
    Step.touch_grad,
    Step.update,
    Step.without,
]
WEIGHTS = [9, 12, 3, 7, 9, 3, 5, 2, 1, 1, 5, 1, 7, 2, 5, 4, 2]


def flat(result, name="result"):
    """Pairs of name and what stands there, with the tensors as arrays."""
    if isinstance(result, (tuple, list)):
        parts = [flat(part, f"{name}[{i}]") for i, part in enumerate(result)]
        return [(name, type(result).__name__), *[pair for part in parts for pair in part]]
    if isinstance(result, dict):
        parts = [flat(part, f"{name}.{key}") for key, part in result.items()]
        return [(name, "dict"), *[pair for part in parts for pair in part]]
    return [(name, np.array(result) if hasattr(result, "array") else result)]


def run(seed, wrap, dtype=None):
    """Everything observed of a program, as a list of lists of pairs; an error ends it."""
    world = World(seed, dtype)
    rng = random.Random(seed)
    plain = [Step(world, rng.randrange(10**9)) for _ in range(rng.randint(1, 2))]
    compiled = [wrap(step) for step in plain]
    saved = [pc.tensor(np.array(state)) for state in world.states]
    seen = []
    for _ in range(rng.randint(2, 6)):
        between(world, rng, saved)
        n = rng.choice([2, 3, 8])
        which = rng.randrange(len(plain))
        step = plain[which] if rng.random() < 0.2 else compiled[which]
        labels = rng.choice([None, pc.tensor(world.labels[n])])
        x = pc.tensor(world.inputs[n])
        if rng.random() < 0.2:
            x = pc.tensor(np.hstack([world.inputs[n], world.inputs[n]]))[:, : world.wide]
        more = rng.choice([(), (), (pc.tensor(0.5),)])
        scale = rng.choice([1.0, 1.0, 0.5])
        mode = pc.no_grad() if rng.random() < 0.03 else pc.enable_grad()
        try:
            with mode:
                result = step(x, labels, scale, more=more) if rng.random() < 0.9 else step(x, scale=scale)
        except PellucidError as error:
            seen.append([("error", type(error).__name__)])
            break
        seen.append([*flat(result), *world.observed()])
    return seen


def between(world, rng, saved):  # noqa: C901  a list of cases
    """What may happen between two calls."""
    for _ in range(rng.choice([0, 0, 1, 2])):
        kind = rng.randint(0, 8)
        state = rng.choice(world.learned)
        if kind == 0:
            state.requires_grad = not state.requires_grad
        elif kind == 1:
            world.model.train(rng.random() < 0.5)
        elif kind == 2:
            for own, value in zip(world.states, saved, strict=True):
                own.assign(value)
        elif kind == 3:
            state.grad = None
        elif kind == 4:
            state.grad = pc.tensor(np.full(state.shape, 0.125, state.dtype))
        elif kind == 5:
            pc.manual_seed(rng.randint(0, 5))
        elif kind == 6:
            for optimizer in world.optimizers:
                optimizer.zero_grad()
        elif kind == 7:
            world.optimizers[0].param_groups[0]["lr"] = rng.choice([0.01, 0.1])
        else:
            first, second = world.states[0], world.states[1]
            first.grad, second.grad = second.grad, first.grad


def difference(eager, compiled, tolerance=None):
    """(number of the call, in words) of the first thing that differs, or None. Without a tolerance, bits count."""
    if eager[-1] == [("error", "LabelError")] and compiled[-1][0][0] == "error" and len(eager) == len(compiled):
        eager, compiled = eager[:-1], compiled[:-1]  # numbers are looked at later: another error may come first
    for call, (a, b) in enumerate(zip(eager, compiled, strict=False)):
        for (name, x), (other, y) in zip(a, b, strict=False):
            if name != other or type(x) is not type(y):
                return call, f"{name} is {x!r}, compiled: {other} is {y!r}"
            found = difference_of_values(x, y, tolerance)
            if found:
                return call, f"{name}: {found}"
        if len(a) != len(b):
            return call, f"{a[:1]} and {b[:1]}"
    if len(eager) == len(compiled):
        return None
    return min(len(eager), len(compiled)), f"{len(eager)} calls, compiled {len(compiled)}"


def difference_of_values(x, y, tolerance):
    """In words, or None."""
    if not isinstance(x, np.ndarray):
        return None if x == y else f"{x!r}, compiled {y!r}"
    if (x.dtype, x.shape) != (y.dtype, y.shape):
        return f"{x.dtype}{x.shape}, compiled {y.dtype}{y.shape}"
    if x.tobytes() == y.tobytes():
        return None
    close = tolerance is not None and x.dtype.kind == "f"
    wrong = far(x, y, tolerance[x.dtype]) if close else ~((x == y) | ((x != x) & (y != y)))
    if wrong.any():
        return f"{wrong.sum()} of {x.size} numbers differ: {x[wrong][:3]} and {y[wrong][:3]}"
    if not close and x.dtype.kind == "f" and (np.signbit(x) != np.signbit(y))[x == x].any():
        return "the sign of a zero differs"
    return None


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs(group, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", "numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(FIRST + group, FIRST + COUNT, GROUPS):
            found = difference(run(seed, lambda step: step), run(seed, pc.compile))
            assert found is None, f"program {seed}: call {found[0]}: {found[1]}"


# ---- in C


ROUNDING = (
    ops.Sum,
    ops.Matmul,
    ops.ScatterAdd,
    ops.AddRows,
    ops.Power,
    ops.Exp,
    ops.Log,
    ops.Log1p,
    ops.Sin,
    ops.Cos,
    ops.Tanh,
    ops.Sigmoid,
    ops.Erf,
)


class Rounded(Setting):
    """Inside of this block, the ops that C computes with other rounding give results changed in their last two bits."""

    def __init__(self, seed):
        super().__init__(tracer=self)
        self.random = np.random.default_rng(seed)

    def apply(self, op, inputs):
        with Setting(tracer=None):
            y = op(*inputs)
        if isinstance(op, ROUNDING) and y.dtype.kind == "f":
            bits = self.random.uniform(-3, 3, y.shape) * np.finfo(y.dtype).eps
            y.array = np.asarray(y.array + y.array * bits, y.dtype)
            if y.step is not None and y.step[OUTPUT] is not None:
                y.step[OUTPUT] = y.array
        return y


def undecidable(seed, eager):
    """The number of the first call at which the program magnifies rounding, infinity if it does not."""
    calls = [len(eager) + 1]
    for noise in range(8):
        with Rounded(noise):
            other = run(seed, lambda step: step, np.float64)
        found = difference(eager, other, TOLERANCE)
        calls += [] if found is None else [found[0]]
    return min(calls)


@pytest.mark.parametrize("group", range(GROUPS))
@needs_compiler
def test_random_programs_in_c(group):
    seeds = range(FIRST + group, FIRST + COUNT_C, GROUPS)
    left_out = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in seeds:
            eager = run(seed, lambda step: step, np.float64)
            found = difference(eager, run(seed, lambda step: pc.compile(step, target="c"), np.float64), TOLERANCE)
            if found is not None:
                first = undecidable(seed, eager)
                assert first <= found[0], f"program {seed}: call {found[0]}: {found[1]}"
                left_out.append(seed)
    assert len(left_out) <= max(1, len(seeds) // 20), f"rounding decides what these programs do: {left_out}"


# ---- random expressions beside PyTorch


def expression(seed, library, leaves):  # noqa: C901  a list of cases
    """The same random composition in either library: results of every step, with gradients where there are any."""
    rng = random.Random(seed)
    where = library.where
    values = list(leaves)
    for _ in range(rng.randint(3, 14)):
        a = rng.choice(values[-4:] if rng.random() < 0.6 else values)
        fitting = [v for v in values if broadcast_size(a.shape, v.shape) < 3000]
        b = rng.choice(fitting)
        kind = rng.randrange(22)
        dims = a.ndim and rng.randrange(a.ndim)
        if kind < 5:
            y = [a + b, a - b, a * b.tanh(), a / (b * b + 0.5), where(a > b, a, b)][kind]
        elif kind < 12:
            y = [a.tanh, a.sigmoid, a.relu, a.sin, a.abs, (a * a + 0.3).sqrt, (a * a).log1p][kind - 5]()
        elif kind == 12:
            y = (a.abs() + 0.5) ** b.sin()
        elif kind == 13:
            y = library.maximum(a, b) - library.minimum(a, b * 0.5)
        elif kind == 14:
            y = a.sum(dims, keepdim=rng.random() < 0.5) if a.ndim else a * 2
        elif kind == 15:
            y = a.mean() * b if rng.random() < 0.5 or not a.numel() or not a.ndim else a.amax(dims)
        elif kind == 16:
            y = a.reshape(-1)[:: rng.randint(1, 3)]
        elif kind == 17:
            y = a.transpose(0, dims) if a.ndim else a.exp().log()
        elif kind == 18:
            y = (a[..., None] @ b[..., None, :]).tanh() if 0 < a.ndim == b.ndim == 1 else a.clamp(-0.5, 0.5)
        elif kind == 19:
            y = a @ a.mT if a.ndim >= 2 and a.numel() < 600 else -a
            y = y.tanh()
        elif kind == 20:
            y = a[[0, -1, 0]] if a.ndim and a.shape[0] else a.reshape(-1)
        else:
            y = library.cat([a, a * 0.5], dims) if a.ndim and a.numel() < 1000 else a.cos()
        values.append(y)
    return values[len(leaves) :]


def broadcast_size(*shapes):
    try:
        return int(np.prod(np.broadcast_shapes(*[tuple(shape) for shape in shapes])))
    except ValueError:
        return 10**9


LEAF_SHAPES = [(), (3,), (1, 3), (4, 3), (4, 1), (2, 4, 3), (2, 1, 1), (1,), (0, 3)]
EXPRESSIONS = int(os.environ.get("PELLUCID_FUZZ_EXPRESSIONS", "600"))


def expression_difference(torch, seed):
    """Values, first gradients and the gradient of their squares, beside PyTorch; the first difference in words."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=LEAF_SHAPES[i]) for i in rng.choice(len(LEAF_SHAPES), size=3)]
    seen = []
    for library in (pc, torch):
        leaves = [library.tensor(array, requires_grad=True) for array in arrays]
        values = expression(seed, library, leaves)
        loss = sum([(v * v).sum() * 0.1 for v in values[-2:]], values[-1].sum())
        first = library.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
        second = [None] * len(leaves)
        total = sum([(g * g).sum() for g in first if g is not None], loss * 0.0)
        if total.requires_grad:
            second = library.autograd.grad(total, leaves, allow_unused=True)
        seen.append([*values, *first, *second])
    seen = [[None if v is None else v.detach().numpy() for v in values] for values in seen]
    for number, (ours, theirs) in enumerate(zip(*seen, strict=True)):
        where = f"{number} of {len(seen[0])}, the last {2 * len(arrays)} are gradients"
        if ours is None or theirs is None:
            # A path that is zero everywhere may be there in one library and left out in the other.
            if not all(v is None or not v.any() for v in (ours, theirs)):
                return f"{where}: {ours} and {theirs}"
        elif ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return f"{where}: {ours.dtype}{ours.shape} and {theirs.dtype}{theirs.shape}"
        elif not np.allclose(
            ours, theirs, rtol=1e-8, atol=1e-9 * max(1.0, np.abs(theirs).max(initial=0)), equal_nan=True
        ):
            return f"{where}: {ours} and {theirs}"
    return None


@pytest.mark.peers
def test_random_expressions_against_torch():
    torch = pytest.importorskip("torch")
    for seed in range(EXPRESSIONS):
        found = expression_difference(torch, seed)
        assert found is None, f"expression {seed}: {found}"
