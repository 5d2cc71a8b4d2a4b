"""Few-channel convolutions with images last: the pass alone on NumPy, and the C kernels, against NumPy and PyTorch."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from c_close import COMPILER
from hypothesis import given, settings
from hypothesis import strategies as st
from test_c_threads import digest

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, ops, optim
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.images_last import images_last
from pellucid.graph.verify import verify
from pellucid.targets.c.program import CProgram
from pellucid.targets.numpy import NumpyProgram

pytestmark = list(COMPILER)
NO_PADDING = ((0, 0), (0, 0))


class MaxPool(nn.Module):
    """F.max_pool2d."""

    def __init__(self, size=2, stride=2, padding=NO_PADDING, dilation=1):
        super().__init__()
        self.op = ops.MaxPool((size,) * 2, (stride,) * 2, padding, (dilation,) * 2)

    def forward(self, x):
        return self.op(x)


class SumPool(MaxPool):
    """F.avg_pool2d, but for the factor."""

    def __init__(self, size=2, stride=2, padding=NO_PADDING):
        nn.Module.__init__(self)
        self.op = ops.SumPool((size,) * 2, (stride,) * 2, padding)


def lenet(seed=0):
    pc.manual_seed(seed)
    first = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), MaxPool(), nn.Conv2d(6, 16, 5), nn.ReLU(), MaxPool()]
    last = [nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*first, *last)


def pictures(count, seed=0):
    random = np.random.default_rng(seed)
    return random.random((count, 1, 28, 28)).astype(np.float32), random.integers(0, 10, count)


def training(model, optimizer, loss_of=F.cross_entropy, target="c"):
    @pc.compile(target=target)
    def step(x, y):
        loss = loss_of(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.fixture(autouse=True, scope="module")
def any_kernel():
    """Small kernels too, although it does not pay there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pellucid.graph.passes.images_last.PLACES", 1)
        yield


# ---- any net


@st.composite
def nets(draw):
    """(a function that makes the net, a batch): convolutions with few channels, and what may stand around them."""
    whole = lambda low, high: draw(st.integers(low, high))  # noqa: E731
    pick = lambda *these: draw(st.sampled_from(these))  # noqa: E731
    dtype, channels, size = pick("float32", "float32", "float64"), whole(1, 4), [11, 11]
    count = pick(16, 32, 48, 64, 24)  # 24 is no multiple of 16, so there float32 stays as it is
    parts, at = [], channels
    for _ in range(whole(1, 3)):
        out = whole(1, 9)
        kernel, stride, dilation = [whole(1, 3), whole(1, 3)], [whole(1, 2), whole(1, 2)], whole(1, 2)
        padding = [pick(0, 1, k * dilation - dilation) for k in kernel]
        sizes = [
            (n + 2 * p - dilation * (k - 1) - 1) // s + 1
            for n, p, k, s in zip(size, padding, kernel, stride, strict=True)
        ]
        if min(sizes) < 1:
            break
        setting = {"stride": tuple(stride), "padding": tuple(padding), "dilation": dilation, "bias": pick(True, False)}
        parts.append((nn.Conv2d, (at, out, tuple(kernel)), setting | {"dtype": getattr(pc, dtype)}))
        at, size = out, sizes
        parts.append((pick(nn.ReLU, nn.Tanh, nn.Identity), (), {}))
        if pick(True, False) and min(size) >= 3:
            window, step = whole(1, 3), whole(1, 3)
            pool, more = pick((MaxPool, {"padding": ((0, 1), (1, 0)) if window > 1 else NO_PADDING}), (SumPool, {}))
            parts.append((pool, (window, step), more))
            extra = (1 if more.get("padding", NO_PADDING) != NO_PADDING else 0) - window
            size = [(n + extra) // step + 1 for n in size]
    x = np.random.default_rng(whole(0, 99)).normal(size=(count, channels, 11, 11)).astype(dtype)
    return parts, np.ascontiguousarray(x)


def recorded(parts, x):
    """A compiled step that returns the net's output, its gradients, and a sum over the batch; and the arguments."""
    pc.manual_seed(1)
    modules = [make(*arguments, **named) for make, arguments, named in parts]
    net = nn.Sequential(*modules)

    @pc.compile(target="numpy")
    def step(x):
        y = net(x)
        loss = (y * y).sum() + (y.sum((0, 2, 3)) ** 2).mean() + y.amax((0, 1)).sum()
        for p in net.parameters():
            p.grad = None
        loss.backward()
        return [y, loss, *[p.grad * 1.0 for p in net.parameters()]]

    step(x)
    return step.graph


def close(got, wanted):
    for a, b in zip(got, wanted, strict=True):
        scale = max(1.0, float(np.abs(b).max(initial=0)))
        assert np.abs(a - b).max(initial=0) <= scale * (1e-4 if b.dtype == np.float32 else 1e-11)


@given(nets())
@settings(max_examples=40, deadline=None)
def test_the_pass_changes_no_result(net):
    graph = recorded(*net)
    wanted, specs = NumpyProgram(graph).run([net[1]]), [node.spec for node in graph.outputs]
    changed = verify(dead(images_last(graph)))  # whose nodes have other numbers: the graph itself cannot run any more
    assert [node.spec for node in changed.outputs] == specs
    close(NumpyProgram(changed).run([net[1]]), wanted)


@given(nets())
@settings(max_examples=12, deadline=None)
def test_in_c_any_net_is_what_it_is_in_numpy(net):
    graph = recorded(*net)
    wanted = NumpyProgram(graph).run([net[1]])
    close(CProgram(graph).run([net[1]]), wanted)


# ---- what is changed


def five_axes(graph):
    return [node for node in images_last(graph).nodes if isinstance(node.op, ops.Convolve) and node.spec.ndim == 5]


@pytest.mark.parametrize(("channels", "count", "changed"), [(8, 32, 1), (33, 32, 0), (8, 24, 0)])
def test_only_few_channels_and_whole_blocks_are_changed(channels, count, changed):
    x = np.zeros((count, 3, 8, 8), np.float32)
    assert len(five_axes(recorded([(nn.Conv2d, (3, channels, 3), {})], x))) == changed


def test_small_kernels_pay_with_fewer_channels(monkeypatch):
    monkeypatch.setattr("pellucid.graph.passes.images_last.PLACES", 16)
    x = np.zeros((16, 1, 8, 8), np.float32)
    settings = [(1, 17, 3), (1, 17, 5), (1, 16, 3), (1, 16, 1)]
    assert [len(five_axes(recorded([(nn.Conv2d, each, {})], x))) for each in settings] == [0, 1, 1, 0]


# ---- the largest of a window


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stride", [1, 2])
def test_ties_and_nan(dtype, stride):
    random = np.random.default_rng(0)
    x = random.integers(0, 3, (16, 2, 7, 7)).astype(dtype)
    x[random.random(x.shape) < 0.05] = np.nan
    x[random.random(x.shape) < 0.05] = -np.inf
    images = 64 // x.itemsize
    over = (2, 2, 1), (stride, stride, 1), (*NO_PADDING, (0, 0)), (1, 1, 1)

    @pc.compile(target="numpy")
    def step(x):
        blocks = ops.Transpose((0, 2, 3, 4, 1))(ops.Reshape((16 // images, images, 2, 7, 7))(x))
        largest = ops.MaxPool(*over)(blocks)
        return [largest, ops.MaxPoolSpread(*over)(blocks, (largest == largest).to(largest.dtype))]

    step(x)
    wanted = NumpyProgram(step.graph).run([x])
    program = CProgram(step.graph)
    assert "images_last_pool" in program.source.listing()
    for a, b in zip(program.run([x]), wanted, strict=True):
        np.testing.assert_array_equal(a, b)


# ---- LeNet


@pytest.mark.peers
def test_lenet_has_pytorchs_losses():
    torch = pytest.importorskip("torch")

    model = lenet()
    layers = torch.nn.Sequential(
        *[torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2)],
        *[torch.nn.Conv2d(6, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten()],
        *[torch.nn.Linear(400, 120), torch.nn.ReLU(), torch.nn.Linear(120, 84), torch.nn.ReLU()],
        torch.nn.Linear(84, 10),
    )
    layers.load_state_dict({name: torch.tensor(np.array(value)) for name, value in model.state_dict().items()})
    step = training(model, optim.SGD(model.parameters(), lr=0.02, momentum=0.9))
    update = torch.optim.SGD(layers.parameters(), lr=0.02, momentum=0.9)
    for i in range(20):
        x, y = pictures(64, seed=i % 4)
        loss = torch.nn.functional.cross_entropy(layers(torch.tensor(x)), torch.tensor(y))
        update.zero_grad()
        loss.backward()
        update.step()
        assert abs(step(x, y).item() - loss.item()) < 1e-5


def lenet_digest():
    """The bits of everything that four steps of LeNet leave."""
    model = lenet()
    step = training(model, optim.SGD(model.parameters(), lr=0.05, momentum=0.9))
    losses = [np.array(step(*pictures(256, seed=i))) for i in range(4)]
    return digest([*losses, *[np.array(value) for value in model.state_dict().values()]])


def test_threads_do_not_change_a_bit():
    here = Path(__file__).resolve().parent
    code = "import test_c_images_last as t; print(t.lenet_digest())"
    found = set()
    for threads in "124":
        env = os.environ | {"PELLUCID_THREADS": threads, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
        found.add(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout)
    assert len(found) == 1
