"""Kernels of convolutions that stay laid out from call to call: the numbers are right, and every change is seen."""

import copy

import numpy as np
import pytest
from c_close import COMPILER, assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

pytestmark = list(COMPILER)

# images, channels that go in, channels that come out, size, kernel, stride, padding, dilation
SHAPES = [
    (1, 64, 64, (13, 18), 3, 1, 1, 1),  # in tiles, with a last one that reaches too far
    (3, 32, 70, (7, 7), 3, 1, 0, 1),  # some strips are not full, and panels have tiles of several images
    (1, 128, 129, (4, 4), 3, 1, 1, 1),  # patches: one panel
    (5, 33, 61, (5, 3), 3, 1, 1, 1),  # pixels of several images
    (2, 64, 128, (15, 9), 3, 2, 1, 1),
    (1, 130, 127, (9, 9), 1, 2, 0, 1),
    (2, 40, 24, (11, 12), 5, 1, 2, 2),
    (1, 512, 48, (2, 3), 1, 1, 0, 1),
]


def answering(layer):
    """A compiled step that answers, and changes nothing."""

    @pc.compile(target="c")
    def step(x):
        with pc.no_grad():
            return layer(x)

    return step


def layer_and_input(shape, dtype=np.float32):
    images, inputs, outputs, size, kernel, stride, padding, dilation = shape
    pc.manual_seed(0)
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, dtype=dtype)
    return layer, np.random.default_rng(1).standard_normal((images, inputs, *size)).astype(dtype)


def exact(layer, x):
    """What the layer answers, in float64."""
    w, b = [np.array(p.detach()).astype(np.float64) for p in (layer.weight, layer.bias)]
    with pc.no_grad():
        y = F.conv2d(
            pc.tensor(x.astype(np.float64)), pc.tensor(w), pc.tensor(b), layer.stride, layer.padding, layer.dilation
        )
    return np.array(y)


def close(found, expected, terms):
    found = np.array(found)
    allowed = 4 * np.log2(terms) * np.finfo(found.dtype).eps * np.abs(expected).max()
    assert np.abs(found - expected).max() <= allowed


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_shape(shape, dtype):
    layer, x = layer_and_input(shape, dtype)
    step = answering(layer)
    for _ in range(3):  # laid out, and kept
        close(step(x), exact(layer, x), layer.weight[0].numel())
    assert ".kept = " in step.source


@pytest.mark.parametrize("shape", SHAPES[:5], ids=str)
def test_any_number_of_threads_gives_the_same_bits(shape, monkeypatch):
    layer, x = layer_and_input(shape)
    seen = set()
    for threads in (1, 2, 4):
        monkeypatch.setenv("PELLUCID_THREADS", str(threads))
        step = answering(layer)
        seen |= {np.array(step(x)).tobytes() for _ in range(2)}
    assert len(seen) == 1


def test_volumes():
    pc.manual_seed(0)
    layer = nn.Conv3d(24, 32, 3, padding=1)
    x = np.random.default_rng(0).standard_normal((1, 24, 3, 4, 5)).astype(np.float32)
    step = answering(layer)
    with pc.no_grad():
        assert_close(layer(pc.tensor(x)).numpy(), step(x).numpy())
    assert ".kept = " in step.source


def assign(layer):
    layer.weight.assign(layer.weight.detach() * 2.0)


def set_data(layer):
    layer.weight.data = layer.weight.detach() * 3.0


def load(layer):
    layer.load_state_dict({name: state * 0.5 for name, state in layer.state_dict().items()})


def numpy_view(layer):
    layer.weight.numpy()[...] *= -1.0


def train(layer):
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    layer(pc.ones((1, 64, 6, 6))).sum().backward()
    optimizer.step()


def train_compiled(layer):
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    @pc.compile(target="c")
    def step(x):
        loss = layer(x).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    step(pc.ones((1, 64, 6, 6)))


@pytest.mark.parametrize("size", [4, 9])  # patches, tiles
@pytest.mark.parametrize("change", [assign, set_data, load, numpy_view, train, train_compiled])
def test_a_change_is_seen(change, size):
    layer, x = layer_and_input((1, 64, 64, (size, size), 3, 1, 1, 1))
    step = answering(layer)
    for _ in range(12):  # the short way in begins
        before = np.array(step(x))
    change(layer)
    for _ in range(2):
        after = np.array(step(x))
        close(after, exact(layer, x), 576)
    assert np.abs(after - before).max() > 1e-3


def test_a_view_may_write_between_any_two_calls():
    layer, x = layer_and_input(SHAPES[0])
    view = layer.weight.numpy()
    step = answering(layer)
    for i in range(14):
        view[i % 3, 5] += 1.0
        close(step(x), exact(layer, x), 576)


def test_the_bits_do_not_depend_on_whether_a_view_was_handed_out():
    layer, x = layer_and_input(SHAPES[0])
    step, other = answering(layer), copy.deepcopy(layer)
    kept = np.array(step(x))
    other.weight.numpy()
    assert np.array_equal(np.array(answering(other)(x)), kept)
    layer.weight.numpy()
    assert np.array_equal(np.array(step(x)), kept)


def test_what_is_trained_is_not_kept():
    layer, x = layer_and_input(SHAPES[0])
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    @pc.compile(target="c")
    def step(x):
        loss = layer(x).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step(x)
    assert ".kept = " not in step.source


def test_one_kernel_in_two_places():
    layer, x = layer_and_input((1, 64, 64, (9, 9), 3, 1, 1, 1))
    twice = nn.Sequential(layer, nn.ReLU(), nn.MaxPool2d(2), layer)
    step = answering(twice)
    with pc.no_grad():
        expected = twice(pc.tensor(x)).numpy()
    for _ in range(2):
        assert_close(expected, step(x).numpy())
    assert step.source.count(".kept = ") == 1


def test_many_or_small_kernels_go_the_ordinary_way():
    for shape in [(1, 16, 16, (8, 8), 3, 1, 1, 1), (64, 64, 64, (32, 32), 3, 1, 1, 1)]:
        layer, x = layer_and_input(shape)
        step = answering(layer)
        step(x)
        assert ".kept = " not in step.source
