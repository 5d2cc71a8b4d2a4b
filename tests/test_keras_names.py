"""Every public name of Keras is here or says what to use instead; the textbook program on MNIST."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras_reference import reference

from pellucid import keras
from pellucid.errors import DataNotFoundError, LabelError, UnsupportedError
from pellucid.keras.missing import INSTEAD

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    "activations",
    "callbacks",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "optimizers.schedules",
    "regularizers",
    "utils",
]


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("short", ["", *MODULES])
def test_every_name_of_keras_is_here_or_says_what_to_use_instead(short):
    theirs = reference()
    module = keras
    for part in short.split(".") if short else ():
        theirs, module = getattr(theirs, part), getattr(module, part)
    silent = [name for name in dir(theirs) if not name.startswith("_") and not known(module, name)]
    assert silent == []


def known(module, name):
    """Is it there, or is something else named?"""
    try:
        return hasattr(module, name)
    except UnsupportedError as error:
        return "Use instead" in error.remedy


@pytest.mark.parametrize("module", INSTEAD)
def test_no_name_is_both_here_and_missing(module):
    here = vars(importlib.import_module(module))
    assert [name for names in INSTEAD[module].values() for name in names.split() if name in here] == []


def test_importing_what_is_missing_says_what_to_use():
    with pytest.raises(UnsupportedError, match="LSTM") as caught:
        from pellucid.keras.layers import LSTM  # noqa: F401
    assert "goes through the steps" in caught.value.remedy
    with pytest.raises(AttributeError, match="Dence"):
        keras.layers.Dence  # noqa: B018
    assert not hasattr(keras, "dense")


def test_to_categorical_and_normalize():
    rows = keras.utils.to_categorical(np.array([[1], [0]]), 3)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, [[0, 1, 0], [1, 0, 0]])
    with pytest.raises(LabelError, match="0 to 1"):
        keras.utils.to_categorical([0, 2], 2)
    np.testing.assert_allclose(keras.utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]])


def test_importing_pellucid_does_not_import_this():
    program = "import sys, pellucid; print('pellucid.keras' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_data_that_are_not_here_say_where_to_put_them(tmp_path, monkeypatch):
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    with pytest.raises(DataNotFoundError, match=r"boston-housing\.data"):
        keras.datasets.boston_housing.load_data(tmp_path)


@pytest.mark.real_data
def test_data_sets_have_the_form_of_keras(real_data):
    (x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((60000, 28, 28), np.uint8, (60000,), np.uint8)
    assert (x_test.shape, y_test.shape) == ((10000, 28, 28), (10000,))
    (x, y), (x_test, y_test) = keras.datasets.boston_housing.load_data()
    assert (x.shape, y.shape, x_test.shape) == ((404, 13), (404,), (102, 13))
    assert [x[0, 0], y[0]] == [1.23247, 15.2]  # the first row that Keras' pages and the books print


PROGRAM = """
from pellucid.keras.datasets import mnist
from pellucid.keras import models, layers
from pellucid.keras.utils import to_categorical
(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
train_images = train_images.reshape((60000, 28 * 28)).astype("float32") / 255
test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255
train_labels = to_categorical(train_labels)
test_labels = to_categorical(test_labels)
network = models.Sequential()
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))
network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
network.fit(train_images, train_labels, epochs=5, batch_size=128)
test_loss, test_acc = network.evaluate(test_images, test_labels)
print("test_acc:", test_acc)
"""


@pytest.mark.real_data
@pytest.mark.slow
def test_the_textbook_program_runs_with_its_import_lines_changed(real_data):
    """The source's program reaches what it is known to reach: 97.7 % at least of the test pictures."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("Epoch")] == [f"Epoch {n}/5" for n in range(1, 6)]
    assert lines[1].startswith("469/469 - ")
    assert float(lines[-1].removeprefix("test_acc: ")) >= 0.977
