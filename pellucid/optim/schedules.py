"""Schedules: the learning rate of each group as a function of the epoch. Call `step()` after every epoch."""

import math

from pellucid.engine import mode
from pellucid.errors import ArgumentError, RecordingError, StateDictError


class Schedule:
    """What all schedules share. A subclass says in `rate(base)` what becomes of a first learning rate."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]
        self.last_epoch = 0
        self.write()

    def rate(self, base):
        """The learning rate in epoch `last_epoch`, for a group that began with `base`."""
        raise NotImplementedError(f"{type(self).__name__} has no rate method.")

    def step(self):
        """An epoch is over: set the learning rates of the next."""
        if mode.local.recording is not None:
            raise RecordingError(
                "a schedule was stepped inside a step that is being recorded, where it would count once only.",
                remedy="Call schedule.step() outside of the compiled step: it sees the new learning rate.",
            )
        self.last_epoch += 1
        self.write()

    def write(self):
        """Give every group its learning rate."""
        if len(self.optimizer.param_groups) != len(self.base_lrs):
            raise ArgumentError(
                f"{type(self).__name__} was made for {len(self.base_lrs)} groups of parameters, but the optimizer has "
                f"{len(self.optimizer.param_groups)} now.",
                remedy="Make the schedule after add_param_group.",
            )
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(base)

    def get_last_lr(self):
        """The learning rate of each group now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Where the schedule stands."""
        return {"base_lrs": list(self.base_lrs), "last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict):
        """Go on where a saved schedule stood; the learning rates are set accordingly."""
        if set(state_dict) != {"base_lrs", "last_epoch"} or len(state_dict["base_lrs"]) != len(self.base_lrs):
            raise StateDictError(
                f"the saved values do not fit {type(self).__name__} of {len(self.base_lrs)} groups. Nothing was loaded."
            )
        self.base_lrs = list(state_dict["base_lrs"])
        self.last_epoch = state_dict["last_epoch"]
        self.write()


class LambdaLR(Schedule):
    """lr = base * lr_lambda(epoch): any function of the epoch, which counts from 0."""

    def __init__(self, optimizer, lr_lambda):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, base):
        return base * self.lr_lambda(self.last_epoch)


class StepLR(Schedule):
    """lr = base * gamma^(epoch // step_size): every `step_size` epochs down by the factor gamma."""

    def __init__(self, optimizer, step_size, gamma=0.1):
        if step_size < 1:
            raise ArgumentError(f"StepLR: step_size is at least 1, not {step_size}.")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, base):
        return base * self.gamma ** (self.last_epoch // self.step_size)


class CosineAnnealingLR(Schedule):
    """lr = eta_min + (base - eta_min) (1 + cos(pi epoch / T_max)) / 2: down along half a wave in T_max epochs.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without restarts.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):  # noqa: N803  PyTorch's name
        if T_max < 1:
            raise ArgumentError(f"CosineAnnealingLR: T_max is at least 1, not {T_max}.")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def rate(self, base):
        wave = (1.0 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2.0
        return self.eta_min + (base - self.eta_min) * wave
