"""Iris: three species of flowers, told apart by four measurements. The data come with the package."""

import pellucid.functional as F
from pellucid import data, metrics, models, optim, tensors, train
from pellucid.recipes.inputs import Numbers
from pellucid.recipes.result import Result

CLASSES = data.class_names("iris")
INPUTS = Numbers(data.feature_names("iris"))


def make_model():
    """4 measurements, 16 hidden units, 3 scores."""
    return models.mlp(4, 16, 3)


def run(folder, epochs=40, batch_size=16, lr=0.01, seed=0, fast=False):
    """Train on 105 flowers, watch 15, and judge by the 30 that nothing was chosen by."""
    features, labels = data.iris()
    x_train, x_val, x_test, y_train, y_val, y_test = data.train_val_test_split(
        features, labels, val_size=0.1, test_size=0.2, stratify=labels, seed=seed
    )
    scaler = data.StandardScaler().fit(x_train)  # from the training part only: the rest is not to be known yet
    x_train, x_val, x_test = [scaler.transform(x) for x in (x_train, x_val, x_test)]
    folder.note(scaler=scaler.to_dict())
    if fast:
        epochs = min(epochs, 20)

    tensors.manual_seed(seed)
    model = make_model()
    train.fit(
        model,
        data.DataLoader((x_train, y_train), batch_size, shuffle=True, seed=seed),
        loss=F.cross_entropy,
        optimizer=optim.Adam(model.parameters(), lr=lr),
        epochs=epochs,
        validation=(x_val, y_val),
        metrics=[metrics.accuracy],
        run=folder,
    )
    test = train.evaluate(model, (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return Result(model, test, x_test, y_test, (x_train, y_train), (x_val, y_val))
