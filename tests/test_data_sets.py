"""The data sets inside the package and the generated ones, against scikit-learn's copies."""

import csv
from importlib import resources

import numpy as np
import pytest

from pellucid.data import bundled, class_names, digits, feature_names, iris, moons, xor
from pellucid.errors import ArgumentError, DataFileError


def test_digits():
    images, labels = digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float32
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0, 1)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.peers
def test_digits_equal_scikit_learns():
    reference = pytest.importorskip("sklearn.datasets").load_digits()
    images, labels = digits()
    assert (images * 16).tolist() == reference.images.tolist()
    assert labels.tolist() == reference.target.tolist()


@pytest.mark.peers
def test_iris_equals_scikit_learns():
    reference = pytest.importorskip("sklearn.datasets").load_iris()
    features, labels = iris()
    assert features.dtype == np.float32
    assert labels.dtype == np.int64
    assert features.tolist() == reference.data.astype(np.float32).tolist()
    assert labels.tolist() == reference.target.tolist()
    assert list(feature_names("iris")) == reference.feature_names
    assert list(class_names("iris")) == reference.target_names.tolist()


@pytest.mark.real_data
def test_iris_equals_the_published_table(real_data):
    """Another copy of the table, by another hand."""
    with open(real_data / "tabular" / "iris.csv", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if len(row) >= 5 and row[0].replace(".", "").isdigit()]
    numbers = np.array([row[-5:-1] for row in rows], np.float32)
    assert len(numbers) == 150
    features, _ = iris()
    assert np.isclose(features, numbers).all(axis=1).sum() >= 148  # copies differ in rows 35 and 38; see iris.md


def test_every_file_has_a_card_and_a_licence():
    files = resources.files("pellucid.data") / "files"
    names = {file.name for file in files.iterdir()}
    licence = (files / "LICENSE").read_text(encoding="utf-8")
    for data in (name for name in names if name.endswith((".npz", ".csv"))):
        card = (files / f"{data.rsplit('.', 1)[0]}.md").read_text(encoding="utf-8")
        for word in ("Source", "Authors", "Licence", "CC BY 4.0", "Changes", "Good for", data):
            assert word in card, (data, word)
        assert data in licence


def test_each_call_gives_arrays_of_its_own():
    digits()[0][:] = 5
    iris()[0][:] = 5
    assert digits()[0].max() == 1
    assert iris()[0][0, 1] == 3.5


@pytest.mark.parametrize(("load", "name"), [(digits, "digits.npz"), (iris, "iris.csv")])
def test_a_damaged_installation_is_named(monkeypatch, load, name):
    whole = bundled.file_bytes(name)
    middle = len(whole) // 2
    # Cut short; emptied; changed in the middle (the archive has a checksum, the table has words that must fit).
    for content in (whole[:middle], b"", whole[:middle] + b"\xff\xff\xff" + whole[middle + 3 :]):
        monkeypatch.setattr(bundled, "file_bytes", lambda name, content=content: content)
        with pytest.raises(DataFileError, match=name):
            load()


def test_names():
    for load in (digits, iris, moons, xor):
        features, labels = load()
        assert len(class_names(load.__name__)) == labels.max() + 1
        if features.ndim == 2:
            assert len(feature_names(load.__name__)) == features.shape[1]
    assert len(class_names("mnist")) == len(class_names("fashion_mnist")) == 10
    with pytest.raises(ArgumentError, match="'cifar'"):
        class_names("cifar")
    with pytest.raises(ArgumentError, match="'mnist'"):
        feature_names("mnist")


def test_xor():
    features, labels = xor()
    assert features.dtype == np.float32
    assert labels.tolist() == [int(bool(a) != bool(b)) for a, b in features]


@pytest.mark.peers
def test_moons_equal_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets")
    for n in (2, 7, 100):
        features, labels = moons(n, noise=0, seed=3)
        reference, reference_labels = datasets.make_moons(n, shuffle=False)
        ours = np.column_stack([labels, features])
        theirs = np.column_stack([reference_labels, reference]).astype(np.float32)
        np.testing.assert_allclose(ours[np.lexsort(ours.T.round(5))], theirs[np.lexsort(theirs.T.round(5))], atol=1e-6)


def test_moons_noise_and_seed():
    features, labels = moons(4000, noise=0.2, seed=1)
    again, _ = moons(4000, noise=0.2, seed=1)
    other, _ = moons(4000, noise=0.2, seed=2)
    assert features.tobytes() == again.tobytes() != other.tobytes()
    assert features.dtype == np.float32
    assert labels.dtype == np.int64
    # Class 0 lies on the unit circle around the origin: the distances spread by the noise.
    assert abs(np.linalg.norm(features[labels == 0], axis=1).std() - 0.2) < 0.02
    assert 0.4 < (labels[:-1] != labels[1:]).mean() < 0.6, "the classes must come in random order"


def test_moons_refuses():
    for arguments in ({"n": 1}, {"n": 2.5}, {"noise": -1}, {"noise": float("nan")}, {"seed": -1}):
        with pytest.raises(ArgumentError):
            moons(**arguments)
