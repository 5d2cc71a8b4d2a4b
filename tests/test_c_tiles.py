"""Winograd's convolution: every shape of the models within the bound that docs/convolution.md states, and any numbers.

The shapes are taken from the models themselves: a step of training is recorded, which computes nothing, and its
convolutions are asked whether the C target multiplies less for them. Values are compared with NumPy's in float64.
"""

import functools
import math
import re
from pathlib import Path

import numpy as np
import pytest
from c_close import COMPILER
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid as pc
from pellucid import models, nn, ops
from pellucid.engine import Spec
from pellucid.graph import Node, record
from pellucid.targets.c.convolution import CONVOLUTIONS, convolution
from pellucid.targets.c.places import Place

pytestmark = [*COMPILER]
PAGE = Path(__file__).resolve().parent.parent / "docs" / "convolution.md"

MODELS = {
    "lenet5": (models.lenet5, (1, 28, 28)),
    "nin": (models.nin, (3, 32, 32)),
    "cifar_resnet20": (models.cifar_resnet, (3, 32, 32)),
    "resnet18_small": (lambda: models.resnet18(10, small_images=True), (3, 32, 32)),
    "resnet34_small": (lambda: models.resnet34(10, small_images=True), (3, 32, 32)),
    "resnet50_small": (lambda: models.resnet50(10, small_images=True), (3, 32, 32)),
    "resnet18": (models.resnet18, (3, 224, 224)),
    "resnet34": (models.resnet34, (3, 224, 224)),
    "resnet50": (models.resnet50, (3, 224, 224)),
    "vgg11": (models.vgg11, (3, 224, 224)),
    "vgg16": (models.vgg16, (3, 224, 224)),
}
BATCH = 64  # of the recorded steps
MULTIPLICATIONS = 5e8  # of a convolution of these tests; for that some make fewer channels, but never fewer than
FEWEST = 16


# ---- which convolutions


def by_tiles(node):
    """The side of the tiles if the C target multiplies less for this node, else 0."""
    call, _ = convolution(node, [Place(None, 0, ())] * 2, None)
    return call.numbers.get("in_tiles", 0)


def tiled_convolutions(make, shape, monkeypatch):
    """All different convolutions, and gradients of them, of a step of training that are done by tiles: nodes."""
    for name in ("uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_"):
        monkeypatch.setattr(nn.init, name, lambda weight, *_args, **_named: weight)  # nothing is computed with it
    model = make()

    def step(x):
        loss = model(x).sum()
        loss.backward()
        return loss

    spec = Spec((BATCH, *shape), np.dtype("float32"))
    _, graph, _ = record(step, [("x", spec)], pc.Tensor, lambda values: (values, {}))
    nodes = [node for node in graph.nodes if isinstance(node.op, CONVOLUTIONS)]
    assert nodes
    return list({(node.op, *[x.spec.shape for x in node.inputs]): node for node in nodes if by_tiles(node)}.values())


def smaller(node):
    """The same convolution, of as few images as are done by tiles, and with so few channels made that it is quick.

    The channels that are summed over, the size of the images, and padding stay as they are.
    """
    assert node.op.groups == 1
    first, second = [x.spec.shape for x in node.inputs]
    of_kernel = isinstance(node.op, ops.ConvolveKernel)  # both inputs have images; the others take kernels second

    def with_images(images, made):
        match node.op:
            case ops.Convolve():
                shapes = (images, *first[1:]), (made, *second[1:]), (images, made, *node.spec.shape[2:])
            case ops.ConvolveInput():
                shapes = (images, *first[1:]), (second[0], made, *second[2:]), (images, made, *node.spec.shape[2:])
            case ops.ConvolveKernel():
                shapes = (images, *first[1:]), (images, made, *second[2:]), (made, *node.spec.shape[1:])
        *inputs, result = [Spec(shape, "float32") for shape in shapes]
        return Node(node.op, [Node(None, [], spec) for spec in inputs], result)

    made = second[1] if of_kernel else node.spec.shape[1]
    images = next(n for n in range(1, BATCH + 1) if by_tiles(with_images(n, made)))
    pixels = math.prod(second[2:] if of_kernel else node.spec.shape[2:])
    for_each_made = images * pixels * first[1] * 9
    return with_images(images, min(made, max(FEWEST, int(MULTIPLICATIONS / for_each_made))))


# ---- how far off


def on_the_page(name):
    """A function of docs/convolution.md: the bound stands there and nowhere else."""
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if f"def {name}(" in block]
    space = {"np": np}
    exec(compile(block, str(PAGE), "exec"), space)
    return space[name]


@functools.cache
def how_far_off(op, first, second):
    """The largest error and the largest result, for numbers as networks have them at the start.

    Slopes are normal numbers, images what relu leaves of them, kernels normal numbers of the size that keeps it.
    """
    random = np.random.default_rng(0)
    x, w = [random.standard_normal(shape, np.float32) for shape in (first, second)]
    x = x if isinstance(op, ops.ConvolveInput) else np.maximum(x, 0)
    w *= np.float32(math.sqrt(2 / math.prod(second[1:])))
    found = np.array(pc.compile(op, target="c")(x, w), np.float64)
    exact = op.forward(x.astype(np.float64), w.astype(np.float64))
    return np.abs(found - exact).max(), np.abs(exact).max()


@pytest.mark.parametrize("name", MODELS)
def test_every_shape_of_the_models_is_within_the_bound(name, monkeypatch):
    allowed = on_the_page("winograd_error")
    for node in map(smaller, tiled_convolutions(*MODELS[name], monkeypatch)):
        first, second = [x.spec.shape for x in node.inputs]
        error, largest = how_far_off(node.op, first, second)
        told = f"{type(node.op).__name__} of {first} and {second}, tiles of {by_tiles(node)}: {error / largest:.1e}"
        print(told)  # pytest -rP shows it
        assert error <= allowed(largest, by_tiles(node)), told


# ---- any numbers

# Of 4 x 4 pixels d and a kernel w, 2 x 2 results A^T [(G w G^T) * (B^T d B)] A: here with all numbers positive.
A = np.array([[1, 0], [1, 1], [1, 1], [0, 1]])
B = np.array([[1, 0, 0, 0], [0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 1]])
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0, 0, 1]])


def magnitudes(x, w):
    """What each result would be if nothing cancelled: |A|^T [sum over c of (|G||w||G|^T * |B|^T|d||B|)] |A|."""
    high, wide = [n + n % 2 for n in x.shape[2:]]
    around = np.zeros((*x.shape[:2], high + 2, wide + 2))
    around[:, :, 1 : 1 + x.shape[2], 1 : 1 + x.shape[3]] = np.abs(x)
    d = np.lib.stride_tricks.sliding_window_view(around, (4, 4), (2, 3))[:, :, ::2, ::2]
    d, u = B.T @ d @ B, G @ np.abs(w).astype(np.float64) @ G.T
    y = A.T @ np.einsum("ocij,nctsij->notsij", u, d, optimize=True) @ A
    y = y.transpose(0, 1, 2, 4, 3, 5).reshape(len(x), len(w), high, wide)
    return y[:, :, : x.shape[2], : x.shape[3]]


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_any_numbers_are_within_the_proven_bound(data):
    """Numbers of very different sizes, which cancel: each result by itself, in both directions, by tiles of 2 x 2.

    tests/test_c_points.py does so for tiles of 4 x 4.
    """
    channels, made = data.draw(st.sampled_from([17, 24, 40, 64])), data.draw(st.sampled_from([16, 17, 31]))
    size = data.draw(st.tuples(st.integers(8, 13), st.integers(8, 13)))
    images = math.ceil(256 / math.prod([math.ceil(n / 2) for n in size]))
    spread = data.draw(st.sampled_from([0.0, 2.0, 6.0]))  # how far exponents lie apart
    mean = data.draw(st.sampled_from([0.0, 1.0, 100.0]))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))

    def numbers(*shape):
        return ((random.standard_normal(shape) + mean) * np.exp(spread * random.standard_normal(shape))).astype(
            "float32"
        )

    x, w = numbers(images, channels, *size), numbers(made, channels, 3, 3)
    how = (1, 1), ((1, 1), (1, 1)), (1, 1), 1
    back = ops.ConvolveInput(*how, size)
    turned = np.ascontiguousarray(w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3))  # made by the gradient from the same x
    allowed = (channels + 10) * 2.0**-24 * magnitudes(x, w) * (1 + 1e-4)  # the last factor: terms of second order
    exact = ops.Convolve(*how).forward(x.astype(np.float64), w.astype(np.float64))
    for op, kernels in ((ops.Convolve(*how), w), (back, turned)):
        step = pc.compile(op, target="c")
        found = np.array(step(x, kernels), np.float64)
        assert ".in_tiles = 2" in step.source
        assert (np.abs(found - exact) <= allowed).all()
