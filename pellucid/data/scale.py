"""Bringing columns to a common scale, so that one learning rate suits them all.

A scaler is fitted on the training part only: what it learns from the test part would leak into training.
Its numbers go to plain lists and back (`to_dict`, `from_dict`), so a run can keep them as JSON.
"""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError


class StandardScaler:
    """Shift and scale each column to mean 0 and standard deviation 1.

    z = (x - mean) / scale, with mean and scale = sqrt(mean of (x - mean)^2) taken over axis 0 of the data
    given to `fit`. A constant column becomes 0 (its scale counts as 1). float32 stays float32; the
    statistics `mean_` and `scale_` are float64, of shape x.shape[1:].

    Raises ArgumentError for data that are empty or not finite, or before `fit`; ShapeError if the columns
    differ from those that were fitted.

    >>> scaler = StandardScaler().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> scaler.transform(np.array([[1.0, 5.0], [4.0, 6.0]])).tolist()
    [[-1.0, 0.0], [2.0, 1.0]]
    """

    # Set by fit; a scaler that was not fitted does not have them.
    mean_: np.ndarray
    scale_: np.ndarray

    def fit(self, x):
        """Learn mean and standard deviation of each column of the training data. Returns the scaler."""
        x = finite_columns(x, "StandardScaler.fit")
        constant = x.min(axis=0) == x.max(axis=0)
        # The mean of equal numbers can differ from them in the last bit; a constant column shall give exact zeros.
        self.mean_ = np.where(constant, x[0], x.mean(axis=0))
        self.scale_ = np.where(constant, 1.0, x.std(axis=0))
        return self

    def transform(self, x):
        """(x - mean) / standard deviation, column by column; x keeps its dtype."""
        x, dtype = fitted_columns(self, "mean_", x, "transform")
        return ((x - self.mean_) / self.scale_).astype(dtype, copy=False)

    def fit_transform(self, x):
        """`fit`, then `transform` the same data."""
        return self.fit(x).transform(x)

    def inverse_transform(self, z):
        """The data that `transform` would bring to `z`: x = z * scale + mean."""
        z, dtype = fitted_columns(self, "mean_", z, "inverse_transform")
        return (z * self.scale_ + self.mean_).astype(dtype, copy=False)

    def to_dict(self):
        """The scaler as plain lists and strings, for JSON."""
        require_fit(self, "mean_", "to_dict")
        return {"kind": "StandardScaler", "mean": self.mean_.tolist(), "scale": self.scale_.tolist()}

    @classmethod
    def from_dict(cls, values):
        """The scaler that `to_dict` described, bit for bit."""
        scaler = cls()
        scaler.mean_, scaler.scale_ = restore(cls, values, "mean", "scale")
        return scaler


class MinMaxScaler:
    """Shift and scale each column so that it runs from 0 to 1, or over another `feature_range`.

    z = low + (x - min) / (max - min) * (high - low), with min and max (`data_min_`, `data_max_`, float64)
    taken over axis 0 of the data given to `fit`. A constant column becomes `low`. Numbers beyond those
    seen in `fit` lie beyond the range; they are not cut off. float32 stays float32.

    Raises the errors of StandardScaler, and ArgumentError unless low < high.

    >>> scaler = MinMaxScaler().fit(np.array([[1.0], [5.0]]))
    >>> scaler.transform(np.array([[2.0], [9.0]])).tolist()
    [[0.25], [2.0]]
    """

    # Set by fit; a scaler that was not fitted does not have them.
    data_min_: np.ndarray
    data_max_: np.ndarray

    def __init__(self, feature_range=(0, 1)):
        low, high = (float(end) for end in feature_range)
        if not low < high:
            raise ArgumentError(f"feature_range must be (low, high) with low < high, not {feature_range}.")
        self.feature_range = (low, high)

    def fit(self, x):
        """Learn the smallest and largest number of each column of the training data. Returns the scaler."""
        x = finite_columns(x, "MinMaxScaler.fit")
        self.data_min_ = x.min(axis=0)
        self.data_max_ = x.max(axis=0)
        return self

    def transform(self, x):
        """Bring each column into the feature range; new data may lie outside of it. x keeps its dtype."""
        x, dtype = fitted_columns(self, "data_min_", x, "transform")
        low, high = self.feature_range
        return (low + (x - self.data_min_) / self._width() * (high - low)).astype(dtype, copy=False)

    def fit_transform(self, x):
        """`fit`, then `transform` the same data."""
        return self.fit(x).transform(x)

    def inverse_transform(self, z):
        """The data that `transform` would bring to `z`."""
        z, dtype = fitted_columns(self, "data_min_", z, "inverse_transform")
        low, high = self.feature_range
        return (self.data_min_ + (z - low) / (high - low) * self._width()).astype(dtype, copy=False)

    def _width(self):
        width = self.data_max_ - self.data_min_
        return np.where(width == 0, 1.0, width)

    def to_dict(self):
        """The scaler as plain lists and strings, for JSON."""
        require_fit(self, "data_min_", "to_dict")
        return {
            "kind": "MinMaxScaler",
            "feature_range": list(self.feature_range),
            "data_min": self.data_min_.tolist(),
            "data_max": self.data_max_.tolist(),
        }

    @classmethod
    def from_dict(cls, values):
        """The scaler that `to_dict` described, bit for bit."""
        feature_range, data_min, data_max = restore(cls, values, "feature_range", "data_min", "data_max")
        scaler = cls(tuple(feature_range.tolist()))
        scaler.data_min_, scaler.data_max_ = data_min, data_max
        return scaler


def finite_columns(x, who):
    """The data as float64 with at least one row and no NaN or infinity."""
    x = numbers(x, who)
    if x.ndim == 0 or len(x) == 0:
        raise ArgumentError(f"{who} needs at least one row; the shape is {x.shape}.")
    bad = ~np.isfinite(x)
    if bad.any():
        place = tuple(int(index) for index in np.argwhere(bad)[0])
        raise ArgumentError(
            f"{who} found {x[place]} at index {place}; it needs finite numbers.",
            remedy="Drop such rows or fill in a value first.",
        )
    return x


def require_fit(scaler, attribute, method):
    """What `fit` has left in the attribute; an ArgumentError if there was no fit."""
    if not hasattr(scaler, attribute):
        who = f"{type(scaler).__name__}.{method}"
        raise ArgumentError(f"{who} was called before fit.", remedy="Call fit with the training part first.")
    return getattr(scaler, attribute)


def fitted_columns(scaler, attribute, x, method):
    """The data as float64 and the dtype the result shall have, after checking the columns."""
    fitted = require_fit(scaler, attribute, method)
    who = f"{type(scaler).__name__}.{method}"
    original = np.asarray(x)
    x = numbers(original, who)
    if x.ndim == 0 or x.shape[1:] != fitted.shape:
        raise ShapeError(
            f"{who} needs the shape (rows, {', '.join(map(str, fitted.shape))}), as fitted, but got {x.shape}."
        )
    return x, original.dtype if original.dtype.kind == "f" else np.dtype(np.float64)


def numbers(x, who):
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise ArgumentError(f"{who} needs real numbers, not {x.dtype}.")
    return x.astype(np.float64, copy=False)


def restore(cls, values, *names):
    """The arrays of a description that `to_dict` made, in the order of `names`."""
    kind = values.get("kind")
    if kind != cls.__name__:
        raise ArgumentError(f"{cls.__name__}.from_dict was given the description of a {kind!r}.")
    missing = [name for name in names if name not in values]
    if missing:
        raise ArgumentError(f"{cls.__name__}.from_dict misses {', '.join(missing)}.")
    return [np.asarray(values[name], np.float64) for name in names]
