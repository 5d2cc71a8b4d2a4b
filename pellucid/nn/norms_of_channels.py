"""Group, instance, RMS and local response normalisation as modules."""

from pellucid.errors import ShapeError
from pellucid.functional import group_norm, instance_norm, local_response_norm, rms_norm
from pellucid.nn.formula import Formula
from pellucid.nn.module import Module
from pellucid.nn.normalize import ByChannel
from pellucid.nn.parameter import Parameter
from pellucid.tensors import ones, zeros
from pellucid.tensors.create import shape_of
from pellucid.tensors.promote import FLOAT32


class GroupNorm(Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, over each of num_groups groups of channels of a sample.

    The weight (num_channels,) begins as 1, the bias as 0; there is neither without affine, and no bias without
    `bias`. Shapes: x (N, num_channels, ...), y the same. ShapeError for others, or if the channels cannot be divided.

    Source: Wu and He, "Group normalization" (2018).

    >>> import pellucid as pc
    >>> GroupNorm(2, 4)(pc.tensor([[1.0, 3.0, 10.0, 30.0]])).detach()
    tensor([[-1.,  1., -1.,  1.]])
    """

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, dtype=FLOAT32, *, bias=True):
        if num_groups < 1 or num_channels % num_groups:
            raise ShapeError(f"GroupNorm cannot divide {num_channels} channels into {num_groups} groups of equal size.")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.weight = Parameter(ones(num_channels, dtype=dtype)) if affine else None
        self.bias = Parameter(zeros(num_channels, dtype=dtype)) if affine and bias else None

    def forward(self, x):
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def describe(self):
        return f"GroupNorm({self.num_groups}, {self.num_channels})"

    def extra_repr(self):
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class InstanceNorm(ByChannel):
    """What InstanceNorm1d, 2d and 3d share."""

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=False,
        track_running_stats=False,
        dtype=FLOAT32,
        *,
        bias=True,
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, x):
        single = x.ndim == self.axes[0] - 1
        if single:
            x = x.unsqueeze(0)
        self.require(x)
        by_sample = self.training or not self.track_running_stats
        running = (self.running_mean, self.running_var)
        y = instance_norm(x, *running, self.weight, self.bias, by_sample, self.momentum, self.eps)
        return y.squeeze(0) if single else y


class InstanceNorm1d(InstanceNorm):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each channel of each sample: see F.instance_norm.

    Unless `affine`, there is neither weight nor bias; unless track_running_stats, evaluation is as training.
    Shapes: x (N, C, L) or (C, L), y the same. ShapeError for others.

    Source: Ulyanov, Vedaldi and Lempitsky (2016).

    >>> import pellucid as pc
    >>> InstanceNorm1d(1)(pc.tensor([[[1.0, 3.0]]]))
    tensor([[[-1.,  1.]]])
    """

    needs = "(N, {0}, L) or ({0}, L)"
    axes = (3,)


class InstanceNorm2d(InstanceNorm):
    """Instance normalisation of images, x (N, C, H, W) or (C, H, W): see InstanceNorm1d.

    >>> import pellucid as pc
    >>> InstanceNorm2d(3)(pc.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    needs = "(N, {0}, H, W) or ({0}, H, W)"
    axes = (4,)


class InstanceNorm3d(InstanceNorm):
    """Instance normalisation of volumes, x (N, C, D, H, W) or (C, D, H, W): see InstanceNorm1d.

    >>> import pellucid as pc
    >>> InstanceNorm3d(3)(pc.ones(2, 3, 4, 4, 4)).shape
    (2, 3, 4, 4, 4)
    """

    needs = "(N, {0}, D, H, W) or ({0}, D, H, W)"
    axes = (5,)


class RMSNorm(Module):
    """y = x / sqrt(mean of x^2 + eps) * weight, over the last axes, those of normalized_shape: see F.rms_norm.

    The weight begins as 1; there is none without elementwise_affine. Shapes: x (..., *normalized_shape), y the same.

    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019).

    >>> import pellucid as pc
    >>> RMSNorm(2)(pc.tensor([3.0, 4.0])).detach()
    tensor([0.8485, 1.1314])
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, dtype=FLOAT32):
        self.normalized_shape = shape_of(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(ones(self.normalized_shape, dtype=dtype)) if elementwise_affine else None

    def forward(self, x):
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LocalResponseNorm(Formula):
    """y = x / (k + alpha m)^beta, m the mean of x^2 over `size` channels around: see F.local_response_norm.

    >>> import pellucid as pc
    >>> LocalResponseNorm(2, alpha=2.0, beta=1.0)(pc.ones(1, 2, 1))
    tensor([[[0.5   ],
             [0.3333]]])
    """

    shown = ("alpha", "beta", "k")

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x):
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, {super().extra_repr()}"
