"""Each optimizer over 100 steps, eager and compiled: beside PyTorch's, or beside a plain transcription of its paper."""

import numpy as np
import pytest
from c_close import COMPILER, far

import pellucid as pc
from pellucid import nn, optim
from pellucid.errors import ArgumentError, StateDictError, UnsupportedError

STEPS = 100


def settings(name, base=None, **choices):
    """The setting as it is, and for each choice of an option one that differs in this option."""
    base = base or {}
    return [(name, base), *[(name, base | {option: value}) for option, values in choices.items() for value in values]]


BETAS = [(0.5, 0.6), (0.0, 0.9)]
OPTIONS = [
    *settings("SGD", {"lr": 0.05, "momentum": 0.9}, weight_decay=[0.01], nesterov=[True], dampening=[0.3]),
    *settings("SGD", {"lr": 0.05}, maximize=[True]),
    *settings("RMSprop", {"lr": 0.01}, alpha=[0.5], eps=[1e-3], weight_decay=[0.01], momentum=[0.9], maximize=[True]),
    *settings("Adam", {"lr": 0.01}, betas=BETAS, eps=[1e-3], weight_decay=[0.01], amsgrad=[True], maximize=[True]),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True, "amsgrad": True}),
    *settings("AdamW", {"lr": 0.01}, betas=BETAS, eps=[1e-3], weight_decay=[0.0, 0.3], amsgrad=[True], maximize=[True]),
    *settings("Adagrad", {"lr": 0.05}, lr_decay=[0.1], weight_decay=[0.01], eps=[1e-3], maximize=[True]),
    ("Adagrad", {"lr": 0.05, "initial_accumulator_value": 0.5}),
    *settings("Adadelta", {"lr": 1.0}, rho=[0.5, 0.0], eps=[1e-3], weight_decay=[0.01], maximize=[True]),
    *settings("Adamax", {"lr": 0.01}, betas=BETAS, eps=[1e-3], weight_decay=[0.01], maximize=[True]),
    *settings("NAdam", {"lr": 0.01}, betas=BETAS, eps=[1e-3], momentum_decay=[0.1], maximize=[True]),
    *[("NAdam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": decoupled}) for decoupled in (False, True)],
    *settings("RAdam", {"lr": 0.01}, betas=[*BETAS, (0.9, 0.99)], eps=[1e-3], maximize=[True]),
    *[("RAdam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": decoupled}) for decoupled in (False, True)],
    *settings("Rprop", {"lr": 0.01}, etas=[(0.3, 1.5)], step_sizes=[(1e-3, 0.05)], maximize=[True]),
    *settings("ASGD", {"lr": 0.05}, lambd=[0.1], alpha=[0.3], t0=[20.0], weight_decay=[0.01], maximize=[True]),
]
OURS = [
    *settings("Lion", {"lr": 0.01}, betas=[(0.5, 0.6)], weight_decay=[0.3], maximize=[True]),
    *settings("LARS", {"lr": 5.0}, momentum=[0.0], weight_decay=[0.05], trust_coefficient=[0.003], maximize=[True]),
    *settings("LAMB", {"lr": 0.01}, betas=BETAS, eps=[1e-3], weight_decay=[0.1], maximize=[True]),
]
EACH = list({name: (name, options) for name, options in [*OPTIONS, *OURS]}.values())  # the last setting of each
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def ids(settings):
    return [f"{name}-{'-'.join(map(str, options.values()))}" for name, options in settings]


@pytest.fixture
def torch():
    """PyTorch, counting in float64 (its slots for single numbers, such as ASGD's eta, have the default dtype)."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


def net(x, w1, b1, w2, scale):
    return scale * ((x @ w1.mT + b1).tanh() @ w2.mT).reshape(-1)


def start(dtype):
    """Data, and parameters of two axes, of one, of length 1, and of none."""
    random = np.random.default_rng(4)
    x, y = random.normal(size=(12, 3)), random.normal(size=12)
    weights = random.normal(size=(5, 3)), random.normal(size=5), random.normal(size=(1, 5)), np.array(0.7)
    return [array.astype(dtype) for array in (x, y, *weights)]


def losses(library, parameter, optimizer_class, options, dtype, wrap=lambda step: step, change=True):
    """100 steps; in step 40 the learning rate is halved. Weights and losses."""
    x, y, *weights = start(dtype)
    x, y, weights = library.tensor(x), library.tensor(y), [parameter(weight) for weight in weights]
    optimizer = optimizer_class(weights, **options)
    upward = options.get("maximize", False)

    def step():
        loss = ((net(x, *weights) - y) ** 2).mean()
        loss = -loss if upward else loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step, seen = wrap(step), []
    for i in range(STEPS):
        if i == 40 and change:
            optimizer.param_groups[0]["lr"] = optimizer.param_groups[0]["lr"] / 2
        seen.append(float(step().detach()))
    return [weight.detach().numpy() for weight in weights], np.array(seen), optimizer


def ours(name, options, dtype, wrap=lambda step: step):
    return losses(pc, nn.Parameter, getattr(optim, name), options, dtype, wrap)


def theirs(torch, name, options, dtype):
    return losses(torch, lambda w: torch.nn.Parameter(torch.tensor(w)), getattr(torch.optim, name), options, dtype)


def assert_equal_runs(a, b, dtype):
    """float64 says whether the formulas are the same, float32 whether they are as steady.

    Where a gradient is nothing but rounding, some methods walk their whole step in either direction; hence the
    tolerance for weights in float32.
    """
    of_losses, of_weights = (1e-10, 1e-9) if dtype is np.float64 else (1e-3, 5e-3)
    assert not far(a[1], b[1], of_losses).any(), np.abs(a[1] - b[1]).max()
    for ours, theirs in zip(a[0], b[0], strict=True):
        assert ours.dtype == theirs.dtype == dtype
        assert not far(ours, theirs, of_weights).any(), np.abs(ours - theirs).max()


@pytest.mark.peers
@DTYPES
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=ids(OPTIONS))
def test_100_steps_equal_pytorch(torch, name, options, dtype):
    run = ours(name, options, dtype)
    assert_equal_runs(run, theirs(torch, name, options, dtype), dtype)
    assert run[1][-1] > run[1][0] if options.get("maximize") else run[1][-1] < run[1][0]


@pytest.mark.peers
@pytest.mark.parametrize("name", sorted({name for name, _ in OPTIONS} | {"SparseAdam"}))
def test_defaults_and_the_order_of_arguments_equal_pytorch(torch, name):
    import inspect

    speed = ("foreach", "fused", "capturable", "differentiable", "execution")

    def arguments(cls):
        return {
            key: tuple(p.default) if isinstance(p.default, (tuple, list)) else p.default
            for key, p in inspect.signature(cls.__init__).parameters.items()
            if key not in speed
        }

    mine, yours = arguments(getattr(optim, name)), arguments(getattr(torch.optim, name))
    assert mine == yours
    assert [key for key in mine if key not in ("maximize", "decoupled_weight_decay")] == [
        key for key in yours if key not in ("maximize", "decoupled_weight_decay")
    ]


# ---- those that PyTorch has not: the algorithms of the papers in plain NumPy, one array at a time


class PlainLion:
    """Chen et al. (2023), algorithm 2: c = interpolate(m, g, beta1); theta -= eta (sign(c) + lambda theta)."""

    def __init__(self, lr, betas=(0.9, 0.99), weight_decay=0.0):
        self.lr, self.betas, self.weight_decay, self.m = lr, betas, weight_decay, 0.0

    def __call__(self, theta, g):
        beta1, beta2 = self.betas
        c = beta1 * self.m + (1 - beta1) * g
        theta = theta - self.lr * (np.sign(c) + self.weight_decay * theta)
        self.m = beta2 * self.m + (1 - beta2) * g
        return theta


class PlainLARS:
    """You et al. (2017), algorithm 1: the local rate lambda, then v = m v + gamma lambda (g + beta w), w = w - v."""

    def __init__(self, lr, momentum=0.9, weight_decay=0.0, trust_coefficient=0.001):
        self.gamma, self.m, self.beta, self.eta, self.v = lr, momentum, weight_decay, trust_coefficient, 0.0

    def __call__(self, w, g):
        of_w, of_g = np.linalg.norm(w), np.linalg.norm(g)
        local = self.eta * of_w / (of_g + self.beta * of_w)
        self.v = self.m * self.v + self.gamma * local * (g + self.beta * w)
        return w - self.v


class PlainLAMB:
    """You et al. (2020), algorithm 2, with phi the identity."""

    def __init__(self, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
        self.lr, self.betas, self.eps, self.decay, self.m, self.v, self.t = lr, betas, eps, weight_decay, 0.0, 0.0, 0

    def __call__(self, x, g):
        beta1, beta2 = self.betas
        self.t += 1
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = beta2 * self.v + (1 - beta2) * g**2
        m, v = self.m / (1 - beta1**self.t), self.v / (1 - beta2**self.t)
        r = m / (np.sqrt(v) + self.eps) + self.decay * x
        return x - self.lr * np.linalg.norm(x) / np.linalg.norm(r) * r


def plain_run(name, options):
    """The same 100 steps in float64 with the plain class and gradients by hand."""
    x, y, w1, b1, w2, scale = start(np.float64)
    options = dict(options)
    sign = -1.0 if options.pop("maximize", False) else 1.0
    methods = [globals()[f"Plain{name}"](**options) for _ in range(4)]
    seen = []
    for i in range(STEPS):
        for method in methods:
            if i == 40:
                setattr(method, "gamma" if name == "LARS" else "lr", options["lr"] / 2)
        h = np.tanh(x @ w1.T + b1)
        out = (h @ w2.T)[:, 0]
        error = scale * out - y
        seen.append(sign * (error**2).mean())
        d = 2 * error / len(y)
        before = (d * scale)[:, None] * w2 * (1 - h**2)
        gradients = before.T @ x, before.sum(0), ((d * scale) @ h)[None], np.array((d * out).sum())
        weights = zip(methods, (w1, b1, w2, scale), gradients, strict=True)
        w1, b1, w2, scale = [method(w, g) for method, w, g in weights]  # maximizing -loss is minimizing loss
    return [w1, b1, w2, scale], np.array(seen)


@DTYPES
@pytest.mark.parametrize(("name", "options"), OURS, ids=ids(OURS))
def test_100_steps_equal_the_paper(name, options, dtype):
    run, plain = ours(name, options, dtype), plain_run(name, options)
    if dtype is np.float32 and name == "Lion":  # a sign that rounding decides moves a weight by 2 lr
        assert not far(plain[1][:30], run[1][:30], 1e-2).any()
        return
    assert_equal_runs(([w.astype(dtype) for w in plain[0]], plain[1]), run, dtype)
    assert abs(run[1][-1]) != abs(run[1][0])


def one_step(make, w, g):
    parameter = nn.Parameter(pc.tensor(w, dtype=pc.float64))
    optimizer = make([parameter])
    parameter.grad = pc.tensor(g, dtype=pc.float64)
    optimizer.step()
    return parameter.tolist(), {name: slot.tolist() for name, slot in optimizer.state[parameter].items()}


def test_a_step_by_hand():
    # sign(0.1 g) = (1, -1, 0), to which the decay adds 0.5 w
    w, slots = one_step(lambda p: optim.Lion(p, lr=0.5, weight_decay=0.5), [1.0, 2.0, 4.0], [3.0, -1.0, 0.0])
    assert w == pytest.approx([1 - 0.5 * 1.5, 2 - 0.5 * 0.0, 4 - 0.5 * 2.0])
    assert slots["exp_avg"] == pytest.approx([0.03, -0.01, 0.0])
    # |w| = 5, |g| = 10, rate = 0.1 * 5 / (10 + 0.2 * 5) = 1 / 22, g + 0.2 w = (6.6, 8.8), times lr 2: (0.6, 0.8)
    w, slots = one_step(
        lambda p: optim.LARS(p, lr=2.0, weight_decay=0.2, trust_coefficient=0.1), [3.0, 4.0], [6.0, 8.0]
    )
    assert slots["momentum_buffer"] == pytest.approx([0.6, 0.8])
    assert w == pytest.approx([2.4, 3.2])
    # in the first step r = g / (|g| + eps) = (1, -1), whose norm is sqrt 2; |w| = 5
    w, _ = one_step(lambda p: optim.LAMB(p, lr=0.1, eps=0.0), [3.0, 4.0], [2.0, -7.0])
    assert w == pytest.approx([3 - 0.5 / 2**0.5, 4 + 0.5 / 2**0.5])
    # Adagrad: s = 1 + 3, so the step is lr g / 2
    w, _ = one_step(lambda p: optim.Adagrad(p, lr=1.0, eps=0.0, initial_accumulator_value=1.0), [1.0], [3.0**0.5])
    assert w == pytest.approx([1 - 3**0.5 / 2])


@pytest.mark.parametrize("make", [lambda p: optim.LARS(p, lr=0.5, momentum=0.0), lambda p: optim.LAMB(p, lr=0.5)])
def test_layers_of_zeros_take_ordinary_steps(make):
    w, _ = one_step(make, [0.0, 0.0], [1.0, 0.0])
    assert w == pytest.approx([-0.5, 0.0], rel=1e-5)
    w, _ = one_step(make, [3.0, 4.0], [0.0, 0.0])  # without a gradient nothing moves, and nothing is NaN
    assert w == [3.0, 4.0]


# ---- compiled


@pytest.mark.parametrize(("name", "options"), EACH, ids=ids(EACH))
def test_recorded_steps_give_the_same_bits(name, options):
    eager = ours(name, options, np.float64)
    recorded = ours(name, options, np.float64, lambda step: pc.compile(step, target="numpy"))
    assert np.array_equal(eager[1], recorded[1])
    for a, b in zip(eager[0], recorded[0], strict=True):
        assert np.array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), [*OPTIONS, *OURS], ids=ids([*OPTIONS, *OURS]))
def test_steps_in_c_equal_eager_ones(name, options):
    for mark in COMPILER:
        if mark.name == "skipif" and mark.args[0]:
            pytest.skip("no C compiler")
    for dtype in (np.float64, np.float32):
        steps = []

        def wrap(step, steps=steps):
            steps.append(pc.compile(step, target="c"))
            return steps[0]

        compiled = ours(name, options, dtype, wrap)
        assert len(steps[0].programs) == 1  # the new learning rate is State
        assert_equal_runs(ours(name, options, dtype), compiled, dtype)


ONE_PASS = [each for each in EACH if each[0] not in ("LARS", "LAMB")]  # these two need norms of parameters first


@pytest.mark.parametrize(("name", "options"), ONE_PASS, ids=ids(ONE_PASS))
def test_a_step_is_one_pass_over_each_parameter(name, options):
    for mark in COMPILER:
        if mark.name == "skipif" and mark.args[0]:
            pytest.skip("no C compiler")
    w = parameter(40, 30)
    optimizer = getattr(optim, name)([w], **options)

    def step(g):
        w.grad = g * 1.0
        optimizer.step()
        optimizer.zero_grad()

    step = pc.compile(step, target="c")
    step(pc.ones(40, 30))
    loops = step.source.count("    for (int64_t i = first")
    assert loops == 1


# ---- options


def parameter(*shape):
    return nn.Parameter(pc.ones(*shape))


@pytest.mark.parametrize("name", sorted({name for name, _ in [*OPTIONS, *OURS]}))
def test_options_that_only_mean_speed_are_taken_and_others_refused(name):
    make = getattr(optim, name)
    group = make([parameter(2)], foreach=True, fused=None, capturable=False, differentiable=False).param_groups[0]
    assert not {"foreach", "fused", "capturable", "differentiable"} & set(group)
    with pytest.raises(UnsupportedError, match=r"no capturable step(.|\n)*pc.compile records any optimizer"):
        make([parameter(2)], capturable=True)
    with pytest.raises(UnsupportedError, match=r"no differentiable step(.|\n)*create_graph=True"):
        make([parameter(2)], differentiable=True)
    with pytest.raises(ArgumentError, match=f"{name} has no hyper-parameter 'learning_rate'; it has lr"):
        make([parameter(2)], learning_rate=1.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda p: optim.Rprop(p, etas=(1.2, 0.5)), "etas are a number between 0 and 1 and one above 1"),
        (lambda p: optim.Rprop(p, step_sizes=(1.0, 0.5)), "step_sizes"),
        (lambda p: optim.Adadelta(p, rho=1.5), "rho of Adadelta"),
        (lambda p: optim.LARS(p, momentum=1.0), "momentum of LARS"),
        (lambda p: optim.LAMB(p, betas=(0.9,)), "betas of LAMB must be 2 numbers"),
        (lambda p: optim.Adagrad(p, lr=pc.ones(2)), "lr of Adagrad must be a number"),
    ],
)
def test_what_is_refused(make, text):
    with pytest.raises(ArgumentError) as caught:
        make([parameter(2)])
    assert text in str(caught.value)


def test_numbers_may_be_tensors_of_one_element():
    rate = pc.tensor(0.5, dtype=pc.float64)
    optimizer = optim.AdamW([parameter(2)], lr=rate, betas=(pc.tensor(0.5), np.array([0.25])))
    group = optimizer.param_groups[0]
    assert (group["lr"], group["betas"]) == (0.5, (0.5, 0.25))
    rate *= 0.0
    assert group["lr"] == 0.5  # it was copied
    group["lr"] = pc.tensor([0.25])
    group.update(betas=[pc.tensor(0.75), 0.5])
    assert (group["lr"], group["betas"]) == (0.25, (0.75, 0.5))
    assert optimizer.state_dict()["param_groups"][0]["lr"] == 0.25


def test_groups_have_options_of_their_own():
    first, second = parameter(1), parameter(1)
    optimizer = optim.Lion([{"params": [first], "maximize": True}, {"params": [second], "lr": 0.5}], lr=0.25)
    for w in (first, second):
        w.grad = pc.ones(1)
    optimizer.step()
    assert (first.item(), second.item()) == (1.25, 0.5)


def test_a_step_calls_its_closure_first():
    w = parameter(1)
    optimizer = optim.SGD([w], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (w * 2.0).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 2.0
    assert w.item() == 0.5
    assert optimizer.step() is None


@pytest.mark.parametrize("name", sorted({name for name, _ in [*OPTIONS, *OURS]}))
def test_steps_make_no_nan_on_the_way(name):
    """With a gradient of zeros and parameters of zeros too."""
    weights = [parameter(2, 2), nn.Parameter(pc.zeros(3)), parameter()]
    optimizer = getattr(optim, name)(weights)
    with pc.detect_anomaly():
        for gradient in (0.0, 0.0, 1.0, -1.0, 0.0, 3.0, 1.0):
            for w in weights:
                w.grad = pc.full_like(w, gradient)
            optimizer.step()
    assert all(np.isfinite(w.numpy()).all() for w in weights)


def test_adam_by_hand():
    """Three steps of the paper's algorithm, worked out with beta1 = beta2 = 1/2, eps = 0 and gradients 1, 3, -1."""
    w = nn.Parameter(pc.tensor([0.0], dtype=pc.float64))
    optimizer = optim.Adam([w], lr=1.0, betas=(0.5, 0.5), eps=0.0)
    expected, position = [(1 / 2) / (1 / 2), (7 / 4) / (3 / 4), (3 / 8) / (7 / 8)], 0.0  # m corrected
    squares = [(1 / 2) / (1 / 2), (19 / 4) / (3 / 4), (23 / 8) / (7 / 8)]  # s corrected
    for g, m, s in zip((1.0, 3.0, -1.0), expected, squares, strict=True):
        w.grad = pc.tensor([g], dtype=pc.float64)
        optimizer.step()
        position -= m / s**0.5
        assert w.item() == pytest.approx(position, rel=1e-12)


def test_to_maximize_is_to_minimize_the_negative():
    up, down = [nn.Parameter(np.ones((3, 2))) for _ in range(2)]
    first, second = optim.SparseAdam([up], maximize=True), optim.SparseAdam([down])
    for _ in range(5):
        up.grad, down.grad = pc.tensor([[1.0, 2.0], [0.0, 0.0], [0.0, 3.0]]).double(), None
        down.grad = -up.grad
        first.step()
        second.step()
    assert np.array_equal(up.numpy(), down.numpy())
    assert (up.numpy()[0] > 1.0).all()


@pytest.mark.parametrize("name", ["Rprop", "ASGD"])
def test_a_rate_changed_before_the_first_step_counts(name):
    early = one_step(lambda p: getattr(optim, name)(p, lr=0.5), [1.0], [1.0])

    def late(p):
        optimizer = getattr(optim, name)(p, lr=0.25)
        optimizer.param_groups[0]["lr"] = 0.5
        return optimizer

    assert one_step(late, [1.0], [1.0]) == early


# ---- saving and loading


def some_steps(weights, optimizer, count):
    x, y, *_ = start(np.float64)
    x, y = pc.tensor(x), pc.tensor(y)
    for _ in range(count):
        optimizer.zero_grad()
        loss = ((net(x, *weights) - y) ** 2).mean()
        (-loss if optimizer.defaults.get("maximize") else loss).backward()
        optimizer.step()


@pytest.mark.parametrize(("name", "options"), EACH, ids=ids(EACH))
def test_a_saved_optimizer_goes_on_with_the_same_bits(name, options, tmp_path):
    from pellucid.train.packing import pack, unpack

    def new(weights):
        weights = [nn.Parameter(weight) for weight in weights]
        return weights, getattr(optim, name)(weights, **options)

    weights, optimizer = new(start(np.float64)[2:])
    some_steps(weights, optimizer, 3)
    tensors = {}
    packed = pack(optimizer.state_dict(), "optimizer", tensors)
    pc.save(tensors, tmp_path / "slots.safetensors")
    other_weights, other = new([weight.numpy().copy() for weight in weights])
    other.load_state_dict(unpack(packed, pc.load(tmp_path / "slots.safetensors")))
    some_steps(weights, optimizer, 5)
    some_steps(other_weights, other, 5)
    for a, b in zip(weights, other_weights, strict=True):
        assert np.array_equal(a.numpy(), b.numpy())


def as_arrays(tree):
    """A PyTorch state dict with arrays in place of tensors."""
    if isinstance(tree, dict):
        return {key: as_arrays(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_arrays(value) for value in tree]
    return tree.numpy() if hasattr(tree, "numpy") else tree


def ten_more_steps(torch, optimizer):
    """Ten steps of some_steps for a PyTorch optimizer."""
    params = optimizer.param_groups[0]["params"]
    x, y = [torch.tensor(array) for array in start(np.float64)[:2]]
    for _ in range(10):
        optimizer.zero_grad()
        loss = ((net(x, *params) - y) ** 2).mean()
        (-loss if optimizer.defaults["maximize"] else loss).backward()
        optimizer.step()
    return [w.detach().numpy() for w in params]


PEERS = [(name, options) for name, options in EACH if (name, options) in OPTIONS]
LOADED = [*PEERS, *[each for each in OPTIONS if {"amsgrad", "dampening", "momentum", "t0"} & set(each[1])]]


@pytest.mark.peers
@pytest.mark.parametrize(("name", "options"), LOADED, ids=ids(LOADED))
def test_the_state_of_a_pytorch_optimizer_fits_and_goes_on(torch, name, options):
    weights, _, optimizer = theirs(torch, name, options, np.float64)
    weights = [nn.Parameter(weight.copy()) for weight in weights]
    own = getattr(optim, name)(weights, **options)
    own.load_state_dict(as_arrays(optimizer.state_dict()))
    assert own.param_groups[0]["lr"] == options["lr"] / 2
    some_steps(weights, own, 10)
    for a, b in zip(weights, ten_more_steps(torch, optimizer), strict=True):
        assert not far(a.numpy(), b, 1e-10).any()


@pytest.mark.peers
@pytest.mark.parametrize(("name", "options"), PEERS, ids=ids(PEERS))
def test_our_state_fits_a_pytorch_optimizer(torch, name, options):
    weights, _, optimizer = ours(name, options, np.float64)
    other = getattr(torch.optim, name)([torch.nn.Parameter(torch.tensor(weight)) for weight in weights], **options)
    saved = optimizer.state_dict()
    slots = {i: {key: torch.tensor(s.numpy()) for key, s in own.items()} for i, own in saved["state"].items()}
    other.load_state_dict({"state": slots, "param_groups": saved["param_groups"]})
    own = optimizer.param_groups[0]["params"]
    some_steps(own, optimizer, 10)
    for a, b in zip(own, ten_more_steps(torch, other), strict=True):
        assert not far(a.numpy(), b, 1e-10).any()


def test_a_state_of_other_options_is_refused():
    saved = optim.Adam([parameter(2)], amsgrad=True).state_dict()
    with pytest.raises(StateDictError, match="amsgrad of Adam is fixed"):
        optim.Adam([parameter(2)]).load_state_dict(saved)
    older = optim.Adam([parameter(2)]).state_dict()
    del older["param_groups"][0]["maximize"]  # a file written before there was this option
    optim.Adam([parameter(2)]).load_state_dict(older)
    with pytest.raises(StateDictError, match="maximize"):
        optim.Adam([parameter(2)], maximize=True).load_state_dict(older)


def test_a_parameter_that_pytorch_never_moved_has_no_slots():
    w, frozen = parameter(2), parameter(2)
    optimizer = optim.Adam([w, frozen])
    w.grad = frozen.grad = pc.ones(2)
    optimizer.step()
    saved = optimizer.state_dict()
    del saved["state"][1]
    optimizer.load_state_dict(saved)
    assert optimizer.state[w]["step"].item() == 1.0
    assert optimizer.state[frozen]["step"].item() == 0.0
    assert optimizer.state[frozen]["exp_avg"].tolist() == [0.0, 0.0]
