"""What goes into training: arrays, weights of samples, parts for validation; and batches as pairs of arrays."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.tensors import Tensor

EXACT = 1 << 24  # whole numbers up to this are exact in float32


class Packing:
    """Several arrays side by side as one: `pellucid.train` takes batches (x, y), and a model may have more inputs.

    `pack` makes one array (rows, numbers) of them, `unpack` takes a batch apart again, arrays as well as tensors, in
    compiled steps too. A single array stays as it is.
    """

    def __init__(self, arrays):
        self.shapes = [array.shape[1:] for array in arrays]
        self.dtypes = [array.dtype for array in arrays]
        self.single = len(arrays) == 1
        large = [array for array in arrays if array.dtype.kind in "iu" and array.size and abs(array).max() > EXACT]
        self.dtype = np.dtype(np.float64 if large else np.float32)

    def pack(self, arrays):
        """One array of several."""
        if self.single:
            return arrays[0]
        return np.concatenate([array.reshape(len(array), -1).astype(self.dtype) for array in arrays], axis=1)

    def unpack(self, batch):
        """The parts of a batch, as a list."""
        if self.single:
            return [batch]
        parts, at = [], 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            count = int(np.prod(shape))
            part = batch[:, at : at + count].reshape(batch.shape[0], *shape)
            parts.append(part.to(dtype) if isinstance(part, Tensor) else part.astype(dtype))
            at += count
        return parts


def as_array(data, what="x"):
    """Numbers as an array: floats become float32. Lists, tensors and tables of pandas are taken as well."""
    array = np.asarray(data)
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"{what} has the dtype {array.dtype}; numbers are needed.", "Number the words first.")
    return array.astype(np.float32) if array.dtype.kind == "f" and array.dtype != np.float32 else array


def as_arrays(data):
    """A list of arrays, one for each input."""
    several = isinstance(data, (list, tuple)) and len(data) > 0 and hasattr(data[0], "shape") and data[0].ndim > 0
    arrays = [as_array(part) for part in data] if several else [as_array(data)]
    require_rows("x", arrays, len(arrays[0]) if arrays[0].ndim else 0)
    return arrays


def require_rows(what, arrays, rows):
    """Each array has that many rows."""
    for array in arrays:
        if array.ndim == 0 or len(array) != rows:
            raise ShapeError(f"{what} has the shape {array.shape}, but there are {rows} samples.")


class Samples:
    """The samples of one part of the data: `x` a list of arrays, `y`, and `weight` or None."""

    def __init__(self, x, y, weight=None):
        if y is None:
            raise ArgumentError("there is nothing to compare predictions with: y is missing.", "fit(x, y)")
        self.x = as_arrays(x)
        self.y = as_array(y, "y")
        rows = len(self.x[0])
        require_rows("y", [self.y], rows)
        self.weight = None if weight is None else as_array(weight, "sample_weight").astype(np.float32)
        if self.weight is not None:
            require_rows("sample_weight", [self.weight], rows)

    def __len__(self):
        return len(self.y)

    def rows(self, part):
        """Some of the samples: a slice."""
        weight = None if self.weight is None else self.weight[part]
        return Samples([array[part] for array in self.x], self.y[part], weight)

    def split(self, share):
        """All but the last share of the samples, and those, in their order."""
        at = int(len(self) * (1.0 - share))
        if not 0 < share < 1 or at == 0 or at == len(self):
            raise ArgumentError(f"validation_split={share} leaves no samples on one side; it is a share such as 0.2.")
        return self.rows(slice(None, at)), self.rows(slice(at, None))


def weights_of_classes(y, class_weight):
    """The weight of each sample by its class: float32 (samples,)."""
    labels = np.rint(y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(-1)).astype(np.int64)
    weights = np.ones(len(labels), np.float32)
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights
