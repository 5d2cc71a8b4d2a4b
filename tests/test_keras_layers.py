"""Each layer of pellucid.keras gives what Keras' layer gives, in both modes, and learns alike; weights begin alike."""

import numpy as np
import pytest
from keras_reference import close, reference, same_weights

import pellucid as pc
from pellucid import keras
from pellucid.errors import ArgumentError, LabelError, ShapeError, UnsupportedError

PEERS = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

VECTORS, IMAGES, STEPS = (6,), (7, 8, 3), (5, 4)
LAYERS = {
    "Dense": (VECTORS, lambda k: k.layers.Dense(4, "relu")),
    "Dense of steps": (STEPS, lambda k: k.layers.Dense(3, use_bias=False)),
    "Activation": (VECTORS, lambda k: k.layers.Activation("gelu")),
    "ReLU": (VECTORS, lambda k: k.layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2)),
    "LeakyReLU": (VECTORS, lambda k: k.layers.LeakyReLU()),
    "ELU": (VECTORS, lambda k: k.layers.ELU(0.7)),
    "Softmax": (STEPS, lambda k: k.layers.Softmax(axis=1)),
    "Flatten": (IMAGES, lambda k: k.layers.Flatten()),
    "Reshape": (IMAGES, lambda k: k.layers.Reshape((4, -1))),
    "Permute": (IMAGES, lambda k: k.layers.Permute((3, 1, 2))),
    "Rescaling": (IMAGES, lambda k: k.layers.Rescaling(0.5, -1.0)),
    "BatchNormalization": (VECTORS, lambda k: k.layers.BatchNormalization(momentum=0.8)),
    "BatchNormalization of images": (IMAGES, lambda k: k.layers.BatchNormalization(scale=False)),
    "LayerNormalization": (STEPS, lambda k: k.layers.LayerNormalization()),
    "Conv2D": (IMAGES, lambda k: k.layers.Conv2D(4, 3, activation="relu")),
    "Conv2D same": (IMAGES, lambda k: k.layers.Conv2D(4, 3, padding="same")),
    "Conv2D same, even, strides": (IMAGES, lambda k: k.layers.Conv2D(4, (2, 4), strides=(2, 3), padding="same")),
    "Conv2D same, dilated": (IMAGES, lambda k: k.layers.Conv2D(4, 3, padding="same", dilation_rate=2)),
    "Conv2D groups": (IMAGES, lambda k: k.layers.Conv2D(6, 3, groups=3, use_bias=False)),
    "MaxPooling2D": (IMAGES, lambda k: k.layers.MaxPooling2D()),
    "MaxPooling2D same": (IMAGES, lambda k: k.layers.MaxPooling2D(3, strides=2, padding="same")),
    "AveragePooling2D": (IMAGES, lambda k: k.layers.AveragePooling2D((2, 3))),
    "AveragePooling2D same": (IMAGES, lambda k: k.layers.AveragePooling2D(3, strides=2, padding="same")),
    "GlobalAveragePooling2D": (IMAGES, lambda k: k.layers.GlobalAveragePooling2D()),
    "GlobalMaxPooling2D": (IMAGES, lambda k: k.layers.GlobalMaxPooling2D(keepdims=True)),
    "GlobalAveragePooling1D": (STEPS, lambda k: k.layers.GlobalAveragePooling1D()),
}
LAYERS = {name: pytest.param(*both, id=name) for name, both in LAYERS.items()}


def peers(function):
    for mark in PEERS:
        function = mark(function)
    return function


@peers
@pytest.mark.parametrize(("shape", "make"), LAYERS.values())
def test_each_layer_gives_what_that_of_keras_gives(shape, make):
    theirs = reference()
    random = np.random.default_rng(0)
    x = random.normal(size=(5, *shape)).astype(np.float32)
    layers = [make(keras), make(theirs)]
    outputs = [np.asarray(layer(x)) for layer in layers]
    assert [w.shape for w in layers[0].get_weights()] == [w.shape for w in layers[1].get_weights()]
    same_weights(*layers)
    for training in (True, False):
        results = [np.asarray(layer(x, training=training).detach()) if layer is layers[0] else
                   np.asarray(layer(x, training=training)) for layer in layers]  # fmt: skip
        np.testing.assert_allclose(*results, rtol=2e-5, atol=2e-5)
    close(*layers)  # the moving ones have moved alike
    assert layers[0].compute_output_shape((None, *shape)) == (None, *outputs[1].shape[1:])
    assert tuple(layers[1].compute_output_shape((None, *shape))) == (None, *outputs[0].shape[1:])


@peers
def test_a_convolutional_network_learns_as_in_keras():
    """Conv2D, batch normalisation, pooling and Flatten in a row: gradients reach every weight in Keras' layout."""
    theirs = reference()
    random = np.random.default_rng(0)
    x, y = random.normal(size=(24, 8, 8, 2)).astype(np.float32), random.integers(0, 3, 24)
    models = []
    for k in (keras, theirs):
        model = k.models.Sequential()
        model.add(k.Input((8, 8, 2)))
        model.add(k.layers.Conv2D(4, 3, padding="same"))
        model.add(k.layers.BatchNormalization())
        model.add(k.layers.Activation("relu"))
        model.add(k.layers.MaxPooling2D(2))
        model.add(k.layers.BatchNormalization())
        model.add(k.layers.LeakyReLU(negative_slope=0.1))
        model.add(k.layers.Conv2D(5, 2, strides=2))
        model.add(k.layers.Flatten())
        model.add(k.layers.Dense(3, "softmax"))
        options = {"metrics": ["accuracy"], "run_eagerly": k is theirs}
        model.compile(k.optimizers.SGD(0.05), "sparse_categorical_crossentropy", **options)
        models.append(model)
    same_weights(*models)
    assert models[0].output_shape == models[1].output_shape
    for model in models:
        model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    close(*models, tolerance=2e-4)


@peers
def test_embeddings_learn_as_in_keras():
    theirs = reference()
    random = np.random.default_rng(0)
    x, y = random.integers(0, 9, (30, 4)), random.normal(size=(30, 1)).astype(np.float32)
    models = []
    for k in (keras, theirs):
        layers = [k.Input((4,), dtype="int32"), k.layers.Embedding(9, 3), k.layers.GlobalAveragePooling1D()]
        model = k.models.Sequential([*layers, k.layers.Dense(1)])
        model.compile(k.optimizers.Adam(0.01), "mse", run_eagerly=k is theirs)
        models.append(model)
    same_weights(*models)
    for model in models:
        model.fit(x, y, batch_size=10, epochs=3, shuffle=False, verbose=0)
    close(*models, tolerance=5e-5)


INITIALIZERS = [
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "zeros",
    "ones",
]


@peers
@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("shape", [(300, 200), (5, 5, 40, 60)])
def test_weights_begin_as_in_keras(name, shape):
    """Mean, deviation and range of 60,000 numbers: the deviation of a deviation is then 0.3 %."""
    theirs = reference()
    one = np.asarray(keras.initializers.get(name)(shape))
    other = np.asarray(theirs.initializers.get(name)(shape))
    assert one.shape == other.shape
    scale = other.std() or 1.0
    assert abs(one.mean() - other.mean()) < 5 * scale * np.sqrt(2 / one.size)
    assert one.std() == pytest.approx(other.std(), rel=0.03)
    if name != "random_normal" and scale != 1.0:
        assert abs(one).max() == pytest.approx(abs(other).max(), rel=0.02)


def test_orthogonal_and_identity_weights():
    w = keras.initializers.Orthogonal(gain=2.0)((6, 4)).numpy()
    np.testing.assert_allclose(w.T @ w, 4.0 * np.eye(4), atol=1e-5)
    w = keras.initializers.Orthogonal()((2, 2, 3, 5)).numpy().reshape(12, 5)
    np.testing.assert_allclose(w.T @ w, np.eye(5), atol=1e-5)
    np.testing.assert_array_equal(keras.initializers.Identity(3.0)((2, 3)).numpy(), 3.0 * np.eye(2, 3))


def test_an_initializer_with_a_seed_gives_the_same_numbers_each_time():
    draw = keras.initializers.HeNormal(seed=3)
    np.testing.assert_array_equal(draw((4, 5)).numpy(), draw((4, 5)).numpy())
    keras.utils.set_random_seed(7)
    one = keras.layers.Dense(3, input_shape=(4,))
    one.ensure_built((None, 4))
    keras.utils.set_random_seed(7)
    other = keras.layers.Dense(3, input_shape=(4,))
    other.ensure_built((None, 4))
    np.testing.assert_array_equal(one.get_weights()[0], other.get_weights()[0])
    assert abs(one.get_weights()[0]).max() <= np.sqrt(6 / 7)
    assert not one.get_weights()[1].any()


@peers
@pytest.mark.parametrize("name", [n for n in keras.activations.__all__ if n != "get"])
def test_activations_are_those_of_keras(name):
    theirs = reference()
    x = np.linspace(-4, 4, 33, dtype=np.float32).reshape(3, 11)
    ours, other = getattr(keras.activations, name)(pc.tensor(x)), getattr(theirs.activations, name)(x)
    np.testing.assert_allclose(ours.numpy(), np.asarray(other), rtol=2e-5, atol=2e-6)


def test_dropout_drops_in_training_only():
    keras.utils.set_random_seed(0)
    x = np.ones((200, 100), np.float32)
    layer = keras.layers.Dropout(0.25)
    np.testing.assert_array_equal(layer(x, training=False).numpy(), x)
    y = layer(x, training=True).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / x.size)


def test_frozen_layers_stay():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization(),
                              keras.layers.Dense(2)])  # fmt: skip
    model.layers[0].trainable = model.layers[1].trainable = False
    model.compile("sgd", "mse")
    assert [w.trainable for w in model.weights] == [False] * 6 + [True] * 2
    before = model.get_weights()
    model.fit(np.random.default_rng(0).normal(size=(20, 3)), np.ones((20, 2)), epochs=2, verbose=0)
    after = model.get_weights()
    assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == [True] * 6 + [False] * 2


def test_layers_refuse_what_they_cannot_do():
    dense = keras.layers.Dense
    with pytest.raises(ArgumentError, match="units"):
        dense(0)
    with pytest.raises(ArgumentError, match="no option 'unit'"):
        dense(3, unit=3)
    with pytest.raises(ArgumentError, match="Near it are relu"):
        dense(3, activation="relo")
    with pytest.raises(UnsupportedError, match="kernel_constraint"):
        dense(3, kernel_constraint="max_norm")
    with pytest.raises(ShapeError, match="axis of one channel"):
        keras.layers.Conv2D(3, 3)(np.ones((2, 28, 28)))
    with pytest.raises(UnsupportedError, match="channels last"):
        keras.layers.Conv2D(3, 3, data_format="channels_first")
    with pytest.raises(LabelError):
        keras.layers.Embedding(3, 2)(np.array([[3]]))
    with pytest.raises(ShapeError, match="Nothing was written"):
        keras.layers.Dense(3).set_weights([np.ones((2, 3))])
    with pytest.raises(ShapeError, match="does not fit"):
        keras.Sequential([keras.Input((4,)), keras.layers.Reshape((3,))])


def test_images_are_not_turned_twice_and_changes_in_place_are_seen():
    """What a convolution hands on remembers its other layout, until it is changed."""
    y = keras.layers.Conv2D(4, 3)(np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)).detach()
    pool = keras.layers.MaxPooling2D(2)
    fresh = keras.layers.Conv2D(4, 1, kernel_initializer="ones")(np.ones((2, 8, 8, 3)))
    assert keras.layers.images.channels_first(fresh, "test") is fresh.turned[0]
    before = pool(y).numpy()
    with pc.no_grad():
        fresh.mul_(0.0)
    assert not pool(fresh).detach().numpy().any()
    assert before.any()
