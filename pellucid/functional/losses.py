"""Losses: one number that says how wrong the predictions are. Training makes it small.

Every loss takes `reduction`: "mean" (the default), "sum", or "none" for the loss of each element.
"""

import math

from pellucid.errors import ArgumentError
from pellucid.functional.activations import log_softmax
from pellucid.functional.labels import class_axis, pick, require_probabilities, require_same_shape
from pellucid.tensors import as_tensor


def mse_loss(input, target, *, reduction="mean"):
    """The squared error: mean of (input - target)^2.

    Shapes: input and target the same, any. TargetError if they differ: they are not broadcast.

    Source: Legendre (1805) and Gauss (1809), the method of least squares.

    >>> import pellucid as pc
    >>> mse_loss(pc.tensor([1.0, 2.0]), pc.tensor([1.0, 4.0]))
    tensor(2.)
    """
    target = as_tensor(target)
    require_same_shape("mse_loss", input, target)
    error = input - target
    return reduce(error * error, reduction)


def cross_entropy(input, target, *, reduction="mean"):
    """-log p of the right class, where p = softmax(input): how surprised the scores are by the target.

    Shapes: input, the scores, (N, C), (C,) or (N, C, ...), any numbers; softmax is applied here, not before.
    The target is either the index of the right class, int64 of shape (N,), () or (N, ...), or
    probabilities of the shape of the scores (one-hot vectors are such), for which the loss is
    -(sum over classes of target * log p). The mean is over all but the classes.

    LabelError for an index outside of 0 .. C - 1, TargetError for a target of another kind.

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990).

    >>> import pellucid as pc
    >>> cross_entropy(pc.tensor([[0.0, 0.0]]), pc.tensor([1]))  # two equal scores: log 2
    tensor(0.6931)
    """
    target = as_tensor(target)
    log_p = log_softmax(input, dim=class_axis(input))
    if target.shape == input.shape:
        require_probabilities("cross_entropy", "probabilities as targets", target, "Class indices have one axis less.")
        return reduce(-(target * log_p).sum(class_axis(input)), reduction)
    return reduce(-pick("cross_entropy", log_p, target), reduction)


def nll_loss(input, target, *, reduction="mean"):
    """The negative logarithm of the likelihood: minus the log probability of the right class.

    Shapes: input, log p, (N, C), (C,) or (N, C, ...), as log_softmax gives them; target, int64 class indices,
    (N,), () or (N, ...). cross_entropy(scores, target) = nll_loss(log_softmax(scores, 1), target).

    LabelError for an index outside of 0 .. C - 1, TargetError for a target of another kind.

    Source: Fisher, "On the mathematical foundations of theoretical statistics" (1922): maximum likelihood.
    """
    return reduce(-pick("nll_loss", input, as_tensor(target)), reduction)


def binary_cross_entropy(input, target, *, reduction="mean"):
    """-(t log p + (1 - t) log(1 - p)): the surprise of a probability p at a yes (t = 1) or no (t = 0).

    Shapes: input, the probabilities p, and target the same, any; both from 0 to 1. No logarithm goes below
    -100 (and the slope there is 0), so a wrong answer given with certainty has loss 100, not infinity. If p
    comes from a sigmoid, binary_cross_entropy_with_logits is exact for all scores.

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
    return reduce(-(target * bounded_log(input) + (1.0 - target) * bounded_log(1.0 - input)), reduction)


def binary_cross_entropy_with_logits(input, target, *, reduction="mean"):
    """The binary cross entropy of p = sigmoid(input), exact also where p rounds to 0 or 1.

    -(t log p + (1 - t) log(1 - p)) = max(s, 0) - s t + log(1 + exp(-|s|)) for a score s.

    Shapes: input, the scores s, and target the same, any; targets from 0 to 1, scores any numbers.
    TargetError for a target of another shape or outside of 0 to 1.

    >>> import pellucid as pc
    >>> binary_cross_entropy_with_logits(pc.tensor([1000.0, 0.0]), pc.tensor([1.0, 1.0]), reduction="none")
    tensor([0.    , 0.6931])
    """
    target = as_tensor(target)
    require_same_shape("binary_cross_entropy_with_logits", input, target)
    require_probabilities("binary_cross_entropy_with_logits", "targets", target, "No is 0 and yes is 1.")
    positive = input > 0.0  # max and |s| are written as choices: their slopes at s = 0 are right as well
    rest = (-input).where(positive, input).exp().log1p()
    return reduce(input.where(positive, 0.0) - input * target + rest, reduction)


def bounded_log(p):
    """max(log p, -100), with slope 0 where the bound holds. A p below 0 gives NaN, which can be found."""
    too_small = abs(p) <= math.exp(-100.0)
    return p.where(too_small.logical_not(), 1.0).log().where(too_small.logical_not(), -100.0)


def reduce(losses, reduction):
    """One number for all elements, or the losses as they are."""
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise ArgumentError(f'reduction is "mean", "sum" or "none", not {reduction!r}.')
