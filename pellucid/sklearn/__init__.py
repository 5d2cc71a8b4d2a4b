"""Networks as scikit-learn estimators: they go into its pipelines, grid searches and cross-validation.

`MLPClassifier` and `MLPRegressor` take the arguments of scikit-learn's own classes of these names, learn by the same
formulas, and begin with the same weights for the same `random_state`; the training is `train.fit`, compiled where that
is worth it. Needs the package scikit-learn: python -m pip install "pellucid[sklearn]".
"""

from pellucid import errors

try:
    from sklearn.utils.validation import validate_data as _needed  # noqa: F401  new in 1.6
except ImportError:
    raise errors.UnsupportedError(
        "pellucid.sklearn needs the package scikit-learn, version 1.6 or newer, which is not installed.",
        remedy='python -m pip install "pellucid[sklearn]"; or train without it: models.mlp and train.fit.',
    ) from None

from pellucid.sklearn.classifier import MLPClassifier
from pellucid.sklearn.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
