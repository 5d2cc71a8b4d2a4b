"""A small training for tests, and what of it is compared."""

import pellucid as pc
import pellucid.functional as F
from pellucid import data, models, optim, train

X, Y = data.iris()


def fit(model=None, optimizer=None, loader=None, **options):
    """A small training with everything that a test does not care about filled in."""
    pc.manual_seed(0)
    model = models.mlp(4, 8, 3, dropout=0.2) if model is None else model
    optimizer = optim.Adam(model.parameters(), lr=0.01) if optimizer is None else optimizer
    loader = data.DataLoader((X, Y), 32, shuffle=True, seed=1) if loader is None else loader
    options = {"epochs": 3, "loss": F.cross_entropy, "progress": False, **options}
    history = train.fit(model, loader, optimizer=optimizer, **options)
    return model, history


def weights(model):
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


def without_seconds(history):
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history]
