"""Losses as modules; the formulas are in `pellucid.functional`."""

from pellucid.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from pellucid.nn.formula import Formula


class Loss(Formula):
    """What they share: `reduction` is "mean", "sum" or "none". Shapes and errors are those of the functions."""

    def __init__(self, *, reduction="mean"):
        self.reduction = reduction

    def extra_repr(self):
        other = super().extra_repr()
        if self.reduction == "mean":
            return other
        return f'{other}{", " if other else ""}reduction="{self.reduction}"'


class WeightedLoss(Loss):
    """A loss with a `weight` that is saved with the module: a tensor, or None."""

    def __init__(self, weight=None, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)


class MSELoss(Loss):
    """The mean of (input - target)^2: see F.mse_loss."""

    def forward(self, input, target):
        return mse_loss(input, target, reduction=self.reduction)


class CrossEntropyLoss(WeightedLoss):
    """-log softmax(scores) at the right class: see F.cross_entropy."""

    def __init__(self, weight=None, *, ignore_index=None, reduction="mean", label_smoothing=0.0):
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input, target):
        return cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(WeightedLoss):
    """Minus the log probability of the right class: see F.nll_loss."""

    def __init__(self, weight=None, *, ignore_index=None, reduction="mean"):
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        return nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(WeightedLoss):
    """-(t log p + (1 - t) log(1 - p)): see F.binary_cross_entropy."""

    def forward(self, input, target):
        return binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """The binary cross entropy of sigmoid(scores): see F.binary_cross_entropy_with_logits."""

    def __init__(self, weight=None, *, reduction="mean", pos_weight=None):
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
