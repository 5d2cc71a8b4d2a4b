"""A schedule that looks at a figure: where learning stands still, smaller steps go on."""

from pellucid.errors import ArgumentError
from pellucid.optim.lr_scheduler.base import (
    LRScheduler,
    checked_optimizer,
    current,
    for_each_group,
    refuse_recording,
    require,
)


class ReduceLROnPlateau(LRScheduler):
    """lr = lr factor once a figure has not improved for more than `patience` epochs: call `step(val_loss)`.

    Better is, with `mode` "min", a figure below best (1 - threshold), or below best - threshold if `threshold_mode` is
    "abs"; with "max" one above best (1 + threshold) or best + threshold. After a reduction `cooldown` epochs do not
    count. No learning rate goes below `min_lr`, and none changes by less than eps.

    >>> import pellucid as pc
    >>> optimizer = pc.optim.SGD([pc.nn.Parameter(pc.ones(1))], lr=0.5)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (2.0, 1.0, 1.5, 1.2):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.25]
    """

    kept = ("last_epoch", "_last_lr", "best", "num_bad_epochs", "cooldown_counter")

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0.0, eps=1e-8,
    ):  # fmt: skip
        name = "ReduceLROnPlateau"
        require(name, "factor", factor, lambda value: value < 1.0, "a number below 1")
        if mode not in ("min", "max"):
            raise ArgumentError(f'{name}: mode is "min" or "max", not {mode!r}.')
        if threshold_mode not in ("rel", "abs"):
            raise ArgumentError(f'{name}: threshold_mode is "rel" or "abs", not {threshold_mode!r}.')
        self.optimizer = checked_optimizer(name, optimizer)
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lrs = for_each_group(name, "min_lr", min_lr, optimizer)
        self.eps = eps
        self.base_lrs = current(optimizer)
        self.last_epoch = 0
        self.best = None  # there was no figure yet
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._last_lr = current(optimizer)

    def step(self, metrics):
        """An epoch is over, with this figure."""
        refuse_recording()
        figure = float(metrics)
        self.last_epoch += 1
        if self.is_better(figure):
            self.best = figure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.write(self.get_lr())
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = current(self.optimizer)

    def get_lr(self):
        """What a reduction makes of the learning rates."""
        rates = current(self.optimizer)
        smaller = [max(rate * self.factor, least) for rate, least in zip(rates, self.min_lrs, strict=True)]
        return [new if rate - new > self.eps else rate for rate, new in zip(rates, smaller, strict=True)]

    def is_better(self, figure):
        """Is this figure an improvement worth the name?"""
        if self.best is None:
            return figure == figure  # NaN is no figure
        sign = 1.0 if self.mode == "max" else -1.0
        if self.threshold_mode == "rel":
            return sign * figure > sign * self.best * (1.0 + sign * self.threshold)
        return sign * figure > sign * (self.best + sign * self.threshold)
