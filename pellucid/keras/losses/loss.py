"""Loss: an object that makes one number of the losses of samples."""

from pellucid.errors import ArgumentError
from pellucid.keras.names import snake
from pellucid.tensors import as_tensor

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "none", None, "auto", "mean_with_sample_weight")


class Loss:
    """What all losses are: called with (y_true, y_pred, sample_weight) they give one number.

    A subclass has `call(y_true, y_pred)`, which gives one loss for each sample. They are weighted by sample_weight;
    then "sum_over_batch_size" (the default) divides their sum by their number, "sum" does not, "none" leaves them
    apart, and "mean_with_sample_weight" divides by the sum of the weights.

    >>> import pellucid as pc
    >>> class Quartic(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ((y_true - y_pred) ** 4).mean(-1)
    >>> Quartic()(pc.tensor([[0.0], [0.0]]), pc.tensor([[1.0], [2.0]]), sample_weight=pc.tensor([1.0, 0.5]))
    tensor(4.5)
    """

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        if reduction not in REDUCTIONS:
            raise ArgumentError(f"reduction is one of {', '.join(map(str, REDUCTIONS))}, not {reduction!r}.")
        self.name = name or snake(type(self).__name__)
        self.reduction = reduction

    def call(self, y_true, y_pred):
        """The loss of each sample."""
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred).")

    def __call__(self, y_true, y_pred, sample_weight=None):
        return reduced(self.call(y_true, y_pred), sample_weight, self.reduction)


def reduced(losses, sample_weight, reduction, counts=None):
    """One number for all samples, unless they shall stay apart. In a mean only those count where `counts` is 1."""
    losses = as_tensor(losses)
    total = float(max(1, losses.numel())) if counts is None else counts.sum().clamp(min=1.0)
    if sample_weight is not None:
        weight = as_tensor(sample_weight).to(losses.dtype)
        while weight.ndim > max(1, losses.ndim) and weight.shape[-1] == 1:
            weight = weight.squeeze(-1)
        while weight.ndim < losses.ndim:
            weight = weight.unsqueeze(-1)
        losses = losses * weight
        if reduction == "mean_with_sample_weight":
            total = (weight if counts is None else weight * counts).sum()
    if reduction in ("none", None):
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / total


class OfFunction(Loss):
    """What the losses share that are a function of this package with options."""

    def __init__(self, function, name, reduction, **options):
        super().__init__(name, reduction)
        self.function = function
        self.options = options

    def call(self, y_true, y_pred):
        """The loss of each sample."""
        return self.function(y_true, y_pred, **self.options)
