"""Normalisation as modules: they hold weight and bias, and batch normalisation its running statistics."""

from pellucid.engine import Spec, no_grad
from pellucid.errors import ShapeError
from pellucid.functional import batch_norm, layer_norm
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensors import ones, tensor, zeros
from pellucid.tensors.create import shape_of
from pellucid.tensors.promote import FLOAT32


class ByChannel(Module):
    """What batch and instance norms share: weight, bias and running statistics, one number for each channel."""

    needs = ""  # the shapes that fit, for the error
    axes: tuple[int, ...] = ()  # how many axes they have

    def __init__(self, num_features, eps, momentum, affine, track_running_stats, dtype, bias):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.weight = Parameter(ones(num_features, dtype=dtype)) if affine else None
        self.bias = Parameter(zeros(num_features, dtype=dtype)) if affine and bias else None
        self.track_running_stats = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, dtype=dtype) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, dtype=dtype) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def require(self, x):
        """x has channels on axis 1, and the number of axes that this module is for."""
        if x.ndim not in self.axes or x.shape[1] != self.num_features:
            needs = self.needs.format(self.num_features)
            alone = x.ndim + 1 in self.axes and x.shape[:1] == (self.num_features,)
            raise ShapeError(
                f"{type(self).__name__} needs {needs}, but {Spec(x.shape, x.dtype)} came.",
                remedy="One sample is a batch of one: x.unsqueeze(0)" if alone else None,
            )

    def counted(self, x):
        """Count the batch; return the momentum, which is 1 / (number of batches) if it was given as None."""
        if not (self.training and self.track_running_stats):
            return self.momentum
        with no_grad():
            self.num_batches_tracked.add_(1)
            return 1.0 / self.num_batches_tracked.to(x.dtype) if self.momentum is None else self.momentum

    def describe(self):
        return f"{type(self).__name__}({self.num_features})"

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm(ByChannel):
    """What BatchNorm1d, 2d and 3d share."""

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, dtype=FLOAT32, *, bias=True
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, x):
        self.require(x)
        momentum = self.counted(x)
        by_batch = self.training or not self.track_running_stats
        return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, momentum, self.eps)


class BatchNorm1d(BatchNorm):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each of the `num_features` channels (axis 1).

    In training with the statistics of the batch, in evaluation with running ones, which training has
    collected: running = (1 - momentum) running + momentum new. With momentum=None they are the plain mean over
    all batches so far. The weight begins as 1, the bias as 0; there is neither without affine, no bias without `bias`.

    Shapes: x (N, C) or (N, C, L), y the same. ShapeError for others, and in training for one value per channel.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training" (2015).
    """

    needs = "(N, {0}) or (N, {0}, L)"
    axes = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images, x (N, C, H, W): see BatchNorm1d.

    >>> import pellucid as pc
    >>> BatchNorm2d(3)(pc.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    needs = "(N, {0}, H, W)"
    axes = (4,)


class BatchNorm3d(BatchNorm):
    """Batch normalisation of volumes, x (N, C, D, H, W): see BatchNorm1d.

    >>> import pellucid as pc
    >>> BatchNorm3d(3)(pc.ones(2, 3, 4, 4, 4)).shape
    (2, 3, 4, 4, 4)
    """

    needs = "(N, {0}, D, H, W)"
    axes = (5,)


class LayerNorm(Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each sample by itself.

    Mean and variance are taken over the last axes, those of `normalized_shape` (a number, for the last axis
    only, or several). The weight begins as 1, the bias as 0; there is neither without elementwise_affine, and no
    bias without `bias`.

    Shapes: x (..., *normalized_shape), y the same. ShapeError for others.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016).

    >>> import pellucid as pc
    >>> LayerNorm(3)(pc.tensor([[1.0, 2.0, 3.0]])).detach()
    tensor([[-1.2247,  0.    ,  1.2247]])
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, dtype=FLOAT32):
        self.normalized_shape = shape_of(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(ones(self.normalized_shape, dtype=dtype)) if elementwise_affine else None
        self.bias = Parameter(zeros(self.normalized_shape, dtype=dtype)) if elementwise_affine and bias else None

    def forward(self, x):
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def describe(self):
        return f"LayerNorm({self.normalized_shape})"

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )
