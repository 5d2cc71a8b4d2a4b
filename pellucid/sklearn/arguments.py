"""What the arguments of the estimators may be."""

import math
from numbers import Integral, Real

from pellucid.errors import ArgumentError
from pellucid.sklearn.network import ACTIVATIONS

CHOICES = {
    "activation": tuple(ACTIVATIONS),
    "solver": ("adam", "sgd"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
}
INSTEAD = {
    "lbfgs": 'Take solver="adam" here, or sklearn.neural_network, whose small nets it trains well.',
}
# name -> kind of number, whether it is in the range, and the range in words
RANGES = {
    "alpha": (Real, lambda x: 0 <= x < math.inf, "a number of at least 0"),
    "learning_rate_init": (Real, lambda x: 0 < x < math.inf, "a number above 0"),
    "power_t": (Real, lambda x: 0 <= x < math.inf, "a number of at least 0"),
    "max_iter": (Integral, lambda x: x >= 1, "a whole number of at least 1"),
    "tol": (Real, lambda x: x >= 0, "a number of at least 0"),
    "momentum": (Real, lambda x: 0 <= x <= 1, "a number from 0 to 1"),
    "validation_fraction": (Real, lambda x: 0 < x < 1, "a number between 0 and 1"),
    "beta_1": (Real, lambda x: 0 <= x < 1, "a number from 0 to below 1"),
    "beta_2": (Real, lambda x: 0 <= x < 1, "a number from 0 to below 1"),
    "epsilon": (Real, lambda x: 0 < x < math.inf, "a number above 0"),
    "n_iter_no_change": (Real, lambda x: x >= 1, "a number of at least 1"),
}


def check(estimator, partly=False):
    """Refuse arguments that no training can use, before anything is learned."""
    for name, allowed in CHOICES.items():
        value = getattr(estimator, name)
        if value not in allowed:
            raise ArgumentError(f"{name} is one of {', '.join(allowed)}, not {value!r}.", remedy=INSTEAD.get(value))
    for name, (kind, fits, words) in RANGES.items():
        value = getattr(estimator, name)
        if not isinstance(value, kind) or isinstance(value, bool) or not fits(value):
            raise ArgumentError(f"{name} is {words}, not {value!r}.")
    hidden, batch = estimator.hidden_layer_sizes, estimator.batch_size
    sizes = [hidden] if isinstance(hidden, Integral) else hidden
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise ArgumentError(
            f"hidden_layer_sizes are whole numbers above 0, not {hidden!r}.", remedy="(100,) or (64, 32)"
        )
    if batch != "auto" and not (isinstance(batch, Integral) and int(batch) >= 1):
        raise ArgumentError(f'batch_size is "auto" or a whole number of at least 1, not {batch!r}.')
    if partly and estimator.early_stopping:
        raise ArgumentError("partial_fit is one epoch: with early_stopping=True there is nothing to stop.")
