"""nn.DropConnect: single weights fall out in training, and the expected value stays."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors, nn

X = np.random.default_rng(0).normal(size=(4, 6))


def test_weights_fall_out_one_by_one():
    """Rows of the identity show the weights that were used: each is gone, or twice what it was."""
    pc.manual_seed(0)
    layer = nn.DropConnect(40, 30, p=0.5, bias=False)
    ratios = layer(pc.eye(40)).detach().numpy() / layer.weight.detach().numpy().T
    assert set(np.unique(ratios)) == {0.0, 2.0}
    gone = (ratios == 0).mean(axis=1)  # of the weights of each input
    assert abs(gone.mean() - 0.5) < 0.05
    assert 0.1 < gone.min() < gone.max() < 0.9  # no input loses all of them, as it would in dropout


def test_mean_and_variance_are_those_of_the_formula():
    """By hand from W, b and p, beside 4000 masks."""
    pc.manual_seed(1)
    p, draws = 0.3, 4000
    layer = nn.DropConnect(6, 5, p=p, dtype=pc.float64)
    x = pc.tensor(X)
    with pc.no_grad():
        z = np.stack([layer(x).numpy() for _ in range(draws)])
    W, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    mean, variance = X @ W.T + b, p / (1 - p) * (X**2 @ (W**2).T + b**2)
    assert (abs(z.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / draws)).all()
    np.testing.assert_allclose(z.var(axis=0), variance, rtol=0.15)


@pytest.mark.peers
def test_evaluation_is_pytorchs_linear():
    torch = pytest.importorskip("torch")
    layer = nn.DropConnect(6, 5, dtype=pc.float64).eval()
    W, b = (torch.tensor(w.detach().numpy()) for w in (layer.weight, layer.bias))
    expected = torch.nn.functional.linear(torch.tensor(X), W, b).numpy()
    np.testing.assert_allclose(layer(pc.tensor(X)).detach().numpy(), expected, rtol=1e-12)


def test_the_gradient_reaches_the_weights_that_were_used():
    """dZ/dW_ji = M_ji x_i: with x = 1 the gradient of the sum is the mask itself."""
    layer = nn.DropConnect(50, 20, p=0.25, bias=False)
    layer(pc.ones(1, 50)).sum().backward()
    gradient = layer.weight.grad.numpy()
    assert {round(float(m), 4) for m in np.unique(gradient)} == {0.0, 1.3333}
    assert abs((gradient == 0).mean() - 0.25) < 0.06


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=pytest.mark.compiler)])
def test_a_compiled_step_draws_the_same_masks(target):
    layer = nn.DropConnect(6, 5)
    x = pc.tensor(X.astype(np.float32))
    compiled = pc.compile(layer, target=target)
    pc.manual_seed(3)
    first, second = layer(x).detach().numpy(), layer(x).detach().numpy()
    pc.manual_seed(3)
    np.testing.assert_allclose(compiled(x).numpy(), first, rtol=1e-5)
    np.testing.assert_allclose(compiled(x).numpy(), second, rtol=1e-5)
    assert not np.allclose(first, second)


def test_wrong_arguments_and_what_it_prints():
    with pytest.raises(errors.ArgumentError, match="DropConnect: p is a probability"):
        nn.DropConnect(3, 2, p=1.5)
    with pytest.raises(errors.ArgumentError, match="sizes are not negative"):
        nn.DropConnect(-3, 2)
    assert repr(nn.DropConnect(3, 2, bias=False)) == "DropConnect(in_features=3, out_features=2, bias=False, p=0.5)"
