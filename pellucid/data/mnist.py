"""MNIST and Fashion-MNIST: 70,000 images of 28 by 28 pixels each, in ten classes.

The four files of each have the same names and the same form (IDX packed with gzip).
"""

import numpy as np

from pellucid.data.download import fetch
from pellucid.data.idx import read_idx
from pellucid.errors import ArgumentError, DataFileError

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MNIST_SHA256 = {
    "train": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    },
    "test": {
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
}

FASHION_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
FASHION_SHA256 = {
    "train": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    },
    "test": {
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
}


def mnist(split="train", root=None):
    """Handwritten digits: images uint8 (n, 28, 28), labels int64 (n,); n is 60,000 for train, 10,000 for test.

    0 is paper, 255 is ink. The files are looked for in `root`/mnist if `root` is given, else in
    $PELLUCID_DATA/mnist and the user's cache folder; where they are missing they are downloaded.
    Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits" (1998).

    Raises ArgumentError for another split, DataNotFoundError if the files are neither here nor to be had,
    DataFileError if one is damaged.
    """
    return load("mnist", MNIST_SHA256, MNIST_MIRRORS, split, root)


def fashion_mnist(split="train", root=None):
    """Pieces of clothing, a harder stand-in for MNIST: the same shapes, in the folder fashion-mnist.

    `class_names("fashion_mnist")` says what the labels mean; each class has 6,000 images for train, 1,000 for test.
    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms" (2017). Places, downloads and errors are those of `mnist`.
    """
    return load("fashion-mnist", FASHION_SHA256, FASHION_MIRRORS, split, root)


def load(name, checksums, mirrors, split, root):
    if split not in checksums:
        raise ArgumentError(f'split must be "train" or "test", not {split!r}.')
    images_path, labels_path = fetch(name, checksums[split], mirrors, root)
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise DataFileError(f"{images_path} and {labels_path} do not belong together: {images.shape}, {labels.shape}.")
    return images, labels.astype(np.int64)
