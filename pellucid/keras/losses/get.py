"""Which loss is meant by a name."""

from pellucid.errors import ArgumentError
from pellucid.keras.losses import functions
from pellucid.keras.losses.loss import Loss, OfFunction
from pellucid.keras.names import look_up

NAMES = (
    "binary_crossentropy categorical_crossentropy categorical_hinge cosine_similarity hinge "
    "huber kl_divergence log_cosh mean_absolute_error "
    "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson "
    "sparse_categorical_crossentropy squared_hinge"
)
FUNCTIONS = {name: getattr(functions, name) for name in NAMES.split()}
SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "logcosh": "log_cosh",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "kl_div": "kl_divergence",
    "bce": "binary_crossentropy",
}
KNOWN = FUNCTIONS | {short: FUNCTIONS[name] for short, name in SHORT.items()}


def get(identifier):
    """The loss of a name ("mse", "categorical_crossentropy"), as a function; an object or function as it is.

    >>> get("mse").__name__
    'mean_squared_error'
    """
    if isinstance(identifier, str):
        return look_up("loss", identifier, KNOWN)
    if isinstance(identifier, type) or not callable(identifier):
        raise ArgumentError(
            f"a loss is a name, a function of (y_true, y_pred) or an object, not {identifier!r}.",
            remedy="Make an object of a class, with brackets: losses.MeanSquaredError()",
        )
    return identifier


def loss_object(identifier, y_shape, y_pred_shape):
    """The Loss that `compile(loss=...)` means, for targets and predictions of these shapes."""
    if identifier in ("crossentropy", "ce"):
        identifier = f"{kind_of(y_shape, y_pred_shape)}_crossentropy"
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    return OfFunction(found, getattr(found, "__name__", "loss"), "sum_over_batch_size")


def kind_of(y_shape, y_pred_shape):
    """What "accuracy" and "crossentropy" mean for targets of this shape: binary, categorical or with class numbers."""
    if y_pred_shape[-1:] == (1,):
        return "binary"
    if len(y_shape) < len(y_pred_shape) or (y_shape[-1] == 1 and y_pred_shape[-1] > 1):
        return "sparse_categorical"
    return "categorical"
