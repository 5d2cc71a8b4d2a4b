"""Normalisation as modules: they hold weight and bias, and batch normalisation its running statistics."""

from pellucid.engine import Spec, no_grad
from pellucid.errors import ShapeError
from pellucid.functional import batch_norm, layer_norm
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensors import ones, tensor, zeros
from pellucid.tensors.create import shape_of
from pellucid.tensors.promote import FLOAT32


class BatchNorm1d(Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each of the `num_features` channels (axis 1).

    In training with the statistics of the batch, in evaluation with running ones, which training has
    collected: running = (1 - momentum) running + momentum new. With momentum=None they are the plain mean over
    all batches so far. The weight begins as 1, the bias as 0.

    Shapes: x (N, C) or (N, C, L), y the same. ShapeError for others, and in training for one value per channel.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training" (2015).
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, dtype=FLOAT32):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = Parameter(ones(num_features, dtype=dtype)) if affine else None
        self.bias = Parameter(zeros(num_features, dtype=dtype)) if affine else None
        self.track_running_stats = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, dtype=dtype) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, dtype=dtype) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def forward(self, x):
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ShapeError(
                f"BatchNorm1d needs (N, {self.num_features}) or (N, {self.num_features}, L), "
                f"but {Spec(x.shape, x.dtype)} came.",
                remedy="One sample is a batch of one: x.unsqueeze(0)" if x.shape == (self.num_features,) else None,
            )
        momentum = self.momentum
        if self.training and self.track_running_stats:
            with no_grad():
                self.num_batches_tracked.add_(1)
                if momentum is None:
                    momentum = 1.0 / self.num_batches_tracked.to(x.dtype)
        by_batch = self.training or not self.track_running_stats
        return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, momentum, self.eps)

    def describe(self):
        return f"BatchNorm1d({self.num_features})"

    def extra_repr(self):
        affine = self.weight is not None
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


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
