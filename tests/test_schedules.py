"""Schedules over 100 steps beside PyTorch's: alone, chained, in a row; with several groups, momentum, and a restart."""

import functools
import json
import warnings

import numpy as np
import pytest

import pellucid as pc
from pellucid import nn, optim
from pellucid.errors import ArgumentError, RecordingError, StateDictError

STEPS = 100
ALONE = [
    ("StepLR", {"step_size": 10, "gamma": 0.5}),
    ("StepLR", {"step_size": 1}),
    ("MultiStepLR", {"milestones": [30, 10, 10, 80], "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.95}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.5, "total_iters": 20}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 40}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 60, "power": 2.0}),
    ("CosineAnnealingLR", {"T_max": 30}),
    ("CosineAnnealingLR", {"T_max": 30, "eta_min": 1e-3}),
    ("CosineAnnealingLR", {"T_max": 200, "eta_min": 1e-3}),
    ("CosineAnnealingWarmRestarts", {"T_0": 10}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 2, "eta_min": 1e-3}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}),
    ("LambdaLR", {"lr_lambda": [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.95 if epoch % 2 else 1.0}),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 100}),
    ("OneCycleLR", {"max_lr": [0.3, 0.1], "epochs": 25, "steps_per_epoch": 4, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 120, "three_phase": True, "pct_start": 0.4, "div_factor": 10.0}),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 100, "cycle_momentum": False, "final_div_factor": 10.0}),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 100, "base_momentum": [0.5, 0.6], "max_momentum": 0.9}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8}),
    ("CyclicLR", {"base_lr": [0.01, 0.02], "max_lr": 0.1, "step_size_up": 8, "step_size_down": 12}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "mode": "triangular2"}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "mode": "exp_range", "gamma": 0.99}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "scale_fn": lambda cycle: 0.7**cycle}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "cycle_momentum": False}),
    (
        "CyclicLR",
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "scale_fn": lambda i: 0.99**i, "scale_mode": "iterations"},
    ),
]
each = pytest.mark.parametrize(("name", "options"), ALONE)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a schedule that is stepped without its optimizer
        yield torch


def two_groups(library, parameter, name="SGD"):
    options = {"momentum": 0.9} if name == "SGD" else {}
    groups = [{"params": [parameter(np.ones(2))]}, {"params": [parameter(np.ones(3))], "lr": 0.02}]
    return getattr(library.optim, name)(groups, lr=0.05, **options)


def ours(name="SGD"):
    return two_groups(pc, nn.Parameter, name)


def theirs(torch, name="SGD"):
    return two_groups(torch, lambda array: torch.nn.Parameter(torch.tensor(array)), name)


def seen(optimizer):
    """Learning rates and momentums of all groups."""
    return [
        (group["lr"], group["momentum"] if "momentum" in group else group["betas"]) for group in optimizer.param_groups
    ]


def course(optimizer, schedule, steps=STEPS):
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr() if hasattr(schedule, "get_last_lr") else [])
        rates[-1] = np.concatenate([rates[-1], np.ravel([np.hstack(numbers) for numbers in seen(optimizer)])])
        schedule.step()
    return np.array(rates)


def assert_same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.peers
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@each
def test_100_steps_equal_pytorch(torch, name, options, optimizer):
    mine, yours = ours(optimizer), theirs(torch, optimizer)
    a = course(mine, getattr(optim.lr_scheduler, name)(mine, **options))
    b = course(yours, getattr(torch.optim.lr_scheduler, name)(yours, **options))
    assert_same(a, b)
    assert len({tuple(row) for row in a}) > 1


def chained(schedules, optimizer):
    return schedules.ChainedScheduler(
        [
            schedules.ConstantLR(optimizer, factor=0.1, total_iters=20),
            schedules.ExponentialLR(optimizer, gamma=0.97),
            schedules.CosineAnnealingLR(optimizer, T_max=40, eta_min=1e-4),
        ]
    )


def warm_up(schedules, optimizer):
    first = schedules.LinearLR(optimizer, start_factor=0.1, total_iters=10)
    second = schedules.CosineAnnealingLR(optimizer, T_max=60)
    third = schedules.StepLR(optimizer, step_size=7, gamma=0.5)
    return schedules.SequentialLR(optimizer, [first, second, third], milestones=[10, 55])


def restarts_at_the_end(schedules, optimizer):
    first = schedules.ConstantLR(optimizer, factor=0.5, total_iters=100)
    second = schedules.CosineAnnealingWarmRestarts(optimizer, T_0=9, T_mult=2)
    return schedules.SequentialLR(optimizer, [first, second], milestones=[12])


def any_functions(schedules, optimizer):
    first = schedules.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    second = schedules.MultiplicativeLR(optimizer, lambda epoch: 0.9)
    return schedules.SequentialLR(optimizer, [second, first], milestones=[30])


@pytest.mark.peers
@pytest.mark.parametrize("make", [chained, warm_up, restarts_at_the_end, any_functions])
def test_schedules_of_schedules_equal_pytorch(torch, make):
    mine, yours = ours(), theirs(torch)
    a, b = make(optim.lr_scheduler, mine), make(torch.optim.lr_scheduler, yours)
    assert_same(course(mine, a), course(yours, b))


@pytest.mark.peers
def test_two_schedules_stepped_in_turn_equal_pytorch(torch):
    def run(library, optimizer):
        schedules = library.optim.lr_scheduler
        pair = schedules.PolynomialLR(optimizer, total_iters=50), schedules.StepLR(optimizer, 20, gamma=0.5)
        rates = []
        for epoch in range(STEPS):
            if epoch == 30:
                optimizer.param_groups[0]["lr"] *= 2.0  # a schedule goes on from what it finds
            for schedule in pair:
                schedule.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
        return rates

    assert_same(run(pc, ours()), run(torch, theirs(torch)))


@pytest.mark.peers
def test_restarts_at_broken_epochs_equal_pytorch(torch):
    def run(library, optimizer):
        schedule = library.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2)
        rates = []
        for i in range(STEPS):
            schedule.step(i / 7)
            rates.append(schedule.get_last_lr())
        return rates

    assert_same(run(pc, ours()), run(torch, theirs(torch)))


FIGURES = np.abs(np.sin(np.arange(STEPS) / 9)) + np.exp(-np.arange(STEPS) / 20)
PLATEAUS = [
    {"patience": 2, "factor": 0.5},
    {"patience": 0, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 3},
    {"patience": 1, "mode": "max", "min_lr": 1e-3},
    {"patience": 1, "mode": "max", "threshold_mode": "abs", "threshold": 0.01, "min_lr": [1e-3, 1e-2]},
    {"patience": 1, "eps": 1e-2},
]


@pytest.mark.peers
@pytest.mark.parametrize("options", PLATEAUS)
def test_plateaus_equal_pytorch(torch, options):
    def run(library, optimizer):
        schedule = library.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        rates = []
        for figure in [float("nan"), *FIGURES]:
            schedule.step(figure)
            rates.append([*schedule.get_last_lr(), schedule.num_bad_epochs])
        return rates

    a = run(pc, ours())
    assert_same(a, run(torch, theirs(torch)))
    assert a[-1][:2] < a[0][:2]


@pytest.mark.peers
@each
def test_going_on_after_an_epoch_equals_pytorch(torch, name, options):
    """A new schedule with last_epoch, on an optimizer whose state was loaded."""

    def run(library, make):
        schedules, optimizer = library.optim.lr_scheduler, make()
        schedule = getattr(schedules, name)(optimizer, **options)
        for _ in range(13):
            schedule.step()
        other = make()
        other.load_state_dict(optimizer.state_dict())
        return course(other, getattr(schedules, name)(other, **options, last_epoch=12), 20)

    if "T_mult" in options:  # PyTorch counts one wave only here, however many are over
        options = options | {"T_mult": 1}
    if name == "CyclicLR" and options.get("cycle_momentum", True):
        options = options | {"cycle_momentum": False}
    assert_same(run(pc, ours), run(torch, functools.partial(theirs, torch)))


def test_a_warm_up_by_hand():
    optimizer = optim.SGD([nn.Parameter(pc.ones(1))], lr=0.8)
    schedule = optim.WarmupCosineLR(optimizer, warmup=4, total=8, eta_min=0.2)
    rates = course_of(schedule, 10)
    middle = [0.2 + 0.6 * (1 + np.cos(np.pi * i / 4)) / 2 for i in (0, 1, 2, 3, 4)]
    assert rates == pytest.approx([0.2, 0.4, 0.6, 0.8, *middle, 0.2])


def course_of(schedule, steps):
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        schedule.step()
    return rates


# ---- compiled


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_one_program_serves_a_whole_cycle(name):
    """Learning rate and momentum are States: nothing is recorded again, and the steps are those of eager code."""

    def run(wrap):
        w = nn.Parameter(np.ones(3))
        optimizer = getattr(optim, name)([w], lr=0.1, **({"momentum": 0.9} if name == "SGD" else {}))
        schedule = optim.OneCycleLR(optimizer, max_lr=0.2, total_steps=20)

        def step():
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()

        step = wrap(step)
        for _ in range(20):
            step()
            schedule.step()
        return w.numpy().copy(), step

    eager, _ = run(lambda step: step)
    compiled, step = run(pc.compile)
    assert len(step.programs) == 1
    np.testing.assert_allclose(compiled, eager, rtol=1e-9)


def test_a_schedule_is_not_stepped_inside_of_a_step():
    optimizer = ours()
    plateau = optim.ReduceLROnPlateau(optimizer)
    for schedule in (optim.ChainedScheduler([optim.StepLR(optimizer, 1)]), warm_up(optim, optimizer)):
        with pytest.raises(RecordingError, match="schedule was stepped"):
            pc.compile(lambda x, schedule=schedule: schedule.step())(pc.ones(1))
    with pytest.raises(RecordingError, match="schedule was stepped"):
        pc.compile(lambda x: plateau.step(1.0))(pc.ones(1))


# ---- saving and loading


MAKERS = [
    *[(lambda optimizer, n=name, o=options: getattr(optim, n)(optimizer, **o)) for name, options in ALONE],
    *[functools.partial(make, optim) for make in (chained, warm_up, restarts_at_the_end)],
]


@pytest.mark.parametrize("make", MAKERS)
def test_a_saved_schedule_goes_on(make):
    optimizer = ours()
    schedule = make(optimizer)
    course(optimizer, schedule, 23)
    saved, slots = json.loads(json.dumps(schedule.state_dict())), optimizer.state_dict()
    other = ours()
    again = make(other)
    other.load_state_dict(slots)
    again.load_state_dict(saved)
    assert again.get_last_lr() == schedule.get_last_lr()
    assert seen(other) == seen(optimizer)
    assert np.array_equal(course(other, again, 30), course(optimizer, schedule, 30))


def test_a_saved_plateau_goes_on():
    optimizer, other = ours(), ours()
    schedule, again = [optim.ReduceLROnPlateau(o, patience=1, factor=0.5) for o in (optimizer, other)]
    for figure in FIGURES[:20]:
        schedule.step(figure)
    again.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
    assert seen(other) == seen(optimizer)
    for figure in FIGURES[20:]:
        schedule.step(figure)
        again.step(figure)
        assert seen(other) == seen(optimizer)


@pytest.mark.peers
@each
def test_the_state_of_a_pytorch_schedule_fits(torch, name, options):
    mine, yours = ours(), theirs(torch)
    schedule = getattr(torch.optim.lr_scheduler, name)(yours, **options)
    course(yours, schedule, 13)
    again = getattr(optim.lr_scheduler, name)(mine, **options)
    mine.load_state_dict({"state": mine.state_dict()["state"], "param_groups": yours.state_dict()["param_groups"]})
    again.load_state_dict(schedule.state_dict())
    assert_same(course(mine, again, 30), course(yours, schedule, 30))


def test_states_that_do_not_fit_are_refused():
    one = optim.StepLR(optim.SGD([nn.Parameter(pc.ones(1))]), 1)
    with pytest.raises(StateDictError, match="StepLR of 2 groups"):
        optim.StepLR(ours(), 1).load_state_dict(one.state_dict())
    with pytest.raises(StateDictError, match="SequentialLR of 3 schedules"):
        warm_up(optim, ours()).load_state_dict(one.state_dict())
    with pytest.raises(StateDictError, match="ReduceLROnPlateau of 2 groups"):
        optim.ReduceLROnPlateau(ours()).load_state_dict(one.state_dict())


def adagrad():
    return optim.Adagrad([nn.Parameter(pc.ones(1))])


def still():
    return optim.SGD([nn.Parameter(pc.ones(1))])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optim.StepLR(3, 1), "StepLR needs an optimizer, not a int"),
        (lambda: optim.StepLR(still(), 1, last_epoch=3), "group 0 has no initial_lr"),
        (lambda: optim.StepLR(still(), 0.5), "step_size is a whole number"),
        (lambda: optim.ConstantLR(still(), factor=2.0), "factor is a number from 0 to 1"),
        (lambda: optim.LinearLR(still(), start_factor=0.0), "start_factor is a number above 0"),
        (lambda: optim.LambdaLR(still(), 0.5), "lr_lambda is a function"),
        (lambda: optim.LambdaLR(still(), [abs, abs]), "1 groups of parameters, but 2 values"),
        (lambda: optim.CosineAnnealingWarmRestarts(still(), 0), "T_0 is a whole number"),
        (lambda: optim.OneCycleLR(still(), 0.1), "total_steps, or both"),
        (lambda: optim.OneCycleLR(still(), 0.1, 10, anneal_strategy="sine"), '"cos" or "linear"'),
        (lambda: optim.OneCycleLR(still(), 0.1, 10), "momentum of SGD was 0"),
        (lambda: optim.OneCycleLR(adagrad(), 0.1, 10), "Adagrad has neither momentum nor betas"),
        (lambda: optim.CyclicLR(still(), 0.1, 1.0, mode="square"), "mode is"),
        (lambda: optim.ReduceLROnPlateau(still(), factor=1.0), "factor is a number below 1"),
        (lambda: optim.ReduceLROnPlateau(still(), mode="least"), 'mode is "min" or "max"'),
        (lambda: optim.SequentialLR(still(), [], []), "no schedules"),
        (lambda: optim.ChainedScheduler([optim.ReduceLROnPlateau(still())]), "whose step needs a figure"),
        (lambda: optim.ChainedScheduler([optim.StepLR(still(), 1), optim.StepLR(still(), 1)]), "same optimizer"),
    ],
)
def test_what_is_refused(make, text):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert text in str(caught.value)


def test_the_wrong_count_of_milestones_or_steps_is_refused():
    optimizer = still()
    with pytest.raises(ArgumentError, match="needs 0 milestones, not 1"):
        optim.SequentialLR(optimizer, [optim.StepLR(optimizer, 1)], [3])
    schedule = optim.OneCycleLR(optimizer, 0.1, total_steps=3, cycle_momentum=False)
    with pytest.raises(ArgumentError, match="made for 3 steps, and step 4"):
        course_of(schedule, 5)


def test_milestones_that_do_not_rise_are_refused():
    optimizer = optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.1)
    parts = [optim.ConstantLR(optimizer) for _ in range(3)]
    for milestones in ([5, 3], ["a", "b"], [1.5, 2]):
        with pytest.raises(ArgumentError, match="milestones"):
            optim.SequentialLR(optimizer, parts, milestones)
