"""Losses for predictions that are numbers, beside mse_loss: less afraid of outliers, or of a stated distribution."""

import math

from pellucid.engine import mode
from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional.labels import require_broadcast, require_same_shape
from pellucid.functional.losses import reduce, reduce_weighted
from pellucid.tensors import as_tensor


def l1_loss(input, target, *, reduction="mean", weight=None):
    """The absolute error: mean of |input - target|. With a weight for each element, their weighted mean.

    Shapes: input, target and weight the same, any. TargetError if they differ: they are not broadcast.

    Source: Boscovich (1757) and Laplace (1799): the least sum of absolute deviations.

    >>> import pellucid as pc
    >>> l1_loss(pc.tensor([1.0, 2.0]), pc.tensor([1.0, 4.0]))
    tensor(1.)
    """
    target = as_tensor(target)
    require_same_shape("l1_loss", input, target)
    return reduce_weighted("l1_loss", abs(input - target), weight, reduction)


def smooth_l1_loss(input, target, *, reduction="mean", beta=1.0):
    """d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, for d = input - target: huber_loss / beta.

    With beta = 0 it is l1_loss. Shapes: input and target the same, any; TargetError if they differ.
    ArgumentError for a negative beta.

    Source: Girshick, "Fast R-CNN" (2015).

    >>> import pellucid as pc
    >>> smooth_l1_loss(pc.tensor([0.0, 0.0]), pc.tensor([0.5, 4.0]), reduction="none")
    tensor([0.125, 3.5  ])
    """
    if beta < 0:
        raise ArgumentError(f"smooth_l1_loss: beta is not negative, but {beta} came.")
    target = as_tensor(target)
    require_same_shape("smooth_l1_loss", input, target)
    error = input - target
    size = abs(error)
    if beta == 0:
        return reduce(size, reduction)
    return reduce((error * error * (0.5 / beta)).where(size < beta, size - 0.5 * beta), reduction)


def huber_loss(input, target, *, reduction="mean", delta=1.0, weight=None):
    """d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), for d = input - target.

    Near 0 a squared error, far out an absolute one, so that a wrong sample pulls no harder than delta. `weight`
    multiplies the losses (the mean is divided by their number). Shapes: input, target and weight the same, any;
    TargetError or ShapeError if they differ. ArgumentError if delta is not positive.

    Source: Huber, "Robust estimation of a location parameter" (1964).

    >>> import pellucid as pc
    >>> huber_loss(pc.tensor([0.0, 0.0]), pc.tensor([0.5, 4.0]), delta=2.0, reduction="none")
    tensor([0.125, 6.   ])
    """
    if delta <= 0:
        raise ArgumentError(f"huber_loss: delta is positive, but {delta} came.")
    target = as_tensor(target)
    require_same_shape("huber_loss", input, target)
    error = input - target
    size = abs(error)
    losses = (error * error * 0.5).where(size <= delta, (size - 0.5 * delta) * delta)
    if weight is not None:
        weight = as_tensor(weight)
        if weight.shape != losses.shape:
            raise ShapeError(f"huber_loss needs one weight for each element, {losses.shape}, not {weight.shape}.")
        losses = losses * weight
    return reduce(losses, reduction)


def kl_div(input, target, *, reduction="mean", log_target=False):
    """t (log t - x) for probabilities t = target and log probabilities x = input: Kullback and Leibler's divergence.

    A t of 0 has loss 0. With log_target the target is log t too. The divergence of distributions is their sum
    over the classes: reduction="batchmean", the sum divided by the length of the first axis, gives its mean over
    the samples; "mean" divides by the number of elements. Shapes: input and target the same, any; TargetError if
    they differ.

    Source: Kullback and Leibler, "On information and sufficiency" (1951).

    >>> import pellucid as pc
    >>> kl_div(pc.tensor([[0.5, 0.5]]).log(), pc.tensor([[1.0, 0.0]]), reduction="batchmean")
    tensor(0.6931)
    """
    target = as_tensor(target)
    require_same_shape("kl_div", input, target)
    if log_target:
        losses = target.exp() * (target - input)
    else:
        losses = target * target.where(target > 0.0, 1.0).log() - target * input
    if reduction == "batchmean":
        return losses.sum() / float(input.shape[0] if input.ndim else 1)
    return reduce(losses, reduction)


def poisson_nll_loss(input, target, log_input=True, full=False, *, eps=1e-8, reduction="mean"):
    """Minus the log likelihood of counts t = target, for a Poisson distribution with mean exp(x), x = input.

    exp(x) - t x, or x - t log(x + eps) if not log_input: then x is the mean itself. With `full`, Stirling's
    approximation of the constant log(t!) is added where t > 1: t log t - t + log(2 pi t) / 2. Shapes: input and
    target the same, any; TargetError if they differ.

    >>> import pellucid as pc
    >>> poisson_nll_loss(pc.tensor([0.0]), pc.tensor([3.0]))
    tensor(1.)
    """
    target = as_tensor(target)
    require_same_shape("poisson_nll_loss", input, target)
    losses = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        many = target > 1.0
        count = target.where(many, 1.0)
        stirling = count * count.log() - count + (count * (2.0 * math.pi)).log() * 0.5
        losses = losses + stirling.where(many, 0.0)
    return reduce(losses, reduction)


def gaussian_nll_loss(input, target, var, full=False, *, eps=1e-6, reduction="mean"):
    """Minus the log likelihood of t = target, for a normal distribution with mean x = input and variance var.

    (log v + (x - t)^2 / v) / 2, v being var, but at least eps; with `full`, log(2 pi) / 2 is added. The gradient
    takes no notice of the bound eps, so a variance below it can grow again.

    Shapes: input any; target and var broadcast to it, and var may lack the last axis. ShapeError if they do not
    fit, ArgumentError for a negative var or an eps that is not positive.

    Source: Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994).

    >>> import pellucid as pc
    >>> gaussian_nll_loss(pc.tensor([1.0]), pc.tensor([3.0]), pc.tensor([1.0]))
    tensor(2.)
    """
    if eps <= 0:
        raise ArgumentError(f"gaussian_nll_loss: eps is positive, but {eps} came.")
    target, var = as_tensor(target), as_tensor(var).to(input.dtype)
    if input.ndim and var.shape == input.shape[:-1]:
        var = var.unsqueeze(-1)
    for name, x in (("target", target), ("var", var)):
        require_broadcast("gaussian_nll_loss", name, x, input.shape)
    if mode.local.recording is None and var.numel() and var.array.min() < 0:
        raise ArgumentError(
            f"gaussian_nll_loss needs a var that is not negative, but {var.array.min():.6g} came.",
            remedy="F.softplus or exp makes any number positive.",
        )
    variance = var + (var.clamp(min=eps) - var).detach()
    error = input - target
    losses = (variance.log() + error * error / variance) * 0.5
    return reduce(losses + 0.5 * math.log(2.0 * math.pi) if full else losses, reduction)
