"""Optimizers equal PyTorch's, eagerly and recorded; groups, schedules, saving, and what is refused."""

import copy
import itertools
import json

import numpy as np
import pytest
from c_close import TARGETS

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.errors import (
    ArgumentError,
    RecordedValueError,
    RecordingError,
    ShapeError,
    StateDictError,
)

STEPS = 50
OPTIONS = [
    *[
        ("SGD", {"lr": 0.05, "momentum": m, "dampening": d, "weight_decay": w, "nesterov": n})
        for m, d, w, n in itertools.product([0.0, 0.9], [0.0, 0.3], [0.0, 0.01], [False, True])
        if not n or (m and not d)
    ],
    *[
        ("RMSprop", {"lr": 0.01, "alpha": a, "eps": 1e-7, "weight_decay": w, "momentum": m, "centered": c})
        for a, w, m, c in itertools.product([0.99, 0.5], [0.0, 0.01], [0.0, 0.9], [False, True])
    ],
    *[
        ("Adam", {"lr": 0.01, "betas": b, "eps": e, "weight_decay": w})
        for b, e, w in itertools.product([(0.9, 0.999), (0.5, 0.6), (0.0, 0.9)], [1e-8, 1e-3], [0.0, 0.01])
    ],
]
SCHEDULES = {
    "StepLR": {"step_size": 10, "gamma": 0.5},
    "CosineAnnealingLR": {"T_max": 30, "eta_min": 1e-4},
    "LambdaLR": {"lr_lambda": lambda epoch: 0.95**epoch},
}


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def numbers(*shapes):
    random = np.random.default_rng(4)
    return [random.normal(size=shape) for shape in shapes]


def two_layers(x, w1, b1, w2):
    return ((x @ w1.mT + b1).tanh() @ w2.mT).reshape(-1)


def train(library, make, weights, x, y, frozen_until=20, compiled=False):
    """50 steps on a small net; the first bias gets no gradient for a while. Returns weights and losses."""
    optimizer, schedule = make(weights)

    def step():
        loss = ((two_layers(x, *weights) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    if compiled:
        step = library.compile(step)
    losses = []
    for i in range(STEPS):
        weights[1].requires_grad_(i >= frozen_until)
        losses.append(float(step().detach()))
        schedule.step()
    return [weight.detach().numpy() for weight in weights], losses


def our_run(name, options, schedule="StepLR", compiled=False, dtype=np.float64):
    x, y, *weights = [array.astype(dtype) for array in numbers((12, 3), (12,), (5, 3), (5,), (1, 5))]
    weights = [nn.Parameter(weight) for weight in weights]

    def make(weights):
        optimizer = getattr(optim, name)(weights, **options)
        return optimizer, getattr(optim, schedule)(optimizer, **SCHEDULES[schedule])

    return train(pc, make, weights, pc.tensor(x), pc.tensor(y), compiled=compiled)


def their_run(torch, name, options, schedule="StepLR", dtype=np.float64):
    x, y, *weights = [torch.tensor(a.astype(dtype)) for a in numbers((12, 3), (12,), (5, 3), (5,), (1, 5))]
    weights = [torch.nn.Parameter(weight) for weight in weights]

    def make(weights):
        optimizer = getattr(torch.optim, name)(weights, **options)
        return optimizer, getattr(torch.optim.lr_scheduler, schedule)(optimizer, **SCHEDULES[schedule])

    return train(torch, make, weights, x, y)


def assert_same_run(ours, theirs, rtol, atol=0.0):
    for a, b in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=rtol)
    assert ours[1][-1] < ours[1][0]


@pytest.mark.peers
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_fifty_steps_equal_pytorch(torch, name, options):
    assert_same_run(our_run(name, options), their_run(torch, name, options), rtol=1e-6)


@pytest.mark.peers
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_equal_pytorch(torch, schedule):
    options = {"lr": 0.05, "momentum": 0.9}
    assert_same_run(our_run("SGD", options, schedule), their_run(torch, "SGD", options, schedule), rtol=1e-6)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam"])
def test_float32_stays_near_pytorch(torch, name):
    ours, theirs = our_run(name, {}, dtype=np.float32), their_run(torch, name, {}, dtype=np.float32)
    assert all(weight.dtype == np.float32 for weight in ours[0])
    assert_same_run(ours, theirs, rtol=1e-4)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_recorded_equals_eager(name, options, target, monkeypatch):
    monkeypatch.setenv("PELLUCID_TARGET", target)
    eager, recorded = our_run(name, options), our_run(name, options, compiled=True)
    if target == "numpy":
        assert recorded[1] == eager[1]
        for a, b in zip(eager[0], recorded[0], strict=True):
            assert np.array_equal(a, b)
    else:
        # centered RMSprop divides by the root of a difference of nearly equal numbers
        assert_same_run(eager, recorded, rtol=1e-8, atol=1e-8)


def test_the_formula_of_sgd_by_hand():
    w = nn.Parameter(pc.tensor([1.0, 2.0]))
    optimizer = optim.SGD([w], lr=0.5, momentum=0.5)
    for gradient, expected in (([1.0, 0.0], [0.5, 2.0]), ([1.0, 4.0], [-0.25, 0.0])):
        w.grad = pc.tensor(gradient)
        optimizer.step()
        assert w.tolist() == expected


def test_a_constant_gradient_does_not_break_centered_rmsprop():
    w = nn.Parameter(pc.ones(3))
    optimizer = optim.RMSprop([w], lr=1e-6, alpha=0.5, centered=True, eps=1e-2)
    for _ in range(100):
        w.grad = pc.tensor([0.1, 0.3, 0.7])
        optimizer.step()
    assert np.isfinite(w.numpy()).all()


def test_means_of_squares_in_float32_take_the_exact_share_of_the_new_square():
    """1 - 0.999 is taken in float64: in float32 it would be wrong by one part in 80,000."""
    for name, slot, share in [("Adam", "exp_avg_sq", 1 - 0.999), ("RMSprop", "square_avg", 1 - 0.99)]:
        w = nn.Parameter(pc.ones(1))
        optimizer = getattr(optim, name)([w])
        w.grad = pc.ones(1)
        optimizer.step()
        assert optimizer.state[w][slot].item() == np.float32(share)


def test_a_step_writes_into_the_same_memory_and_leaves_no_history():
    w = nn.Parameter(pc.ones(3))
    address, optimizer = w.array.ctypes.data, optim.Adam([w])
    (w * w).sum().backward()
    optimizer.step()
    assert w.array.ctypes.data == address
    assert w.is_leaf
    assert w.requires_grad


def test_parameters_without_gradient_stay():
    first, second = nn.Parameter(pc.ones(2)), nn.Parameter(pc.ones(2))
    optimizer = optim.Adam([first, second], weight_decay=0.1)
    first.grad = pc.ones(2)
    optimizer.step()
    assert second.tolist() == [1.0, 1.0]
    assert optimizer.state[second]["step"].item() == 0
    assert optimizer.state[first]["step"].item() == 1


def test_zero_grad():
    w = nn.Parameter(pc.ones(2))
    optimizer = optim.SGD([w])
    w.grad = pc.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert w.grad is None


# ---- groups


def test_groups_have_hyperparameters_of_their_own():
    first, second = nn.Parameter(pc.ones(1)), nn.Parameter(pc.ones(1))
    optimizer = optim.SGD([{"params": [first]}, {"params": [second], "lr": 0.5, "name": "head"}], lr=0.25)
    for w in (first, second):
        w.grad = pc.ones(1)
    optimizer.step()
    assert (first.item(), second.item()) == (0.75, 0.5)
    assert optimizer.param_groups[1]["name"] == "head"
    third = nn.Parameter(pc.ones(1))
    optimizer.add_param_group({"params": [third], "lr": 1.0})
    third.grad = pc.ones(1)
    optimizer.step()
    assert third.item() == 0.0


def test_numbers_come_back_as_they_were_given():
    group = optim.Adam([nn.Parameter(pc.ones(2))], lr=0.1, betas=(0.9, 0.999)).param_groups[0]
    assert isinstance(group, dict)
    assert group["lr"] == group.get("lr") == dict(group.items())["lr"] == 0.1
    assert group["betas"] == (0.9, 0.999)
    group["betas"] = (0.8, 0.99)
    assert [state.item() for state in group.state("betas")] == [0.8, 0.99]
    group |= {"lr": 0.2}
    assert group.state("lr").item() == 0.2
    version = group.state("lr").version
    group.state("lr").mul_(0.5)
    assert group["lr"] == 0.1
    group["lr"] = 0.3
    assert group.state("lr").version == version + 2  # both were noted as assignments
    assert group.get("no such name", 3) == 3


def test_a_new_learning_rate_needs_no_new_program():
    w = nn.Parameter(pc.ones(1))
    optimizer = optim.SGD([w], lr=0.5)

    @pc.compile
    def step():
        optimizer.zero_grad()
        (w * 1.0).sum().backward()
        optimizer.step()

    step()
    assert w.item() == 0.5
    optimizer.param_groups[0]["lr"] = 0.125
    step()
    assert w.item() == 0.375
    assert len(step.programs) == 1


def test_new_parameters_are_seen_by_a_compiled_step():
    first, second = nn.Parameter(pc.ones(1)), nn.Parameter(pc.ones(1))
    optimizer = optim.SGD([first], lr=0.5)

    @pc.compile
    def step():
        optimizer.zero_grad()
        (first * second).sum().backward()
        optimizer.step()

    step()
    optimizer.add_param_group({"params": [second]})
    step()
    assert second.item() < 1.0


def test_mixed_dtypes_in_one_group():
    wide, narrow = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(2, np.float32))
    optimizer = optim.Adam([narrow, wide], lr=0.1)
    for w in (wide, narrow):
        w.grad = pc.ones_like(w)
    optimizer.step()
    np.testing.assert_allclose(wide.numpy(), 0.9, rtol=1e-7)
    np.testing.assert_allclose(narrow.numpy(), 0.9, rtol=1e-6)
    wide.data, narrow.data = np.ones(2), np.ones(2)
    optim.SGD([narrow, wide], lr=0.1).step()
    assert wide.tolist() == [0.9, 0.9]  # the learning rate was not rounded to float32


def w():
    return nn.Parameter(pc.ones(2))


REFUSED = [
    (lambda: optim.SGD([]), "no parameters"),
    (lambda: optim.SGD(iter([])), "no parameters"),
    (lambda: optim.SGD([{"params": []}]), "no parameters"),
    (lambda: optim.SGD(w()), "not a single tensor"),
    (lambda: optim.SGD(nn.Linear(1, 1)), "model.parameters()"),
    (lambda: optim.SGD(nn.Linear(1, 1).named_parameters()), "without names"),
    (lambda: optim.SGD([pc.ones(2)]), "requires no gradient"),
    (lambda: optim.SGD([w() * 2.0]), "result of a computation"),
    (lambda: optim.SGD([3]), "number 0 is a int"),
    (lambda: optim.SGD([pc.State(3)]), "learns Parameters"),
    (lambda: optim.SGD([w()] * 2), "given twice"),
    (lambda: optim.SGD([{"params": [p]} for p in [w()] * 2]), "given twice"),
    (lambda: optim.SGD([w()], lr=-0.1), "lr of SGD must be a number not below 0, not -0.1"),
    (lambda: optim.SGD([w()], lr=float("nan")), "lr of SGD"),
    (lambda: optim.SGD([w()], lr="fast"), "lr of SGD"),
    (lambda: optim.SGD([w()], momentum=-1), "momentum of SGD"),
    (lambda: optim.SGD([w()], nesterov=True), "nesterov needs momentum"),
    (lambda: optim.SGD([w()], nesterov=True, momentum=0.9, dampening=0.1), "nesterov needs momentum"),
    (lambda: optim.SGD([{"params": [w()], "rate": 0.1}]), "no hyper-parameter 'rate'; it has lr, momentum"),
    (lambda: optim.RMSprop([w()], eps=-1), "eps of RMSprop"),
    (lambda: optim.Adam([w()], betas=(0.9, 1.0)), "betas of Adam must be 2 numbers not below 0 and below 1"),
    (lambda: optim.Adam([w()], betas=0.9), "betas of Adam must be 2 numbers"),
    (lambda: optim.Adam([w()], lr=(0.1, 0.2)), "lr of Adam must be a number"),
    (lambda: optim.StepLR(optim.SGD([w()]), 0), "step_size is a whole number of at least 1"),
    (lambda: optim.CosineAnnealingLR(optim.SGD([w()]), 0), "T_max is a whole number of at least 1"),
]


@pytest.mark.parametrize(("make", "text"), REFUSED)
def test_what_is_refused(make, text):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert text in str(caught.value)


def test_parameters_are_exchanged_by_nobody():
    """A compiled step would go on with those that it was recorded with."""
    w, v = nn.Parameter(pc.ones(2)), nn.Parameter(pc.ones(2))
    optimizer = optim.SGD([{"params": [w]}, {"params": [v]}], lr=0.1)
    group = optimizer.param_groups[1]
    for change in (lambda: optimizer.param_groups.remove(group), lambda: group["params"].remove(v)):
        with pytest.raises(AttributeError, match="tuple"):
            change()
    with pytest.raises(ArgumentError, match="params of SGD is fixed"):
        group["params"] += (w,)


def test_a_refused_group_leaves_the_optimizer_alone():
    p = w()
    optimizer = optim.SGD([p], lr=0.1)
    with pytest.raises(ArgumentError):
        optimizer.add_param_group({"params": [w()], "lr": -1.0})
    with pytest.raises(ArgumentError):
        optimizer.add_param_group({"params": [w(), p]})
    assert len(optimizer.param_groups) == len(optimizer.state) == 1


def test_choices_do_not_freeze_silently():
    group = optim.SGD([w()], weight_decay=0.1).param_groups[0]
    with pytest.raises(ArgumentError, match="momentum of SGD was 0 when the optimizer was made"):
        group["momentum"] = 0.9
    with pytest.raises(ArgumentError, match="nesterov of SGD is fixed"):
        group["nesterov"] = True
    with pytest.raises(ArgumentError, match="no hyper-parameter 'lrr'"):
        group["lrr"] = 0.1
    with pytest.raises(ArgumentError, match="not below 0"):
        group.update(lr=0.5, weight_decay=-1.0)
    assert group["lr"] == 1e-3
    group["weight_decay"] = 0.0
    group["momentum"] = 0.0
    group["nesterov"] = False


def test_a_recorded_step_cannot_read_a_number_or_step_a_schedule():
    optimizer = optim.SGD([w()], lr=0.1)
    schedule = optim.StepLR(optimizer, 1)
    with pytest.raises(RecordedValueError):
        pc.compile(lambda x: x * optimizer.param_groups[0]["lr"])(pc.ones(1))
    with pytest.raises(RecordingError, match="schedule was stepped"):
        pc.compile(lambda x: schedule.step())(pc.ones(1))
    assert schedule.last_epoch == 0
    with pytest.raises(RecordingError, match="created inside a step"):
        pc.compile(lambda x: optim.SGD([w()]))(pc.ones(1))


# ---- saving and loading


def some_optimizer(name, **options):
    net = nn.Linear(3, 2)
    return net, getattr(optim, name)(net.parameters(), lr=0.1, weight_decay=0.01, **options)


def some_steps(net, optimizer, count):
    x, y = pc.tensor(numbers((8, 3))[0].astype(np.float32)), pc.tensor([0, 1] * 4)
    for _ in range(count):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("name", "options"),
    [("SGD", {"momentum": 0.9, "dampening": 0.1}), ("RMSprop", {"momentum": 0.9, "centered": True}), ("Adam", {})],
)
def test_state_dict_continues_with_the_same_bits(name, options):
    net, optimizer = some_optimizer(name, **options)
    some_steps(net, optimizer, 3)
    optimizer.param_groups[0]["lr"] = 0.05
    weights, saved = net.state_dict(), optimizer.state_dict()
    groups = json.loads(json.dumps(saved["param_groups"]))  # as a file keeps them
    slots = {str(number): slots for number, slots in saved["state"].items()}
    some_steps(net, optimizer, 3)

    other_net, other = some_optimizer(name, **options)
    address = next(iter(other.state.values()))
    address = {slot: state.array.ctypes.data for slot, state in address.items()}
    other_net.load_state_dict(weights)
    other.load_state_dict({"state": slots, "param_groups": groups})
    assert {slot: state.array.ctypes.data for slot, state in next(iter(other.state.values())).items()} == address
    assert other.param_groups[0]["lr"] == 0.05
    some_steps(other_net, other, 3)
    for a, b in zip(net.parameters(), other_net.parameters(), strict=True):
        assert np.array_equal(a.numpy(), b.numpy())


def test_a_state_dict_that_does_not_fit_changes_nothing():
    net, optimizer = some_optimizer("SGD", momentum=0.9)
    some_steps(net, optimizer, 2)
    good, before = optimizer.state_dict(), optimizer.state_dict()
    for spoil, text in [
        (lambda s: s["param_groups"].append(s["param_groups"][0]), "groups of [2] parameters are here"),
        (lambda s: s["param_groups"][0].update(nesterov=True), "nesterov of SGD is fixed"),
        (lambda s: s["param_groups"][0].update(dampening=0.5), "dampening of SGD was 0"),
        (lambda s: s["param_groups"][0].update(lr=-1.0), "lr of SGD must be"),
        (lambda s: s["param_groups"][0].pop("lr"), "['lr'] are on one side only"),
        (lambda s: s["state"][1].clear(), "parameter 1 has the slots ['momentum_buffer']"),
        (lambda s: s["state"][1].update(momentum_buffer=pc.ones(5)), "momentum_buffer of parameter 1"),
    ]:
        wrong = copy.deepcopy(good)
        wrong["param_groups"][0]["lr"] = 7.0
        wrong["state"][0]["momentum_buffer"] = pc.zeros(2, 3)
        spoil(wrong)
        with pytest.raises(StateDictError) as caught:
            optimizer.load_state_dict(wrong)
        assert text in str(caught.value)
        after = optimizer.state_dict()
        assert after["param_groups"] == before["param_groups"]
        assert np.array_equal(after["state"][0]["momentum_buffer"], before["state"][0]["momentum_buffer"])


def test_schedules_save_and_load():
    optimizer = optim.SGD([w()], lr=0.8)
    schedule = optim.StepLR(optimizer, 2, gamma=0.5)
    rates = []
    for _ in range(5):
        rates.append(schedule.get_last_lr()[0])
        schedule.step()
    assert rates == [0.8, 0.8, 0.4, 0.4, 0.2]
    other = optim.StepLR(optim.SGD([w()], lr=0.1), 2, gamma=0.5)
    other.load_state_dict(schedule.state_dict())
    assert other.get_last_lr() == [0.2]
    other.step()
    assert other.get_last_lr() == [0.1]
    with pytest.raises(StateDictError, match="StepLR of 1 groups"):
        other.load_state_dict({"last_epoch": 3})


def test_a_schedule_says_that_groups_came_after_it():
    optimizer = optim.SGD([w()], lr=0.8)
    schedule = optim.StepLR(optimizer, 2)
    optimizer.add_param_group({"params": [w()]})
    with pytest.raises(ArgumentError, match="made for 1 groups of parameters, but the optimizer has 2"):
        schedule.step()


def test_a_copy_of_model_and_optimizer_belongs_together():
    net, optimizer = some_optimizer("Adam")
    some_steps(net, optimizer, 2)
    other_net, other = copy.deepcopy((net, optimizer))
    some_steps(net, optimizer, 2)
    some_steps(other_net, other, 2)
    other.param_groups[0]["lr"] = 0.3
    assert optimizer.param_groups[0]["lr"] == 0.1
    for a, b in zip(net.parameters(), other_net.parameters(), strict=True):
        assert a is not b
        assert np.array_equal(a.numpy(), b.numpy())


def test_an_optimizer_prints_its_numbers():
    text = repr(optim.SGD([w()], lr=0.25))
    assert "1 parameters" in text
    assert "lr=0.25" in text


def test_slots_can_be_written_but_not_exchanged():
    """A compiled step works on the States themselves: another one in their place would not be seen."""
    w = nn.Parameter(pc.ones(3))
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)

    @pc.compile
    def step(x):
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    x = pc.tensor([1.0, 2.0, 3.0])
    for _ in range(15):
        step(x)
    (name,) = [name for name, slot in optimizer.state[w].items() if slot.shape == (3,)]
    before = w.numpy().copy()
    optimizer.state[w][name] = pc.zeros(3)
    step(x)
    np.testing.assert_allclose(w.numpy(), before - 0.1 * x.numpy(), rtol=1e-6)
    optimizer.state[w].update({name: np.ones(3)})
    np.testing.assert_array_equal(optimizer.state[w][name].numpy(), np.ones(3, np.float32))
    with pytest.raises(ArgumentError, match="no slot"):
        optimizer.state[w]["else"] = x
    for change in (lambda s: s.pop(name), lambda s: s.clear(), lambda s: s.__delitem__(name)):
        with pytest.raises(ArgumentError, match="fixed when it is made"):
            change(optimizer.state[w])
    with pytest.raises(TypeError):
        optimizer.state[w] = {}
    with pytest.raises(ShapeError):
        optimizer.state[w][name] = pc.zeros(4)
    twin = copy.deepcopy(optimizer)
    assert [list(slots) for slots in twin.state.values()] == [list(slots) for slots in optimizer.state.values()]


def test_what_is_no_group_and_no_state_is_refused():
    w = nn.Parameter(pc.ones(2))
    with pytest.raises(ArgumentError, match="NoneType"):
        optim.Adam(None)
    with pytest.raises(ArgumentError, match="a dict, not a Parameter"):
        optim.Adam([{"params": [w]}, nn.Parameter(pc.ones(1))])
    for wrong in ({}, None, {"state": {}}):
        with pytest.raises(StateDictError, match="'state' and 'param_groups'"):
            optim.Adam([w]).load_state_dict(wrong)
