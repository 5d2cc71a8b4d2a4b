"""The data sets that come with the package: no network, no waiting.

Their cards (what they are, who made them, what they are good for) and their licence lie beside the files in
`pellucid/data/files`.
"""

import io
import zlib
from importlib import resources

import numpy as np

from pellucid.data.names import class_names
from pellucid.errors import DataFileError


def digits():
    """Handwritten digits of 8 by 8 pixels: images float32 (1797, 8, 8) from 0 to 1, labels int64 (1797,).

    0 is paper, 1 is ink. The file holds whole numbers from 0 to 16, which are divided by 16.
    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository (1998); see `files/digits.md`.

    >>> images, labels = digits()
    >>> images.shape, labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    import zipfile  # only now: it takes 10 ms, a thirtieth of `import pellucid`

    try:
        with np.load(io.BytesIO(file_bytes("digits.npz")), allow_pickle=False) as archive:
            images, labels = archive["images"], archive["labels"]
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged("digits.npz", error) from None
    return images.astype(np.float32) / 16, labels.astype(np.int64)


def iris():
    """Fisher's iris flowers: features float32 (150, 4) in cm, labels int64 (150,), 50 of each species.

    `feature_names("iris")` and `class_names("iris")` say what the columns and the labels mean.
    Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7
    (1936); see `files/iris.md`.

    >>> features, labels = iris()
    >>> features.shape, class_names("iris")[labels[0]]
    ((150, 4), 'setosa')
    """
    species = class_names("iris")
    try:
        _names, *lines = file_bytes("iris.csv").decode("ascii").splitlines()
        rows = [line.split(",") for line in lines]
        features = np.array([[float(number) for number in row[:4]] for row in rows], np.float32)
        labels = np.array([species.index(row[4]) for row in rows], np.int64)
    except (ValueError, IndexError) as error:
        raise damaged("iris.csv", error) from None
    if features.shape != (150, 4):
        raise damaged("iris.csv", f"shape {features.shape} instead of (150, 4)")
    return features, labels


def file_bytes(name):
    return resources.files("pellucid.data").joinpath("files", name).read_bytes()


def damaged(name, reason):
    return DataFileError(
        f"The file pellucid/data/files/{name} of this installation is damaged: {reason}.",
        remedy="Install pellucid again.",
    )
