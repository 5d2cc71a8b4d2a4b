"""Losses that ask for a margin: an answer is right enough when it is on the right side by so much."""

import numpy as np

from pellucid.errors import ArgumentError, DtypeError, ShapeError, TargetError
from pellucid.functional.labels import (
    class_indices,
    class_weights,
    pick,
    pick_weights,
    require_probabilities,
    require_same_shape,
    require_signs,
)
from pellucid.functional.losses import binary_cross_entropy_with_logits, reduce, times
from pellucid.functional.smooth import logsigmoid
from pellucid.ops import ScatterAdd
from pellucid.tensors import as_tensor, tensor, where


def hinge_embedding_loss(input, target, margin=1.0, *, reduction="mean"):
    """x where the target is 1, max(0, margin - x) where it is -1: x = input is a distance, small for like things.

    Shapes: input and target the same, any; TargetError if they differ.

    Source: Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping" (2006).

    >>> import pellucid as pc
    >>> hinge_embedding_loss(pc.tensor([0.25, 0.25]), pc.tensor([1.0, -1.0]), reduction="none")
    tensor([0.25, 0.75])
    """
    target = as_tensor(target)
    require_same_shape("hinge_embedding_loss", input, target)
    require_signs("hinge_embedding_loss", target)
    apart = where(target != 1, (margin - input).clamp(min=0.0), 0.0)
    return reduce(apart + where(target != -1, input, 0.0), reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, *, reduction="mean"):
    """max(0, -t (x1 - x2) + margin): x1 is to be larger than x2 where t = target is 1, and smaller where it is -1.

    Shapes: all three have one number of axes and broadcast. ShapeError if not.

    Source: Herbrich, Graepel and Obermayer, "Large margin rank boundaries for ordinal regression" (2000).

    >>> import pellucid as pc
    >>> margin_ranking_loss(pc.tensor([2.0]), pc.tensor([5.0]), pc.tensor([1.0]))
    tensor(3.)
    """
    target = as_tensor(target)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ShapeError(
            "margin_ranking_loss needs three tensors with as many axes each, "
            f"not {input1.shape}, {input2.shape} and {target.shape}."
        )
    return reduce((-target * (input1 - input2) + margin).clamp(min=0.0), reduction)


def soft_margin_loss(input, target, *, reduction="mean"):
    """log(1 + exp(-t x)) for t = target, 1 or -1: the binary cross entropy of sigmoid(x), with other labels.

    Shapes: input and target the same, any; TargetError if they differ.

    >>> import pellucid as pc
    >>> soft_margin_loss(pc.tensor([0.0, -1000.0]), pc.tensor([1.0, 1.0]), reduction="none")
    tensor([   0.6931, 1000.    ])
    """
    target = as_tensor(target)
    require_same_shape("soft_margin_loss", input, target)
    return reduce(-logsigmoid(target * input), reduction)


def multilabel_soft_margin_loss(input, target, weight=None, *, reduction="mean"):
    """The mean over the classes of the binary cross entropies of sigmoid(input): any number of classes may be right.

    Shapes: input and target the same, (N, C) or (C,), targets from 0 to 1; weight (C,), which multiplies the
    losses. TargetError or ShapeError for others.

    >>> import pellucid as pc
    >>> multilabel_soft_margin_loss(pc.tensor([[0.0, 0.0, 0.0]]), pc.tensor([[1.0, 0.0, 1.0]]))
    tensor(0.6931)
    """
    target = as_tensor(target)
    require_same_shape("multilabel_soft_margin_loss", input, target)
    if input.ndim == 0:
        raise ShapeError("multilabel_soft_margin_loss needs an axis of classes, but a single number came.")
    require_probabilities("multilabel_soft_margin_loss", "targets", target, "No is 0 and yes is 1.")
    losses = binary_cross_entropy_with_logits(input, target, reduction="none")
    return reduce(times("multilabel_soft_margin_loss", losses, "weight", weight).mean(-1), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, *, reduction="mean"):
    """(sum over wrong classes i of max(0, margin - x[y] + x[i])^p) / C: the right class y is to win by the margin.

    Shapes: input (N, C) or (C,), any scores; target, int64 class indices, (N,) or (); weight (C,), which
    multiplies the loss of its class. LabelError for an index out of range, TargetError or ShapeError for other
    shapes, ArgumentError for a p that is neither 1 nor 2.

    Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines"
    (2001).

    >>> import pellucid as pc
    >>> multi_margin_loss(pc.tensor([[0.0, 0.5]]), pc.tensor([1]))
    tensor(0.25)
    """
    if p not in (1, 2):
        raise ArgumentError(f"multi_margin_loss: p is 1 or 2, not {p}.")
    rows_of_classes("multi_margin_loss", input)
    labels = class_indices("multi_margin_loss", input, as_tensor(target))
    right = pick("multi_margin_loss", input, labels).unsqueeze(-1)
    classes = tensor(np.arange(input.shape[-1]))
    over = margin - right + input
    over = over.where((over > 0.0) & (classes != labels.unsqueeze(-1)), 0.0)
    losses = (over if p == 1 else over * over).mean(-1)
    if weight is not None:
        losses = losses * pick_weights(class_weights("multi_margin_loss", input, weight), labels)
    return reduce(losses, reduction)


def multilabel_margin_loss(input, target, *, reduction="mean"):
    """(sum over right classes y and wrong classes i of max(0, 1 - (x[y] - x[i]))) / C.

    Shapes: input (N, C) or (C,), any scores; target the same, int64: each row lists its right classes, and the
    first -1 ends the list. LabelError for an index out of range, TargetError for another shape, DtypeError for
    targets that are no integers.

    >>> import pellucid as pc
    >>> multilabel_margin_loss(pc.tensor([[0.0, 0.5, 0.0]]), pc.tensor([[1, -1, -1]]))
    tensor(0.3333)
    """
    rows_of_classes("multilabel_margin_loss", input)
    target = as_tensor(target)
    if target.shape != input.shape:
        raise TargetError(f"multilabel_margin_loss needs targets of {input.shape}, as the scores, not {target.shape}.")
    if target.dtype.kind not in "iu":
        raise DtypeError(f"multilabel_margin_loss needs integer targets, not {target.dtype}.", remedy="target.long()")
    target, count = target.long(), input.shape[-1]
    ended = (target < 0).to(input.dtype) @ tensor(np.triu(np.ones((count, count)))).to(input.dtype)  # counts the -1
    listed = ended == 0.0
    target = where(listed, target, 0)
    right = ScatterAdd(input.ndim - 1, count)(target, listed.to(input.dtype)) > 0.0
    wanted = input.gather(-1, target)
    over = (1.0 - wanted.unsqueeze(-1) + input.unsqueeze(-2)).clamp(min=0.0)  # (..., right, wrong)
    counts = listed.unsqueeze(-1) & right.logical_not().unsqueeze(-2)
    return reduce(over.where(counts, 0.0).sum((-2, -1)) / float(count), reduction)


def rows_of_classes(who, scores):
    if scores.ndim not in (1, 2) or scores.shape[-1] == 0:
        raise ShapeError(f"{who} needs scores (N, C) or (C,), with at least one class, not {scores.shape}.")
