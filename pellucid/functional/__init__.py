"""Functions of tensors, each a plain composition of operations: `import pellucid.functional as F`.

They hold no parameters; `pellucid.nn` has the modules that do.
"""

from pellucid.functional.activations import gelu, log_softmax, relu, sigmoid, softmax, softplus, tanh
from pellucid.functional.attention import scaled_dot_product_attention
from pellucid.functional.dropout import dropout
from pellucid.functional.embedding import embedding
from pellucid.functional.labels import one_hot
from pellucid.functional.linear import linear
from pellucid.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from pellucid.functional.normalize import batch_norm, layer_norm

__all__ = [
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "layer_norm",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "relu",
    "scaled_dot_product_attention",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]
