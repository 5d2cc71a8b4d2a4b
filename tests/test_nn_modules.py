"""Every module of pellucid.nn equals PyTorch's: numbers, gradients of inputs and parameters, names, printing."""

import copy

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors, nn

random = np.random.default_rng(3)


def normal(*shape):
    return random.normal(size=shape)


def uniform(*shape):
    return random.uniform(0.1, 0.9, shape)


def signs(*shape):
    return random.choice([-1.0, 1.0], shape)


X, ROWS, IMAGES, VOLUMES = normal(4, 6), normal(4, 6, 5), normal(2, 6, 4, 4), normal(2, 6, 2, 4, 2)
LABELS = np.array([0, 5, 2, 2])
# name, its arguments, its inputs
MODULES = [
    *[(name, {}, (X,)) for name in (
        "ReLU", "ReLU6", "LeakyReLU", "PReLU", "Hardtanh", "Hardsigmoid", "Hardswish", "Hardshrink", "Softshrink",
        "ELU", "CELU", "SELU", "SiLU", "Mish", "Softplus", "Softsign", "Tanhshrink", "LogSigmoid", "Sigmoid", "Tanh",
        "GELU", "GLU", "Identity",
    )],
    ("LeakyReLU", {"negative_slope": 0.3}, (X,)),
    ("PReLU", {"num_parameters": 6, "init": 0.1}, (IMAGES,)),
    ("Hardtanh", {"min_val": -0.5, "max_val": 2.0}, (X,)),
    ("Threshold", {"threshold": 0.1, "value": -3.0}, (X,)),
    ("Softplus", {"beta": 2.0, "threshold": 1.0}, (X,)),
    ("GLU", {"dim": 0}, (X,)),
    ("Softmax", {"dim": 1}, (X,)),
    ("LogSoftmax", {"dim": 0}, (X,)),
    ("Softmin", {"dim": -1}, (X,)),
    ("Softmax2d", {}, (IMAGES,)),
    ("Softmax2d", {}, (IMAGES[0],)),
    ("Flatten", {}, (IMAGES,)),
    ("Unflatten", {"dim": 1, "unflattened_size": (2, 3)}, (X,)),
    ("Unflatten", {"dim": -1, "unflattened_size": (-1, 2)}, (X,)),
    *[(f"{kind}Pad{n}d", {"padding": sides}, (x,)) for kind in ("Zero", "Reflection", "Replication", "Circular")
      for n, sides, x in ((1, 2, ROWS), (2, (1, 0, 2, 3), IMAGES), (3, 1, VOLUMES))],
    *[(f"ConstantPad{n}d", {"padding": 1, "value": 2.5}, (x,)) for n, x in ((1, ROWS), (2, IMAGES), (3, VOLUMES))],
    ("PixelShuffle", {"upscale_factor": 2}, (normal(2, 8, 3, 3),)),
    ("PixelUnshuffle", {"downscale_factor": 2}, (IMAGES,)),
    ("ChannelShuffle", {"groups": 3}, (IMAGES,)),
    ("Linear", {"in_features": 6, "out_features": 3}, (X,)),
    ("Bilinear", {"in1_features": 6, "in2_features": 3, "out_features": 2}, (X, normal(4, 3))),
    ("Bilinear", {"in1_features": 6, "in2_features": 3, "out_features": 2, "bias": False}, (X, normal(4, 3))),
    ("CosineSimilarity", {}, (X, normal(4, 6))),
    ("PairwiseDistance", {"p": 1.0, "keepdim": True}, (X, normal(4, 6))),
    ("BatchNorm1d", {"num_features": 6}, (ROWS,)),
    ("BatchNorm2d", {"num_features": 6, "momentum": None}, (IMAGES,)),
    ("BatchNorm3d", {"num_features": 6, "affine": False}, (VOLUMES,)),
    ("BatchNorm2d", {"num_features": 6, "track_running_stats": False}, (IMAGES,)),
    ("InstanceNorm1d", {"num_features": 6}, (ROWS,)),
    ("InstanceNorm1d", {"num_features": 4}, (ROWS[:, :, 0],)),
    ("InstanceNorm2d", {"num_features": 6, "affine": True, "track_running_stats": True}, (IMAGES,)),
    ("InstanceNorm3d", {"num_features": 6, "eps": 0.1}, (VOLUMES,)),
    ("GroupNorm", {"num_groups": 3, "num_channels": 6}, (IMAGES,)),
    ("GroupNorm", {"num_groups": 2, "num_channels": 6, "affine": False}, (X,)),
    ("LayerNorm", {"normalized_shape": (4, 4)}, (IMAGES,)),
    ("RMSNorm", {"normalized_shape": (4, 4)}, (IMAGES,)),
    ("RMSNorm", {"normalized_shape": 6, "eps": 0.1, "elementwise_affine": False}, (X,)),
    ("LocalResponseNorm", {"size": 3, "alpha": 0.3}, (IMAGES,)),
    ("Embedding", {"num_embeddings": 6, "embedding_dim": 3}, (LABELS,)),
    ("Embedding", {"num_embeddings": 6, "embedding_dim": 3, "padding_idx": 2}, (LABELS,)),
    ("MSELoss", {}, (X, normal(4, 6))),
    ("L1Loss", {"reduction": "sum"}, (X, normal(4, 6))),
    ("SmoothL1Loss", {"beta": 0.5}, (X, normal(4, 6))),
    ("HuberLoss", {"delta": 0.5}, (X, normal(4, 6))),
    ("KLDivLoss", {"reduction": "batchmean"}, (X, uniform(4, 6))),
    ("KLDivLoss", {"reduction": "sum", "log_target": True}, (X, normal(4, 6))),
    ("PoissonNLLLoss", {"full": True}, (X, np.round(uniform(4, 6) * 5))),
    ("GaussianNLLLoss", {"full": True, "eps": 0.2}, (X, normal(4, 6), uniform(4, 6))),
    ("CrossEntropyLoss", {"weight": uniform(6), "ignore_index": 5, "label_smoothing": 0.1}, (X, LABELS)),
    ("CrossEntropyLoss", {}, (IMAGES, random.integers(0, 6, (2, 4, 4)))),
    ("NLLLoss", {"weight": uniform(6), "ignore_index": -100}, (X, LABELS)),
    ("BCELoss", {"weight": uniform(6)}, (uniform(4, 6), uniform(4, 6))),
    ("BCEWithLogitsLoss", {"weight": uniform(6), "pos_weight": uniform(6) * 3}, (X, uniform(4, 6))),
    ("HingeEmbeddingLoss", {"margin": 0.7}, (X, signs(4, 6))),
    ("MarginRankingLoss", {"margin": 0.2}, (X, normal(4, 6), signs(4, 6))),
    ("CosineEmbeddingLoss", {"margin": 0.2}, (X, normal(4, 6), signs(4))),
    ("TripletMarginLoss", {"p": 1.0, "swap": True}, (X, normal(4, 6), normal(4, 6))),
    ("TripletMarginWithDistanceLoss", {"margin": 2.0}, (X, normal(4, 6), normal(4, 6))),
    ("SoftMarginLoss", {}, (X, signs(4, 6))),
    ("MultiLabelSoftMarginLoss", {"weight": uniform(6)}, (X, uniform(4, 6))),
    ("MultiMarginLoss", {"p": 2, "margin": 0.5, "weight": uniform(6)}, (X, LABELS)),
    ("MultiLabelMarginLoss", {}, (X, np.resize([1, 4, -1, 0, 2, 3], (4, 6)))),
]  # fmt: skip
DROPOUTS = {
    "Dropout": X, "Dropout1d": ROWS, "Dropout2d": IMAGES, "Dropout3d": VOLUMES, "AlphaDropout": X,
    "FeatureAlphaDropout": ROWS, "RReLU": X,
}  # fmt: skip
OTHERS = {  # compared below, or in tests/test_nn.py and tests/test_text_parts.py
    "Module", "ModuleDict", "ModuleList", "Parameter", "ParameterDict", "ParameterList", "Sequential", "init",
    *DROPOUTS,
}  # fmt: skip
# PyTorch prints nothing here, or an argument that it gives in another way.
PRINTED_OTHERWISE = {"PReLU", "RMSNorm", "Flatten"}


def named(entry):
    name, options, _ = entry
    return f"{name}-{'-'.join(options)}"


def test_every_module_is_compared():
    """Of those that other files bring, their own tests compare them."""
    mine = {name for name in nn.__all__ if getattr(getattr(nn, name), "__module__", "").split(".")[-1] in FILES}
    assert {name for name, _, _ in MODULES} | OTHERS >= mine


FILES = {
    "activations", "bilinear", "containers", "distances", "dropout", "embedding", "linear", "lists", "losses",
    "margins", "module", "normalize", "norms_of_channels", "pad", "parameter", "piecewise", "regression", "shape",
    "smooth",
}  # fmt: skip


def pair(torch, name, options):
    """The module of both frameworks, in float64, with the same numbers in it."""
    mine = getattr(nn, name)(**{k: pc.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()})
    other = getattr(torch.nn, name)(
        **{k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    )
    mine.double()
    for parameter in mine.parameters():
        parameter.data = random.normal(size=parameter.shape)
    other.double().load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    return mine, other


def played(pkg, module, arrays):
    """The result and all gradients of a weighted sum of it."""
    fixed = 1 if "SoftMargin" in type(module).__name__ else len(arrays)  # PyTorch has no slope along those targets
    inputs = [pkg.tensor(x, requires_grad=x.dtype.kind == "f" and i < fixed) for i, x in enumerate(arrays)]
    y = module(*inputs)
    if y.requires_grad:
        (y * pkg.tensor(np.random.default_rng(1).normal(size=tuple(y.shape)))).sum().backward()
    grads = [x.grad for x in inputs] + [p.grad for p in module.parameters()]
    return [y, *grads, *module.buffers()]


@pytest.mark.peers
@pytest.mark.parametrize("entry", MODULES, ids=named)
def test_equals_pytorch(entry):
    torch = pytest.importorskip("torch")
    name, options, arrays = entry
    mine, other = pair(torch, name, options)
    assert list(mine.state_dict()) == list(other.state_dict())
    if name not in PRINTED_OTHERWISE and not isinstance(mine, nn.losses.Loss):
        theirs = repr(other)
        if "Norm" in name and name != "LayerNorm":  # newer versions of PyTorch say bias as well
            theirs = theirs.replace(", bias=True", "").replace(", bias=False", "")
        assert repr(mine) == theirs
    for training in (True, True, False):
        mine.train(training)
        other.train(training)
        mine.zero_grad()
        other.zero_grad()
        for a, b in zip(played(pc, mine, arrays), played(torch, other, arrays), strict=True):
            if b is None or a is None:
                assert not any(x is not None and x.any() for x in (a, b))
            else:
                np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=pytest.mark.compiler)])
def test_recorded_equals_eager(target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    modules = []
    for name, options, arrays in MODULES[:: 3 if target == "c" else 1]:
        module = getattr(nn, name)(**{k: pc.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()})
        modules.append((module.double(), [pc.tensor(x) for x in arrays]))
    twins = copy.deepcopy(modules)

    def step(modules):
        found = []
        for module, inputs in modules:
            y = module(*inputs)
            module.zero_grad()
            if y.requires_grad:
                (y * y).sum().backward()
            found.append(y)
        return found

    eager, compiled = step(modules), pc.compile(lambda: step(twins))()
    for (one, _), (two, _), a, b in zip(modules, twins, eager, compiled, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12, err_msg=repr(one))
        for p, q in zip(one.named_states(), two.named_states(), strict=True):
            np.testing.assert_allclose(p[1].detach().numpy(), q[1].detach().numpy(), rtol=1e-9, atol=1e-12)
            if p[1].requires_grad:
                np.testing.assert_allclose(p[1].grad.numpy(), q[1].grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropouts_keep_the_mean_and_rest_in_evaluation(name):
    x = pc.ones(400, *DROPOUTS[name].shape[1:]) * (-1.0 if name == "RReLU" else 1.0)
    layer = getattr(nn, name)()
    y = layer(x).numpy()
    if "Alpha" in name:  # of normal numbers, mean 0 and variance 1 stay
        y = layer(pc.randn(2000, 20, 2)).numpy()
        assert abs(y.mean()) < 0.05
        assert abs(y.std() - 1.0) < 0.05
    elif name == "RReLU":
        assert -1 / 3 <= y.min() < -0.32
        assert -0.13 < y.max() <= -1 / 8
    else:
        assert set(np.unique(y)) == {0.0, 2.0}
        assert abs(y.mean() - 1.0) < 0.1
        if name != "Dropout":  # whole channels
            rows = y.reshape(*y.shape[:2], -1)
            assert (rows == rows[:, :, :1]).all()
    still = layer.eval()(x)
    assert (still is x) or name == "RReLU"
    if name != "RReLU":
        with pytest.raises(errors.ArgumentError, match=name):
            getattr(nn, name)(1.5)


@pytest.mark.peers
@pytest.mark.parametrize("name", [name for name, _, _ in MODULES] + list(DROPOUTS))
def test_inplace_is_refused_where_pytorch_has_it(name):
    torch = pytest.importorskip("torch")
    import inspect

    if "inplace" not in inspect.signature(getattr(torch.nn, name).__init__).parameters:
        return
    needed = {"Threshold": (0.0, 0.0)}.get(name, ())
    with pytest.raises(errors.UnsupportedError, match="inplace=True is not supported"):
        getattr(nn, name)(*needed, inplace=True)


# ---- lists and dicts


def test_a_list_of_modules():
    layers = nn.ModuleList([nn.Linear(2, 3), nn.ReLU()])
    layers.append(nn.Linear(3, 1)).extend([nn.Tanh()])
    assert [type(layer).__name__ for layer in layers] == ["Linear", "ReLU", "Linear", "Tanh"]
    assert len(layers) == 4
    assert layers[-1] is layers[3]
    assert [type(x).__name__ for x in layers[1:3]] == ["ReLU", "Linear"]
    assert list(layers.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    layers.insert(1, nn.Sigmoid())
    del layers[0]
    assert [name for name, _ in layers.named_children()] == ["0", "1", "2", "3"]
    assert [type(layer).__name__ for layer in layers] == ["Sigmoid", "ReLU", "Linear", "Tanh"]
    assert type(layers.pop()).__name__ == "Tanh"
    layers[0] = nn.Tanh()
    assert isinstance(layers[0], nn.Tanh)
    assert layers[0] in layers
    with pytest.raises(errors.ArgumentError, match="none at 7"):
        layers[7]
    with pytest.raises(errors.ArgumentError, match="holds Modules, but 3 is function"):
        layers.append(len.__class__ and (lambda x: x))
    with pytest.raises(NotImplementedError):
        layers(pc.ones(1))


def test_a_dict_of_modules():
    layers = nn.ModuleDict({"up": nn.Linear(2, 3)})
    layers["act"] = nn.ReLU()
    assert layers.keys() == ["up", "act"]
    assert list(layers) == ["up", "act"]
    assert "up" in layers
    assert len(layers) == 2
    assert layers.get("down") is None
    assert list(layers.state_dict()) == ["up.weight", "up.bias"]
    assert layers.pop("act").__class__ is nn.ReLU
    with pytest.raises(errors.ArgumentError, match="It has \\['up'\\]"):
        layers["down"]
    with pytest.raises(errors.ArgumentError, match="has a method of that name"):
        layers["keys"] = nn.ReLU()
    layers.clear()
    assert len(layers) == 0


def test_lists_and_dicts_of_parameters_learn():
    class Both(nn.Module):
        def __init__(self):
            self.scales = nn.ParameterList([nn.Parameter(pc.ones(2)), pc.ones(2)[:1].detach().requires_grad_()])
            self.named = nn.ParameterDict({"shift": nn.Parameter(pc.zeros(2))})

        def forward(self, x):
            for scale in self.scales:
                x = x * scale
            return x + self.named["shift"]

    model = Both()
    assert [name for name, _ in model.named_parameters()] == ["scales.0", "scales.1", "named.shift"]
    model(pc.ones(3, 2)).sum().backward()
    assert model.named["shift"].grad.tolist() == [3.0, 3.0]
    with pytest.raises(errors.ArgumentError, match="holds Parameters, but 0 is Tensor"):
        nn.ParameterList([pc.ones(2)])


@pytest.mark.peers
def test_weights_in_lists_have_pytorchs_names():
    torch = pytest.importorskip("torch")

    def build(nn):
        layers = nn.ModuleList([nn.Linear(2, 3), nn.ModuleDict({"a": nn.Linear(3, 1)})])
        return nn.Sequential(layers, nn.BatchNorm2d(3))

    assert list(build(nn).state_dict()) == list(build(torch.nn).state_dict())


# ---- what a module is asked


def test_parts_by_name():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.BatchNorm1d(3)))
    assert model.get_submodule("1.0") is model[1][0]
    assert model.get_submodule("") is model
    assert model.get_parameter("0.weight") is model[0].weight
    assert model.get_buffer("1.0.running_mean") is model[1][0].running_mean
    with pytest.raises(errors.ArgumentError, match=r"no module '2'[\s\S]*'1.0'"):
        model.get_submodule("2")
    with pytest.raises(errors.ArgumentError, match="no parameter"):
        model.get_parameter("1.0.running_mean")
    assert [name for name, _ in model.named_parameters(recurse=False)] == []
    assert [name for name, _ in model[0].named_parameters("x")] == ["x.weight", "x.bias"]


def test_registering_is_setting():
    model = nn.Module()
    model.register_parameter("w", nn.Parameter(pc.ones(2)))
    model.register_parameter("none", None)
    model.register_module("inner", nn.Linear(2, 2))
    model.add_module("other", None)
    model.register_buffer("kept", pc.ones(1))
    model.register_buffer("mask", pc.ones(1), persistent=False)
    assert [name for name, _ in model.named_parameters()] == ["w", "inner.weight", "inner.bias"]
    assert [name for name, _ in model.named_buffers()] == ["kept", "mask"]
    assert "mask" not in model.state_dict()
    model.load_state_dict(model.state_dict())
    with pytest.raises(errors.ArgumentError, match="takes a Parameter"):
        model.register_parameter("w", pc.ones(2))
    with pytest.raises(errors.ArgumentError, match="takes a Module"):
        model.register_module("w", len)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=pytest.mark.compiler)])
def test_a_model_becomes_float64_and_back_in_place(target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    optimizer = pc.optim.SGD(model.parameters(), lr=0.1)
    weight, x = model[0].weight, pc.randn(4, 3)

    @pc.compile
    def step(x):
        loss = (model(x) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step(x)
    assert model.double() is model
    assert model[0].weight is weight
    assert weight.dtype == np.float64
    assert weight.grad.dtype == np.float64
    assert model[1].running_var.dtype == np.float64
    assert model[1].num_batches_tracked.dtype == np.int64
    twin = copy.deepcopy(model)
    twin.zero_grad()
    before = weight.numpy().copy()
    loss = step(x.double())
    assert loss.dtype == np.float64
    expected = twin(x.double())
    (expected**2).sum().backward()
    np.testing.assert_allclose(weight.numpy(), before - 0.1 * twin[0].weight.grad.numpy(), rtol=1e-9)
    model.float()
    assert step(x).dtype == np.float32
    assert model.to("cpu") is model
    with pytest.raises(errors.UnsupportedError, match="cuda"):
        model.to("cuda:0")
    with pytest.raises(errors.DtypeError, match="int64"):
        model.to(pc.int64)


# ---- hooks


def hooked(pkg, nn, log):
    """A net with hooks of every kind, which change what goes through. Its gradients, and what the hooks have seen."""
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    for parameter, fill in zip(net.parameters(), (np.arange(6.0).reshape(2, 3) / 10, np.ones(2)), strict=True):
        parameter.data = pkg.tensor(fill.astype("float32"))

    def note(word, values):
        log.append((word, [None if v is None else np.round(v.detach().numpy(), 5).tolist() for v in values]))

    def before(module, args):
        note("before", args)
        return (args[0] * 2.0,)

    def after(module, args, output):
        note("after", (*args, output))
        return output + 1.0

    def before_backward(module, grad_output):
        note("before backward", grad_output)
        return (grad_output[0] * 3.0,)

    def backward(module, grad_input, grad_output):
        note("backward", grad_input + grad_output)
        return (grad_input[0] * 5.0,)

    handles = [
        net[0].register_forward_pre_hook(before),
        net[0].register_forward_hook(after),
        net[1].register_full_backward_pre_hook(before_backward),
        net[1].register_full_backward_hook(backward),
        net.register_full_backward_hook(lambda module, grad_input, grad_output: note("net", grad_input + grad_output)),
    ]
    return net, handles


def gradients(pkg, net, x):
    x = pkg.tensor(x, requires_grad=True)
    net.zero_grad()
    net(x).sum().backward()
    return [x.grad, *[p.grad for p in net.parameters()]]


@pytest.mark.peers
def test_hooks_see_and_change_what_those_of_pytorch_do():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    logs = [], []
    ours, theirs = [hooked(*entry) for entry in ((pc, nn, logs[0]), (torch, torch.nn, logs[1]))]
    for left in (5, 3, 1, 0):  # and fewer of them each time
        for entry in (ours, theirs):
            while len(entry[1]) > left:
                entry[1].pop(0).remove()
        for a, b in zip(gradients(pc, ours[0], x), gradients(torch, theirs[0], x), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)
    assert [word for word, _ in logs[0]] == [word for word, _ in logs[1]]
    for (_, a), (_, b) in zip(*logs, strict=True):
        for left, right in zip(a, b, strict=True):
            if right is not None:
                np.testing.assert_allclose(left, right, atol=2e-5)


def test_a_hook_on_several_inputs_gets_all_gradients_at_once():
    class Product(nn.Module):
        def forward(self, a, factor, b):
            return a * factor * b, a + b

    seen = []
    module = Product()
    module.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go)) or (gi[2], None, gi[0]))
    a, b = pc.tensor([2.0], requires_grad=True), pc.tensor([5.0], requires_grad=True)
    y, z = module(a, 10.0, b)
    (y + z * 100.0).sum().backward()
    ((into, out),) = seen
    assert [None if g is None else g.item() for g in into] == [150.0, None, 120.0]
    assert [g.item() for g in out] == [1.0, 100.0]
    assert (a.grad.item(), b.grad.item()) == (120.0, 150.0)  # the hook has swapped them


def test_a_backward_hook_can_be_differentiated_through():
    module = nn.Tanh()
    module.register_full_backward_hook(lambda m, gi, go: (gi[0] * 2.0,))
    x = pc.tensor([0.3], requires_grad=True)
    (slope,) = pc.autograd.grad(module(x).sum(), x, create_graph=True)
    (second,) = pc.autograd.grad(slope.sum(), x)
    t = np.tanh(0.3)
    np.testing.assert_allclose(slope.item(), 2 * (1 - t * t), rtol=1e-6)
    np.testing.assert_allclose(second.item(), -4 * t * (1 - t * t) * 2, rtol=1e-5)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=pytest.mark.compiler)])
def test_hooks_are_recorded_and_a_compiled_step_notices_new_ones(target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    layer, calls = nn.Linear(3, 2), []
    x = pc.randn(4, 3)

    def plain(x):
        layer.zero_grad()
        y = layer(x).sum()
        y.backward()
        return y

    step = pc.compile(plain)
    for _ in range(12):
        first = step(x).item()
    handle = layer.register_forward_hook(lambda m, args, y: calls.append(1) or y * 2.0)
    with layer.register_full_backward_pre_hook(lambda m, g: (g[0] * 3.0,)):
        assert step(x).item() == pytest.approx(2.0 * first, rel=1e-5)
        assert layer.bias.grad.tolist() == [24.0, 24.0]
        count = len(calls)
        assert count >= 1  # while recording, and not in a later call
        assert plain(x).item() == pytest.approx(2.0 * first, rel=1e-5)
        assert layer.bias.grad.tolist() == [24.0, 24.0]
    handle.remove()
    handle.remove()
    assert step(x).item() == pytest.approx(first, rel=1e-5)
    assert layer.bias.grad.tolist() == [4.0, 4.0]


def test_hooks_with_named_arguments_and_in_order():
    class Scaled(nn.Module):
        def forward(self, x, by=1.0):
            return x * by

    module, order = Scaled(), []
    module.register_forward_pre_hook(lambda m, args, named: (args, {"by": named["by"] * 2.0}), with_kwargs=True)
    module.register_forward_hook(lambda m, args, named, y: order.append(named["by"]), with_kwargs=True)
    module.register_forward_hook(lambda m, args, y: order.append("first"), prepend=True)
    assert module(pc.ones(1), by=3.0).item() == 6.0
    assert order == ["first", 6.0]
    module.register_forward_pre_hook(lambda m, args, named: 3, with_kwargs=True)
    with pytest.raises(errors.ArgumentError, match="the pair"):
        module(pc.ones(1), by=1.0)
    with pytest.raises(errors.ArgumentError, match="a hook is a function"):
        module.register_forward_hook(3)
    with pytest.raises(errors.UnsupportedError, match="always_call"):
        module.register_forward_hook(len, always_call=True)
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    y = layer(pc.tensor([1.0], requires_grad=True))
    with pytest.raises(errors.ArgumentError, match="2 gradients for 1"):
        y.backward()
