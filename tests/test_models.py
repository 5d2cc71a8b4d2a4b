"""The classic convolutional networks: sizes that the papers tell, and outputs and gradients that PyTorch computes."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import functional as F
from pellucid import models, nn
from pellucid.errors import ArgumentError, PellucidError

peers = pytest.mark.peers


def count(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (models.lenet5, 61_706),
        (models.resnet18, 11_689_512),
        (models.resnet34, 21_797_672),
        (models.resnet50, 25_557_032),
        (models.vgg16, 138_357_544),
    ],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_parameter_counts(make, expected):
    assert count(make()) == expected


def test_twins_with_and_without_shortcut_have_the_same_parameters():
    twins = [models.cifar_resnet(20, residual=residual).state_dict() for residual in (True, False)]
    assert [(name, x.shape) for name, x in twins[0].items()] == [(name, x.shape) for name, x in twins[1].items()]
    assert count(models.cifar_resnet(56)) == 853_018  # 0.85 million in the paper's table 6


@pytest.mark.parametrize("depth", [0, 7, 21, 20.0, True, "20"])
def test_depths_that_there_are_not(depth):
    with pytest.raises(ArgumentError, match=r"(?s)6 n \+ 2.*Take 8, 14, 20") as caught:
        models.cifar_resnet(depth)
    assert repr(depth) in str(caught.value)


@pytest.mark.parametrize("make", [models.lenet5, models.resnet18, models.cifar_resnet, models.nin, models.vgg11])
def test_classes_and_channels_are_arguments(make):
    size = 28 if make is models.lenet5 else 32
    model = make(num_classes=3, in_channels=2).eval()
    assert model(pc.ones(2, 2, size, size)).shape == (2, 3)
    with pytest.raises(PellucidError, match="channel"):
        model(pc.ones(2, 5, size, size))


def test_a_one_by_one_convolution_is_a_linear_layer_at_every_pixel():
    x = pc.randn(2, 5, 3, 4)
    conv, linear = nn.Conv2d(5, 7, 1), nn.Linear(5, 7)
    linear.load_state_dict({"weight": conv.weight.reshape(7, 5), "bias": conv.bias})
    by_pixel = linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    np.testing.assert_allclose(conv(x).numpy(), by_pixel.numpy(), rtol=1e-5, atol=1e-6)


def test_a_shifted_image_gives_shifted_features():
    features = nn.Sequential(*models.lenet5()[:2])
    x = np.zeros((1, 1, 28, 28), np.float32)
    x[..., 8:20, 8:20] = np.random.default_rng(0).normal(size=(12, 12))
    shifted = np.roll(x, (3, -2), (2, 3))
    y, y_shifted = features(pc.tensor(x)).numpy(), features(pc.tensor(shifted)).numpy()
    np.testing.assert_allclose(y_shifted, np.roll(y, (3, -2), (2, 3)), atol=1e-6)


@pytest.fixture
def twins():
    """`twin(name)`: a model of ours and PyTorch's with the same sizes; batch norms with numbers other than 0 and 1."""
    torch = pytest.importorskip("torch")
    from tests import torch_models

    made = {
        "lenet5": (models.lenet5, torch_models.lenet5),
        "nin": (lambda: models.nin(dropout=0.0), torch_models.nin),
        "cifar_resnet": (models.cifar_resnet, lambda: torch_models.CifarResNet(20, True)),
        "plain": (lambda: models.cifar_resnet(20, residual=False), lambda: torch_models.CifarResNet(20, False)),
        "resnet18": (models.resnet18, lambda: torch_models.resnet(18)),
        "resnet18_small": (
            lambda: models.resnet18(10, small_images=True),
            lambda: torch_models.resnet(18, 10, small_images=True),
        ),
        "resnet34": (models.resnet34, lambda: torch_models.resnet(34)),
        "resnet50": (models.resnet50, lambda: torch_models.resnet(50)),
        "vgg11": (lambda: models.vgg11(10), lambda: torch_models.vgg(11, 10)),
        "vgg11_bn": (lambda: models.vgg11(10, batch_norm=True), lambda: torch_models.vgg(11, 10, batch_norm=True)),
        "vgg16": (models.vgg16, lambda: torch_models.vgg(16)),
    }

    def twin(name):
        torch.manual_seed(0)
        ours, theirs = (make() for make in made[name])
        for layer in theirs.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(layer.weight, 0.5, 1.0)
                torch.nn.init.uniform_(layer.bias, -0.2, 0.2)
                layer.running_mean.uniform_(-0.2, 0.2)
                layer.running_var.uniform_(0.5, 1.5)
        return ours, theirs

    return twin


@peers
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("lenet5", (3, 1, 28, 28)),
        ("nin", (2, 3, 32, 32)),
        ("cifar_resnet", (2, 3, 32, 32)),
        ("plain", (2, 3, 32, 32)),
        ("resnet18", (1, 3, 97, 64)),
        ("resnet18_small", (2, 3, 32, 32)),
        ("resnet34", (1, 3, 64, 64)),
        ("resnet50", (1, 3, 224, 224)),
        ("vgg11_bn", (1, 3, 64, 96)),
        ("vgg16", (1, 3, 224, 224)),
    ],
)
def test_pytorchs_weights_in_safetensors_give_pytorchs_outputs(tmp_path, twins, name, shape):
    """Eager and compiled; a file as `safetensors.torch.save_file(model.state_dict(), path)` writes it."""
    import torch
    from safetensors.torch import save_file

    ours, theirs = twins(name)
    save_file(theirs.state_dict(), tmp_path / "weights.safetensors")
    ours.load_state_dict(pc.load(tmp_path / "weights.safetensors"))
    ours.eval(), theirs.eval()
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.tensor(x)).numpy()
    scale = np.abs(expected).max()
    with pc.no_grad():
        eager = ours(pc.tensor(x)).numpy()
        compiled = pc.compile(ours)(pc.tensor(x)).numpy()
    np.testing.assert_allclose(eager, expected, rtol=0, atol=2e-5 * scale)
    np.testing.assert_allclose(compiled, expected, rtol=0, atol=2e-5 * scale)


@peers
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shape"),
    [("lenet5", (4, 1, 28, 28)), ("nin", (2, 3, 16, 16)), ("cifar_resnet", (4, 3, 16, 16)), ("plain", (4, 3, 16, 16)),
     ("resnet18_small", (4, 3, 8, 8))],
)  # fmt: skip
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_training_equals_pytorchs(twins, name, shape, compiled):
    """Loss and all gradients in float64, running statistics included; and the loss after a step along them."""
    import torch

    ours, theirs = twins(name)
    ours.load_state_dict({name: pc.tensor(x.numpy()) for name, x in theirs.state_dict().items()})
    ours, theirs = ours.double(), theirs.double()
    for layer in (*ours.modules(), *theirs.modules()):
        if type(layer).__name__ == "Dropout":
            layer.p = 0.0
    random = np.random.default_rng(2)
    x, labels = random.normal(size=shape), random.integers(0, 10, shape[0])
    optimizer = pc.optim.SGD(ours.parameters(), lr=0.01, momentum=0.9)
    peer = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9)

    def step(x, labels):
        optimizer.zero_grad()
        loss = F.cross_entropy(ours(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    one_step = pc.compile(step) if compiled else step
    for _ in range(3):
        loss = one_step(pc.tensor(x), pc.tensor(labels))
        peer.zero_grad()
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels))
        expected.backward()
        peer.step()
        np.testing.assert_allclose(loss.item(), expected.item(), rtol=1e-9)
        for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            grad = q.grad.numpy()
            np.testing.assert_allclose(
                p.grad.numpy(), grad, rtol=1e-7, atol=1e-9 * max(np.abs(grad).max(), 1), err_msg=key
            )
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key].numpy(), value.numpy(), rtol=1e-8, atol=1e-10, err_msg=key)
