"""Losses for predictions that are numbers, as modules; the formulas are in pellucid/functional/regression.py."""

from pellucid.functional import gaussian_nll_loss, huber_loss, kl_div, l1_loss, poisson_nll_loss, smooth_l1_loss
from pellucid.nn.losses import Loss


class L1Loss(Loss):
    """The mean of |input - target|: see F.l1_loss.

    >>> import pellucid as pc
    >>> L1Loss()(pc.tensor([1.0, 2.0]), pc.tensor([1.0, 4.0]))
    tensor(1.)
    """

    def forward(self, input, target):
        return l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """Squared near 0, absolute far out: see F.smooth_l1_loss.

    >>> import pellucid as pc
    >>> SmoothL1Loss()(pc.tensor([0.0, 0.0]), pc.tensor([0.5, 4.0]))
    tensor(1.8125)
    """

    def __init__(self, *, reduction="mean", beta=1.0):
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input, target):
        return smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Squared near 0, delta times absolute far out: see F.huber_loss.

    >>> import pellucid as pc
    >>> HuberLoss(delta=2.0)(pc.tensor([0.0, 0.0]), pc.tensor([0.5, 4.0]))
    tensor(3.0625)
    """

    def __init__(self, *, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        return huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class KLDivLoss(Loss):
    """t (log t - x) for probabilities t and log probabilities x: see F.kl_div.

    >>> import pellucid as pc
    >>> KLDivLoss(reduction="batchmean")(pc.tensor([[0.5, 0.5]]).log(), pc.tensor([[1.0, 0.0]]))
    tensor(0.6931)
    """

    def __init__(self, *, reduction="mean", log_target=False):
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input, target):
        return kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """Minus the log likelihood of counts: see F.poisson_nll_loss.

    >>> import pellucid as pc
    >>> PoissonNLLLoss()(pc.tensor([0.0]), pc.tensor([3.0]))
    tensor(1.)
    """

    def __init__(self, log_input=True, full=False, *, reduction="mean", eps=1e-8):
        super().__init__(reduction=reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input, target):
        return poisson_nll_loss(input, target, self.log_input, self.full, reduction=self.reduction, eps=self.eps)


class GaussianNLLLoss(Loss):
    """Minus the log likelihood of a normal distribution: see F.gaussian_nll_loss.

    >>> import pellucid as pc
    >>> GaussianNLLLoss()(pc.tensor([1.0]), pc.tensor([3.0]), pc.tensor([1.0]))
    tensor(2.)
    """

    def __init__(self, *, reduction="mean", full=False, eps=1e-6):
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input, target, var):
        return gaussian_nll_loss(input, target, var, reduction=self.reduction, full=self.full, eps=self.eps)
