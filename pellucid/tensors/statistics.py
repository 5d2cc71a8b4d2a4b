"""How numbers scatter: variance, standard deviation, covariance and correlation."""

import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.operators import Operators
from pellucid.tensors.promote import as_float, constant, only_numbers
from pellucid.tensors.reduce import require_float, without
from pellucid.tensors.shape import axes_of


class StatisticsMixin(Operators):
    """The methods of Tensor that measure how its numbers scatter."""

    def var(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        """The variance: sum of (x - mean)^2 / (n - correction). The correction is 1 (unbiased), if not given.

        `unbiased=False` is another word for correction=0; `x.var(False)` means that too. Floats only: DtypeError.

        >>> import pellucid as pc
        >>> pc.var(pc.tensor([1.0, 2.0, 3.0, 4.0])), pc.var(pc.tensor([1.0, 2.0, 3.0, 4.0]), correction=0)
        (tensor(1.6667), tensor(1.25))
        """
        return moments(self, "var", dim, unbiased, keepdim, correction)[0]

    def std(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        """The standard deviation: the square root of `var`. Where it is 0, its slope is 0.

        >>> import pellucid as pc
        >>> pc.std(pc.tensor([1.0, 2.0, 3.0, 4.0]))
        tensor(1.291)
        """
        return root(moments(self, "std", dim, unbiased, keepdim, correction)[0])

    def var_mean(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        """The pair (variance, mean).

        >>> import pellucid as pc
        >>> pc.var_mean(pc.tensor([1.0, 2.0, 3.0, 4.0]))
        (tensor(1.6667), tensor(2.5))
        """
        variance, mean, axes = moments(self, "var_mean", dim, unbiased, keepdim, correction)
        return variance, (mean if keepdim else without(mean, axes))

    def std_mean(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        """The pair (standard deviation, mean).

        >>> import pellucid as pc
        >>> pc.std_mean(pc.tensor([1.0, 2.0, 3.0, 4.0]))
        (tensor(1.291), tensor(2.5))
        """
        variance, mean, axes = moments(self, "std_mean", dim, unbiased, keepdim, correction)
        return root(variance), (mean if keepdim else without(mean, axes))

    def cov(self, *, correction=1, fweights=None, aweights=None):
        """The covariances of the rows (variables) of a matrix whose columns are observations.

        C[i, j] = sum over k of w_k (x_ik - mean_i) (x_jk - mean_j) / n. The weights w of the observations are counts
        (`fweights`, integers) times importances (`aweights`); without them n is their number minus the correction,
        else sum(w) - correction sum(w a) / sum(w).

        >>> import pellucid as pc
        >>> pc.cov(pc.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
        """
        if self.ndim > 2:
            raise ShapeError(f"cov takes rows of observations, not {self.ndim} axes.")
        x = as_float(self).reshape(1, -1) if self.ndim < 2 else as_float(self)
        weights = [w for w in (fweights, aweights) if w is not None]
        if any(w.shape != x.shape[1:] for w in weights):
            raise ArgumentError(f"cov needs one weight for each of the {x.shape[1]} observations.")
        if not weights:
            apart = x - x.mean(1, keepdim=True)
            c = (apart @ apart.mT) / float(max(x.shape[1] - correction, 0))
        else:
            w = weights[0] * weights[1] if len(weights) == 2 else weights[0]
            total = w.sum()
            apart = x - (x * w).sum(1, keepdim=True) / total
            lost = correction * ((w * aweights).sum() / total if aweights is not None else 1.0)
            c = (apart * w @ apart.mT) / (total - lost).clamp(min=0)
        return c.reshape(()) if c.numel() == 1 else c

    def corrcoef(self):
        """The correlations of the rows of a matrix: covariances divided by both standard deviations, within [-1, 1].

        >>> import pellucid as pc
        >>> pc.corrcoef(pc.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
        """
        c = self.cov()
        if c.ndim == 0:
            return c / c
        n = c.shape[0]
        deviation = c.reshape(-1)[:: n + 1].sqrt()
        return (c / deviation.reshape(n, 1) / deviation.reshape(1, n)).clamp(-1.0, 1.0)


def moments(x, what, dim, unbiased, keepdim, correction):
    """The variance, the mean with its axes kept, and along which axes they were taken."""
    require_float(x, what)
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise ArgumentError(f"{what} takes unbiased or correction, not both.")
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    axes = axes_of(x, dim)
    count = math.prod([x.array.shape[axis] for axis in axes])
    left = float(max(count - correction, 0))
    if only_numbers(x) and axes:
        mean = np.add.reduce(x.array, axes, keepdims=True) / x.dtype.type(count)
        apart = x.array - mean
        variance = np.asarray(np.add.reduce(apart * apart, axes, keepdims=keepdim) / x.dtype.type(left))
        return constant(variance), constant(mean), axes
    mean = x.sum(axes, keepdim=True) / float(count)
    apart = x - mean
    return (apart * apart).sum(axes, keepdim) / left, mean, axes


def root(x):
    """The square root of what is not negative, with the slope 0 where x is 0: there the true one is infinite."""
    if not x.requires_grad:
        return x.sqrt()
    there = x != 0.0
    return where(there, where(there, x, 1.0).sqrt(), 0.0)


corrcoef = free(StatisticsMixin.corrcoef)
cov = free(StatisticsMixin.cov)
std = free(StatisticsMixin.std)
std_mean = free(StatisticsMixin.std_mean)
var = free(StatisticsMixin.var)
var_mean = free(StatisticsMixin.var_mean)
