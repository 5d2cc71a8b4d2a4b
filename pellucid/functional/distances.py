"""Lengths, distances and angles of vectors, and the losses that are made of them."""

import math

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional.labels import require_signs
from pellucid.functional.losses import reduce
from pellucid.tensors import as_tensor, maximum, where
from pellucid.tensors.promote import common_shape


def length(x, p, dim, keepdim=False):
    """(sum of |x_i|^p)^(1/p) along `dim`: the p-norm. For p = 2 its slope at 0 is chosen to be 0."""
    if p == 2:
        square = (x * x).sum(dim, keepdim)
        zero = square == 0.0
        return where(zero, 0.0, where(zero, 1.0, square).sqrt())
    if p == 1:
        return abs(x).sum(dim, keepdim)
    if p == math.inf:
        return abs(x).amax(dim, keepdim)
    if p == 0:
        return (x != 0.0).to(x.dtype).sum(dim, keepdim)
    total = (abs(x) ** p).sum(dim, keepdim)
    zero = total == 0.0
    return where(zero, 0.0, where(zero, 1.0, total) ** (1.0 / p))


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """x / max(|x|_p, eps) along `dim`: vectors of length 1.

    >>> import pellucid as pc
    >>> normalize(pc.tensor([[3.0, 4.0]]))
    tensor([[0.6, 0.8]])
    """
    return input / maximum(length(input, p, dim, keepdim=True), eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """(x1 . x2) / (max(|x1|, eps) max(|x2|, eps)) along `dim`: the cosine of the angle between two vectors.

    Shapes: x1 and x2 broadcast; the result is without the axis `dim` of the broadcast shape.

    >>> import pellucid as pc
    >>> cosine_similarity(pc.tensor([[1.0, 0.0]]), pc.tensor([[1.0, 1.0]]))
    tensor([0.7071])
    """
    shape = common_shape(x1.shape, x2.shape)
    x1, x2 = x1.expand(shape), x2.expand(shape)
    first, second = [maximum((x * x).sum(dim), eps * eps).sqrt() for x in (x1, x2)]
    return (x1 * x2).sum(dim) / (first * second)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """|x1 - x2 + eps|_p along the last axis: how far row i of x1 is from row i of x2.

    eps keeps the slope of equal rows finite. Shapes: x1 and x2 (..., D), which broadcast; the result is (...).

    >>> import pellucid as pc
    >>> pairwise_distance(pc.tensor([[0.0, 0.0]]), pc.tensor([[3.0, 4.0]]))
    tensor([5.])
    """
    return length(x1 - x2 + eps, p, -1, keepdim)


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, *, reduction="mean"):
    """max(0, d(a, p) - d(a, n) + margin): the positive is to be nearer to the anchor than the negative, by a margin.

    d is pairwise_distance with p and eps. With `swap`, d(p, n) is taken in place of d(a, n) if it is smaller.
    Shapes: all three (N, D) or (D,). ArgumentError for a margin that is not positive, ShapeError for other shapes.

    Source: Schroff, Kalenichenko and Philbin, "FaceNet" (2015); swap: Balntas et al. (2016).

    >>> import pellucid as pc
    >>> triplet_margin_loss(pc.tensor([[0.0]]), pc.tensor([[1.0]]), pc.tensor([[1.5]]))
    tensor(0.5)
    """

    def distance(a, b):
        return pairwise_distance(a, b, p, eps)

    return triplet("triplet_margin_loss", anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """triplet_margin_loss with a distance of one's own: distance_function(a, b), pairwise_distance if none is given.

    >>> import pellucid as pc
    >>> x = pc.tensor([[0.0], [1.0], [1.5]])
    >>> triplet_margin_with_distance_loss(x[:1], x[1:2], x[2:], distance_function=lambda a, b: abs(a - b).sum(-1))
    tensor(0.5)
    """
    distance = distance_function or pairwise_distance
    return triplet("triplet_margin_with_distance_loss", anchor, positive, negative, distance, margin, swap, reduction)


def triplet(who, anchor, positive, negative, distance, margin, swap, reduction):
    """What both triplet losses compute."""
    if margin <= 0:
        raise ArgumentError(f"{who}: margin is positive, but {margin} came.")
    if not anchor.ndim == positive.ndim == negative.ndim:
        shapes = f"{anchor.shape}, {positive.shape} and {negative.shape}"
        raise ShapeError(f"{who} needs anchor, positive and negative with as many axes each, not {shapes}.")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        other = distance(positive, negative)
        far = far.where(far < other, other)
    return reduce((near - far + margin).clamp(min=0.0), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, *, reduction="mean"):
    """1 - cos for pairs that belong together (target 1), max(0, cos - margin) for those that do not (target -1).

    Shapes: input1 and input2 (N, D) and target (N,), or (D,) and (). ShapeError for others.

    >>> import pellucid as pc
    >>> x = pc.tensor([[1.0, 0.0]])
    >>> cosine_embedding_loss(x, x, pc.tensor([-1.0]), margin=0.25)
    tensor(0.75)
    """
    target = as_tensor(target)
    fits = input1.ndim == input2.ndim and target.ndim in (0, 1) and input1.ndim == target.ndim + 1
    if not fits:
        raise ShapeError(
            "cosine_embedding_loss needs pairs (N, D) and targets (N,), or (D,) and (), "
            f"not {input1.shape}, {input2.shape} and {target.shape}."
        )
    require_signs("cosine_embedding_loss", target)
    tiny = 1e-12  # PyTorch's: it keeps vectors of zeros finite
    squares = ((input1 * input1).sum(-1) + tiny) * ((input2 * input2).sum(-1) + tiny)
    cosine = (input1 * input2).sum(-1) / squares.sqrt()
    apart = where(target == -1, (cosine - margin).clamp(min=0.0), 0.0)
    return reduce(where(target == 1, 1.0 - cosine, apart), reduction)
