"""XOR: four points that no straight line can divide, so that a hidden layer is needed (Minsky and Papert, 1969)."""

import pellucid.functional as F
from pellucid import data, metrics, models, optim, tensors, train
from pellucid.recipes.inputs import Numbers
from pellucid.recipes.result import Result

CLASSES = data.class_names("xor")
INPUTS = Numbers(data.feature_names("xor"))
WHOLE_TRUTH = True  # the four points are all there are, so there is nothing to hold back for a test


def make_model():
    """2 inputs, 8 hidden units, 2 scores."""
    return models.mlp(2, 8, 2)


def run(folder, epochs=300, batch_size=4, lr=0.05, seed=0, fast=False):
    """Train on the four rows of the truth table, and look at the same four."""
    x, y = data.xor()
    if fast:
        epochs = min(epochs, 100)

    tensors.manual_seed(seed)
    model = make_model()
    train.fit(
        model,
        data.DataLoader((x, y), batch_size, shuffle=True, seed=seed),
        loss=F.cross_entropy,
        optimizer=optim.Adam(model.parameters(), lr=lr),
        epochs=epochs,
        metrics=[metrics.accuracy],
        run=folder,
    )
    result = train.evaluate(model, (x, y), loss=F.cross_entropy, metrics=[metrics.accuracy])
    return Result(model, result, x, y)
