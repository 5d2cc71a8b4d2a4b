"""A picture and its mirror image: what BothWays gives, when, and that C gives the same."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import nn
from pellucid.recipes import cifar10, fashion_cnn
from pellucid.recipes.both_ways import BothWays


@pytest.fixture
def model():
    pc.manual_seed(0)
    return BothWays(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 5)))


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((7, 3, 8, 8)).astype(np.float32)


def mirrored(x):
    return np.ascontiguousarray(x[..., ::-1])


def test_in_training_it_is_the_network_itself(model, x):
    np.testing.assert_array_equal(model(pc.tensor(x)).numpy(), model.network(pc.tensor(x)).numpy())


@pytest.mark.parametrize("compiled", [False, True])
def test_otherwise_it_is_the_mean_of_both_looks(model, x, compiled):
    model.eval()
    forward = pc.compile(model.forward) if compiled else model
    one, other = (model.network(pc.tensor(each)).numpy() for each in (x, mirrored(x)))
    assert np.abs(one - other).max() > 0.1, "the two looks differ"
    np.testing.assert_allclose(forward(pc.tensor(x)).numpy(), (one + other) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(forward(pc.tensor(mirrored(x))).numpy(), (one + other) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("recipe", "shape"), [(cifar10, (2, 3, 32, 32)), (fashion_cnn, (2, 28, 28))], ids=["cifar10", "fashion_cnn"]
)
def test_recipes_answer_alike_for_a_picture_and_its_mirror_image(recipe, shape):
    pc.manual_seed(0)
    model = recipe.make_model().eval()
    x = np.random.default_rng(1).random(shape).astype(np.float32)
    np.testing.assert_allclose(model(pc.tensor(x)).numpy(), model(pc.tensor(mirrored(x))).numpy(), rtol=1e-4, atol=1e-5)
