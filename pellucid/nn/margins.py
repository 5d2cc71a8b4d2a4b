"""Losses that ask for a margin, as modules; the formulas are in pellucid/functional/margins.py and distances.py."""

from pellucid.functional import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from pellucid.nn.losses import Loss, WeightedLoss


class HingeEmbeddingLoss(Loss):
    """x where the target is 1, max(0, margin - x) where it is -1: see F.hinge_embedding_loss.

    >>> import pellucid as pc
    >>> HingeEmbeddingLoss()(pc.tensor([0.25, 0.25]), pc.tensor([1.0, -1.0]))
    tensor(0.5)
    """

    def __init__(self, margin=1.0, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input, target):
        return hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(Loss):
    """max(0, -t (x1 - x2) + margin): see F.margin_ranking_loss.

    >>> import pellucid as pc
    >>> MarginRankingLoss()(pc.tensor([2.0]), pc.tensor([5.0]), pc.tensor([1.0]))
    tensor(3.)
    """

    def __init__(self, margin=0.0, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        return margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(Loss):
    """1 - cos for what belongs together, max(0, cos - margin) else: see F.cosine_embedding_loss.

    >>> import pellucid as pc
    >>> CosineEmbeddingLoss(margin=0.25)(pc.ones(1, 2), pc.ones(1, 2), pc.tensor([-1.0]))
    tensor(0.75)
    """

    def __init__(self, margin=0.0, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        return cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(Loss):
    """max(0, d(a, p) - d(a, n) + margin): see F.triplet_margin_loss.

    >>> import pellucid as pc
    >>> TripletMarginLoss()(pc.tensor([[0.0]]), pc.tensor([[1.0]]), pc.tensor([[1.5]]))
    tensor(0.5)
    """

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, *, reduction="mean"):
        super().__init__(reduction=reduction)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor, positive, negative):
        return triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )


class TripletMarginWithDistanceLoss(Loss):
    """The same with a distance of one's own: see F.triplet_margin_with_distance_loss.

    >>> import pellucid as pc
    >>> TripletMarginWithDistanceLoss(margin=2.0)(pc.tensor([[0.0]]), pc.tensor([[1.0]]), pc.tensor([[1.5]]))
    tensor(1.5)
    """

    def __init__(self, *, reduction="mean", distance_function=None, margin=1.0, swap=False):
        super().__init__(reduction=reduction)
        self.distance_function = distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor, positive, negative):
        return triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            reduction=self.reduction,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
        )


class SoftMarginLoss(Loss):
    """log(1 + exp(-t x)): see F.soft_margin_loss.

    >>> import pellucid as pc
    >>> SoftMarginLoss()(pc.tensor([0.0]), pc.tensor([1.0]))
    tensor(0.6931)
    """

    def forward(self, input, target):
        return soft_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean over classes of binary cross entropies: see F.multilabel_soft_margin_loss.

    >>> import pellucid as pc
    >>> MultiLabelSoftMarginLoss()(pc.tensor([[0.0, 0.0]]), pc.tensor([[1.0, 0.0]]))
    tensor(0.6931)
    """

    def forward(self, input, target):
        return multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class MultiMarginLoss(WeightedLoss):
    """The right class is to win by the margin: see F.multi_margin_loss.

    >>> import pellucid as pc
    >>> MultiMarginLoss()(pc.tensor([[0.0, 0.5]]), pc.tensor([1]))
    tensor(0.25)
    """

    def __init__(self, p=1, margin=1.0, weight=None, *, reduction="mean"):
        super().__init__(weight, reduction=reduction)
        self.p = p
        self.margin = margin

    def forward(self, input, target):
        return multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class MultiLabelMarginLoss(Loss):
    """Every right class is to win against every wrong one: see F.multilabel_margin_loss.

    >>> import pellucid as pc
    >>> MultiLabelMarginLoss()(pc.tensor([[0.0, 0.5, 0.0]]), pc.tensor([[1, -1, -1]]))
    tensor(0.3333)
    """

    def forward(self, input, target):
        return multilabel_margin_loss(input, target, reduction=self.reduction)
