"""Schedules made of schedules: one after the other, or all at once."""

from bisect import bisect_right

from pellucid.errors import ArgumentError, StateDictError
from pellucid.optim.lr_scheduler.base import LRScheduler, checked_optimizer, current, refuse_recording
from pellucid.optim.lr_scheduler.plateau import ReduceLROnPlateau


class Combined(LRScheduler):
    """What is made of schedules keeps their states in its own."""

    def take(self, schedulers, optimizer):
        """Look whether these schedules go together."""
        name = type(self).__name__
        self.schedulers = list(schedulers)
        if not self.schedulers:
            raise ArgumentError(f"{name} was given no schedules.")
        self.optimizer = checked_optimizer(name, optimizer or self.schedulers[0].optimizer)
        for number, schedule in enumerate(self.schedulers):
            if isinstance(schedule, ReduceLROnPlateau):
                raise ArgumentError(
                    f"{name}: schedule {number} is ReduceLROnPlateau, whose step needs a figure.",
                    remedy="Step it by itself: plateau.step(val_loss).",
                )
            if not isinstance(schedule, LRScheduler) or schedule.optimizer is not self.optimizer:
                raise ArgumentError(f"{name}: schedule {number} is not a schedule of the same optimizer.")

    def get_last_lr(self):
        return list(self._last_lr)

    def state_dict(self):
        return {**super().state_dict(), "_schedulers": [schedule.state_dict() for schedule in self.schedulers]}

    def load_state_dict(self, state_dict):
        states = state_dict.get("_schedulers", ())
        if len(states) != len(self.schedulers) or "_last_lr" not in state_dict:
            raise StateDictError(
                f"the saved values do not fit {type(self).__name__} of {len(self.schedulers)} schedules. "
                "Nothing was loaded."
            )
        for schedule, state in zip(self.schedulers, states, strict=True):
            schedule.load_state_dict(state)
        self.last_epoch = state_dict.get("last_epoch", self.last_epoch)
        for group, rate in zip(self.optimizer.param_groups, state_dict["_last_lr"], strict=True):
            group["lr"] = rate
        self._last_lr = current(self.optimizer)


class SequentialLR(Combined):
    """One schedule after the other: number i begins, with its epoch 0, in epoch milestones[i - 1].

    A warm-up, and what comes after it:

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> warm_up = pc.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> wave = pc.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    >>> schedule = SequentialLR(optimizer, [warm_up, wave], milestones=[3])
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.2, 0.4, 0.6, 0.8, 0.78]
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        self.take(schedulers, optimizer)
        if len(milestones) != len(self.schedulers) - 1:
            raise ArgumentError(
                f"SequentialLR of {len(self.schedulers)} schedules needs {len(self.schedulers) - 1} milestones, "
                f"not {len(milestones)}."
            )
        self.milestones = list(milestones)
        if any(type(epoch) is not int for epoch in self.milestones) or self.milestones != sorted(self.milestones):
            raise ArgumentError(f"SequentialLR: milestones are whole numbers that rise, not {self.milestones}.")
        self.last_epoch = last_epoch + 1
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        set_back(self)
        self.schedulers[bisect_right(self.milestones, 0)].begin()  # the others have set the learning rate as well
        self._last_lr = current(self.optimizer)

    def begin(self):
        self.last_epoch += 1
        self.schedulers[0].begin()
        self._last_lr = current(self.optimizer)

    def restart(self):
        self.last_epoch = 0
        self.schedulers[0].restart()
        self._last_lr = current(self.optimizer)

    def step(self):
        refuse_recording()
        self.last_epoch += 1
        number = bisect_right(self.milestones, self.last_epoch)
        if number > 0 and self.milestones[number - 1] == self.last_epoch:
            self.schedulers[number].restart()
        else:
            self.schedulers[number].step()
        self._last_lr = self.schedulers[number].get_last_lr()


class ChainedScheduler(Combined):
    """All schedules at once: each step steps them one after the other, so that their factors multiply.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> parts = [pc.optim.ExponentialLR(optimizer, 0.5), pc.optim.ConstantLR(optimizer, 0.5, 2)]
    >>> schedule = ChainedScheduler(parts)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.4, 0.2, 0.2, 0.1]
    """

    def __init__(self, schedulers, optimizer=None):
        self.take(schedulers, optimizer)
        self.last_epoch = 0
        self._last_lr = current(self.optimizer)

    def begin(self):
        self.last_epoch += 1
        for schedule in self.schedulers:
            schedule.begin()
        self._last_lr = current(self.optimizer)

    def restart(self):
        self.last_epoch = 0
        for schedule in self.schedulers:
            schedule.restart()
        self._last_lr = current(self.optimizer)

    def step(self):
        refuse_recording()
        self.last_epoch += 1
        for schedule in self.schedulers:
            schedule.step()
        self._last_lr = current(self.optimizer)


def set_back(schedule):
    """Let a schedule, and those that it is made of, be as before their first epoch."""
    if isinstance(schedule, Combined):
        for part in schedule.schedulers:
            set_back(part)
            part.last_epoch -= 1
