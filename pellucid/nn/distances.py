"""Distances as modules; the formulas are in pellucid/functional/distances.py."""

from pellucid.functional import cosine_similarity, pairwise_distance
from pellucid.nn.formula import Formula


class CosineSimilarity(Formula):
    """The cosine of the angle between x1 and x2 along `dim`: see F.cosine_similarity.

    >>> import pellucid as pc
    >>> CosineSimilarity()(pc.tensor([[1.0, 0.0]]), pc.tensor([[1.0, 1.0]]))
    tensor([0.7071])
    """

    def __init__(self, dim=1, eps=1e-8):
        self.dim = dim
        self.eps = eps

    def forward(self, x1, x2):
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Formula):
    """|x1 - x2 + eps|_p along the last axis: see F.pairwise_distance.

    >>> import pellucid as pc
    >>> PairwiseDistance()(pc.tensor([[0.0, 0.0]]), pc.tensor([[3.0, 4.0]]))
    tensor([5.])
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
