"""Data: from files to batches. This package knows NumPy, not Tensor.

Data sets: `digits`, `iris` (inside the package), `xor`, `moons` (computed), `mnist`, `fashion_mnist`
(files or download). Dividing, scaling and batching: `train_test_split`, `StandardScaler`, `DataLoader`.
"""

from pellucid.data.arrays import ArrayDataset, DataLoader
from pellucid.data.bundled import digits, iris
from pellucid.data.generated import moons, xor
from pellucid.data.idx import read_idx, write_idx
from pellucid.data.mnist import fashion_mnist, mnist
from pellucid.data.names import class_names, feature_names
from pellucid.data.scale import MinMaxScaler, StandardScaler
from pellucid.data.splits import train_test_split, train_val_test_split

__all__ = [
    "ArrayDataset",
    "DataLoader",
    "MinMaxScaler",
    "StandardScaler",
    "class_names",
    "digits",
    "fashion_mnist",
    "feature_names",
    "iris",
    "mnist",
    "moons",
    "read_idx",
    "train_test_split",
    "train_val_test_split",
    "write_idx",
    "xor",
]
