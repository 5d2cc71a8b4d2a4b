"""Models of pellucid.keras: how they are put together, trained, watched, saved; and what they refuse."""

import numpy as np
import pytest
from keras_reference import close, reference, same_weights

import pellucid as pc
from pellucid import keras
from pellucid.errors import ArgumentError, ShapeError, TargetError, UnsupportedError
from pellucid.keras import callbacks, layers, models

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4)).astype(np.float32)
Y = (X @ RANDOM.normal(size=(4, 1)) + 0.1 * RANDOM.normal(size=(60, 1))).astype(np.float32)


def net(units=8, **compiled):
    model = models.Sequential([keras.Input((4,)), layers.Dense(units, "relu"), layers.Dense(1)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **compiled})
    return model


# ---- how they are put together


def test_sequential_grows_layer_by_layer():
    keras.utils.clear_session()
    model = models.Sequential(name="small")
    model.add(layers.Dense(3, input_shape=(4,)))
    model.add(layers.Dense(2))
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert (model.input_shape, model.output_shape, model.count_params()) == ((None, 4), (None, 2), 23)
    assert model.pop().name == "dense_1"
    assert model.output_shape == (None, 3)
    assert model.get_layer("dense") is model.layers[0]
    lines = []
    model.summary(print_fn=lines.append)
    assert "dense (Dense)  (None, 3)" in lines[0]
    assert "Total params: 15" in lines[0]


def test_a_model_without_a_shape_makes_its_weights_when_data_come():
    model = models.Sequential([layers.Dense(3), layers.Dense(1)])
    assert model.weights == []
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert [w.shape for w in model.get_weights()] == [(4, 3), (3,), (3, 1), (1,)]


class Wide(models.Model):
    """The way of subclassing."""

    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(6, activation="tanh")
        self.drop = layers.Dropout(0.5)
        self.last = layers.Dense(1)

    def call(self, inputs, training=None):
        self.last_training = training
        return self.last(self.drop(self.hidden(inputs)))


def test_a_subclass_says_what_it_does_in_call():
    model = Wide()
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, epochs=1, verbose=0)
    assert model.last_training is True
    model.predict(X[:2], verbose=0)
    assert model.last_training is False
    assert [layer.name.rpartition("_")[0] or layer.name for layer in model.layers]
    assert len(model.get_weights()) == 4


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_functional_models_with_two_inputs_and_shared_layers_learn_as_in_keras():
    theirs = reference()
    made = []
    for k in (keras, theirs):
        a, b = k.Input((4,)), k.Input((2, 3))
        shared = k.layers.Dense(5, "tanh")
        flat = k.layers.Dense(4)(k.layers.Flatten()(b))
        joined = k.layers.concatenate([shared(a), shared(flat), a])
        joined = k.layers.Add()([k.layers.Dense(14)(joined), joined])
        model = k.models.Model([a, b], k.layers.Dense(1)(joined))
        model.compile(k.optimizers.Adam(0.01), "mse", metrics=["mae"], run_eagerly=k is theirs)
        made.append(model)
    counts = [sorted(map(np.shape, model.get_weights())) for model in made]
    assert counts[0] == counts[1]
    inputs = [X, RANDOM.normal(size=(60, 2, 3)).astype(np.float32)]
    by_shape = {}
    for weight in made[1].get_weights():
        by_shape.setdefault(weight.shape, []).append(weight)
    made[0].set_weights([by_shape[w.shape].pop(0) for w in made[0].get_weights()])
    weight = RANDOM.uniform(size=60).astype(np.float32)
    losses = [
        model.fit(inputs, Y, batch_size=20, epochs=3, shuffle=False, verbose=0, sample_weight=weight).history
        for model in made
    ]
    for name in ("loss", "mae"):
        np.testing.assert_allclose(losses[0][name], losses[1][name], rtol=1e-4)
    np.testing.assert_allclose(
        made[0].predict(inputs, verbose=0), made[1].predict(inputs, verbose=0), rtol=1e-3, atol=1e-5
    )


def test_a_model_is_a_module():
    """pellucid.train, pc.compile and state dicts take it as they take any other."""
    model = net()
    assert list(model.state_dict()) == [
        "stack.0.inner.weight", "stack.0.inner.bias", "stack.1.inner.weight", "stack.1.inner.bias",
    ]  # fmt: skip
    np.testing.assert_allclose(
        pc.compile(model)(pc.tensor(X)).numpy(), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6
    )
    inner = models.Sequential([keras.Input((4,)), model, layers.Dense(2)])
    assert inner.predict(X, verbose=0).shape == (60, 2)


# ---- training


def test_compiled_and_eager_training_agree():
    one, other = net(jit_compile=True), net(run_eagerly=True)
    other.set_weights(one.get_weights())
    for model in (one, other):
        model.fit(X, Y, batch_size=8, epochs=20, shuffle=False, verbose=0)  # the last batch is smaller
    close(one, other, 1e-5)


def test_shuffled_epochs_follow_the_seed():
    histories = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        histories.append(net().fit(X, Y, epochs=3, batch_size=10, verbose=0).history["loss"])
    assert histories[0] == histories[1] != histories[2]


def test_fit_goes_on_where_it_was():
    one, other = net(optimizer="adam"), net(optimizer="adam")
    other.set_weights(one.get_weights())
    one.fit(X, Y, epochs=4, shuffle=False, verbose=0)
    other.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    history = other.fit(X, Y, epochs=4, initial_epoch=2, shuffle=False, verbose=0)
    close(one, other, 1e-6)
    assert history.epoch == [2, 3]


def test_what_fit_prints(capsys):
    net(metrics=["mae"]).fit(X, Y, epochs=2, validation_data=(X, Y))
    first, figures, second, _ = capsys.readouterr().out.splitlines()
    assert (first, second) == ("Epoch 1/2", "Epoch 2/2")
    assert figures.startswith("2/2 - ")
    assert all(name in figures for name in ("ms/step", "loss: ", "mae: ", "val_loss: ", "val_mae: "))
    net().fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


# ---- callbacks


class Told(callbacks.Callback):
    """Notes down what it is told."""

    def __init__(self):
        super().__init__()
        self.events = []

    def on_train_begin(self, logs=None):
        self.events.append("begin")

    def on_train_end(self, logs=None):
        self.events.append("end")

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(f"epoch {epoch}")

    def on_epoch_end(self, epoch, logs=None):
        self.events.append(f"{epoch} done {sorted(logs)}")

    def on_train_batch_begin(self, batch, logs=None):
        self.events.append(f"batch {batch}")

    def on_train_batch_end(self, batch, logs=None):
        self.events.append(f"{batch} {sorted(logs)}")


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_callbacks_are_told_what_those_of_keras_are():
    theirs = reference()

    class Theirs(theirs.callbacks.Callback):
        pass

    for name in ("__init__", *[n for n in vars(Told) if n.startswith("on_")]):
        if name != "__init__":
            setattr(Theirs, name, vars(Told)[name])
    other, ours = Theirs(), Told()
    other.events = []
    net(metrics=["mae"]).fit(X, Y, epochs=2, verbose=0, callbacks=[ours])
    model = theirs.Sequential([theirs.Input((4,)), theirs.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[other])
    assert ours.events == other.events


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [
    {"patience": 2},
    {"patience": 0, "min_delta": 0.05},
    {"patience": 3, "baseline": 0.02, "restore_best_weights": True},
    {"patience": 1, "start_from_epoch": 4, "restore_best_weights": True},
])  # fmt: skip
def test_early_stopping_and_plateaus_act_as_in_keras(options):
    """Steps that are too long: the loss jumps about, so that there is something to stop for."""
    theirs = reference()
    made, seen = [], []
    for k in (keras, theirs):
        model = k.models.Sequential([k.Input((4,)), k.layers.Dense(4, "tanh"), k.layers.Dense(1)])
        model.compile(k.optimizers.SGD(0.5), "mse")
        made.append(model)
    same_weights(*made)
    for k, model in zip((keras, theirs), made, strict=True):
        chosen = [
            k.callbacks.ReduceLROnPlateau("loss", factor=0.7, patience=1, cooldown=1, min_lr=0.1),
            k.callbacks.EarlyStopping("val_loss", **options),
        ]
        history = model.fit(
            X[:40], Y[:40], batch_size=20, epochs=30, shuffle=False, verbose=0, validation_data=(X[40:], Y[40:]),
            callbacks=chosen,
        )  # fmt: skip
        seen.append(history.history)
    assert len(seen[0]["loss"]) == len(seen[1]["loss"]) < 30
    np.testing.assert_allclose(seen[0]["learning_rate"], seen[1]["learning_rate"], rtol=1e-5)
    np.testing.assert_allclose(seen[0]["val_loss"], seen[1]["val_loss"], rtol=1e-3)
    close(*made, 1e-3)


def test_checkpoints_schedules_and_logs(tmp_path):
    model = net()
    path = tmp_path / "best-{epoch:02d}.safetensors"
    rates = []
    history = model.fit(
        X, Y, epochs=3, verbose=0,
        callbacks=[
            callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)),
            callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=True),
            callbacks.CSVLogger(tmp_path / "log.csv"),
            callbacks.LambdaCallback(on_epoch_begin=lambda *_: rates.append(model.optimizer.learning_rate)),
        ],
    )  # fmt: skip
    np.testing.assert_allclose(rates, [0.1, 0.05, 0.1 / 3])
    assert history.history["learning_rate"] == pytest.approx(rates)
    best = int(np.argmin(history.history["loss"])) + 1
    latest = max(tmp_path.glob("best*"))
    assert latest.name == f"best-{best:02d}.safetensors"
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()[0] == "epoch,learning_rate,loss"
    other = net()
    other.load_weights(latest)
    assert other.evaluate(X, Y, verbose=0) < 1.1 * min(history.history["loss"])


# ---- what they refuse


def test_messages_say_what_to_do(tmp_path):
    model = net()
    with pytest.raises(ArgumentError, match="not compiled"):
        models.Sequential([keras.Input((4,)), layers.Dense(1)]).fit(X, Y)
    with pytest.raises(ArgumentError, match="y is missing"):
        model.fit(X)
    with pytest.raises(ShapeError, match="60 samples"):
        model.fit(X, Y[:50])
    with pytest.raises(ArgumentError, match="no loss 'mean_square_error'"):
        net(loss="mean_square_error").fit(X, Y, verbose=0)
    with pytest.raises(TargetError, match="to_categorical"):
        net(loss="categorical_crossentropy").fit(X, np.ones((60, 3)), verbose=0)
    with pytest.raises(ArgumentError, match=r"metrics=\[\"accuracy\"\]"):
        net(metrics="accuracy")
    with pytest.raises(UnsupportedError, match="steps_per_epoch"):
        model.fit(X, Y, steps_per_epoch=3)
    with pytest.raises(ArgumentError, match=r"net\.safetensors"):
        model.save_weights("net.weights.h5")
    with pytest.raises(UnsupportedError, match="save_weights"):
        model.save(tmp_path / "net.keras")
    with pytest.raises(ArgumentError, match="with brackets"):
        models.Sequential([layers.Dense])
    with pytest.raises(ArgumentError, match="not among the inputs"):
        models.Model(keras.Input((3,)), layers.Dense(1)(keras.Input((3,))))
    a = keras.Input((3,))
    with pytest.raises(UnsupportedError, match="one output"):
        models.Model(a, [layers.Dense(1)(a), layers.Dense(2)(a)])
    unknown = net(metrics=[lambda y_true, y_pred: 0.0])
    with pytest.raises(ArgumentError, match="rise or fall"):
        unknown.fit(X, Y, epochs=3, verbose=0, callbacks=[callbacks.EarlyStopping("<lambda>")])
    with pytest.raises(ArgumentError, match=r"pellucid\.train\.fit"):
        model.fit(X, Y, callbacks=[pc.train.EarlyStopping()])
    with pytest.warns(UserWarning, match="watches val_loss"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping()])
