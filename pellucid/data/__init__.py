"""Data: from files to batches. This package knows NumPy, not Tensor.

Data sets: `digits`, `iris` (inside the package), `mnist`, `fashion_mnist`, `cifar10` (files or download); computed from
a seed: `xor`, `moons`, `arcs`, `spirals`, `blobs`, `checkerboard` (classes), `line`, `plane`, `polynomial`, `curves`,
`coins`. Your own files: `read_csv`, `read_npy`, `read_npz`, `read_idx`, `ImageFolder`. Dividing, scaling and batching:
`split`, `k_fold`, `train_test_split`, `StandardScaler`, `DataLoader`. Changing pictures on their way: `transforms`.
"""

import typing as _typing
from importlib import import_module as _import_module

from pellucid.data.arrays import ArrayDataset, DataLoader
from pellucid.data.bundled import digits, iris
from pellucid.data.cifar10 import cifar10
from pellucid.data.folders import ImageFolder
from pellucid.data.generated import arcs, blobs, checkerboard, moons, spirals, xor
from pellucid.data.idx import read_idx, write_idx
from pellucid.data.leaks import check_leakage, k_fold, split
from pellucid.data.mnist import fashion_mnist, mnist
from pellucid.data.names import class_names, feature_names
from pellucid.data.numbers import coins, curves, line, plane, polynomial
from pellucid.data.numpy_files import read_npy, read_npz
from pellucid.data.scale import MinMaxScaler, StandardScaler
from pellucid.data.splits import train_test_split, train_val_test_split
from pellucid.data.tables import Table, read_csv

if _typing.TYPE_CHECKING:  # for editors; when the program runs, __getattr__ below loads it
    from pellucid.data import transforms

__all__ = [
    "ArrayDataset",
    "DataLoader",
    "ImageFolder",
    "MinMaxScaler",
    "StandardScaler",
    "Table",
    "arcs",
    "blobs",
    "check_leakage",
    "checkerboard",
    "cifar10",
    "class_names",
    "coins",
    "curves",
    "digits",
    "fashion_mnist",
    "feature_names",
    "iris",
    "k_fold",
    "line",
    "mnist",
    "moons",
    "plane",
    "polynomial",
    "read_csv",
    "read_idx",
    "read_npy",
    "read_npz",
    "spirals",
    "split",
    "train_test_split",
    "train_val_test_split",
    "transforms",
    "write_idx",
    "xor",
]


def __getattr__(name):
    """Loads `transforms` at its first use: `import pellucid` would take a tenth longer."""
    if name != "transforms":
        raise AttributeError(f"module 'pellucid.data' has no attribute {name!r}")
    return _import_module("pellucid.data.transforms")
