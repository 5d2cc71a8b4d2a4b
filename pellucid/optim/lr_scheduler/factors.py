"""Schedules that multiply the learning rate by a function of the epoch."""

import math

from pellucid.errors import ArgumentError
from pellucid.optim.lr_scheduler.base import LRScheduler, current, for_each_group, require, require_count


class FactorLR(LRScheduler):
    """lr = floor + (base - floor) share(epoch). A subclass says what the share is.

    Each step multiplies by share(epoch) / share(epoch - 1), so that several schedules of one optimizer can be
    stepped one after the other: their shares multiply.
    """

    floor = 0.0

    def share(self, epoch):
        """What is left of the base learning rate in this epoch."""
        raise NotImplementedError(f"{type(self).__name__} has no share method.")

    def get_lr(self):
        rates, epoch, floor = current(self.optimizer), self.last_epoch, self.floor
        if self.beginning and epoch > 0:
            return rates  # it goes on where the optimizer stands
        now, before = self.share(epoch), 1.0 if self.beginning else self.share(epoch - 1)
        if before == 0.0:  # whatever there was is gone: begin again from the floor
            return [rate + (base - floor) * now for rate, base in zip(rates, self.base_lrs, strict=True)]
        return [floor + (rate - floor) * (now / before) for rate in rates]

    def restart(self):
        self.last_epoch = 0
        self.write([self.floor + (base - self.floor) * self.share(0) for base in self.base_lrs])


class StepLR(FactorLR):
    """lr = base gamma^(epoch // step_size): every `step_size` epochs down by the factor gamma.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.5)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        require_count("StepLR", "step_size", step_size)
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        return self.gamma ** (epoch // self.step_size)


class MultiStepLR(FactorLR):
    """lr = base gamma^(number of milestones reached): down by the factor gamma at each of these epochs.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.4, 0.4, 0.2]
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        return self.gamma ** sum([milestone <= epoch for milestone in self.milestones if milestone > 0])

    def load_state_dict(self, state_dict):
        """As for all schedules; PyTorch saves how often each milestone was given."""
        counts = state_dict.get("milestones")
        if isinstance(counts, dict):
            state_dict = state_dict | {"milestones": [int(epoch) for epoch, n in counts.items() for _ in range(n)]}
        super().load_state_dict(state_dict)


class ExponentialLR(FactorLR):
    """lr = base gamma^epoch.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.4, 0.2, 0.1]
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        return self.gamma**epoch


class ConstantLR(FactorLR):
    """lr = base factor for the first `total_iters` epochs, then base.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.4, 0.4, 0.8, 0.8]
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        require("ConstantLR", "factor", factor, lambda value: 0.0 <= value <= 1.0, "a number from 0 to 1")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        return self.factor if epoch < self.total_iters else 1.0


class LinearLR(FactorLR):
    """lr = base times a factor that goes in a straight line from start_factor to end_factor in `total_iters` epochs.

    With the defaults it is a warm-up: see SequentialLR for what comes after it.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.2, 0.4, 0.6, 0.8]
    """

    def __init__(self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        require("LinearLR", "start_factor", start_factor, lambda v: 0.0 < v <= 1.0, "a number above 0 and up to 1")
        require("LinearLR", "end_factor", end_factor, lambda v: 0.0 <= v <= 1.0, "a number from 0 to 1")
        require_count("LinearLR", "total_iters", total_iters)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        done = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class PolynomialLR(FactorLR):
    """lr = base (1 - epoch / total_iters)^power: down to 0 in `total_iters` epochs.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = PolynomialLR(optimizer, total_iters=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.6, 0.4, 0.2]
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        require_count("PolynomialLR", "total_iters", total_iters)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def share(self, epoch):
        return (1.0 - min(epoch, self.total_iters) / self.total_iters) ** self.power


class CosineAnnealingLR(FactorLR):
    """lr = eta_min + (base - eta_min) (1 + cos(pi epoch / T_max)) / 2: down along half a wave in T_max epochs.

    After T_max it goes up again along the same wave.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without restarts.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.683, 0.4, 0.117]
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):  # noqa: N803  PyTorch's name
        require_count("CosineAnnealingLR", "T_max", T_max)
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    @property
    def floor(self):
        return self.eta_min

    def share(self, epoch):
        return (1.0 + math.cos(math.pi * epoch / self.T_max)) / 2.0


class WarmupCosineLR(LRScheduler):
    """lr = base (epoch + 1) / warmup at first, then down to eta_min along half a wave, which ends in epoch `total`.

    After that it stays at eta_min. In one schedule, what SequentialLR makes of LinearLR and CosineAnnealingLR; usually
    stepped after each batch. PyTorch has none of this name.

    Sources: warm-up: Goyal et al., "Accurate, large minibatch SGD" (2017); the wave: Loshchilov and Hutter (2017).

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = WarmupCosineLR(optimizer, warmup=2, total=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.4, 0.8, 0.8, 0.4]
    """

    def __init__(self, optimizer, warmup, total, eta_min=0.0, last_epoch=-1):
        require_count("WarmupCosineLR", "warmup", warmup)
        require("WarmupCosineLR", "total", total, lambda v: isinstance(v, int) and v > warmup, f"above {warmup}")
        self.warmup = warmup
        self.total = total
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        epoch = self.last_epoch
        if epoch < self.warmup:
            return [base * (epoch + 1) / self.warmup for base in self.base_lrs]
        done = (min(epoch, self.total) - self.warmup) / (self.total - self.warmup)
        wave = (1.0 + math.cos(math.pi * done)) / 2.0
        return [self.eta_min + (base - self.eta_min) * wave for base in self.base_lrs]


class LambdaLR(LRScheduler):
    """lr = base lr_lambda(epoch): any function of the epoch, which counts from 0; or a list, one for each group.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.4, 0.267, 0.2]
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = functions("LambdaLR", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * function(self.last_epoch) for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(LRScheduler):
    """lr = lr lr_lambda(epoch): the function says by what each epoch multiplies; or a list, one for each group.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.8)
    >>> schedule = MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    ...     schedule.step()
    >>> rates
    [0.8, 0.4, 0.2, 0.1]
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = functions("MultiplicativeLR", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        rates = current(self.optimizer)
        if self.beginning:
            return rates
        return [rate * function(self.last_epoch) for rate, function in zip(rates, self.lr_lambdas, strict=True)]


def functions(name, given, optimizer):
    """One function for each group."""
    found = for_each_group(name, "lr_lambda", given, optimizer)
    for function in found:
        if not callable(function):
            raise ArgumentError(f"{name}: lr_lambda is a function of the epoch, not a {type(function).__name__}.")
    return found
