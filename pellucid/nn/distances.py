"""Distances as modules; the formulas are in pellucid/functional/distances.py."""

from pellucid.functional import cosine_similarity, pairwise_distance
from pellucid.nn.formula import Formula


class CosineSimilarity(Formula):
    """The cosine of the angle between x1 and x2 along `dim`: see F.cosine_similarity."""

    def __init__(self, dim=1, eps=1e-8):
        self.dim = dim
        self.eps = eps

    def forward(self, x1, x2):
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Formula):
    """|x1 - x2 + eps|_p along the last axis: see F.pairwise_distance."""

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
