"""Schedules that go up and down: warm restarts, triangles, and one cycle, which may take the momentum along."""

import math

from pellucid.errors import ArgumentError
from pellucid.optim.lr_scheduler.base import LRScheduler, for_each_group, require, require_count


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = eta_min + (base - eta_min) (1 + cos(pi T_cur / T_i)) / 2: down along half a wave, again and again.

    The first wave takes T_i = T_0 epochs, each further one T_mult times as many; T_cur epochs of it are over.
    `step(epoch)` may be given a broken number, such as epoch + batch / batches.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.4, 0.8, 0.4]
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):  # noqa: N803  PyTorch's names
        require_count("CosineAnnealingWarmRestarts", "T_0", T_0)
        require_count("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.T_0 = self.T_i = T_0
        self.T_mult = T_mult
        self.T_cur = 0
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def step(self, epoch=None):
        """An epoch is over; or go to `epoch`, which may be a broken number."""
        if epoch is not None:
            require("CosineAnnealingWarmRestarts", "epoch", epoch, lambda value: value >= 0, "a number not below 0")
            self.last_epoch = math.floor(epoch) - 1
        self.T_cur, self.T_i = self.place(self.last_epoch + 1 if epoch is None else epoch)
        super().step()

    def restart(self):
        self.T_cur, self.T_i = self.place(0)
        super().restart()

    def place(self, epoch):
        """How much of a wave is over in this epoch, and how long that wave is."""
        length = self.T_0
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return epoch, length

    def get_lr(self):
        wave = (1.0 + math.cos(math.pi * self.T_cur / self.T_i)) / 2.0
        return [self.eta_min + (base - self.eta_min) * wave for base in self.base_lrs]


class MomentumCycle(LRScheduler):
    """A schedule that may take along the momentum, or the first of Adam's betas: it falls while the rate rises.

    A subclass says in `get_momentum()` how large it is in each group.
    """

    def take_momentum(self, cycle_momentum, base_momentum, max_momentum, begins):
        """Look whether the optimizer has a momentum, and note its bounds in the groups."""
        name, optimizer = type(self).__name__, self.optimizer
        self.cycle_momentum = cycle_momentum
        if not cycle_momentum:
            return
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ArgumentError(
                f"{name}: {type(optimizer).__name__} has neither momentum nor betas.", remedy="cycle_momentum=False."
            )
        self.use_beta1 = "betas" in optimizer.defaults
        self.base_momentums = for_each_group(name, "base_momentum", base_momentum, optimizer)
        self.max_momentums = for_each_group(name, "max_momentum", max_momentum, optimizer)
        if begins:
            self.write_momentum(self.max_momentums)  # the optimizer refuses it here if it was made without momentum
            for group, low, high in zip(optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True):
                group["base_momentum"], group["max_momentum"] = low, high

    def get_momentum(self):
        """The momentum of each group in epoch `last_epoch`."""
        raise NotImplementedError(f"{type(self).__name__} has no get_momentum method.")

    def write(self, rates):
        super().write(rates)
        if self.cycle_momentum:
            self.write_momentum(self.get_momentum())

    def write_momentum(self, momentums):
        """Give every group its momentum."""
        for group, momentum in zip(self.optimizer.param_groups, momentums, strict=True):
            if self.use_beta1:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum


class OneCycleLR(MomentumCycle):
    """One cycle for the whole training: up from max_lr / div_factor to max_lr, then down to almost nothing.

    The first `pct_start` of `total_steps` (or epochs times steps_per_epoch) go up, the rest down to
    max_lr / div_factor / final_div_factor; with `three_phase` first down as it went up. The way is half a wave of a
    cosine or a straight line (`anneal_strategy`). Meanwhile the momentum, or Adam's beta1, goes from max_momentum to
    base_momentum and back. Step it after each batch.

    Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates"
    (2018).

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=4, cycle_momentum=False)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.04, 0.812, 0.283, 0.0]
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
        anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
        final_div_factor=1e4, three_phase=False, last_epoch=-1,
    ):  # fmt: skip
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ArgumentError("OneCycleLR needs total_steps, or both epochs and steps_per_epoch.")
            require_count("OneCycleLR", "epochs", epochs)
            require_count("OneCycleLR", "steps_per_epoch", steps_per_epoch)
            total_steps = epochs * steps_per_epoch
        require_count("OneCycleLR", "total_steps", total_steps)
        require("OneCycleLR", "pct_start", pct_start, lambda value: 0.0 <= value <= 1.0, "a number from 0 to 1")
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f'OneCycleLR: anneal_strategy is "cos" or "linear", not {anneal_strategy!r}.')
        self.optimizer = optimizer
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.three_phase = three_phase
        if last_epoch == -1:
            rates = for_each_group("OneCycleLR", "max_lr", max_lr, optimizer)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["initial_lr"], group["max_lr"] = rate / div_factor, rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.take_momentum(cycle_momentum, base_momentum, max_momentum, begins=last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def phases(self):
        """(step in which it ends, learning rates at its two ends, momentums at its two ends) of each phase."""
        up_to, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        up = (up_to, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not self.three_phase:
            return [up, (end, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        down = (2 * self.pct_start * self.total_steps - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
        return [up, down, (end, "initial_lr", "min_lr", "max_momentum", "max_momentum")]

    def between(self, first, second):
        """In each group what stands between two of its numbers; these are named by their place in `phases`."""
        step, start = self.last_epoch, 0.0
        for phase in self.phases():
            if step <= phase[0]:
                break
            start = phase[0]
        else:
            start = self.phases()[-2][0]
        # After the last step of a training step() is called once more: then the numbers stay where they are.
        done = min(1.0, (step - start) / (phase[0] - start)) if phase[0] != start else 1.0
        way = done if self.anneal_strategy == "linear" else (1.0 - math.cos(math.pi * done)) / 2.0
        return [
            group[phase[first]] + (group[phase[second]] - group[phase[first]]) * way
            for group in self.optimizer.param_groups
        ]

    def get_lr(self):
        if self.last_epoch > self.total_steps:
            raise ArgumentError(
                f"OneCycleLR was made for {self.total_steps} steps, and step {self.last_epoch} was asked for.",
                remedy="total_steps counts the calls of step(): batches times epochs.",
            )
        return self.between(1, 2)

    def get_momentum(self):
        return self.between(3, 4)


class CyclicLR(MomentumCycle):
    """Up from base_lr to max_lr in a straight line in `step_size_up` steps, and down again, over and over.

    `mode`: all triangles alike ("triangular"), each half as high as the last ("triangular2"), or lower by gamma in
    each step ("exp_range"); instead, `scale_fn` gives the height of a cycle (from 1 on) or, if `scale_mode` is
    "iterations", of a step. Meanwhile the momentum, or Adam's beta1, goes from max_momentum to base_momentum and back.

    Source: Smith, "Cyclical learning rates for training neural networks" (2017).

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = CyclicLR(optimizer, base_lr=0.0, max_lr=1.0, step_size_up=2, cycle_momentum=False)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.0, 0.5, 1.0, 0.5]
    """

    def __init__(
        self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0,
        scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1,
    ):  # fmt: skip
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ArgumentError(f'CyclicLR: mode is "triangular", "triangular2" or "exp_range", not {mode!r}.')
        require("CyclicLR", "step_size_up", step_size_up, lambda value: value > 0, "a number above 0")
        self.optimizer = optimizer
        lowest = for_each_group("CyclicLR", "base_lr", base_lr, optimizer)
        self.max_lrs = for_each_group("CyclicLR", "max_lr", max_lr, optimizer)
        self.total_size = float(step_size_up + (step_size_up if step_size_down is None else step_size_down))
        self.step_ratio = step_size_up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = scale_mode
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, lowest, strict=True):
                group["lr"] = rate
        self.take_momentum(cycle_momentum, base_momentum, max_momentum, begins=last_epoch == -1)
        self.lowest = lowest
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lowest

    def height(self):
        """How high it stands in epoch `last_epoch`: 0 is base_lr, 1 is max_lr."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1.0) / (self.step_ratio - 1.0)
        if self.scale_fn is not None:
            return height * self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return height / 2.0 ** (cycle - 1)
        return height * self.gamma**self.last_epoch if self.mode == "exp_range" else height

    def get_lr(self):
        height = self.height()
        return [low + (high - low) * height for low, high in zip(self.lowest, self.max_lrs, strict=True)]

    def get_momentum(self):
        height = self.height()
        return [high - (high - low) * height for low, high in zip(self.base_momentums, self.max_momentums, strict=True)]
