"""The losses of Keras as objects: a function with its options."""

from typing import Any

from pellucid.keras.losses import functions
from pellucid.keras.losses.loss import OfFunction, reduced
from pellucid.tensors import as_tensor


class Plain(OfFunction):
    """What the losses share that have no options of their own."""

    function: Any = None

    def __init__(self, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(type(self).function, name, reduction)


class MeanSquaredError(Plain):
    """(y_true - y_pred)^2, as a mean.

    >>> import pellucid as pc
    >>> MeanSquaredError()(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor(2.)
    """

    function = functions.mean_squared_error


class MeanAbsoluteError(Plain):
    """|y_true - y_pred|, as a mean.

    >>> import pellucid as pc
    >>> MeanAbsoluteError()(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor(1.)
    """

    function = functions.mean_absolute_error


class MeanAbsolutePercentageError(Plain):
    """100 |y_true - y_pred| / |y_true|, as a mean.

    >>> import pellucid as pc
    >>> MeanAbsolutePercentageError()(pc.tensor([[1.0, 2.0]]), pc.tensor([[1.0, 4.0]]))
    tensor(50.)
    """

    function = functions.mean_absolute_percentage_error


class MeanSquaredLogarithmicError(Plain):
    """(log(1 + y_true) - log(1 + y_pred))^2, as a mean.

    >>> import pellucid as pc
    >>> MeanSquaredLogarithmicError()(pc.tensor([[1.0]]), pc.tensor([[3.0]]))
    tensor(0.4805)
    """

    function = functions.mean_squared_logarithmic_error


class LogCosh(Plain):
    """log(cosh(y_pred - y_true)), as a mean.

    >>> import pellucid as pc
    >>> LogCosh()(pc.tensor([[0.0]]), pc.tensor([[1.0]]))
    tensor(0.4338)
    """

    function = functions.log_cosh


class Hinge(Plain):
    """max(0, 1 - t y), as a mean.

    >>> import pellucid as pc
    >>> Hinge()(pc.tensor([[-1.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor(1.)
    """

    function = functions.hinge


class SquaredHinge(Plain):
    """max(0, 1 - t y)^2, as a mean.

    >>> import pellucid as pc
    >>> SquaredHinge()(pc.tensor([[-1.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor(1.25)
    """

    function = functions.squared_hinge


class CategoricalHinge(Plain):
    """max(0, 1 + best wrong score - right score).

    >>> import pellucid as pc
    >>> CategoricalHinge()(pc.tensor([[0.0, 1.0]]), pc.tensor([[0.5, 0.75]]))
    tensor(0.75)
    """

    function = functions.categorical_hinge


class KLDivergence(Plain):
    """The sum of t log(t / p).

    >>> import pellucid as pc
    >>> KLDivergence()(pc.tensor([[0.5, 0.5]]), pc.tensor([[0.25, 0.75]]))
    tensor(0.1438)
    """

    function = functions.kl_divergence


class Poisson(Plain):
    """y_pred - y_true log(y_pred), as a mean.

    >>> import pellucid as pc
    >>> Poisson()(pc.tensor([[2.0]]), pc.tensor([[1.0]]))
    tensor(1.)
    """

    function = functions.poisson


class Huber(OfFunction):
    """See losses.huber.

    >>> import pellucid as pc
    >>> Huber()(pc.tensor([[0.0, 0.0]]), pc.tensor([[0.5, 3.0]]))
    tensor(1.3125)
    """

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name="huber", dtype=None):
        super().__init__(functions.huber, name, reduction, delta=delta)


class CosineSimilarity(OfFunction):
    """Minus the cosine of the angle between both.

    >>> import pellucid as pc
    >>> CosineSimilarity()(pc.tensor([[0.0, 2.0]]), pc.tensor([[3.0, 4.0]]))
    tensor(-0.8)
    """

    def __init__(self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity", dtype=None):
        super().__init__(functions.cosine_similarity, name, reduction, axis=axis)


class BinaryCrossentropy(OfFunction):
    """-(t log p + (1 - t) log(1 - p)): see losses.binary_crossentropy.

    >>> import pellucid as pc
    >>> BinaryCrossentropy()(pc.tensor([[1.0]]), pc.tensor([[0.5]]))
    tensor(0.6931)
    """

    def __init__(
        self, from_logits=False, label_smoothing=0.0, axis=-1, reduction="sum_over_batch_size",
        name="binary_crossentropy", dtype=None,
    ):  # fmt: skip
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(functions.binary_crossentropy, name, reduction, **options)


class CategoricalCrossentropy(OfFunction):
    """-(sum of t log p): see losses.categorical_crossentropy.

    >>> import pellucid as pc
    >>> CategoricalCrossentropy()(pc.tensor([[0.0, 1.0]]), pc.tensor([[0.5, 0.5]]))
    tensor(0.6931)
    """

    def __init__(
        self, from_logits=False, label_smoothing=0.0, axis=-1, reduction="sum_over_batch_size",
        name="categorical_crossentropy", dtype=None,
    ):  # fmt: skip
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(functions.categorical_crossentropy, name, reduction, **options)


class SparseCategoricalCrossentropy(OfFunction):
    """-log p of the right class: see losses.sparse_categorical_crossentropy. In a mean, ignored labels do not count.

    >>> import pellucid as pc
    >>> SparseCategoricalCrossentropy()(pc.tensor([1]), pc.tensor([[0.25, 0.75]]))
    tensor(0.2877)
    """

    def __init__(
        self, from_logits=False, ignore_class=None, reduction="sum_over_batch_size", axis=-1,
        name="sparse_categorical_crossentropy", dtype=None,
    ):  # fmt: skip
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(functions.sparse_categorical_crossentropy, name, reduction, **options)

    def __call__(self, y_true, y_pred, sample_weight=None):
        losses, ignored = self.call(y_true, y_pred), self.options["ignore_class"]
        counts = None if ignored is None else (as_tensor(y_true).reshape(losses.shape) != ignored).to(losses.dtype)
        return reduced(losses, sample_weight, self.reduction, counts)
