"""Modules: what they hold, how they are saved, what they compute, and what their errors say."""

import copy
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid as pc
import pellucid.functional as F
from pellucid import engine, nn
from pellucid.errors import ArgumentError, DtypeError, LabelError, PellucidError, ShapeError, StateDictError


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def small_net():
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 3))


class TwoParts(nn.Module):
    """A module that does not call super().__init__(), and holds its parts in many ways."""

    def __init__(self):
        self.scale = nn.Parameter(pc.ones(1))
        self.layers = [nn.Linear(2, 2), nn.Linear(2, 2)]
        self.heads = {"left": nn.Linear(2, 1), "right": (nn.Linear(2, 1),)}
        self.offsets = [pc.tensor([1.0], requires_grad=True)]
        self.register_buffer("seen", pc.tensor(0))
        self.constant = pc.ones(3)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x) * self.scale
        return self.heads["left"](x) + self.heads["right"][0](x) + self.offsets[0]


# ---- what a module holds


def test_parts_are_found_and_named_in_order():
    net = TwoParts()
    names = [name for name, _ in net.named_parameters()]
    assert names == [
        "scale",
        "offsets.0",
        *[f"layers.{i}.{kind}" for i in (0, 1) for kind in ("weight", "bias")],
        "heads.left.weight",
        "heads.left.bias",
        "heads.right.0.weight",
        "heads.right.0.bias",
    ]
    assert [name for name, _ in net.named_buffers()] == ["seen"]
    assert [name for name, _ in net.named_children()] == ["layers.0", "layers.1", "heads.left", "heads.right.0"]
    assert len(list(net.modules())) == 5
    assert list(net.state_dict()) == [names[0], names[1], "seen", *names[2:]]


def test_super_init_may_be_called_or_not():
    class Called(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, x):
            return self.fc(x)

    assert Called()(pc.ones(3, 2)).shape == (3, 1)
    assert len(list(Called().parameters())) == 2


def test_what_is_learned_stays_a_parameter_when_frozen():
    net = TwoParts()
    count = len(list(net.parameters()))
    net.requires_grad_(False)
    assert not any(parameter.requires_grad for parameter in net.parameters())
    assert len(list(net.parameters())) == count
    net.requires_grad_(True)
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_tied_weights_are_one_parameter():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    twin = copy.deepcopy(net)
    assert twin[0].weight is twin[1].weight
    assert twin[0].weight is not net[0].weight


def test_deepcopy_shares_nothing():
    net = small_net()
    twin = copy.deepcopy(net)
    with pc.no_grad():
        twin[1].weight.add_(1.0)
    np.testing.assert_allclose(twin[1].weight.numpy() - net[1].weight.numpy(), 1.0, rtol=1e-6)
    assert all(a.array.ctypes.data % 64 == 0 for a in twin.parameters())


def test_modules_that_hold_each_other_are_counted_once():
    parent, child = TwoParts(), nn.Linear(2, 2)
    parent.child, child.parent = child, parent
    assert len(list(parent.modules())) == 6
    assert len(set(map(id, parent.parameters()))) == len(list(parent.parameters())) == 12


def test_zero_grad_forgets():
    net = nn.Linear(2, 1)
    net(pc.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0.0, 0.0]]
    net.zero_grad()
    assert net.weight.grad is None


def test_train_eval_and_apply_reach_everything():
    net = TwoParts()
    assert all(module.training for module in net.modules())
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    net.layers[0].train()
    assert [module.training for module in net.children()] == [True, False, False, False]
    seen = []
    net.apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear"] * 4 + ["TwoParts"]


def test_structure_changes_are_counted():
    net = TwoParts()

    def counts(change):
        before, snapshot = engine.mode.structure, net.structure_snapshot()
        change()
        return engine.mode.structure > before, net.structure_snapshot() != snapshot

    assert counts(lambda: setattr(net, "constant", pc.ones(2))) == (False, False)
    assert counts(lambda: setattr(net, "scale", nn.Parameter(pc.ones(1)))) == (True, True)
    assert counts(lambda: setattr(net, "layers", [net.layers[1], net.layers[0]])) == (True, True)
    assert counts(lambda: net.layers.append(nn.Linear(2, 2))) == (True, True)
    assert counts(lambda: delattr(net, "offsets")) == (True, True)
    assert counts(net.eval) == (True, False)
    assert counts(net.eval) == (False, False)
    assert counts(lambda: setattr(net, "layers", None)) == (True, True)


def test_a_compiled_model_notices_changes():
    net = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    run = pc.compile(net)
    x = pc.ones(4, 3)
    assert (run(x).numpy() == 0).any()
    net.eval()
    np.testing.assert_allclose(run(x).numpy(), net(x).numpy(), rtol=1e-5)
    net[0].weight = nn.Parameter(pc.ones(3, 3))
    np.testing.assert_allclose(run(x).numpy(), net(x).numpy(), rtol=1e-5)
    net.append(nn.Linear(3, 1))
    np.testing.assert_allclose(run(x).numpy(), net(x).numpy(), rtol=1e-5)


def test_a_compiled_step_notices_a_replaced_layer_of_a_model_that_was_never_called_itself():
    class Pair(nn.Module):
        def __init__(self):
            self.encoder, self.decoder = nn.Linear(3, 2), nn.Linear(2, 3)

        def encode(self, x):
            return self.encoder(x)

    net, other, x = Pair(), nn.Linear(3, 2), pc.ones(4, 3)
    run = pc.compile(net.encode)
    run(x)
    net.decoder = nn.Linear(2, 3)  # this one has no part in the step
    run(x)
    assert len(run.programs) == 1
    net.encoder = other
    assert np.array_equal(run(x).numpy(), other(x).numpy())
    net.encoder = other  # it stays where it was
    run(x)
    assert len(run.programs) == 2


def test_a_parameter_may_begin_frozen():
    assert nn.Parameter(pc.ones(2)).requires_grad
    assert not nn.Parameter(pc.ones(2), requires_grad=False).requires_grad


def test_parameters_are_floats():
    with pytest.raises(DtypeError, match="made of floats"):
        nn.Parameter(pc.tensor([1, 2]))


# ---- saving and loading


def test_state_dict_round_trip():
    source, target = small_net(), small_net()
    source(pc.randn(8, 6))
    saved = source.state_dict()
    address = target[1].weight.array.ctypes.data
    assert target.load_state_dict(saved) == ([], [])
    assert target[1].weight.array.ctypes.data == address
    for name, value in target.state_dict().items():
        assert np.array_equal(value.numpy(), saved[name].numpy()), name
    with pc.no_grad():
        source[1].weight.mul_(2.0)
    assert np.array_equal(saved["1.weight"].numpy(), target[1].weight.numpy())


def test_state_dict_that_does_not_fit_changes_nothing():
    net = small_net()
    before = net.state_dict()
    saved = {name: value + 1 for name, value in before.items()}
    del saved["1.bias"]
    saved["1.wieght"] = pc.ones(2)
    with pytest.raises(StateDictError, match=r"missing: 1\.bias; unexpected: 1\.wieght"):
        net.load_state_dict(saved)
    wrong = dict(before, **{"5.weight": pc.ones(9), "2.num_batches_tracked": pc.tensor(0.5)})
    for strict in (True, False):
        with pytest.raises(StateDictError) as caught:
            net.load_state_dict(wrong, strict=strict)
        assert "5.weight is float32[3, 4], but float32[9] was saved" in str(caught.value)
        assert "2.num_batches_tracked is int64[], but float32[] was saved" in str(caught.value)
    for name, value in net.state_dict().items():
        assert np.array_equal(value.numpy(), before[name].numpy()), name
    assert net.load_state_dict(saved, strict=False) == (["1.bias"], ["1.wieght"])
    assert np.array_equal(net[1].weight.numpy(), (before["1.weight"] + 1).numpy())


def test_swapping_two_layers_by_their_own_states():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    first, second = (value.numpy() for value in net.state_dict().values())
    net.load_state_dict({"0.weight": net[1].weight, "1.weight": net[0].weight})
    assert np.array_equal(net[0].weight.numpy(), second)
    assert np.array_equal(net[1].weight.numpy(), first)


@pytest.mark.peers
def test_weights_of_pytorch_load_as_they_are(torch):
    t = torch.nn
    theirs = t.Sequential(t.Flatten(), t.Linear(6, 4), t.BatchNorm1d(4), t.ReLU(), t.Dropout(0.5), t.Linear(4, 3))
    x = np.random.default_rng(0).normal(size=(10, 2, 3)).astype(np.float32)
    theirs(torch.tensor(x))
    ours = small_net()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    expected = theirs.eval()(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours.eval()(pc.tensor(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.peers
def test_a_layer_used_twice_is_saved_under_both_names(torch):
    def twice(library):
        layer = library.Linear(3, 3)
        return library.Sequential(layer, library.Tanh(), library.Sequential(layer))

    ours, theirs = twice(nn), twice(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert ours[0] is ours[2][0]


@pytest.mark.peers
def test_printed_as_pytorch_prints(torch):
    t = torch.nn

    def lines(m):
        inner = m.Sequential(OrderedDict(fc=m.Linear(6, 4), out=m.Softmax(dim=1)))
        return repr(
            m.Sequential(m.Linear(2, 6, bias=False), m.ReLU(), inner, m.BatchNorm1d(4), m.Flatten(), m.Identity())
        )

    assert lines(nn) == lines(t).replace(", bias=True, track", ", track")  # newer versions of PyTorch say bias as well


# ---- layers


@pytest.mark.peers
@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_norm_equals_pytorch_over_training(torch, momentum):
    ours = nn.BatchNorm1d(3, momentum=momentum, dtype=pc.float64)
    theirs = torch.nn.BatchNorm1d(3, momentum=momentum, dtype=torch.float64)
    random = np.random.default_rng(0)
    for _ in range(5):
        x = random.normal(2.0, 3.0, size=(6, 3))
        y, z = ours(pc.tensor(x)), theirs(torch.tensor(x))
        np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-9, atol=1e-12)
    for (name, mine), other in zip(ours.named_buffers(), theirs.buffers(), strict=True):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-9, err_msg=name)
    ours.eval(), theirs.eval()
    x = random.normal(size=(4, 3))
    y, z = ours(pc.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-9, atol=1e-12)
    assert ours.num_batches_tracked.item() == 5


@pytest.mark.peers
@given(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 1000))
@settings(max_examples=20)
def test_batch_norm_options_equal_pytorch(torch, affine, track, training, seed):
    ours = nn.BatchNorm1d(2, affine=affine, track_running_stats=track, dtype=pc.float64).train(training)
    theirs = torch.nn.BatchNorm1d(2, affine=affine, track_running_stats=track, dtype=torch.float64).train(training)
    x = np.random.default_rng(seed).normal(size=(5, 2, 3))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    y, z = ours(pc.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-9, atol=1e-12)


def test_batch_norm_refuses_other_shapes():
    with pytest.raises(ShapeError, match=r"needs \(N, 3\)"):
        nn.BatchNorm1d(3)(pc.ones(4, 2))


def test_dropout_only_while_training():
    layer, x = nn.Dropout(0.5), pc.ones(1000)
    pc.manual_seed(1)
    first = layer(x).numpy()
    pc.manual_seed(1)
    assert np.array_equal(layer(x).numpy(), first)
    assert 400 < (first == 0).sum() < 600
    assert layer.eval()(x) is x
    with pytest.raises(ArgumentError):
        nn.Dropout(-0.1)


def test_activation_and_loss_modules_are_their_functions():
    x, labels = pc.randn(4, 3), pc.tensor([0, 1, 2, 0])
    p, yes = F.sigmoid(x), F.one_hot(labels, 3)
    for module, inputs, expected in (
        (nn.ReLU(), (x,), F.relu(x)),
        (nn.Sigmoid(), (x,), p),
        (nn.GELU(), (x,), F.gelu(x)),
        (nn.GELU("tanh"), (x,), F.gelu(x, "tanh")),
        (nn.Tanh(), (x,), F.tanh(x)),
        (nn.Softmax(1), (x,), F.softmax(x, 1)),
        (nn.LogSoftmax(0), (x,), F.log_softmax(x, 0)),
        (nn.Identity(), (x,), x),
        (nn.Flatten(0), (x,), x.reshape(12)),
        (nn.MSELoss(), (x, p), F.mse_loss(x, p)),
        (nn.CrossEntropyLoss(reduction="sum"), (x, labels), F.cross_entropy(x, labels, reduction="sum")),
        (nn.NLLLoss(reduction="none"), (x, labels), F.nll_loss(x, labels, reduction="none")),
        (nn.BCELoss(), (p, yes), F.binary_cross_entropy(p, yes)),
        (nn.BCEWithLogitsLoss(), (x, yes), F.binary_cross_entropy_with_logits(x, yes)),
    ):
        assert np.array_equal(module(*inputs).numpy(), expected.numpy()), module
    assert nn.BCELoss()(p, yes).item() == pytest.approx(nn.BCEWithLogitsLoss()(x, yes).item(), rel=1e-5)


def test_sequential_is_a_sequence():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    assert net.append(nn.Linear(3, 1)) is net
    assert [type(layer).__name__ for layer in net] == ["Linear", "ReLU", "Linear"]
    assert len(net) == 3
    assert net[-1] is net[2]
    assert isinstance(net[:2], nn.Sequential)
    assert net[:2][0] is net[0]
    named = nn.Sequential(OrderedDict(first=nn.Linear(2, 2), second=nn.ReLU()))
    assert [name for name, _ in named.named_children()] == ["first", "second"]
    assert named.first is named[0]
    with pytest.raises(ArgumentError, match="there is none at 3"):
        net[3]
    net[-1] = nn.Sigmoid()
    net[0] = nn.Linear(2, 5)
    assert [type(layer).__name__ for layer in net] == ["Linear", "ReLU", "Sigmoid"]
    assert net[0].out_features == 5
    assert net.insert(1, nn.Tanh()) is net
    assert type(net.pop(0)).__name__ == "Linear"
    assert [(name, type(layer).__name__) for name, layer in net.named_children()] == [
        ("0", "Tanh"),
        ("1", "ReLU"),
        ("2", "Sigmoid"),
    ]
    net.extend([nn.ReLU()]).pop()
    with pytest.raises(ArgumentError, match="none at -4 to replace"):
        net[-4] = nn.ReLU()
    with pytest.raises(ArgumentError, match="0 is function"):
        nn.Sequential(F.relu)


# ---- initialisation


def test_linear_begins_between_its_bounds():
    layer = nn.Linear(25, 4000)
    for numbers in (layer.weight.numpy(), layer.bias.numpy()):
        assert np.abs(numbers).max() <= 0.2
        assert numbers.std() == pytest.approx(0.2 / np.sqrt(3), rel=0.05)
    pc.manual_seed(3)
    first = nn.Linear(5, 5).weight.numpy()
    pc.manual_seed(3)
    assert np.array_equal(nn.Linear(5, 5).weight.numpy(), first)


@pytest.mark.parametrize(
    ("fill", "deviation"),
    [
        (lambda w: nn.init.uniform_(w, -1.0, 3.0), 4 / np.sqrt(12)),
        (lambda w: nn.init.normal_(w, 1.0, 2.0), 2.0),
        (lambda w: nn.init.xavier_uniform_(w, gain=2.0), 2 * np.sqrt(2 / 500)),
        (nn.init.xavier_normal_, np.sqrt(2 / 500)),
        (nn.init.kaiming_uniform_, np.sqrt(2 / 300)),
        (lambda w: nn.init.kaiming_uniform_(w, a=np.sqrt(5)), np.sqrt(1 / 900)),
        (lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), np.sqrt(2 / 200)),
    ],
)
def test_initial_numbers_have_the_stated_spread(fill, deviation):
    w = nn.Parameter(pc.zeros(200, 300))
    assert fill(w) is w
    assert w.numpy().std() == pytest.approx(deviation, rel=0.02)
    assert w.requires_grad
    assert w.is_leaf


def test_the_fans_of_a_convolution_count_the_pixels_of_its_window():
    assert nn.init.fans(pc.zeros(8, 3, 5, 2)) == (3 * 5 * 2, 8 * 5 * 2)


def test_constant_initialisation():
    w = nn.Parameter(pc.zeros(2, 2))
    assert nn.init.constant_(w, 0.5).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert nn.init.ones_(w).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert nn.init.zeros_(w).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(ShapeError, match="two axes or more"):
        nn.init.xavier_uniform_(pc.zeros(3))
    with pytest.raises(ArgumentError, match="fan_in"):
        nn.init.kaiming_normal_(w, mode="fan")


@pytest.mark.peers
def test_gains_equal_pytorch(torch):
    for name, parameter in [("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("leaky_relu", 0.3)]:
        assert nn.init.calculate_gain(name, parameter) == torch.nn.init.calculate_gain(name, parameter)
    assert nn.init.calculate_gain("leaky_relu") == torch.nn.init.calculate_gain("leaky_relu")
    with pytest.raises(ArgumentError, match="softsign"):
        nn.init.calculate_gain("softsign")


# ---- errors say where


def test_an_error_names_the_layer_and_its_place():
    net = nn.Sequential(nn.Linear(784, 10), nn.ReLU())
    with pytest.raises(ShapeError) as caught:
        net(pc.ones(32, 1, 28, 28))
    text = str(caught.value)
    assert text.startswith("matmul cannot take float32[32, 1, 28, 28] and float32[784, 10]")
    assert "in Linear(784 -> 10), layer 0 of Sequential, called at test_nn.py:" in text
    assert "x.flatten(1)" in text


def test_an_error_names_every_module_on_its_way():
    class Outer(nn.Module):
        def __init__(self):
            self.blocks = [nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(5))]

        def forward(self, x):
            return self.blocks[0](x)

    with pytest.raises(ShapeError) as caught:
        Outer()(pc.ones(3, 2))
    assert caught.value.modules == ["BatchNorm1d(5)", "layer 1 of Sequential", "blocks.0 of Outer"]


def test_an_error_of_the_module_itself():
    with pytest.raises(LabelError) as caught:
        nn.CrossEntropyLoss()(pc.zeros(2, 3), pc.tensor([0, 5]))
    assert caught.value.modules == ["CrossEntropyLoss()"]

    class Silly(nn.Module):
        def __init__(self):
            self.inner = nn.ReLU()

        def forward(self, x):
            raise PellucidError("no")

    with pytest.raises(PellucidError) as caught:
        Silly()(pc.ones(1))
    assert caught.value.modules == ["Silly"]


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(pc.ones(1))
