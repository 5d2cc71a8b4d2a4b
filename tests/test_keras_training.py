"""pellucid.keras learns what Keras learns: the same batches give the same weights, losses and histories."""

import numpy as np
import pytest
from keras_reference import close, reference, same_weights, trained

import pellucid as pc
from pellucid import keras

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),  # of Keras, JAX and NumPy about one another
]

SAMPLES, FEATURES, CLASSES = 96, 6, 3


def data(kind, seed=0):
    """x, and y of a kind: one-hot rows, class numbers, yes or no, or numbers."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(SAMPLES, FEATURES)).astype(np.float32)
    labels = random.integers(0, CLASSES, SAMPLES)
    y = {
        "one-hot": np.eye(CLASSES, dtype=np.float32)[labels],
        "labels": labels,
        "binary": (labels > 0).astype(np.float32)[:, None],
        "numbers": random.uniform(0.1, 2.0, (SAMPLES, 2)).astype(np.float32),
        "signs": np.where(random.random((SAMPLES, 2)) < 0.5, -1.0, 1.0).astype(np.float32),
    }[kind]
    return x, y


def network(k, units, last, **options):
    """Two layers in either package."""
    return k.models.Sequential(
        [k.Input((FEATURES,)), k.layers.Dense(8, "tanh", **options), k.layers.Dense(units, last, **options)]
    )


def both(units=CLASSES, last: str | None = "softmax", compiled=(), seed=0, **options):
    """Our model and Keras', with the same weights, compiled alike: `compiled` maps a package to arguments."""
    theirs = reference()
    models = [network(k, units, last, **options) for k in (keras, theirs)]
    same_weights(*models, seed=seed)
    for k, model in zip((keras, theirs), models, strict=True):
        model.compile(**compiled(k))
    return models


OPTIMIZERS = {
    "sgd": lambda k: k.optimizers.SGD(0.1),
    "momentum": lambda k: k.optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda k: k.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda k: k.optimizers.RMSprop(0.01),
    "rmsprop centered": lambda k: k.optimizers.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True, epsilon=1e-3),
    "adam": lambda k: k.optimizers.Adam(0.01),
    "amsgrad": lambda k: k.optimizers.Adam(0.01, amsgrad=True, epsilon=1e-2),
    "adamw": lambda k: k.optimizers.AdamW(0.01, weight_decay=0.1),
    "adamax": lambda k: k.optimizers.Adamax(0.01),
    "nadam": lambda k: k.optimizers.Nadam(0.01),
    "adagrad": lambda k: k.optimizers.Adagrad(0.1),
    "adadelta": lambda k: k.optimizers.Adadelta(1.0),
    "clipnorm": lambda k: k.optimizers.SGD(0.5, clipnorm=0.05),
    "global_clipnorm": lambda k: k.optimizers.Adam(0.01, global_clipnorm=0.05),
    "clipvalue": lambda k: k.optimizers.SGD(0.5, clipvalue=0.01),
    "decay": lambda k: k.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.01),
    "exponential": lambda k: k.optimizers.SGD(k.optimizers.schedules.ExponentialDecay(0.2, 5, 0.5)),
    "cosine": lambda k: k.optimizers.SGD(k.optimizers.schedules.CosineDecay(0.2, 15), momentum=0.9),
    "pieces": lambda k: k.optimizers.SGD(k.optimizers.schedules.PiecewiseConstantDecay([3, 9], [0.1, 0.05, 0.01])),
    "polynomial": lambda k: k.optimizers.SGD(k.optimizers.schedules.PolynomialDecay(0.2, 10, power=2.0)),
    "inverse": lambda k: k.optimizers.SGD(k.optimizers.schedules.InverseTimeDecay(0.2, 4, 0.5, staircase=True)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps_of_each_optimizer_give_the_weights_of_keras(name):
    k = reference()
    ours, theirs = both(compiled=lambda k: {"optimizer": OPTIMIZERS[name](k), "loss": "categorical_crossentropy"})
    x, y = data("one-hot")
    before = ours.get_weights()
    ours.fit(x, y, batch_size=24, epochs=5, shuffle=False, verbose=0)
    trained(theirs, k.losses.CategoricalCrossentropy(), theirs.optimizer, x, y, 24, 5)
    close(ours, theirs, 5e-5)
    assert max(abs(a - b).max() for a, b in zip(before, ours.get_weights(), strict=True)) > 1e-3
    assert ours.optimizer.iterations == 20
    assert ours.optimizer.learning_rate == pytest.approx(float(theirs.optimizer.learning_rate), rel=1e-5)


LOSSES = {
    "mse": ("numbers", None),
    "mae": ("numbers", None),
    "mape": ("numbers", None),
    "msle": ("numbers", "softplus"),
    "huber": ("numbers", None),
    "log_cosh": ("numbers", None),
    "poisson": ("numbers", "softplus"),
    "kl_divergence": ("one-hot", "softmax"),
    "cosine_similarity": ("numbers", None),
    "hinge": ("signs", None),
    "squared_hinge": ("signs", None),
    "categorical_hinge": ("one-hot", None),
    "binary_crossentropy": ("binary", "sigmoid"),
    "categorical_crossentropy": ("one-hot", "softmax"),
    "sparse_categorical_crossentropy": ("labels", "softmax"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_by_its_name_trains_as_in_keras(name):
    kind, last = LOSSES[name]
    x, y = data(kind)
    units = CLASSES if kind in ("one-hot", "labels") else y.shape[1]
    rate = 1e-3 if name == "mape" else 0.05  # its gradients are a hundred times as long
    k = reference()
    ours, theirs = both(units, last, lambda k: {"optimizer": k.optimizers.SGD(rate), "loss": name})
    history = ours.fit(x, y, batch_size=24, epochs=5, shuffle=False, verbose=0).history["loss"]
    loss = k.losses.get(name)

    def mean_loss(y_true, y_pred, sample_weight):
        return k.ops.mean(loss(y_true, y_pred))

    losses = trained(theirs, mean_loss, theirs.optimizer, x, y, 24, 5)
    np.testing.assert_allclose(history, losses, rtol=1e-4, atol=1e-6)
    close(ours, theirs, 5e-5)


OBJECTS = {
    "binary logits": ("binary", lambda k: k.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)),
    "logits": ("one-hot", lambda k: k.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)),
    "sparse logits": ("labels", lambda k: k.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "huber": ("numbers", lambda k: k.losses.Huber(delta=0.3)),
    "sum": ("numbers", lambda k: k.losses.MeanSquaredError(reduction="sum")),
    "function": ("numbers", lambda k: lambda y_true, y_pred: ((y_true - y_pred) ** 4).mean(-1)),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_losses_as_objects_train_as_in_keras(name):
    kind, loss = OBJECTS[name]
    x, y = data(kind)
    units = CLASSES if kind in ("one-hot", "labels") else y.shape[1]
    k = reference()
    ours, theirs = both(units, None, lambda k: {"optimizer": k.optimizers.SGD(0.01), "loss": loss(k)})
    weight = np.random.default_rng(1).uniform(0.0, 2.0, SAMPLES).astype(np.float32)
    ours.fit(x, y, batch_size=24, epochs=5, shuffle=False, verbose=0, sample_weight=weight)
    same = loss(k) if isinstance(loss(k), k.losses.Loss) else k.losses.MeanSquaredError()
    if name == "function":
        same.call = loss(k)
    trained(theirs, same, theirs.optimizer, x, y, 24, 5, weight)
    close(ours, theirs, 5e-5)


def test_histories_hold_the_numbers_of_keras():
    """Validation rows are the last ones; regularizers are part of every loss; classes are weighted."""
    x, y = data("one-hot")
    options = {"optimizer": "adam", "loss": "categorical_crossentropy", "metrics": ["accuracy", "mse"]}
    ours, theirs = both(compiled=lambda k: options, kernel_regularizer="l2", bias_regularizer="l1")
    histories = [
        model.fit(
            x,
            y,
            batch_size=10,
            epochs=4,
            shuffle=False,
            verbose=0,
            validation_split=0.25,
            class_weight={0: 2.0, 2: 0.5},
        )
        for model in (ours, theirs)
    ]
    assert set(histories[0].history) == set(histories[1].history)
    for name, values in histories[0].history.items():
        np.testing.assert_allclose(values, histories[1].history[name], rtol=2e-4, atol=1e-6, err_msg=name)
    assert histories[0].epoch == histories[1].epoch
    assert ours.evaluate(x, y, verbose=0) == pytest.approx(theirs.evaluate(x, y, verbose=0), rel=1e-4)
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-4, atol=1e-6)


def test_steps_on_batches_give_the_numbers_of_keras():
    x, y = data("labels")
    options = {"optimizer": "rmsprop", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    ours, theirs = both(compiled=lambda k: options)
    for model in (ours, theirs):
        model.seen = []
        for start in range(0, 72, 24):
            model.seen.append(model.train_on_batch(x[start : start + 24], y[start : start + 24]))
        model.seen.append(model.test_on_batch(x[72:], y[72:]))
    np.testing.assert_allclose(ours.seen, theirs.seen, rtol=1e-4)
    close(ours, theirs)


@pytest.mark.parametrize("name", ["accuracy", "labels", "threshold"])
def test_metrics_are_those_of_keras(name):
    kind = {"accuracy": "one-hot", "labels": "labels", "threshold": "binary"}[name]
    x, y = data(kind)
    chosen = {
        "accuracy": lambda k: ["accuracy", k.metrics.TopKCategoricalAccuracy(k=2), "categorical_crossentropy"],
        "labels": lambda k: ["acc", k.metrics.SparseTopKCategoricalAccuracy(k=2), "sparse_categorical_crossentropy"],
        "threshold": lambda k: ["accuracy", k.metrics.Precision(), k.metrics.Recall(thresholds=0.4), "mae",
                                k.metrics.RootMeanSquaredError()],
    }[name]  # fmt: skip
    loss = "binary_crossentropy" if name == "threshold" else "crossentropy"
    units, last = (1, "sigmoid") if name == "threshold" else (CLASSES, "softmax")
    ours, theirs = both(
        units, last,
        lambda k: {"optimizer": "sgd", "loss": loss, "metrics": chosen(k), "weighted_metrics": ["accuracy"]},
    )  # fmt: skip
    weight = np.random.default_rng(1).uniform(0.0, 2.0, SAMPLES).astype(np.float32)
    options = {"verbose": 0, "sample_weight": weight, "batch_size": 17, "return_dict": True}
    one, other = (model.evaluate(x, y, **options) for model in (ours, theirs))
    assert set(one) == set(other)
    for figure, value in one.items():
        assert value == pytest.approx(other[figure], rel=2e-5), figure


@pytest.mark.parametrize("name", ["Hinge", "SquaredHinge", "CategoricalHinge", "Poisson", "KLDivergence", "Huber"])
def test_an_axis_of_one_may_be_missing_as_in_keras(name):
    """Labels (n,) beside predictions (n, 1) are not broadcast to (n, n)."""
    theirs, random = reference(), np.random.default_rng(0)
    y = random.integers(0, 2, 6).astype(np.float32)
    p = random.uniform(0.1, 0.9, (6, 1)).astype(np.float32)
    one, other = (getattr(k.losses, name)()(y, p) for k in (keras, theirs))
    assert float(one) == pytest.approx(float(other), rel=1e-5)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum"])
@pytest.mark.parametrize("weighted", [False, True])
def test_ignored_labels_do_not_count_in_a_mean_as_in_keras(reduction, weighted):
    theirs, random = reference(), np.random.default_rng(0)
    y = np.array([0, 1, 2, 1, 0])
    p = random.uniform(0.1, 0.9, (5, 3)).astype(np.float32)
    weight = random.uniform(0.5, 2.0, 5).astype(np.float32) if weighted else None
    one, other = (
        k.losses.SparseCategoricalCrossentropy(ignore_class=1, reduction=reduction)(y, p, weight)
        for k in (keras, theirs)
    )
    assert float(one) == pytest.approx(float(other), rel=1e-5)


def test_a_variance_rounded_below_zero_ends_no_training():
    """Gradients that stay the same: s - m^2 is 0 but for rounding, and in Keras some weights become NaN."""
    weight = pc.nn.Parameter(pc.zeros(1000))
    optimizer = keras.optimizers.RMSprop(0.001, centered=True)
    gradient = pc.tensor(30.0 * np.random.default_rng(0).normal(size=1000).astype(np.float32))
    for _ in range(200):
        optimizer.apply_gradients([(gradient, weight)])
    assert np.isfinite(weight.detach().numpy()).all()
