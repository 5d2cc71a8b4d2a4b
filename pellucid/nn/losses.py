"""Losses as modules; the formulas are in `pellucid.functional`."""

from pellucid.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from pellucid.nn.module import Module


class Loss(Module):
    """What they share: `reduction` is "mean", "sum" or "none". Shapes and errors are those of the functions."""

    def __init__(self, *, reduction="mean"):
        self.reduction = reduction

    def extra_repr(self):
        return "" if self.reduction == "mean" else f'reduction="{self.reduction}"'


class MSELoss(Loss):
    """The mean of (x - target)^2: see F.mse_loss."""

    def forward(self, x, target):
        return mse_loss(x, target, reduction=self.reduction)


class CrossEntropyLoss(Loss):
    """-log softmax(scores) at the right class: see F.cross_entropy."""

    def forward(self, scores, target):
        return cross_entropy(scores, target, reduction=self.reduction)


class NLLLoss(Loss):
    """Minus the log probability of the right class: see F.nll_loss."""

    def forward(self, log_p, target):
        return nll_loss(log_p, target, reduction=self.reduction)


class BCELoss(Loss):
    """-(t log p + (1 - t) log(1 - p)): see F.binary_cross_entropy."""

    def forward(self, p, target):
        return binary_cross_entropy(p, target, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """The binary cross entropy of sigmoid(scores): see F.binary_cross_entropy_with_logits."""

    def forward(self, scores, target):
        return binary_cross_entropy_with_logits(scores, target, reduction=self.reduction)
