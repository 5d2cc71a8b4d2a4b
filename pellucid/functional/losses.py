"""Losses: one number that says how wrong the predictions are. Training makes it small.

Every loss takes `reduction`: "mean" (the default), "sum", or "none" for the loss of each element.
"""

import math

from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import at_once
from pellucid.functional.activations import log_softmax
from pellucid.functional.labels import (
    along_classes,
    class_axis,
    class_weights,
    pick,
    pick_weighted,
    require_broadcast,
    require_probabilities,
    require_same_shape,
)
from pellucid.tensors import as_tensor, where


def mse_loss(input, target, *, reduction="mean", weight=None):
    """The squared error: mean of (input - target)^2. With a weight for each element, their weighted mean.

    Shapes: input, target and weight the same, any. TargetError if they differ: they are not broadcast.

    Source: Legendre (1805) and Gauss (1809), the method of least squares.

    >>> import pellucid as pc
    >>> mse_loss(pc.tensor([1.0, 2.0]), pc.tensor([1.0, 4.0]))
    tensor(2.)
    """
    target = as_tensor(target)
    require_same_shape("mse_loss", input, target)
    error = input - target
    return reduce_weighted("mse_loss", error * error, weight, reduction)


def cross_entropy(input, target, weight=None, *, ignore_index=None, reduction="mean", label_smoothing=0.0):
    """-log p of the right class, where p = softmax(input): how surprised the scores are by the target.

    Shapes: input, the scores, (N, C), (C,) or (N, C, ...), any numbers; softmax is applied here, not before.
    The target is either the index of the right class, int64 of shape (N,), () or (N, ...), or
    probabilities of the shape of the scores (one-hot vectors are such), for which the loss is
    -(sum over classes of target * log p). The mean is over all but the classes.

    `weight` (C,) is the weight of each class: the mean is then the weighted one, but for probabilities as
    targets, where it is divided by their number. An index that is `ignore_index` counts nothing. With
    `label_smoothing` e the target is (1 - e) of what was given, plus e / C for every class.

    LabelError for an index outside of 0 .. C - 1, TargetError for a target of another kind, ShapeError for other
    weights, ArgumentError for a label_smoothing outside of 0 to 1, or ignore_index with probabilities.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990); label
    smoothing: Szegedy et al., "Rethinking the Inception architecture for computer vision" (2015).

    >>> import pellucid as pc
    >>> cross_entropy(pc.tensor([[0.0, 0.0]]), pc.tensor([1]))  # two equal scores: log 2
    tensor(0.6931)
    """
    if not 0.0 <= label_smoothing <= 1.0:
        raise ArgumentError(f"cross_entropy: label_smoothing lies from 0 to 1, but is {label_smoothing}.")
    target = as_tensor(target)
    axis = class_axis(input)
    if weight is None and ignore_index is None and not label_smoothing:
        losses = at_once.cross_entropies(input, target)
        if losses is not None:
            return reduce(losses, reduction)
    log_p = log_softmax(input, dim=axis)
    if target.shape == input.shape:
        require_probabilities("cross_entropy", "probabilities as targets", target, "Class indices have one axis less.")
        if ignore_index is not None and ignore_index >= 0:
            raise ArgumentError("cross_entropy: ignore_index is for class indices, but the target is probabilities.")
        if label_smoothing:
            target = target * (1.0 - label_smoothing) + label_smoothing / input.shape[axis]
        if weight is not None:
            log_p = log_p * along_classes(input, class_weights("cross_entropy", input, weight))
        return reduce(-(target * log_p).sum(axis), reduction)
    return index_losses("cross_entropy", log_p, target, weight, ignore_index, reduction, label_smoothing)


def nll_loss(input, target, weight=None, *, ignore_index=None, reduction="mean"):
    """The negative logarithm of the likelihood: minus the log probability of the right class.

    Shapes: input, log p, (N, C), (C,) or (N, C, ...), as log_softmax gives them; target, int64 class indices,
    (N,), () or (N, ...). cross_entropy(scores, target) = nll_loss(log_softmax(scores, 1), target).
    `weight` (C,) and `ignore_index` are those of cross_entropy.

    LabelError for an index outside of 0 .. C - 1, TargetError for a target of another kind, ShapeError for other
    weights.

    Source: Fisher, "On the mathematical foundations of theoretical statistics" (1922): maximum likelihood.
    """
    return index_losses("nll_loss", input, as_tensor(target), weight, ignore_index, reduction)


def index_losses(who, log_p, target, weight, ignore_index, reduction, smoothing=0.0):
    """What cross_entropy and nll_loss share: the loss for targets that are class indices."""
    weights = None
    if weight is None and ignore_index is None:
        losses = -pick(who, log_p, target)
    else:
        weight = None if weight is None else class_weights(who, log_p, weight)
        picked, weights = pick_weighted(who, log_p, target, weight, ignore_index)
        losses = -picked
    if smoothing:
        weighted = log_p if weight is None else log_p * along_classes(log_p, weight)
        others = -weighted.sum(class_axis(log_p))
        if ignore_index is not None:
            others = others.where(target != ignore_index, 0.0)
        losses = losses * (1.0 - smoothing) + others * (smoothing / log_p.shape[class_axis(log_p)])
    if weights is None or reduction != "mean":
        return reduce(losses, reduction)
    return losses.sum() / weights.sum()


def binary_cross_entropy(input, target, weight=None, *, reduction="mean"):
    """-(t log p + (1 - t) log(1 - p)): the surprise of a probability p at a yes (t = 1) or no (t = 0).

    Shapes: input, the probabilities p, and target the same, any; both from 0 to 1. No logarithm goes below
    -100 (and the slope there is 0), so a wrong answer given with certainty has loss 100, not infinity. If p
    comes from a sigmoid, binary_cross_entropy_with_logits is exact for all scores. `weight`, which broadcasts,
    multiplies the losses (the mean is divided by their number).

    TargetError for a target of another shape or outside of 0 to 1, ArgumentError for such a p.

    Source: the log likelihood of Bernoulli trials; for networks, Solla, Levin and Fleisher (1988).

    >>> import pellucid as pc
    >>> binary_cross_entropy(pc.tensor([0.5]), pc.tensor([1.0]))
    tensor(0.6931)
    """
    target = as_tensor(target)
    require_same_shape("binary_cross_entropy", input, target)
    remedy = "Scores of any size go into binary_cross_entropy_with_logits."
    require_probabilities("binary_cross_entropy", "predictions", input, remedy, error=ArgumentError)
    require_probabilities("binary_cross_entropy", "targets", target, "No is 0 and yes is 1.")
    losses = -(target * bounded_log(input) + (1.0 - target) * bounded_log(1.0 - input))
    return reduce(times("binary_cross_entropy", losses, "weight", weight), reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, *, reduction="mean", pos_weight=None):
    """The binary cross entropy of p = sigmoid(input), exact also where p rounds to 0 or 1.

    -(t log p + (1 - t) log(1 - p)) = max(s, 0) - s t + log(1 + exp(-|s|)) for a score s.

    Shapes: input, the scores s, and target the same, any; targets from 0 to 1, scores any numbers. `weight`
    multiplies the losses (the mean is divided by their number) and `pos_weight` the part t log p, to make up for
    a yes that is rare; both broadcast.

    TargetError for a target of another shape or outside of 0 to 1, ShapeError for weights that do not fit.

    >>> import pellucid as pc
    >>> binary_cross_entropy_with_logits(pc.tensor([1000.0, 0.0]), pc.tensor([1.0, 1.0]), reduction="none")
    tensor([0.    , 0.6931])
    """
    who = "binary_cross_entropy_with_logits"
    target = as_tensor(target)
    require_same_shape(who, input, target)
    require_probabilities(who, "targets", target, "No is 0 and yes is 1.")
    positive = input > 0.0  # max and |s| are written as choices: their slopes at s = 0 are right as well
    rest = (-input).where(positive, input).exp().log1p()
    if pos_weight is None:
        losses = input.where(positive, 0.0) - input * target + rest
    else:  # (1 - t) s - (1 + (pos_weight - 1) t) log p, where -log p = max(-s, 0) + log(1 + exp(-|s|))
        surprise = where(positive, 0.0, -input) + rest
        losses = (1.0 - target) * input + times(who, target, "pos_weight", as_tensor(pos_weight) - 1.0) * surprise
        losses = losses + surprise
    return reduce(times(who, losses, "weight", weight), reduction)


def bounded_log(p):
    """max(log p, -100), with slope 0 where the bound holds. A p below 0 gives NaN, which can be found."""
    if at_once.possible(p):
        return at_once.bounded_log(p)
    too_small = abs(p) <= math.exp(-100.0)
    return where(too_small, -100.0, where(too_small, 1.0, p).log())


def times(who, losses, name, weight):
    """The losses times a weight that broadcasts to them, if there is one."""
    if weight is None:
        return losses
    weight = as_tensor(weight)
    require_broadcast(who, name, weight, losses.shape)
    return losses * weight


def reduce_weighted(who, losses, weight, reduction):
    """As `reduce`, with a weight for each element, if there are any: the mean is then the weighted one."""
    if weight is None:
        return reduce(losses, reduction)
    weight = as_tensor(weight)
    if weight.shape != losses.shape:
        raise ShapeError(f"{who} needs one weight for each element, {losses.shape}, not {weight.shape}.")
    losses = losses * weight
    return losses.sum() / weight.sum() if reduction == "mean" else reduce(losses, reduction)


def reduce(losses, reduction):
    """One number for all elements, or the losses as they are."""
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise ArgumentError(
        f'reduction is "mean", "sum" or "none", not {reduction!r}.', remedy='"none" gives the loss of each element.'
    )
