"""One, two and four threads give the same bits: what is shared out is decided by shapes alone."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from c_close import COMPILER, far

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

pytestmark = list(COMPILER)
ROOT = Path(__file__).resolve().parent.parent


def digest(arrays):
    """The bits of arrays in one word."""
    return hashlib.sha256(b"".join([np.ascontiguousarray(array).tobytes() for array in arrays])).hexdigest()


def large_steps():
    """Steps of which every kind of kernel is large enough to be shared out; everything they leave."""
    pc.manual_seed(3)
    rng = np.random.default_rng(3)
    model = nn.Sequential(
        nn.Linear(200, 300, bias=False), nn.BatchNorm1d(300), nn.GELU(), nn.Dropout(0.3), nn.Linear(300, 150)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    table = pc.tensor(rng.normal(size=(3000, 64)).astype(np.float32), requires_grad=True)

    @pc.compile(target="c")
    def step(x, y, words):
        optimizer.zero_grad()
        table.grad = None
        z = model(x)
        rows = table[words]
        loss = F.cross_entropy(z, y) + (rows * rows).sum() * 1e-6 + rows.amax(1).mean() + F.softmax(z, 1)[:, 3].mean()
        loss.backward()
        optimizer.step()
        with pc.no_grad():
            table.sub_(table.grad * 0.1)
        more = [x.sum(), x.sum(0), (x * x).sum(1), z.argmax(1), pc.rand(300, 300), pc.randn(60_000), x.mT * 2.0]
        more += [pc.cat([x, x * 0.5], 1), (x[:, ::2] - x[:, 1::2]).abs(), x.reshape(64, 5, 200).sum((0, 2))]
        return [loss, *more, (x.double() @ x.double().mT).sum(1)]

    x = rng.normal(size=(320, 200)).astype(np.float32)
    y = rng.integers(0, 150, 320)
    words = rng.integers(0, 3000, 4000)
    results = [step(x, y, words) for _ in range(3)]
    states = [*model.state_dict().values(), table, table.grad, *[p.grad for p in model.parameters()]]
    shared = step.source.count("runtime->parallel(")
    return [np.array(v) for v in [*[v for result in results for v in result], *states]], shared


def run_with(threads):
    """In a process of its own: (digest of everything, how many kernels were shared out)."""
    program = "import test_c_threads as t; v, n = t.large_steps(); print(t.digest(v), n)"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = os.environ | {"PYTHONPATH": paths, "PELLUCID_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    word, shared = done.stdout.split()
    return word, int(shared)


def test_one_two_and_four_threads_give_the_same_bits():
    words = {}
    for threads in (1, 2, 4):
        words[threads], shared = run_with(threads)
        assert shared >= 8, "too little is shared out for this test to mean anything"
    assert words[1] == words[2] == words[4]
    assert run_with(4)[0] == words[4], "and the same again"


def test_large_steps_are_close_to_eager_code(monkeypatch):
    """The same steps on NumPy: what is shared out is right, not only steady."""
    compiled, _ = large_steps()
    with monkeypatch.context() as patched:
        patched.setattr(pc, "compile", lambda **_: Eager)
        eager, _ = large_steps()
    for i, (a, b) in enumerate(zip(eager, compiled, strict=True)):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind == "f":
            wrong = far(a, b, 1e-3)
            assert wrong.mean() < 0.001, f"{i}: {a[wrong][:4]} and {b[wrong][:4]}"
        else:
            assert (a != b).mean() < 0.02, i  # the largest of two that are nearly equal


class Eager:
    """A step that is run line by line, with the attributes that are asked for here."""

    source = ""

    def __init__(self, step):
        self.step = step

    def __call__(self, *arrays):
        return self.step(*[pc.tensor(array) for array in arrays])
