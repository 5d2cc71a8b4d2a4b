"""How far numbers are from those that were to be predicted."""

import numpy as np

from pellucid.metrics.metric import Metric, divided, numbers, over_batches, require_labels, require_same_shape


def mean_absolute_error(predictions, targets):
    """The mean of |prediction - target|. Shapes: the same, any; ShapeError if they differ, ArgumentError for none.

    >>> mean_absolute_error(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    1.5
    """
    return float(np.abs(differences(predictions, targets)).mean())


def mean_squared_error(predictions, targets):
    """The mean of (prediction - target)^2. Shapes and errors as for `mean_absolute_error`.

    >>> mean_squared_error(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    2.5
    """
    return float((differences(predictions, targets) ** 2).mean())


def differences(predictions, targets):
    """Predictions minus targets, in float64."""
    predictions, targets = numbers(predictions, targets)
    require_same_shape(predictions, targets)
    require_labels(targets)
    return predictions.astype(np.float64) - targets


class R2(Metric):
    """Collects, for each output: number of samples, mean of the targets, sums of squares around it and of the errors.

    Those of two batches are put together without loss of digits: Chan, Golub and LeVeque, "Algorithms for computing
    the sample variance" (1983).
    """

    def collect(self, scores, labels):
        errors = differences(scores, labels)
        count = len(errors) if errors.ndim else 1
        errors, targets = errors.reshape(count, -1), np.asarray(labels, np.float64).reshape(count, -1)
        same = targets.min(0) == targets.max(0)
        mean = np.where(same, targets[0], targets.mean(0))  # that of equal numbers may be off by the last bit
        spread = ((targets - mean) ** 2).sum(0)
        return np.stack([np.full_like(mean, count), mean, spread, (errors**2).sum(0)])

    def merge(self, one, other):
        (n, mean, spread, squares), (m, other_mean, other_spread, other_squares) = one, other
        apart = other_mean - mean
        return np.stack([
            n + m,
            mean + apart * m / (n + m),
            spread + other_spread + apart**2 * n * m / (n + m),
            squares + other_squares,
        ])  # fmt: skip

    def figure(self, part):
        _, _, spread, squares = part
        return float(np.where(squares == 0.0, 1.0, 1.0 - divided(squares, spread, 1.0)).mean())


@over_batches(R2)
def r2(predictions, targets):
    """The share of the targets' variance that is explained: 1 - sum (y - p)^2 / sum (y - mean y)^2.

    1 is perfect, 0 as good as predicting the mean, below 0 worse. Targets that are all the same give 1 if they are met
    and else 0. Of several outputs, (N, ...), the mean over the outputs.

    Raises ShapeError if the shapes differ, ArgumentError for no samples.

    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    return R2()(predictions, targets)
